import { eventOfGoogle, isGoogleAudit } from './log-google.ts'
import { list, record, text } from './objects.ts'

type Json = Readonly<Record<string, unknown>>

/** Where an event comes from, and what such logs leave out. */
export interface LogSource {
  /** Form, and the part of it where it has several: `GKE data_access`. */
  readonly form: string
  /** Groups of users are not named. */
  readonly hidesGroups?: boolean
  /** A call in another's name looks like a call of who made it. */
  readonly hidesImpersonation?: boolean
  /** It never holds get and list, whatever it holds besides. */
  readonly leavesReadsOut?: boolean
}

export const NATIVE: LogSource = { form: 'native' }
const EKS: LogSource = { form: 'EKS' }
const GKE_OTHER: LogSource = { form: 'GKE', hidesGroups: true, hidesImpersonation: true }
const GKE: Readonly<Record<string, LogSource>> = {
  activity: { ...GKE_OTHER, form: 'GKE activity', leavesReadsOut: true },
  data_access: { ...GKE_OTHER, form: 'GKE data_access' },
}
const AKS: LogSource = { form: 'AKS kube-audit' }
const AKS_ADMIN: LogSource = { form: 'AKS kube-audit-admin', leavesReadsOut: true }
const AKS_TABLE: LogSource = { form: 'AKS AKSAudit', hidesImpersonation: true }
const AKS_ADMIN_TABLE: LogSource = { form: 'AKS AKSAuditAdmin', hidesImpersonation: true, leavesReadsOut: true }

/** What is found in an entry of a log. */
export interface EntrySink {
  /** In the shape of audit.k8s.io/v1, whichever form it came in. */
  event(event: Json, source: LogSource): void
  /** An entry of another log that such exports hold beside: of the authenticator, the scheduler, another service. */
  foreign(log: string): void
  unknown(): void
  /** An event that cannot be read: its text within the entry is cut off or damaged. */
  broken(): void
}

/**
 * Takes a parsed entry apart: a native event or list of events, or what a cloud wraps around one. Sources of the forms:
 * https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/ (native),
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html and
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html (EKS),
 * https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry (GKE),
 * https://learn.microsoft.com/azure/aks/monitor-aks-reference and
 * https://learn.microsoft.com/azure/azure-monitor/reference/tables/aksaudit (AKS).
 */
export function readEntry(value: unknown, sink: EntrySink, source = NATIVE): void {
  const entry = record(value)
  if (!entry) {
    if (!Array.isArray(value)) sink.unknown()
    else for (const item of value) readEntry(item, sink, source)
    return
  }
  if (isNative(entry)) return readNative(entry, sink, source)
  const members = entry.logEvents ?? entry.events ?? entry.records ?? entry.items
  if (Array.isArray(members)) {
    for (const item of members) readEntry(item, sink, source)
    return
  }
  if (entry.protoPayload !== undefined) return readGoogle(entry, sink)
  if (entry.category !== undefined || entry.Category !== undefined) return readAzure(entry, sink)
  if (entry.AuditId !== undefined && entry.Verb !== undefined) return readAzureTable(entry, sink)
  const inner = entry.message ?? entry.log ?? entry.log_s
  if (typeof inner === 'string') return readMessage(inner, text(entry.logStreamName), sink, EKS)
  sink.unknown()
}

function isNative({ apiVersion, kind, auditID, stage, requestURI }: Json): boolean {
  if (typeof apiVersion === 'string') return apiVersion.startsWith('audit.k8s.io/')
  // The items of a list do not name their kind.
  return kind === undefined && [auditID, stage, requestURI].every((field) => typeof field === 'string')
}

function readNative(entry: Json, sink: EntrySink, source: LogSource): void {
  if (entry.kind === 'EventList') for (const item of list(entry.items)) sink.event(record(item) ?? {}, source)
  else if (entry.kind === 'Event' || entry.kind === undefined) sink.event(entry, source)
  // An audit policy, for one.
  else sink.unknown()
}

