import { iamAttachment, iamRole, iamStatement, iamUser } from '../../facts/iam.ts'
import { iamControl } from '../../facts/iam-control.ts'
import { iamDeclaration } from '../../facts/iam-declaration.ts'
import { shortName } from '../../facts/iam-name.ts'
import {
  iamActivity,
  iamLastAccessed,
  iamRoleUse,
  iamUnusedFinding,
  iamUnusedPermission,
  iamUsageWindow,
  iamUsedAction,
} from '../../facts/iam-usage.ts'
import { type Derivation, type DerivationSettings, type Fact, fact, type Gap, isFact, UNKNOWN } from '../../model.ts'
import type { IamAction } from '../../reference/iam-actions.ts'
import { groupBy } from '../grouping.ts'
import { actionSet, fullName } from './actions.ts'
import { expectedBecause } from './escalation-facts.ts'
import { gatherPrincipals, type World } from './principals.ts'
import { agesOf, nameOfPrincipal, type PrincipalUse, type StatementUse, usesOf, windowOf } from './usage.ts'
import { UsageEvidence } from './usage-evidence.ts'

/** Below this many days, silence says little. */
const SHORTEST_WINDOW = 30
/** A list in a fact is for people: the numbers beside it say how many there are. */
const LISTED = 100
const NAMED = 4

/** Granted minus used. */
export const judgeUsage: Derivation = {
  id: 'iam-usage',
  from: [iamStatement, iamAttachment, iamUsageWindow],
  optional: [
    iamRole,
    iamUser,
    iamDeclaration,
    iamControl,
    iamUsedAction,
    iamActivity,
    iamLastAccessed,
    iamUnusedFinding,
  ],
  emits: [iamUnusedPermission],
  derive(facts, gaps, settings) {
    const evidence = new UsageEvidence(facts, gaps)
    const seen = facts.some(({ kind }) => kind === iamLastAccessed.kind || kind === iamUsageWindow.kind)
    if (!seen) return { facts: [], gaps: [] }
    const ages = agesOf(facts)
    const world = gatherPrincipals(facts, actionSet())
    const derived: Fact[] = []
    const short = new Map<string, Gap>()
    const uses = [...usesOf(world, evidence)]
    const live = new Set(uses.filter(({ principal }) => !principal.inFiles).map(({ arn }) => arn))
    for (const use of uses) {
      // What the account itself tells of a principal counts, not what files say of it.
      if (use.principal.inFiles && live.has(use.arn)) continue
      const window = windowOf(use, evidence, ages.get(use.arn))
      derived.push(...permissionFacts(use, window, { world, evidence, settings }))
      if (use.sources.size > 0 && window.days < SHORTEST_WINDOW)
        short.set(use.principal.scope, shortGap(use, window.days))
    }
    return { facts: derived, gaps: [...short.values()] }
  },
}

interface Setting {
  readonly world: World
  readonly evidence: UsageEvidence
  readonly settings: DerivationSettings
}
type Place = Pick<Fact, 'scope' | 'at'>

function shortGap({ principal }: PrincipalUse, days: number): Gap {
  return {
    kind: iamUnusedPermission.kind,
    scope: principal.scope,
    class: 'limit',
    reason: 'window too short',
    detail: `${days} days of use are seen, of which nothing is called unused; ${SHORTEST_WINDOW} are needed`,
  }
}

