import { k8sAuditLog, k8sCalls } from '../../facts/kubernetes-log.ts'
import { type Fact, fact } from '../../model.ts'
import { list, record, scopeOf, text } from './objects.ts'

/** Names kept for each kind of call; pods alone would fill the memory otherwise. */
const MAX_NAMES = 1000
/** Names kept over all kinds of calls. */
const MAX_ALL_NAMES = 200_000

type Json = Readonly<Record<string, unknown>>

/** Calls of one kind, counted as the log goes by. */
interface Tally {
  readonly call: Call
  readonly names: Set<string>
  namesComplete: boolean
  started: number
  completed: number
  lastSeen: string
}
interface Call {
  readonly user: string
  readonly groups: readonly string[]
  readonly impersonator: string
  readonly decision: 'allow' | 'forbid'
  readonly verb: string
  readonly apiGroup: string
  readonly resource: string
  readonly namespace: string
  /** As authorisation saw it; empty if the request named no object. */
  readonly name: string
}

/**
 * Sums audit.k8s.io/v1 events up to one entry for each user, verb, resource and namespace, so that memory grows with the
 * variety of calls and not with their number.
 */
export class CallCounter {
  readonly #tallies = new Map<string, Tally>()
  readonly #groups = new Map<string, readonly string[]>()
  readonly #resources = new Set<string>()
  readonly #urls = new Set<string>()
  #names = 0
  #events = 0
  #first = ''
  #last = ''
  #reads = false
  #eventWrites = false

  get events(): number {
    return this.#events
  }

  /** Counts one event. False if the value is no audit event. */
  add(value: unknown): boolean {
    const event = record(value)
    if (!event || !text(event.apiVersion)?.startsWith('audit.k8s.io/')) return false
    if (event.kind === 'EventList') {
      for (const item of list(event.items)) this.#addEvent(record(item) ?? {})
      return true
    }
    if (event.kind !== 'Event') return false
    this.#addEvent(event)
    return true
  }

