import { awsFunctionUrl, awsResourcePolicy } from '../../facts/aws-resources.ts'
import { iamStatement } from '../../facts/iam.ts'
import { type Fact, type FactKind, fact, type ScanContext, type Scanner, type Seen, UNKNOWN } from '../../model.ts'
import type { AuditedAccount } from '../../sources/aws-accounts.ts'
import { inParallel } from '../../sources/parallel.ts'
import { gapFor } from '../gap-for.ts'
import { documentFacts } from '../iam/account-facts.ts'
import { FailureLog, inEachAccount } from './accounts.ts'
import { openBuckets } from './buckets.ts'
import { openFunctions } from './functions.ts'
import { openKeys, openSecrets } from './keys-and-secrets.ts'
import { openQueues, openTopics } from './messaging.ts'
import { regionsOf } from './regions.ts'
import { openRepositories } from './repositories.ts'
import { Reading, type Resource, type ResourceSource } from './resource-source.ts'

const SERVICES: Readonly<Record<string, (reading: Reading, scope: string) => Promise<ResourceSource>>> = {
  sqs: openQueues,
  sns: openTopics,
  kms: openKeys,
  lambda: openFunctions,
  ecr: openRepositories,
  secretsmanager: openSecrets,
}

/**
 * Reads policies that stand at resources: S3 in every region, the others in the regions that are visited. What cannot be read is
 * a gap of aws.resource-policy: that a queue was not seen says nothing against what is known of users and roles.
 */
export const awsResourcePolicyScanner: Scanner = {
  id: 'aws-resource-policies',
  emits: [awsResourcePolicy, awsFunctionUrl, iamStatement],
  needs: [
    's3:ListAllMyBuckets',
    's3:GetBucketPolicy',
    's3:GetBucketPublicAccessBlock',
    's3:GetAccountPublicAccessBlock',
    'sqs:ListQueues',
    'sqs:GetQueueAttributes',
    'sns:ListTopics',
    'sns:GetTopicAttributes',
    'kms:ListKeys',
    'kms:ListAliases',
    'kms:GetKeyPolicy',
    'lambda:ListFunctions',
    'lambda:GetPolicy',
    'lambda:GetFunctionUrlConfig',
    'ecr:DescribeRepositories',
    'ecr:GetRepositoryPolicy',
    'secretsmanager:ListSecrets',
    'secretsmanager:GetResourcePolicy',
    'account:ListRegions',
  ],
  timesTargets: true,
  requested: (context) => context.targets.aws.length > 0,
  scan: (context) => inEachAccount(OWN_KINDS, context, readAccount),
}

/** Statements are wanted for many reasons; only these kinds are about resources, and only their gaps are recorded here. */
const OWN_KINDS: readonly FactKind[] = [awsResourcePolicy, awsFunctionUrl]

async function* readAccount(account: AuditedAccount, context: ScanContext): AsyncGenerator<Fact> {
  const { signal } = context
  const { visited, complete, failure } = await regionsOf(account, signal)
  if (failure) gapFor(OWN_KINDS, account.scope, failure, context)
  if (!complete) unvisited(account, visited, context)
  if (visited.length === 0) return
  const place = { account: account.id, partition: account.partition }
  const { client } = account.account
  yield* readBuckets(new Reading(client, { ...place, region: client.region }, signal), account, context)
  for (const region of visited) {
    context.progress(`AWS: policies of resources in ${region}`)
    const reading = new Reading(client, { ...place, region }, signal)
    for (const service of Object.keys(SERVICES)) yield* readService(service, reading, account, context)
  }
}

/** Its scope is none of those that were visited: what was seen there stands. */
function unvisited({ scope }: AuditedAccount, visited: readonly string[], context: ScanContext): void {
  const where = visited.length === 0 ? 'any region' : `regions other than ${visited.join(', ')}`
  const detail = `policies of resources in ${where} were not looked at; --aws-region all looks everywhere`
  for (const kind of OWN_KINDS.filter((each) => context.wants(each))) {
    context.gap({
      kind: kind.kind,
      scope: `${scope}/other-regions`,
      class: 'limit',
      reason: 'region not visited',
      detail,
    })
  }
}

