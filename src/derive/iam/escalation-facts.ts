import type { iamStatement } from '../../facts/iam.ts'
import { iamEscalation } from '../../facts/iam-escalation.ts'
import { shortName } from '../../facts/iam-name.ts'
import { globMatches } from '../../glob.ts'
import { type DerivationSettings, type Fact, fact, type Location, UNKNOWN } from '../../model.ts'
import type { Statement } from './permissions.ts'
import type { Principal, World } from './principals.ts'
import { nameOf, type Way } from './ways.ts'

/** What is said so far; one fact for each subject. */
export interface Told {
  readonly world: World
  readonly settings: DerivationSettings
  readonly facts: Fact[]
}

/** Whom a fact is about, and where it is shown. */
export interface Subject {
  readonly id: string
  readonly name: string
  readonly kind: 'user' | 'role' | 'group' | 'document'
  readonly claim: string
  readonly scope: string
  readonly at: Location
  readonly expected: string
}

/** One fact for a principal; what it has through a group, or by one document of the tree alone, is theirs. */
export function tell(
  told: Told,
  principal: Principal,
  ways: readonly Way[],
  escalating: ReadonlyMap<string, Way[]>,
): void {
  const [first] = ranked(ways)
  if (!first) return
  const group = soleGroup(first, principal)
  if (group && escalating.get(group)?.some((way) => way.verdict === first.verdict)) return
  told.facts.push(escalationFact(subjectOf(told, principal, first), ways, principal.authority.assumptions))
}

/** The group by which everything comes that a way needs. */
function soleGroup(way: Way, principal: Principal): string | undefined {
  const policies = new Set(way.needs.flatMap((need) => need.by.slice(0, 1).map((each) => each.policy ?? '')))
  const groups = new Set([...policies].map((policy) => principal.viaGroup.get(policy)))
  const [group] = groups
  return groups.size === 1 ? group : undefined
}

function subjectOf(told: Told, principal: Principal, way: Way): Subject {
  const { entity, scope, at } = principal
  const expected = expectedBecause(entity.id, told.settings)
  const base = { scope, at, expected }
  const documents = new Set(way.needs.flatMap((need) => need.by.slice(0, 1).map((each) => each.policy ?? '')))
  const [document] = documents
  const statement = documents.size === 1 && document ? statementFact(told.world, way.needs[0]?.by[0]) : undefined
  if (principal.inFiles && statement && document) {
    const name = statement.data.policyName ?? document
    const claim = `Policy ${name} lets ${entity.kind} ${nameOf(entity)} make itself administrator`
    return { ...base, id: document, name, kind: 'document', claim, scope: statement.scope, at: statement.at }
  }
  const kind = entity.kind === 'policy' ? 'document' : entity.kind
  return { ...base, id: entity.id, name: nameOf(entity), kind, claim: claimOf(kind, nameOf(entity)) }
}

/** `User ann can make itself administrator`. */
export function claimOf(kind: string, name: string): string {
  return `${kind[0]?.toUpperCase()}${kind.slice(1)} ${name} can make itself administrator`
}

export function statementFact(world: World, statement: Statement | undefined): Fact<typeof iamStatement> | undefined {
  return world.documents.get(statement?.policy ?? '')?.find((each) => each.data === statement)
}

/** Permission sets of IAM Identity Center, and what the operator's config calls break-glass. */
export function expectedBecause(arn: string, settings: DerivationSettings): string {
  const name = shortName(arn)
  if (name.startsWith('AWSReservedSSO_') || arn.includes('#aws_ssoadmin_permission_set.')) return 'sso'
  const declared = settings.breakGlassRoles.some((pattern) => globMatches(pattern, name) || globMatches(pattern, arn))
  return declared ? 'break-glass' : ''
}

const RANK = { yes: 0, conditional: 1, unknown: 2 } as const

/** The surest first, then the shortest, then those that need no one else. */
function ranked(ways: readonly Way[]): Way[] {
  return ways.toSorted(
    (a, b) => RANK[a.verdict] - RANK[b.verdict] || a.needs.length - b.needs.length || a.how.length - b.how.length,
  )
}

export function escalationFact(subject: Subject, ways: readonly Way[], assumptions: readonly string[]): Fact {
  const [first, ...rest] = ranked(ways)
  const alike = [first, ...rest].filter((way): way is Way => way !== undefined && way.verdict === first?.verdict)
  const cut = leastCut(alike)
  return fact(iamEscalation, subject.scope, subject.at, {
    subject: subject.id,
    subjectName: subject.name,
    subjectKind: subject.kind,
    certain: first?.verdict === 'yes' ? true : first?.verdict === 'conditional' ? false : UNKNOWN,
    paths: alike.map((way) => way.path),
    claim: subject.claim,
    how: first?.how ?? '',
    steps: (first?.needs ?? []).map(
      (need) => `${need.action}, allowed by ${need.by[0]?.policyName ?? need.by[0]?.policy}`,
    ),
    target: first?.target?.id ?? '',
    cut: cut ? `${cut.action} in ${cut.statement.policyName}${cut.statement.sid ? ` (${cut.statement.sid})` : ''}` : '',
    policy: cut?.statement.policy ?? '',
    expected: subject.expected,
    assumptions: [...new Set([...assumptions, ...alike.slice(0, 1).flatMap((way) => way.assumptions)])].sort(),
  })
}

/** The action whose statement ends most of the ways; the one that fewer statements allow, where several do. */
function leastCut(ways: readonly Way[]): { action: string; statement: Statement } | undefined {
  const counts = new Map<string, { action: string; statement: Statement; ways: number; statements: number }>()
  for (const way of ways) {
    for (const { action, by } of way.needs) {
      const [statement] = by
      if (!statement) continue
      const known = counts.get(action) ?? { action, statement, ways: 0, statements: by.length }
      counts.set(action, { ...known, ways: known.ways + 1 })
    }
  }
  return [...counts.values()].sort((a, b) => b.ways - a.ways || a.statements - b.statements)[0]
}