/** The log streams of a control plane in CloudWatch, by the beginnings of their names. */
const EKS_AUDIT_STREAM = /^kube-apiserver-audit-/
const EKS_OTHER_STREAM = /^(?:authenticator|kube-apiserver|kube-controller-manager|kube-scheduler|cloud-controller-manager)-/

/** The text of an event within an entry. What is none is named by its stream, or by what its text looks like. */
function readMessage(message: string, stream: string | undefined, sink: EntrySink, source: LogSource): void {
  if (stream && !EKS_AUDIT_STREAM.test(stream)) {
    const [other] = EKS_OTHER_STREAM.exec(stream) ?? []
    if (other) return sink.foreign(other.slice(0, -1))
  }
  const value = parseJson(message)
  if (value !== undefined) {
    const entry = record(value)
    if (entry && isNative(entry)) readNative(entry, sink, source)
    else sink.foreign('other entries')
    return
  }
  const other = otherLog(message)
  if (other) sink.foreign(other)
  else if (looksLikeEvent(message)) sink.broken()
  else sink.unknown()
}

/** Whether it was a part of an event, so that it must not be taken for something else. */
export function looksLikeEvent(text: string): boolean {
  return text.includes('audit.k8s.io/') || text.includes('"auditID"')
}

/** By the form of a line: klog, which all of Kubernetes' own programs write, and logrus (the authenticator of EKS). */
export function otherLog(line: string): string | undefined {
  if (/^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ /.test(line)) return 'klog'
  if (/^time="[^"]*" level=\w+ /.test(line)) return 'authenticator'
  return undefined
}

function readGoogle(entry: Json, sink: EntrySink): void {
  if (!isGoogleAudit(entry)) return sink.foreign('other Google Cloud entries')
  const event = eventOfGoogle(entry)
  if (!event) return sink.broken()
  const [, part = ''] = /cloudaudit\.googleapis\.com(?:%2F|\/)(\w+)/.exec(text(entry.logName) ?? '') ?? []
  sink.event(event, GKE[part] ?? GKE_OTHER)
}

/** Diagnostic settings: `properties.log` in storage and event hubs, `log_s` in the table AzureDiagnostics. */
function readAzure(entry: Json, sink: EntrySink): void {
  const category = text(entry.category) ?? text(entry.Category) ?? ''
  if (!category.startsWith('kube-audit')) return sink.foreign(category || 'other Azure entries')
  const source = category === 'kube-audit-admin' ? AKS_ADMIN : AKS
  const properties = record(entry.properties) ?? record(parseJson(text(entry.properties) ?? ''))
  const log = properties?.log ?? entry.log_s
  if (typeof log === 'string') readMessage(log, undefined, sink, source)
  else if (record(log)) readEntry(log, sink, source)
  else if (properties && (properties.AuditId !== undefined || properties.auditID !== undefined))
    readEntry(properties, sink, source)
  else sink.broken()
}

/** Rows of the resource-specific tables of Log Analytics; its command line writes dynamic columns as text. */
function readAzureTable(row: Json, sink: EntrySink): void {
  const table = text(row.Type) ?? text(row.TableName) ?? ''
  const user = column(row.User)
  const source = table === 'AKSAuditAdmin' ? AKS_ADMIN_TABLE : AKS_TABLE
  if (!user) return sink.broken()
  sink.event(
    {
      auditID: row.AuditId,
      stage: row.Stage,
      requestURI: row.RequestUri,
      verb: row.Verb,
      user,
      objectRef: column(row.ObjectRef),
      responseStatus: column(row.ResponseStatus),
      annotations: column(row.Annotations),
      requestReceivedTimestamp: row.RequestReceivedTime,
      stageTimestamp: row.StageReceivedTime ?? row.TimeGenerated,
    },
    source,
  )
}

function column(value: unknown): Json | undefined {
  return record(typeof value === 'string' ? parseJson(value) : value)
}

/** Undefined for what is no JSON; its parser's message would quote it. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
