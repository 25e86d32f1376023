import { shortName } from '../../facts/iam-name.ts'
import type { IamAction } from '../../reference/iam-actions.ts'
import { GIVES_RIGHTS, MAKES, TAKES_OVER } from '../../reference/iam-escalation.ts'
import type { EscalationPath } from '../../reference/iam-escalation-path.ts'
import { fullName } from './actions.ts'
import { mayAssume } from './assume.ts'
import type { Entity } from './entities.ts'
import type { Request } from './holder-conditions.ts'
import type { Decision, Statement, Target } from './permissions.ts'
import type { Principal, World } from './principals.ts'
import { takeAny } from './resources.ts'
import { allOf, oneOf, type Verdict } from './verdict.ts'

/** A path with its actions as the reference knows them. */
export interface KnownPath extends EscalationPath {
  readonly actions: readonly IamAction[]
}
/** One way in which a principal gets more rights. */
export interface Way {
  readonly path: string
  readonly verdict: Exclude<Verdict, 'no'>
  /** What it needs, and the statements that allow it. */
  readonly needs: readonly Need[]
  /** Whom it becomes or what it changes; undefined if not seen. */
  readonly target: Entity | undefined
  /** The end of a sentence: `by iam:PutUserPolicy on itself`. */
  readonly how: string
  readonly assumptions: readonly string[]
}
export interface Need {
  readonly action: string
  readonly by: readonly Statement[]
}
/** A target that a principal may give rights to. */
interface Gift {
  readonly target: Principal
  readonly given: Decision
}
/** Who is administrator, or becomes it, and how the sentence ends that says so. */
export type Privileged = ReadonlyMap<string, string>

export interface Setting {
  readonly world: World
  /** Principals that live near enough to be a target, by kind. */
  readonly targets: (kind: 'user' | 'role' | 'group', of: Principal) => readonly Principal[]
  /** The principals of a kind that have more rights; see {@link Privileged}. */
  readonly privilegedTargets: (kind: 'user' | 'role' | 'group', of: Principal) => readonly Principal[]
  readonly notePrivileged: (principal: Principal) => void
  /** Privileged roles that let in principals of AWS; those of other accounts of the run, too. */
  readonly assumable: (of: Principal) => readonly Principal[]
  /** Whether a pattern without wildcards names a principal that was seen. */
  readonly isSeen: (pattern: string, kind: Entity['kind'], of: Principal) => boolean
  /** Whether there may be targets that were not seen. */
  readonly unseen: (kind: Entity['kind'], of: Principal) => boolean
  /** Roles that trust a service, by its host. */
  readonly trusting: (service: string, of: Principal) => readonly Principal[]
  readonly assumeRole: IamAction
  readonly now: Date
  /** Remembers whom each principal may give rights to, by action. */
  readonly gifts: WeakMap<Principal, Map<string, readonly Gift[]>>
}

const KEYS = { 'iam:policyarn': 'arn:aws:iam::aws:policy/AdministratorAccess' }

/** A trust may name the principal itself, who then needs no permission for it. */
export const ROLE_CHAIN = 'sts-001'

/** The paths that the principal's statements speak of at all. */
export function pathsOf({ permissions }: Pick<Principal, 'permissions'>, paths: readonly KnownPath[]): KnownPath[] {
  const mentioned = new Map<IamAction, boolean>()
  const isMentioned = (action: IamAction) => {
    const known = mentioned.get(action) ?? permissions.mentions(action)
    mentioned.set(action, known)
    return known
  }
  return paths.filter((path) => path.id === ROLE_CHAIN || path.actions.every(isMentioned))
}

/** Every way of one path that a principal has; the best of several targets. */
export function waysAlong(path: KnownPath, principal: Principal, privileged: Privileged, setting: Setting): Way[] {
  if (path.id === ROLE_CHAIN) return roleChain(path, principal, privileged, setting)
  const asking = new Asking(path, principal, privileged, setting)
  const ways = path.form === 'pass' ? asking.pass() : path.form === 'existing' ? asking.existing() : asking.identity()
  return best(ways)
}

