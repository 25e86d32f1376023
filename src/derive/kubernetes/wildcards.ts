import { k8sBinding, k8sSubject } from '../../facts/kubernetes.ts'
import { k8sWildcard } from '../../facts/kubernetes-rights.ts'
import { type Fact, fact, type Gap, UNKNOWN } from '../../model.ts'
import { approvesSigners, isDefault, isEverything } from './grants.ts'
import { shorten } from './held.ts'
import { allowsEverything, isGetAlone, privilegesOf } from './privileges.ts'
import { isIncomplete, type Rbac, type RuleFact } from './rbac.ts'

/** Roles with `*`, one fact for verbs and one for resources, each rule in one of them; the API server's own roles are left out. */
export function deriveWildcards(clusters: readonly Rbac[], gaps: readonly Gap[]): Fact[] {
  return clusters.flatMap((rbac) => {
    const administrators = new Set(
      rbac.grants
        .filter((grant) => !isDefault(grant) && grant.subjects.length > 0)
        .filter((grant) => grant.rules.some((rule) => allowsEverything(rule.data)))
        .flatMap((grant) => [grant.binding.data.role ?? '', ...grant.rules.map((rule) => rule.data.role ?? '')]),
    )
    const isBound = boundRoles(rbac, gaps)
    return [...rbac.rules]
      .filter(([role]) => !administrators.has(role))
      .flatMap(([role, rules]) => {
        const own = rules.filter(({ data }) => !data.bootstrapping && (data.resources?.length ?? 0) > 0)
        const resources = own.filter(allowsResources)
        const verbs = own.filter((rule) => allowsVerbs(rule) && !resources.includes(rule))
        const bound = isBound(role)
        return [...wildcardFact('verb', verbs, bound), ...wildcardFact('resource', resources, bound)]
      })
  })
}

/** Every verb on something of which only some are harmless: a status knows no others. */
function allowsVerbs({ data }: RuleFact): boolean {
  return Boolean(
    data.verbs?.includes('*') && data.resources?.some((each) => !/\/(?:status|scale|finalizers)$/.test(each)),
  )
}

const READS = new Set(['get', 'list', 'watch'])

/** Every resource, or a name in every group. Reading all that an extension has is what its own programs do. */
function allowsResources({ data }: RuleFact): boolean {
  if (!data.resources?.includes('*') && !data.apiGroups?.includes('*')) return false
  return Boolean(data.ownGroups) || !data.verbs?.every((verb) => READS.has(verb))
}

/** Whether somebody has a role, by itself or as a part of another one. */
function boundRoles(rbac: Rbac, gaps: readonly Gap[]): (role: string) => boolean | typeof UNKNOWN {
  const bound = new Set(
    rbac.grants
      .filter(({ subjects }) => subjects.length > 0)
      .flatMap(({ binding, rules }) => [binding.data.role, ...rules.map(({ data }) => data.role)]),
  )
  const open = isIncomplete(gaps, [k8sBinding.kind, k8sSubject.kind], rbac.cluster)
  return (role) => bound.has(role) || isForPeople(role, rbac) || (open ? UNKNOWN : false)
}

/** Whether labels add it to a role that every cluster has for people to be bound to. */
function isForPeople(role: string, rbac: Rbac): boolean {
  const labels = (rbac.roles.get(role) ?? []).flatMap(({ data }) => data.labels ?? [])
  return labels.some((label) => /^rbac\.authorization\.k8s\.io\/aggregate-to-.*=true$/.test(label))
}

function wildcardFact(wildcard: string, rules: readonly RuleFact[], bound: boolean | typeof UNKNOWN): Fact[] {
  const [first] = rules
  if (!first) return []
  const { cluster = '', role = '', roleKind = '', source = '' } = first.data
  const included = rules
    .filter(isEverything)
    .flatMap((rule) =>
      privilegesOf(rule.data, roleKind === 'ClusterRole').filter(
        ({ privilege, permissions }) =>
          (privilege !== 'approve-csr' || approvesSigners(rule)) && !isGetAlone(privilege, permissions),
      ),
    )
  const includes = [...new Set(included.map(({ privilege }) => privilege))].sort()
  const summaries = shorten([...new Set(rules.map(({ data }) => data.summary ?? ''))])
  const words = includes.length > 0 ? `${summaries} (that includes ${shorten(includes)})` : summaries
  const ownGroups = rules.some(({ data }) => data.ownGroups)
  return [
    fact(k8sWildcard, first.scope, first.at, {
      cluster,
      role,
      roleKind,
      wildcard,
      rules: words,
      reach: wildcard === 'resource' ? reachOf(rules) : '',
      includes,
      ownGroups,
      bound,
      source,
    }),
  ]
}

/** `every resource of the core group`: the star of one group says nothing of the others. */
function reachOf(rules: readonly RuleFact[]): string {
  if (rules.some(isEverything)) return 'every resource'
  const starred = rules.filter(({ data }) => data.resources?.includes('*'))
  const groups = [...new Set(starred.flatMap(({ data }) => data.apiGroups ?? []))]
  const named = groups.filter((group) => group !== '')
  const of = [
    ...(groups.includes('') ? ['the core group'] : []),
    ...(named.length > 0 ? [`the group${named.length > 1 ? 's' : ''} ${shorten(named)}`] : []),
  ]
  const anywhere = [
    ...new Set(rules.filter((rule) => !starred.includes(rule)).flatMap(({ data }) => data.resources ?? [])),
  ]
  return [
    ...(of.length > 0 ? [`every resource of ${of.join(' and ')}`] : []),
    ...(anywhere.length > 0 ? [`${shorten(anywhere)} of every group`] : []),
  ].join(' and ')
}
