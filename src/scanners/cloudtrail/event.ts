import { classOfEvent, type EventClass } from '../../reference/cloudtrail.ts'
import {
  ACTIONS_OF_EVENT,
  ACTIONS_ON_VERSIONS,
  gatewayMethods,
  SERVICE_OF_SOURCE,
  WITHOUT_PERMISSION,
  withoutApiVersion,
} from '../../reference/cloudtrail-names.ts'
import type { IamAction, IamActions } from '../../reference/iam-actions.ts'
import { type Json, object, text } from './json.ts'
import { passedRoles, type Resources, resourcesOf } from './resources.ts'

/** What a principal used, or was denied, with one call. */
export interface Use {
  readonly action: IamAction
  readonly resources: Resources
}
/** One event as far as permissions are concerned. */
export interface Call {
  /** Account whose log it stands in. */
  readonly account: string
  /** YYYY-MM-DD, UTC. */
  readonly day: string
  readonly region: string
  /** Undefined for events that say nothing of what is logged: network activity. */
  readonly eventClass: EventClass | undefined
  /** ARN of the user or role; undefined for AWS's own services, other accounts, people without an IAM identity. */
  readonly principal: string | undefined
  readonly denied: boolean
  /** What the call needs; empty if it needs no permission. */
  readonly uses: readonly Use[]
  /** `service EventName` of a call whose action is not known. */
  readonly unresolved: { readonly service: string; readonly event: string } | undefined
  /** ARN of the role that the call assumed. */
  readonly assumed: string | undefined
}

/**
 * Reads a record; undefined for what is none: digests, insights, other documents.
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export function readCall(record: Json, reference: IamActions): Call | undefined {
  const source = text(record.eventSource)
  const event = text(record.eventName)
  const time = text(record.eventTime)
  const identity = object(record.userIdentity)
  if (!source || !event || !/^\d{4}-\d\d-\d\dT/.test(time) || record.eventCategory === 'Insight') return undefined
  const service = serviceOf(source, reference)
  const principal = principalOf(identity)
  const denied = isDenied(text(record.errorCode), text(record.errorMessage))
  const isCall = text(record.eventType) !== 'AwsServiceEvent' && !WITHOUT_PERMISSION.has(service)
  const parameters = object(record.requestParameters)
  const actions = isCall ? actionsOf(service, event, parameters, reference) : []
  const category = text(record.eventCategory) || (record.managementEvent === false ? 'Data' : '')
  const readOnly = record.readOnly === true || record.readOnly === 'true'
  return {
    account: text(record.recipientAccountId) || text(identity.accountId),
    day: time.slice(0, 10),
    region: text(record.awsRegion),
    eventClass:
      category === 'NetworkActivity' ? undefined : classOfEvent(service, actions[0], category || undefined, readOnly),
    principal,
    denied,
    uses: principal === undefined ? [] : usesOf(actions, { record, service, event, parameters, readOnly }, reference),
    unresolved: principal !== undefined && isCall && actions.length === 0 ? { service, event } : undefined,
    assumed: denied ? undefined : assumedRole(service, event, parameters),
  }
}

function serviceOf(source: string, reference: IamActions): string {
  const host = source.toLowerCase().replace(/\.(?:amazonaws\.com(?:\.cn)?|aws\.internal|amazon\.com)$/, '')
  const named = SERVICE_OF_SOURCE[host]
  if (named !== undefined) return named
  if (reference.actionsOf(host) || WITHOUT_PERMISSION.has(host)) return host
  const last = host.slice(host.lastIndexOf('.') + 1)
  return reference.actionsOf(last) ? last : host
}

/**
 * Who needs the permission. A service that acts with the caller's rights (`invokedBy`) still needs the caller's permission.
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
function principalOf(identity: Json): string | undefined {
  const issuer = text(object(object(identity.sessionContext).sessionIssuer).arn)
  const arn = text(identity.arn)
  switch (identity.type) {
    case 'IAMUser':
    case 'Root':
      return arn || undefined
    case 'AssumedRole':
    case 'Role':
    case 'FederatedUser':
      return issuer || roleOfSession(arn)
    default:
      return undefined
  }
}

/** `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION` leaves out the role's path: right for roles without one. */
function roleOfSession(arn: string): string | undefined {
  const [, partition, account, name] = /^arn:([\w-]+):sts::(\d{12}):assumed-role\/([^/]+)\//.exec(arn) ?? []
  return name && `arn:${partition}:iam::${account}:role/${name}`
}

