import { iamStatement } from '../../facts/iam.ts'
import { shortName } from '../../facts/iam-name.ts'
import { type Fact, type FileLocation, type Gap, isFact } from '../../model.ts'
import type { IamAction } from '../../reference/iam-actions.ts'
import { MANAGED_BY_AWS } from '../../reference/iam-sensitive.ts'
import { groupBy } from '../grouping.ts'
import { type ActionSet, actionSet, fullName } from './actions.ts'
import type { Statement } from './permissions.ts'
import { gatherPrincipals, isGroup, type World } from './principals.ts'
import { asWritten, type JsonStatement, narrowStatement, unreadPatterns, writeActions } from './suggest-statement.ts'
import { agesOf, nameOfPrincipal, type PrincipalUse, type StatementUse, usesOf, windowOf } from './usage.ts'
import { accountOf, UsageEvidence } from './usage-evidence.ts'

/** What one principal needs of one policy. */
export interface PolicySuggestion {
  readonly policy: string
  readonly policyName: string
  /** Managed by AWS: it cannot be changed, only replaced. */
  readonly byAws: boolean
  /** The smallest policy that covers what was used; no statements: nothing of it was. */
  readonly document: { readonly Version: '2012-10-17'; readonly Statement: readonly JsonStatement[] }
  /** Whether it says less than the policy does today. */
  readonly narrower: boolean
  readonly removed: readonly string[]
  /** Actions that stay since nobody can tell. */
  readonly undetermined: readonly string[]
}
export interface Suggestion {
  readonly arn: string
  readonly name: string
  readonly kind: string
  readonly window: string
  /** Why the log is not whole; then nothing that hangs on it is called unused. */
  readonly damage: string | undefined
  readonly policies: readonly PolicySuggestion[]
}
/** A statement in a file that grants more than all who hold it used. */
export interface StatementEdit {
  readonly at: FileLocation
  readonly scope: string
  readonly policyName: string
  /** What its list of actions should be; empty: it is not needed. */
  readonly actions: readonly string[]
  /** Its list of actions as it is; empty for NotAction. */
  readonly before: readonly string[]
}
export interface Suggestions {
  readonly principals: readonly Suggestion[]
  readonly edits: readonly StatementEdit[]
}

/** The smallest policies that cover what was used, and which lines of files to change for them. */
export function suggest(facts: readonly Fact[], gaps: readonly Gap[]): Suggestions {
  const evidence = new UsageEvidence(facts, gaps)
  const actions = actionSet()
  const world = gatherPrincipals(facts, actions)
  const ages = agesOf(facts)
  const uses = [...usesOf(world, evidence)].sort((a, b) => (a.arn < b.arn ? -1 : 1))
  const live = new Set(uses.filter(({ principal }) => !principal.inFiles).map(({ arn }) => arn))
  const principals = uses
    .filter((use) => !use.principal.inFiles || !live.has(use.arn))
    .map((use) => ({
      arn: use.arn,
      name: nameOfPrincipal(shortName(use.arn)),
      kind: use.principal.entity.kind,
      window: windowText(use, evidence, ages.get(use.arn)),
      damage: evidence.damage(use.arn),
      policies: policiesOf(use, world, evidence, actions),
    }))
  return { principals, edits: editsOf(uses, world, actions) }
}

function windowText(use: PrincipalUse, evidence: UsageEvidence, age: number | undefined): string {
  const { text } = windowOf(use, evidence, age)
  const classes = evidence.window(accountOf(use.arn))?.classes ?? []
  const selected = classes.some((each) => each.startsWith('data-'))
    ? ' (data events: as far as the trail selects them)'
    : ''
  return classes.length > 0 ? `${text}; events logged: ${classes.join(', ')}${selected}` : text
}

