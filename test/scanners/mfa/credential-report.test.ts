import { describe, expect, it } from 'vitest'
import { UNKNOWN } from '../../../src/model.ts'
import { deviceKind } from '../../../src/scanners/mfa/aws.ts'
import { isRoot, readReport } from '../../../src/scanners/mfa/credential-report.ts'
import { readRoot } from '../../../src/scanners/mfa/root.ts'
import type { Failure } from '../../../src/sources/aws-failure.ts'

const HEADER =
  'user,arn,user_creation_time,password_enabled,password_last_used,mfa_active,access_key_1_active,access_key_2_active'
const report = (...rows: string[]) => [HEADER, ...rows].join('\n')

describe('readReport', () => {
  it('reads the root row and users, with columns by name', () => {
    const rows = readReport(
      report(
        '<root_account>,arn:aws:iam::1:root,2020-01-02T03:04:05+00:00,not_supported,2024-01-01T00:00:00+00:00,true,false,false',
        'ann,arn:aws:iam::1:user/ann,2020-01-02T03:04:05+00:00,TRUE,no_information,false,true,false',
      ),
    )
    expect(rows).toMatchObject([
      { user: '<root_account>', passwordEnabled: undefined, mfaActive: true, activeKeys: 0 },
      { user: 'ann', passwordEnabled: true, passwordLastUsed: undefined, mfaActive: false, activeKeys: 1 },
    ])
    expect(rows?.map(isRoot)).toEqual([true, false])
    expect(rows?.[1]?.created?.toISOString()).toBe('2020-01-02T03:04:05.000Z')
  })

  it.each([
    ['CRLF and a byte order mark', `\uFEFF${HEADER}\r\nann,arn:x,,true,,true,true,true\r\n`],
    ['columns in another order', 'mfa_active,arn,new_column,user,password_enabled\ntrue,arn:x,?,ann,true'],
    ['a comma in a name', `${HEADER}\n"ann",arn:x,,true,,true,N/A,N/A`],
  ])('copes with %s', (_, csv) => {
    expect(readReport(csv)).toMatchObject([{ user: 'ann', arn: 'arn:x', passwordEnabled: true, mfaActive: true }])
  })

  it('does not take anything else for a report', () => {
    expect(readReport('<html>500</html>')).toBeUndefined()
    expect(readReport('')).toBeUndefined()
    expect(readReport(HEADER)).toEqual([])
  })
})

it.each([
  ['arn:aws:iam::123456789012:mfa/ann', 'virtual'],
  ['arn:aws:iam::123456789012:u2f/user/ann/key-ABC', 'webauthn'],
  ['arn:aws:iam::123456789012:sms-mfa/ann', 'sms'],
  ['GAHT12345678', 'hardware'],
])('knows the kind of %s', (serial, kind) => {
  expect(deviceKind(serial)).toBe(kind)
})

describe('readRoot', () => {
  const denied: Failure = { kind: 'denied', reason: 'access denied', detail: 'x' }
  const row = readReport(report('<root_account>,arn:aws:iam::1:root,,not_supported,,true,true,false'))?.[0]
  function read(sources: Partial<Parameters<typeof readRoot>[0]>) {
    const gaps: string[][] = []
    const gap = (fields: readonly string[]) => void gaps.push([...fields])
    const defaults = {
      summary: { value: {} },
      report: { root: undefined, failure: undefined, ageHours: undefined },
      virtual: async () => ({ items: [] }),
      gap,
    }
    return { gaps, root: readRoot({ ...defaults, ...sources }) }
  }

  it('takes the summary, and the kind of device by exclusion', async () => {
    const summary = { value: { AccountMFAEnabled: 1, AccountAccessKeysPresent: 0, AccountPasswordPresent: 1 } }
    const { root, gaps } = read({ summary })
    expect(await root).toEqual({
      rootMfa: 'enabled',
      rootMfaHardware: UNKNOWN,
      rootAccessKeys: 0,
      rootHasPassword: true,
      reportHours: -1,
    })
    // A hardware key and a synced passkey look the same from here.
    expect(gaps).toEqual([['rootMfaHardware']])
    const virtual = async () => ({ items: [{ SerialNumber: 'arn:aws:iam::1:mfa/root-account-mfa-device' }] })
    expect(await read({ summary, virtual }).root).toMatchObject({ rootMfaHardware: 'virtual' })
    expect(gaps).toHaveLength(1)
  })

  it('falls back on the credential report', async () => {
    const { root, gaps } = read({
      summary: { failure: denied },
      report: { root: row, failure: undefined, ageHours: 3 },
    })
    expect(await root).toMatchObject({
      rootMfa: 'enabled',
      rootAccessKeys: 1,
      rootHasPassword: UNKNOWN,
      reportHours: 3,
    })
    expect(gaps[0]).toEqual(['rootHasPassword'])
  })

  it('knows nothing where both are denied', async () => {
    const { root, gaps } = read({
      summary: { failure: denied },
      report: { root: undefined, failure: denied, ageHours: undefined },
    })
    expect(Object.values(await root)).toEqual([UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, -1])
    expect(gaps).toEqual([['rootMfa', 'rootAccessKeys', 'rootHasPassword'], ['rootMfaHardware']])
  })
})
