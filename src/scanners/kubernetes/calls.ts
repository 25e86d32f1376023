import { k8sAuditLog, k8sCalls } from '../../facts/kubernetes-log.ts'
import { type Fact, fact, UNKNOWN } from '../../model.ts'
import {
  type Caller,
  Callers,
  formatTime,
  impersonationOf,
  type LogEvent,
  type Request,
  readEvent,
} from './log-event.ts'
import { type EntrySink, type LogSource, NATIVE, readEntry } from './log-forms.ts'
import { SeenIds } from './log-ids.ts'
import { copy, NativeReader } from './log-native.ts'
import { scopeOf } from './objects.ts'

/** Names kept for each kind of call; pods alone would fill the memory otherwise. */
const MAX_NAMES = 1000
/** Names kept over all kinds of calls. */
const MAX_ALL_NAMES = 200_000
/** Kinds of denied calls kept of one user, and paths kept: strangers may ask for a million paths that do not exist. */
const MAX_DENIED = 10_000
const MAX_URLS = 10_000

/** Bindings kept that allowed calls of one kind. */
const MAX_ALLOWED_BY = 50

type Json = Readonly<Record<string, unknown>>

/** Calls of one kind, counted as the log goes by. */
interface Tally {
  readonly caller: Caller
  readonly impersonator: string
  readonly decision: 'allow' | 'forbid'
  readonly request: Request
  allowedBy: readonly string[]
  names: Set<string> | undefined
  namesComplete: boolean
  /** By their ids. */
  identified: number
  /** Of events without an id. */
  started: number
  completed: number
  lastSeen: number
}

/**
 * Sums audit.k8s.io/v1 events up to one entry for each user, verb, resource and namespace, so that memory grows with the
 * variety of calls and not with their number.
 */
export class CallCounter {
  readonly callers = new Callers()
  readonly #reader = new NativeReader(this.callers)
  /** Denied calls that were not kept, since their user made too many kinds of them. */
  forgotten = 0
  readonly #tallies = new Map<Caller, Map<string, Tally>>()
  readonly #resources = new Set<string>()
  readonly #urls = new Set<string>()
  readonly #texts = new Map<string, string>()
  readonly #alone = new Map<string, readonly string[]>()
  readonly #sources = new Set<LogSource>()
  readonly #forms = new Set<string>()
  readonly #seen = new SeenIds()
  #names = 0
  #events = 0
  #first = 0
  #last = 0
  #reads = false
  #watches = false
  #eventWrites = false

  get events(): number {
    return this.#events
  }

  /** Counts the events of an entry. False if there are none in it. */
  add(value: unknown): boolean {
    const before = this.#events
    const ignore = () => undefined
    const sink: EntrySink = {
      event: (event, source) => this.addEvent(event, source),
      text: () => false,
      foreign: ignore,
      unknown: ignore,
      broken: ignore,
    }
    readEntry(value, sink)
    return this.#events > before
  }

  /** Counts one event in the shape of audit.k8s.io/v1. */
  addEvent(event: Json, source: LogSource = NATIVE): void {
    this.count(readEvent(event, this.callers, source.hidesGroups), source)
  }

  /** Counts a native event by its text; false if it must be parsed. */
  addText(text: string, source: LogSource): boolean {
    const event = this.#reader.read(text)
    if (event) this.count(event, source)
    return event !== undefined
  }

