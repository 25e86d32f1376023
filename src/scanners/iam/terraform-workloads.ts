import { awsPublicAccessBlock } from '../../facts/aws-public-access.ts'
import { awsFunctionUrl } from '../../facts/aws-resources.ts'
import { iamKeyDeclaration } from '../../facts/iam.ts'
import { iamWorkload } from '../../facts/iam-workload.ts'
import { awsIdentityPool, mfaUserPool } from '../../facts/sign-in.ts'
import { type Fact, type FactKind, fact, type Gap, UNKNOWN } from '../../model.ts'
import { get, type ValueNode } from '../../sources/value-node.ts'
import { holdsKey } from './environment-keys.ts'
import { type Arguments, plainText, type Resource } from './terraform-resources.ts'

export const WORKLOAD_KINDS: readonly FactKind[] = [
  awsFunctionUrl,
  awsIdentityPool,
  awsPublicAccessBlock,
  iamWorkload,
  mfaUserPool,
]
/** A folder none of whose files says one of these words holds nothing for this reader. */
export const WORKLOAD_WORDS =
  /aws_(?:lambda_function|ecs_task_definition|instance|launch_(?:template|configuration)|eks_pod_identity|codebuild_project|codepipeline|sfn_state_machine|glue_job|sagemaker_notebook|apprunner_service|cognito_|s3_(?:bucket|account)_public_access_block)|auth0_guardian/
/** The types of resources that it reads. */
export const WORKLOAD_TYPES = /^(?:aws|kubernetes|auth0)_/

/** Reads what runs with which role, what is open without sign-in, and what keeps buckets private, from one Terraform module. */
export function* readWorkloads(resources: readonly Resource[], gap: (gap: Gap) => void): Generator<Fact> {
  const hidden: Resource[] = []
  for (const resource of resources) {
    yield* readWorkload(resource, hidden)
    yield* readEnvironment(resource)
    yield* readFunctionUrl(resource)
    yield* readIdentityPool(resource, resources)
    yield* readUserPool(resource)
    yield* readPublicAccessBlock(resource)
  }
  const bySource = new Map(hidden.map((each) => [each.source, each]))
  for (const { source, type, label, start } of bySource.values()) {
    const detail = `the role of ${type}.${label} is not in the module`
    const why = { class: 'limit', reason: 'value known at run time only', offset: start } as const
    gap(source.gap({ kind: iamWorkload.kind, fields: ['roleId'], ...why, detail }))
  }
}

function placeOf({ source, start, end }: Resource) {
  return source.location(start, end)
}

/** Where each kind of workload names its role and itself. The role that ECS itself uses (`execution_role_arn`) is shared by design. */
const WORKLOADS: Readonly<Record<string, { service: string; role: string; name: string }>> = {
  aws_lambda_function: { service: 'lambda', role: 'role', name: 'function_name' },
  aws_ecs_task_definition: { service: 'ecs', role: 'task_role_arn', name: 'family' },
  aws_instance: { service: 'ec2', role: 'iam_instance_profile', name: '' },
  aws_launch_template: { service: 'ec2', role: 'iam_instance_profile', name: 'name' },
  aws_launch_configuration: { service: 'ec2', role: 'iam_instance_profile', name: 'name' },
  aws_eks_pod_identity_association: { service: 'eks', role: 'role_arn', name: 'service_account' },
  aws_codebuild_project: { service: 'codebuild', role: 'service_role', name: 'name' },
  aws_codepipeline: { service: 'codepipeline', role: 'role_arn', name: 'name' },
  aws_sfn_state_machine: { service: 'states', role: 'role_arn', name: 'name' },
  aws_glue_job: { service: 'glue', role: 'role_arn', name: 'name' },
  aws_sagemaker_notebook_instance: { service: 'sagemaker', role: 'role_arn', name: 'name' },
  aws_apprunner_service: { service: 'apprunner', role: 'instance_role_arn', name: 'service_name' },
}

function* readWorkload(resource: Resource, hidden: Resource[]): Generator<Fact> {
  const form = WORKLOADS[resource.type]
  const value = form && roleValue(resource, form.role)
  if (!form || !value) return
  const roleId = roleOf(value, resource)
  if (roleId === undefined) hidden.push(resource)
  yield fact(iamWorkload, resource.source.scope, placeOf(resource), {
    id: resource.id,
    type: resource.type,
    service: form.service,
    name: resource.text(form.name) ?? resource.label,
    roleId: roleId ?? UNKNOWN,
  })
}

/** The attribute, or the ARN or name in a nested block of that name (launch templates), or in any nested block (App Runner). */
function roleValue(resource: Resource, attribute: string): ValueNode | undefined {
  const own = resource.value(attribute)
  if (own) return own
  for (const nested of resource.nested) {
    const value = nested.type === attribute ? (nested.value('arn') ?? nested.value('name')) : nested.value(attribute)
    if (value) return value
  }
  return undefined
}

/** The role that a value speaks of: its ARN or name as written, or the block; an instance profile stands for the role in it. */
function roleOf(value: ValueNode, resource: Resource): string | undefined {
  const text = plainText(value)
  if (text !== undefined) return text
  const target = resource.target(value)
  if (target?.type === 'aws_iam_role' || target?.type === 'data.aws_iam_role') return target.id
  if (target?.type !== 'aws_iam_instance_profile') return undefined
  const role = target.value('role')
  // A profile whose role is elsewhere is still one and the same profile.
  return (role && roleOf(role, target)) ?? target.id
}

