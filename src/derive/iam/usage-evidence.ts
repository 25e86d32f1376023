import { iamActivity, iamLastAccessed, iamUnusedFinding, iamUsageWindow, iamUsedAction } from '../../facts/iam-usage.ts'
import { type DataOf, type Fact, type Gap, isFact } from '../../model.ts'
import { classesOf, GLOBAL_REGIONS, GLOBAL_SERVICES } from '../../reference/cloudtrail.ts'
import type { IamAction } from '../../reference/iam-actions.ts'
import { fullName } from './actions.ts'

export type UsageWindow = DataOf<typeof iamUsageWindow>
export type UsedAction = DataOf<typeof iamUsedAction>

/** What is known of one principal's use of one action, and by which sources. */
export interface UseVerdict {
  readonly use: 'used' | 'unused' | 'undetermined'
  /** For what is unused: who says so. */
  readonly by?: UsageSource
}
export type UsageSource = 'cloudtrail' | 'last-accessed' | 'access-analyzer'

/** Days after which IAM's memory of a last attempt counts as no use. */
export const UNUSED_AFTER_DAYS = 90
const UNDETERMINED: UseVerdict = { use: 'undetermined' }
const USED: UseVerdict = { use: 'used' }

/**
 * All that tells who used what. Silence of a log counts only for what the log could have told: an action of a class of events
 * that was not logged, of a service with events that nobody can read, in files of which one is damaged, is undetermined.
 */
export class UsageEvidence {
  readonly #windows = new Map<string, UsageWindow>()
  readonly #uses = new Map<string, Map<string, UsedAction>>()
  readonly #lastAccessed = new Map<string, Map<string, DataOf<typeof iamLastAccessed>>>()
  readonly #findings = new Map<string, DataOf<typeof iamUnusedFinding>[]>()
  readonly #principals = new Set<string>()
  readonly #faults: readonly Gap[]

  constructor(facts: readonly Fact[], gaps: readonly Gap[]) {
    this.#faults = gaps.filter((gap) => gap.kind === iamUsedAction.kind && gap.class === 'fault')
    for (const each of facts) {
      if (isFact(iamUsageWindow, each) && each.data.source === 'cloudtrail')
        this.#windows.set(each.data.accountId ?? '', each.data)
      else if (isFact(iamUsedAction, each)) put(this.#uses, each.data.principalArn, each.data.action, each.data)
      else if (isFact(iamLastAccessed, each)) {
        const { principalArn, service = '', action = '' } = each.data
        put(this.#lastAccessed, principalArn, key(service, action), each.data)
      } else if (isFact(iamUnusedFinding, each)) {
        const { principalArn = '' } = each.data
        this.#findings.set(principalArn, [...(this.#findings.get(principalArn) ?? []), each.data])
      } else if (isFact(iamActivity, each)) this.#principals.add(each.data.principalArn ?? '')
    }
    for (const each of [this.#uses, this.#lastAccessed, this.#findings])
      for (const arn of each.keys()) this.#principals.add(arn)
  }

  /** ARNs of everybody whom some source tells of. */
  get principals(): ReadonlySet<string> {
    return this.#principals
  }

  /** The events of an account; undefined if there are none. */
  window(accountId: string): UsageWindow | undefined {
    return this.#windows.get(accountId)
  }

  /** Whether any source could tell of the principal at all. */
  tellsOf(arn: string): boolean {
    return this.#windows.has(accountOf(arn)) || this.#lastAccessed.has(arn) || this.#findings.has(arn)
  }

  /** Why the events of the principal's account are not all there; undefined if they are. */
  damage(arn: string): string | undefined {
    if (!this.#windows.has(accountOf(arn))) return undefined
    const scope = `aws:${accountOf(arn)}`
    return this.#faults.find((gap) => gap.scope === 'aws:' || gap.scope === scope)?.detail
  }

  /** Whether every call of the service that was logged could be read. */
  isWhole(arn: string, service: string): boolean {
    const unresolved = this.#windows.get(accountOf(arn))?.unresolvedServices ?? []
    return this.damage(arn) === undefined && !unresolved.includes(service)
  }

  /** What the log tells of the principal and the action. */
  useOf(arn: string, action: IamAction): UsedAction | undefined {
    return this.#uses.get(arn)?.get(fullName(action))
  }

  judge(arn: string, action: IamAction): UseVerdict {
    if ((this.useOf(arn, action)?.count ?? 0) > 0) return USED
    const remembered = this.#remembered(arn, action)
    if (remembered && remembered.use !== 'undetermined') return remembered
    if (this.#foundUnused(arn, action)) return { use: 'unused', by: 'access-analyzer' }
    // It was used somewhere, and the log knows nothing of it: then the log does not see that service.
    const service = this.#lastAccessed.get(arn)?.get(key(action.service, ''))
    if (isRecent(service) && !this.#usesService(arn, action.service)) return UNDETERMINED
    return this.#logged(arn, action) ? { use: 'unused', by: 'cloudtrail' } : UNDETERMINED
  }

  #remembered(arn: string, action: IamAction): UseVerdict | undefined {
    const known = this.#lastAccessed.get(arn)
    if (!known) return undefined
    const service = known.get(key(action.service, ''))
    const own = known.get(key(action.service, action.name))
    if (isRecent(own)) return USED
    if (own || (service && !isRecent(service))) {
      // Nobody has been asked long enough to say "never" of what was tracked for a few days.
      const { trackedDays = 0, lastUsedDays = -1 } = own ?? service ?? {}
      return lastUsedDays >= 0 || trackedDays >= UNUSED_AFTER_DAYS ? { use: 'unused', by: 'last-accessed' } : undefined
    }
    return undefined
  }

  #foundUnused(arn: string, action: IamAction): boolean {
    return (this.#findings.get(arn) ?? []).some(
      ({ type, detail, actions = [] }) =>
        (type === 'service' && detail === action.service && actions.length === 0) ||
        ((type === 'actions' || type === 'service') && actions.includes(fullName(action))),
    )
  }

  #usesService(arn: string, service: string): boolean {
    for (const [name, use] of this.#uses.get(arn) ?? [])
      if (name.startsWith(`${service}:`) && (use.count ?? 0) > 0) return true
    return false
  }

  /** Whether the log would hold the call if there had been one. */
  #logged(arn: string, action: IamAction): boolean {
    const window = this.#windows.get(accountOf(arn))
    if (!window || !this.isWhole(arn, action.service)) return false
    if (GLOBAL_SERVICES.has(action.service) && !window.regions?.some((each) => GLOBAL_REGIONS.includes(each)))
      return false
    return classesOf(action)?.every((each) => window.classes?.includes(each)) ?? false
  }
}

function isRecent(accessed: DataOf<typeof iamLastAccessed> | undefined): boolean {
  const days = accessed?.lastUsedDays ?? -1
  return days >= 0 && days <= UNUSED_AFTER_DAYS
}

function key(service: string, action: string): string {
  return `${service}:${action.toLowerCase()}`
}

export function accountOf(arn: string): string {
  return arn.split(':')[4] ?? ''
}

function put<T>(map: Map<string, Map<string, T>>, outer = '', inner = '', value: T): void {
  const known = map.get(outer) ?? new Map<string, T>()
  map.set(outer, known)
  known.set(inner, value)
}
