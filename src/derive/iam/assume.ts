import { globMatches } from '../../glob.ts'
import type { IamAction } from '../../reference/iam-actions.ts'
import { readConditions } from './conditions.ts'
import { namesEntity } from './entities.ts'
import { passes, type Request } from './holder-conditions.ts'
import type { Statement } from './permissions.ts'
import type { Principal } from './principals.ts'
import { allOf, oneOf, type Verdict } from './verdict.ts'

/** Whether a principal may become a role. */
export interface Assumption {
  readonly verdict: Verdict
  /** The identity statements that it takes; none where the trust names the principal itself. */
  readonly by: readonly Statement[]
  readonly assumptions: readonly string[]
  /** Whether the trust asks for MFA: the way of people who are meant to go it. */
  readonly withMfa: boolean
}

const NEVER: Assumption = { verdict: 'no', by: [], assumptions: [], withMfa: false }
const OWN_ROOT = /^arn:[\w${}.:-]*:iam::(?:\$\{[^}]*account[^}]*\}):root$/i

/**
 * Both sides count: the role's trust, and the principal's own policies unless the trust names the principal itself in the same
 * account. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
 */
export function mayAssume(
  principal: Principal,
  role: Principal,
  trust: readonly Statement[],
  assumeRole: IamAction,
  now: Date,
): Assumption {
  const request = { principal: principal.entity, now }
  const open = trust.filter((each) => each.actions?.some((action) => takesAssumeRole(action)))
  const denies = open.filter((each) => each.effect === 'Deny' && !each.conditions?.length)
  if (denies.some((each) => /^(?:directly|account)$/.test(lets(each, principal, role)))) return NEVER
  let best = NEVER
  for (const statement of open) {
    if (statement.effect === 'Deny') continue
    const how = lets(statement, principal, role)
    if (how === 'no') continue
    const conditions = readConditions(statement.conditions ?? [])
    const met = conditions.map((each) => passes(each, request))
    const own = ownSide(principal, role, how, assumeRole, request)
    const verdict = allOf([
      statement.effect === undefined || how === 'unknown' ? 'unknown' : 'yes',
      ...met.map((each) => each.verdict),
      own.verdict,
    ])
    if (verdict === 'no' || oneOf([verdict, best.verdict]) === best.verdict) continue
    const assumptions = [...met.flatMap((each) => each.assumes ?? []), ...own.assumptions]
    const withMfa = conditions.some((each) => each.key.startsWith('aws:multifactorauth'))
    best = { verdict, by: own.by, assumptions, withMfa }
  }
  return best
}

/** Whoever is named by a role of its own account needs no permission for it, but can lose it. */
function ownSide(
  { permissions }: Principal,
  { entity }: Principal,
  how: ReturnType<typeof lets>,
  assumeRole: IamAction,
  request: Request,
): Pick<Assumption, 'verdict' | 'by' | 'assumptions'> {
  if (how === 'directly') return { ...permissions.keeps(assumeRole, entity, request), by: [] }
  return permissions.decide(assumeRole, { entity }, request)
}

/** Whether a trust lets in principals of AWS at all; most let in services. */
export function opensToPrincipals(trust: readonly Statement[]): boolean {
  return trust.some((each) => each.effect !== 'Deny' && each.principals?.some((one) => one.startsWith('AWS:')))
}

function takesAssumeRole(action: string): boolean {
  return globMatches(action.toLowerCase(), 'sts:assumerole')
}

/** Whether a trust names the principal itself, its whole account, perhaps one of these, or somebody else. */
function lets(statement: Statement, principal: Principal, role: Principal): 'directly' | 'account' | 'unknown' | 'no' {
  const { entity } = principal
  const sameAccount = entity.accountId === role.entity.accountId
  let found: 'account' | 'unknown' | 'no' = 'no'
  for (const each of statement.principals ?? []) {
    if (!each.startsWith('AWS:')) continue
    const value = each.slice('AWS:'.length)
    const named =
      value === '*' ? true : /:root$/.test(value) ? false : namesEntity(value, entity, undefined, statement.policy)
    // Nobody is named by a pattern but `*`: IAM takes no other wildcards in principals.
    if (named === true) return sameAccount ? 'directly' : 'account'
    if (named === 'unknown') found = found === 'no' ? 'unknown' : found
    const account = /^arn:[\w-]+:iam::(\d{12}):root$/.exec(value)?.[1]
    if (OWN_ROOT.test(value) ? sameAccount : account !== undefined && account === entity.accountId) found = 'account'
    else if (account !== undefined && entity.accountId === '' && found === 'no') found = 'unknown'
  }
  return found
}
