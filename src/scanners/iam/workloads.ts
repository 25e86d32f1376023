import { awsPublicAccessBlock } from '../../facts/aws-public-access.ts'
import { awsFunctionUrl } from '../../facts/aws-resources.ts'
import { iamKeyDeclaration } from '../../facts/iam.ts'
import { iamWorkload } from '../../facts/iam-workload.ts'
import { awsIdentityPool, awsPasswordPolicy, mfaUserPool } from '../../facts/sign-in.ts'
import { type Fact, type FactKind, fact, type Gap, UNKNOWN } from '../../model.ts'
import { get, type ValueNode } from '../../sources/value-node.ts'
import { holdsKey } from './environment-keys.ts'
import { type Arguments, plainText, type Resource } from './resource.ts'

export const WORKLOAD_KINDS: readonly FactKind[] = [
  awsFunctionUrl,
  awsIdentityPool,
  awsPasswordPolicy,
  awsPublicAccessBlock,
  iamWorkload,
  mfaUserPool,
]
/** A folder none of whose files says one of these words holds nothing for this reader. */
export const WORKLOAD_WORDS =
  /aws_(?:lambda_function|ecs_task_definition|instance|launch_(?:template|configuration)|eks_pod_identity|codebuild_project|codepipeline|sfn_state_machine|glue_job|sagemaker_notebook|apprunner_service|cognito_|opensearch_domain|elasticsearch_domain|iam_account_password|s3_(?:bucket|account)_public_access_block)|auth0_guardian|AWS_\w*(?:ACCESS|SECRET)_|AWS::(?:Lambda|Serverless|ECS|EC2|EKS|CodeBuild|CodePipeline|StepFunctions|Glue|SageMaker|AppRunner|Cognito|S3|OpenSearchService|Elasticsearch)::/
/** The types of resources of Terraform that it reads. */
export const WORKLOAD_TYPES = /^(?:aws|kubernetes|auth0)_/

