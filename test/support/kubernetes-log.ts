import { type ClusterSuggestions, suggestRoles } from '../../src/derive/kubernetes/suggest.ts'
import type { Gap } from '../../src/model.ts'
import { CallCounter } from '../../src/scanners/kubernetes/calls.ts'
import { kubernetesScanner } from '../../src/scanners/kubernetes/index.ts'
import { collect, memoryTree } from './context.ts'
import { deriveKubernetes, type KubernetesResult } from './kubernetes.ts'

/** A call that was allowed, as a test names it; the user is a service account NAMESPACE/NAME, or a name without a slash. */
export interface LoggedCall {
  readonly user: string
  readonly verb: string
  /** RESOURCE or RESOURCE/SUBRESOURCE; without one, `url` is the path. */
  readonly resource?: string | undefined
  readonly group?: string | undefined
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly url?: string | undefined
  readonly code?: number | undefined
  readonly denied?: boolean | undefined
  /** What RBAC says allowed it: `RoleBinding "web/shop" of Role "web" to ServiceAccount "web/shop"`. */
  readonly because?: string | undefined
  /** Who makes the call in the user's name. */
  readonly by?: string | undefined
}

/** Calls of somebody who is not judged, so that the log covers everything: health checks and events are logged, too. */
export const COVERS_ALL: readonly LoggedCall[] = [
  { user: 'admin', verb: 'get', url: '/healthz' },
  { user: 'admin', verb: 'create', resource: 'events', namespace: 'default' },
  { user: 'admin', verb: 'list', resource: 'pods' },
]

/** An audit.k8s.io/v1 event at Metadata level. */
export function auditEvent({
  user,
  verb,
  resource,
  group,
  namespace,
  name,
  url,
  code = 200,
  denied,
  because,
  by,
}: LoggedCall) {
  const [plain, subresource] = (resource ?? '').split('/')
  const username = user.includes('/') ? `system:serviceaccount:${user.replace('/', ':')}` : user
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    stage: 'ResponseComplete',
    verb,
    requestURI: url ?? '/api/v1/things',
    user: { username: by ?? username, groups: [] },
    ...(by && { impersonatedUser: { username, groups: [] } }),
    ...(resource && { objectRef: { resource: plain, subresource, name, namespace, apiGroup: group } }),
    responseStatus: { code: denied ? 403 : code },
    requestReceivedTimestamp: '2026-01-01T00:00:00Z',
    annotations: {
      'authorization.k8s.io/decision': denied ? 'forbid' : 'allow',
      ...(because && { 'authorization.k8s.io/reason': `RBAC: allowed by ${because}` }),
    },
  }
}

/** Manifests and a log, as far as a run comes before its rules. */
export async function auditLogged(
  manifests: string,
  calls: readonly LoggedCall[],
  gaps: readonly Gap[] = [],
): Promise<KubernetesResult> {
  const objects = await collect(kubernetesScanner, { trees: [memoryTree({ 'a.yaml': manifests })] })
  const counter = new CallCounter()
  for (const call of calls) counter.add(auditEvent(call))
  return deriveKubernetes([...objects.facts, ...counter.facts('-', ['audit.log'])], [...objects.gaps, ...gaps])
}

/** What is suggested for manifests and a log. */
export async function suggestFor(
  manifests: string,
  calls: readonly LoggedCall[],
  gaps: readonly Gap[] = [],
): Promise<ClusterSuggestions> {
  const { facts, gaps: found } = await auditLogged(manifests, calls, gaps)
  const [suggestions] = suggestRoles(facts, found)
  if (!suggestions) throw new Error('nothing is suggested without a log')
  return suggestions
}

const API = 'apiVersion: rbac.authorization.k8s.io/v1'

/** A service account NAMESPACE/NAME. */
export function account(path: string): string {
  const [namespace, name] = path.split('/')
  return `apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: ${name}, namespace: ${namespace}}\n---\n`
}

/** A Role (`namespace/name`) or ClusterRole (`name`) with rules in YAML's flow form. */
export function role(path: string, ...rules: readonly string[]): string {
  return `${API}\nkind: ${path.includes('/') ? 'Role' : 'ClusterRole'}\nmetadata: ${metadata(path)}\nrules:\n${rules.map((each) => `- ${each}\n`).join('')}---\n`
}

/** A binding of the same form to a role's name; a subject is `NAMESPACE/NAME` of an account, or `Group NAME` or `User NAME`. */
export function bind(path: string, roleName: string, ...subjects: readonly string[]): string {
  const kind = path.includes('/') ? 'RoleBinding' : 'ClusterRoleBinding'
  const [own, base] =
    path.includes('/') && roleName.includes('/') ? ['Role', roleName.split('/')[1]] : ['ClusterRole', roleName]
  return `${API}\nkind: ${kind}\nmetadata: ${metadata(path)}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ${own}, name: ${base}}\nsubjects:\n${subjects.map((each) => `- ${subject(each)}\n`).join('')}---\n`
}

/** `rule('get, list', 'pods')`, `rule('get', 'apps/deployments', 'web')`. */
export function rule(verbs: string, resource: string, names = ''): string {
  const [plain = '', group = ''] = resource.split('|').reverse()
  return `{apiGroups: ["${group}"], resources: ["${plain}"], verbs: [${verbs}]${names && `, resourceNames: [${names}]`}}`
}

function metadata(path: string): string {
  const [name = '', namespace] = path.split('/').reverse()
  return `{name: ${name}${namespace === undefined ? '' : `, namespace: ${namespace}`}}`
}

function subject(text: string): string {
  const [kind, name] = text.split(' ')
  if (name !== undefined) return `{kind: ${kind}, apiGroup: rbac.authorization.k8s.io, name: "${name}"}`
  const [namespace, account] = text.split('/')
  return `{kind: ServiceAccount, name: ${account}, namespace: ${namespace}}`
}
