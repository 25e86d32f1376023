import { iamAccessKey, iamAttachment, iamRole, iamStatement } from '../../facts/iam.ts'
import { type Fact, type FactKind, fact, type ScanContext, type Scanner, UNKNOWN } from '../../model.ts'
import { type AwsAccount, awsAccountOf, inParallel } from '../../sources/aws-account.ts'
import type { Failure } from '../../sources/aws-client.ts'
import { daysSince } from '../../sources/clock.ts'
import { authorizationFacts } from './account-facts.ts'

const AUTHORIZATION_KINDS: readonly FactKind[] = [iamStatement, iamAttachment, iamRole]

/** Reads an AWS account's identities, policies and access keys. */
export const iamAccountScanner: Scanner = {
  id: 'iam-account',
  emits: [...AUTHORIZATION_KINDS, iamAccessKey],
  needs: [
    'iam:GetAccountAuthorizationDetails',
    'iam:ListUsers',
    'iam:ListAccessKeys',
    'iam:GetAccessKeyLastUsed',
    'sts:GetCallerIdentity',
  ],
  requested: (context) => context.targets.aws.length > 0,
  async *scan(context) {
    for (const target of context.targets.aws) {
      const account = await awsAccountOf(target)
      const id = await account.id(context.signal)
      if ('failure' in id) {
        gapFor(this.emits, 'aws:', id.failure, context)
        continue
      }
      const scope = `aws:${id.value || '-'}`
      if (AUTHORIZATION_KINDS.some((kind) => context.wants(kind))) yield* readAuthorization(account, scope, context)
      if (context.wants(iamAccessKey)) yield* readAccessKeys(account, scope, context)
    }
  },
}

/** Records that kinds, or some of their fields, were not seen. */
export function gapFor(
  kinds: readonly FactKind[],
  scope: string,
  failure: Failure,
  context: ScanContext,
  fields?: readonly string[],
): void {
  for (const kind of kinds.filter((each) => context.wants(each))) {
    const { reason, detail } = failure
    context.gap({ kind: kind.kind, scope, class: 'fault', reason, detail, ...(fields && { fields }) })
  }
}

async function* readAuthorization(account: AwsAccount, scope: string, context: ScanContext): AsyncGenerator<Fact> {
  context.progress('AWS: policies, users, groups and roles')
  const authorization = await account.authorization(context.signal)
  if (authorization.failure) gapFor(AUTHORIZATION_KINDS, scope, authorization.failure, context)
  yield* authorizationFacts(authorization, scope, context.gap)
}

async function* readAccessKeys(account: AwsAccount, scope: string, context: ScanContext): AsyncGenerator<Fact> {
  const { items: users, failure } = await account.users(context.signal)
  if (failure) gapFor([iamAccessKey], scope, failure, context)
  const failures = new FailureLog()
  const work = async ({ UserName = '', Arn = '' }: (typeof users)[number]) => {
    const keys = await account.accessKeys(UserName, context.signal)
    if (keys.failure) failures.add(keys.failure, undefined)
    const facts: Fact[] = []
    for (const { AccessKeyId = '', Status, CreateDate } of keys.items) {
      const lastUsed = await account.keyLastUsed(AccessKeyId, context.signal)
      if ('failure' in lastUsed) failures.add(lastUsed.failure, ['lastUsedDays'])
      facts.push(
        fact(
          iamAccessKey,
          scope,
          { resource: Arn },
          {
            id: AccessKeyId,
            userArn: Arn,
            userName: UserName,
            status: Status ?? UNKNOWN,
            ageDays: CreateDate ? daysSince(CreateDate) : UNKNOWN,
            lastUsedDays: 'failure' in lastUsed ? UNKNOWN : lastUsed.value ? daysSince(lastUsed.value) : -1,
          },
        ),
      )
    }
    return facts
  }
  context.progress(`AWS: access keys of ${users.length} users`)
  for await (const facts of inParallel(users, work)) yield* facts
  for (const each of failures.all()) gapFor([iamAccessKey], scope, each.failure, context, each.fields)
}

/** One gap for a cause, however many users it met. */
export class FailureLog {
  readonly #seen = new Map<string, { failure: Failure; fields: readonly string[] | undefined }>()

  add(failure: Failure, fields: readonly string[] | undefined): void {
    const key = `${failure.detail}|${fields?.join(',') ?? ''}`
    if (!this.#seen.has(key)) this.#seen.set(key, { failure, fields })
  }

  all(): Iterable<{ failure: Failure; fields: readonly string[] | undefined }> {
    return this.#seen.values()
  }
}
