import { awsPublicAccessBlock } from '../../facts/aws-public-access.ts'
import { awsFunctionUrl } from '../../facts/aws-resources.ts'
import { iamKeyDeclaration } from '../../facts/iam.ts'
import { iamWorkload } from '../../facts/iam-workload.ts'
import { awsIdentityPool, mfaUserPool } from '../../facts/sign-in.ts'
import { type Fact, type FactKind, fact, type Gap, UNKNOWN } from '../../model.ts'
import type { HclBlock } from '../../sources/hcl.ts'
import { get, type ValueNode } from '../../sources/value-node.ts'
import { holdsKey } from './environment-keys.ts'
import type { Module, PlacedBlock } from './terraform-module.ts'

/** A folder none of whose files says one of these words holds nothing for this reader. */
export const WORKLOAD_WORDS =
  /aws_(?:lambda_function|ecs_task_definition|instance|launch_(?:template|configuration)|eks_pod_identity|codebuild_project|codepipeline|sfn_state_machine|glue_job|sagemaker_notebook|apprunner_service|cognito_|s3_(?:bucket|account)_public_access_block)|auth0_guardian/

export const WORKLOAD_KINDS: readonly FactKind[] = [
  awsFunctionUrl,
  awsIdentityPool,
  awsPublicAccessBlock,
  iamWorkload,
  mfaUserPool,
]

