import { resourceScope } from '../../reference/kubernetes-resources.ts'

/** The parts of a role's rule that decide what it allows. */
export interface RuleContent {
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs?: readonly string[]
}

/** Something dangerous that a rule allows, with the permissions that do it. */
export interface Privilege {
  readonly privilege: string
  readonly permissions: readonly string[]
  /** Limited to objects by name. */
  readonly named: boolean
}

/**
 * Opening a connection by a websocket's GET was authorised as `get` alone until 1.35, whose gate
 * AuthorizePodWebsocketUpgradeCreatePermission asks for `create` besides.
 */
export const GET_ALONE =
  'the API server is older than 1.35: from there on get alone opens no pod, create is asked for, too'

/** Permissions to get into pods of which newer API servers take none for enough. */
export function isGetAlone(privilege: string, permissions: readonly string[]): boolean {
  return privilege === 'pod-exec' && permissions.every((permission) => permission.startsWith('get '))
}

interface Definition {
  readonly privilege: string
  readonly group: string
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  /** Reading or writing one's own object by name is what least privilege looks like. */
  readonly ignoreNamed?: boolean
  /** Authorisation asks for it without a namespace, so that a RoleBinding gives nothing. */
  readonly clusterOnly?: boolean
}

const RBAC = 'rbac.authorization.k8s.io'
const WRITE = ['create', 'update', 'patch']
const CHANGE = [...WRITE, 'delete', 'deletecollection']
const PODS = ['pods', 'replicationcontrollers']

/**
 * Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/ (privilege escalation risks) and the API server's
 * authorisation checks.
 */
const DEFINITIONS: readonly Definition[] = [
  { privilege: 'read-secrets', group: '', resources: ['secrets'], verbs: ['get', 'list', 'watch'], ignoreNamed: true },
  { privilege: 'escalate-or-bind', group: RBAC, resources: ['roles', 'clusterroles'], verbs: ['escalate', 'bind'] },
  { privilege: 'impersonate', group: '', resources: ['users', 'groups'], verbs: ['impersonate'], clusterOnly: true },
  { privilege: 'impersonate', group: '', resources: ['serviceaccounts'], verbs: ['impersonate'] },
  {
    privilege: 'nodes-proxy',
    group: '',
    resources: ['nodes/proxy'],
    verbs: ['get', 'create', 'update', 'patch', 'delete'],
  },
  {
    privilege: 'approve-csr',
    group: 'certificates.k8s.io',
    resources: ['certificatesigningrequests/approval'],
    verbs: ['update', 'patch'],
  },
  {
    privilege: 'write-admission',
    group: 'admissionregistration.k8s.io',
    resources: [
      'mutatingwebhookconfigurations',
      'validatingwebhookconfigurations',
      'mutatingadmissionpolicies',
      'mutatingadmissionpolicybindings',
      'validatingadmissionpolicies',
      'validatingadmissionpolicybindings',
    ],
    verbs: CHANGE,
  },
  { privilege: 'write-bindings', group: RBAC, resources: ['rolebindings', 'clusterrolebindings'], verbs: WRITE },
  {
    privilege: 'pod-exec',
    group: '',
    resources: ['pods/exec', 'pods/attach', 'pods/portforward'],
    verbs: ['get', 'create'],
  },
  { privilege: 'pod-exec', group: '', resources: ['pods/ephemeralcontainers'], verbs: ['update', 'patch'] },
  { privilege: 'create-token', group: '', resources: ['serviceaccounts/token'], verbs: ['create'] },
  { privilege: 'write-cluster-infrastructure', group: '', resources: ['nodes', 'persistentvolumes'], verbs: CHANGE },
  {
    privilege: 'write-cluster-infrastructure',
    group: 'apiextensions.k8s.io',
    resources: ['customresourcedefinitions'],
    verbs: CHANGE,
  },
  {
    privilege: 'write-cluster-infrastructure',
    group: 'apiregistration.k8s.io',
    resources: ['apiservices'],
    verbs: CHANGE,
  },
  {
    privilege: 'write-cluster-infrastructure',
    group: 'storage.k8s.io',
    resources: ['csidrivers', 'storageclasses'],
    verbs: CHANGE,
  },
  { privilege: 'write-cluster-infrastructure', group: 'node.k8s.io', resources: ['runtimeclasses'], verbs: CHANGE },
  { privilege: 'create-workload', group: '', resources: PODS, verbs: WRITE },
  {
    privilege: 'create-workload',
    group: 'apps',
    resources: ['deployments', 'daemonsets', 'statefulsets', 'replicasets'],
    verbs: WRITE,
  },
  { privilege: 'create-workload', group: 'batch', resources: ['jobs', 'cronjobs'], verbs: WRITE },
  { privilege: 'delete-namespaces', group: '', resources: ['namespaces'], verbs: ['delete', 'deletecollection'] },
]

