import type { GetAccountAuthorizationDetailsResponse, GroupDetail } from '@aws-sdk/client-iam'
import { awsSsoPermissionSet } from '../../facts/aws-resources.ts'
import { iamAccessKey, iamAttachment, iamRole, iamStatement } from '../../facts/iam.ts'
import { iamMembership } from '../../facts/iam-membership.ts'
import {
  type Fact,
  type FactKind,
  fact,
  isFact,
  type ScanContext,
  type Scanner,
  type Seen,
  UNKNOWN,
} from '../../model.ts'
import type { AwsAccount } from '../../sources/aws-account.ts'
import { daysSince } from '../../sources/clock.ts'
import { inParallel } from '../../sources/parallel.ts'
import { FailureLog, inEachAccount } from '../aws/accounts.ts'
import { gapFor } from '../gap-for.ts'
import { type Report, readCredentialReport } from '../mfa/credential-report.ts'
import { type Authorization, authorizationFacts, byName } from './account-facts.ts'

const AUTHORIZATION_KINDS: readonly FactKind[] = [
  iamStatement,
  iamAttachment,
  iamMembership,
  iamRole,
  awsSsoPermissionSet,
]

/** Reads an AWS account's identities, policies and access keys. */
export const iamAccountScanner: Scanner = {
  id: 'iam-account',
  emits: [...AUTHORIZATION_KINDS, iamAccessKey],
  needs: [
    'iam:GetAccountAuthorizationDetails',
    'iam:GetPolicy',
    'iam:GetPolicyVersion',
    'iam:ListUsers',
    'iam:ListRoles',
    'iam:ListAccessKeys',
    'iam:GetAccessKeyLastUsed',
    'iam:GenerateCredentialReport',
    'iam:GetCredentialReport',
    'sts:GetCallerIdentity',
  ],
  timesTargets: true,
  requested: (context) => context.targets.aws.length > 0,
  scan(context) {
    return inEachAccount(this.emits, context, async function* ({ account, scope }, limited) {
      if (AUTHORIZATION_KINDS.some((kind) => limited.wants(kind))) yield* readAuthorization(account, scope, limited)
      if (limited.wants(iamAccessKey)) yield* readAccessKeys(account, scope, limited)
    })
  },
}

/**
 * Groups first, since members of them stand on any page; then the rest, a page at a time. AWS has over a thousand policies of its
 * own: of these only what somebody holds is read.
 */
async function* readAuthorization(account: AwsAccount, scope: string, context: ScanContext): AsyncGenerator<Fact> {
  context.progress('AWS: policies, users, groups and roles')
  const groups = new Map<string, GroupDetail>()
  const managedByAws = new Set<string>()
  for (const types of [['Group'], ['User', 'Role', 'LocalManagedPolicy']] as const) {
    const pages = account.authorization(types, context.signal)
    for (;;) {
      const { done, value } = await pages.next()
      if (done) {
        if (value) gapFor(AUTHORIZATION_KINDS, scope, value, context)
        break
      }
      const page = inventoryOf(value)
      for (const [name, group] of byName(page.groups)) groups.set(name, group)
      for (const each of authorizationFacts(page, scope, context.gap, groups)) {
        if (isFact(iamAttachment, each) && isOfAws(each.data.policy)) managedByAws.add(each.data.policy ?? '')
        yield each
      }
    }
  }
  yield* readManagedByAws(account, managedByAws, scope, context)
}

function inventoryOf(page: GetAccountAuthorizationDetailsResponse): Authorization {
  const { UserDetailList, GroupDetailList, RoleDetailList, Policies } = page
  return {
    users: UserDetailList ?? [],
    groups: GroupDetailList ?? [],
    roles: RoleDetailList ?? [],
    policies: Policies ?? [],
  }
}

function isOfAws(policy: string | undefined): boolean {
  return /^arn:[^:]+:iam::aws:policy\//.test(policy ?? '')
}

async function* readManagedByAws(
  account: AwsAccount,
  arns: ReadonlySet<string>,
  scope: string,
  context: ScanContext,
): AsyncGenerator<Fact> {
  if (!context.wants(iamStatement)) return
  const failures = new FailureLog()
  for await (const outcome of inParallel([...arns], (arn) => account.managedPolicy(arn, context.signal))) {
    if ('value' in outcome) yield* authorizationFacts(inventoryOf({ Policies: [outcome.value] }), scope, context.gap)
    else failures.add(outcome.failure, undefined)
  }
  for (const { failure } of failures.all()) gapFor([iamStatement], scope, failure, context)
}

async function* readAccessKeys(account: AwsAccount, scope: string, context: ScanContext): AsyncGenerator<Fact> {
  const { signal } = context
  const report = await readCredentialReport(account, signal)
  const { items: users, failure } = await account.users(signal)
  if (failure) gapFor([iamAccessKey], scope, failure, context)
  const failures = new FailureLog()
  const withKeys = users.filter((user) => !hasNoKeys(report, user.Arn))
  const work = async ({ UserName = '', Arn = '' }: (typeof users)[number]) => {
    const keys = await account.accessKeys(UserName, signal)
    if (keys.failure) failures.add(keys.failure, undefined)
    const facts: Fact[] = []
    for (const { AccessKeyId: id = '', Status, CreateDate } of keys.items) {
      const lastUsed = reportedUse(report, Arn, CreateDate) ?? (await account.keyLastUsed(id, signal))
      if ('failure' in lastUsed) failures.add(lastUsed.failure, ['lastUsedDays'])
      const seen: Seen<typeof iamAccessKey> = {
        id,
        userArn: Arn,
        userName: UserName,
        status: Status ?? UNKNOWN,
        ageDays: CreateDate ? daysSince(CreateDate) : UNKNOWN,
        lastUsedDays: 'failure' in lastUsed ? UNKNOWN : lastUsed.value ? daysSince(lastUsed.value) : -1,
      }
      facts.push(fact(iamAccessKey, scope, { resource: Arn }, seen))
    }
    return facts
  }
  context.progress(`AWS: access keys of ${withKeys.length} users`)
  for await (const facts of inParallel(withKeys, work)) yield* facts
  for (const each of failures.all()) gapFor([iamAccessKey], scope, each.failure, context, each.fields)
}

/** A report that was made for this run spares a call for each of its users; an older one would hide what is new since. */
function hasNoKeys(report: Report, arn = ''): boolean {
  return report.isNew && report.rows.get(arn)?.keys?.length === 0
}

/** When a key was last used by a new report; undefined if that does not tell, or not of which key. */
function reportedUse(report: Report, arn: string, made: Date | undefined): { value: Date | undefined } | undefined {
  const keys =
    report.isNew && made ? report.rows.get(arn)?.keys?.filter((key) => sameSecond(key.made, made)) : undefined
  const [key, ...others] = keys ?? []
  return key && others.length === 0 ? { value: key.lastUsed } : undefined
}

function sameSecond(a: Date, b: Date): boolean {
  return Math.floor(a.getTime() / 1000) === Math.floor(b.getTime() / 1000)
}