function best(ways: readonly (Way | undefined)[]): Way[] {
  const found = ways.filter((way): way is Way => way !== undefined)
  const verdict = oneOf(found.map((way) => way.verdict))
  return found.filter((way) => way.verdict === verdict).slice(0, 1)
}

function roleChain(path: KnownPath, principal: Principal, privileged: Privileged, setting: Setting): Way[] {
  const ways = setting.assumable(principal).map((role): Way | undefined => {
    const because = privileged.get(role.entity.id)
    const trust = because === undefined ? undefined : setting.world.trusts.get(role.entity.id)
    if (!trust) return undefined
    const { verdict, by, assumptions, withMfa } = mayAssume(principal, role, trust, setting.assumeRole, setting.now)
    if (verdict === 'no') return undefined
    return {
      path: path.id,
      // Whoever must bring MFA goes the way that was made for people.
      verdict: withMfa && verdict === 'yes' ? 'conditional' : verdict,
      needs: by.length > 0 ? [{ action: fullName(setting.assumeRole), by }] : [],
      target: role.entity,
      how: `by assuming the role ${nameOf(role.entity)}, which ${because}`,
      assumptions,
    }
  })
  return best(ways)
}

class Asking {
  readonly #path: KnownPath
  readonly #principal: Principal
  readonly #privileged: Privileged
  readonly #setting: Setting
  /** Who asks: of a group any of its members. */
  readonly #asker: Entity

  constructor(path: KnownPath, principal: Principal, privileged: Privileged, setting: Setting) {
    this.#path = path
    this.#principal = principal
    this.#privileged = privileged
    this.#setting = setting
    this.#asker = principal.entity.kind === 'group' ? memberOf(principal.entity) : principal.entity
  }