/**
 * What of a rule is dangerous. A rule that allows everything is `cluster-admin` and nothing else: the rest is in it. A
 * cluster-wide resource is granted by a ClusterRoleBinding only.
 */
export function privilegesOf(rule: RuleContent, clusterWide: boolean): readonly Privilege[] {
  const { apiGroups, resources, resourceNames, verbs } = rule
  const key = JSON.stringify([apiGroups, resources, resourceNames, verbs, clusterWide])
  const known = judged.get(key)
  if (known) return known
  const privileges = judge(rule, clusterWide)
  if (judged.size >= MOST_JUDGED) judged.clear()
  judged.set(key, privileges)
  return privileges
}

/** A cluster says a few hundred rules thousands of times. */
const judged = new Map<string, readonly Privilege[]>()
const MOST_JUDGED = 10_000

function judge(rule: RuleContent, clusterWide: boolean): Privilege[] {
  if (allowsEverything(rule)) return [{ privilege: 'cluster-admin', permissions: ['* *'], named: false }]
  const found = new Map<string, { permissions: string[]; named: boolean }>()
  for (const definition of DEFINITIONS) {
    const permissions = permissionsIn(rule, definition, clusterWide)
    if (permissions.length === 0) continue
    const known = found.get(definition.privilege)
    if (known) known.permissions.push(...permissions)
    else found.set(definition.privilege, { permissions, named: isNamed(rule) })
  }
  return [...found].map(([privilege, rest]) => ({ privilege, ...rest }))
}

export function allowsEverything(rule: RuleContent): boolean {
  const all = (part: readonly string[] | undefined) => part?.includes('*') ?? false
  return all(rule.apiGroups) && all(rule.resources) && all(rule.verbs) && !isNamed(rule)
}

const isNamed = (rule: RuleContent) => (rule.resourceNames?.length ?? 0) > 0

function permissionsIn(rule: RuleContent, definition: Definition, clusterWide: boolean): string[] {
  if (!rule.apiGroups?.some((group) => group === '*' || group === definition.group)) return []
  if (isNamed(rule) && definition.ignoreNamed) return []
  return definition.resources.flatMap((resource) => {
    if (!clusterWide && (definition.clusterOnly || isClusterWide(definition, resource))) return []
    if (!matchesResource(rule.resources ?? [], resource)) return []
    return definition.verbs
      .filter((verb) => rule.verbs?.some((own) => own === '*' || own === verb))
      .filter((verb) => !isNamed(rule) || canName(verb, resource))
      .map((verb) => `${verb} ${resource}`)
  })
}

/** A namespace is asked for within itself, and `bind` on a ClusterRole in the namespace of the binding. */
function isClusterWide(definition: Definition, resource: string): boolean {
  if (resource === 'namespaces' || definition.privilege === 'escalate-or-bind') return false
  return resourceScope(definition.group, resource.replace(/\/.*/, '')) === 'cluster'
}

/** A rule's resource is exact, `*` for all with their subresources, or `*` + `/sub` for one subresource of all. */
export function matchesResource(own: readonly string[], resource: string): boolean {
  const slash = resource.indexOf('/')
  return own.some((each) => each === '*' || each === resource || (slash > 0 && each === `*${resource.slice(slash)}`))
}

/** Requests that name no object when they are authorised: resourceNames can never allow them. */
function canName(verb: string, resource: string): boolean {
  return verb !== 'deletecollection' && (verb !== 'create' || resource.includes('/'))
}

/** The privileges by which the ClusterRoles that every cluster has for people are judged. */
export const BUILT_IN_PRIVILEGES: ReadonlyMap<string, readonly Privilege[]> = new Map(
  Object.entries({
    'cluster-admin': { 'cluster-admin': '* *' },
    admin: {
      'read-secrets': 'get secrets',
      'pod-exec': 'create pods/exec',
      'create-workload': 'create pods',
      'write-bindings': 'create rolebindings',
    },
    edit: { 'read-secrets': 'get secrets', 'pod-exec': 'create pods/exec', 'create-workload': 'create pods' },
    view: {},
  }).map(([role, privileges]): [string, Privilege[]] => [
    role,
    Object.entries(privileges).map(([privilege, text]) => ({ privilege, permissions: [text], named: false })),
  ]),
)
