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

/** Levels of lists within lists; hostile input has a million. */
const DEEPEST = 4

/** What is found in an entry of a log. */
export interface EntrySink {
  /** In the shape of audit.k8s.io/v1, whichever form it came in. */
  event(event: Json, source: LogSource): void
  /** The text of what may be a native event; false if it must be parsed. */
  text(text: string, source: LogSource): boolean
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
export function readEntry(value: unknown, sink: EntrySink, source = NATIVE, depth = 0): void {
  const entry = record(value)
  if (!entry) {
    // `--query 'events[].message'` of the AWS command line.
    if (typeof value === 'string') readMessage(value, '', sink, source)
    else if (!Array.isArray(value) || depth > DEEPEST) sink.unknown()
    else for (const item of value) readEntry(item, sink, source, depth + 1)
    return
  }
  const members = entry.logEvents ?? entry.events ?? entry.records ?? entry.items
  const inner = entry.message ?? entry.log ?? entry.log_s
  if (isNative(entry)) readNative(entry, sink, source)
  else if (Array.isArray(members)) readEntry(members, sink, source, depth + 1)
  else if (entry.protoPayload !== undefined) readGoogle(entry, sink)
  else if (entry.category !== undefined || entry.Category !== undefined) readAzure(entry, sink)
  else if (entry.AuditId !== undefined && entry.Verb !== undefined) readAzureTable(entry, sink)
  else if (typeof inner === 'string') readMessage(inner, text(entry.logStreamName) ?? '', sink, EKS)
  else sink.unknown()
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
const EKS_OTHER_STREAM =
  /^(?:authenticator|kube-apiserver|kube-controller-manager|kube-scheduler|cloud-controller-manager)-/

/** The text of an event within an entry. What is none is named by its stream, or by what its text looks like. */
function readMessage(message: string, stream: string, sink: EntrySink, source: LogSource): void {
  if (sink.text(message, source)) return
  const [ofStream] = EKS_OTHER_STREAM.exec(EKS_AUDIT_STREAM.test(stream) ? '' : stream) ?? []
  const value = parseJson(message)
  const entry = record(value)
  const other = ofStream?.slice(0, -1) ?? (value === undefined ? otherLog(message) : 'other entries')
  if (entry && isNative(entry)) readNative(entry, sink, source)
  else if (other) sink.foreign(other)
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
  const isAudit = isGoogleAudit(entry)
  const event = isAudit ? eventOfGoogle(entry) : undefined
  const [, part = ''] = /cloudaudit\.googleapis\.com(?:%2F|\/)(\w+)/.exec(text(entry.logName) ?? '') ?? []
  if (event) sink.event(event, GKE[part] ?? GKE_OTHER)
  else if (isAudit) sink.broken()
  else sink.foreign('other Google Cloud entries')
}

/** Diagnostic settings: `properties.log` in storage and event hubs, `log_s` in the table AzureDiagnostics. */
function readAzure(entry: Json, sink: EntrySink): void {
  const category = text(entry.category) ?? text(entry.Category) ?? ''
  const source = category === 'kube-audit-admin' ? AKS_ADMIN : AKS
  const properties = column(entry.properties)
  const log = properties?.log ?? entry.log_s
  if (!category.startsWith('kube-audit')) sink.foreign(category || 'other Azure entries')
  else if (typeof log === 'string') readMessage(log, '', sink, source)
  else if (record(log)) readEntry(log, sink, source, DEEPEST)
  else if (properties) readEntry(properties, sink, source, DEEPEST)
  else sink.broken()
}

/** Rows of the resource-specific tables of Log Analytics; its command line writes dynamic columns as text. */
function readAzureTable(row: Json, sink: EntrySink): void {
  const table = text(row.Type) ?? text(row.TableName) ?? ''
  const user = column(row.User)
  const source = table === 'AKSAuditAdmin' ? AKS_ADMIN_TABLE : AKS_TABLE
  if (!user) sink.broken()
  else
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
