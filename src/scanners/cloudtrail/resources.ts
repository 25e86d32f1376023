import { globMatches } from '../../glob.ts'
import type { IamAction } from '../../reference/iam-actions.ts'
import type { Json } from './json.ts'

/** What a call worked on, in IAM's terms. */
export interface Resources {
  readonly arns: readonly string[]
  /** Whether that is all: an event that names nothing may have been about anything. */
  readonly named: boolean
}

/** What a call worked on, as far as it is of the kinds that the action can be limited to. */
export function resourcesOf(
  action: IamAction,
  call: { readonly record: Json; readonly service: string; readonly event: string; readonly parameters: Json },
): Resources {
  const source = copySource(call.event, call.parameters)
  const arns = source && action.name.startsWith('GetObject') ? [source] : [...candidates(call)]
  const fitting = [...new Set(arns)].filter((arn) => fits(arn, action)).sort()
  return { arns: fitting, named: fitting.length > 0 }
}

function fits(arn: string, action: IamAction): boolean {
  return action.arns.some((template) => {
    // The pattern of buckets would take objects, too.
    if (template.endsWith(':${BucketName}') && arn.includes('/')) return false
    return globMatches(template.replace(/\$\{[^}]*\}/g, '*'), arn)
  })
}

function* candidates(call: { readonly record: Json; readonly service: string; readonly parameters: Json }) {
  const { record, service, parameters } = call
  for (const resource of Array.isArray(record.resources) ? record.resources : []) {
    const arn = (resource as Json | null)?.ARN
    if (typeof arn === 'string' && arn.startsWith('arn:')) yield withoutVersion(service, arn)
  }
  for (const value of Object.values(parameters)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (typeof each === 'string' && each.startsWith('arn:')) yield withoutVersion(service, each)
    }
  }
  const region = String(record.awsRegion ?? '')
  const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
  const account = String(record.recipientAccountId ?? (record.userIdentity as Json | undefined)?.accountId ?? '')
  yield* built(service, parameters, { partition, region, account })
}

/** A function's version or alias, an S3 object's: IAM policies name the thing itself. */
function withoutVersion(service: string, arn: string): string {
  return service === 'lambda' ? arn.replace(/(:function:[^:]+):[^:]+$/, '$1') : arn
}

interface Place {
  readonly partition: string
  readonly region: string
  readonly account: string
}

/** ARNs of what a request names by its name alone, for services where that is certain. */
function* built(service: string, parameters: Json, { partition, region, account }: Place): Generator<string> {
  const own = (name: string, ...values: unknown[]) =>
    values
      .filter((value): value is string => typeof value === 'string' && value !== '' && !value.startsWith('arn:'))
      .map((value) => `arn:${partition}:${service}:${region}:${account}:${name}${value}`)
  const { bucketName, key } = parameters
  switch (service) {
    case 's3':
      if (typeof bucketName !== 'string' || bucketName === '') return
      yield `arn:${partition}:s3:::${bucketName}`
      yield `arn:${partition}:s3:::${bucketName}/${typeof key === 'string' && key !== '' ? key : '*'}`
      return
    case 'dynamodb':
      yield* own('table/', parameters.tableName)
      if (typeof parameters.indexName === 'string')
        yield* own('table/', parameters.tableName).map((arn) => `${arn}/index/${parameters.indexName}`)
      return
    case 'lambda':
      yield* own('function:', parameters.functionName).map((arn) => withoutVersion(service, arn))
      return
    case 'sqs': {
      const [, owner, queue] = /^https?:\/\/[^/]+\/(\d{12})\/([\w.-]+)$/.exec(String(parameters.queueUrl ?? '')) ?? []
      if (queue) yield `arn:${partition}:sqs:${region}:${owner}:${queue}`
      return
    }
    case 'logs':
      yield* own('log-group:', parameters.logGroupName).map((arn) => `${arn}:*`)
      return
    case 'secretsmanager':
      // AWS adds six characters of its own.
      yield* own('secret:', parameters.secretId).map((arn) => `${arn}-??????`)
      return
    case 'ssm': {
      const names = Array.isArray(parameters.names) ? parameters.names : [parameters.name]
      yield* own('parameter/', ...names.map((name) => String(name ?? '').replace(/^\//, '')))
      return
    }
    case 'kinesis':
      yield* own('stream/', parameters.streamName)
      return
    case 'ecr':
      yield* own('repository/', parameters.repositoryName)
  }
}

/** The object that a copy is made of: reading it needs a permission, too. */
function copySource(event: string, parameters: Json): string | undefined {
  if (event !== 'CopyObject' && event !== 'UploadPartCopy') return undefined
  const source = parameters['x-amz-copy-source']
  const path = typeof source === 'string' ? source.replace(/^\//, '').replace(/\?versionId=.*$/, '') : ''
  return /^[^/]+\/./.test(path) && !path.startsWith('arn:') ? `arn:aws:s3:::${path}` : undefined
}

const ROLE = /^arn:aws[\w-]*:iam::\d{12}:role\//
const PROFILE = /^arn:aws[\w-]*:iam::\d{12}:instance-profile\//
const ROLE_KEY = /role(?:arn|name)?$|^iaminstanceprofile$/i
/** Requests are small; what is nested deeper is a document of the caller's. */
const DEEPEST = 8

/**
 * The roles that a request hands to a service: undefined if it hands over none. CloudTrail has no event for `iam:PassRole`, but
 * the request that needs it names the role, or the instance profile that holds it.
 */
export function passedRoles(service: string, event: string, parameters: Json): Resources | undefined {
  if (service === 'iam') return event === 'AddRoleToInstanceProfile' ? { arns: [], named: false } : undefined
  const arns = new Set<string>()
  let unnamed = false
  const visit = (value: unknown, key: string, depth: number): void => {
    if (typeof value === 'string') {
      if (ROLE.test(value)) arns.add(value)
      else if (PROFILE.test(value) || (ROLE_KEY.test(key) && /^[\w+=,.@/-]{1,512}$/.test(value))) unnamed = true
    } else if (typeof value === 'object' && value !== null && depth < DEEPEST) {
      for (const [name, each] of Object.entries(value)) {
        visit(each, Array.isArray(value) || (name === 'name' && ROLE_KEY.test(key)) ? key : name, depth + 1)
      }
    }
  }
  visit(parameters, '', 0)
  if (arns.size === 0 && !unnamed) return undefined
  return { arns: [...arns].sort(), named: !unnamed }
}