  #addEvent(event: Json): void {
    const verb = text(event.verb) ?? ''
    const time = text(event.requestReceivedTimestamp) ?? text(event.stageTimestamp) ?? ''
    this.#events++
    if (time !== '' && (this.#first === '' || time < this.#first)) this.#first = time
    if (time > this.#last) this.#last = time
    this.#cover(event, verb)
    // Authorisation comes after this stage.
    if (event.stage === 'RequestReceived') return
    for (const call of callsOf(event, verb, (groups) => this.#intern(groups))) this.#count(call, event.stage, time)
  }

  #cover(event: Json, verb: string): void {
    const reference = record(event.objectRef)
    const resource = text(reference?.resource)
    if (!resource) {
      this.#urls.add(pathOf(event))
      return
    }
    const group = text(reference?.apiGroup) ?? ''
    this.#resources.add(group === '' ? resource : `${group}/${resource}`)
    if (verb === 'get' || verb === 'list' || verb === 'watch') this.#reads = true
    if (resource === 'events' && (verb === 'create' || verb === 'patch' || verb === 'update')) this.#eventWrites = true
  }

  #count(call: Call, stage: unknown, time: string): void {
    const { user, groups, impersonator, decision, verb, apiGroup, resource, namespace, name } = call
    const key = [user, impersonator, decision, verb, apiGroup, resource, namespace, groups.join(',')].join('\0')
    let tally = this.#tallies.get(key)
    if (!tally) {
      tally = { call, names: new Set(), namesComplete: true, started: 0, completed: 0, lastSeen: time }
      this.#tallies.set(key, tally)
    }
    if (stage === 'ResponseStarted') tally.started++
    else tally.completed++
    if (time > tally.lastSeen) tally.lastSeen = time
    if (name === '' || tally.names.has(name)) return
    if (tally.names.size >= MAX_NAMES || this.#names >= MAX_ALL_NAMES) tally.namesComplete = false
    else {
      tally.names.add(name)
      this.#names++
    }
  }

  #intern(groups: readonly string[]): readonly string[] {
    const key = groups.join('\0')
    const known = this.#groups.get(key)
    if (known) return known
    this.#groups.set(key, groups)
    return groups
  }

  /** What was counted, as facts of one cluster. */
  *facts(cluster: string, files: readonly string[]): Generator<Fact> {
    const at = { resource: `k8s://${cluster.replaceAll('/', '%2F')}` }
    const window = Date.parse(this.#last) - Date.parse(this.#first)
    yield fact(k8sAuditLog, scopeOf(cluster), at, {
      cluster,
      files: [...files],
      events: this.#events,
      firstEvent: this.#first,
      lastEvent: this.#last,
      windowHours: Number.isFinite(window) ? Math.floor(window / 3_600_000) : 0,
      coversReads: this.#reads,
      coversAll: this.#reads && this.#eventWrites && [...this.#urls].some(isHealthCheck),
      resources: [...this.#resources].sort(),
      urls: [...this.#urls].sort(),
    })
    for (const { call, names, namesComplete, started, completed, lastSeen } of this.#tallies.values()) {
      const { name: _, ...same } = call
      yield fact(k8sCalls, scopeOf(cluster, call.namespace), at, {
        cluster,
        ...same,
        names: [...names].sort(),
        namesComplete,
        // Long-running calls write both stages; either suffices.
        calls: Math.max(started, completed),
        lastSeen,
      })
    }
  }
}

const isHealthCheck = (path: string) => /^\/(?:healthz|livez|readyz)(?:\/|$)/.test(path)

/** The call of an event, and the use of the right to impersonate that it implies. */
function* callsOf(event: Json, verb: string, intern: (groups: string[]) => readonly string[]): Generator<Call> {
  const user = record(event.user)
  const name = text(user?.username) ?? ''
  const groups = intern(groupsOf(user))
  const decision = decisionOf(event)
  const request = { ...requestOf(event, verb), decision }
  const as = record(event.impersonatedUser)
  if (!as) {
    yield { user: name, groups, impersonator: '', ...request }
    // API servers from 1.35 on ask for both when a connection is opened by a websocket's GET; the log shows only `get`.
    if ((verb === 'get' && CONNECTS.has(request.resource)) || isCreation(event, request))
      yield { user: name, groups, impersonator: '', ...request, verb: 'create' }
    return
  }
  const impersonated = { user: text(as.username) ?? '', groups: intern(groupsOf(as)), impersonator: name, ...request }
  yield impersonated
  if (isCreation(event, request)) yield { ...impersonated, verb: 'create' }
  // A request that came as far as a decision on the impersonated user was allowed to impersonate.
  for (const right of impersonationOf(as)) {
    yield { user: name, groups, impersonator: '', decision: 'allow', verb: 'impersonate', ...right }
  }
}

const CONNECTS = new Set(['pods/exec', 'pods/attach', 'pods/portforward'])

/**
 * A server-side apply, or a PUT of a kind that allows it, of an object that is not there: the API server asks for `create` by its
 * name, too, and the log shows only `patch` or `update`.
 */
function isCreation(event: Json, { verb, decision }: { verb: string; decision: string }): boolean {
  return (verb === 'patch' || verb === 'update') && decision === 'allow' && record(event.responseStatus)?.code === 201
}

function groupsOf(user: Json | undefined): string[] {
  return list(user?.groups)
    .flatMap((group) => text(group) ?? [])
    .sort()
}

/** Admission answers 403, too, after authorisation was given: the annotation counts, not the status. */
function decisionOf(event: Json): 'allow' | 'forbid' {
  const decision = record(event.annotations)?.['authorization.k8s.io/decision']
  if (decision === 'allow' || decision === 'forbid') return decision
  const code = record(event.responseStatus)?.code
  return code === 401 || code === 403 ? 'forbid' : 'allow'
}

function requestOf(event: Json, verb: string) {
  const reference = record(event.objectRef)
  const resource = text(reference?.resource)
  if (!resource) return { verb, apiGroup: '', resource: pathOf(event), namespace: '', name: '' }
  const subresource = text(reference?.subresource)
  // A create names its object only after authorisation, in the body: no resourceName can match it.
  const unnamed = verb === 'create' && !subresource
  return {
    verb,
    apiGroup: text(reference?.apiGroup) ?? '',
    resource: subresource ? `${resource}/${subresource}` : resource,
    namespace: text(reference?.namespace) ?? '',
    name: unnamed ? '' : (text(reference?.name) ?? ''),
  }
}

function pathOf(event: Json): string {
  const uri = text(event.requestURI) ?? '/'
  return uri.slice(0, uri.search(/[?#]|$/))
}

/** What the impersonator had to be allowed; the server asks for each part. */
function* impersonationOf(as: Json) {
  const username = text(as.username) ?? ''
  const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? []
  if (namespace && account) yield { apiGroup: '', resource: 'serviceaccounts', namespace, name: account }
  else yield { apiGroup: '', resource: 'users', namespace: '', name: username }
  for (const name of groupsOf(as)) yield { apiGroup: '', resource: 'groups', namespace: '', name }
  const uid = text(as.uid)
  if (uid) yield { apiGroup: 'authentication.k8s.io', resource: 'uids', namespace: '', name: uid }
  for (const [key, values] of Object.entries(record(as.extra) ?? {})) {
    for (const value of list(values)) {
      yield { apiGroup: 'authentication.k8s.io', resource: `userextras/${key}`, namespace: '', name: text(value) ?? '' }
    }
  }
}
