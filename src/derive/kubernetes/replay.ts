import { type Calls, matchesRequest } from './calls.ts'
import type { Grant } from './rbac.ts'

/** A rule of a role; a list that is left out is empty. */
export interface PolicyRule {
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs?: readonly string[]
  readonly nonResourceUrls?: readonly string[]
}

/** Rules and where they hold: a namespace, or `*` for the whole cluster. */
export interface HeldRules {
  readonly scope: string
  readonly rules: readonly PolicyRule[]
}

/** One request as the authoriser sees it. */
export interface Request {
  readonly verb: string
  readonly apiGroup: string
  /** RESOURCE or RESOURCE/SUBRESOURCE; a non-resource path begins with /. */
  readonly resource: string
  /** Empty for requests on the whole cluster. */
  readonly namespace: string
  /** Empty if the request names no object. */
  readonly name: string
}

/** The rules of a binding with the scope in which they hold. */
export function heldBy({ scope, rules }: Grant): HeldRules {
  return { scope, rules: rules.map(({ data }) => data) }
}

/** Whether bound rules allow a request. Non-resource paths are granted by ClusterRoleBindings only. */
export function authorizes(held: readonly HeldRules[], request: Request): boolean {
  return held.some(
    ({ scope, rules }) =>
      (scope === '*' || (scope === request.namespace && !request.resource.startsWith('/'))) &&
      rules.some((rule) => ruleAllows(rule, request)),
  )
}

/**
 * Whether one rule allows a request, by the RBAC authoriser's comparison: a resource is not its subresources, `*\/scale` is that
 * subresource of all, of a path only a `*` at the end is a wildcard, and a rule with names allows no request without one. Source:
 * VerbMatches, APIGroupMatches, ResourceMatches, ResourceNameMatches, NonResourceURLMatches of k8s.io/kubernetes/pkg/apis/rbac/v1.
 */
export function ruleAllows(rule: PolicyRule, request: Request): boolean {
  const { apiGroups = [], resources = [], resourceNames = [], verbs = [], nonResourceUrls = [] } = rule
  const nonResource = request.resource.startsWith('/')
  const allows = (apiGroup: string, plainResource: string) =>
    verbs.some((verb) => matchesRequest({ verb, apiGroup, plainResource, nonResource }, request))
  if (nonResource) return nonResourceUrls.some((path) => allows('', path))
  if (resourceNames.length > 0 && !resourceNames.includes(request.name)) return false
  return apiGroups.some((group) => resources.some((resource) => allows(group, resource)))
}

const ON_COLLECTIONS = new Set(['list', 'watch', 'deletecollection'])

/** Whether a request of this kind can come without an object's name: of collections, and a create before there is a name. */
export function mayBeUnnamed(verb: string, resource: string): boolean {
  return ON_COLLECTIONS.has(verb) || (verb === 'create' && !resource.includes('/'))
}

/**
 * The requests that calls of one kind stand for: one for each object named. Lists may come with a name (a field selector) or
 * without; the log's sum does not tell how many did, so that both count.
 */
export function requestsOf({ data }: Calls): Request[] {
  const { verb = '', apiGroup = '', resource = '', namespace = '', names = [], namesComplete } = data
  const same = { verb, apiGroup, resource, namespace }
  const unnamed = names.length === 0 || !namesComplete || mayBeUnnamed(verb, resource)
  return [...(unnamed ? [''] : []), ...names].map((name) => ({ ...same, name }))
}