function* permissionFacts(
  use: PrincipalUse,
  window: { readonly days: number; readonly text: string },
  { world, evidence, settings }: Setting,
): Generator<Fact> {
  const { arn } = use
  const allUsed = new Set(use.statements.flatMap(({ used }) => used.map(({ service }) => service)))
  const damaged = evidence.damage(arn) !== undefined
  const expected = expectedBecause(arn, settings)
  for (const [policy, statements] of groupBy(use.statements, ({ statement }) => statement.policy ?? '')) {
    const parts = partsOf(statements)
    const unclear = servicesIn(parts.undetermined)
    const kept = new Set([...allUsed, ...unclear])
    const wholly = new Set(servicesIn(parts.unused).filter((service) => !kept.has(service)))
    const others = parts.unused.filter(({ service }) => !wholly.has(service)).map(fullName)
    const [first] = statements
    const place = placeOf(use, statements, world)
    yield fact(iamUnusedPermission, place.scope, place.at, {
      principalArn: arn,
      principalName: nameOfPrincipal(shortName(arn)),
      principalKind: use.principal.entity.kind,
      policy,
      policyName: first?.statement.policyName ?? shortName(policy),
      unusedServices: damaged ? UNKNOWN : [...wholly].slice(0, LISTED),
      unusedActions: damaged ? UNKNOWN : others.sort().slice(0, LISTED),
      undetermined: damaged ? UNKNOWN : unclear.slice(0, LISTED),
      usedCount: parts.used.length,
      unusedCount: damaged ? UNKNOWN : parts.unused.length,
      undeterminedCount: damaged ? UNKNOWN : parts.undetermined.length,
      windowDays: window.days,
      window: window.text,
      expected: expected === 'break-glass' ? expected : '',
      summary: damaged ? UNKNOWN : summaryOf([...wholly], others),
    })
  }
}

/** In files the line to change is the statement's. */
function placeOf({ principal }: PrincipalUse, statements: readonly StatementUse[], world: World): Place {
  const [widest] = statements.toSorted((a, b) => b.unused.length - a.unused.length)
  const written = world.documents.get(widest?.statement.policy ?? '')
  return (principal.inFiles && written?.find(({ data }) => data === widest?.statement)) || principal
}

function partsOf(statements: readonly StatementUse[]): Record<'used' | 'unused' | 'undetermined', IamAction[]> {
  const [only, ...others] = statements
  const union = (part: 'used' | 'unused' | 'undetermined') =>
    others.length === 0 ? [...(only?.[part] ?? [])] : [...new Set(statements.flatMap((each) => each[part]))]
  return { used: union('used'), unused: union('unused'), undetermined: union('undetermined') }
}

function servicesIn(actions: readonly IamAction[]): string[] {
  return [...new Set(actions.map(({ service }) => service))].sort()
}

function summaryOf(services: readonly string[], actions: readonly string[]): string {
  const some = (names: readonly string[], noun: string) => {
    const more = names.length - NAMED
    return names.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more ${noun}` : '')
  }
  const parts = []
  if (services.length > 0) parts.push(`${services.length === 1 ? 'service' : 'services'} ${some(services, 'services')}`)
  if (actions.length > 0) parts.push(some(actions, 'actions'))
  return parts.join('; ')
}

/** How long roles have been unused: by IAM's memory of 400 days, and by logs. */
export const judgeRoleUse: Derivation = {
  id: 'iam-role-use',
  from: [iamRole],
  optional: [iamActivity],
  emits: [iamRoleUse],
  derive(facts, _gaps, settings) {
    const seen = new Map<string, number>()
    for (const each of facts) {
      if (!isFact(iamActivity, each)) continue
      const { principalArn = '', lastSeenDays = 0 } = each.data
      seen.set(principalArn, Math.min(lastSeenDays, seen.get(principalArn) ?? lastSeenDays))
    }
    const roles = facts.filter((each) => isFact(iamRole, each) && each.data.arn?.startsWith('arn:'))
    return { facts: roles.map((role) => roleUse(role as Fact<typeof iamRole>, seen, settings)), gaps: [] }
  },
}

function roleUse(
  role: Fact<typeof iamRole>,
  seen: ReadonlyMap<string, number>,
  settings: DerivationSettings,
): Fact<typeof iamRoleUse> {
  const { arn = '', name = '', lastUsedDays, createdDays, serviceLinked } = role.data
  const logged = seen.get(arn)
  const remembered = lastUsedDays !== undefined && lastUsedDays >= 0 ? lastUsedDays : undefined
  const used = [logged, remembered].filter((days) => days !== undefined)
  const never = lastUsedDays === undefined ? UNKNOWN : used.length === 0
  const expected = serviceLinked ? 'service-linked' : expectedBecause(arn, settings)
  return fact(iamRoleUse, role.scope, role.at, {
    arn,
    name: nameOfPrincipal(name),
    unusedDays: used.length > 0 ? Math.min(...used) : lastUsedDays === undefined ? UNKNOWN : (createdDays ?? UNKNOWN),
    never: used.length > 0 ? false : never,
    expected: expected === 'sso' ? '' : expected,
  })
}
