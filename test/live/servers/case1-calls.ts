import type { KubeServer } from './kube.ts'
import type { KubeRequestOptions, KubeResponse } from './kube-request.ts'

/** One of the known calls, and how it ended. */
export interface Case1Call {
  account: string
  method: string
  path: string
  status: number
}

const MERGE_PATCH = 'application/merge-patch+json'
const DEPLOYMENTS = '/apis/apps/v1/namespaces/shop/deployments'
const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd1' },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'example.invalid/c:1' }] } },
  },
}
const EVENT = {
  metadata: { generateName: 'e-', namespace: 'shop' },
  involvedObject: { namespace: 'shop', kind: 'Pod', name: 'web-0' },
  reason: 't',
  message: 't',
  type: 'Normal',
}
const TOKEN_REQUEST = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }

/**
 * Makes the known calls of Kubernetes case 1, whose manifests must have been applied: four service accounts call with real
 * tokens, `ops/idle` never does, and the administrator lists deployments as `shop/ci`. Takes 3 s, most of it the watch.
 */
export async function makeCase1Calls(kube: KubeServer): Promise<Case1Call[]> {
  await waitForBindings(kube)
  const calls: Case1Call[] = []
  const record = async (account: string, method: string, path: string, answer: Promise<KubeResponse>) => {
    calls.push({ account, method, path, status: (await answer).status })
  }
  const as = async (namespace: string, name: string) => {
    const token = await kube.token(namespace, name)
    const call = (method: string, path: string, options: KubeRequestOptions = {}) =>
      record(`${namespace}/${name}`, method, path, kube.request(method, path, { token, ...options }))
    return { token, call }
  }

  const web = (await as('shop', 'web')).call
  await web('GET', '/api/v1/namespaces/shop/configmaps?limit=500')
  await web('GET', '/api/v1/namespaces/shop/configmaps?watch=1&timeoutSeconds=1')
  await web('GET', '/api/v1/namespaces/shop/secrets/web-tls')
  await web('GET', '/api/v1/namespaces/shop/pods/web-0')
  await web('GET', '/api/v1/namespaces/shop/secrets') // denied: it may get two by name, not list
  await web('POST', '/api/v1/namespaces/shop/events', { body: EVENT }) // through the namespace's group
  await web('GET', '/api/v1/namespaces/staging/configmaps') // denied: other namespace

  const ci = (await as('shop', 'ci')).call
  await ci('POST', DEPLOYMENTS, { body: DEPLOYMENT })
  await ci('GET', `${DEPLOYMENTS}/d1`)
  await ci('PATCH', `${DEPLOYMENTS}/d1/scale`, { body: { spec: { replicas: 2 } }, contentType: MERGE_PATCH })
  await ci('GET', '/api/v1/namespaces/shop/services')

  const robot = (await as('ops', 'robot')).call
  await robot('GET', '/api/v1/nodes')
  await robot('GET', '/api/v1/namespaces/shop')
  await robot('GET', '/metrics')
  await robot('GET', '/healthz')
  await robot('GET', '/api/v1/namespaces/ops/pods/probe-0/log') // authorised, but there is no kubelet

  const { token, call: probe } = await as('ops', 'probe')
  await probe('GET', '/api/v1/namespaces/ops/pods/nope') // authorised, but there is no such pod
  const exec = '/api/v1/namespaces/ops/pods/probe-0/exec'
  await record('ops/probe', 'GET', exec, kube.execWebsocket(token, 'ops', 'probe-0', 'id'))
  await probe('POST', '/api/v1/namespaces/ops/serviceaccounts/idle/token', { body: TOKEN_REQUEST })
  await probe('GET', '/api/v1/namespaces/ops/secrets') // denied

  const headers = {
    'Impersonate-User': 'system:serviceaccount:shop:ci',
    'Impersonate-Group': [...groupsOf('shop'), 'system:authenticated'],
  }
  await record('zt-admin as shop/ci', 'GET', DEPLOYMENTS, kube.request('GET', DEPLOYMENTS, { headers }))
  return calls
}

/** One permission of each account: a call made too early would be denied, and the log would say something else. */
async function waitForBindings(kube: KubeServer): Promise<void> {
  const wait = (namespace: string, name: string, access: Parameters<KubeServer['waitForAccess']>[2]) =>
    kube.waitForAccess(`system:serviceaccount:${namespace}:${name}`, groupsOf(namespace), { namespace, ...access })
  await wait('shop', 'web', { verb: 'list', resource: 'configmaps' })
  await wait('shop', 'web', { verb: 'create', resource: 'events' })
  await wait('shop', 'ci', { verb: 'create', resource: 'deployments', group: 'apps' })
  await wait('ops', 'robot', { verb: 'list', resource: 'nodes' })
  await wait('ops', 'probe', { verb: 'get', resource: 'pods' })
}

function groupsOf(namespace: string): string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
}
