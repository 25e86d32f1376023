import type { GroupDetail, ManagedPolicyDetail, RoleDetail, UserDetail } from '@aws-sdk/client-iam'
import { awsSsoPermissionSet } from '../../facts/aws-resources.ts'
import { iamAttachment, iamRole, iamStatement } from '../../facts/iam.ts'
import { iamMembership } from '../../facts/iam-membership.ts'
import { shortName } from '../../facts/iam-name.ts'
import { type Fact, fact, type Gap, UNKNOWN } from '../../model.ts'
import { daysSince } from '../../sources/clock.ts'
import { JsonError, parseJson } from '../../sources/json-positions.ts'
import { get, type ValueNode } from '../../sources/value-node.ts'
import { attachmentFact, type PrincipalKind } from './attachment.ts'
import { type PolicyKind, readStatement, statementFields } from './statement.ts'

type Principal = UserDetail | RoleDetail | GroupDetail
/** A policy as an API gives it. */
export interface PolicyDocument {
  readonly id: string
  readonly name: string
  readonly kind: PolicyKind
  readonly managedBy: 'customer' | 'aws' | 'inline'
  /** The ARN that people find it by. */
  readonly resource: string
  readonly owner: string
  /** Where the ARN does not tell it. */
  readonly accountId?: string
  readonly text: string | undefined
}

/** What there is in an account, or on one page of it. */
export interface Authorization {
  readonly users: readonly UserDetail[]
  readonly groups: readonly GroupDetail[]
  readonly roles: readonly RoleDetail[]
  readonly policies: readonly ManagedPolicyDetail[]
}

/**
 * The facts of an account's inventory, or of a page of it: `groups` are those of the whole account by name then, since members
 * of them stand on any page. Pure: what AWS said goes in, facts come out, documents that cannot be read are gaps.
 */
export function* authorizationFacts(
  authorization: Authorization,
  scope: string,
  gap: (gap: Gap) => void,
  groups: ReadonlyMap<string, GroupDetail> = byName(authorization.groups),
): Generator<Fact> {
  for (const user of authorization.users) {
    yield* principalFacts(user, 'user', user.UserPolicyList, scope, gap)
    for (const name of user.GroupList ?? []) yield* membershipFacts(user, groups.get(name), name, scope, gap)
  }
  for (const group of authorization.groups) yield* principalFacts(group, 'group', group.GroupPolicyList, scope, gap)
  for (const role of authorization.roles) {
    yield roleFact(role, scope)
    yield* permissionSetFacts(role, scope, gap)
    yield* documentFacts(trustOf(role), scope, gap)
    yield* principalFacts(role, 'role', role.RolePolicyList, scope, gap)
  }
  for (const policy of authorization.policies) yield* managedPolicyFacts(policy, scope, gap)
}

export function byName(groups: readonly GroupDetail[]): Map<string, GroupDetail> {
  return new Map(groups.map((group) => [group.GroupName ?? '', group]))
}

function roleFact(role: RoleDetail, scope: string): Fact {
  const { Arn = '', RoleName = '', Path = '/', CreateDate, RoleLastUsed } = role
  const lastUsed = RoleLastUsed?.LastUsedDate
  return fact(
    iamRole,
    scope,
    { resource: Arn },
    {
      arn: Arn,
      name: RoleName,
      accountId: accountOf(Arn),
      path: Path,
      serviceLinked: Path.startsWith('/aws-service-role/'),
      lastUsedDays: lastUsed ? daysSince(lastUsed) : -1,
      createdDays: CreateDate ? daysSince(CreateDate) : UNKNOWN,
    },
  )
}

/** `AWSReservedSSO_NAME_HASH`: IAM Identity Center keeps them below a path of its own. */
function* permissionSetFacts(
  { Arn = '', RoleName = '', Path = '/' }: RoleDetail,
  scope: string,
  gap: (gap: Gap) => void,
) {
  const [, name] = /^AWSReservedSSO_(.+)_[0-9a-f]{16}$/.exec(RoleName) ?? []
  if (name === undefined || !Path.startsWith('/aws-reserved/sso.amazonaws.com/')) return
  const detail = 'the identity provider behind IAM Identity Center decides on MFA; the account does not show it'
  gap({
    kind: awsSsoPermissionSet.kind,
    scope,
    fields: ['mfa'],
    class: 'limit',
    reason: 'MFA decided elsewhere',
    detail,
  })
  const seen = { name, roleArn: Arn, accountId: accountOf(Arn), mfa: UNKNOWN } as const
  yield fact(awsSsoPermissionSet, scope, { resource: Arn }, seen)
}

function trustOf(role: RoleDetail): PolicyDocument {
  const arn = role.Arn ?? ''
  const name = role.RoleName ?? arn
  const text = role.AssumeRolePolicyDocument
  return { id: `${arn}#trust`, name, kind: 'trust', managedBy: 'inline', resource: arn, owner: arn, text }
}

