import { couldBeAnything, hasPlaceholder, replacePlaceholders } from '../../facts/iam-placeholder.ts'
import {
  AUDIENCE_BINDS,
  AUDIENCE_IS_ORGANIZATION,
  CLAIMS_OF_ORGANIZATION,
  CLAIMS_WITHOUT_OWNER,
  ISSUERS_OF_ONE_ORGANIZATION,
  SUBJECT_FORMS,
} from '../../reference/iam-oidc.ts'
import type { Condition } from './conditions.ts'

/** How closely conditions bind who may come with a token, loosest first. */
export const SUBJECT_LEVELS = ['none', 'wildcard', 'organization', 'bound'] as const
export type SubjectLevel = (typeof SUBJECT_LEVELS)[number]

export interface OidcTrust {
  /** Host and path, as in `token.actions.githubusercontent.com`; the principal as written if the tree does not show it. */
  readonly issuer: string
  readonly subject: SubjectLevel | 'unknown'
  /** The conditions on who, as `KEY VALUE`. */
  readonly patterns: readonly string[]
}

const NAMED_ISSUERS =
  /^(?:accounts\.google\.com|cognito-identity\.amazonaws\.com|graph\.facebook\.com|www\.amazon\.com)$/

/** Reads a statement that trusts tokens of a provider; undefined if it does not. All conditions must hold, so the closest counts. */
export function readOidcTrust(
  principals: readonly string[],
  actions: readonly string[],
  conditions: readonly Condition[],
): OidcTrust | undefined {
  const federated = principals
    .filter((each) => each.startsWith('Federated:'))
    .map((each) => each.slice('Federated:'.length))
  if (federated.length === 0 || !actions.some(isWebIdentity)) return undefined
  const named = federated.map(issuerOf).find((issuer) => issuer !== undefined)
  const claims = conditions.flatMap((condition) => {
    const claim = claimOf(condition.key) ?? (hasPlaceholder(condition.key) ? { issuer: '${', claim: '${' } : undefined)
    return claim ? [{ ...claim, condition }] : []
  })
  if (named === undefined && federated.every((each) => each.includes(':saml-provider/'))) return undefined
  const issuer = named || (claims.find((claim) => !claim.issuer.includes('${'))?.issuer ?? federated[0] ?? '')
  const levels = claims.map(({ claim, condition }) => levelOf(claim, condition, issuer))
  if (ISSUERS_OF_ONE_ORGANIZATION.test(issuer)) levels.push('organization')
  const subject = levels.includes('unknown')
    ? levels.includes('bound')
      ? 'bound'
      : 'unknown'
    : (SUBJECT_LEVELS.findLast((level) => levels.includes(level)) ?? 'none')
  const patterns = claims
    .filter(({ claim }) => !CLAIMS_WITHOUT_OWNER.has(claim))
    .flatMap(({ condition }) => condition.values.map((value) => `${condition.key} ${value}`))
  // A provider that is one organisation's own says who by itself.
  return { issuer, subject, patterns: patterns.length > 0 ? patterns : [`any of ${issuer}`] }
}

function isWebIdentity(action: string): boolean {
  const lower = action.toLowerCase()
  return (
    lower === 'sts:assumerolewithwebidentity' ||
    (lower.includes('*') && /^(?:\*|sts:\*|sts:assumerole(?:w.*)?\*)$/.test(lower))
  )
}

function issuerOf(principal: string): string | undefined {
  const path = /:oidc-provider\/(.+)$/.exec(principal)?.[1]
  if (path !== undefined) return path.includes('${') ? '' : path.toLowerCase()
  return NAMED_ISSUERS.test(principal) ? principal : undefined
}

/** `token.actions.githubusercontent.com:sub`: the issuer may be a placeholder, and may hold slashes. */
export function claimOf(key: string): { issuer: string; claim: string } | undefined {
  const at = key.lastIndexOf(':')
  const issuer = key.slice(0, at)
  const isHost = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:\/|$)/.test(issuer) || issuer.includes('${')
  return at > 0 && isHost ? { issuer, claim: key.slice(at + 1) } : undefined
}