const WITH_ENVIRONMENT =
  /^(?:aws_(?:lambda_function|ecs_task_definition|codebuild_project|batch_job_definition|apprunner_service|elastic_beanstalk_environment|amplify_app)|kubernetes_(?:deployment|stateful_?set|daemon_?set|job|cron_job|pod|replication_controller)(?:_v1)?)$/

/** Long-term keys in the environment of a workload. */
function* readEnvironment(resource: Resource): Generator<Fact> {
  if (!WITH_ENVIRONMENT.test(resource.type) || !argumentsHoldKey(resource)) return
  const { source, type, label } = resource
  const seen = { path: source.path, address: `${type}.${label}`, user: '', usage: 'environment' }
  yield fact(iamKeyDeclaration, source.scope, placeOf(resource), seen)
}

function argumentsHoldKey(block: Arguments): boolean {
  const entries = [...block.names].flatMap((key) => {
    const value = block.value(key)
    return value ? [{ key, keyStart: value.start, value }] : []
  })
  return holdsKey({ type: 'map', entries, start: 0, end: 0 }) || block.nested.some(argumentsHoldKey)
}

function* readFunctionUrl(resource: Resource): Generator<Fact> {
  if (resource.type !== 'aws_lambda_function_url') return
  const target = resource.target(resource.value('function_name'))
  yield fact(awsFunctionUrl, resource.source.scope, placeOf(resource), {
    arn: resource.id,
    functionName: target
      ? (target.text('function_name') ?? target.label)
      : (resource.text('function_name') ?? resource.label),
    authType: resource.text('authorization_type') ?? UNKNOWN,
    accountId: '',
  })
}

function* readIdentityPool(resource: Resource, all: readonly Resource[]): Generator<Fact> {
  if (resource.type !== 'aws_cognito_identity_pool') return
  yield fact(awsIdentityPool, resource.source.scope, placeOf(resource), {
    id: resource.id,
    name: resource.text('identity_pool_name') ?? resource.label,
    allowsUnauthenticated: asBool(resource.value('allow_unauthenticated_identities')),
    unauthenticatedRole: unauthenticatedRole(resource, all) ?? UNKNOWN,
  })
}

/** An argument that is false where it is not written. */
function asBool(value: ValueNode | undefined): boolean | typeof UNKNOWN {
  if (!value) return false
  const text = plainText(value)
  return text === 'true' ? true : text === 'false' || text === '' ? false : UNKNOWN
}

/** The role of the attachment that names the pool; empty if the module has none. */
function unauthenticatedRole(pool: Resource, all: readonly Resource[]): string | undefined {
  for (const attachment of all) {
    if (attachment.type !== 'aws_cognito_identity_pool_roles_attachment') continue
    if (attachment.target(attachment.value('identity_pool_id'))?.id !== pool.id) continue
    const roles = attachment.value('roles')
    const value = get(roles, 'unauthenticated')
    if (value) return roleOf(value, attachment)
    if (roles && roles.type !== 'map') return undefined
  }
  return ''
}

const COGNITO_SETTINGS: Readonly<Record<string, string>> = { OFF: 'off', OPTIONAL: 'optional', ON: 'required' }
/** Auth0's policies for multi-factor authentication, as its Terraform provider calls them. */
const AUTH0_POLICIES: Readonly<Record<string, string>> = {
  never: 'off',
  'confidence-score': 'optional',
  'all-applications': 'required',
}

function* readUserPool(resource: Resource): Generator<Fact> {
  const make = (provider: string, mfa: string | undefined) =>
    fact(mfaUserPool, resource.source.scope, placeOf(resource), {
      id: resource.id,
      name: resource.text('name') ?? resource.label,
      provider,
      mfa: mfa ?? UNKNOWN,
    })
  if (resource.type === 'aws_cognito_user_pool') {
    const setting = resource.value('mfa_configuration')
    yield make('Amazon Cognito', setting ? COGNITO_SETTINGS[plainText(setting) ?? ''] : 'off')
  }
  // Without the argument the tenant keeps what it has.
  const policy = resource.type === 'auth0_guardian' ? resource.value('policy') : undefined
  if (policy) yield make('Auth0', AUTH0_POLICIES[plainText(policy) ?? ''])
}

function* readPublicAccessBlock(resource: Resource): Generator<Fact> {
  const accountWide = resource.type === 'aws_s3_account_public_access_block'
  if (!accountWide && resource.type !== 'aws_s3_bucket_public_access_block') return
  const bucket = resource.target(resource.value('bucket'))
  const settings = ['restrict_public_buckets', 'block_public_policy'].map((name) => asBool(resource.value(name)))
  yield fact(awsPublicAccessBlock, resource.source.scope, placeOf(resource), {
    bucket: bucket?.id ?? resource.id,
    name: (bucket ?? resource).text('bucket') ?? '',
    restricts: settings.includes(true) || (settings.includes(UNKNOWN) ? UNKNOWN : false),
    accountWide,
  })
}
