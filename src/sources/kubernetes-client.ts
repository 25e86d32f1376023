import { existsSync, realpathSync } from 'node:fs'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { homedir } from 'node:os'
import { delimiter, join, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeConfig } from '@kubernetes/client-node'
import { ScanError } from '../errors.ts'
import type { KubernetesTarget } from '../model.ts'
import { ApiFailure } from './api-failure.ts'
import { proxyFor } from './proxy.ts'

export interface ConnectOptions {
  /** Roots of the audited trees: no kubeconfig is taken from there unless it is named. */
  readonly roots: readonly string[]
  readonly signal: AbortSignal
  /** Of one call, milliseconds. */
  readonly timeoutMs: number
}

export interface ListOptions {
  readonly fieldSelector?: string
  /** Ask for names, labels and annotations only. A server that cannot refuses; it never sends the whole objects instead. */
  readonly metadataOnly?: boolean
}

/** Reads lists from one cluster. */
export interface KubernetesClient {
  /** The cluster's name in kubeconfig. */
  readonly cluster: string
  /** Address of its API server. */
  readonly server: string
  /** Whether it is a cluster of Amazon EKS, by its name, address or the program that signs in. */
  readonly isEks: boolean
  /** The items of a list, page by page. Throws {@link ApiFailure}. */
  list(path: string, options?: ListOptions): AsyncGenerator<Readonly<Record<string, unknown>>>
  /** GROUP/VERSION of every API group that is served, which everybody who is authenticated may ask. Throws {@link ApiFailure}. */
  served(): Promise<ReadonlySet<string>>
  /** Plurals of what is served in a GROUP/VERSION, which may be asked likewise. Throws {@link ApiFailure}. */
  resources(groupVersion: string): Promise<ReadonlySet<string>>
  /** Whether this client may do something in all namespaces, by the cluster's own word. Throws {@link ApiFailure}. */
  mayI(access: Access): Promise<boolean>
  /** Breaks off the calls that are under way, and refuses later ones. */
  close(): void
}

/** What is asked of an access review. */
export interface Access {
  readonly verb: string
  /** Empty for the core group. */
  readonly group: string
  readonly resource: string
}

const PAGE = 500
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'

/** Prepares a client from kubeconfig; makes no call yet. Throws ScanError if there is no usable configuration. */
export async function connect(target: KubernetesTarget, options: ConnectOptions): Promise<KubernetesClient> {
  const config = await loadConfig(target, options.roots)
  const cluster = currentCluster(config)
  useProxy(config, proxyFor(cluster.server, process.env))
  const credentials = remembered(() => readCredentials(config))
  const closed = new AbortController()
  const signal = AbortSignal.any([options.signal, closed.signal])
  const call: Call = async (path, accept, body) => {
    const { headers, ...rest } = await credentials()
    const prepared: RequestOptions = { ...rest, headers: { ...headers, accept }, signal }
    return callWithRetries(`${cluster.server.replace(/\/$/, '')}${path}`, prepared, { ...options, signal }, body)
  }
  return {
    cluster: cluster.name,
    server: cluster.server,
    isEks: isEks(cluster.name, cluster.server, config.getCurrentUser()?.exec?.command),
    list: (path, listOptions = {}) => listPages(call, path, listOptions),
    served: () => servedVersions(call),
    resources: (groupVersion) => servedResources(call, groupVersion),
    mayI: (access) => reviewAccess(call, access),
    close: () => closed.abort(),
  }
}

function isEks(name: string, server: string, program: unknown): boolean {
  if (/^arn:[\w-]+:eks:|\.eksctl\.io$/.test(name)) return true
  if (/\.eks\.amazonaws\.com(?:\.cn)?(?::\d+)?\/?$/.test(server)) return true
  return typeof program === 'string' && /(?:^|[\\/])(?:aws|aws-iam-authenticator)(?:\.exe)?$/.test(program)
}

/** The cluster's name in kubeconfig, without a call. Throws ScanError if there is no usable configuration. */
export async function clusterNameOf(target: KubernetesTarget, roots: readonly string[]): Promise<string> {
  return currentCluster(await loadConfig(target, roots)).name
}

function currentCluster(config: KubeConfig) {
  const cluster = config.getCurrentCluster()
  if (!cluster) throw new ScanError(`kubeconfig: the context '${config.getCurrentContext()}' names no known cluster`)
  return cluster
}

/** What is sent with each call, but `accept`. */
interface Credentials extends RequestOptions {
  headers: Record<string, string>
}

/** Runs the exec plugin or reads the token file that kubeconfig names. Throws {@link ApiFailure}. */
async function readCredentials(config: KubeConfig): Promise<Credentials> {
  const credentials: Credentials = { headers: {} }
  try {
    await config.applyToHTTPSOptions(credentials)
  } catch (error) {
    throw new ApiFailure(`credentials of kubeconfig: ${(error as Error).message}`, undefined, error)
  }
  // Else each call has a handshake of its own.
  if (credentials.agent instanceof Agent) Object.assign(credentials.agent, { keepAlive: true })
  return credentials
}

