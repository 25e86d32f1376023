import type { Fact } from '../../model.ts'
import type { IamAction } from '../../reference/iam-actions.ts'
import type { Entity } from './entities.ts'
import type { Statement } from './permissions.ts'
import type { Principal, World } from './principals.ts'
import { accountOf, UNUSED_AFTER_DAYS, type UsageEvidence, type UsageSource } from './usage-evidence.ts'

/** What one Allow statement grants a principal in effect, parted by use. */
export interface StatementUse {
  readonly statement: Statement
  readonly used: readonly IamAction[]
  readonly unused: readonly IamAction[]
  /** Nobody can tell. */
  readonly undetermined: readonly IamAction[]
}
/** A principal's grants against its use. */
export interface PrincipalUse {
  /** In the account; of a principal in files the one that has its name. */
  readonly arn: string
  readonly principal: Principal
  readonly statements: readonly StatementUse[]
  /** Who says that something is unused. */
  readonly sources: ReadonlySet<UsageSource>
}

/** Grants of everybody of whom some source tells. Service-linked roles are AWS's, and nobody can change them. */
export function* usesOf(world: World, evidence: UsageEvidence): Generator<PrincipalUse> {
  const accounts = inAccounts(evidence.principals)
  for (const principal of world.principals.values()) {
    if (principal.entity.kind === 'group' || principal.serviceLinked) continue
    const arn = arnOf(principal.entity, accounts)
    if (arn === undefined || !evidence.tellsOf(arn)) continue
    yield useOf(arn, principal, evidence)
  }
}

function useOf(arn: string, principal: Principal, evidence: UsageEvidence): PrincipalUse {
  const judge = evidence.judgeOf(arn)
  const sources = new Set<UsageSource>()
  const statements: StatementUse[] = []
  for (const [statement, granted] of principal.permissions.granted()) {
    const parts = { used: [] as IamAction[], unused: [] as IamAction[], undetermined: [] as IamAction[] }
    for (const action of granted) {
      const { use, by } = judge(action)
      if (by) sources.add(by)
      parts[use].push(action)
    }
    statements.push({ statement, ...parts })
  }
  return { arn, principal, statements, sources }
}

/** Users and roles of the accounts, by kind, path and name. */
function inAccounts(arns: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const byName = new Map<string, string[]>()
  for (const arn of arns) {
    const name = arn.split(':').slice(5).join(':')
    byName.set(name, [...(byName.get(name) ?? []), arn])
  }
  return byName
}

/**
 * The ARN of a principal. What a file declares is the user or role of that path and name, if just one account that was seen has
 * it.
 */
function arnOf(entity: Entity, accounts: ReadonlyMap<string, readonly string[]>): string | undefined {
  if (entity.id.startsWith('arn:')) return entity.id
  if (entity.name === undefined || entity.name.includes('${')) return undefined
  const found = accounts.get(`${entity.kind}${entity.path}${entity.name}`) ?? []
  const own = entity.accountId ? found.filter((arn) => accountOf(arn) === entity.accountId) : found
  return own.length === 1 ? own[0] : undefined
}

/** The days for which the sources tell, no more than the principal is old, and how to say that. */
export function windowOf(
  use: PrincipalUse,
  evidence: UsageEvidence,
  ageDays: number | undefined,
): { readonly days: number; readonly text: string } {
  const window = evidence.window(accountOf(use.arn))
  const parts: { days: number; text: string }[] = []
  if (window && (use.sources.has('cloudtrail') || use.sources.size === 0)) {
    const { days = 0, missingDays = 0, regions = [], to = '' } = window
    const holes = missingDays > 0 ? `, ${missingDays} of them without events` : ''
    const where = regions.length > 3 ? `${regions.length} regions` : regions.join(', ')
    parts.push({ days, text: `${days} days of CloudTrail to ${to}${holes}, ${where}` })
  }
  if (use.sources.has('last-accessed'))
    parts.push({ days: UNUSED_AFTER_DAYS, text: `${UNUSED_AFTER_DAYS} days by IAM’s last-accessed data` })
  if (use.sources.has('access-analyzer'))
    parts.push({ days: UNUSED_AFTER_DAYS, text: 'findings of IAM Access Analyzer' })
  const seen = Math.min(...parts.map(({ days }) => days))
  const days = Math.min(Number.isFinite(seen) ? seen : 0, ageDays ?? Number.POSITIVE_INFINITY)
  const young = ageDays !== undefined && ageDays < seen ? `; it is ${ageDays} days old` : ''
  return { days, text: `${parts.map(({ text }) => text).join(' and ')}${young}` }
}

/** Age of users and roles in days, by ARN, where it was seen. */
export function agesOf(facts: readonly Fact[]): ReadonlyMap<string, number> {
  const ages = new Map<string, number>()
  for (const { kind, data } of facts) {
    const { arn, createdDays } = data as { arn?: string; createdDays?: number }
    if ((kind === 'iam.role' || kind === 'iam.user') && arn && createdDays !== undefined) ages.set(arn, createdDays)
  }
  return ages
}

/** How people call a principal: a role of IAM Identity Center goes by its permission set. */
export function nameOfPrincipal(name: string): string {
  const set = /^AWSReservedSSO_(.+)_[0-9a-f]{16}$/.exec(name)?.[1]
  return set === undefined ? name : `permission set ${set}`
}
