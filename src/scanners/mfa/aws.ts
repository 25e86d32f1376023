import type { User } from '@aws-sdk/client-iam'
import { awsAccount } from '../../facts/aws.ts'
import { iamUser } from '../../facts/iam.ts'
import { type Fact, fact, type Gap, type ScanContext, type Scanner, UNKNOWN } from '../../model.ts'
import { type AwsAccount, awsAccountOf, inParallel } from '../../sources/aws-account.ts'
import type { Failure } from '../../sources/aws-client.ts'
import { daysSince } from '../../sources/clock.ts'
import { FailureLog, gapFor } from '../iam/account.ts'
import { isRoot, type ReportRow, readReport } from './credential-report.ts'
import { readRoot } from './root.ts'

/** Reads who of an AWS account signs in with what: the root user, IAM users, the password policy. */
export const mfaAwsScanner: Scanner = {
  id: 'mfa-aws',
  emits: [awsAccount, iamUser],
  needs: [
    'iam:GetAccountSummary',
    'iam:GetAccountPasswordPolicy',
    'iam:GenerateCredentialReport',
    'iam:GetCredentialReport',
    'iam:ListUsers',
    'iam:ListMFADevices',
    'iam:ListVirtualMFADevices',
    'iam:GetLoginProfile',
    'sts:GetCallerIdentity',
  ],
  requested: (context) => context.targets.aws.length > 0,
  async *scan(context) {
    if (!this.emits.some((kind) => context.wants(kind))) return
    for (const target of context.targets.aws) {
      const account = await awsAccountOf(target)
      const id = await account.id(context.signal)
      if ('failure' in id) {
        gapFor(this.emits, 'aws:', id.failure, context)
        continue
      }
      const scope = `aws:${id.value || '-'}`
      const report = await readCredentialReport(account, context)
      if (context.wants(awsAccount)) yield* readAccount(account, id.value, scope, report, context)
      if (context.wants(iamUser)) yield* readUsers(account, scope, report, context)
    }
  },
}

/** The report's rows by ARN, or why there are none. */
interface Report {
  readonly rows: ReadonlyMap<string, ReportRow>
  readonly failure: Failure | undefined
}

async function readCredentialReport(account: AwsAccount, context: ScanContext): Promise<Report> {
  context.progress('AWS: credential report')
  const outcome = await account.credentialReport(context.signal)
  if ('failure' in outcome) return { rows: new Map(), failure: outcome.failure }
  const rows = readReport(outcome.value)
  if (rows) return { rows: new Map(rows.map((row) => [isRoot(row) ? ROOT : row.arn, row])), failure: undefined }
  const detail = 'iam:GetCredentialReport: the answer is no credential report'
  return { rows: new Map(), failure: { kind: 'failed', reason: 'call failed', detail } }
}

const ROOT = 'root'

async function* readAccount(
  account: AwsAccount,
  id: string,
  scope: string,
  report: Report,
  context: ScanContext,
): AsyncGenerator<Fact> {
  const { signal } = context
  const [summary, policy] = [await account.summary(signal), await account.passwordPolicy(signal)]
  if (id === '') {
    const detail = 'sts:GetCallerIdentity failed and no ARN tells the number; allow sts:GetCallerIdentity'
    context.gap({ kind: awsAccount.kind, scope: 'aws:', class: 'fault', reason: 'account number not seen', detail })
    return
  }
  const rootRow = report.rows.get(ROOT)
  const gap = (fields: readonly string[], failure: Failure | undefined, otherwise: string) => {
    const shown = failure ?? { reason: 'not told', detail: otherwise }
    const gapClass: Gap['class'] = failure ? 'fault' : 'limit'
    const { reason, detail } = shown
    context.gap({ kind: awsAccount.kind, scope, fields, class: gapClass, reason, detail })
  }
  const root = await readRoot({
    summary,
    rootRow,
    reportFailure: report.failure,
    virtual: () => account.virtualMfaDevices(signal),
    gap,
  })
  if ('failure' in policy)
    gap(['hasPasswordPolicy', 'passwordMinLength', 'passwordReusePrevention'], policy.failure, '')
  const rules = 'failure' in policy ? undefined : policy.value
  const seen = 'value' in policy
  yield fact(
    awsAccount,
    scope,
    { resource: `arn:aws:iam::${id}:root` },
    {
      id,
      ...root,
      hasPasswordPolicy: seen ? rules !== undefined : UNKNOWN,
      passwordMinLength: seen ? (rules?.MinimumPasswordLength ?? DEFAULT_MIN_LENGTH) : UNKNOWN,
      passwordReusePrevention: seen ? (rules?.PasswordReusePrevention ?? 0) : UNKNOWN,
    },
  )
}

