import { iamAttachment, iamStatement } from '../../facts/iam.ts'
import { iamApplied } from '../../facts/iam-applied.ts'
import { iamStatementJudgement } from '../../facts/iam-judgement.ts'
import { hasPlaceholder } from '../../facts/iam-placeholder.ts'
import { globMatches } from '../../glob.ts'
import { type DataOf, type Derivation, type Fact, fact, type Gap, isFact, UNKNOWN } from '../../model.ts'
import { type IamAction, loadIamActions } from '../../reference/iam-actions.ts'
import { type ActionClass, type ActionSet, actionSet, fullName, nearMiss } from './actions.ts'
import { Applied } from './applied.ts'
import { anyLimits, bypassable, type Condition, readConditions, restrictsNothing, type Tri } from './conditions.ts'
import { claimOf } from './oidc.ts'
import { couldName, takeAny, takeEverything } from './resources.ts'
import { and, asField, not } from './tri.ts'

type StatementFact = Fact<typeof iamStatement>
type StatementData = DataOf<typeof iamStatement>
type List = readonly string[] | typeof UNKNOWN

/** What each statement allows. Documents of AWS, and those that only limit, are not judged. */
export const judgeStatements: Derivation = {
  id: 'iam-statements',
  from: [iamStatement, iamAttachment],
  optional: [iamApplied],
  emits: [iamStatementJudgement],
  derive(facts) {
    const statements = facts.filter((each): each is StatementFact => isFact(iamStatement, each))
    if (statements.length === 0) return { facts: [], gaps: [] }
    const judge = new Judge(limitsOnly(facts), deniedWholly(statements))
    const applied = new Applied(facts)
    const own = statements.filter((each) => !applied.hasStatement(each))
    return { facts: own.flatMap((each) => judge.judge(each)), gaps: judge.gaps }
  },
}

/** Documents that are somebody's permissions boundary and nobody's policy. */
function limitsOnly(facts: readonly Fact[]): ReadonlySet<string> {
  const attachments = facts.filter((each): each is Fact<typeof iamAttachment> => isFact(iamAttachment, each))
  const granting = new Set(attachments.filter((each) => !each.data.boundary).map((each) => each.data.policy))
  const limiting = attachments.filter((each) => each.data.boundary && !granting.has(each.data.policy))
  return new Set(limiting.flatMap((each) => each.data.policy ?? []))
}

/** Actions that a document denies on everything, whatever it allows beside it, by document. */
function deniedWholly(statements: readonly StatementFact[]): ReadonlyMap<string, ReadonlySet<IamAction>> {
  const denied = new Map<string, Set<IamAction>>()
  for (const { data } of statements) {
    const { policy = '', effect, actions = [], resources = [], conditions = [] } = data
    if (effect !== 'Deny' || conditions.length > 0 || takeEverything(resources) !== true) continue
    denied.set(policy, new Set([...(denied.get(policy) ?? []), ...actionSet().union(actions)]))
  }
  return denied
}

class Judge {
  readonly gaps: Gap[] = []
  readonly #reference = loadIamActions()
  readonly #actions = actionSet()
  readonly #limitsOnly: ReadonlySet<string>
  readonly #denied: ReadonlyMap<string, ReadonlySet<IamAction>>
  readonly #unknownSeen = new Set<string>()

  constructor(limitsOnly: ReadonlySet<string>, denied: ReadonlyMap<string, ReadonlySet<IamAction>>) {
    this.#limitsOnly = limitsOnly
    this.#denied = denied
  }

