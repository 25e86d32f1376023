/** Calls that an audit policy leaves out as frequent and harmless. */
interface LeftOut {
  readonly users: readonly string[]
  readonly verbs: readonly string[]
  readonly apiGroup: string
  /** Without subresources, which are left out with them. */
  readonly resources: readonly string[]
}

const CONTROLLER_MANAGERS = ['system:kube-controller-manager', 'system:cloud-controller-manager']

/**
 * What the policy leaves out that Kubernetes' own set-up script writes; those of GKE and EKS are made of it, and so are many that people
 * write. Health checks and events are left out, too: of these the log itself tells.
 * Source: cluster/gce/gci/configure-helper.sh in kubernetes/kubernetes; https://cloud.google.com/kubernetes-engine/docs/concepts/audit-policy
 */
const LEFT_OUT: readonly LeftOut[] = [
  { users: ['system:kube-proxy'], verbs: ['watch'], apiGroup: '', resources: ['endpoints', 'services'] },
  { users: ['system:unsecured'], verbs: ['get'], apiGroup: '', resources: ['configmaps'] },
  { users: ['kubelet', 'system:node:*'], verbs: ['get'], apiGroup: '', resources: ['nodes'] },
  {
    users: [...CONTROLLER_MANAGERS, 'system:kube-scheduler', 'system:serviceaccount:kube-system:endpoint-controller'],
    verbs: ['get', 'update'],
    apiGroup: '',
    resources: ['endpoints'],
  },
  { users: ['system:apiserver'], verbs: ['get'], apiGroup: '', resources: ['namespaces'] },
  { users: ['cluster-autoscaler'], verbs: ['get', 'update'], apiGroup: '', resources: ['configmaps', 'endpoints'] },
  { users: CONTROLLER_MANAGERS, verbs: ['get', 'list'], apiGroup: 'metrics.k8s.io', resources: ['*'] },
]

/** Whether policies usually leave out such calls of a user. `*` as verb, group or resource stands for all. */
export function isUsuallyLeftOut(user: string, verb: string, apiGroup: string, resource: string): boolean {
  return LEFT_OUT.some(
    (rule) =>
      rule.users.some((each) => (each.endsWith('*') ? user.startsWith(each.slice(0, -1)) : each === user)) &&
      (verb === '*' || rule.verbs.includes(verb)) &&
      (apiGroup === '*' || apiGroup === rule.apiGroup) &&
      (resource === '*' || rule.resources.includes('*') || rule.resources.includes(resource)),
  )
}

const CONTROL_PLANE = /^(?:system:(?!serviceaccount:|anonymous$)|kubelet$|kube-|cluster-autoscaler$)/
const SYSTEM_ACCOUNTS = 'system:serviceaccount:kube-system:'

/**
 * Of a user that policies leave out as a whole, what callers' names begin with of which a log must hold one, before it proves anything
 * of the user; undefined for all others. Nodes and parts of the control plane stand for themselves, the accounts of kube-system for
 * one another.
 */
export function provenBy(user: string): string | undefined {
  if (user.startsWith(SYSTEM_ACCOUNTS)) return SYSTEM_ACCOUNTS
  if (user.startsWith('system:node:')) return 'system:node:'
  return CONTROL_PLANE.test(user) ? user : undefined
}
