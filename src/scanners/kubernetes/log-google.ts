import { DECISION, REASON } from './log-event.ts'
import { list, record, text } from './objects.ts'

type Json = Readonly<Record<string, unknown>>

/** Whether an entry of Cloud Logging is an audit entry of the API server, not of another service of the project. */
export function isGoogleAudit(entry: Json): boolean {
  return text(record(entry.protoPayload)?.serviceName) === 'k8s.io'
}

/**
 * An entry as an event of audit.k8s.io/v1, as far as it goes: the verb is the end of `methodName`, the object is `resourceName`
 * (`core/v1/namespaces/NS/pods/NAME/log`, `rbac.authorization.k8s.io/v1/clusterroles/NAME`, a path for `io.k8s.get`). Undefined
 * if it says neither. Groups are not in it; of a call in another's name at most who was named.
 * Source: https://cloud.google.com/kubernetes-engine/docs/how-to/audit-logging
 */
export function eventOfGoogle(entry: Json): Json | undefined {
  const payload = record(entry.protoPayload) ?? {}
  const method = text(payload.methodName) ?? ''
  const resource = text(payload.resourceName) ?? ''
  const user = record(payload.authenticationInfo)
  const username = text(user?.principalEmail) ?? text(user?.principalSubject)
  const verb = method.slice(method.lastIndexOf('.') + 1)
  if (username === undefined || verb === '' || verb === method || resource === '') return undefined
  const operation = record(entry.operation)
  const as = text(user?.authoritySelector)
  return {
    auditID: text(operation?.id) ?? entry.insertId,
    // The first of two entries of a long-running call.
    stage: operation?.first === true && operation.last !== true ? 'ResponseStarted' : 'ResponseComplete',
    verb,
    user: { username },
    ...(as && { impersonatedUser: { username: as } }),
    // A path is the whole name of the resource: `io.k8s.get`.
    ...(/^io\.k8s\.\w+$/.test(method)
      ? { requestURI: `/${resource.replace(/^\//, '')}` }
      : { objectRef: objectOf(resource, verb) }),
    requestReceivedTimestamp: entry.timestamp,
    stageTimestamp: entry.receiveTimestamp,
    annotations: { [DECISION]: decisionOf(entry, payload, method), [REASON]: record(entry.labels)?.[REASON] },
  }
}

const NAMESPACE_PARTS = new Set(['status', 'finalize'])

function objectOf(resourceName: string, verb: string): Json {
  const [group = '', apiVersion, ...path] = resourceName.split('/')
  const apiGroup = group === 'core' ? '' : group
  const isNamespace = path[0] === 'namespaces' && (path.length < 3 || NAMESPACE_PARTS.has(path[2] ?? ''))
  const [, ofPath] = path
  const [resource, name, subresource] = path[0] === 'namespaces' && !isNamespace ? path.slice(2) : path
  const namespace = !isNamespace ? (path[0] === 'namespaces' ? ofPath : '') : verb === 'create' ? '' : ofPath
  return { apiGroup, apiVersion, resource, namespace, name, subresource }
}

/**
 * What authorisation said: the label, if it is there; else what was granted of the permission that the method needs; else the
 * status. Code 7 is PERMISSION_DENIED, 16 is UNAUTHENTICATED.
 */
function decisionOf(entry: Json, payload: Json, method: string): 'allow' | 'forbid' {
  const label = record(entry.labels)?.[DECISION]
  if (label === 'allow' || label === 'forbid') return label
  const asked = list(payload.authorizationInfo).map((each) => record(each) ?? {})
  const own = asked.filter(({ permission }) => permission === method)
  const deciding = own.length > 0 ? own : asked
  if (deciding.length > 0) return deciding.every(({ granted }) => granted === true) ? 'allow' : 'forbid'
  const code = record(payload.status)?.code
  return code === 7 || code === 16 ? 'forbid' : 'allow'
}
