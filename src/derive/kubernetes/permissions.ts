import { resourceScope } from '../../reference/kubernetes-resources.ts'
import { privilegesOf } from './privileges.ts'
import type { Grant, RuleFact } from './rbac.ts'

/** One verb on one resource (of one name), or on one path: the smallest part of a grant. Wildcards stay as they are. */
export interface Permission extends Wanted {
  /** GROUP/RESOURCE, core: RESOURCE; or the path. */
  readonly resource: string
  readonly dangerous: boolean
  readonly text: string
  readonly rule: RuleFact
}
/** What a call must be to use a permission. */
export interface Wanted {
  readonly verb: string
  readonly apiGroup: string
  /** RESOURCE or RESOURCE/SUBRESOURCE, or the path. */
  readonly plainResource: string
  readonly resourceName: string
  readonly nonResource: boolean
}

/** The permissions of a binding, each once, in the order of the role. Paths are granted by ClusterRoleBindings only. */
export function permissionsOf({ rules, scope }: Grant): Permission[] {
  const found = new Map<string, Permission>()
  for (const rule of rules) {
    for (const permission of [...ofResources(rule, scope), ...ofPaths(rule, scope)]) {
      const { verb, resource, resourceName, nonResource } = permission
      const key = `${verb} ${resource} ${resourceName} ${nonResource}`
      if (!found.has(key)) found.set(key, permission)
    }
  }
  return [...found.values()]
}

function* ofResources(rule: RuleFact, scope: string): Generator<Permission> {
  const { apiGroups = [], resources = [], resourceNames = [], verbs = [] } = rule.data
  for (const apiGroup of apiGroups) {
    for (const plainResource of resources) {
      if (isNowhere(apiGroup, plainResource, apiGroups)) continue
      for (const verb of verbs) {
        for (const resourceName of resourceNames.length > 0 ? resourceNames : ['']) {
          const resource = apiGroup === '' ? plainResource : `${apiGroup}/${plainResource}`
          yield {
            verb,
            apiGroup,
            plainResource,
            resource,
            resourceName,
            nonResource: false,
            // Most who ask for permissions do not ask for this, and it takes longest.
            get dangerous() {
              return isDangerous(apiGroup, plainResource, verb, resourceName, scope)
            },
            text: `${verb} ${resource}${resourceName && ` named ${resourceName}`}`,
            rule,
          }
        }
      }
    }
  }
}

function* ofPaths(rule: RuleFact, scope: string): Generator<Permission> {
  if (scope !== '*') return
  for (const path of rule.data.nonResourceUrls ?? []) {
    for (const verb of rule.data.verbs ?? []) {
      const common = { verb, apiGroup: '', plainResource: path, resource: path, resourceName: '', nonResource: true }
      yield { ...common, dangerous: false, text: `${verb} ${path}`, rule }
    }
  }
}

/** A rule on groups ["", "apps"] and resources [pods, deployments] speaks of apps/pods, which does not exist. */
function isNowhere(group: string, resource: string, groups: readonly string[]): boolean {
  const base = resource.replace(/\/.*/, '')
  if (groups.length < 2 || base === '*' || group === '*' || resourceScope(group, base)) return false
  const isKnownGroup = resourceScope(group, anyResource(group)) !== undefined
  return isKnownGroup && groups.some((other) => resourceScope(other, base) !== undefined)
}

/** A resource that the group certainly has, if it is one of Kubernetes' own. */
function anyResource(group: string): string {
  const samples: Readonly<Record<string, string>> = {
    '': 'pods',
    apps: 'deployments',
    batch: 'jobs',
    extensions: 'deployments',
  }
  return samples[group] ?? ''
}

/** Alone it would be a finding of another rule, and not of the milder ones. */
function isDangerous(apiGroup: string, resource: string, verb: string, name: string, scope: string): boolean {
  const rule = { apiGroups: [apiGroup], resources: [resource], verbs: [verb], resourceNames: name === '' ? [] : [name] }
  return privilegesOf(rule, scope === '*').some(
    ({ privilege, named }) => !named && (scope === '*' || !MILD_IN_ONE_NAMESPACE.has(privilege)),
  )
}

const MILD_IN_ONE_NAMESPACE = new Set(['read-secrets', 'create-workload'])