/** Reads what runs with which role, what is open without sign-in, and what keeps buckets private, from one Terraform module or template. */
export function* readWorkloads(resources: readonly Resource[], gap: (gap: Gap) => void): Generator<Fact> {
  const hidden: Resource[] = []
  for (const resource of resources) {
    yield* readWorkload(resource, hidden)
    yield* readEnvironment(resource)
    yield* readFunctionUrl(resource)
    yield* readIdentityPool(resource, resources)
    yield* readUserPool(resource)
    yield* readPublicAccessBlock(resource)
    yield* readSearchDomain(resource)
    yield* readPasswordPolicy(resource)
  }
  const bySource = new Map(hidden.map((each) => [each.source, each]))
  for (const { source, type, label, start } of bySource.values()) {
    const detail = `the role of ${type}.${label} is not in the files`
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
  'AWS::Lambda::Function': { service: 'lambda', role: 'Role', name: 'FunctionName' },
  'AWS::Serverless::Function': { service: 'lambda', role: 'Role', name: 'FunctionName' },
  'AWS::ECS::TaskDefinition': { service: 'ecs', role: 'TaskRoleArn', name: 'Family' },
  'AWS::EC2::Instance': { service: 'ec2', role: 'IamInstanceProfile', name: '' },
  'AWS::EC2::LaunchTemplate': {
    service: 'ec2',
    role: 'LaunchTemplateData/IamInstanceProfile',
    name: 'LaunchTemplateName',
  },
  'AWS::EKS::PodIdentityAssociation': { service: 'eks', role: 'RoleArn', name: 'ServiceAccount' },
  'AWS::CodeBuild::Project': { service: 'codebuild', role: 'ServiceRole', name: 'Name' },
  'AWS::CodePipeline::Pipeline': { service: 'codepipeline', role: 'RoleArn', name: 'Name' },
  'AWS::StepFunctions::StateMachine': { service: 'states', role: 'RoleArn', name: 'StateMachineName' },
  'AWS::Glue::Job': { service: 'glue', role: 'Role', name: 'Name' },
  'AWS::SageMaker::NotebookInstance': { service: 'sagemaker', role: 'RoleArn', name: 'NotebookInstanceName' },
  'AWS::AppRunner::Service': {
    service: 'apprunner',
    role: 'InstanceConfiguration/InstanceRoleArn',
    name: 'ServiceName',
  },
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
  if (own) return get(own, 'Arn') ?? get(own, 'Name') ?? own
  for (const nested of resource.nested) {
    const value = nested.type === attribute ? (nested.value('arn') ?? nested.value('name')) : nested.value(attribute)
    if (value) return value
  }
  return undefined
}

const ROLES: ReadonlySet<string> = new Set(['aws_iam_role', 'data.aws_iam_role', 'AWS::IAM::Role'])
/** The argument of an instance profile that names its role. */
const PROFILES: Readonly<Record<string, string>> = {
  aws_iam_instance_profile: 'role',
  'AWS::IAM::InstanceProfile': 'Roles',
}

/** The role that a value speaks of: its ARN or name as written, or the block; an instance profile stands for the role in it. */
export function roleOf(value: ValueNode, resource: Resource): string | undefined {
  const text = plainText(value)
  if (text !== undefined) return text
  const target = resource.target(value)
  if (!target || ROLES.has(target.type)) return target?.id
  const profile = PROFILES[target.type]
  if (profile === undefined) return undefined
  const role = target.value(profile)
  // A profile whose role is elsewhere is still one and the same profile.
  return (role && roleOf(role, target)) ?? target.id
}

const WITH_ENVIRONMENT =
  /^(?:aws_(?:lambda_function|ecs_task_definition|codebuild_project|batch_job_definition|apprunner_service|elastic_beanstalk_environment|amplify_app)|kubernetes_(?:deployment|stateful_?set|daemon_?set|job|cron_job|pod|replication_controller)(?:_v1)?|AWS::(?:Lambda::Function|Serverless::Function|ECS::TaskDefinition|CodeBuild::Project|Batch::JobDefinition|AppRunner::Service|ElasticBeanstalk::Environment|Amplify::App))$/

/** Long-term keys in the environment of a workload. */
function* readEnvironment(resource: Resource): Generator<Fact> {
  if (!WITH_ENVIRONMENT.test(resource.type) || !argumentsHoldKey(resource)) return
  const { source } = resource
  const seen = {
    path: source.path,
    address: resource.id.slice(resource.id.indexOf('#') + 1),
    user: '',
    usage: 'environment',
  }
  yield fact(iamKeyDeclaration, source.scope, placeOf(resource), seen)
}

function argumentsHoldKey(block: Arguments): boolean {
  const entries = [...block.names].flatMap((key) => {
    const value = block.value(key)
    return value ? [{ key, keyStart: value.start, value }] : []
  })
  return holdsKey({ type: 'map', entries, start: 0, end: 0 }) || block.nested.some(argumentsHoldKey)
}

/** Arguments that hold how a function URL is called, and the function; SAM has both in the function. */
const FUNCTION_URLS: Readonly<Record<string, { auth: string; of: string; name: string }>> = {
  aws_lambda_function_url: { auth: 'authorization_type', of: 'function_name', name: 'function_name' },
  'AWS::Lambda::Url': { auth: 'AuthType', of: 'TargetFunctionArn', name: 'FunctionName' },
  'AWS::Serverless::Function': { auth: 'FunctionUrlConfig/AuthType', of: '', name: 'FunctionName' },
}

function* readFunctionUrl(resource: Resource): Generator<Fact> {
  const form = FUNCTION_URLS[resource.type]
  const auth = form && resource.value(form.auth)
  if (!form || !auth) return
  const named = form.of === '' ? resource : resource.target(resource.value(form.of))
  yield fact(awsFunctionUrl, resource.source.scope, placeOf(resource), {
    arn: resource.id,
    functionName: named ? (named.text(form.name) ?? named.label) : (resource.text(form.of) ?? resource.label),
    authType: plainText(auth) ?? UNKNOWN,
    accountId: '',
  })
}

const IDENTITY_POOLS: Readonly<Record<string, { guests: string; name: string }>> = {
  aws_cognito_identity_pool: { guests: 'allow_unauthenticated_identities', name: 'identity_pool_name' },
  'AWS::Cognito::IdentityPool': { guests: 'AllowUnauthenticatedIdentities', name: 'IdentityPoolName' },
}
const POOL_ROLES: Readonly<Record<string, { pool: string; roles: string }>> = {
  aws_cognito_identity_pool_roles_attachment: { pool: 'identity_pool_id', roles: 'roles' },
  'AWS::Cognito::IdentityPoolRoleAttachment': { pool: 'IdentityPoolId', roles: 'Roles' },
}

function* readIdentityPool(resource: Resource, all: readonly Resource[]): Generator<Fact> {
  const form = IDENTITY_POOLS[resource.type]
  if (!form) return
  yield fact(awsIdentityPool, resource.source.scope, placeOf(resource), {
    id: resource.id,
    name: resource.text(form.name) ?? resource.label,
    allowsUnauthenticated: asBool(resource.value(form.guests)),
    unauthenticatedRole: unauthenticatedRole(resource, all) ?? UNKNOWN,
  })
}

/** The role of the attachment that names the pool; empty if the files have none. */
function unauthenticatedRole(pool: Resource, all: readonly Resource[]): string | undefined {
  for (const attachment of all) {
    const form = POOL_ROLES[attachment.type]
    if (!form || attachment.target(attachment.value(form.pool))?.id !== pool.id) continue
    const roles = attachment.value(form.roles)
    const value = get(roles, 'unauthenticated')
    if (value) return roleOf(value, attachment)
    if (roles && roles.type !== 'map') return undefined
  }
  return ''
}

/** An argument that is false where it is not written. */
function asBool(value: ValueNode | undefined): boolean | typeof UNKNOWN {
  if (!value) return false
  const text = plainText(value)
  return text === 'true' ? true : text === 'false' || text === '' ? false : UNKNOWN
}

const COGNITO_MFA: Readonly<Record<string, string>> = {
  aws_cognito_user_pool: 'mfa_configuration',
  'AWS::Cognito::UserPool': 'MfaConfiguration',
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
      name: resource.text('name') ?? resource.text('UserPoolName') ?? resource.label,
      provider,
      mfa: mfa ?? UNKNOWN,
    })
  const argument = COGNITO_MFA[resource.type]
  if (argument) {
    const setting = resource.value(argument)
    yield make('Amazon Cognito', setting ? COGNITO_SETTINGS[plainText(setting) ?? ''] : 'off')
  }
  // Without the argument the tenant keeps what it has.
  const policy = resource.type === 'auth0_guardian' ? resource.value('policy') : undefined
  if (policy) yield make('Auth0', AUTH0_POLICIES[plainText(policy) ?? ''])
}

