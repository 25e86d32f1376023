import type { iamStatement } from '../../facts/iam.ts'
import { hasPlaceholder, replacePlaceholders } from '../../facts/iam-placeholder.ts'
import { globMatches } from '../../glob.ts'
import type { Fact } from '../../model.ts'
import { type Condition, readConditions } from '../iam/conditions.ts'
import { claimOf, readOidcTrust } from '../iam/oidc.ts'

type Tri = boolean | 'unknown'

/** One statement of a role's trust that lets accounts of a cluster in. */
export interface AccountTrust {
  /** Host and path of the cluster's issuer; empty if the statement does not tell. For Pod Identity empty. */
  readonly issuer: string
  /** Whether it lets an account in, `NAMESPACE/NAME`. */
  lets(account: string): Tri
}

/** What the trust of a role says of service accounts: by token of the cluster's issuer, and by EKS Pod Identity. */
export interface RoleTrust {
  readonly byToken: readonly AccountTrust[]
  readonly byPodIdentity: readonly AccountTrust[]
}

/** Nobody is called so: a trust that lets it in lets everybody in. */
const ANYBODY = 'zq7'

/** Reads the statements of one role's trust. A Deny among them leaves open what the others allow. */
export function readRoleTrust(statements: readonly Fact<typeof iamStatement>[]): RoleTrust {
  const denied = statements.some(({ data }) => data.effect !== 'Allow')
  const byToken: AccountTrust[] = []
  const byPodIdentity: AccountTrust[] = []
  for (const { data } of statements) {
    if (data.effect !== 'Allow') continue
    const conditions = readConditions(data.conditions ?? [])
    const principals = data.principals ?? []
    const oidc = readOidcTrust(principals, data.actions ?? [], conditions)
    if (oidc && mayBeCluster(oidc.issuer, conditions)) {
      const issuer = oidc.issuer.includes('${') || oidc.issuer.startsWith('arn:') ? '' : oidc.issuer
      byToken.push({ issuer, lets: (account) => capped(holdsForToken(conditions, account), denied) })
    }
    if (principals.includes('Service:pods.eks.amazonaws.com'))
      byPodIdentity.push({ issuer: '', lets: (account) => capped(holdsForTags(conditions, account), denied) })
  }
  return { byToken, byPodIdentity }
}

/** Which accounts a trust lets in beyond those that it names: all, those of a namespace, or none. */
export function reachOf(trust: AccountTrust, account: string): string | undefined {
  const [namespace = ''] = account.split('/')
  if (trust.lets(`${ANYBODY}/${ANYBODY}`) === true) return '*/*'
  return trust.lets(`${namespace}/${ANYBODY}`) === true ? `${namespace}/*` : undefined
}

function capped(holds: Tri, denied: boolean): Tri {
  return holds === true && denied ? 'unknown' : holds
}

/** Other issuers give tokens to workflows and people. */
function mayBeCluster(issuer: string, conditions: readonly Condition[]): boolean {
  if (/^oidc[.-]eks\b|\boidc\.eks\./.test(issuer)) return true
  return conditions.some(({ key, values }) => claimOf(key)?.claim === 'sub' && values.some(isAccount))
}

function isAccount(value: string): boolean {
  return value.startsWith('system:serviceaccount:')
}

function holdsForToken(conditions: readonly Condition[], account: string): Tri {
  const subject = `system:serviceaccount:${account.replace('/', ':')}`
  const own = conditions.filter(({ key }) => claimOf(key)?.claim === 'sub' || hasPlaceholder(key))
  // A key that only a run knows may be the audience's.
  return all(
    own.map((each) => (hasPlaceholder(each.key) && !each.values.some(isAccount) ? 'unknown' : holds(each, subject))),
  )
}

/** EKS tags the session with what the pod is. Source: docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html */
function holdsForTags(conditions: readonly Condition[], account: string): Tri {
  const [namespace = '', name = ''] = account.split('/')
  const tags: Readonly<Record<string, string>> = {
    'aws:requesttag/kubernetes-namespace': namespace,
    'aws:requesttag/kubernetes-service-account': name,
  }
  return all(conditions.map((each) => (tags[each.key] === undefined ? true : holds(each, tags[each.key] ?? ''))))
}

const EXACT = new Set(['stringequals', 'stringequalsignorecase'])

function holds({ operator, values }: Condition, text: string): Tri {
  if (!EXACT.has(operator) && operator !== 'stringlike') return 'unknown'
  const some = values.map((value): Tri => {
    if (hasPlaceholder(value)) return globMatches(replacePlaceholders(value, '*'), text) ? 'unknown' : false
    return operator === 'stringlike' ? globMatches(value, text) : value === text
  })
  return some.includes(true) ? true : some.includes('unknown') ? 'unknown' : false
}

function all(values: readonly Tri[]): Tri {
  return values.includes(false) ? false : values.includes('unknown') ? 'unknown' : true
}
