import { awsPublicAccessBlock } from '../../facts/aws-public-access.ts'
import { awsResourcePolicy } from '../../facts/aws-resources.ts'
import { iamStatement } from '../../facts/iam.ts'
import { iamApplied } from '../../facts/iam-applied.ts'
import { iamTrustJudgement } from '../../facts/iam-judgement.ts'
import { couldBeAnything, replacePlaceholders } from '../../facts/iam-placeholder.ts'
import {
  type DataOf,
  type Derivation,
  type DerivationSettings,
  type Fact,
  fact,
  type Gap,
  isFact,
  UNKNOWN,
} from '../../model.ts'
import { DEPUTIES_OF_RESOURCES, DEPUTIES_OF_ROLES } from '../../reference/iam-sensitive.ts'
import { Applied } from './applied.ts'
import { anyBindsWho, anyOf, type Condition, readConditions, requiresMfa, type Tri } from './conditions.ts'
import { readOidcTrust } from './oidc.ts'
import { PublicAccessBlocks } from './public-access.ts'
import { and, asField, not } from './tri.ts'

type StatementData = DataOf<typeof iamStatement>

/** Whom the Allow statements of trust and resource policies let in. */
export const judgeTrusts: Derivation = {
  id: 'iam-trusts',
  from: [iamStatement],
  optional: [iamApplied, awsPublicAccessBlock, awsResourcePolicy],
  emits: [iamTrustJudgement],
  derive(facts, _gaps, settings) {
    const gaps: Gap[] = []
    const applied = new Applied(facts)
    const blocks = new PublicAccessBlocks(facts)
    const judged = facts.flatMap((each) => {
      if (!isFact(iamStatement, each)) return []
      const { policyKind, effect, owner = '' } = each.data
      const open = policyKind === 'trust' || policyKind === 'resource'
      // Roles that AWS manages trust its services in a way that nobody can change.
      if (!open || effect === 'Deny' || owner.includes(':role/aws-service-role/') || applied.hasStatement(each))
        return []
      return [judge(each, settings, blocks, gaps)]
    })
    return { facts: judged, gaps }
  },
}

function judge(
  statement: Fact<typeof iamStatement>,
  settings: DerivationSettings,
  blocks: PublicAccessBlocks,
  gaps: Gap[],
): Fact {
  const { data } = statement
  const allows: Tri = data.effect === undefined ? 'unknown' : true
  const conditions = readConditions(data.conditions ?? [])
  const principals = data.principals ?? []
  const binds = anyBindsWho(conditions)
  const oidc = readOidcTrust(principals, data.actions ?? [], conditions)
  const foreign = data.policyKind === 'trust' ? foreignAccounts(data, conditions, binds, settings) : []
  if (foreign === UNKNOWN) gaps.push(ownerGap(statement))
  return fact(iamTrustJudgement, statement.scope, statement.at, {
    policy: data.policy ?? UNKNOWN,
    policyName: data.policyName ?? UNKNOWN,
    policyKind: data.policyKind ?? UNKNOWN,
    hash: data.hash ?? UNKNOWN,
    sid: data.sid ?? '',
    accountId: data.accountId ?? UNKNOWN,
    owner: data.owner ?? '',
    everyone: asField(and(allows, namesEverybody(principals), not(binds), !invokesApi(data))),
    keptPrivate: asField(blocks.keepPrivate(statement)),
    unattached: data.unattached === true,
    usesNotPrincipal: asField(and(allows, (data.notPrincipals ?? []).length > 0)),
    oidcIssuer: oidc?.issuer ?? '',
    oidcSubject: oidc?.subject === 'unknown' || (oidc && allows !== true) ? UNKNOWN : (oidc?.subject ?? ''),
    oidcPatterns: oidc?.patterns ?? [],
    foreignAccounts: allows === true ? foreign : UNKNOWN,
    confusedServices: allows === true ? confusedServices(data, conditions) : UNKNOWN,
    reachesUsers: asField(and(allows, data.policyKind === 'trust', reachesUsers(data))),
    requiresMfa: requiresMfa(conditions),
    // They could keep out everybody from outside the organisation.
    assumptions: [
      'resource control policies were not looked at',
      ...(data.unattached === true ? ['something attaches the document, though nothing in these files does'] : []),
    ],
  })
}

/** The principal `*`; every AWS account's root is no pattern that IAM knows. */
function namesEverybody(principals: readonly string[]): Tri {
  return anyOf(
    principals.map((each) => {
      const [type, value] = split(each)
      if (type !== 'AWS') return false
      return couldBeAnything(value) ? 'unknown' : value === '*'
    }),
  )
}

function split(principal: string): [type: string, value: string] {
  const at = principal.indexOf(':')
  return [principal.slice(0, at), principal.slice(at + 1)]
}