/** Tokens are renewed long before they expire; a plugin that asks people to log in must not do so for each call. */
const FRESH_MS = 60_000

function remembered<T>(read: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly result: Promise<T> } | undefined
  return () => {
    if (!last || performance.now() - last.at > FRESH_MS) last = { at: performance.now(), result: read() }
    return last.result
  }
}

/** A GET, or with a body a POST. */
type Call = (path: string, accept: string, body?: string) => Promise<unknown>

/** The only POST: a review is answered and not stored, and everybody who is authenticated may ask what he may. */
async function reviewAccess(call: Call, access: Access): Promise<boolean> {
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
  const spec = { resourceAttributes: access }
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec }
  const answer = (await call(path, 'application/json', JSON.stringify(review))) as {
    status?: { allowed?: unknown }
  } | null
  if (typeof answer?.status?.allowed !== 'boolean') throw new ApiFailure(`${path}: the answer is no review`, 200)
  return answer.status.allowed
}

async function servedVersions(get: Call): Promise<Set<string>> {
  const answer = (await get('/apis', 'application/json')) as {
    groups?: { versions?: { groupVersion?: unknown }[] }[]
  } | null
  if (!Array.isArray(answer?.groups)) throw new ApiFailure('/apis: the answer is no list of groups', 200)
  return new Set(answer.groups.flatMap((group) => (group.versions ?? []).map((each) => String(each.groupVersion))))
}

async function servedResources(get: Call, groupVersion: string): Promise<Set<string>> {
  const path = `/apis/${groupVersion}`
  const answer = (await get(path, 'application/json')) as { resources?: { name?: unknown }[] } | null
  if (!Array.isArray(answer?.resources)) throw new ApiFailure(`${path}: the answer is no list of resources`, 200)
  return new Set(answer.resources.map(({ name }) => String(name)))
}

async function* listPages(get: Call, path: string, { fieldSelector, metadataOnly }: ListOptions) {
  const query = new URLSearchParams({ limit: String(PAGE), ...(fieldSelector && { fieldSelector }) })
  for (;;) {
    const page = (await get(`${path}?${query}`, metadataOnly ? METADATA_LIST : 'application/json')) as {
      kind?: unknown
      items?: unknown
      metadata?: { continue?: string }
    } | null
    // An empty list of metadata has null for items.
    const items = page?.items ?? (String(page?.kind).endsWith('List') ? [] : undefined)
    if (!Array.isArray(items)) throw new ApiFailure(`${path}: the answer is no list`, 200)
    yield* items as Readonly<Record<string, unknown>>[]
    const next = page?.metadata?.continue
    if (!next) return
    query.set('continue', next)
  }
}

const ATTEMPTS = 4
const LONGEST_WAIT_MS = 10_000

/** 429, 5xx and broken connections are tried again; no answer in time is not, since it would use up the time of the rest. */
async function callWithRetries(
  url: string,
  prepared: RequestOptions,
  options: ConnectOptions,
  body?: string,
): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    const result = await callOnce(url, prepared, options.timeoutMs, body)
    if ('value' in result) return result.value
    const { failure, retryAfterMs, retriable } = result
    options.signal.throwIfAborted()
    if (!retriable || attempt === ATTEMPTS) throw failure
    const waitMs = Math.min(retryAfterMs ?? 250 * 2 ** (attempt - 1), LONGEST_WAIT_MS)
    await sleep(waitMs, undefined, { signal: options.signal })
  }
}

type Result =
  | { readonly value: unknown }
  | { readonly failure: ApiFailure; readonly retriable: boolean; readonly retryAfterMs?: number }

/** client-node's own calls know no page size, header or retry for lists; only its credentials are used. */
function callOnce(url: string, prepared: RequestOptions, timeoutMs: number, body?: string): Promise<Result> {
  return new Promise((resolve) => {
    const fail = (failure: ApiFailure, retriable: boolean) => resolve({ failure, retriable })
    try {
      // `kubectl proxy` speaks http; client-node refuses that unless kubeconfig says insecure-skip-tls-verify.
      const request = url.startsWith('http:') ? httpRequest : httpsRequest
      const headers = { ...prepared.headers, ...(body && { 'content-type': 'application/json' }) }
      const call = request(url, { ...prepared, headers, method: body ? 'POST' : 'GET' })
      const timer = setTimeout(() => {
        const failure = new ApiFailure(`no answer in ${timeoutMs / 1000} s`)
        failure.timedOut = true
        fail(failure, false)
        call.destroy()
      }, timeoutMs)
      call.on('close', () => clearTimeout(timer))
      call.on('response', (response) => {
        readBody(response).then(
          (answer) => resolve(judge(response, answer)),
          (error: Error) => fail(new ApiFailure(`the answer broke off: ${error.message}`, undefined, error), true),
        )
      })
      call.on('error', (error: NodeJS.ErrnoException) =>
        fail(new ApiFailure(error.message, undefined, error), error.code === 'ECONNRESET'),
      )
      call.end(body)
    } catch (error) {
      fail(new ApiFailure((error as Error).message, undefined, error), false)
    }
  })
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  if (!response.complete) throw new Error('connection closed')
  return Buffer.concat(chunks).toString('utf8')
}

