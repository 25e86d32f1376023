import { k8sWorkload } from '../../facts/kubernetes.ts'
import { k8sMeshAuthentication, k8sMeshTls } from '../../facts/kubernetes-mesh.ts'
import { k8sNamespace } from '../../facts/kubernetes-network.ts'
import { type Fact, fact, type Gap, isFact, UNKNOWN } from '../../model.ts'
import { isResolved } from '../../reference/kubernetes-labels.ts'
import { groupBy } from '../grouping.ts'
import type { NamespaceFact, WorkloadFact } from './network-groups.ts'
import { isIncomplete } from './rbac.ts'
import { labelMap, matches, parseSelector } from './selectors.ts'
import { unseenLabels } from './unseen-labels.ts'

type MeshTls = Fact<typeof k8sMeshTls>
type Authentication = Fact<typeof k8sMeshAuthentication>

/** Istio's default; another one can be set in a configuration that is not read. */
export const ISTIO_ROOT = 'istio-system'
const MODES = [k8sMeshAuthentication.kind]
const DEFAULT_POLICY = 'config.linkerd.io/default-inbound-policy'

/** Which namespaces of a mesh take calls without mutual TLS, and which objects make an exception in one that does not. */
export function deriveMeshTls(facts: readonly Fact[], gaps: readonly Gap[]): { facts: Fact[]; gaps: Gap[] } {
  const namespaces = facts.filter((f) => isFact(k8sNamespace, f))
  const workloads = groupBy(
    facts.filter((f) => isFact(k8sWorkload, f)),
    ({ data }) => `${data.cluster} ${data.namespace}`,
  )
  const byCluster = groupBy(
    facts.filter((f) => isFact(k8sMeshAuthentication, f)),
    ({ data }) => data.cluster ?? '',
  )
  const derived = namespaces.flatMap((namespace) => {
    const { cluster = '', namespace: name } = namespace.data
    const own = workloads.get(`${cluster} ${name}`) ?? []
    const unseen = isIncomplete(gaps, MODES, cluster)
    return [...istioOf(namespace, own, byCluster.get(cluster) ?? [], unseen), ...linkerdOf(namespace, own)]
  })
  const exceptions = [...byCluster.values()].flat().flatMap(exceptionsOf)
  const open = derived
    .filter(({ data, unknown }) => unknown.includes('strict') && !isIncomplete(gaps, MODES, data.cluster ?? ''))
    .map(({ data }) => data.namespace ?? '')
  return {
    facts: [...derived, ...exceptions],
    gaps: open.length > 0 ? [unseenLabels(k8sMeshTls.kind, ['strict'], open)] : [],
  }
}

/** Labels of a pod go before those of its namespace. Undefined if they are templates or variables still. */
function isInjected({ data }: WorkloadFact, byNamespace: boolean | undefined): boolean | undefined {
  const marks = labelMap(data.meshMarks ?? [])
  const own = marks.get('sidecar.istio.io/inject')
  if (own !== undefined) return isResolved(own) ? own === 'true' : undefined
  if (marks.has('istio.io/rev') || marks.get('istio.io/dataplane-mode') === 'ambient') return true
  if (byNamespace) return true
  return isResolved(marks.get('istio.io/dataplane-mode') ?? '') ? byNamespace : undefined
}

function isInIstio({ data }: NamespaceFact): boolean | undefined {
  const labels = labelMap(data.labels ?? [])
  const injection = labels.get('istio-injection') ?? ''
  const ambient = labels.get('istio.io/dataplane-mode') ?? ''
  const revision = labels.get('istio.io/rev') ?? ''
  if (injection === 'enabled' || ambient === 'ambient') return true
  if (injection !== 'disabled' && isResolved(injection) && revision !== '' && isResolved(revision)) return true
  const settled = injection === 'disabled' || [injection, revision].every(isResolved)
  return settled && isResolved(ambient) ? false : undefined
}

