import { k8sIneffectiveNames } from '../../facts/kubernetes-rights.ts'
import { type Fact, fact } from '../../model.ts'
import { shorten } from './held.ts'
import { matchesResource } from './privileges.ts'
import type { Rbac, RuleFact } from './rbac.ts'

/** Verbs whose requests name no object when they are authorised; list and watch can, by a field selector. */
const NAMELESS = ['create', 'deletecollection']

/** Rules that limit by name what cannot be limited so, unless the role grants it without names, too. */
export function deriveIneffectiveNames(clusters: readonly Rbac[]): Fact[] {
  return clusters.flatMap(({ rules }) =>
    [...rules.values()].flatMap((own) =>
      own.flatMap((rule) => {
        const lost = ineffective(rule, own)
        const { cluster = '', role = '', hash = '', resourceNames = [], source = '' } = rule.data
        if (lost.length === 0 || rule.data.bootstrapping) return []
        const data = { cluster, role, hash, permissions: shorten(lost), names: shorten(resourceNames), source }
        return [fact(k8sIneffectiveNames, rule.scope, rule.at, data)]
      }),
    ),
  )
}

function ineffective({ data }: RuleFact, all: readonly RuleFact[]): string[] {
  if ((data.resourceNames?.length ?? 0) === 0) return []
  const verbs = NAMELESS.filter((verb) => data.verbs?.includes(verb))
  // Making a subresource names the object that it belongs to.
  const resources = (data.resources ?? []).filter((resource) => !resource.includes('/'))
  return resources.flatMap((resource) =>
    verbs
      .filter((verb) => !all.some((other) => grantsUnnamed(other, verb, resource, data.apiGroups ?? [])))
      .map((verb) => `${verb} ${resource}`),
  )
}

function grantsUnnamed({ data }: RuleFact, verb: string, resource: string, groups: readonly string[]): boolean {
  return (
    data.resourceNames?.length === 0 &&
    (data.verbs?.some((own) => own === verb || own === '*') ?? false) &&
    matchesResource(data.resources ?? [], resource) &&
    groups.every((group) => data.apiGroups?.includes(group) || data.apiGroups?.includes('*'))
  )
}
