import { k8sWildcard } from '../../facts/kubernetes-rights.ts'
import { type Fact, fact } from '../../model.ts'
import { isDefault, isEverything, shorten } from './grants.ts'
import { allowsEverything, privilegesOf } from './privileges.ts'
import type { Rbac, RuleFact } from './rbac.ts'

/** Roles with `*`, one fact for verbs and one for resources; the API server's own roles are left out. */
export function deriveWildcards(clusters: readonly Rbac[]): Fact[] {
  return clusters.flatMap((rbac) => {
    const administrators = new Set(
      rbac.grants
        .filter((grant) => !isDefault(grant) && grant.subjects.length > 0)
        .filter((grant) => grant.rules.some((rule) => allowsEverything(rule.data)))
        .flatMap((grant) => [grant.binding.data.role ?? '', ...grant.rules.map((rule) => rule.data.role ?? '')]),
    )
    return [...rbac.rules]
      .filter(([role]) => !administrators.has(role))
      .flatMap(([, rules]) => {
        const own = rules.filter(({ data }) => !data.bootstrapping && (data.resources?.length ?? 0) > 0)
        return [
          ...wildcardFact(
            'verb',
            own.filter(({ data }) => data.verbs?.includes('*')),
          ),
          ...wildcardFact(
            'resource',
            own.filter(({ data }) => data.resources?.includes('*') || data.apiGroups?.includes('*')),
          ),
        ]
      })
  })
}

function wildcardFact(wildcard: string, rules: readonly RuleFact[]): Fact[] {
  const [first] = rules
  if (!first) return []
  const { cluster = '', role = '', roleKind = '', source = '' } = first.data
  const included = rules.filter(isEverything).flatMap(({ data }) => privilegesOf(data, roleKind === 'ClusterRole'))
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
      includes,
      ownGroups,
      source,
    }),
  ]
}
