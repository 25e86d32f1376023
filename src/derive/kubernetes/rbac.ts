import { k8sBinding, k8sRole, k8sRoleRule, k8sSubject } from '../../facts/kubernetes.ts'
import { type Fact, fact, type Gap, isFact } from '../../model.ts'
import { isBuiltInRole } from '../../reference/kubernetes-resources.ts'
import { groupBy } from '../grouping.ts'
import { labelMap, parseSelector } from './selectors.ts'

export type RoleFact = Fact<typeof k8sRole>
export type RuleFact = Fact<typeof k8sRoleRule>
export type BindingFact = Fact<typeof k8sBinding>
export type SubjectFact = Fact<typeof k8sSubject>

/** A binding with everything that it grants, to whom, and where. */
export interface Grant {
  readonly binding: BindingFact
  readonly subjects: readonly SubjectFact[]
  /** The role's rules, those of aggregated roles found by their selectors. */
  readonly rules: readonly RuleFact[]
  /** Namespace in which it holds; `*` for the whole cluster. */
  readonly scope: string
  /** The role was seen, or is `cluster-admin`, whose rules everybody knows. */
  readonly roleKnown: boolean
}

/** Whether it was seen what the grant gives; of a role that does not exist, that it gives nothing. */
export function isRoleSeen({ roleKnown, binding }: Grant): boolean {
  return roleKnown || !isBuiltInRole(binding.data.roleName ?? '')
}

/** One cluster's RBAC objects. */
export interface Rbac {
  readonly cluster: string
  readonly roles: ReadonlyMap<string, readonly RoleFact[]>
  readonly rules: ReadonlyMap<string, readonly RuleFact[]>
  readonly grants: readonly Grant[]
  /** ClusterRole → the ClusterRoles whose rules it takes, by its selectors; not those of their parts. */
  readonly parts: ReadonlyMap<string, ReadonlySet<string>>
}

const KINDS: readonly string[] = [k8sRole, k8sRoleRule, k8sBinding, k8sSubject].map(({ kind }) => kind)

/** What was put together last, by its first fact: a run asks for the same several times. */
const lastRead = new WeakMap<Fact, { readonly facts: readonly Fact[]; readonly clusters: Rbac[] }>()

/** Puts the facts of each cluster together: which binding grants which rules to whom. */
export function readRbac(facts: readonly Fact[]): Rbac[] {
  const own = KINDS.flatMap((kind) => facts.filter((each) => each.kind === kind))
  const [first] = own
  if (!first) return []
  const last = lastRead.get(first)
  if (last?.facts.length === own.length && own.every((each, i) => each === last.facts[i])) return last.clusters
  const groups = groupBy(own, (f) => String((f.data as { cluster?: string }).cluster))
  const clusters = [...groups].map(([cluster, each]) => readCluster(cluster, each))
  lastRead.set(first, { facts: own, clusters })
  return clusters
}

function readCluster(cluster: string, facts: readonly Fact[]): Rbac {
  const roles = groupBy(
    facts.filter((f) => isFact(k8sRole, f)),
    (f) => f.data.role ?? '',
  )
  const rules = groupBy(
    facts.filter((f) => isFact(k8sRoleRule, f)),
    (f) => f.data.role ?? '',
  )
  const subjects = groupBy(
    facts.filter((f) => isFact(k8sSubject, f)),
    (f) => f.data.binding ?? '',
  )
  const parts = aggregate(roles)
  const grants = facts
    .filter((f) => isFact(k8sBinding, f))
    .map((binding): Grant => {
      const role = binding.data.role ?? ''
      const known = roles.has(role)
      const clusterWide = binding.data.bindingKind === 'ClusterRoleBinding'
      // By identity: overlays of a repository declare one binding several times, and differ in subjects at most.
      const own = (subjects.get(binding.data.binding ?? '') ?? []).filter((subject) => subject.data.role === role)
      return {
        binding,
        subjects: uniqueBy(own, (s) => `${s.data.subjectKind} ${s.data.subject}`),
        rules: known ? effectiveRules(role, roles, rules, parts) : builtInRules(binding),
        scope: clusterWide ? '*' : (binding.data.namespace ?? ''),
        roleKnown: known || role === CLUSTER_ADMIN,
      }
    })
  return {
    cluster,
    roles,
    rules,
    parts,
    grants: uniqueBy(grants, (g) => `${g.binding.data.binding} ${g.binding.data.role}`),
  }
}

const CLUSTER_ADMIN = 'ClusterRole cluster-admin'

/** Of the roles that every cluster has, only this one has the same rules in all versions. */
function builtInRules(binding: BindingFact): RuleFact[] {
  const { cluster = '', role = '', source = '' } = binding.data
  if (role !== CLUSTER_ADMIN) return []
  const common = {
    cluster,
    role,
    roleKind: 'ClusterRole',
    resourceNames: [],
    verbs: ['*'],
    bootstrapping: true,
    source,
  }
  const none = { apiGroups: [], resources: [], nonResourceUrls: [] }
  const make = (hash: string, own: Partial<Record<keyof typeof none, string[]>>, summary: string) =>
    fact(k8sRoleRule, `k8s:${cluster}`, binding.at, { ...common, ...none, ...own, hash, summary, ownGroups: true })
  return [
    make('cluster-admin-objects', { apiGroups: ['*'], resources: ['*'] }, '* *'),
    make('cluster-admin-urls', { nonResourceUrls: ['*'] }, '* *'),
  ]
}

/** The stored rules of an aggregated role are written by a controller from what the selectors find: these count. */
function effectiveRules(
  role: string,
  roles: Rbac['roles'],
  rules: Rbac['rules'],
  parts: Rbac['parts'],
  seen = new Set<string>(),
): RuleFact[] {
  if (seen.has(role)) return []
  seen.add(role)
  const sources = parts.get(role)
  if (!sources) return [...(rules.get(role) ?? [])]
  return [...sources].flatMap((part) => effectiveRules(part, roles, rules, parts, seen))
}

/** An aggregated role takes the rules of every ClusterRole that one of its selectors matches. */
function aggregate(roles: Rbac['roles']): Map<string, Set<string>> {
  const all = [...roles.values()].flat().filter((role) => role.data.roleKind === 'ClusterRole')
  const parts = new Map<string, Set<string>>()
  for (const role of all) {
    if (!role.data.aggregated) continue
    const selectors = (role.data.selectors ?? []).map(parseSelector)
    const own = parts.get(role.data.role ?? '') ?? new Set<string>()
    for (const other of all) {
      if (other.data.role === role.data.role) continue
      const labels = labelsOf(other)
      if (selectors.some((selector) => selector.every((matches) => matches(labels)))) own.add(other.data.role ?? '')
    }
    parts.set(role.data.role ?? '', own)
  }
  return parts
}

export function labelsOf(role: RoleFact): Map<string, string> {
  return labelMap(role.data.labels ?? [])
}

/** Whether something of these kinds was not seen in a cluster. Gaps of files concern the cluster of the manifests, `-`. */
export function isIncomplete(gaps: readonly Gap[], kinds: readonly string[], cluster: string): boolean {
  const target = `k8s:${cluster.replaceAll('/', '%2F')}`
  return gaps.some(({ kind, scope, fields }) => {
    if (!kinds.includes(kind) || fields) return false
    if (!scope.startsWith('k8s:')) return cluster === '-'
    return scope === 'k8s:' || scope === target || scope.startsWith(`${target}/`)
  })
}

export function uniqueBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map([...items].reverse().map((item) => [keyOf(item), item])).values()].reverse()
}
