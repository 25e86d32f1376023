import type { iamStatement } from '../../facts/iam.ts'
import { hasPlaceholder } from '../../facts/iam-placeholder.ts'
import type { DataOf } from '../../model.ts'
import type { IamAction } from '../../reference/iam-actions.ts'
import { MANAGED_ADMIN, MANAGED_BY_AWS, MANAGED_DENY } from '../../reference/iam-sensitive.ts'
import type { ActionSet } from './actions.ts'
import { anyLimits, type Condition, readConditions, type Tri } from './conditions.ts'
import { takeEverything } from './resources.ts'
import { and, not } from './tri.ts'

type Statement = DataOf<typeof iamStatement>

/** What limits from above: the policies of one level of the organisation; undefined if one was not seen. */
export type Limit = readonly Statement[] | undefined
/** The policies of one principal; `statements` is undefined for a document that was not seen. */
export interface Holdings {
  readonly inFiles: boolean
  /** Service control policies, level by level; undefined where they were not looked at. */
  readonly controls?: readonly Limit[]
  readonly policies: readonly {
    readonly policy: string
    readonly boundary: boolean
    readonly statements: readonly Statement[] | undefined
  }[]
}
/** What one Allow statement comes to. */
export interface PrincipalGrant {
  readonly policyName: string
  readonly hash: string
  /** Whether the statement by itself, or with the others, allows everything. */
  readonly everything: Tri
  /** The same after Deny and boundary. */
  readonly admin: Tri
}
export interface Authority {
  /** By policy. */
  readonly grants: ReadonlyMap<string, readonly PrincipalGrant[]>
  readonly assumptions: readonly string[]
}

/**
 * Whether a statement allows every action on every resource, in any spelling: `NotAction` that leaves out nothing that
 * matters does so, too. A condition that holds somebody back makes it less.
 */
export function allowsEverything(statement: Statement, actions: ActionSet): Tri {
  const known = judged.get(statement)
  if (known !== undefined) return known
  const truth = judgeAlone(statement, actions)
  judged.set(statement, truth)
  return truth
}

/** A document is judged once, however many hold it. */
const judged = new WeakMap<Statement, Tri>()

function judgeAlone(statement: Statement, actions: ActionSet): Tri {
  if (statement.effect === 'Deny') return false
  const allows: Tri = statement.effect === undefined ? 'unknown' : true
  const free = not(anyLimits(readConditions(statement.conditions ?? [])))
  return and(allows, takeEverything(statement.resources ?? []), everyAction(statement, actions), free)
}

function everyAction(statement: Statement, actions: ActionSet): Tri {
  const { actions: written = [], notActions = [] } = statement
  const known = written.filter((each) => !hasPlaceholder(each))
  if (written.length > 0) {
    if (actions.coversEverything(known)) return true
    return known.length < written.length ? 'unknown' : false
  }
  if (notActions.length === 0) return false
  if (actions.criticalIn(notActions).size > 0) return false
  return notActions.some(hasPlaceholder) ? 'unknown' : true
}

/** Judges a principal over all its policies: what they allow together, less what is denied, within the boundary. */
export function judgePrincipal(holdings: Holdings, actions: ActionSet): Authority {
  const granting = holdings.policies.filter((each) => !each.boundary)
  const everything = new Map<Statement, Tri>()
  for (const { statements = [] } of granting) {
    for (const statement of statements) everything.set(statement, allowsEverything(statement, actions))
  }
  markTogether(everything, actions)
  const assumptions = new Set([
    holdings.inFiles
      ? 'only the policies that the files show count'
      : `${holdings.controls ? '' : 'service control, '}resource and session policies were not looked at`,
  ])
  // What is taken away matters only to who has it.
  const isCandidate =
    [...everything.values()].some((truth) => truth !== false) ||
    granting.some((each) => MANAGED_ADMIN.test(each.policy))
  const left = isCandidate ? leftOver(holdings, actions, assumptions) : false
  const grants = new Map<string, PrincipalGrant[]>()
  for (const { policy, statements } of granting) {
    const list = statements ? ownGrants(statements, everything, left) : managedGrants(policy, left)
    grants.set(policy, [...(grants.get(policy) ?? []), ...list])
  }
  return { grants, assumptions: [...assumptions].sort() }
}

function ownGrants(
  statements: readonly Statement[],
  everything: ReadonlyMap<Statement, Tri>,
  left: Tri,
): PrincipalGrant[] {
  return statements
    .filter((statement) => statement.effect !== 'Deny')
    .map((statement) => {
      const truth = everything.get(statement) ?? false
      const { policyName = '', hash = '' } = statement
      return { policyName, hash, everything: truth, admin: and(truth, left) }
    })
}