  /** Counts one event. */
  count(event: LogEvent, source: LogSource = NATIVE): void {
    const { time } = event
    this.#events++
    if (time !== 0 && (this.#first === 0 || time < this.#first)) this.#first = time
    if (time > this.#last) this.#last = time
    this.#cover(event, source)
    // Authorisation comes after this stage.
    if (event.stage === 'RequestReceived') return
    // Stages of a call, overlapping files and exports that repeat themselves have the same id.
    const isNew = event.id === '' || this.#seen.add(event.id)
    const { caller, as, decision, request } = event
    if (!as) {
      this.#tally(event, caller, '', decision, request, isNew)
      // API servers from 1.35 on ask for both when a connection is opened by a websocket's GET; the log shows only `get`.
      if ((request.verb === 'get' && CONNECTS.has(request.resource)) || isCreation(event))
        this.#tally(besides(event), caller, '', decision, { ...request, verb: 'create' }, isNew)
      return
    }
    const impersonated = this.callers.of(as, source.hidesGroups)
    this.#tally(event, impersonated, caller.user, decision, request, isNew)
    if (isCreation(event))
      this.#tally(besides(event), impersonated, caller.user, decision, { ...request, verb: 'create' }, isNew)
    // A request that came as far as a decision on the impersonated user was allowed to impersonate.
    for (const right of impersonationOf(as))
      this.#tally(besides(event), caller, '', 'allow', { verb: 'impersonate', ...right }, isNew)
  }

  #cover({ covers, request: { verb, resource } }: LogEvent, source: LogSource): void {
    if (!this.#sources.has(source)) {
      if (this.#sources.size < 100) this.#sources.add(source)
      this.#forms.add(source.form)
    }
    if (covers === '') {
      if (this.#urls.size < MAX_URLS && !this.#urls.has(resource)) this.#urls.add(copy(resource))
      return
    }
    if (!this.#resources.has(covers)) this.#resources.add(copy(covers))
    if (verb === 'get' || verb === 'list' || verb === 'watch') {
      this.#watches ||= verb === 'watch'
      if (!source.leavesReadsOut) this.#reads = true
    }
    if (resource === 'events' && (verb === 'create' || verb === 'patch' || verb === 'update')) this.#eventWrites = true
  }

  #tally(
    { id, stage, time, allowedBy }: Pick<LogEvent, 'id' | 'stage' | 'time' | 'allowedBy'>,
    caller: Caller,
    impersonator: string,
    decision: 'allow' | 'forbid',
    request: Request,
    isNew: boolean,
  ): void {
    const { verb, apiGroup, resource, namespace, name } = request
    let own = this.#tallies.get(caller)
    if (!own) {
      own = new Map()
      this.#tallies.set(caller, own)
    }
    const rare = decision === 'allow' && impersonator === '' ? '' : ` ${decision} ${impersonator}`
    const key = `${namespace} ${verb} ${apiGroup}/${resource}${rare}`
    let tally = own.get(key)
    if (!tally) {
      if (decision === 'forbid' && own.size >= MAX_DENIED) {
        this.forgotten++
        return
      }
      const counts = { identified: 0, started: 0, completed: 0, lastSeen: time }
      tally = {
        caller,
        impersonator,
        decision,
        request: this.#keep(request),
        allowedBy: NONE,
        names: undefined,
        namesComplete: true,
        ...counts,
      }
      own.set(copy(key), tally)
    }
    if (id === '') {
      if (stage === 'ResponseStarted') tally.started++
      else tally.completed++
    } else if (isNew || tally.identified === 0) tally.identified++
    if (time > tally.lastSeen) tally.lastSeen = time
    if (allowedBy !== '' && !tally.allowedBy.includes(allowedBy)) this.#nameAllowing(tally, allowedBy)
    if (name === '' || tally.names?.has(name)) return
    tally.names ??= new Set()
    if (tally.names.size >= MAX_NAMES || this.#names >= MAX_ALL_NAMES) tally.namesComplete = false
    else {
      tally.names.add(copy(name))
      this.#names++
    }
  }

  #nameAllowing(tally: Tally, allowedBy: string): void {
    const { length } = tally.allowedBy
    if (length > MAX_ALLOWED_BY) return
    const own = length === MAX_ALLOWED_BY ? FURTHER : this.#once(allowedBy)
    // Nearly all calls of a kind are allowed by one binding, and many kinds by the same.
    const alone = this.#alone.get(own) ?? [own]
    this.#alone.set(own, alone)
    tally.allowedBy = length === 0 ? alone : [...tally.allowedBy, own]
  }

  /** The parts of a request as texts that are there once, not as slices of the event. */
  #keep({ verb, apiGroup, resource, namespace }: Request): Request {
    return {
      verb: this.#once(verb),
      apiGroup: this.#once(apiGroup),
      resource: this.#once(resource),
      namespace: this.#once(namespace),
      name: '',
    }
  }

  #once(text: string): string {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    const own = copy(text)
    this.#texts.set(own, own)
    return own
  }

  /** What was counted, as facts of one cluster. Nothing is kept: it can be asked for once. */
  *facts(cluster: string, files: readonly string[]): Generator<Fact> {
    const at = { resource: `k8s://${cluster.replaceAll('/', '%2F')}` }
    const windowHours = Math.floor((this.#last - this.#first) / 3_600_000_000)
    const sources = [...this.#sources]
    yield fact(k8sAuditLog, scopeOf(cluster), at, {
      cluster,
      files: [...files],
      forms: [...this.#forms].sort(),
      events: this.#events,
      firstEvent: formatTime(this.#first),
      lastEvent: formatTime(this.#last),
      windowHours,
      coversReads: this.#reads,
      coversWatches: this.#watches || this.#reads,
      coversAll: this.#reads && this.#eventWrites && [...this.#urls].some(isHealthCheck),
      showsGroups: !sources.some(({ hidesGroups }) => hidesGroups),
      showsImpersonation: !sources.some(({ hidesImpersonation }) => hidesImpersonation),
      resources: [...this.#resources].sort(),
      urls: [...this.#urls].sort(),
    })
    for (const [caller, own] of this.#tallies) {
      this.#tallies.delete(caller)
      for (const tally of own.values()) yield callsFact(tally, cluster, at)
    }
  }
}

function callsFact(tally: Tally, cluster: string, at: { resource: string }): Fact {
  const { caller, impersonator, decision, request, names, namesComplete, identified, started, completed } = tally
  const { name: _, ...same } = request
  return fact(k8sCalls, scopeOf(cluster, request.namespace), at, {
    cluster,
    user: caller.user,
    groups: caller.groups ?? UNKNOWN,
    impersonator,
    decision,
    ...same,
    names: names ? [...names].sort() : NONE,
    namesComplete,
    // One list for all facts that have but one and the same.
    allowedBy: tally.allowedBy.length > 1 ? [...tally.allowedBy].sort() : tally.allowedBy,
    // Long-running calls write two stages; either suffices, and a policy may omit one of them.
    calls: identified + Math.max(started, completed),
    lastSeen: formatTime(tally.lastSeen),
  })
}

const NONE: readonly string[] = []

/** What else was asked for on the way: the log names what allowed the request itself. */
function besides({ id, stage, time }: LogEvent): Pick<LogEvent, 'id' | 'stage' | 'time' | 'allowedBy'> {
  return { id, stage, time, allowedBy: '' }
}
/** Stands behind those that are kept, where there were more. */
const FURTHER = 'further bindings'

const isHealthCheck = (path: string) => /^\/(?:healthz|livez|readyz)(?:\/|$)/.test(path)

/**
 * A server-side apply, or a PUT of a kind that allows it, of an object that is not there: the API server asks for `create` by its
 * name, too, and the log shows only `patch` or `update`.
 */
function isCreation({ created, decision, request: { verb } }: LogEvent): boolean {
  return created && decision === 'allow' && (verb === 'patch' || verb === 'update')
}

const CONNECTS = new Set(['pods/exec', 'pods/attach', 'pods/portforward'])
