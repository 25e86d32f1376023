import { iamStatement } from '../../facts/iam.ts'
import { iamApplied } from '../../facts/iam-applied.ts'
import { shortName } from '../../facts/iam-name.ts'
import { iamGuestAccess } from '../../facts/iam-openings.ts'
import { couldBeAnything } from '../../facts/iam-placeholder.ts'
import { awsIdentityPool } from '../../facts/sign-in.ts'
import { globMatches } from '../../glob.ts'
import { type Derivation, type Fact, fact, type Gap, isFact, UNKNOWN } from '../../model.ts'
import { Applied } from './applied.ts'
import { type Condition, readConditions, type Tri } from './conditions.ts'
import { asField } from './tri.ts'

type Pool = Fact<typeof awsIdentityPool>
type Statement = Fact<typeof iamStatement>

const COGNITO = 'Federated:cognito-identity.amazonaws.com'
const HOW = 'cognito-identity.amazonaws.com:amr'

/**
 * Who gets AWS credentials from a Cognito identity pool without signing in. A role whose trust does not say how people must have
 * signed in is open to guests if its pool has any.
 * Source: https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html
 */
export const findGuestAccess: Derivation = {
  id: 'iam-guest-access',
  from: [iamStatement],
  optional: [awsIdentityPool, iamApplied],
  emits: [iamGuestAccess],
  derive(facts) {
    const gaps: Gap[] = []
    const pools = facts.filter((each): each is Pool => isFact(awsIdentityPool, each))
    const applied = new Applied(facts)
    const given = new Set(pools.filter(isOpen).map(({ data }) => data.unauthenticatedRole))
    const trusts = facts.filter((each): each is Statement => isFact(iamStatement, each) && trustsPool(each))
    const roles = trusts.filter((each) => !applied.hasStatement(each) && !given.has(each.data.owner))
    return { facts: [...pools.flatMap(poolAccess), ...roles.flatMap((each) => roleAccess(each, pools, gaps))], gaps }
  },
}

function isOpen({ data }: Pool): boolean {
  return data.allowsUnauthenticated === true && data.unauthenticatedRole !== ''
}

function poolAccess({ data, scope, at }: Pool): Fact[] {
  const { id = '', name, allowsUnauthenticated, unauthenticatedRole } = data
  if (allowsUnauthenticated === false || unauthenticatedRole === '') return []
  const admitted = allowsUnauthenticated === undefined || unauthenticatedRole === undefined ? UNKNOWN : true
  return [fact(iamGuestAccess, scope, at, { subject: id, subjectName: name ?? UNKNOWN, by: 'pool', admitted })]
}

function trustsPool({ data }: Statement): boolean {
  return data.policyKind === 'trust' && data.effect !== 'Deny' && (data.principals ?? []).includes(COGNITO)
}

function roleAccess(trust: Statement, pools: readonly Pool[], gaps: Gap[]): Fact[] {
  const { owner = '', policy = '', policyName } = trust.data
  const how = readConditions(trust.data.conditions ?? []).filter(({ key }) => key === HOW)
  const near = pools.filter(({ scope }) => scope.split('/')[0] === trust.scope.split('/')[0])
  const admitted = how.length > 0 ? admitsGuests(how) : anyPoolOpen(near)
  // A pool that gives no identities to guests does not give them this role either.
  const own = near.find(({ data }) => data.unauthenticatedRole === owner)
  if (admitted === false || own?.data.allowsUnauthenticated === false) return []
  if (admitted === 'unknown') gaps.push(unseenPool(trust))
  const subject = owner || policy
  const subjectName = policyName ?? shortName(subject)
  return [
    fact(iamGuestAccess, trust.scope, trust.at, { subject, subjectName, by: 'trust', admitted: asField(admitted) }),
  ]
}

function admitsGuests(conditions: readonly Condition[]): Tri {
  const truths = conditions.map(({ operator, values }): Tri => {
    if (values.some(couldBeAnything)) return 'unknown'
    if (!/^string(?:equals|like|equalsignorecase)$/.test(operator)) return false
    return values.some((value) => globMatches(operator === 'stringlike' ? value : literal(value), 'unauthenticated'))
  })
  if (truths.includes(false)) return false
  return truths.includes('unknown') ? 'unknown' : true
}

function literal(value: string): string {
  return value.replace(/[*?]/g, 'x')
}

function anyPoolOpen(pools: readonly Pool[]): Tri {
  if (pools.some(({ data }) => data.allowsUnauthenticated === true)) return true
  return pools.length > 0 && pools.every(({ data }) => data.allowsUnauthenticated === false) ? false : 'unknown'
}

function unseenPool({ scope, data }: Statement): Gap {
  return {
    kind: iamGuestAccess.kind,
    scope,
    fields: ['admitted'],
    class: 'limit',
    reason: 'identity pool not seen',
    detail: `${data.policyName} trusts an identity pool and does not ask for amr "authenticated"; whether the pool has guests is not seen`,
  }
}
