import type { Cluster } from '@aws-sdk/client-eks'
import { eksCluster, k8sCloudIdentity, k8sClusterAccess } from '../../facts/kubernetes-cloud.ts'
import { type Fact, type FactKind, fact, type ScanContext, type Scanner, type Seen, UNKNOWN } from '../../model.ts'
import type { AuditedAccount } from '../../sources/aws-accounts.ts'
import type { Outcome } from '../../sources/aws-failure.ts'
import { readPages } from '../../sources/aws-pages.ts'
import { inParallel } from '../../sources/parallel.ts'
import { gapFor } from '../gap-for.ts'
import { FailureLog, inEachAccount } from './accounts.ts'
import { regionsOf } from './regions.ts'
import { Reading } from './resource-source.ts'

const KINDS: readonly FactKind[] = [eksCluster, k8sClusterAccess, k8sCloudIdentity]

/** Clusters of EKS in the regions that are visited: who is let in by access entries, and which roles their accounts get. */
export const awsEksScanner: Scanner = {
  id: 'aws-eks',
  emits: KINDS,
  needs: [
    'eks:ListClusters',
    'eks:DescribeCluster',
    'eks:ListAccessEntries',
    'eks:DescribeAccessEntry',
    'eks:ListAssociatedAccessPolicies',
    'eks:ListPodIdentityAssociations',
    'eks:DescribePodIdentityAssociation',
    'account:ListRegions',
  ],
  timesTargets: true,
  requested: (context) => context.targets.aws.length > 0,
  scan: (context) => inEachAccount(KINDS, context, readAccount),
}

async function* readAccount(account: AuditedAccount, context: ScanContext): AsyncGenerator<Fact> {
  const { visited, complete, failure } = await regionsOf(account, context.signal)
  if (failure) gapFor(KINDS, account.scope, failure, context)
  if (!complete) unvisited(account, visited, context)
  for (const region of visited) {
    context.progress(`AWS: clusters of EKS in ${region}`)
    const place = { account: account.id, partition: account.partition, region }
    const reading = new Reading(account.account.client, place, context.signal)
    yield* readRegion(reading, `${account.scope}/${region}`, context)
  }
}

/** What is missing of a cluster that is audited is told by derivation; of others nothing is missed. */
function unvisited({ scope }: AuditedAccount, visited: readonly string[], context: ScanContext): void {
  if (!context.wants(eksCluster)) return
  const where = visited.length === 0 ? 'any region' : `regions other than ${visited.join(', ')}`
  const detail = `clusters of EKS in ${where} were not looked at; --aws-region all looks everywhere`
  context.gap({
    kind: eksCluster.kind,
    scope: `${scope}/other-regions`,
    class: 'limit',
    reason: 'region not visited',
    detail,
  })
}

type Sdk = typeof import('@aws-sdk/client-eks')

/** Calls about one region's clusters; what fails is noted once for each kind of fact that it hides. */
class Calls {
  readonly sdk: Sdk
  readonly reading: Reading
  readonly eks: InstanceType<Sdk['EKSClient']>
  readonly failures = new Map<FactKind, FailureLog>()

  constructor(sdk: Sdk, reading: Reading) {
    this.sdk = sdk
    this.reading = reading
    this.eks = new sdk.EKSClient(reading.settings)
  }

  value<T>(outcome: Outcome<T>, kind: FactKind): T | undefined {
    if ('value' in outcome) return outcome.value
    this.note(kind, outcome.failure)
    return undefined
  }

  note(kind: FactKind, failure: Parameters<FailureLog['add']>[0] | undefined): void {
    if (!failure) return
    const log = this.failures.get(kind) ?? new FailureLog()
    this.failures.set(kind, log)
    log.add(failure, undefined)
  }
}

async function* readRegion(reading: Reading, scope: string, context: ScanContext): AsyncGenerator<Fact> {
  const calls = new Calls(await import('@aws-sdk/client-eks'), reading)
  const { ListClustersCommand } = calls.sdk
  const { items: names, failure } = await readPages(
    'eks:ListClusters',
    (nextToken) =>
      reading.call('eks:ListClusters', (options) => calls.eks.send(new ListClustersCommand({ nextToken }), options)),
    (page) => page.clusters,
    (page) => page.nextToken,
  )
  for (const kind of KINDS) calls.note(kind, failure)
  const work = async (name: string): Promise<Fact[]> => [
    ...(await readCluster(name, calls, scope, context)),
    ...(context.wants(k8sCloudIdentity) ? await readAssociations(name, calls, scope) : []),
  ]
  for await (const facts of inParallel(names, work)) yield* facts
  for (const [kind, log] of calls.failures) {
    for (const each of log.all()) gapFor([kind], scope, each.failure, context)
  }
}

async function readCluster(name: string, calls: Calls, scope: string, context: ScanContext): Promise<Fact[]> {
  const { sdk, reading, eks } = calls
  const outcome = await reading.call('eks:DescribeCluster', (options) =>
    eks.send(new sdk.DescribeClusterCommand({ name }), options),
  )
  const cluster = calls.value(outcome, eksCluster)?.cluster
  const mode = cluster?.accessConfig?.authenticationMode ?? (cluster ? 'CONFIG_MAP' : undefined)
  const facts = cluster ? [clusterFact(cluster, name, scope)] : []
  if (!context.wants(k8sClusterAccess)) return facts
  if (mode === 'CONFIG_MAP') {
    const detail = `EKS cluster ${name}: whoever created it is administrator, and with authentication by aws-auth alone no API tells who`
    context.gap({
      kind: k8sClusterAccess.kind,
      scope,
      class: 'limit',
      reason: 'creator of the cluster not seen',
      detail,
    })
    return facts
  }
  return [...facts, ...(await readEntries(name, calls, scope))]
}

