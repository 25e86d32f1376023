// Fills a cluster with namespaces, service accounts, roles, bindings and workloads as a platform of many teams grows them: the same
// objects each time. The stars and secrets among them are as rare as there.
import { Agent, request } from 'node:https'

const RBAC = 'rbac.authorization.k8s.io'
const AT_A_TIME = 24

/**
 * Makes it. Accounts are spread over the namespaces; one role in ten is a ClusterRole; one binding in eight is cluster-wide. Resolves to
 * the number of objects made. Rejects if one is refused.
 */
export async function fillCluster(server, objects) {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME, ca: server.ca })
  try {
    // What stands in a namespace needs it; roles that are bound need not be there first.
    for (const wave of [
      objects.filter((each) => each.kind === 'Namespace'),
      objects.filter((each) => each.kind !== 'Namespace'),
    ])
      await inParallel(wave, AT_A_TIME, (object) => post(server, agent, object))
  } finally {
    agent.destroy()
  }
  return objects.length
}

/** The composed objects. */
export function* composeCluster({ namespaces, accounts, roles, bindings, workloads }) {
  const random = seeded(7)
  const space = (i) => `team-${i % namespaces}`
  for (let i = 0; i < namespaces; i++) yield core('Namespace', { name: `team-${i}` })
  for (let i = 0; i < accounts; i++) yield core('ServiceAccount', { name: account(i), namespace: space(i) })
  for (let i = 0; i < roles; i++) {
    const wide = i % 10 === 0
    const rules = Array.from({ length: 2 + Math.floor(random() * 4) }, () => composeRule(random, i))
    const metadata = wide ? { name: `role-${i}` } : { name: `role-${i}`, namespace: space(i) }
    yield { apiVersion: `${RBAC}/v1`, kind: wide ? 'ClusterRole' : 'Role', metadata, rules }
  }
  for (let i = 0; i < bindings; i++) yield composeBinding(i, { namespaces, accounts, roles, space })
  for (let i = 0; i < workloads; i++) yield composeDeployment(i, i % accounts, space(i % accounts))
}

const account = (i) => `app-${i}`

/** Binding i binds role i (or, for one in nine in a namespace, a ClusterRole) to one account, one in twelve to two. */
function composeBinding(i, { namespaces, accounts, roles, space }) {
  const wide = i % 8 === 0
  const role = wide || i % 9 === 0 ? i - (i % 10) : i
  const isClusterRole = role % 10 === 0
  const namespace = isClusterRole ? space(i) : space(role)
  const first =
    (i % namespaces) + namespaces * (Math.floor(i / namespaces) % Math.max(1, Math.floor(accounts / namespaces)))
  const own = [first % accounts, ...(i % 12 === 0 ? [(first + namespaces) % accounts] : [])]
  return {
    apiVersion: `${RBAC}/v1`,
    kind: wide && isClusterRole ? 'ClusterRoleBinding' : 'RoleBinding',
    metadata: { name: `binding-${i}`, ...(!(wide && isClusterRole) && { namespace }) },
    roleRef: { apiGroup: RBAC, kind: isClusterRole ? 'ClusterRole' : 'Role', name: `role-${role % roles}` },
    subjects: own.map((each) => ({ kind: 'ServiceAccount', name: account(each), namespace: space(each) })),
  }
}

const READS = ['get', 'list', 'watch']
const WRITES = ['create', 'update', 'patch', 'delete']
const RESOURCES = [
  ['', ['configmaps', 'services', 'endpoints', 'pods', 'events', 'persistentvolumeclaims']],
  ['apps', ['deployments', 'statefulsets', 'replicasets']],
  ['batch', ['jobs', 'cronjobs']],
  ['networking.k8s.io', ['ingresses', 'networkpolicies']],
  ['coordination.k8s.io', ['leases']],
  ['monitoring.example.com', ['dashboards', 'dashboards/status', 'alerts']],
]

function composeRule(random, i) {
  const chance = random()
  if (chance < 0.03) return rule([''], ['secrets'], ['get'], [`app-${i}-tls`])
  if (chance < 0.045) return rule([''], ['secrets'], READS)
  if (chance < 0.055) return rule([''], ['pods/exec'], ['create'])
  if (chance < 0.06) return rule(['apps'], ['*'], ['*'])
  const [group, resources] = RESOURCES[Math.floor(random() * RESOURCES.length)]
  const chosen = resources.filter(() => random() < 0.5)
  const writes = chance < 0.2 && group !== 'apps' && group !== 'batch' ? WRITES : []
  return rule([group], chosen.length > 0 ? chosen : [resources[0]], [...READS, ...writes])
}

function rule(apiGroups, resources, verbs, resourceNames) {
  return { apiGroups, resources, verbs, ...(resourceNames && { resourceNames }) }
}

function composeDeployment(i, own, namespace) {
  const labels = { app: `deployment-${i}` }
  const spec = { serviceAccountName: account(own), containers: [{ name: 'main', image: 'example.com/main:1' }] }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `deployment-${i}`, namespace },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  }
}

const core = (kind, metadata) => ({ apiVersion: 'v1', kind, metadata })

/** Where each kind is created; what else a manifest holds is left out. */
const PLURALS = {
  Namespace: 'namespaces',
  ServiceAccount: 'serviceaccounts',
  Role: 'roles',
  RoleBinding: 'rolebindings',
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  Job: 'jobs',
  NetworkPolicy: 'networkpolicies',
}

export const isCreated = ({ kind }) => Object.hasOwn(PLURALS, kind)

function post({ url, token }, agent, object) {
  const { apiVersion, kind, metadata } = object
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const within = metadata.namespace ? `/namespaces/${metadata.namespace}` : ''
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const call = request(`${url}${root}${within}/${PLURALS[kind]}`, { method: 'POST', agent, headers }, (answer) => {
      let text = ''
      answer.on('data', (chunk) => {
        text += chunk
      })
      answer.on('end', () => {
        // 409: two sets of manifests declare it, as the namespace of both.
        if (answer.statusCode === 201 || answer.statusCode === 409) resolve()
        else reject(new Error(`${kind} ${metadata.name}: ${answer.statusCode} ${text.slice(0, 500)}`))
      })
    })
    call.on('error', reject)
    call.end(JSON.stringify(object))
  })
}

async function inParallel(items, at, work) {
  const waiting = items[Symbol.iterator]()
  await Promise.all(
    Array.from({ length: at }, async () => {
      for (const item of waiting) await work(item)
    }),
  )
}

/** The same numbers in [0, 1) each time (mulberry32). */
function seeded(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
