import { k8sNetworkIsolation, k8sNetworkPolicy } from '../../facts/kubernetes-network.ts'
import { type Fact, fact, type Gap, UNKNOWN } from '../../model.ts'
import { shorten } from './held.ts'
import {
  appliesTo,
  type Group,
  isSystemNamespace,
  type Network,
  type PolicyFact,
  readNetwork,
  selectedBy,
  type WorkloadFact,
} from './network-groups.ts'
import { isIncomplete } from './rbac.ts'

const DIRECTIONS = ['ingress', 'egress'] as const
type Direction = (typeof DIRECTIONS)[number]

/** Whether the workloads of each namespace are isolated, by the union of all policies that select them. */
export function deriveIsolation(facts: readonly Fact[], gaps: readonly Gap[]): { facts: Fact[]; gaps: Gap[] } {
  const network = readNetwork(facts)
  const derived = network.groups.flatMap((group) => {
    // No policy reaches pods that use the node's network.
    const workloads = group.workloads.filter(({ data }) => !data.hostNetwork)
    if (workloads.length === 0) return []
    return DIRECTIONS.map((direction) => isolationOf(group, workloads, direction, network, gaps))
  })
  return { facts: derived, gaps: [] }
}

function isolationOf(
  group: Group,
  workloads: readonly WorkloadFact[],
  direction: Direction,
  network: Network,
  gaps: readonly Gap[],
): Fact {
  const { cluster, namespace, folder, source, declared } = group
  const all = [...group.own, ...(network.wide.get(cluster) ?? [])]
  const policies = all.filter((policy) => isolates(policy, direction))
  const certain = new Set<WorkloadFact>()
  const possible = new Set<WorkloadFact>()
  const selecting: string[] = []
  for (const policy of policies) {
    const selected = selectedBy(policy, group)
    // With all of them in it, a further policy adds nothing.
    if (certain.size < group.workloads.length) for (const workload of selected.certain) certain.add(workload)
    for (const workload of selected.possible) possible.add(workload)
    if (selected.certain.length > 0) selecting.push(policy.data.policy ?? '')
  }
  const unseen = isIncomplete(gaps, [k8sNetworkPolicy.kind], cluster)
  const isolated = policies.some((policy) => isForAll(policy, group))
  const open = workloads.filter((workload) => !certain.has(workload))
  const uncovered = open.filter((workload) => !possible.has(workload))
  const mayBe = unseen || policies.some((policy) => mayBeForAll(policy, group))
  const names = [...new Set(uncovered.map(({ data }) => data.workload ?? ''))].sort()
  return fact(
    k8sNetworkIsolation,
    group.scope,
    declared?.at ?? uncovered[0]?.at ?? workloads[0]?.at ?? { resource: namespace },
    {
      cluster,
      namespace,
      folder,
      where: folder === '' ? `namespace ${namespace}` : `the namespace of ${folder === '.' ? 'the manifests' : folder}`,
      direction,
      isolated: isolated || (mayBe ? UNKNOWN : false),
      covered: open.length === 0 || (unseen || uncovered.length === 0 ? UNKNOWN : false),
      uncovered: names,
      uncoveredInWords: shorten(names),
      policies: [...new Set(selecting)].sort(),
      managed: source !== 'file' || isManaged(group, direction, network),
      system: isSystemNamespace(namespace),
      source,
    },
  )
}

function isolates({ data }: PolicyFact, direction: Direction): boolean {
  return Boolean(direction === 'ingress' ? data.isolatesIngress : data.isolatesEgress)
}

function isForAll({ data }: PolicyFact, group: Group): boolean {
  return data.selector === '' && (data.namespace !== '' || appliesTo(data.namespaceSelector, group) === true)
}

/** A policy whose selector, or whose namespaces, cannot be told. */
function mayBeForAll({ data }: PolicyFact, group: Group): boolean {
  if (data.selector !== '' && data.selector !== undefined) return false
  const applies = data.namespace !== '' || appliesTo(data.namespaceSelector, group)
  return applies !== false && (data.selector === undefined || applies === undefined)
}

/**
 * Manifests are rarely all of a cluster: that policies are missing is told with confidence only where some are kept for this
 * namespace, or where the tree keeps some and declares this namespace, too.
 */
function isManaged(group: Group, direction: Direction, { policies }: Network): boolean {
  if (group.own.some((policy) => isolates(policy, direction))) return true
  if (!group.declared) return false
  return policies.some((policy) => policy.data.cluster === group.cluster && isolates(policy, direction))
}
