import type { ServiceLastAccessed } from '@aws-sdk/client-iam'
import { iamLastAccessed } from '../../facts/iam-usage.ts'
import { type Fact, fact, type ScanContext, type Scanner } from '../../model.ts'
import type { AuditedAccount } from '../../sources/aws-accounts.ts'
import { readLastAccessed } from '../../sources/aws-last-accessed.ts'
import { daysSince } from '../../sources/clock.ts'
import { inParallel } from '../../sources/parallel.ts'
import { gapFor } from '../gap-for.ts'
import { FailureLog, inEachAccount } from './accounts.ts'

/** IAM remembers this long. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html */
const TRACKED_DAYS = 400

/** Reads when users and roles last used what their policies allow. Roles that AWS manages are left out. */
export const awsLastAccessedScanner: Scanner = {
  id: 'aws-last-accessed',
  emits: [iamLastAccessed],
  needs: [
    'iam:GenerateServiceLastAccessedDetails',
    'iam:GetServiceLastAccessedDetails',
    'iam:ListUsers',
    'iam:ListRoles',
  ],
  timesTargets: true,
  requested: (context) => context.targets.aws.length > 0,
  scan: (context) => inEachAccount([iamLastAccessed], context, readAccount),
}

interface Principal {
  readonly arn: string
  /** Undefined where it was not told. */
  readonly made: Date | undefined
}

async function* readAccount({ account, scope }: AuditedAccount, context: ScanContext): AsyncGenerator<Fact> {
  const { signal } = context
  const users = await account.users(signal)
  const roles = await account.roles(signal)
  for (const { failure } of [users, roles]) if (failure) gapFor([iamLastAccessed], scope, failure, context)
  const own = roles.items.filter((role) => !role.Path?.startsWith('/aws-service-role/'))
  const principals = [...users.items, ...own].map(({ Arn: arn = '', CreateDate: made }): Principal => ({ arn, made }))
  context.progress(`AWS: last use by ${principals.length} users and roles`)
  const failures = new FailureLog()
  const work = async (principal: Principal): Promise<Fact[]> => {
    const { items, failure } = await readLastAccessed(account, principal.arn, signal)
    if (failure) failures.add(failure, undefined)
    return items.flatMap((each) => [...serviceFacts(principal, each, scope)])
  }
  for await (const facts of inParallel(principals, work)) yield* facts
  for (const each of failures.all()) gapFor([iamLastAccessed], scope, each.failure, context)
}

/** One fact for the service, one for each action of it that is tracked. */
function* serviceFacts({ arn, made }: Principal, used: ServiceLastAccessed, scope: string): Generator<Fact> {
  const {
    ServiceNamespace = '',
    LastAuthenticated,
    LastAuthenticatedRegion,
    TrackedActionsLastAccessed: actions,
  } = used
  const about = {
    principalArn: arn,
    service: ServiceNamespace.toLowerCase(),
    trackedDays: made ? Math.min(TRACKED_DAYS, daysSince(made)) : TRACKED_DAYS,
    granularity: actions?.length ? 'action' : 'service',
  }
  const use = (action: string, last: Date | undefined, region = '') =>
    fact(
      iamLastAccessed,
      scope,
      { resource: arn },
      { ...about, action, lastUsedDays: last ? daysSince(last) : -1, region },
    )
  yield use('', LastAuthenticated, LastAuthenticatedRegion)
  for (const { ActionName = '', LastAccessedTime, LastAccessedRegion } of actions ?? [])
    yield use(ActionName, LastAccessedTime, LastAccessedRegion)
}