async function* readService(
  service: string,
  reading: Reading,
  account: AuditedAccount,
  context: ScanContext,
): AsyncGenerator<Fact> {
  const open = SERVICES[service]
  if (!open) return
  const scope = `${account.scope}/${reading.region}`
  const failures = new FailureLog()
  const source = await open(reading, scope)
  const { items, failure } = await source.list()
  if (failure) failures.add(failure, undefined)
  const work = async (resource: Resource): Promise<Fact[]> => {
    const policy = await source.policyOf(resource)
    if ('failure' in policy) failures.add(policy.failure, undefined)
    const text = 'value' in policy ? policy.value : undefined
    const about = { service, region: reading.region, publicAccessBlocked: false } as const
    const facts = text === undefined ? [] : policyFacts(resource, text, about, scope, account.id, context)
    if (!isFunctions(source) || !context.wants(awsFunctionUrl)) return facts
    const { url, failure: unseen } = await source.urlOf(resource, 'value' in policy ? (text ?? '') : undefined)
    if (unseen) gapFor([awsFunctionUrl], scope, unseen, context)
    return url ? [...facts, url] : facts
  }
  for await (const facts of inParallel(items, work)) yield* facts
  for (const each of failures.all()) gapFor(kindsOf(service), scope, each.failure, context)
}

function kindsOf(service: string): readonly FactKind[] {
  return service === 'lambda' ? OWN_KINDS : [awsResourcePolicy]
}

function isFunctions(source: ResourceSource): source is Awaited<ReturnType<typeof openFunctions>> {
  return 'urlOf' in source
}

async function* readBuckets(reading: Reading, account: AuditedAccount, context: ScanContext): AsyncGenerator<Fact> {
  context.progress('AWS: policies of buckets')
  const failures = new FailureLog()
  const source = await openBuckets(reading)
  const { items, failure } = await source.list()
  if (failure) failures.add(failure, undefined)
  const work = async (bucket: (typeof items)[number]): Promise<Fact[]> => {
    const policy = await source.policyOf(bucket)
    if ('failure' in policy) failures.add(policy.failure, undefined)
    if ('failure' in policy || policy.value === undefined) return []
    const { blocked, failure: unseen } = await source.isPublicAccessBlocked(bucket)
    if (unseen) failures.add(unseen, ['publicAccessBlocked'])
    const { name, region } = bucket
    const about = { service: 's3', region: region ?? UNKNOWN, publicAccessBlocked: blocked } as const
    const scope = region === undefined ? account.scope : `${account.scope}/${region}`
    const resource = { arn: `arn:${reading.partition}:s3:::${name}`, name }
    return policyFacts(resource, policy.value, about, scope, account.id, context)
  }
  for await (const facts of inParallel(items, work)) yield* facts
  for (const each of failures.all()) gapFor([awsResourcePolicy], account.scope, each.failure, context, each.fields)
}

/** The resource, and the statements of its policy. */
function policyFacts(
  { arn, name }: Resource,
  text: string,
  about: Pick<Seen<typeof awsResourcePolicy>, 'service' | 'region' | 'publicAccessBlocked'>,
  scope: string,
  accountId: string,
  context: ScanContext,
): Fact[] {
  const document = {
    id: `${arn}#policy`,
    name,
    kind: 'resource',
    managedBy: 'inline',
    resource: arn,
    owner: arn,
  } as const
  const statements = documentFacts({ ...document, accountId, text }, scope, (gap) =>
    context.gap({ ...gap, kind: awsResourcePolicy.kind }),
  )
  return [fact(awsResourcePolicy, scope, { resource: arn }, { arn, name, accountId, ...about }), ...statements]
}
