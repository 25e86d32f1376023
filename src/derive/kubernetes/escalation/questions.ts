/** A right that a way asks for. The same object each time: answers are remembered by it. */
export interface Question {
  /** Any of them will do. */
  readonly verbs: readonly string[]
  readonly group: string
  readonly resource: string
  /** Authorisation asks for it without a namespace, so that a RoleBinding gives nothing. */
  readonly clusterOnly?: boolean
}

const RBAC = 'rbac.authorization.k8s.io'
const ADMISSION = 'admissionregistration.k8s.io'
const CERTIFICATES = 'certificates.k8s.io'
const CHANGE = ['update', 'patch']
const WRITE = ['create', ...CHANGE]
const made: Question[] = []
/** Every question there is. */
export const ALL: readonly Question[] = made

function ask(verbs: readonly string[], group: string, resource: string, clusterOnly = false): Question {
  const question = { verbs, group, resource, clusterOnly }
  made.push(question)
  return question
}

const askCluster = (verbs: readonly string[], group: string, resource: string) => ask(verbs, group, resource, true)

/** What makes pods, with its kind: whoever writes one names the account that its pods run as. */
const POD_MAKERS: readonly (readonly [kind: string, group: string, resource: string])[] = [
  ['ReplicationController', '', 'replicationcontrollers'],
  ['Deployment', 'apps', 'deployments'],
  ['DaemonSet', 'apps', 'daemonsets'],
  ['StatefulSet', 'apps', 'statefulsets'],
  ['ReplicaSet', 'apps', 'replicasets'],
  ['Job', 'batch', 'jobs'],
  ['CronJob', 'batch', 'cronjobs'],
]

/** Resources of widespread extensions whose controllers make pods that run as the account the resource names. */
const EXTENSION_POD_MAKERS: readonly (readonly [group: string, resource: string])[] = [
  ['argoproj.io', 'workflows'],
  ['argoproj.io', 'cronworkflows'],
  ['argoproj.io', 'rollouts'],
  ['tekton.dev', 'taskruns'],
  ['tekton.dev', 'pipelineruns'],
  ['serving.knative.dev', 'services'],
  ['sparkoperator.k8s.io', 'sparkapplications'],
  ['kubeflow.org', 'notebooks'],
]

export const CREATE_PODS: readonly Question[] = [
  ask(['create'], '', 'pods'),
  ...POD_MAKERS.map(([, group, resource]) => ask(['create'], group, resource)),
]
export const CREATE_EXTENSIONS: readonly Question[] = EXTENSION_POD_MAKERS.map(([group, resource]) =>
  ask(['create'], group, resource),
)
/** The template of what exists can be changed, and the account that it names with it. */
export const CHANGE_PODS: readonly { readonly kind: string; readonly question: Question }[] = POD_MAKERS.filter(
  // The template of a Job cannot be changed, and a ReplicaSet's makes pods only for new ones: which come.
  ([kind]) => kind !== 'Job',
).map(([kind, group, resource]) => ({ kind, question: ask(CHANGE, group, resource) }))
/** Of a pod that runs the account stays what it is, but the image can be changed. */
export const CHANGE_RUNNING = ask(CHANGE, '', 'pods')
export const EXEC: readonly Question[] = [
  ask(['create', 'get'], '', 'pods/exec'),
  ask(['create', 'get'], '', 'pods/attach'),
  ask(CHANGE, '', 'pods/ephemeralcontainers'),
]
export const CREATE_TOKEN = ask(['create'], '', 'serviceaccounts/token')
export const READ_SECRETS = ask(['get', 'list', 'watch'], '', 'secrets')
export const CREATE_SECRETS = ask(['create'], '', 'secrets')
export const IMPERSONATE_ACCOUNTS = ask(['impersonate'], '', 'serviceaccounts')
export const IMPERSONATE_USERS = askCluster(['impersonate'], '', 'users')
export const IMPERSONATE_GROUPS = askCluster(['impersonate'], '', 'groups')
export const NODES_PROXY = askCluster(['create', 'get'], '', 'nodes/proxy')
export const CREATE_VOLUMES = askCluster(['create'], '', 'persistentvolumes')
export const CREATE_CLAIMS = ask(['create'], '', 'persistentvolumeclaims')
export const WRITE_CLUSTER_BINDINGS = askCluster(WRITE, RBAC, 'clusterrolebindings')
export const WRITE_BINDINGS = ask(WRITE, RBAC, 'rolebindings')
export const BIND_CLUSTER_ROLES = ask(['bind'], RBAC, 'clusterroles')
export const ESCALATE_CLUSTER_ROLES = askCluster(['escalate'], RBAC, 'clusterroles')
export const CHANGE_CLUSTER_ROLES = askCluster(CHANGE, RBAC, 'clusterroles')
export const ESCALATE_ROLES = ask(['escalate'], RBAC, 'roles')
export const CHANGE_ROLES = ask(CHANGE, RBAC, 'roles')
export const CHANGE_ADMISSION: readonly Question[] = [
  askCluster(WRITE, ADMISSION, 'mutatingwebhookconfigurations'),
  askCluster(WRITE, ADMISSION, 'mutatingadmissionpolicies'),
]
export const CREATE_CSR = askCluster(['create'], CERTIFICATES, 'certificatesigningrequests')
export const APPROVE_CSR = askCluster(CHANGE, CERTIFICATES, 'certificatesigningrequests/approval')
export const APPROVE_SIGNERS = askCluster(['approve'], CERTIFICATES, 'signers')
