import type { VirtualMFADevice } from '@aws-sdk/client-iam'
import type { awsAccount } from '../../facts/aws.ts'
import { type Seen, UNKNOWN } from '../../model.ts'
import type { Pages } from '../../sources/aws-account.ts'
import type { Failure, Outcome } from '../../sources/aws-failure.ts'
import type { Report } from './credential-report.ts'

type RootFields = Pick<
  Seen<typeof awsAccount>,
  'rootMfa' | 'rootMfaHardware' | 'rootAccessKeys' | 'rootHasPassword' | 'reportHours'
>
interface RootSources {
  readonly summary: Outcome<Readonly<Record<string, number>>>
  readonly report: Pick<Report, 'root' | 'failure' | 'ageHours'>
  readonly virtual: () => Promise<Pages<VirtualMFADevice>>
  readonly gap: (fields: readonly string[], failure: Failure | undefined, otherwise: string) => void
}

/** What the account summary says of the root user, filled in from the credential report; what neither says is unknown. */
export async function readRoot(sources: RootSources): Promise<RootFields> {
  const { summary, report, gap } = sources
  const { root } = report
  const map = 'value' in summary ? summary.value : {}
  const told = [map.AccountMFAEnabled, map.AccountAccessKeysPresent, map.AccountPasswordPresent]
  const mfa = flag(map.AccountMFAEnabled) ?? root?.mfaActive
  const keys = map.AccountAccessKeysPresent ?? root?.activeKeys
  const password = flag(map.AccountPasswordPresent) ?? root?.passwordEnabled
  const failure = 'failure' in summary ? summary.failure : report.failure
  const missing = Object.entries({ rootMfa: mfa, rootAccessKeys: keys, rootHasPassword: password })
    .filter(([, value]) => value === undefined)
    .map(([field]) => field)
  if (missing.length > 0) {
    gap(missing, failure, 'iam:GetAccountSummary and the credential report do not tell it of the root user')
  }
  return {
    rootMfa: mfa === undefined ? UNKNOWN : mfa ? 'enabled' : 'disabled',
    rootMfaHardware: await deviceOfRoot(mfa, sources),
    rootAccessKeys: keys ?? UNKNOWN,
    rootHasPassword: password ?? UNKNOWN,
    reportHours: root && told.includes(undefined) ? (report.ageHours ?? UNKNOWN) : -1,
  }
}

function flag(value: number | undefined): boolean | undefined {
  return value === undefined ? undefined : value > 0
}

/**
 * AWS lists virtual devices only. An MFA that is not among them is a hardware token, a security key or a passkey, which may be
 * synced: whether it is hardware nobody but the root user can look up.
 */
async function deviceOfRoot(
  mfa: boolean | undefined,
  { virtual, gap }: RootSources,
): Promise<RootFields['rootMfaHardware']> {
  if (mfa === false) return 'none'
  if (mfa === undefined) {
    gap(['rootMfaHardware'], undefined, 'whether the root user has MFA was not seen, so neither its kind')
    return UNKNOWN
  }
  const { items, failure } = await virtual()
  if (items.some(isOfRoot)) return 'virtual'
  gap(
    ['rootMfaHardware'],
    failure,
    'the root user’s MFA is no virtual device; AWS does not tell a hardware key from a synced passkey',
  )
  return UNKNOWN
}

function isOfRoot(device: VirtualMFADevice): boolean {
  return (
    device.User?.Arn?.endsWith(':root') === true ||
    device.SerialNumber?.endsWith(':mfa/root-account-mfa-device') === true
  )
}
