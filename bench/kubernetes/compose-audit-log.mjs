// A log of made-up calls as the API server writes them at level Metadata; the same for the same size.
import { once } from 'node:events'
import { closeSync, createWriteStream, openSync, writeSync } from 'node:fs'
import { createGzip } from 'node:zlib'

const ACCOUNTS = 2000
const NAMESPACES = 100
const RESOURCES = [
  ['', 'v1', 'pods'],
  ['', 'v1', 'configmaps'],
  ['', 'v1', 'secrets'],
  ['', 'v1', 'services'],
  ['', 'v1', 'endpoints'],
  ['', 'v1', 'events'],
  ['apps', 'v1', 'deployments'],
  ['apps', 'v1', 'replicasets'],
  ['batch', 'v1', 'jobs'],
  ['coordination.k8s.io', 'v1', 'leases'],
  ['discovery.k8s.io', 'v1', 'endpointslices'],
  ['networking.k8s.io', 'v1', 'ingresses'],
  ['example.com', 'v1alpha1', 'widgets'],
]
const VERBS = ['get', 'get', 'list', 'watch', 'update', 'patch', 'create', 'delete']

/** Pseudo-random whole numbers below `limit`, the same in each run. */
function numbers(seed) {
  let state = seed
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

/** Events without an end, each a text of JSON on one line. */
export function* events() {
  const random = numbers(7)
  const hex = (length) => {
    let text = ''
    while (text.length < length) text += random(2 ** 30).toString(16)
    return text.slice(0, length)
  }
  // Tokens live for an hour: an account shows one for a long time.
  const tokens = Array.from({ length: ACCOUNTS }, () => [hex(32), hex(10), hex(5)])
  for (let i = 0; ; i++) {
    // Few accounts make most of the calls.
    const account = Math.floor((random(ACCOUNTS) * random(1000)) / 1000)
    if (random(2000) === 0) tokens[account] = [hex(32), hex(10), hex(5)]
    yield JSON.stringify(event(i, account, tokens[account], random, hex))
  }
}

function event(i, account, [token, replica, pod], random, hex) {
  const namespace = `team-${account % NAMESPACES}`
  const name = `app-${account}`
  const [apiGroup, apiVersion, resource] = RESOURCES[(account + random(3)) % RESOURCES.length]
  const verb = VERBS[random(VERBS.length)]
  const object = verb === 'list' || verb === 'watch' || verb === 'create' ? '' : `${name}-${random(40)}`
  const denied = random(200) === 0
  const base = apiGroup === '' ? `/api/${apiVersion}` : `/apis/${apiGroup}/${apiVersion}`
  const query = verb === 'watch' ? `?allowWatchBookmarks=true&resourceVersion=${random(10 ** 9)}&watch=true` : ''
  const at = new Date(Date.UTC(2026, 0, 1) + i * 40).toISOString()
  const user = `system:serviceaccount:${namespace}:${name}`
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
    stage: 'ResponseComplete',
    requestURI: `${base}/namespaces/${namespace}/${resource}${object && `/${object}`}${query}`,
    verb,
    user: {
      username: user,
      uid: `6b8aa39b-2c5e-4130-82d7-40d267${String(account).padStart(6, '0')}`,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
      extra: {
        'authentication.kubernetes.io/credential-id': [`JTI=${token}`],
        'authentication.kubernetes.io/node-name': [`ip-10-0-${account % 50}-7.eu-central-1.compute.internal`],
        'authentication.kubernetes.io/pod-name': [`${name}-${replica}-${pod}`],
      },
    },
    sourceIPs: [`10.0.${account % 50}.${account % 250}`],
    userAgent: `${name}/v1.4.${account % 9} (linux/amd64) kubernetes/9edcffc`,
    objectRef: { resource, namespace, ...(object && { name: object }), ...(apiGroup && { apiGroup }), apiVersion },
    responseStatus: { metadata: {}, code: denied ? 403 : 200 },
    requestReceivedTimestamp: at.replace('Z', '000Z'),
    stageTimestamp: at.replace('Z', '731Z'),
    annotations: {
      'authorization.k8s.io/decision': denied ? 'forbid' : 'allow',
      'authorization.k8s.io/reason': denied
        ? ''
        : `RBAC: allowed by RoleBinding "${name}/${namespace}" of Role "${name}" to ServiceAccount "${name}/${namespace}"`,
    },
  }
}

/** Writes `bytes` of events as the API server does; gives their number. */
export function composeNative(file, bytes) {
  return write(file, bytes, '', (text) => `${text}\n`, '')
}

/** The same as `aws logs filter-log-events --output json | jq -c` writes it: one document on one line. */
export function composeEks(file, bytes) {
  const wrap = (text, i) =>
    `${i === 0 ? '' : ','}${JSON.stringify({ logStreamName: 'kube-apiserver-audit-0', timestamp: i, message: text })}`
  return write(file, bytes, '{"events":[', wrap, '],"searchedLogStreams":[]}')
}

function write(file, bytes, head, wrap, tail) {
  const target = openSync(file, 'w')
  let [written, count, pending] = [0, 0, head]
  for (const text of events()) {
    if (written >= bytes) break
    const part = wrap(text, count++)
    written += part.length
    pending += part
    if (pending.length > 1 << 20) {
      writeSync(target, pending)
      pending = ''
    }
  }
  writeSync(target, pending + tail)
  closeSync(target)
  return count
}

/** The same as `composeNative`, packed as a rotated file is. */
export async function composeGzip(file, bytes) {
  const packed = createGzip({ level: 6 })
  const done = once(packed.pipe(createWriteStream(file)), 'close')
  let [written, count, pending] = [0, 0, '']
  for (const text of events()) {
    if (written >= bytes) break
    written += text.length + 1
    count++
    pending += `${text}\n`
    if (pending.length > 1 << 20) {
      if (!packed.write(pending)) await once(packed, 'drain')
      pending = ''
    }
  }
  packed.end(pending)
  await done
  return count
}

/** The first accounts of the log, each with a role of its own that allows three of the resources, as `kubectl get -o json` prints them. */
export function composeDump(accounts) {
  const items = []
  for (let account = 0; account < accounts; account++) {
    const metadata = { name: `app-${account}`, namespace: `team-${account % NAMESPACES}` }
    const own = [0, 1, 2].map((i) => RESOURCES[(account + i) % RESOURCES.length])
    const rules = own.map(([apiGroup, , resource]) => ({
      apiGroups: [apiGroup],
      resources: [resource],
      verbs: ['get', 'list', 'watch', 'update', 'patch', 'create', 'delete', 'deletecollection'],
    }))
    const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata }
    items.push({ apiVersion: 'v1', kind: 'ServiceAccount', metadata }, { ...rbac, kind: 'Role', rules })
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name }
    items.push({ ...rbac, kind: 'RoleBinding', roleRef, subjects: [{ kind: 'ServiceAccount', ...metadata }] })
  }
  return { apiVersion: 'v1', kind: 'List', items }
}