/** AdministratorAccess is known without its document. */
function managedGrants(policy: string, left: Tri): PrincipalGrant[] {
  if (!MANAGED_ADMIN.test(policy)) return []
  return [{ policyName: 'AdministratorAccess', hash: 'AdministratorAccess', everything: true, admin: left }]
}

/** Statements that allow everything only together (`NotAction: iam:*` and `iam:*`). */
function markTogether(everything: Map<Statement, Tri>, actions: ActionSet): void {
  if ([...everything.values()].includes(true)) return
  const wide = [...everything.keys()].filter((statement) => {
    const free = and(statement.effect === 'Allow', takeEverything(statement.resources ?? []))
    return and(free, not(anyLimits(readConditions(statement.conditions ?? [])))) === true
  })
  const isBroad = wide.some(
    (each) => (each.notActions ?? []).length > 0 || each.actions?.some((action) => action.startsWith('*')),
  )
  if (wide.length < 2 || !isBroad) return
  const covered = new Set(wide.flatMap((statement) => [...criticalBy(statement, actions)]))
  if (covered.size < actions.critical.length) return
  for (const statement of wide) everything.set(statement, true)
}

/** The actions that matter which a statement is about. */
function criticalBy(statement: Statement, actions: ActionSet): Iterable<IamAction> {
  const { actions: written = [], notActions = [] } = statement
  if (written.length > 0) return actions.criticalIn(written)
  if (notActions.length === 0 || notActions.some(hasPlaceholder)) return []
  const excluded = actions.criticalIn(notActions)
  return actions.critical.filter((action) => !excluded.has(action))
}

/** Whether somebody who is allowed everything stays administrator: it can still change permissions. */
function leftOver(holdings: Holdings, actions: ActionSet, assumptions: Set<string>): Tri {
  const granting = holdings.policies.filter((each) => !each.boundary)
  const denied = deniedBy(
    granting.flatMap((each) => each.statements ?? []),
    actions,
    assumptions,
  )
  const unseen = granting.filter((each) => !each.statements && mayDeny(each.policy))
  // A document that was asked for and not seen may deny; in files there is no more to see than the tree shows.
  const complete: Tri = unseen.length === 0 || holdings.inFiles ? true : 'unknown'
  const boundaries = holdings.policies.filter((each) => each.boundary)
  const within = boundaries.map((each) => withinBoundary(each.policy, each.statements, actions, assumptions))
  const controlled = (holdings.controls ?? []).map((each) => withinBoundary('', each, actions, assumptions))
  return and(not(denied), complete, ...within, ...controlled)
}

function mayDeny(policy: string): boolean {
  return MANAGED_BY_AWS.test(policy) ? MANAGED_DENY.test(policy) : true
}

function withinBoundary(
  policy: string,
  statements: readonly Statement[] | undefined,
  actions: ActionSet,
  assumptions: Set<string>,
): Tri {
  if (!statements) return MANAGED_ADMIN.test(policy) ? true : 'unknown'
  const allows = statements.map((statement) => allowsEverything(statement, actions))
  const wide: Tri = allows.includes(true) ? true : allows.includes('unknown') ? 'unknown' : false
  return and(wide, not(deniedBy(statements, actions, assumptions)))
}

/**
 * Whether Deny statements take away every action that changes IAM permissions. A part of them denied is no end: the rest can
 * lift it. A Deny under a condition may or may not hold when it counts: it is an assumption.
 */
function deniedBy(statements: readonly Statement[], actions: ActionSet, assumptions: Set<string>): Tri {
  const critical = (actions.service('iam') ?? []).filter((action) => action.levels.includes('Permissions management'))
  const denied = new Set<IamAction>()
  let doubt = false
  for (const statement of statements.filter((each) => each.effect !== 'Allow')) {
    const conditions = readConditions(statement.conditions ?? [])
    const all = takeEverything(statement.resources ?? [])
    const touched = [...criticalBy(statement, actions)].filter((action) => critical.includes(action))
    const vague = [...(statement.actions ?? []), ...(statement.notActions ?? [])].some(hasPlaceholder)
    if (statement.effect === undefined || vague || (all === 'unknown' && touched.length > 0)) doubt = true
    else if (conditions.length > 0 && touched.length > 0)
      assumptions.add(`a Deny does not apply: ${textOf(conditions)}`)
    else if (all === true) for (const action of touched) denied.add(action)
  }
  if (critical.every((action) => denied.has(action))) return true
  return doubt ? 'unknown' : false
}

function textOf(conditions: readonly Condition[]): string {
  return conditions.map((condition) => condition.text).join(' and ')
}