function istioOf(
  namespace: NamespaceFact,
  own: readonly WorkloadFact[],
  authentications: readonly Authentication[],
  unseen: boolean,
): MeshTls[] {
  const byNamespace = isInIstio(namespace)
  const workloads = own.filter((workload) => isInjected(workload, byNamespace) !== false)
  if (byNamespace === false && workloads.length === 0) return []
  const { cluster = '', namespace: name = '', source = '' } = namespace.data
  const { mode, because, explicit } = modeOf(name, authentications)
  const strictly = authentications.filter(
    ({ data }) => data.namespace === name && data.selector !== '' && data.mode === 'STRICT',
  )
  const selectors = strictly.map(({ data }) => parseSelector(data.selector ?? ''))
  /** Undefined if a selector may be for the pods: their labels were not seen. */
  const isStrict = ({ data }: WorkloadFact) => {
    if (data.podLabels === undefined) return selectors.length > 0 ? undefined : false
    return selectors.some((each) => matches(each, labelMap(data.podLabels ?? [])))
  }
  const open = workloads.filter((workload) => !isStrict(workload))
  const surely = open.filter((workload) => isInjected(workload, byNamespace) && isStrict(workload) === false)
  // A namespace that is empty so far is judged by what its first workload will find.
  const strict = mode === 'STRICT' || (workloads.length > 0 && open.length === 0)
  const lax = workloads.length > 0 ? surely.length > 0 : byNamespace === true
  return [
    fact(k8sMeshTls, namespace.scope, namespace.at, {
      cluster,
      subject: `Namespace ${name}`,
      mesh: 'Istio',
      namespace: name,
      strict: strict || (unseen || !lax ? UNKNOWN : false),
      because,
      workloads: open.map(({ data }) => data.workload ?? '').sort(),
      portsOnly: false,
      explicit,
      managed: source !== 'file' || authentications.length > 0,
      source,
    }),
  ]
}

/** Of the namespace, else of the whole mesh, else the default. */
function modeOf(
  namespace: string,
  authentications: readonly Authentication[],
): { mode: string; because: string; explicit: boolean } {
  for (const place of [namespace, ISTIO_ROOT]) {
    const set = authentications.find(
      ({ data }) => data.namespace === place && data.selector === '' && data.mode !== 'UNSET',
    )
    if (set) return { mode: set.data.mode ?? '', because: `${set.data.object} says ${set.data.mode}`, explicit: true }
  }
  return {
    mode: 'PERMISSIVE',
    because: 'no PeerAuthentication says otherwise, and the default is PERMISSIVE',
    explicit: false,
  }
}

/** Workloads and ports that an object takes out by name, and what it says for the whole mesh. */
function exceptionsOf(authentication: Authentication): Fact[] {
  const {
    cluster = '',
    object = '',
    namespace = '',
    selector = '',
    mode = '',
    weakPorts = [],
    source = '',
  } = authentication.data
  const weakMode = (selector !== '' || namespace === ISTIO_ROOT) && (mode === 'PERMISSIVE' || mode === 'DISABLE')
  if (!weakMode && weakPorts.length === 0) return []
  const whom = selector === '' ? 'the whole mesh' : `workloads with ${selector}`
  const because = weakMode ? `it says ${mode} for ${whom}` : `it says ${weakPorts.join(', ')} for ports of ${whom}`
  const data = {
    cluster,
    subject: object,
    mesh: 'Istio',
    namespace,
    strict: false,
    because,
    portsOnly: !weakMode,
    workloads: [],
    explicit: true,
    managed: true,
    source,
  }
  return [fact(k8sMeshTls, authentication.scope, authentication.at, data)]
}

/** Linkerd encrypts by itself and takes plain calls, too, unless told otherwise. The default of a cluster is not read. */
function linkerdOf(namespace: NamespaceFact, own: readonly WorkloadFact[]): MeshTls[] {
  const { cluster = '', namespace: name = '', source = '' } = namespace.data
  const marks = labelMap(namespace.data.marks ?? [])
  const policyOf = ({ data }: WorkloadFact) =>
    labelMap(data.meshMarks ?? []).get(DEFAULT_POLICY) ?? marks.get(DEFAULT_POLICY) ?? ''
  const injectOf = ({ data }: WorkloadFact) =>
    labelMap(data.meshMarks ?? []).get('linkerd.io/inject') ?? marks.get('linkerd.io/inject') ?? ''
  const isLax = (workload: WorkloadFact) => policyOf(workload).endsWith('-unauthenticated')
  const isMeshed = (workload: WorkloadFact) => ['enabled', 'ingress'].includes(injectOf(workload))
  const surely = own.filter((workload) => isMeshed(workload) && isLax(workload))
  const perhaps = own.filter(
    (workload) =>
      (isMeshed(workload) || !isResolved(injectOf(workload))) && (isLax(workload) || !isResolved(policyOf(workload))),
  )
  const open = surely.length > 0 ? surely : perhaps
  const [first] = open
  if (!first) return []
  return [
    fact(k8sMeshTls, namespace.scope, namespace.at, {
      cluster,
      subject: `Namespace ${name}`,
      mesh: 'Linkerd',
      namespace: name,
      strict: surely.length > 0 ? false : UNKNOWN,
      because: `${DEFAULT_POLICY} is ${policyOf(first)}`,
      workloads: open.map(({ data }) => data.workload ?? '').sort(),
      portsOnly: false,
      explicit: true,
      managed: true,
      source,
    }),
  ]
}