function policiesOf(use: PrincipalUse, world: World, evidence: UsageEvidence, actions: ActionSet): PolicySuggestion[] {
  // Where calls may be missing, what the others worked on is not all.
  const usedAction = (action: IamAction) =>
    evidence.isWhole(use.arn, action.service) ? evidence.useOf(use.arn, action) : undefined
  return [...groupBy(use.statements, ({ statement }) => statement.policy ?? '')].map(([policy, parts]) => {
    const written = world.documents.get(policy)?.map(({ data }) => data) ?? parts.map(({ statement }) => statement)
    const uses = new Map(parts.map((part) => [part.statement, part]))
    const statements = written.flatMap((statement) => {
      const part = uses.get(statement)
      return part ? narrowStatement(part, actions, usedAction) : [asWritten(statement)]
    })
    const allows = statements.some(({ Effect }) => Effect === 'Allow')
    return {
      policy,
      policyName: written[0]?.policyName ?? shortName(policy),
      byAws: MANAGED_BY_AWS.test(policy),
      document: { Version: '2012-10-17', Statement: allows ? statements : [] },
      narrower: JSON.stringify(statements) !== JSON.stringify(written.map(asWritten)),
      removed: names(parts, 'unused'),
      undetermined: names(parts, 'undetermined'),
    }
  })
}

function names(parts: readonly StatementUse[], part: 'unused' | 'undetermined'): string[] {
  return [...new Set(parts.flatMap((each) => each[part]))].map(fullName).sort()
}

/**
 * Statements of files whose actions can be fewer. A document may have several holders: what one of them used stays, and if there
 * is one of whom nothing is known, so does everything.
 */
function editsOf(uses: readonly PrincipalUse[], world: World, actions: ActionSet): StatementEdit[] {
  const places = filePlaces(world)
  const byStatement = new Map<Statement, StatementUse[]>()
  const holders = new Map<string, Set<string>>()
  for (const use of uses) {
    for (const part of use.statements) {
      const place = places(part.statement)
      if (!place) continue
      byStatement.set(place.data, [...(byStatement.get(place.data) ?? []), part])
      const policy = part.statement.policy ?? ''
      holders.set(policy, (holders.get(policy) ?? new Set()).add(use.principal.entity.id))
    }
  }
  const edits: StatementEdit[] = []
  for (const [statement, parts] of byStatement) {
    const place = places(statement)
    if (!place || !('file' in place.at)) continue
    const known = parts.every(({ statement: { policy = '' } }) => isKnownToAll(world, policy, holders.get(policy)))
    const [first] = parts
    if (!known || !first || statement.effect !== 'Allow') continue
    const kept = new Set(parts.flatMap(({ used, undetermined }) => [...used, ...undetermined]))
    const granted = new Set(parts.flatMap((part) => [...part.used, ...part.unused, ...part.undetermined]))
    if (kept.size === granted.size) continue
    const unread = unreadPatterns(statement, actions)
    const written = [...new Set([...writeActions([...kept], granted, statement, actions), ...unread])]
    const { policyName = '', actions: before = [] } = statement
    edits.push({ at: place.at, scope: place.scope, policyName, actions: written, before })
  }
  return edits.sort((a, b) =>
    a.at.file < b.at.file ? -1 : a.at.file > b.at.file ? 1 : (a.at.line ?? 0) - (b.at.line ?? 0),
  )
}

/** Whether everybody who is seen to hold a document was judged. */
function isKnownToAll(world: World, policy: string, judged: ReadonlySet<string> | undefined): boolean {
  const held = world.attachments.filter(({ data }) => data.policy === policy && !data.boundary)
  const members = held.filter(({ data }) => data.principalKind !== 'group').map(({ data }) => data.principalArn ?? '')
  const groups = held.filter(({ data }) => data.principalKind === 'group').map(({ data }) => data.principalArn)
  const reached = new Set(held.flatMap(({ data }) => (isGroup(data.via) ? [data.via] : [])))
  return members.every((id) => judged?.has(id)) && groups.every((id) => reached.has(id))
}

/** The statement in a file that says what a statement says: itself, or for one of an account its like in a policy of that name. */
function filePlaces(world: World): (statement: Statement) => Fact<typeof iamStatement> | undefined {
  const own = new Map<Statement, Fact<typeof iamStatement>>()
  const like = new Map<string, Fact<typeof iamStatement>[]>()
  for (const documents of world.documents.values()) {
    for (const each of documents) {
      if (!('file' in each.at) || !isFact(iamStatement, each)) continue
      own.set(each.data, each)
      const id = `${each.data.policyName}|${each.data.hash}`
      like.set(id, [...(like.get(id) ?? []), each])
    }
  }
  return (statement) => {
    if (own.has(statement)) return own.get(statement)
    const found = like.get(`${statement.policyName}|${statement.hash}`) ?? []
    return found.length === 1 ? found[0] : undefined
  }
}
