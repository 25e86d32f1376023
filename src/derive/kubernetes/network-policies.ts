import { k8sWorkload } from '../../facts/kubernetes.ts'
import { k8sPolicyReach } from '../../facts/kubernetes-network.ts'
import { type Fact, fact, type Gap, UNKNOWN } from '../../model.ts'
import { isSystemNamespace, type Network, type PolicyFact, readNetwork, selectedBy } from './network-groups.ts'
import { isIncomplete } from './rbac.ts'

/** What each policy selects among the workloads that were seen, and whether it restricts anything. */
export function derivePolicyReach(facts: readonly Fact[], gaps: readonly Gap[]): { facts: Fact[]; gaps: Gap[] } {
  const network = readNetwork(facts)
  return { facts: network.policies.map((policy) => reachOf(policy, network, gaps)), gaps: [] }
}

function reachOf(policy: PolicyFact, network: Network, gaps: readonly Gap[]): Fact {
  const { data } = policy
  const { cluster = '', namespace = '', selector } = data
  const own = namespace === '' ? undefined : network.groupOf(policy)
  const groups = namespace === '' ? network.groups.filter((group) => group.cluster === cluster) : own ? [own] : []
  const selectsAll = selector === undefined ? UNKNOWN : selector === '' && !data.namespaceSelector
  return fact(k8sPolicyReach, policy.scope, policy.at, {
    cluster,
    policy: data.policy ?? '',
    part: data.part ?? '',
    policyKind: data.policyKind ?? '',
    namespace,
    name: data.name ?? '',
    namespaceGiven: data.namespaceGiven ?? true,
    source: data.source ?? '',
    selectsAll,
    selectsNothing: selectsNothing(policy, groups, isIncomplete(gaps, [k8sWorkload.kind], cluster)),
    workloadsSeen: groups.some((group) => group.workloads.length > 0),
    ingressOpen: data.isolatesIngress ? (data.ingressOpen ?? '') : '',
    egressOpen: data.isolatesEgress ? (data.egressOpen ?? '') : '',
    selectorInWords: selector === '' ? 'all pods' : `pods with ${selector ?? 'a selector that cannot be told'}`,
    opening: openingOf(policy),
    system: isSystemNamespace(namespace),
  })
}

/** A policy for all pods is right in an empty namespace, too. */
function selectsNothing(policy: PolicyFact, groups: Network['groups'], unseen: boolean): boolean | typeof UNKNOWN {
  const { selector } = policy.data
  if (selector === undefined) return UNKNOWN
  if (selector === '') return false
  const selected = groups.map((group) => selectedBy(policy, group))
  if (selected.some(({ certain }) => certain.length > 0)) return false
  return unseen || selected.some(({ possible }) => possible.length > 0) ? UNKNOWN : true
}

function openingOf({ data }: PolicyFact): string {
  const from = {
    anywhere: 'lets everybody in, on every port',
    cluster: 'lets every pod of the cluster in, on every port',
  }
  const to = {
    anywhere: 'lets everything out, on every port',
    cluster: 'lets out to every pod of the cluster, on every port',
  }
  const parts = [
    data.isolatesIngress && from[data.ingressOpen as keyof typeof from],
    data.isolatesEgress && to[data.egressOpen as keyof typeof to],
  ]
  return parts.filter(Boolean).join(', and ')
}
