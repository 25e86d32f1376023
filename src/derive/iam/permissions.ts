import type { iamStatement } from '../../facts/iam.ts'
import { couldBeAnything, hasPlaceholder, replacePlaceholders } from '../../facts/iam-placeholder.ts'
import { globMatches } from '../../glob.ts'
import type { DataOf } from '../../model.ts'
import type { IamAction } from '../../reference/iam-actions.ts'
import { MANAGED_DOCUMENTS } from '../../reference/iam-managed.ts'
import { MANAGED_BY_AWS, MANAGED_DENY } from '../../reference/iam-sensitive.ts'
import { type ActionSet, fullName } from './actions.ts'
import type { Holdings } from './admin.ts'
import { type Condition, readConditions, type Tri } from './conditions.ts'
import { couldNameKind, type Entity, namesEntity } from './entities.ts'
import { passes, type Request } from './holder-conditions.ts'
import { couldName } from './resources.ts'
import { allOf, oneOf, type Verdict, verdictOf } from './verdict.ts'

export type Statement = DataOf<typeof iamStatement>
/**
 * What is asked for: a resource by ARN, an entity, or anything of a kind besides what was seen (`any: ''`: whatever the action
 * works on).
 */
export type Target =
  | { readonly arn: string }
  | { readonly entity: Entity }
  | { readonly any: Entity['kind'] | ''; readonly isSeen?: (pattern: string) => boolean }

/** Whether a principal may do something, and what says so. */
export interface Decision {
  readonly verdict: Verdict
  /** {@link verdict} as rules know it: what hangs on a condition is allowed. */
  readonly allowed: Tri
  /** The statements that allow it. */
  readonly by: readonly Statement[]
  readonly deniedBy: readonly Statement[]
  /** What the answer takes for granted, for people. */
  readonly assumptions: readonly string[]
}

const NOTHING: Decision = { verdict: 'no', allowed: false, by: [], deniedBy: [], assumptions: [] }

/** Statements of which one must allow; undefined if they were not seen. */
type CompiledLimit = readonly Compiled[] | undefined