/** Reads what runs with which role, what is open without sign-in, and what keeps buckets private, from one Terraform module. */
export function* readWorkloads(module: Module, gap: (gap: Gap) => void): Generator<Fact> {
  const hidden: PlacedBlock[] = []
  for (const placed of module.resources(/^(?:aws|kubernetes|auth0)_/)) {
    yield* readWorkload(placed, module, hidden)
    yield* readEnvironment(placed)
    yield* readOpenings(placed, module)
    yield* readUserPool(placed, module)
    yield* readPublicAccessBlock(placed, module)
  }
  const bySource = new Map(hidden.map((each) => [each.source, each]))
  for (const { source, block } of bySource.values()) {
    const detail = `the role of ${block.labels.join('.')} is not in the module`
    const why = { class: 'limit', reason: 'value known at run time only', offset: block.start } as const
    gap(source.gap({ kind: iamWorkload.kind, fields: ['roleId'], ...why, detail }))
  }
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

function* readWorkload(placed: PlacedBlock, module: Module, hidden: PlacedBlock[]): Generator<Fact> {
  const { source, block } = placed
  const [type = '', label = ''] = block.labels
  const form = WORKLOADS[type]
  const value = form && roleValue(block, form.role)
  if (!form || !value) return
  const roleId = roleOf(value, module)
  if (roleId === undefined) hidden.push(placed)
  yield fact(iamWorkload, source.scope, source.location(block.start, block.end), {
    id: idOf(placed),
    type,
    service: form.service,
    name: module.text(block.attributes.get(form.name)) ?? label,
    roleId: roleId ?? UNKNOWN,
  })
}

/** The attribute, or the ARN or name in a nested block of that name (launch templates), or in any nested block (App Runner). */
function roleValue(block: HclBlock, attribute: string): ValueNode | undefined {
  const own = block.attributes.get(attribute)
  if (own) return own
  for (const nested of block.blocks) {
    const value =
      nested.type === attribute
        ? (nested.attributes.get('arn') ?? nested.attributes.get('name'))
        : nested.attributes.get(attribute)
    if (value) return value
  }
  return undefined
}

/** The role behind a reference; an instance profile stands for the role in it. */
function roleOf(value: ValueNode, module: Module): string | undefined {
  const text = module.text(value)
  if (text !== undefined) return text
  const address = module.reference(value)
  const placed = address === undefined ? undefined : module.get(address)
  if (!address || !placed) return undefined
  if (/^(?:data\.)?aws_iam_role\./.test(address)) return idOf(placed, address)
  const role = address.startsWith('aws_iam_instance_profile.') ? placed.block.attributes.get('role') : undefined
  // A profile whose role is elsewhere is still one and the same profile.
  return role ? roleOf(role, module) : address.startsWith('aws_iam_instance_profile.') ? idOf(placed) : undefined
}

function idOf({ source, block }: PlacedBlock, address = block.labels.join('.')): string {
  return `file:${source.path}#${address}`
}

const WITH_ENVIRONMENT =
  /^(?:aws_(?:lambda_function|ecs_task_definition|codebuild_project|batch_job_definition|apprunner_service|elastic_beanstalk_environment|amplify_app)|kubernetes_(?:deployment|stateful_?set|daemon_?set|daemonset|job|cron_job|pod|replication_controller)(?:_v1)?)$/

/** Long-term keys in the environment of a workload. */
function* readEnvironment(placed: PlacedBlock): Generator<Fact> {
  const { source, block } = placed
  const [type = ''] = block.labels
  if (!WITH_ENVIRONMENT.test(type) || !blockHoldsKey(block)) return
  const seen = { path: source.path, address: block.labels.join('.'), user: '', usage: 'environment' }
  yield fact(iamKeyDeclaration, source.scope, source.location(block.start, block.end), seen)
}

function blockHoldsKey(block: HclBlock): boolean {
  const values = [...block.attributes].map(([key, value]) => ({ key, keyStart: value.start, value }))
  const own: ValueNode = { type: 'map', entries: values, start: block.start, end: block.end }
  return holdsKey(own) || block.blocks.some(blockHoldsKey)
}

/** What answers to people who do not sign in. */
function* readOpenings(placed: PlacedBlock, module: Module): Generator<Fact> {
  const { source, block } = placed
  const [type = '', label = ''] = block.labels
  const at = source.location(block.start, block.end)
  if (type === 'aws_lambda_function_url') {
    const target = block.attributes.get('function_name')
    const address = module.reference(target)
    const named = address ? module.get(address)?.block.attributes.get('function_name') : target
    yield fact(awsFunctionUrl, source.scope, at, {
      arn: idOf(placed),
      functionName: module.text(named) ?? address?.split('.').at(-1) ?? label,
      authType: module.text(block.attributes.get('authorization_type')) ?? UNKNOWN,
      accountId: '',
    })
  }
  if (type === 'aws_cognito_identity_pool') {
    const allowed = module.texts(block.attributes.get('allow_unauthenticated_identities'))[0] ?? 'false'
    yield fact(awsIdentityPool, source.scope, at, {
      id: idOf(placed),
      name: module.text(block.attributes.get('identity_pool_name')) ?? label,
      allowsUnauthenticated: allowed === 'true' ? true : allowed === 'false' ? false : UNKNOWN,
      unauthenticatedRole: unauthenticatedRole(placed, module) ?? UNKNOWN,
    })
  }
}

/** The role of the attachment that names the pool; empty if the module has none. */
function unauthenticatedRole({ block }: PlacedBlock, module: Module): string | undefined {
  const address = block.labels.join('.')
  for (const { block: attachment } of module.resources(/^aws_cognito_identity_pool_roles_attachment$/)) {
    if (module.reference(attachment.attributes.get('identity_pool_id')) !== address) continue
    const roles = attachment.attributes.get('roles')
    const value = get(roles, 'unauthenticated')
    if (value) return roleOf(value, module)
    if (roles && roles.type !== 'map') return undefined
  }
  return ''
}

/** Auth0's "Define policies" of multi-factor authentication, by the provider's names. */
const AUTH0_POLICIES: Readonly<Record<string, string>> = {
  never: 'off',
  'confidence-score': 'optional',
  'all-applications': 'required',
}

function* readUserPool(placed: PlacedBlock, module: Module): Generator<Fact> {
  const { source, block } = placed
  const [type = '', label = ''] = block.labels
  const make = (provider: string, mfa: string | undefined) =>
    fact(mfaUserPool, source.scope, source.location(block.start, block.end), {
      id: idOf(placed),
      name: module.text(block.attributes.get('name')) ?? label,
      provider,
      mfa: mfa ?? UNKNOWN,
    })
  if (type === 'aws_cognito_user_pool') {
    const [setting = 'OFF'] = module.texts(block.attributes.get('mfa_configuration'))
    yield make('Amazon Cognito', { OFF: 'off', OPTIONAL: 'optional', ON: 'required' }[setting])
  }
  // Without the argument the tenant keeps what it has.
  if (type === 'auth0_guardian' && block.attributes.has('policy'))
    yield make('Auth0', AUTH0_POLICIES[module.text(block.attributes.get('policy')) ?? ''])
}

/** Arguments of the two resources; all are false where they are not written. */
function* readPublicAccessBlock(placed: PlacedBlock, module: Module): Generator<Fact> {
  const { source, block } = placed
  const accountWide = block.labels[0] === 'aws_s3_account_public_access_block'
  if (!accountWide && block.labels[0] !== 'aws_s3_bucket_public_access_block') return
  const target = block.attributes.get('bucket')
  const address = module.reference(target)
  const bucket = address ? module.get(address) : undefined
  const settings = ['restrict_public_buckets', 'block_public_policy'].map(
    (name) => module.texts(block.attributes.get(name))[0] ?? 'false',
  )
  const restricts = settings.includes('true') ? true : settings.every((each) => each === 'false') ? false : UNKNOWN
  yield fact(awsPublicAccessBlock, source.scope, source.location(block.start, block.end), {
    bucket: bucket ? idOf(bucket, address) : idOf(placed),
    name: module.text(bucket ? bucket.block.attributes.get('bucket') : target) ?? '',
    restricts,
    accountWide,
    accountId: '',
  })
}