function clusterFact({ arn = '', endpoint = '', identity, accessConfig }: Cluster, name: string, scope: string): Fact {
  return fact(
    eksCluster,
    scope,
    { resource: arn },
    {
      id: arn,
      name,
      endpoint,
      issuer: (identity?.oidc?.issuer ?? '').replace('https://', ''),
      authenticationMode: accessConfig?.authenticationMode ?? 'CONFIG_MAP',
      creatorIsAdmin: accessConfig?.bootstrapClusterCreatorAdminPermissions ?? UNKNOWN,
    },
  )
}

async function readEntries(clusterName: string, calls: Calls, scope: string): Promise<Fact[]> {
  const { sdk, reading, eks } = calls
  const { items, failure } = await readPages(
    'eks:ListAccessEntries',
    (nextToken) =>
      reading.call('eks:ListAccessEntries', (options) =>
        eks.send(new sdk.ListAccessEntriesCommand({ clusterName, nextToken }), options),
      ),
    (page) => page.accessEntries,
    (page) => page.nextToken,
  )
  calls.note(k8sClusterAccess, failure)
  const facts: Fact[] = []
  const work = async (principalArn: string) => ({
    principalArn,
    entry: await readEntry(clusterName, principalArn, calls),
  })
  for await (const { principalArn, entry } of inParallel(items, work)) {
    const declaration = entry.arn || principalArn
    const at = { resource: declaration }
    const { arn: _, ...about } = entry
    const common = {
      cluster: '',
      cloudCluster: clusterName,
      principal: principalArn,
      via: 'access-entry',
      source: 'cluster',
    }
    facts.push(fact(k8sClusterAccess, scope, at, { ...common, ...about, declaration }))
  }
  return facts
}

interface Entry {
  readonly arn: string
  readonly username: string
  readonly groups: readonly string[] | typeof UNKNOWN
  readonly policies: readonly string[] | typeof UNKNOWN
  readonly type: string
}

async function readEntry(clusterName: string, principalArn: string, calls: Calls): Promise<Entry> {
  const { sdk, reading, eks } = calls
  const entry = calls.value(
    await reading.call('eks:DescribeAccessEntry', (options) =>
      eks.send(new sdk.DescribeAccessEntryCommand({ clusterName, principalArn }), options),
    ),
    k8sClusterAccess,
  )?.accessEntry
  const { items, failure } = await readPages(
    'eks:ListAssociatedAccessPolicies',
    (nextToken) =>
      reading.call('eks:ListAssociatedAccessPolicies', (options) =>
        eks.send(new sdk.ListAssociatedAccessPoliciesCommand({ clusterName, principalArn, nextToken }), options),
      ),
    (page) => page.associatedAccessPolicies,
    (page) => page.nextToken,
  )
  calls.note(k8sClusterAccess, failure)
  const policies = items.map(({ policyArn = '', accessScope }) => {
    const name = policyArn.slice(policyArn.lastIndexOf('/') + 1)
    return accessScope?.type === 'namespace' ? `${name} in ${(accessScope.namespaces ?? []).join(',')}` : name
  })
  return {
    arn: entry?.accessEntryArn ?? '',
    username: entry?.username ?? '',
    groups: entry ? (entry.kubernetesGroups ?? []) : UNKNOWN,
    policies: failure ? UNKNOWN : policies,
    type: entry?.type ?? '',
  }
}

async function readAssociations(clusterName: string, calls: Calls, scope: string): Promise<Fact[]> {
  const { sdk, reading, eks } = calls
  const { items, failure } = await readPages(
    'eks:ListPodIdentityAssociations',
    (nextToken) =>
      reading.call('eks:ListPodIdentityAssociations', (options) =>
        eks.send(new sdk.ListPodIdentityAssociationsCommand({ clusterName, nextToken }), options),
      ),
    (page) => page.associations,
    (page) => page.nextToken,
  )
  calls.note(k8sCloudIdentity, failure)
  const facts: Fact[] = []
  const work = async ({ associationId, associationArn = '', namespace, serviceAccount }: (typeof items)[number]) => {
    // The list does not tell the role.
    const outcome = await reading.call('eks:DescribePodIdentityAssociation', (options) =>
      eks.send(new sdk.DescribePodIdentityAssociationCommand({ clusterName, associationId }), options),
    )
    const association = calls.value(outcome, k8sCloudIdentity)?.association
    const { roleArn, targetRoleArn } = association ?? {}
    const roles: Pick<Seen<typeof k8sCloudIdentity>, 'identity' | 'through'> = targetRoleArn
      ? { identity: targetRoleArn, through: roleArn ?? UNKNOWN }
      : { identity: roleArn ?? UNKNOWN, through: '' }
    return { roles, associationArn, account: `${namespace}/${serviceAccount}` }
  }
  for await (const { roles, associationArn, account } of inParallel(items, work)) {
    facts.push(
      fact(
        k8sCloudIdentity,
        scope,
        { resource: associationArn },
        {
          cluster: '',
          cloudCluster: clusterName,
          account,
          provider: 'aws',
          ...roles,
          via: 'pod-identity',
          source: 'cluster',
        },
      ),
    )
  }
  return facts
}