/**
 * What one principal may do over all its policies, as IAM evaluates a request: an Allow, no Deny, within every limit. Source:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export class Permissions {
  readonly #allows: Compiled[]
  readonly #denies: Compiled[]
  /** Boundaries and control policies. */
  readonly #limits: readonly CompiledLimit[]
  readonly #controls: readonly CompiledLimit[]
  readonly #complete: boolean
  readonly #actions: ActionSet

  constructor(holdings: Holdings, actions: ActionSet) {
    this.#actions = actions
    const granting = holdings.policies.filter((each) => !each.boundary)
    const own = granting.flatMap((each) => (each.statements ?? managed(each.policy) ?? []).map(compile))
    this.#allows = own.filter((each) => each.statement.effect !== 'Deny')
    const boundaries = holdings.policies
      .filter((each) => each.boundary)
      .map((each) => each.statements ?? managed(each.policy))
    this.#controls = (holdings.controls ?? []).map((limit) => limit?.map(compile))
    this.#limits = [...boundaries.map((limit) => limit?.map(compile)), ...this.#controls]
    const limiting = this.#limits.flatMap((limit) => limit ?? [])
    this.#denies = [...own, ...limiting].filter((each) => each.statement.effect !== 'Allow')
    // A document that was asked for and not seen may deny; in files there is no more to see than the tree shows.
    this.#complete =
      holdings.inFiles || granting.every((each) => each.statements !== undefined || !mayDeny(each.policy))
  }

  /** Whether any statement speaks of the action in an Allow: a cheap first question. */
  mentions(action: IamAction): boolean {
    return this.#allows.some((each) => each.covers(action) !== 'no')
  }

  /** Whether the principal may do the action on the target. */
  decide(action: IamAction, target: Target | string, request: Request): Decision {
    const on: Target = typeof target === 'string' ? { arn: target } : target
    const assumptions = new Set<string>()
    const allows = this.#allows.map((each) => ({ each, verdict: each.applies(action, on, request) }))
    const by = allows.filter(({ verdict }) => verdict !== 'no')
    if (by.length === 0) return NOTHING
    const best = oneOf(by.map(({ verdict }) => verdict))
    const chosen = by.filter(({ verdict }) => verdict === best).map(({ each }) => each)
    for (const text of chosen[0]?.assumed(request) ?? []) assumptions.add(text)
    const denied = this.#denied(action, on, request, assumptions)
    const within = this.#within(this.#limits, action, on, request)
    const verdict = allOf([best, ...within, denied.verdict, this.#complete ? 'yes' : 'unknown'])
    return {
      verdict,
      allowed: verdict === 'conditional' ? true : verdict === 'unknown' ? verdict : verdict === 'yes',
      by: chosen.map((each) => each.statement),
      deniedBy: denied.by,
      assumptions: [...assumptions],
    }
  }

  /**
   * Whether the principal may do what the policy of a resource grants to it by name: a Deny takes that away, service control policies
   * do, and from roles, not from users, a boundary that does not allow it.
   */
  keeps(action: IamAction, entity: Entity, request: Request): { verdict: Verdict; assumptions: readonly string[] } {
    const assumptions = new Set<string>()
    const target = { entity }
    const limits = request.principal.kind === 'user' ? this.#controls : this.#limits
    const denied = this.#denied(action, target, request, assumptions)
    const within = this.#within(limits, action, target, request)
    return {
      verdict: allOf([...within, denied.verdict, this.#complete ? 'yes' : 'unknown']),
      assumptions: [...assumptions],
    }
  }

  #within(limits: readonly CompiledLimit[], action: IamAction, target: Target, request: Request): Verdict[] {
    return limits.map((limit) =>
      limit === undefined ? 'unknown' : oneOf(limit.map((each) => each.allowsHere(action, target, request))),
    )
  }

  /**
   * A Deny that holds in full ends it; one whose condition the holder can get round is an assumption, and one whose condition
   * nobody can tell from here leaves it conditional.
   */
  #denied(
    action: IamAction,
    target: Target,
    request: Request,
    assumptions: Set<string>,
  ): { verdict: Verdict; by: Statement[] } {
    const by: Statement[] = []
    let doubt = false
    let hangs = false
    for (const deny of this.#denies) {
      const covered = deny.coversAll(action, target, request)
      if (covered === 'no') continue
      const conditions = deny.conditions.map((each) => passes(each, request))
      if (conditions.some(({ verdict }) => verdict === 'no')) continue
      if (deny.conditions.length > 0 && conditions.some(({ assumes }) => assumes)) {
        assumptions.add(`a Deny does not apply: ${deny.conditions.map((each) => each.text).join(' and ')}`)
        hangs ||= !conditions.some(({ verdict, assumes }) => verdict === 'yes' && assumes)
      } else if (covered === 'yes' && conditions.every(({ verdict }) => verdict === 'yes')) by.push(deny.statement)
      else doubt = true
    }
    return { verdict: by.length > 0 ? 'no' : doubt ? 'unknown' : hangs ? 'conditional' : 'yes', by }
  }

  /** The known actions that each Allow statement grants in effect: less what is denied everywhere, within the limits. */
  granted(): Map<Statement, ReadonlySet<IamAction>> {
    const result = new Map<Statement, ReadonlySet<IamAction>>()
    const denied = new Set(
      this.#denies.filter((each) => each.isTotal()).flatMap((each) => [...each.set(this.#actions)]),
    )
    const limits = this.#limits.filter((limit) => limit !== undefined).map((limit) => limitSet(limit, this.#actions))
    for (const allow of this.#allows) {
      if (allow.statement.effect === undefined) continue
      const all = allow.set(this.#actions)
      const left =
        denied.size + limits.length === 0
          ? all
          : new Set([...all].filter((each) => !denied.has(each) && limits.every((limit) => limit.has(each))))
      result.set(allow.statement, left)
    }
    return result
  }
}

function limitSet(limit: readonly Compiled[], actions: ActionSet): ReadonlySet<IamAction> {
  return new Set(limit.filter((each) => each.statement.effect !== 'Deny').flatMap((each) => [...each.set(actions)]))
}

/** AWS's own policies only allow, except those made to take rights away. */
function mayDeny(policy: string): boolean {
  return MANAGED_BY_AWS.test(policy) ? MANAGED_DENY.test(policy) : true
}

/** The few policies of AWS whose meaning is as good as their document, where that was not seen. */
function managed(policy: string): readonly Statement[] | undefined {
  return MANAGED_BY_AWS.test(policy) ? MANAGED_DOCUMENTS.get(policy.slice(policy.lastIndexOf('/') + 1)) : undefined
}

const compiled = new WeakMap<Statement, Compiled>()

/** A document is read once, however many hold it. */
function compile(statement: Statement): Compiled {
  const known = compiled.get(statement)
  if (known) return known
  const made = new Compiled(statement)
  compiled.set(statement, made)
  return made
}

/** One statement, with the answers that it gave. */
class Compiled {
  readonly statement: Statement
  readonly conditions: readonly Condition[]
  readonly #covers = new Map<IamAction, Verdict>()
  readonly #anything = new Map<IamAction, Verdict>()
  /** The services that its patterns name, lower case; undefined if one of them may be of any. */
  readonly #services: ReadonlySet<string> | undefined
  #set: ReadonlySet<IamAction> | undefined

  constructor(statement: Statement) {
    this.statement = statement
    this.conditions = readConditions(statement.conditions ?? [])
    this.#services = servicesOf(statement.actions ?? [])
  }

  /** Whether the statement is about the action. */
  covers(action: IamAction): Verdict {
    if (this.#services && !this.#services.has(action.service)) return 'no'
    const known = this.#covers.get(action)
    if (known) return known
    const { actions: written = [], notActions = [] } = this.statement
    const listed = oneOf((written.length > 0 ? written : notActions).map((each) => patternCovers(each, action)))
    const verdict = written.length > 0 ? listed : notActions.length > 0 ? NEGATED[listed] : 'no'
    this.#covers.set(action, verdict)
    return verdict
  }

  /** Every known action that the statement is about. */
  set(actions: ActionSet): ReadonlySet<IamAction> {
    if (this.#set) return this.#set
    const { actions: written = [], notActions = [] } = this.statement
    if (written.length > 0) this.#set = actions.union(written)
    else if (notActions.length === 0 || notActions.some(hasPlaceholder)) this.#set = new Set()
    else {
      const out = actions.union(notActions)
      this.#set = new Set([...actions.all()].filter((each) => !out.has(each)))
    }
    return this.#set
  }

  /** Whether an Allow lets the request pass. */
  applies(action: IamAction, target: Target, request: Request): Verdict {
    const about = this.covers(action)
    if (about === 'no') return 'no'
    const effect: Verdict = this.statement.effect === undefined ? 'unknown' : 'yes'
    const conditions = this.conditions.map((each) => passes(each, request).verdict)
    return allOf([effect, about, this.#takes(action, target, request, 'some'), ...conditions])
  }

  /** The same for a statement of a limit, which may be a Deny. */
  allowsHere(action: IamAction, target: Target, request: Request): Verdict {
    return this.statement.effect === 'Deny' ? 'no' : this.applies(action, target, request)
  }

  /** Whether the statement is about the action on all of the target, conditions aside. */
  coversAll(action: IamAction, target: Target, request: Request): Verdict {
    const about = this.covers(action)
    if (about === 'no') return 'no'
    return allOf([
      this.statement.effect === undefined ? 'unknown' : 'yes',
      about,
      this.#takes(action, target, request, 'all'),
    ])
  }

  /** What it takes for granted that the conditions hold. */
  assumed(request: Request): string[] {
    return this.conditions.flatMap((each) => passes(each, request).assumes ?? [])
  }

  /** Whether a Deny holds for everything and always. */
  isTotal(): boolean {
    const { resources = [], effect } = this.statement
    return effect === 'Deny' && this.conditions.length === 0 && resources.some((each) => /^\*+$/.test(each))
  }

  #takes(action: IamAction, target: Target, request: Request, extent: 'some' | 'all'): Verdict {
    // Whether anything is taken at all hangs on nobody who asks.
    if (extent === 'all' || !('any' in target) || target.any !== '')
      return this.#takesTarget(action, target, request, extent)
    const known = this.#anything.get(action) ?? this.#takesTarget(action, target, request, extent)
    this.#anything.set(action, known)
    return known
  }

  /** Whether the statement's resources take the target: `some` of it is enough for an Allow, a Deny must take `all`. */
  #takesTarget(action: IamAction, target: Target, request: Request, extent: 'some' | 'all'): Verdict {
    const { resources = [], notResources = [] } = this.statement
    if (resources.length > 0)
      return oneOf(
        resources.map((each) => verdictOf(takes(each, action, target, request, extent, this.statement.policy))),
      )
    if (notResources.length === 0) return 'no'
    const left = oneOf(
      notResources.map((each) =>
        verdictOf(takes(each, action, target, request, extent === 'some' ? 'all' : 'some', this.statement.policy)),
      ),
    )
    return NEGATED[left]
  }
}

const NEGATED: Readonly<Record<Verdict, Verdict>> = {
  yes: 'no',
  no: 'yes',
  unknown: 'unknown',
  conditional: 'conditional',
}

function servicesOf(patterns: readonly string[]): ReadonlySet<string> | undefined {
  const services = patterns.map((pattern) => pattern.slice(0, Math.max(pattern.indexOf(':'), 0)).toLowerCase())
  const isPlain = services.every((service) => service !== '' && !/[*?$]/.test(service))
  return patterns.length > 0 && isPlain ? new Set(services) : undefined
}

function patternCovers(pattern: string, action: IamAction): Verdict {
  if (hasPlaceholder(pattern)) return 'unknown'
  return globMatches(pattern.toLowerCase(), fullName(action).toLowerCase()) ? 'yes' : 'no'
}

/** Whether a resource pattern takes the target. An action that knows no resources is only allowed on `*`. */
function takes(
  pattern: string,
  action: IamAction,
  target: Target,
  request: Request,
  extent: 'some' | 'all',
  document?: string,
): Tri {
  if (/^\*+$/.test(pattern)) return true
  if (action.arns.length === 0) return couldBeAnything(pattern) ? 'unknown' : false
  if ('entity' in target) return namesEntity(pattern, target.entity, request.principal, document)
  if ('arn' in target) {
    if (couldBeAnything(pattern)) return 'unknown'
    return globMatches(replacePlaceholders(pattern, '\u0001'), target.arn)
  }
  // Something of a kind: a pattern that takes part of it denies nothing for sure.
  if (extent === 'all') return couldBeAnything(pattern) ? 'unknown' : takesWhole(pattern, target.any)
  if (target.any !== '') {
    const isKnown = !/[*?]/.test(pattern) && target.isSeen?.(pattern) === true
    return !isKnown && couldNameKind(pattern, target.any)
  }
  return couldBeAnything(pattern) ? 'unknown' : couldName(pattern, action.arns)
}

function takesWhole(pattern: string, kind: string): boolean {
  return (
    kind !== '' &&
    globMatches(pattern, `arn:aws:iam::909090909090:${kind}/zq7`) &&
    globMatches(pattern, `arn:aws:iam::808080808080:${kind}/p/8wx`)
  )
}