/** Own account: by number, or as the deployment calls it (`data.aws_caller_identity`, `AWS::AccountId`). */
const OWN_ACCOUNT = /\$\{[^}]*(?:caller_identity|AWS::AccountId|aws_account_id)[^}]*\}/i

/**
 * Accounts of others that may assume the role with nothing but a call. Where the owner's account is not seen, two accounts
 * are one too many: one of them is foreign whoever owns the role. With one alone nobody can tell.
 */
function foreignAccounts(
  data: StatementData,
  conditions: readonly Condition[],
  binds: Tri,
  settings: DerivationSettings,
): readonly string[] | typeof UNKNOWN {
  const named = (data.principals ?? []).filter((each) => each.startsWith('AWS:') && !OWN_ACCOUNT.test(each))
  const accounts = [...new Set(named.flatMap(accountOf))].sort()
  const others = accounts.filter((each) => each !== data.accountId && !settings.trustedAccounts.includes(each))
  if (binds === true || requiresMfa(conditions) || conditions.some(isExternalId)) return []
  const hidden = named.some((each) => /^AWS:arn:[\w-]+:iam::\$\{/.test(each))
  const uncertain =
    binds === 'unknown' || conditions.some((each) => isExternalIdKey(each) && each.values.some(couldBeAnything))
  if (uncertain) return others.length > 0 || hidden ? UNKNOWN : []
  if (data.accountId) return others.length > 0 || !hidden ? others : UNKNOWN
  if (accounts.length > 1 && others.length > 0) return others
  return others.length > 0 || hidden ? UNKNOWN : []
}

function accountOf(principal: string): string[] {
  const account = /^AWS:arn:[\w-]+:(?:iam|sts)::(\d{12}):/.exec(principal)?.[1]
  return account === undefined ? [] : [account]
}

function isExternalIdKey(condition: Condition): boolean {
  return condition.key === 'sts:externalid'
}

/** A fixed external id, or several, asked of everybody. */
function isExternalId(condition: Condition): boolean {
  if (!isExternalIdKey(condition) || condition.ifExists || condition.quantifier === 'forallvalues') return false
  if (!/^string(?:equals|equalsignorecase|like)$/.test(condition.operator)) return false
  return condition.values.every((value) => !couldBeAnything(value) && !/^[*?]*$/.test(value))
}

function ownerGap(statement: Fact<typeof iamStatement>): Gap {
  return {
    kind: iamTrustJudgement.kind,
    scope: statement.scope,
    fields: ['foreignAccounts', 'reachesUsers'],
    class: 'limit',
    reason: 'account of the role not seen',
    detail: `${statement.data.policyName} trusts an account that may be its own; audit the live account, or name it under trusted-accounts`,
  }
}

/** Services that take orders from any customer, with nothing that says from whom. */
function confusedServices(data: StatementData, conditions: readonly Condition[]): string[] {
  const known = data.policyKind === 'trust' ? DEPUTIES_OF_ROLES : DEPUTIES_OF_RESOURCES
  if (conditions.some((each) => namesSource(each) || isExternalId(each))) return []
  return (data.principals ?? []).flatMap((each) => {
    const [type, value] = split(each)
    const service = replacePlaceholders(value, 'x').replace(/\.amazonaws\.com(?:\.cn)?$/, '')
    return type === 'Service' && (known.has(service) || known.has(service.split('.')[0] ?? '')) ? [value] : []
  })
}

/** The source, or for a key what it encrypts: services put the ARN of the customer's trail, log group or bucket into the context. */
function namesSource({ key, values }: Condition): boolean {
  if (/^aws:source(?:arn|account|orgid|orgpaths|owner)$/.test(key)) return values.length > 0
  if (!/^kms:encryptioncontext:aws:[\w-]+:arn$/.test(key) || values.length === 0) return false
  return values.every((value) => {
    const [, , service, , account = '', name = ''] = replacePlaceholders(value, 'x').split(':')
    // A bucket's ARN has no account, and its name is nobody else's.
    return service === 's3' ? /^[^*?]/.test(name) : /^[^*?]+$/.test(account)
  })
}

/** An API without a policy is as open: its methods have authorisers of their own. */
function invokesApi({ policyKind, actions = [] }: StatementData): boolean {
  return policyKind === 'resource' && actions.length > 0 && actions.every((each) => /^execute-api:invoke$/i.test(each))
}

/** The account's root stands for all its users and roles. */
function reachesUsers(data: StatementData): Tri {
  const users = (data.principals ?? []).filter((each) => /^AWS:arn:.*:(?:root$|user\/)/.test(each))
  return anyOf(
    users.map((each) => {
      if (OWN_ACCOUNT.test(each)) return true
      return data.accountId ? accountOf(each)[0] === data.accountId : 'unknown'
    }),
  )
}
