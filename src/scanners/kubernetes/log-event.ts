import { list, record, text } from './objects.ts'

type Json = Readonly<Record<string, unknown>>

export const DECISION = 'authorization.k8s.io/decision'
export const REASON = 'authorization.k8s.io/reason'

/** Who called. The same object for the same user with the same groups, as long as {@link Callers} keeps it. */
export interface Caller {
  readonly user: string
  /** Sorted; undefined if the log does not name groups. */
  readonly groups: readonly string[] | undefined
}
/** What was asked for, as authorisation saw it. */
export interface Request {
  readonly verb: string
  readonly apiGroup: string
  /** RESOURCE or RESOURCE/SUBRESOURCE, or a path. */
  readonly resource: string
  readonly namespace: string
  /** Empty if the request named no object. */
  readonly name: string
}
/** The part of an event that is counted. */
export interface LogEvent {
  /** Empty if it has none. */
  readonly id: string
  readonly stage: string
  /** Microseconds since 1970; 0 if unknown. */
  readonly time: number
  readonly caller: Caller
  /** In whose name it was called, as it stands in the event. */
  readonly as: Json | undefined
  readonly decision: 'allow' | 'forbid'
  /** Of {@link allowedBy}. */
  readonly allowedBy: string
  /** Whether the answer says that an object was made (201). */
  readonly created: boolean
  readonly request: Request
  /** GROUP/RESOURCE without a subresource (core: RESOURCE); empty for a path. */
  readonly covers: string
}

/** One object for each user with the same groups, so that a million events do not hold a million lists. */
export class Callers {
  readonly #known = new Map<string, Caller>()

  /** By a `user` or `impersonatedUser` of an event. */
  of(user: Json | undefined, hidesGroups = false): Caller {
    const name = text(user?.username) ?? ''
    const groups = hidesGroups ? undefined : list(user?.groups).flatMap((group) => text(group) ?? [])
    const key = `${name}\0${groups?.join('\0') ?? '\0'}`
    let caller = this.#known.get(key)
    if (!caller) {
      caller = { user: name, groups: groups?.sort() }
      this.#known.set(key, caller)
    }
    return caller
  }
}

/** HTTP status of an answer that made an object. */
export const CREATED = 201

/** What counts of an event of audit.k8s.io/v1. */
export function readEvent(event: Json, callers: Callers, hidesGroups?: boolean): LogEvent {
  const verb = text(event.verb) ?? ''
  const reference = record(event.objectRef)
  const resource = text(reference?.resource)
  const apiGroup = text(reference?.apiGroup) ?? ''
  return {
    id: text(event.auditID) ?? '',
    stage: text(event.stage) ?? '',
    time: parseTime(text(event.requestReceivedTimestamp) ?? text(event.stageTimestamp) ?? ''),
    caller: callers.of(record(event.user), hidesGroups),
    as: record(event.impersonatedUser),
    decision: decisionOf(event),
    allowedBy: allowedBy(record(event.annotations)?.[REASON]),
    created: record(event.responseStatus)?.code === CREATED,
    request: resource ? requestOf(verb, reference ?? {}) : pathRequest(verb, text(event.requestURI) ?? '/'),
    covers: resource ? (apiGroup === '' ? resource : `${apiGroup}/${resource}`) : '',
  }
}

let minute = ''
let minuteStart = 0

/**
 * RFC 3339 to microseconds since 1970; 0 for anything else. A log has a million times of the same minute, and comparing numbers is
 * far cheaper than comparing texts.
 */
export function parseTime(time: string): number {
  const start = time.slice(0, 17)
  if (start !== minute) {
    const parsed = Date.parse(`${start}00Z`)
    if (Number.isNaN(parsed)) return micros(Date.parse(time))
    minute = start
    minuteStart = parsed * 1000
  }
  const [, seconds = '', fraction = ''] = /^(\d\d)(?:\.(\d{1,6})\d*)?Z$/.exec(time.slice(17)) ?? []
  if (seconds === '') return micros(Date.parse(time))
  return minuteStart + Number(seconds) * 1_000_000 + Number(fraction.padEnd(6, '0'))
}

const micros = (milliseconds: number) => (Number.isNaN(milliseconds) ? 0 : milliseconds * 1000)

/** As the API server writes times; empty for 0. */
export function formatTime(time: number): string {
  if (time === 0) return ''
  const fraction = String(time % 1_000_000).padStart(6, '0')
  return `${new Date(Math.floor(time / 1000)).toISOString().slice(0, 20)}${fraction}Z`
}

