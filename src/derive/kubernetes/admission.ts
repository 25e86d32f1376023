import { k8sAdmission, k8sAdmissionBinding, k8sAdmissionPolicy } from '../../facts/kubernetes-admission.ts'
import { type Fact, fact, type Gap, isFact } from '../../model.ts'
import { groupBy } from '../grouping.ts'
import { shorten } from './held.ts'

type Policy = Fact<typeof k8sAdmissionPolicy>
type Binding = Fact<typeof k8sAdmissionBinding>

const BOUND = 'ValidatingAdmissionPolicy'
const TEMPLATE = 'ConstraintTemplate'

/** What admission control does: a ValidatingAdmissionPolicy by each of its bindings, everything else as it is declared. */
export function deriveAdmission(facts: readonly Fact[]): { facts: Fact[]; gaps: Gap[] } {
  const policies = facts.filter((f) => isFact(k8sAdmissionPolicy, f))
  const bindings = groupBy(
    facts.filter((f) => isFact(k8sAdmissionBinding, f)),
    ({ data }) => `${data.cluster} ${data.policy}`,
  )
  const derived = policies.flatMap((policy) => {
    const { admissionKind, cluster, name } = policy.data
    if (admissionKind === TEMPLATE) return []
    if (admissionKind !== BOUND) return [inEffect(policy, policy.data)]
    return (bindings.get(`${cluster} ${name}`) ?? []).map((binding) => inEffect(policy, bound(policy, binding)))
  })
  return { facts: derived, gaps: unseenConstraints(policies) }
}

function inEffect(policy: Policy, data: Policy['data']): Fact {
  // Every field of the one kind is a field of the other.
  return fact(k8sAdmission, policy.scope, policy.at, data as Parameters<typeof fact<typeof k8sAdmission>>[3])
}

/** Both the policy and its binding limit what is looked at. */
function bound(policy: Policy, binding: Binding): Policy['data'] {
  const { data: own } = policy
  const { data: by } = binding
  const actions = by.actions ?? []
  const either = (a: readonly string[] = [], b: readonly string[] = []) => (b.length > 0 ? b : a)
  const selectors = [own.namespaceSelector, by.namespaceSelector].filter((each) => each)
  const limited = [own.namespaces, by.namespaces].filter((each) => each !== EVERYWHERE)
  return {
    ...own,
    part: by.binding ?? '',
    resources: either(own.resources, by.resources),
    operations: either(own.operations, by.operations),
    namespaces: limited.join(' and ') || EVERYWHERE,
    onlyNamespaces: both(own.onlyNamespaces, by.onlyNamespaces),
    exceptNamespaces: [...new Set([...(own.exceptNamespaces ?? []), ...(by.exceptNamespaces ?? [])])].sort(),
    namespaceSelector: selectors.join(','),
    narrowed: Boolean(own.narrowed || by.narrowed),
    actions,
    mayRefuse: actions.includes('deny'),
  }
}

const EVERYWHERE = 'in all namespaces'

/** An empty list means all. Two lists without a common name hold nowhere, which no list of names can say: the first is kept. */
function both(a: readonly string[] = [], b: readonly string[] = []): readonly string[] {
  if (a.length === 0 || b.length === 0) return [...a, ...b]
  const common = a.filter((name) => b.includes(name))
  return common.length > 0 ? common : a
}

/** A cluster is not asked for constraints, whose kinds its templates make. */
function unseenConstraints(policies: readonly Policy[]): Gap[] {
  const templates = groupBy(
    policies.filter(({ data }) => data.admissionKind === TEMPLATE),
    ({ scope }) => scope,
  )
  return [...templates].map(([scope, own]) => ({
    kind: k8sAdmission.kind,
    scope,
    class: 'limit',
    reason: 'constraints not listed',
    detail: `Gatekeeper's constraints of ${shorten(own.map(({ data }) => data.name ?? '').sort())} are not read from a cluster: kubectl get constraints -A -o json, read by --k8s-dump, holds them`,
  }))
}
