import { k8sWorkload } from '../../facts/kubernetes.ts'
import { k8sAdmission } from '../../facts/kubernetes-admission.ts'
import { k8sNamespace } from '../../facts/kubernetes-network.ts'
import { k8sPodSecurity } from '../../facts/kubernetes-pod-security.ts'
import { type Fact, fact, type Gap, isFact, UNKNOWN } from '../../model.ts'
import { isResolved } from '../../reference/kubernetes-labels.ts'
import { groupBy } from '../grouping.ts'
import { shorten } from './held.ts'
import { appliesTo, isSystemNamespace, type NamespaceFact } from './network-groups.ts'
import { isIncomplete } from './rbac.ts'
import { labelMap } from './selectors.ts'
import { unseenLabels } from './unseen-labels.ts'

type Admission = Fact<typeof k8sAdmission>

const LABEL = 'pod-security.kubernetes.io/enforce'
/** Of the three levels `privileged` refuses nothing. */
const LEVELS = ['baseline', 'restricted']

/** Whether namespaces with workloads refuse pods that could take over their node. */
export function derivePodSecurity(facts: readonly Fact[], gaps: readonly Gap[]): { facts: Fact[]; gaps: Gap[] } {
  const admissions = facts.filter((f) => isFact(k8sAdmission, f)).filter(isForPods)
  const declared = groupBy(
    facts.filter((f) => isFact(k8sNamespace, f)),
    ({ data }) => `${data.cluster} ${data.namespace}`,
  )
  const inUse = groupBy(
    facts.filter((f) => isFact(k8sWorkload, f)),
    ({ data }) => `${data.cluster} ${data.namespace}`,
  )
  const unseen = new Set<string>()
  const derived = [...inUse].flatMap(([key, workloads]) => {
    const namespaces = declared.get(key)
    const { cluster = '', namespace: name = '' } = workloads[0]?.data ?? {}
    if (namespaces) return [judge(namespaces, workloads, admissions, gaps)]
    // Manifests tell of a namespace's labels only where they declare it; a cluster that was asked has it or it is gone.
    if (isSystemNamespace(name)) return []
    if (workloads[0]?.data.source === 'file' || isIncomplete(gaps, [k8sNamespace.kind], cluster)) unseen.add(name)
    return []
  })
  const open = derived.filter(({ unknown }) => unknown.includes('enforced')).map(({ data }) => data.namespace ?? '')
  return {
    facts: derived,
    gaps: [
      ...(unseen.size > 0 ? [undeclared([...unseen].sort())] : []),
      ...(open.length > 0 ? [unseenLabels(k8sPodSecurity.kind, ['enforce', 'enforced'], open)] : []),
    ],
  }
}

function undeclared(namespaces: readonly string[]): Gap {
  return {
    kind: k8sPodSecurity.kind,
    scope: 'k8s:',
    class: 'limit',
    reason: 'namespace not seen',
    detail: `which pods a namespace refuses is written in its labels: those of ${shorten(namespaces)} were not seen`,
  }
}

/** Overlays declare a namespace more than once: the label counts wherever it stands. */
function judge(
  declarations: readonly NamespaceFact[],
  workloads: readonly Fact<typeof k8sWorkload>[],
  admissions: readonly Admission[],
  gaps: readonly Gap[],
): Fact<typeof k8sPodSecurity> {
  const levels = declarations.map(({ data }) => labelMap(data.labels ?? []).get(LABEL) ?? '')
  const enforce = levels.find((level) => LEVELS.includes(level)) ?? levels.find((level) => level !== '') ?? ''
  const isOpen = !LEVELS.includes(enforce) && levels.some((level) => !isResolved(level))
  const [namespace] = declarations
  const { cluster = '', namespace: name = '', source = '' } = namespace?.data ?? {}
  const group = { namespace: name, folder: '', declared: namespace }
  const own = admissions.filter(({ data }) => data.cluster === cluster && mayHold(data, group))
  const byPlatform = own.some(({ data }) => data.engine === 'OpenShift')
  const guards = [...new Set(own.map(({ data }) => data.admission ?? ''))].sort()
  if (isIncomplete(gaps, [k8sAdmission.kind], cluster)) guards.push('constraints of Gatekeeper, which were not read')
  return fact(k8sPodSecurity, namespace?.scope ?? '', namespace?.at ?? { resource: name }, {
    cluster,
    namespace: name,
    enforce: isOpen ? UNKNOWN : enforce,
    enforced: LEVELS.includes(enforce) || byPlatform || (isOpen ? UNKNOWN : false),
    because: enforce === '' ? `has no label ${LABEL}` : `has ${LABEL}: ${enforce}, which refuses nothing`,
    nodeAccess: [
      ...new Set(workloads.filter(({ data }) => data.nodeAccess).map(({ data }) => data.workload ?? '')),
    ].sort(),
    guards,
    guardNote: guards.length === 0 ? '' : `, unless it is refused by ${shorten(guards)}`,
    system: isSystemNamespace(name),
    source,
  })
}

/** Policies of engines that are known: another webhook that sees pods adds a sidecar as a rule. */
function isForPods({ data }: Admission): boolean {
  // No cluster of today knows these, though manifests still do.
  if (data.admissionKind === 'PodSecurityPolicy' && data.source === 'file') return false
  const resources = data.resources ?? []
  const operations = data.operations ?? []
  return Boolean(
    data.mayRefuse &&
      data.engine &&
      data.actions?.includes('deny') &&
      ['pods', '*', '*/*'].some((each) => resources.includes(each)) &&
      ['CREATE', '*'].some((each) => operations.includes(each)),
  )
}

type Place = Parameters<typeof appliesTo>[1]

function mayHold(data: Admission['data'], place: Place): boolean {
  const isNamed = (patterns: readonly string[] = []) =>
    patterns.some((pattern) => matchesGlob(pattern, place.namespace))
  if ((data.onlyNamespaces ?? []).length > 0 && !isNamed(data.onlyNamespaces)) return false
  if (isNamed(data.exceptNamespaces)) return false
  return appliesTo(data.namespaceSelector ?? '', place) !== false
}

/** `*` and `?`, as Kyverno and Gatekeeper have them. */
function matchesGlob(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`).test(name)
}
