import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments, stringify } from 'yaml'
import { requireInstalled } from './installed.ts'
import { type KubeRequestOptions, type KubeResponse, kubeRequest } from './kube-request.ts'
import { freePorts, type RunningProcess, startProcess, temporaryFolder, waitUntil } from './process.ts'

export interface KubeOptions {
  /** Name of the cluster and the context in the kubeconfig; default `live`. */
  clusterName?: string
  /** More or other flags of kube-apiserver, each `--name=value`; the last of a name wins. */
  flags?: string[]
}

/** A kube-apiserver with its etcd: no controllers, no nodes. Objects are stored and authorised, nothing runs. */
export interface KubeServer {
  server: string
  caFile: string
  /** Path of a kubeconfig with the administrator's token. */
  kubeconfig: string
  /** Path of the audit log: JSON lines, Metadata level. */
  auditLog: string
  /** Calls with the administrator's token unless `token` names another; never throws for a status. */
  request(method: string, path: string, options?: KubeRequestOptions): Promise<KubeResponse>
  /** Creates every document of a YAML text, namespaces first; throws if one is refused. */
  apply(manifests: string): Promise<void>
  /** A real token of a service account (TokenRequest, one hour). */
  token(namespace: string, name: string): Promise<string>
  /** Opens `exec` by a websocket upgrade. There is no kubelet: an authorised call ends in a 4xx or 5xx other than 403. */
  execWebsocket(token: string, namespace: string, pod: string, command: string): Promise<KubeResponse>
  /** Waits until a subject may do this. The authoriser sees new bindings some milliseconds after they are stored. */
  waitForAccess(user: string, groups: string[], access: KubeAccess): Promise<void>
  /** Waits until the log holds every call made before, then gives all its events. */
  auditEvents(): Promise<AuditEvent[]>
  stop(): Promise<void>
}

/** `resourceAttributes` of a SubjectAccessReview. */
export interface KubeAccess {
  verb: string
  resource: string
  group?: string
  subresource?: string
  namespace?: string
  name?: string
}

/** What the tests read of an `audit.k8s.io/v1` event. */
export interface AuditEvent {
  auditID: string
  stage: string
  requestURI: string
  verb: string
  user: { username: string; groups?: string[] }
  impersonatedUser?: { username: string; groups?: string[] }
  objectRef?: { resource: string; namespace?: string; name?: string; apiGroup?: string; subresource?: string }
  responseStatus?: { code?: number }
  annotations?: Record<string, string>
}

const ISSUER = 'https://kubernetes.default.svc'
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
}