/** AWS's own rule where no policy is set. */
const DEFAULT_MIN_LENGTH = 8

async function* readUsers(
  account: AwsAccount,
  scope: string,
  report: Report,
  context: ScanContext,
): AsyncGenerator<Fact> {
  const { items, failure } = await account.users(context.signal)
  const listed = items.length === 0 && failure ? usersOfReport(report) : items
  // The report names every user, too; then nothing is missing but the last hours.
  if (failure && (items.length > 0 || listed.length === 0)) gapFor([iamUser], scope, failure, context)
  context.progress(`AWS: MFA of ${listed.length} users`)
  const failures = new FailureLog()
  const work = (user: User) => readUser(account, user, report, scope, failures, context.signal)
  for await (const each of inParallel(listed, work)) yield each
  for (const each of failures.all()) gapFor([iamUser], scope, each.failure, context, each.fields)
}

function usersOfReport(report: Report): User[] {
  return [...report.rows.values()].flatMap((row): User[] =>
    isRoot(row)
      ? []
      : [
          {
            UserName: row.user,
            Arn: row.arn,
            Path: undefined,
            UserId: undefined,
            CreateDate: row.created,
            PasswordLastUsed: row.passwordLastUsed,
          },
        ],
  )
}

async function readUser(
  account: AwsAccount,
  user: User,
  report: Report,
  scope: string,
  failures: FailureLog,
  signal: AbortSignal,
): Promise<Fact> {
  const { Arn = '', UserName = '', CreateDate, PasswordLastUsed } = user
  const row = report.rows.get(Arn)
  const devices = await account.mfaDevices(UserName, signal)
  const mfaSeen = devices.failure ? row?.mfaActive : devices.items.length > 0
  if (devices.failure) failures.add(devices.failure, mfaSeen === undefined ? ['mfa', 'mfaKinds'] : ['mfaKinds'])
  if (mfaSeen === undefined && report.failure) failures.add(report.failure, ['mfa'])
  // The report may be four hours old; whoever is newer is asked for.
  const password =
    row?.passwordEnabled === undefined ? await account.hasPassword(UserName, signal) : { value: row.passwordEnabled }
  if ('failure' in password) {
    failures.add(password.failure, ['hasPassword'])
    if (report.failure) failures.add(report.failure, ['hasPassword'])
  }
  return fact(
    iamUser,
    scope,
    { resource: Arn },
    {
      arn: Arn,
      name: UserName,
      accountId: Arn.split(':')[4] ?? '',
      mfa: mfaSeen === undefined ? UNKNOWN : mfaSeen ? 'enabled' : 'disabled',
      mfaKinds: devices.failure ? UNKNOWN : [...new Set(devices.items.map(deviceKind))].sort(),
      hasPassword: 'failure' in password ? UNKNOWN : password.value,
      passwordLastUsedDays: lastUsedDays(PasswordLastUsed ?? row?.passwordLastUsed),
      createdDays: CreateDate ? daysSince(CreateDate) : UNKNOWN,
    },
  )
}

function lastUsedDays(date: Date | undefined): number {
  return date ? daysSince(date) : -1
}

/** The serial number of a device is an ARN that names its kind, or the number on a hardware token. */
export function deviceKind(serial: string): string {
  if (serial.includes(':u2f/')) return 'webauthn'
  if (serial.includes(':sms-mfa/')) return 'sms'
  return serial.includes(':mfa/') ? 'virtual' : 'hardware'
}
