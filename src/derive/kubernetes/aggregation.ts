import { k8sAggregation } from '../../facts/kubernetes-rights.ts'
import { type Fact, fact } from '../../model.ts'
import { shorten } from './held.ts'
import { privilegesOf } from './privileges.ts'
import { labelsOf, type Rbac, type RoleFact, type RuleFact } from './rbac.ts'

/** What the roles for people hold by themselves: an extension that adds the same widens nothing. */
const EDIT = ['read-secrets', 'pod-exec', 'create-workload', 'create-token', 'impersonate']
const OWN_PRIVILEGES: Readonly<Record<string, readonly string[]>> = {
  view: [],
  edit: EDIT,
  admin: [...EDIT, 'write-bindings'],
}
const READS = new Set(['get', 'list', 'watch'])

/** Which ClusterRoles add their rules to which, and what of it is dangerous. */
export function deriveAggregations(clusters: readonly Rbac[]): Fact[] {
  return clusters.flatMap((rbac) => {
    const roles = [...rbac.roles.values()].flat()
    return roles.flatMap((part) => targetsOf(part, rbac).map((target) => aggregationFact(part, target, rbac)))
  })
}

/** By the selectors of the roles that were seen; admin, edit and view also where they were not. */
function targetsOf(part: RoleFact, rbac: Rbac): string[] {
  const own = part.data.role ?? ''
  const selecting = [...rbac.parts].filter(([, parts]) => parts.has(own)).map(([target]) => target)
  const labels = labelsOf(part)
  const labelled = Object.keys(OWN_PRIVILEGES)
    .filter((name) => labels.get(`rbac.authorization.k8s.io/aggregate-to-${name}`) === 'true')
    .map((name) => `ClusterRole ${name}`)
    .filter((target) => !rbac.roles.has(target))
  return [...new Set([...selecting, ...labelled])].sort()
}

function aggregationFact(part: RoleFact, target: string, rbac: Rbac): Fact {
  const { cluster = '', role = '', bootstrapping = false, source = '' } = part.data
  const name = target.replace('ClusterRole ', '')
  const base = OWN_PRIVILEGES[name]
  const rules = rbac.rules.get(role) ?? []
  const added = base ? rules.flatMap((rule) => widening(rule, name, base)) : []
  return fact(k8sAggregation, part.scope, part.at, {
    cluster,
    part: role,
    target,
    targetBuiltIn: base !== undefined,
    privileges: [...new Set(added.map(([privilege]) => privilege))].sort(),
    widening: shorten([...new Set(added.map(([, text]) => text))]),
    bootstrapping,
    source,
  })
}

function widening({ data }: RuleFact, target: string, base: readonly string[]): [privilege: string, text: string][] {
  const dangerous = privilegesOf(data, true)
    .filter(({ privilege }) => !base.includes(privilege))
    .flatMap(({ privilege, permissions }) => permissions.map((text): [string, string] => [privilege, text]))
  const writes = data.verbs?.some((verb) => !READS.has(verb)) && data.ownGroups
  return target === 'view' && writes && dangerous.length === 0 ? [['writes', data.summary ?? '']] : dangerous
}