const SEARCH_DOMAINS: Readonly<Record<string, string>> = {
  aws_opensearch_domain: 'vpc_options',
  aws_elasticsearch_domain: 'vpc_options',
  'AWS::OpenSearchService::Domain': 'VPCOptions',
  'AWS::Elasticsearch::Domain': 'VPCOptions',
}

/** A search domain within a network of one's own is reached from there only, whomever its policy names. */
function* readSearchDomain(resource: Resource): Generator<Fact> {
  const option = SEARCH_DOMAINS[resource.type]
  if (option === undefined) return
  if (!resource.value(option) && !resource.nested.some(({ type }) => type === option)) return
  const seen = { bucket: resource.id, name: '', restricts: true, accountWide: false }
  yield fact(awsPublicAccessBlock, resource.source.scope, placeOf(resource), seen)
}

const PASSWORD_POLICIES: Readonly<Record<string, { length: string; reuse: string }>> = {
  aws_iam_account_password_policy: { length: 'minimum_password_length', reuse: 'password_reuse_prevention' },
}
/** What AWS takes where the argument is not written. */
const DEFAULT_LENGTH = 6

function* readPasswordPolicy(resource: Resource): Generator<Fact> {
  const form = PASSWORD_POLICIES[resource.type]
  if (!form) return
  yield fact(awsPasswordPolicy, resource.source.scope, placeOf(resource), {
    id: resource.id,
    minLength: asNumber(resource.value(form.length), DEFAULT_LENGTH),
    reusePrevention: asNumber(resource.value(form.reuse), 0),
  })
}

function asNumber(value: ValueNode | undefined, otherwise: number): number | typeof UNKNOWN {
  if (!value) return otherwise
  const number = Number(plainText(value) ?? Number.NaN)
  return Number.isSafeInteger(number) ? number : UNKNOWN
}

function* readPublicAccessBlock(resource: Resource): Generator<Fact> {
  const inBucket = resource.type === 'AWS::S3::Bucket' && resource.value('PublicAccessBlockConfiguration') !== undefined
  const accountWide = resource.type === 'aws_s3_account_public_access_block'
  if (!inBucket && !accountWide && resource.type !== 'aws_s3_bucket_public_access_block') return
  const bucket = inBucket ? resource : resource.target(resource.value('bucket'))
  const names = inBucket
    ? ['RestrictPublicBuckets', 'BlockPublicPolicy'].map((name) => `PublicAccessBlockConfiguration/${name}`)
    : ['restrict_public_buckets', 'block_public_policy']
  const settings = names.map((name) => asBool(resource.value(name)))
  yield fact(awsPublicAccessBlock, resource.source.scope, placeOf(resource), {
    bucket: bucket?.id ?? resource.id,
    name: (bucket ?? resource).text(inBucket ? 'BucketName' : 'bucket') ?? '',
    restricts: settings.includes(true) || (settings.includes(UNKNOWN) ? UNKNOWN : false),
    accountWide,
  })
}