  #decide(action: IamAction, target: Target, keys: Request['keys'] = KEYS): Decision {
    return this.#principal.permissions.decide(action, target, {
      principal: this.#asker,
      now: this.#setting.now,
      keys,
    })
  }

  #anyOther(kind: Entity['kind']): Target {
    return { any: kind, isSeen: (pattern) => this.#setting.isSeen(pattern, kind, this.#principal) }
  }

  /** Starts something that runs as a role which has more rights. */
  pass(): (Way | undefined)[] {
    const [passRole, ...others] = this.#path.actions
    if (!passRole) return []
    const rest = others.map((action) => [action, this.#decide(action, { any: '' })] as const)
    if (rest.some(([, decision]) => decision.verdict === 'no')) return []
    return (this.#path.services ?? []).flatMap((service) => {
      const keys = { 'iam:passedtoservice': service }
      const short = service.replace('.amazonaws.com', '')
      const started = others.map(fullName).join(' and ')
      const seen = this.#setting.trusting(service, this.#principal).map((role): Way | undefined => {
        const because = this.#privileged.get(role.entity.id)
        if (because === undefined || role === this.#principal) return undefined
        const passed = [passRole, this.#decide(passRole, { entity: role.entity }, keys)] as const
        const how = `by passing the role ${nameOf(role.entity)}, which ${because}, to ${short} (iam:PassRole and ${started})`
        return this.#way([passed, ...rest], role.entity, how)
      })
      if (!this.#setting.unseen('role', this.#principal)) return seen
      const passed = this.#decide(passRole, this.#anyOther('role'), keys)
      const how = `by passing a role that is not seen here to ${short} (iam:PassRole and ${started})`
      return [...seen, this.#unseen(this.#way([[passRole, passed], ...rest], undefined, how), passed, passRole)]
    })
  }

  /** Changes something that runs as a role already; which, is not seen. */
  existing(): (Way | undefined)[] {
    const decisions = this.#path.actions.map((action) => [action, this.#decide(action, { any: '' })] as const)
    // What names its functions or instances is somebody's work on them, not a way to any of them.
    const isWide = decisions.every(([action, { by }]) => by.some((each) => this.#isWide(each, action)))
    if (!isWide) return []
    const how = `by ${this.#path.permissions.join(' and ')} on something that runs with more rights`
    const way = this.#way(decisions, undefined, how)
    return [way && { ...way, verdict: way.verdict === 'yes' ? 'conditional' : way.verdict }]
  }

  /** Changes or takes over a user, role, group or policy. */
  identity(): (Way | undefined)[] {
    const { actions } = this.#path
    const gives = actions.filter((action) => GIVES_RIGHTS[fullName(action)])
    const takes = actions.filter((action) => TAKES_OVER[fullName(action)])
    const makes = actions.filter((action) => MAKES[fullName(action)])
    if (makes.length > 0) return [this.#makesNew(makes[0] as IamAction)]
    if (gives.length === 0 && takes.length === 0) return this.#joinsGroup(actions)
    if (takes.length === 0) return this.#givesItself(gives[0] as IamAction)
    return this.#takesOver(gives, takes)
  }

  #makesNew(make: IamAction): Way | undefined {
    const kind = MAKES[fullName(make)] ?? 'role'
    const decisions = this.#path.actions.map((action) => [action, this.#decide(action, { any: kind })] as const)
    return this.#way(decisions, undefined, `by making a new ${kind} (${this.#path.permissions.join(', ')})`)
  }

  #joinsGroup(actions: readonly IamAction[]): (Way | undefined)[] {
    const [join] = actions
    if (!join || this.#principal.entity.kind === 'role') return []
    const groups = this.#setting.privilegedTargets('group', this.#principal)
    const seen = groups.map((group): Way | undefined => {
      const because = this.#privileged.get(group.entity.id)
      if (because === undefined) return undefined
      const how = `by joining the group ${nameOf(group.entity)}, which ${because}`
      return this.#way([[join, this.#decide(join, { entity: group.entity })]], group.entity, how)
    })
    if (!this.#setting.unseen('group', this.#principal)) return seen
    const decision = this.#decide(join, this.#anyOther('group'))
    const how = 'by joining a group that is not seen here (iam:AddUserToGroup)'
    return [...seen, this.#unseen(this.#way([[join, decision]], undefined, how), decision, join)]
  }

  #givesItself(give: IamAction): (Way | undefined)[] {
    const { entity, groups, policies } = this.#principal
    const kind = GIVES_RIGHTS[fullName(give)]
    const itself = entity.kind === 'group' && kind === 'group' ? entity : this.#asker
    const own =
      kind === 'group' && itself.kind !== 'group'
        ? groups
        : kind === 'policy'
          ? policies
          : itself.kind === kind
            ? [itself]
            : []
    if (
      kind === 'group' &&
      itself.kind === 'user' &&
      own.length === 0 &&
      this.#setting.unseen('group', this.#principal)
    ) {
      const decision = this.#decide(give, this.#anyOther('group'))
      const how = `by ${fullName(give)} on a group of which it is a member`
      return [this.#unseen(this.#way([[give, decision]], undefined, how), decision, give)]
    }
    return own.map((target) => {
      const on = target === itself ? 'itself' : `the ${target.kind} ${nameOf(target)}, which applies to it`
      const way = this.#way([[give, this.#decide(give, { entity: target })]], target, `by ${fullName(give)} on ${on}`)
      // What the older versions of a policy allowed is not seen.
      const isOlder = fullName(give) === 'iam:SetDefaultPolicyVersion'
      return way && { ...way, verdict: isOlder && way.verdict === 'yes' ? 'conditional' : way.verdict }
    })
  }

  /** With `gives` any target will do, since it is given rights; else it must have them. */
  #takesOver(gives: readonly IamAction[], takes: readonly IamAction[]): (Way | undefined)[] {
    const kind = TAKES_OVER[fullName(takes[0] as IamAction)] ?? 'role'
    const [give] = gives
    const targets = give
      ? this.#canGive(give, kind)
      : this.#setting.privilegedTargets(kind, this.#principal).map((target) => ({ target, given: undefined }))
    const ways: (Way | undefined)[] = []
    for (const { target, given } of targets) {
      if (target === this.#principal) continue
      const because = this.#privileged.get(target.entity.id)
      const how = `by ${this.#path.permissions.join(' and ')} on the ${kind} ${nameOf(target.entity)}${because ? `, which ${because}` : ''}`
      const gifts = give && given ? [[give, given] as const] : []
      const way = this.#way([...gifts, ...this.#becomes(takes, target)], target.entity, how)
      ways.push(way)
      if (way?.verdict === 'yes') return [way]
    }
    if (!this.#setting.unseen(kind, this.#principal)) return ways
    const decisions = [...gives, ...takes].map((action) => {
      const on = GIVES_RIGHTS[fullName(action)] ?? kind
      return [action, this.#decide(action, this.#anyOther(on))] as const
    })
    const [action, decision] = decisions[0] ?? []
    if (!action || !decision) return ways
    const how = `by ${this.#path.permissions.join(' and ')} on a ${kind} that is not seen here`
    return [...ways, this.#unseen(this.#way(decisions, undefined, how), decision, action)]
  }

  /** Whom the principal may give rights to. Several ways ask, and ask again when rights have spread. */
  #canGive(give: IamAction, kind: 'user' | 'role'): readonly Gift[] {
    const memo = this.#setting.gifts.get(this.#principal) ?? new Map<string, readonly Gift[]>()
    this.#setting.gifts.set(this.#principal, memo)
    const key = `${fullName(give)} ${kind}`
    const known = memo.get(key)
    if (known) return known
    const gifts = this.#setting.targets(kind, this.#principal).flatMap((target): Gift[] => {
      const given = target.serviceLinked ? NO : this.#givesTo(give, target)
      return given.verdict === 'no' ? [] : [{ target, given }]
    })
    memo.set(key, gifts)
    return gifts
  }

  #givesTo(give: IamAction, target: Principal): Decision {
    if (GIVES_RIGHTS[fullName(give)] !== 'policy') return this.#decide(give, { entity: target.entity })
    const decisions = target.policies.map((policy) => this.#decide(give, { entity: policy }))
    const verdict = oneOf(decisions.map((each) => each.verdict))
    return decisions.find((each) => each.verdict === verdict) ?? NO
  }

  #becomes(takes: readonly IamAction[], target: Principal): (readonly [IamAction, Decision])[] {
    const { world, assumeRole, now } = this.#setting
    return takes.map((take) => {
      if (take !== assumeRole) return [take, this.#decide(take, { entity: target.entity })]
      const trust = world.trusts.get(target.entity.id) ?? []
      const { verdict, by, assumptions } = mayAssume(this.#principal, target, trust, assumeRole, now)
      return [take, { ...NO, verdict, by, assumptions }]
    })
  }

  #way(
    decisions: readonly (readonly [IamAction, Decision])[],
    target: Entity | undefined,
    how: string,
  ): Way | undefined {
    const verdict = allOf(decisions.map(([, decision]) => decision.verdict))
    if (verdict === 'no') return undefined
    return {
      path: this.#path.id,
      verdict,
      needs: decisions
        .filter(([, { by }]) => by.length > 0)
        .map(([action, { by }]) => ({ action: fullName(action), by })),
      target,
      how,
      assumptions: [...new Set(decisions.flatMap(([, decision]) => decision.assumptions))],
    }
  }

  /** A target that was not seen: likely where any will do, undetermined where the policy names it. */
  #unseen(way: Way | undefined, decision: Decision, action: IamAction): Way | undefined {
    if (!way || way.verdict === 'unknown') return way
    return { ...way, verdict: decision.by.some((each) => this.#isWide(each, action)) ? 'conditional' : 'unknown' }
  }

  #isWide(statement: Statement, action: IamAction): boolean {
    const { resources = [] } = statement
    return resources.length === 0 || takeAny(resources, action.arns, true) === true
  }
}

/** Somebody of a group: a name that no policy holds. */
function memberOf(group: Entity): Entity {
  return { ...group, id: group.id.replace(/:group\/.*$/, ':user/zq-member'), kind: 'user', name: 'zq-member' }
}

const NO: Decision = { verdict: 'no', allowed: false, by: [], deniedBy: [], assumptions: [] }

/** How people call it. */
export function nameOf(entity: Entity): string {
  return entity.name ?? entity.label ?? (shortName(entity.id) || entity.id)
}