/** Starts etcd and kube-apiserver on free loopback ports (about 4 s). Throws `NotInstalled`. */
export async function startKube(options: KubeOptions = {}): Promise<KubeServer> {
  const programs = { etcd: requireInstalled('etcd'), apiserver: requireInstalled('kube-apiserver') }
  const folder = temporaryFolder('kube')
  const [etcdPort = 0, peerPort = 0, port = 0] = await freePorts(3)
  const adminToken = randomUUID()
  const files = writeFiles(folder.path, adminToken)
  const server = `https://127.0.0.1:${port}`
  const etcdUrl = `http://127.0.0.1:${etcdPort}`
  const running: RunningProcess[] = []
  const stop = async () => {
    // The API server first: without its etcd it would hang in its shutdown.
    for (const process of running.toReversed()) await process.stop()
    folder.remove()
  }
  try {
    running.push(startProcess(programs.etcd, etcdArgs(folder.path, etcdUrl, `http://127.0.0.1:${peerPort}`)))
    const args = [...apiserverArgs(files, etcdUrl, port), ...(options.flags ?? [])]
    running.push(startProcess(programs.apiserver, args))
    const call = (method: string, path: string, more: KubeRequestOptions = {}) =>
      kubeRequest(server, readFileSync(files.ca), method, path, { token: adminToken, ...more })
    await waitUntil('kube-apiserver', async () => (await call('GET', '/readyz')).status === 200, running)
    writeFileSync(files.kubeconfig, kubeconfig(options.clusterName ?? 'live', server, files.ca, adminToken))
    const { kubeconfig: path, ca: caFile, auditLog } = files
    return { server, caFile, kubeconfig: path, auditLog, request: call, ...actions(call, auditLog), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

type Files = ReturnType<typeof writeFiles>

function writeFiles(folder: string, adminToken: string) {
  const path = (name: string) => join(folder, name)
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const files = {
    folder,
    ca: path('apiserver.crt'), // the API server makes it: its own certificate, and the one that signed it
    kubeconfig: path('kubeconfig'),
    auditLog: path('audit.log'),
    auditPolicy: path('audit-policy.yaml'),
    tokens: path('tokens.csv'),
    privateKey: path('service-account.key'),
    publicKey: path('service-account.pub'),
  }
  writeFileSync(files.auditPolicy, stringify(AUDIT_POLICY))
  writeFileSync(files.tokens, `${adminToken},zt-admin,zt-admin,system:masters\n`, { mode: 0o600 })
  writeFileSync(files.privateKey, keys.privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 })
  writeFileSync(files.publicKey, keys.publicKey.export({ type: 'spki', format: 'pem' }))
  return files
}

function etcdArgs(folder: string, client: string, peer: string): string[] {
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--unsafe-no-fsync', // nothing here outlives the test
    '--log-level=error',
  ]
}

function apiserverArgs(files: Files, etcd: string, port: number): string[] {
  return [
    `--etcd-servers=${etcd}`,
    '--bind-address=127.0.0.1',
    // Nobody calls it. By default it would be that of the default route, and without a network there is none.
    '--advertise-address=192.0.2.1',
    `--secure-port=${port}`,
    `--cert-dir=${files.folder}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--endpoint-reconciler-type=none',
    '--anonymous-auth=false',
    '--authorization-mode=RBAC',
    `--token-auth-file=${files.tokens}`,
    `--service-account-issuer=${ISSUER}`,
    `--service-account-key-file=${files.publicKey}`,
    `--service-account-signing-key-file=${files.privateKey}`,
    // Without a controller manager no namespace has a default service account, and this plugin would refuse every pod.
    '--disable-admission-plugins=ServiceAccount',
    `--audit-policy-file=${files.auditPolicy}`,
    `--audit-log-path=${files.auditLog}`,
  ]
}

function kubeconfig(name: string, server: string, ca: string, token: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority': ca } }],
    users: [{ name: 'zt-admin', user: { token } }],
    contexts: [{ name, context: { cluster: name, user: 'zt-admin' } }],
  })
}

type Call = KubeServer['request']

function actions(call: Call, auditLog: string) {
  return {
    apply: (manifests: string) => apply(call, manifests),
    async token(namespace: string, name: string) {
      const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } }
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`
      const answer = await expectCreated<{ status: { token: string } }>(call, path, body)
      return answer.status.token
    },
    execWebsocket(token: string, namespace: string, pod: string, command: string) {
      const query = new URLSearchParams({ command, stdout: '1' })
      const headers = {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.from(randomUUID().slice(0, 16)).toString('base64'),
        'sec-websocket-protocol': 'v5.channel.k8s.io',
      }
      return call('GET', `/api/v1/namespaces/${namespace}/pods/${pod}/exec?${query}`, { token, headers })
    },
    async waitForAccess(user: string, groups: string[], access: KubeAccess) {
      const body = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user, groups, resourceAttributes: access },
      }
      const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
      const isAllowed = async () =>
        (await expectCreated<{ status: { allowed: boolean } }>(call, path, body)).status.allowed
      await waitUntil(`access of ${user} to ${access.verb} ${access.resource}`, isAllowed, [], 10_000)
    },
    async auditEvents() {
      // An event is written just after its answer went out: wait for a call of our own that came later.
      const marker = `/version?marker=${randomUUID()}`
      await call('GET', marker)
      await waitUntil('audit log', async () => readFileSync(auditLog, 'utf8').includes(marker), [], 10_000)
      const lines = readFileSync(auditLog, 'utf8').split('\n')
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as AuditEvent)
    },
  }
}

interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string }
}

interface ResourceList {
  resources: { name: string; kind: string; namespaced: boolean }[]
}

async function apply(call: Call, manifests: string): Promise<void> {
  const documents = parseAllDocuments(manifests).map((document) => {
    if (document.errors[0]) throw document.errors[0]
    return document.toJS() as Manifest | null
  })
  const objects = documents.filter((object) => object !== null)
  objects.sort((a, b) => Number(b.kind === 'Namespace') - Number(a.kind === 'Namespace'))
  const lists = new Map<string, ResourceList>()
  for (const object of objects) {
    const root = object.apiVersion.includes('/') ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`
    const list = lists.get(root) ?? ((await call('GET', root)).body as ResourceList)
    lists.set(root, list)
    const resource = list.resources?.find(({ kind, name }) => kind === object.kind && !name.includes('/'))
    if (resource === undefined) throw new Error(`no resource for ${object.apiVersion} ${object.kind}`)
    const namespace = resource.namespaced ? `/namespaces/${object.metadata.namespace ?? 'default'}` : ''
    await expectCreated(call, `${root}${namespace}/${resource.name}`, object)
  }
}

async function expectCreated<T>(call: Call, path: string, body: unknown): Promise<T> {
  const answer = await call('POST', path, { body })
  if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body as T
}
