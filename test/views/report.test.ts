import { describe, expect, it } from 'vitest'
import { awsAccount } from '../../src/facts/aws.ts'
import { githubMember } from '../../src/facts/github.ts'
import { iamUser } from '../../src/facts/iam.ts'
import { iamPrivileged } from '../../src/facts/iam-escalation.ts'
import { iamUnusedPermission } from '../../src/facts/iam-usage.ts'
import { k8sPermission } from '../../src/facts/kubernetes-usage.ts'
import { mfaUserPool } from '../../src/facts/sign-in.ts'
import type { Fact, FactKind } from '../../src/model.ts'
import { cellText, type Table } from '../../src/table.ts'
import { reportTables } from '../../src/views/report.ts'

/** What is not named has its sample value. */
function factOf(kind: FactKind, named: Record<string, unknown>, unknown: readonly string[] = []): Fact {
  const samples = Object.entries(kind.fields).map(([name, [, , sample]]) => [name, sample])
  const data = Object.fromEntries([...samples, ...Object.entries(named)])
  for (const name of unknown) delete data[name]
  return { kind: kind.kind, scope: 'aws:123456789012', data, unknown, at: { resource: 'arn:x' } }
}
function rowsOf(tables: readonly Table[], id: string, columns: readonly string[]): string[][] {
  const table = tables.find((each) => each.id === id)
  return (table?.rows ?? []).map(({ cells }) => columns.map((column) => cellText(cells[column])))
}

describe('who has MFA', () => {
  it('lists everybody who signs in, those without a second factor first, and what was not seen as such', () => {
    const arn = (name: string) => `arn:aws:iam::123456789012:user/${name}`
    const tables = reportTables(
      [
        factOf(iamUser, { name: 'bo', arn: arn('bo'), mfaKinds: ['webauthn'] }),
        factOf(iamUser, { name: 'ci', arn: arn('ci') }, ['mfa', 'mfaKinds']),
        factOf(iamUser, { name: 'ann', arn: arn('ann'), mfa: 'disabled', hasPassword: true }),
        factOf(iamPrivileged, { principalArn: arn('ann'), admin: true, privileged: true }),
        factOf(awsAccount, { rootMfa: 'disabled', rootMfaHardware: 'none' }),
        factOf(githubMember, { login: 'amy', role: 'owner', twoFactor: 'insecure' }),
        factOf(githubMember, { login: 'eve' }, ['hasTwoFactor', 'twoFactor']),
        factOf(mfaUserPool, { name: 'shop', mfa: 'off' }),
      ],
      [],
    )
    expect(rowsOf(tables, 'mfa', ['name', 'sort', 'mfa', 'privileged'])).toEqual([
      ['root', 'root user', 'none', 'yes'],
      ['ann', 'IAM user', 'none', 'yes'],
      ['shop', 'users of an application', 'none', 'no'],
      ['ci', 'IAM user', 'not seen', 'not seen'],
      ['eve', 'member', 'not seen', 'no'],
      ['amy', 'owner', 'insecure (SMS)', 'yes'],
      ['bo', 'IAM user', 'webauthn', 'not seen'],
    ])
  })
  it('has no table of what was not looked at', () => {
    expect(reportTables([], [])).toEqual([])
  })
})

describe('granted against used', () => {
  it('adds up policies of a principal, most that is unused first', () => {
    const tables = reportTables(
      [
        factOf(iamUnusedPermission, { principalArn: 'a', principalName: 'web', usedCount: 4, unusedCount: 2 }),
        factOf(iamUnusedPermission, { principalArn: 'b', principalName: 'ci', usedCount: 1, unusedCount: 5 }),
        factOf(iamUnusedPermission, {
          principalArn: 'b',
          principalName: 'ci',
          policy: 'q',
          usedCount: 1,
          unusedCount: 5,
        }),
      ],
      [],
    )
    expect(rowsOf(tables, 'usage', ['name', 'used', 'unused', 'undetermined'])).toEqual([
      ['ci', '2', '10', '0'],
      ['web', '4', '2', '0'],
    ])
  })
  it('says of a damaged log that nobody knows, not that nothing is unused', () => {
    const tables = reportTables([factOf(iamUnusedPermission, {}, ['unusedCount'])], [])
    expect(rowsOf(tables, 'usage', ['unused'])).toEqual([['not seen']])
  })
  it('counts permissions of a cluster, and those of which the log cannot tell apart', () => {
    const tables = reportTables(
      [
        factOf(k8sPermission, { used: true }),
        factOf(k8sPermission, { used: false, verb: 'list' }),
        factOf(k8sPermission, { verb: 'watch' }, ['used']),
        // Without a log.
        factOf(k8sPermission, { subject: 'shop/other' }, ['used']),
      ],
      [],
    )
    expect(rowsOf(tables, 'usage', ['name', 'of', 'used', 'unused', 'undetermined'])).toEqual([
      ['shop/web', 'k8s:-', '1', '1', '1'],
    ])
  })
})