/** What hangs on a principal itself: managed policies, inline ones, the boundary. */
function* principalFacts(
  principal: Principal,
  kind: PrincipalKind,
  inline: UserDetail['UserPolicyList'],
  scope: string,
  gap: (gap: Gap) => void,
): Generator<Fact> {
  const arn = principal.Arn ?? ''
  const attach = (policy: string, via: string, boundary = false) =>
    attachmentFact(scope, { resource: arn }, { policy, principalArn: arn, principalKind: kind, via, boundary })
  for (const { PolicyArn } of principal.AttachedManagedPolicies ?? []) if (PolicyArn) yield attach(PolicyArn, 'direct')
  const boundary =
    'PermissionsBoundary' in principal ? principal.PermissionsBoundary?.PermissionsBoundaryArn : undefined
  if (boundary) yield attach(boundary, 'direct', true)
  for (const { PolicyName = '', PolicyDocument } of inline ?? []) {
    const id = inlineId(arn, PolicyName)
    yield attach(id, 'inline')
    const document = { id, name: PolicyName, kind: 'identity', managedBy: 'inline', resource: arn, owner: '' } as const
    yield* documentFacts({ ...document, text: PolicyDocument }, scope, gap)
  }
}

function inlineId(arn: string, name: string): string {
  return `${arn}#inline/${name}`
}

/** What a user has through a group. */
function* membershipFacts(
  user: UserDetail,
  group: GroupDetail | undefined,
  name: string,
  scope: string,
  gap: (gap: Gap) => void,
): Generator<Fact> {
  const principalArn = user.Arn ?? ''
  if (!group) {
    const detail = `users are in the group ${name}, of which GetAccountAuthorizationDetails told nothing`
    gap({ kind: iamAttachment.kind, scope, class: 'fault', reason: 'group not seen', detail })
    return
  }
  const arn = group.Arn ?? ''
  yield fact(iamMembership, scope, { resource: principalArn }, { userArn: principalArn, groupArn: arn })
  const managed = (group.AttachedManagedPolicies ?? []).flatMap((each) => each.PolicyArn ?? [])
  const inline = (group.GroupPolicyList ?? []).map((each) => inlineId(arn, each.PolicyName ?? ''))
  for (const policy of [...managed, ...inline]) {
    const seen = { policy, principalArn, principalKind: 'user', via: arn, boundary: false } as const
    yield attachmentFact(scope, { resource: principalArn }, seen)
  }
}

/** AWS's own policies are told only as far as somebody holds them. */
function* managedPolicyFacts(policy: ManagedPolicyDetail, scope: string, gap: (gap: Gap) => void): Generator<Fact> {
  const { Arn = '', PolicyName, DefaultVersionId, PolicyVersionList = [] } = policy
  const isAws = accountOf(Arn) === 'aws'
  if (isAws && !policy.AttachmentCount && !policy.PermissionsBoundaryUsageCount) return
  const version =
    PolicyVersionList.find((each) => each.IsDefaultVersion) ??
    PolicyVersionList.find((each) => each.VersionId === DefaultVersionId)
  const name = PolicyName ?? shortName(Arn)
  const managedBy = isAws ? 'aws' : 'customer'
  const document = { id: Arn, name, kind: 'identity', managedBy, resource: Arn, owner: '' } as const
  yield* documentFacts({ ...document, text: version?.Document }, scope, gap)
}

function accountOf(arn: string): string {
  return arn.split(':')[4] ?? ''
}

/** The statements of a document. */
export function* documentFacts(
  document: PolicyDocument,
  scope: string,
  gap: (gap: Gap) => void,
): Generator<Fact<typeof iamStatement>> {
  let root: ValueNode
  try {
    root = parseJson(decodeDocument(document.text ?? ''))
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    const detail = `the document ${document.id} as AWS gave it is no JSON: ${error.message}`
    gap({ kind: iamStatement.kind, scope, class: 'fault', reason: 'policy is not JSON', detail })
    return
  }
  const node = get(root, 'Statement')
  for (const each of node?.type === 'list' ? node.items : node ? [node] : []) {
    if (each.type !== 'map') continue
    const fields = {
      policy: document.id,
      policyName: document.name,
      policyKind: document.kind,
      managedBy: document.managedBy,
      accountId: document.accountId ?? accountOf(document.resource),
      owner: document.owner,
    }
    yield fact(iamStatement, scope, { resource: document.resource }, statementFields(readStatement(each), fields))
  }
}

/** IAM gives documents URL-encoded (RFC 3986); servers that stand in for it do not always. */
export function decodeDocument(text: string): string {
  if (/^\s*\{/.test(text) || !text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    // Not encoded after all: the parser says what is wrong with it.
    return text
  }
}
