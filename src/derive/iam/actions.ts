import { hasPlaceholder } from '../../facts/iam-placeholder.ts'
import { globMatches } from '../../glob.ts'
import { type IamAction, type IamActions, loadIamActions } from '../../reference/iam-actions.ts'
import { NEVER_LIMITED, SECRET_READS } from '../../reference/iam-sensitive.ts'

/** What lists of action patterns cover, in the terms of AWS's own list of actions. Letter case never counts. */
export class ActionSet {
  readonly #reference: IamActions
  readonly #total: number
  readonly #matches = new Map<string, readonly IamAction[]>()
  readonly #criticalMatches = new Map<string, readonly IamAction[]>()
  readonly #classMatches = new Map<string, readonly IamAction[]>()
  readonly #services = new Map<string, readonly string[]>()
  readonly #templates = new Map<string, readonly string[]>()
  readonly #names = new Map<string, ReadonlyMap<string, IamAction>>()
  #critical: readonly IamAction[] | undefined

  constructor(reference: IamActions = loadIamActions()) {
    this.#reference = reference
    this.#total = reference.actionCount
  }

  /** The known actions that a pattern covers. */
  matching(pattern: string): readonly IamAction[] {
    const key = pattern.toLowerCase()
    const known = this.#matches.get(key)
    if (known) return known
    const found = this.#find(key)
    this.#matches.set(key, found)
    return found
  }

  /** All known actions of a service; undefined if the service is not known. */
  service(name: string): readonly IamAction[] | undefined {
    return this.#reference.actionsOf(name.toLowerCase())
  }

  /** ARN templates of everything that a service's actions work on. */
  templates(service: string): readonly string[] {
    const known = this.#templates.get(service)
    if (known) return known
    const found = [...new Set((this.service(service) ?? []).flatMap((action) => action.arns))]
    this.#templates.set(service, found)
    return found
  }

  serviceNames(): Iterable<string> {
    return this.#reference.serviceNames
  }