  judge(statement: StatementFact): Fact[] {
    const { data } = statement
    if (data.policyKind === 'control' || data.managedBy === 'aws' || this.#limitsOnly.has(data.policy ?? '')) return []
    const conditions = readConditions(data.conditions ?? [])
    const identity = data.policyKind === 'identity'
    const allows: Tri = data.effect === undefined ? 'unknown' : data.effect === 'Allow'
    const denied = this.#denied.get(data.policy ?? '') ?? NOTHING
    const grant = new Grant(data, and(allows, identity), conditions, this.#actions, denied)
    const usable = allows !== false
    return [
      fact(iamStatementJudgement, statement.scope, statement.at, {
        policy: data.policy ?? UNKNOWN,
        policyName: data.policyName ?? UNKNOWN,
        policyKind: data.policyKind ?? UNKNOWN,
        hash: data.hash ?? UNKNOWN,
        sid: data.sid ?? '',
        accountId: data.accountId ?? UNKNOWN,
        wildcardServices: grant.wildcardServices(),
        usesNotAction: asField(and(allows, (data.notActions ?? []).length > 0)),
        usesNotResource: asField(and(allows, identity, (data.notResources ?? []).length > 0)),
        notActions: data.notActions ?? [],
        notResources: data.notResources ?? [],
        passesAnyRole: asField(grant.allowsOnAnyRole('iam', 'PassRole')),
        assumesAnyRole: asField(grant.allowsOnAnyRole('sts', 'AssumeRole')),
        managesPermissions: grant.onAnyResource('permissions'),
        writes: grant.onAnyResource('write'),
        readsSecrets: grant.onAnyResource('secret'),
        reach: grant.reach(),
        ineffectiveConditions: usable ? texts(conditions.filter(restrictsNothing)) : [],
        bypassableConditions: this.#bypassable(data, conditions),
        unknownActions: this.#unknownActions(statement),
        mismatchedActions: grant.mismatched(),
      }),
    ]
  }

  #bypassable(data: StatementData, conditions: readonly Condition[]): List {
    if (data.effect === undefined) return conditions.length > 0 ? UNKNOWN : []
    const effect = data.effect === 'Deny' ? 'Deny' : 'Allow'
    const keyType = (key: string) =>
      this.#reference.keyType(key) ?? this.#reference.keyType(key.replace(/\/.*$/, '/<x>'))
    return texts(bypassable(conditions, effect, (key) => claimOf(key) !== undefined, keyType))
  }

  /** Near misses of what exists. An action that the data merely lacks may be new: that is a gap. */
  #unknownActions(statement: StatementFact): string[] {
    const { data, scope } = statement
    const written = [...(data.actions ?? []), ...(data.notActions ?? [])]
    const missing = written.filter((each) => !hasPlaceholder(each) && this.#actions.matching(each).length === 0)
    return missing.flatMap((each) => {
      const near = /[*?]/.test(each) ? undefined : nearMiss(each, this.#actions)
      if (near) return [`${each} (did you mean ${near}?)`]
      const key = `${scope}|${each}`
      if (this.#unknownSeen.has(key)) return []
      this.#unknownSeen.add(key)
      this.gaps.push({
        kind: iamStatementJudgement.kind,
        scope,
        fields: ['unknownActions', 'managesPermissions', 'writes', 'readsSecrets', 'mismatchedActions'],
        class: 'limit',
        reason: 'action not in the reference data',
        detail: `${each} in ${data.policyName}: AWS's list of actions of this release does not hold it; check its spelling`,
      })
      return []
    })
  }
}

function texts(conditions: readonly Condition[]): string[] {
  return conditions.map((condition) => condition.text)
}

const NOTHING: ReadonlySet<IamAction> = new Set()

/** The granting side of an identity policy's statement. */
class Grant {
  readonly #data: StatementData
  /** Whether it allows at all, and nothing holds it back. */
  readonly #free: Tri
  readonly #actions: ActionSet
  readonly #known: readonly string[]
  readonly #hasUnknown: boolean
  #specificOnes: readonly string[] | undefined
  readonly #denied: ReadonlySet<IamAction>

  constructor(
    data: StatementData,
    allows: Tri,
    conditions: readonly Condition[],
    actions: ActionSet,
    denied: ReadonlySet<IamAction>,
  ) {
    this.#data = data
    this.#denied = denied
    this.#actions = actions
    this.#free = and(allows, not(anyLimits(conditions)))
    const written = data.actions ?? []
    this.#known = written.filter((each) => !hasPlaceholder(each))
    this.#hasUnknown = this.#known.length < written.length
  }

  #any(templates: readonly string[], within: boolean): Tri {
    return takeAny(this.#data.resources ?? [], templates, within)
  }

  wildcardServices(): List {
    if (this.#free === false || this.#actions.coversEverything(this.#known)) return []
    const found: string[] = []
    let doubt = false
    for (const service of new Set(this.#known.flatMap((pattern) => this.#actions.wildcardServices(pattern)))) {
      if (this.#denied.size > 0 && this.#actions.service(service)?.every((each) => this.#denied.has(each))) continue
      const truth = and(this.#free, this.#any(this.#actions.templates(service), true))
      if (truth === true) found.push(service)
      doubt ||= truth === 'unknown'
    }
    // A placeholder in an action may be a wildcard.
    return this.#list(found, doubt || (this.#hasUnknown && this.#any([], false) !== false))
  }

  /** Patterns that say more than "all of a service": those have a finding of their own. */
  #specific(): readonly string[] {
    this.#specificOnes ??= this.#known.filter((pattern) => this.#actions.wildcardServices(pattern).length === 0)
    return this.#specificOnes
  }

  allowsOnAnyRole(service: string, name: string): Tri {
    const wanted = `${service}:${name}`.toLowerCase()
    const covers = this.#specific().some((pattern) => globMatches(pattern.toLowerCase(), wanted))
    const action = this.#actions.service(service)?.find((each) => each.name === name)
    if (action && this.#denied.has(action)) return false
    return and(this.#free, covers || (this.#hasUnknown ? 'unknown' : false), this.#any(action?.arns ?? [], true))
  }

  /**
   * Actions of a class that could be limited to resources and are not. All of an account or region are any where secrets and
   * permissions are concerned; to write to all log groups of the own account is how most things work.
   */
  onAnyResource(kind: ActionClass): List {
    if (this.#free === false) return []
    const everything = takeEverything(this.#data.resources ?? []) === true
    const found = new Set<string>()
    let doubt = false
    for (const action of this.#specific().flatMap((pattern) => this.#actions.limitable(pattern, kind))) {
      if (this.#denied.has(action)) continue
      const truth = everything ? this.#free : and(this.#free, this.#any(action.arns, kind !== 'write'))
      if (truth === true) found.add(fullName(action))
      doubt ||= truth === 'unknown'
    }
    return this.#list([...found], doubt || (this.#hasUnknown && this.#any([], false) !== false))
  }

  /** How far the resources go, in words, where actions are not limited by them: all there are, or those of some type. */
  reach(): string {
    const { resources = [], notResources = [] } = this.#data
    return notResources.length > 0 || takeEverything(resources) === true ? 'any resource' : 'any resource of a kind'
  }

  /** Actions written out that no resource of the statement fits. */
  mismatched(): List {
    const { effect, policyKind, resources = [] } = this.#data
    if (effect !== 'Allow' || policyKind === 'trust' || resources.length === 0) return []
    if (!resources.every((each) => /^(?:arn:|\*$|\$\{)/.test(each))) return []
    // Far beyond what AWS takes: not worth the time that somebody may want us to spend.
    if (this.#known.length * resources.length > 20_000) return UNKNOWN
    return shorten(
      this.#known.filter((pattern) => {
        const actions = this.#actions.matching(pattern)
        if (actions.length === 0) return false
        return actions.every((action) => !resources.some((each) => couldName(each, action.arns)))
      }),
    )
  }

  #list(found: readonly string[], doubt: boolean): List {
    if (found.length > 0) return shorten([...found].sort())
    return doubt ? UNKNOWN : []
  }
}

function shorten(names: readonly string[]): readonly string[] {
  return names.length <= 20 ? names : [...names.slice(0, 20), `and ${names.length - 20} more`]
}