const DENIED =
  /^(?:Client\.)?(?:AccessDenied\w*|UnauthorizedOperation|UnauthorizedAccess\w*|Unauthorized|NotAuthorized\w*|AuthorizationError\w*|Forbidden\w*|AuthFailure|InvalidClientTokenId|ExpiredToken\w*|SignatureDoesNotMatch)$/

/** Other errors (no such bucket, throttled, not valid) count as use: the permission may well have been needed to get so far. */
function isDenied(code: string, message: string): boolean {
  return DENIED.test(code) || (code !== '' && /is not authorized to perform|with an explicit deny/i.test(message))
}

/** The actions that an event needs; empty if its name is none that is known. */
function actionsOf(service: string, event: string, parameters: Json, reference: IamActions): readonly IamAction[] {
  const onOne = service === 's3' && text(parameters.versionId) !== ''
  const id = `${service}:${event}${onOne ? ' of a version' : ''}`
  const answers = answered.get(reference) ?? new Map<string, readonly IamAction[]>()
  answered.set(reference, answers)
  const actions = answers.get(id) ?? findActions(service, event, onOne, reference)
  answers.set(id, actions)
  return actions
}

/** A log has millions of events and a few hundred names. */
const answered = new WeakMap<IamActions, Map<string, readonly IamAction[]>>()

function findActions(service: string, event: string, onOne: boolean, reference: IamActions): IamAction[] {
  const known = reference.actionsOf(service) ?? []
  const named = (name: string) => known.filter((action) => action.name.toLowerCase() === name.toLowerCase())
  const plain = [event, withoutApiVersion(event)]
  for (const name of plain) {
    const mapped = ACTIONS_OF_EVENT[`${service}:${name}`]
    const found = (mapped ?? [name]).flatMap(named)
    if (found.length > 0) return onOne ? onVersion(found, named) : found
  }
  return service === 'apigateway' ? gatewayMethods(event).flatMap(named) : []
}

function onVersion(actions: IamAction[], named: (name: string) => IamAction[]): IamAction[] {
  // The newest version can be named, too: then the plain action would do.
  return actions.flatMap((action) => [action, ...named(ACTIONS_ON_VERSIONS[action.name] ?? '')])
}

interface Context {
  readonly record: Json
  readonly service: string
  readonly event: string
  readonly parameters: Json
  readonly readOnly: boolean
}

function usesOf(actions: readonly IamAction[], context: Context, reference: IamActions): Use[] {
  const uses = actions.map((action) => ({ action, resources: resourcesOf(action, context) }))
  return [...uses, ...impliedUses(context, reference)]
}

/** What a call needs besides the action of its name. Passing a role has no event of its own. */
function impliedUses({ service, event, parameters, readOnly }: Context, reference: IamActions): Use[] {
  const named = (prefix: string, name: string) => reference.actionsOf(prefix)?.find((each) => each.name === name)
  const uses: Use[] = []
  const add = (action: IamAction | undefined, resources: Resources) => action && uses.push({ action, resources })
  const nowhere = { arns: [], named: false }
  if (service === 'sts' && event.startsWith('AssumeRole')) {
    const roles = { arns: [text(parameters.roleArn)].filter(Boolean), named: text(parameters.roleArn) !== '' }
    if (parameters.tags || parameters.transitiveTagKeys) add(named('sts', 'TagSession'), roles)
    if (parameters.sourceIdentity) add(named('sts', 'SetSourceIdentity'), roles)
  } else if (!readOnly && service !== 'sts' && service !== 'signin') {
    const passed = passedRoles(service, event, parameters)
    if (passed) add(named('iam', 'PassRole'), passed)
  }
  if (service === 's3' && parameters.tagging) add(named('s3', 'PutObjectTagging'), nowhere)
  if (service === 's3' && /^(?:PutObject|CopyObject|CreateMultipartUpload)$/.test(event) && parameters['x-amz-acl'])
    add(named('s3', 'PutObjectAcl'), nowhere)
  return uses
}

function assumedRole(service: string, event: string, parameters: Json): string | undefined {
  if (service !== 'sts' || !event.startsWith('AssumeRole')) return undefined
  return text(parameters.roleArn) || undefined
}