  /** Every action there is. */
  *all(): Generator<IamAction> {
    for (const service of this.#reference.serviceNames) yield* this.#reference.actionsOf(service) ?? []
  }

  /** The union of what patterns cover; patterns that are not known in full are left out. */
  union(patterns: readonly string[]): ReadonlySet<IamAction> {
    return new Set(patterns.filter((pattern) => !hasPlaceholder(pattern)).flatMap((pattern) => this.matching(pattern)))
  }

  /** `*`, `*:*`, or whatever else covers all that is known. */
  coversEverything(patterns: readonly string[]): boolean {
    // No list of names written out is that long.
    if (!patterns.some((pattern) => /[*?]/.test(pattern))) return false
    if (patterns.some((pattern) => this.matching(pattern).length === this.#total)) return true
    const sum = patterns.reduce((count, pattern) => count + this.matching(pattern).length, 0)
    return sum >= this.#total && this.union(patterns).size === this.#total
  }

  /** The known actions that matter, see {@link matters}. */
  get critical(): readonly IamAction[] {
    this.#critical ??= [...this.all()].filter(matters)
    return this.#critical
  }

  /** Those of them that the patterns cover; patterns that are not known in full are left out. */
  criticalIn(patterns: readonly string[]): ReadonlySet<IamAction> {
    const found = new Set<IamAction>()
    for (const pattern of patterns) {
      if (hasPlaceholder(pattern)) continue
      const key = pattern.toLowerCase()
      const known = this.#criticalMatches.get(key) ?? this.matching(key).filter(matters)
      this.#criticalMatches.set(key, known)
      for (const action of known) found.add(action)
    }
    return found
  }

  /** What the pattern covers of a class of actions, as far as these can be limited to resources. */
  limitable(pattern: string, kind: ActionClass): readonly IamAction[] {
    const key = `${kind} ${pattern.toLowerCase()}`
    const known = this.#classMatches.get(key)
    if (known) return known
    const found = this.matching(pattern).filter((action) => action.arns.length > 0 && classOf(action) === kind)
    this.#classMatches.set(key, found)
    return found
  }

  /** Services of which a pattern with a wildcard covers every action. */
  wildcardServices(pattern: string): readonly string[] {
    if (!pattern.includes('*')) return NO_SERVICES
    const key = pattern.toLowerCase()
    const known = this.#services.get(key) ?? this.#findServices(key)
    this.#services.set(key, known)
    return known
  }

  #findServices(pattern: string): string[] {
    if (/^\*+$/.test(pattern)) return [...this.serviceNames()]
    const [, name = ''] = pattern.split(':')
    if (!name.includes('*')) return []
    const counts = new Map<string, number>()
    for (const action of this.matching(pattern)) counts.set(action.service, (counts.get(action.service) ?? 0) + 1)
    return [...counts].filter(([each, count]) => count === this.service(each)?.length).map(([each]) => each)
  }

  #find(pattern: string): readonly IamAction[] {
    if (/^\*+$/.test(pattern)) return [...this.all()]
    const [service = '', name = ''] = pattern.split(':')
    const isGlob = /[*?]/.test(name)
    const services = /[*?]/.test(service)
      ? this.#reference.serviceNames.filter((each) => globMatches(service, each))
      : [service]
    return services.flatMap((each) => {
      const names = this.#namesOf(each)
      if (!isGlob) return names.get(name) ?? []
      const found: IamAction[] = []
      for (const [lower, action] of names) if (globMatches(name, lower)) found.push(action)
      return found
    })
  }

  /** The actions of a service by name in lower case. */
  #namesOf(service: string): ReadonlyMap<string, IamAction> {
    const known = this.#names.get(service)
    if (known) return known
    const names = new Map((this.#reference.actionsOf(service) ?? []).map((each) => [each.name.toLowerCase(), each]))
    this.#names.set(service, names)
    return names
  }
}

let shared: ActionSet | undefined

/** The set that all judgements of a process share, so that each pattern is looked up once. */
export function actionSet(): ActionSet {
  shared ??= new ActionSet()
  return shared
}

const NO_SERVICES: readonly string[] = []

export function fullName(action: IamAction): string {
  return `${action.service}:${action.name}`
}

/** Classes that rules tell apart; each action is in one at most. */
export type ActionClass = 'permissions' | 'secret' | 'write'

/** Passing and assuming roles have rules of their own; what only reads permissions AWS calls a write, too. */
function classOf(action: IamAction): ActionClass | undefined {
  const name = fullName(action)
  if (name === 'iam:PassRole' || name === 'sts:AssumeRole') return undefined
  if (changesPermissions(action)) return 'permissions'
  if (SECRET_READS.has(name)) return 'secret'
  if (action.levels.includes('Permissions management')) return undefined
  return action.levels.includes('Write') && !NEVER_LIMITED.has(name) ? 'write' : undefined
}

/** AWS's reference counts some that only read permissions among those that manage them. */
function changesPermissions(action: IamAction): boolean {
  return (
    action.levels.includes('Permissions management') && !/^(?:Batch)?(?:Get|List|Describe|Search)/.test(action.name)
  )
}

/** Whether leaving the action out leaves less than an administrator: whoever has all of these can give itself the rest. */
export function matters(action: IamAction): boolean {
  return changesPermissions(action) || ['iam', 'sts', 'organizations', 'account'].includes(action.service)
}

/** A known action that somebody probably meant: one or two letters away, or the same name in a service one letter away. */
export function nearMiss(action: string, actions: ActionSet): string | undefined {
  const [service = '', name = ''] = action.toLowerCase().split(':')
  const known = actions.service(service)
  if (known) {
    const limit = name.length < 6 ? 1 : 2
    const near = known.filter((each) => distance(each.name.toLowerCase(), name, limit) <= limit)
    const best = near.sort(
      (a, b) => distance(a.name.toLowerCase(), name, limit) - distance(b.name.toLowerCase(), name, limit),
    )[0]
    return best && fullName(best)
  }
  for (const other of actions.serviceNames()) {
    if (distance(other, service, 1) > 1) continue
    const same = actions.service(other)?.find((each) => each.name.toLowerCase() === name)
    if (same) return fullName(same)
  }
  return undefined
}

/** Letters to change, add, drop or swap; counts no further than `limit` + 1. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let best = Math.min(change, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1)
      current.push(best)
    }
    if (Math.min(...current) > limit) return limit + 1
    before = previous
    previous = current
  }
  return previous[b.length] ?? limit + 1
}
