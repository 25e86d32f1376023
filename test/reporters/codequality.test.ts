import { describe, expect, it } from 'vitest'
import { renderCodequality } from '../../src/reporters/codequality.ts'
import { defectsOf } from '../support/gitlab-schema.ts'
import { chain, fault, finding, hostileReport, report, ruleInfo } from '../support/report.ts'

interface Row {
  readonly description: string
  readonly check_name: string
  readonly fingerprint: string
  readonly severity: string
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } }
}
const rows = (given: ReturnType<typeof report>): Row[] => JSON.parse(renderCodequality(given)) as Row[]

describe('the codequality format', () => {
  it('is empty for a clean audit', () => {
    expect(rows(report())).toEqual([])
  })
  it('has a row for a finding', () => {
    const found = finding({ severity: 'critical' })
    expect(rows(report({ findings: [found] }))).toEqual([
      {
        description: 'Title of secrets/test-key: Test key in src/a.ts: tk_****',
        check_name: 'secrets/test-key',
        fingerprint: found.fingerprint.slice(3),
        severity: 'blocker',
        location: { path: 'src/a.ts', lines: { begin: 3, end: 3 } },
      },
    ])
  })
  it('uses GitLab’s words for severities', () => {
    const severities = ['critical', 'high', 'medium', 'low', 'info'] as const
    const list = rows(report({ findings: severities.map((severity) => finding({ severity })) }))
    expect(list.map(({ severity }) => severity)).toEqual(['blocker', 'critical', 'major', 'minor', 'info'])
  })
  it('keeps fingerprints apart, since GitLab drops the second of a kind', () => {
    const found = finding()
    const again = rows(report({ findings: [found, { ...found, scope: 'repo:other' }] })).map((row) => row.fingerprint)
    expect(new Set(again).size).toBe(2)
    expect(again[0]).toBe(found.fingerprint.slice(3))
  })
  it('anchors what has no file', () => {
    const declared = {
      kind: 'aws',
      name: 'a',
      audited: true,
      detail: '',
      scope: 'aws:1',
      complete: true,
      declaredAt: { file: 'zt-audit.yaml', line: 7 },
    }
    const inAccount = finding({ at: { resource: 'arn:aws:iam::1:user/a' }, scope: 'aws:1' })
    const outside = finding({ at: { file: 'b.ts', line: 9, repository: '/elsewhere' } })
    const given = report({ findings: [chain(), inAccount, outside] })
    const list = rows({ ...given, targets: [...given.targets, declared] })
    expect(list.map(({ location }) => [location.path, location.lines.begin])).toEqual([
      ['.env', 1],
      ['zt-audit.yaml', 7],
      ['zt-audit.yaml', 1],
    ])
    expect(list[2]?.description).toContain('(/elsewhere/b.ts:9)')
  })
  it('says in rows what was not seen', () => {
    const gaps = [fault('iam:ListUsers'), fault('x.bin', { class: 'limit', reason: 'file too large' })]
    const undetermined = [{ rule: ruleInfo('mfa/x'), scope: 'aws:1', rows: 1, gaps }]
    const list = rows(report({ gaps, undetermined }))
    expect(list.map((row) => [row.check_name, row.severity, row.description])).toEqual([
      ['zt-audit/not-seen', 'major', 'Not seen: access denied: iam:ListUsers'],
      ['zt-audit/undetermined', 'major', 'Not decided, which is no pass: mfa/x'],
      ['zt-audit/limits', 'info', 'Not looked into: file too large: x.bin.'],
    ])
    expect(rows(report({ interrupted: true })).map((row) => row.check_name)).toEqual(['zt-audit/incomplete'])
  })
  it('has the row of limits be no news when their number changes', () => {
    const limits = (n: number) =>
      Array.from({ length: n }, (_, i) => fault(`${i}.bin`, { class: 'limit', reason: 'binary' }))
    expect(rows(report({ gaps: limits(2) }))[0]?.fingerprint).toBe(rows(report({ gaps: limits(9) }))[0]?.fingerprint)
  })
  it('counts what goes beyond fifty faults', () => {
    const list = rows(report({ gaps: Array.from({ length: 60 }, (_, i) => fault(`call ${i}`)) }))
    expect(list).toHaveLength(51)
    expect(list[50]?.description).toBe('Not seen: 10 more things')
  })
  it('holds what GitLab requires with hostile text', () => {
    const json = renderCodequality(hostileReport())
    expect(defectsOf('codequality', json)).toEqual([])
    expect(json).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
    for (const { description } of JSON.parse(json) as Row[]) expect(description).not.toMatch(/[\u0000-\u001f\u202e]/)
  })
  it('does not list what is suppressed or known', () => {
    const suppressed = { by: 'inline', reason: 'x', at: 'a:1' } as const
    expect(rows(report({ findings: [finding({ suppressed }), finding({ baseline: 'unchanged' })] }))).toEqual([])
    expect(rows(report({ findings: [finding({ baseline: 'updated' })] }))).toHaveLength(1)
  })
})