function judge(response: IncomingMessage, body: string): Result {
  const status = response.statusCode ?? 0
  if (status !== 200 && status !== 201) {
    const retriable = status === 429 || status >= 500
    const seconds = Number(response.headers['retry-after'])
    const wait = Number.isFinite(seconds) && response.headers['retry-after'] ? { retryAfterMs: seconds * 1000 } : {}
    return { failure: new ApiFailure(`${status} ${statusMessage(body)}`.trim(), status), retriable, ...wait }
  }
  try {
    return { value: JSON.parse(body) }
  } catch {
    // The parser's message would quote the body.
    return { failure: new ApiFailure('the answer is not JSON', status), retriable: false }
  }
}

/** The API's own words; nothing of a proxy's HTML page. */
function statusMessage(body: string): string {
  try {
    const { kind, message } = JSON.parse(body) as { kind?: unknown; message?: unknown }
    return kind === 'Status' && typeof message === 'string' ? message.slice(0, 300) : ''
  } catch {
    return ''
  }
}

/** By the option, else KUBECONFIG, else ~/.kube/config, else the pod's own account. */
async function loadConfig(target: KubernetesTarget, roots: readonly string[]): Promise<KubeConfig> {
  // One of its dependencies uses punycode, which Node warns of on stderr.
  process.noDeprecation = true
  const { createKubeConfig } = await import('./kubeconfig.ts')
  const config = createKubeConfig()
  const files = target.kubeconfig ? [target.kubeconfig] : defaultFiles()
  if (!target.kubeconfig) for (const file of files) refuseFromTree(file, roots)
  try {
    for (const file of files) {
      const next = createKubeConfig()
      next.loadFromFile(file)
      merge(config, next)
    }
    if (files.length === 0 && process.env.KUBERNETES_SERVICE_HOST) config.loadFromCluster()
  } catch (error) {
    // YAML errors quote the file, which holds credentials.
    const { code, name } = error as NodeJS.ErrnoException
    const what = files.length > 0 ? `kubeconfig ${files.join(delimiter)}` : "the pod's own service account"
    throw new ScanError(`cannot read ${what}: ${code ?? name}`)
  }
  if (config.getClusters().length === 0) {
    throw new ScanError('no kubeconfig: pass --kubeconfig FILE, or set KUBECONFIG')
  }
  if (target.context !== undefined) {
    if (!config.getContextObject(target.context)) {
      const known = config.getContexts().map((context) => context.name)
      throw new ScanError(`kubeconfig has no context '${target.context}' (it has ${known.join(', ')})`)
    }
    config.setCurrentContext(target.context)
  }
  return config
}

/** client-node knows only the `proxy-url` of kubeconfig, which goes first. */
function useProxy(config: KubeConfig, proxyUrl: string | undefined): void {
  const { name } = currentCluster(config)
  if (!proxyUrl) return
  config.loadFromOptions({
    clusters: config
      .getClusters()
      .map((each) => (each.name === name ? { ...each, proxyUrl: each.proxyUrl ?? proxyUrl } : each)),
    contexts: config.getContexts(),
    users: config.getUsers(),
    currentContext: config.getCurrentContext(),
  })
}

function defaultFiles(): string[] {
  const named = process.env.KUBECONFIG
  if (named) return named.split(delimiter).filter((file) => file !== '' && existsSync(file))
  const file = join(homedir(), '.kube', 'config')
  return existsSync(file) ? [file] : []
}

/** A kubeconfig can name programs to run; one that came with the audited tree must not. */
function refuseFromTree(file: string, roots: readonly string[]): void {
  const real = realpathSync(file)
  const root = roots.find((folder) => real.startsWith(folder + sep))
  if (root !== undefined) {
    throw new ScanError(
      `kubeconfig ${file} lies in the audited tree and is not used; name it by --kubeconfig if you trust it`,
    )
  }
}

/** As kubectl does: the first file that has a name wins, and so does the first current context. */
function merge(config: KubeConfig, next: KubeConfig): void {
  const add = <T extends { name: string }>(known: readonly T[], more: readonly T[]) => [
    ...known,
    ...more.filter((item) => !known.some((other) => other.name === item.name)),
  ]
  config.loadFromOptions({
    clusters: add(config.getClusters(), next.getClusters()),
    contexts: add(config.getContexts(), next.getContexts()),
    users: add(config.getUsers(), next.getUsers()),
    currentContext: config.getCurrentContext() || next.getCurrentContext(),
  })
}