/** Admission answers 403, too, after authorisation was given: the annotation counts, not the status. */
function decisionOf(event: Json): 'allow' | 'forbid' {
  const decision = record(event.annotations)?.[DECISION]
  if (decision === 'allow' || decision === 'forbid') return decision
  const code = record(event.responseStatus)?.code
  return code === 401 || code === 403 ? 'forbid' : 'allow'
}

const RBAC_REASON =
  /^RBAC: allowed by ((?:Cluster)?RoleBinding) ("(?:[^"\\]|\\.)+") of ((?:Cluster)?Role) ("(?:[^"\\]|\\.)+") to (\w+) ("(?:[^"\\]|\\.)+")$/

/**
 * What RBAC names as its reason to allow: `BINDING of ROLE to SUBJECT`, each as facts name it; empty for any other reason. The
 * reason puts names in front of namespaces: `RoleBinding "web/shop" of Role "web" to ServiceAccount "job/ops"`. Source: describe in
 * pkg/registry/rbac/validation/rule.go of Kubernetes.
 */
export function allowedBy(reason: unknown): string {
  const [, kind = '', ...parts] = (typeof reason === 'string' && RBAC_REASON.exec(reason)) || []
  const [binding = '', roleKind = '', role = '', subjectKind = '', subject = ''] = parts.map(unquoted)
  if (kind === '' || binding === '' || role === '') return ''
  const [name, namespace] = kind === 'RoleBinding' ? ofNamespace(binding) : [binding, '']
  const within = namespace === '' ? '' : `${namespace}/`
  const ofRole = `${roleKind} ${roleKind === 'Role' ? within : ''}${role}`
  return `${kind} ${within}${name} of ${ofRole} to ${subjectInWords(subjectKind, subject)}`
}

function subjectInWords(kind: string, subject: string): string {
  const [, home, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(subject) ?? []
  if (kind === 'User' && home && account) return `ServiceAccount ${home}/${account}`
  if (kind !== 'ServiceAccount') return `${kind} ${subject}`
  const [name, namespace] = ofNamespace(subject)
  return `ServiceAccount ${namespace}/${name}`
}

/** Go's quotes are JSON's for all that names may hold. */
function unquoted(text: string): string {
  if (!text.startsWith('"')) return text
  try {
    return String(JSON.parse(text))
  } catch {
    return ''
  }
}

/** `NAME/NAMESPACE`; neither holds a slash. */
function ofNamespace(path: string): [name: string, namespace: string] {
  const slash = path.lastIndexOf('/')
  return [path.slice(0, slash), path.slice(slash + 1)]
}

/** By an event's `objectRef`. */
export function requestOf(verb: string, reference: Json): Request {
  const resource = text(reference.resource) ?? ''
  const subresource = text(reference.subresource)
  // A create names its object only after authorisation, in the body: no resourceName can match it.
  const unnamed = verb === 'create' && !subresource
  return {
    verb,
    apiGroup: text(reference.apiGroup) ?? '',
    resource: subresource ? `${resource}/${subresource}` : resource,
    namespace: text(reference.namespace) ?? '',
    name: unnamed ? '' : (text(reference.name) ?? ''),
  }
}

/** By an event's `requestURI`. */
export function pathRequest(verb: string, uri: string): Request {
  return { verb, apiGroup: '', resource: uri.slice(0, uri.search(/[?#]|$/)), namespace: '', name: '' }
}

/** What the impersonator had to be allowed; the server asks for each part. */
export function* impersonationOf(as: Json): Generator<Omit<Request, 'verb'>> {
  const username = text(as.username) ?? ''
  const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? []
  if (namespace && account) yield { apiGroup: '', resource: 'serviceaccounts', namespace, name: account }
  else yield { apiGroup: '', resource: 'users', namespace: '', name: username }
  const groups = list(as.groups).flatMap((group) => text(group) ?? [])
  for (const name of groups.sort()) yield { apiGroup: '', resource: 'groups', namespace: '', name }
  const uid = text(as.uid)
  if (uid) yield { apiGroup: 'authentication.k8s.io', resource: 'uids', namespace: '', name: uid }
  for (const [key, values] of Object.entries(record(as.extra) ?? {})) {
    for (const value of list(values)) {
      yield { apiGroup: 'authentication.k8s.io', resource: `userextras/${key}`, namespace: '', name: text(value) ?? '' }
    }
  }
}