const POSITIVE = new Set(['stringequals', 'stringequalsignorecase', 'stringlike'])

/** What one condition on a claim achieves; any of its values lets in, so the loosest counts. */
function levelOf(claim: string, condition: Condition, issuer: string): SubjectLevel | 'unknown' {
  const { operator, values } = condition
  if (hasPlaceholder(operator) || hasPlaceholder(claim)) return 'unknown'
  if (!POSITIVE.has(operator) || values.length === 0) return 'none'
  // Every token has a subject and an audience; other claims need not be there.
  const mayBeAbsent = claim !== 'sub' && claim !== 'aud'
  if (mayBeAbsent && (condition.ifExists || condition.quantifier === 'forallvalues')) return 'none'
  if (claim === 'aud' && AUDIENCE_IS_ORGANIZATION.has(issuer))
    return operator === 'stringlike' && values.some((value) => /[*?]/.test(value)) ? 'wildcard' : 'organization'
  if (CLAIMS_WITHOUT_OWNER.has(claim) && !(claim === 'aud' && AUDIENCE_BINDS.has(issuer))) return 'none'
  if (values.some(couldBeAnything)) return 'unknown'
  const levels = values.map((value) => {
    // Without StringLike an asterisk is an asterisk, which no token has.
    const pattern = operator === 'stringlike' ? value : value.replace(/[*?]/g, 'x')
    return claim === 'sub' ? subjectLevel(pattern, issuer) : claimLevel(claim, pattern)
  })
  return SUBJECT_LEVELS.find((level) => levels.includes(level)) ?? 'none'
}

function claimLevel(claim: string, value: string): SubjectLevel {
  const pattern = replacePlaceholders(value, 'x')
  if (claim === 'repository' || claim === 'job_workflow_ref') return ownedLevel(pattern, '/', '')
  if (/^[*?]/.test(pattern)) return 'wildcard'
  return CLAIMS_OF_ORGANIZATION.has(claim) ? 'organization' : 'bound'
}

/** The subject of a known provider has its owner at a known place; for others a leading wildcard takes anybody. */
export function subjectLevel(value: string, issuer: string): SubjectLevel {
  const pattern = replacePlaceholders(value, 'x/x')
  if (/^[*?]/.test(pattern)) return 'wildcard'
  const form =
    SUBJECT_FORMS.find((each) => each.issuer.test(issuer)) ??
    SUBJECT_FORMS.find((each) => pattern.startsWith(each.prefix))
  // Elsewhere only a leading wildcard is sure to take anybody.
  if (!form) return 'bound'
  if (pattern.startsWith(form.prefix))
    return ownedLevel(pattern.slice(form.prefix.length), form.ownerEnd, form.ownedPrefix)
  const wildcard = pattern.search(/[*?]/)
  // A wildcard before the prefix ends takes any owner.
  if (wildcard >= 0 && form.prefix.startsWith(pattern.slice(0, wildcard))) return 'wildcard'
  // A subject that the organisation customised: KEY:VALUE pairs.
  return /^[\w-]+:[*?]/.test(pattern) ? 'wildcard' : 'bound'
}

function ownedLevel(rest: string, ownerEnd: string, ownedPrefix: string): SubjectLevel {
  const end = rest.indexOf(ownerEnd)
  const owner = end < 0 ? rest : rest.slice(0, end)
  // Ids follow the name after an @, which no name holds.
  if (/[*?]/.test(owner.replace(/(?<=.)@.*$/, ''))) return 'wildcard'
  if (end < 0) return 'bound'
  const owned = rest.slice(end + 1)
  if (/^\?*\*/.test(owned)) return 'organization'
  return owned.startsWith(ownedPrefix) && /^\?*\*/.test(owned.slice(ownedPrefix.length)) ? 'organization' : 'bound'
}
