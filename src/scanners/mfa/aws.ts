import type { User } from '@aws-sdk/client-iam'
import { awsAccount } from '../../facts/aws.ts'
import { iamUser } from '../../facts/iam.ts'
import { type Fact, fact, type Gap, type ScanContext, type Scanner, UNKNOWN } from '../../model.ts'
import type { AwsAccount } from '../../sources/aws-account.ts'
import type { Failure, Outcome } from '../../sources/aws-failure.ts'
import { daysSince } from '../../sources/clock.ts'
import { inParallel } from '../../sources/parallel.ts'
import { FailureLog, inEachAccount } from '../aws/accounts.ts'
import { gapFor } from '../gap-for.ts'
import { type Report, type ReportRow, readCredentialReport } from './credential-report.ts'
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
  timesTargets: true,
  requested: (context) => context.targets.aws.length > 0,
  scan(context) {
    return inEachAccount(this.emits, context, async function* ({ account, id, scope }, limited) {
      limited.progress('AWS: credential report')
      const report = await readCredentialReport(account, limited.signal)
      if (limited.wants(awsAccount)) yield* readAccount(account, id, scope, report, limited)
      if (limited.wants(iamUser)) yield* readUsers(account, scope, report, limited)
    })
  },
}

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
  const gap = (fields: readonly string[], failure: Failure | undefined, otherwise: string) => {
    const shown = failure ?? { reason: 'not told', detail: otherwise }
    const gapClass: Gap['class'] = failure ? 'fault' : 'limit'
    const { reason, detail } = shown
    context.gap({ kind: awsAccount.kind, scope, fields, class: gapClass, reason, detail })
  }
  const root = await readRoot({
    summary,
    report,
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
  return [...report.rows.values()].map(({ user, arn, created, passwordLastUsed }) => ({
    UserName: user,
    Arn: arn,
    Path: undefined,
    UserId: undefined,
    CreateDate: created,
    PasswordLastUsed: passwordLastUsed,
  }))
}

/**
 * A report that was made for this run tells who has no MFA; with one that is older (up to four hours) everybody is asked for, so
 * that what was put right since is seen.
 */
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
  const withoutMfa = report.isNew && row?.mfaActive === false
  const devices = withoutMfa ? { items: [], failure: undefined } : await account.mfaDevices(UserName, signal)
  const mfaSeen = devices.failure ? row?.mfaActive : devices.items.length > 0
  if (devices.failure) failures.add(devices.failure, mfaSeen === undefined ? ['mfa', 'mfaKinds'] : ['mfaKinds'])
  if (mfaSeen === undefined && report.failure) failures.add(report.failure, ['mfa'])
  const { value: password, reported } = await readPassword(
    account,
    UserName,
    row,
    report.isNew || mfaSeen === true,
    signal,
  )
  if ('failure' in password) {
    failures.add(password.failure, ['hasPassword'])
    if (report.failure) failures.add(report.failure, ['hasPassword'])
  }
  const fromReport = reported || withoutMfa || (devices.failure !== undefined && row?.mfaActive !== undefined)
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
      reportHours: fromReport ? (report.ageHours ?? UNKNOWN) : -1,
    },
  )
}

/** The report is good enough where it is new or nothing hangs on it; IAM itself is asked otherwise, and believed. */
async function readPassword(
  account: AwsAccount,
  name: string,
  row: ReportRow | undefined,
  reportWillDo: boolean,
  signal: AbortSignal,
): Promise<{ value: Outcome<boolean>; reported: boolean }> {
  const said = row?.passwordEnabled
  if (said !== undefined && reportWillDo) return { value: { value: said }, reported: true }
  const asked = await account.hasPassword(name, signal)
  if ('failure' in asked && said !== undefined) return { value: { value: said }, reported: true }
  return { value: asked, reported: false }
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
