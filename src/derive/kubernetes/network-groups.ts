import { k8sWorkload } from '../../facts/kubernetes.ts'
import { k8sNamespace, k8sNetworkPolicy } from '../../facts/kubernetes-network.ts'
import { type Fact, isFact, type Location } from '../../model.ts'
import { isResolved, splitSelector } from '../../reference/kubernetes-labels.ts'
import { groupBy } from '../grouping.ts'
import { labelMap, matches, parseSelector } from './selectors.ts'

export type WorkloadFact = Fact<typeof k8sWorkload>
export type PolicyFact = Fact<typeof k8sNetworkPolicy>
export type NamespaceFact = Fact<typeof k8sNamespace>

/**
 * Workloads that policies see as one namespace. Manifests that name no namespace are applied to one that nobody knows from here:
 * those of one folder count as one.
 */
export interface Group {
  readonly cluster: string
  readonly namespace: string
  readonly folder: string
  readonly source: string
  readonly scope: string
  readonly declared: NamespaceFact | undefined
  readonly workloads: readonly WorkloadFact[]
  /** Policies of that very namespace. */
  readonly own: readonly PolicyFact[]
  /** Workloads by each of their labels. */
  readonly byLabel: ReadonlyMap<string, readonly WorkloadFact[]>
  /** Those of which the labels were not seen. */
  readonly unlabelled: readonly WorkloadFact[]
  readonly labels: ReadonlyMap<WorkloadFact, ReadonlyMap<string, string>>
  /** What selectors select, once they were asked for: policies are often alike. */
  readonly selections: Map<string, readonly WorkloadFact[]>
}

/** Everything that network policies are about. */
export interface Network {
  readonly groups: readonly Group[]
  readonly policies: readonly PolicyFact[]
  /** Cluster-wide policies by cluster. */
  readonly wide: ReadonlyMap<string, readonly PolicyFact[]>
  groupOf(policy: PolicyFact): Group | undefined
}

export function readNetwork(facts: readonly Fact[]): Network {
  const policies = facts.filter((f) => isFact(k8sNetworkPolicy, f))
  const workloads = groupBy(
    facts.filter((f) => isFact(k8sWorkload, f)),
    keyOf,
  )
  const namespaces = new Map(
    facts.filter((f) => isFact(k8sNamespace, f)).map((f) => [`${f.data.cluster} ${f.data.namespace}`, f]),
  )
  const own = groupBy(
    policies.filter(({ data }) => data.namespace !== ''),
    keyOf,
  )
  const groups = new Map([...workloads].map(([key, items]) => [key, groupFor(items, own.get(key) ?? [], namespaces)]))
  return {
    groups: [...groups.values()],
    policies,
    wide: groupBy(
      policies.filter(({ data }) => data.namespace === ''),
      ({ data }) => data.cluster ?? '',
    ),
    groupOf: (policy) => groups.get(keyOf(policy)),
  }
}

function groupFor(
  workloads: readonly WorkloadFact[],
  own: readonly PolicyFact[],
  namespaces: ReadonlyMap<string, NamespaceFact>,
): Group {
  const [first] = workloads
  const { cluster = '', namespace = '', source = '' } = first?.data ?? {}
  const folder = first ? folderOf(first) : ''
  const byLabel = new Map<string, WorkloadFact[]>()
  for (const workload of workloads) {
    for (const label of workload.data.podLabels ?? []) {
      const known = byLabel.get(label)
      if (known) known.push(workload)
      else byLabel.set(label, [workload])
    }
  }
  return {
    cluster,
    namespace,
    folder,
    source,
    scope: first?.scope ?? '',
    declared: folder === '' ? namespaces.get(`${cluster} ${namespace}`) : undefined,
    workloads,
    own,
    byLabel,
    unlabelled: workloads.filter(({ data }) => data.podLabels === undefined),
    labels: new Map(workloads.map((workload) => [workload, labelMap(workload.data.podLabels ?? [])])),
    selections: new Map(),
  }
}

const keyOf = (item: WorkloadFact | PolicyFact) => `${item.data.cluster} ${item.data.namespace} ${folderOf(item)}`

/** Folder of a manifest that names no namespace; `.` for the root. */
function folderOf({ data, at }: WorkloadFact | PolicyFact): string {
  if (data.source !== 'file' || data.namespaceGiven) return ''
  const file = fileOf(at)
  return file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '.'
}

function fileOf(at: Location): string {
  if ('file' in at) return at.file
  return at.declaredAt?.file ?? ''
}

const NAME_LABEL = 'kubernetes.io/metadata.name'

/** Whether a cluster-wide policy is for a namespace; undefined if that hangs on labels that were not seen. */
export function appliesTo(
  selector: string | undefined,
  group: Pick<Group, 'namespace' | 'folder' | 'declared'>,
): boolean | undefined {
  if (selector === undefined) return undefined
  if (selector === '') return true
  const labels = labelMap(group.declared?.data.labels ?? [])
  if (group.folder === '') labels.set(NAME_LABEL, group.namespace)
  const parts = splitSelector(selector)
  const known = parts.filter((part) => {
    if (part.includes(NAME_LABEL)) return group.folder === ''
    return group.declared !== undefined && isResolved(labels.get(keyOfRequirement(part)) ?? '')
  })
  if (!matches(known.flatMap(parseSelector), labels)) return false
  return known.length === parts.length ? true : undefined
}

function keyOfRequirement(requirement: string): string {
  return requirement.replace(/^!/, '').replace(/[\s=].*$/, '')
}

/** The workloads of a group that a policy selects, and those that it may select. */
export function selectedBy(
  policy: PolicyFact,
  group: Group,
): { certain: readonly WorkloadFact[]; possible: readonly WorkloadFact[] } {
  const { selector, namespace, namespaceSelector } = policy.data
  const applies = namespace === '' ? appliesTo(namespaceSelector, group) : true
  if (applies === false) return { certain: [], possible: [] }
  if (selector === undefined) return { certain: [], possible: group.workloads }
  const found = selector === '' ? group.workloads : matching(selector, group)
  const unseen = selector === '' ? [] : group.unlabelled
  return applies ? { certain: found, possible: unseen } : { certain: [], possible: [...found, ...unseen] }
}

/** Looks only at workloads that have one of the labels, where the selector names one with its value. */
function matching(selector: string, group: Group): readonly WorkloadFact[] {
  const known = group.selections.get(selector)
  if (known) return known
  const parts = splitSelector(selector)
  const label = parts.find((part) => part.includes('=') && !part.includes('('))
  const candidates = label === undefined ? group.workloads : (group.byLabel.get(label) ?? [])
  const requirements = parseSelector(selector)
  const found = candidates.filter((workload) => {
    const labels = group.labels.get(workload)
    return labels && workload.data.podLabels !== undefined && matches(requirements, labels)
  })
  group.selections.set(selector, found)
  return found
}

/** Namespaces of Kubernetes itself and those that managed clusters bring along: their owner is not the user. */
const SYSTEM =
  /^(?:kube-(?:system|public|node-lease|flannel)|gke-[\w-]+|gmp-(?:system|public)|config-management-system|aks-[\w-]+|azure-[\w-]+|app-routing-system|amazon-(?:cloudwatch|guardduty)|aws-observability|openshift(?:-[\w-]+)?|calico-(?:system|apiserver)|tigera-operator|cilium-secrets|local-path-storage)$/

export function isSystemNamespace(namespace: string): boolean {
  return SYSTEM.test(namespace)
}
