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
const UNUSED_BY_LOG: UseVerdict = { use: 'unused', by: 'cloudtrail' }

/** What is the same for all actions of a service. */
interface ServiceUse {
  /** Whether something is known of single actions of it. */
  readonly singly: boolean
  /** Of those of which nothing else is known; undefined: what the log tells. */
  readonly verdict: UseVerdict | undefined
}

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
  readonly #seenIn = new Map<string, Map<IamAction, boolean>>()
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

  /** Judges actions of one principal. What is the same for a whole service is looked up once. */
  judgeOf(arn: string): (action: IamAction) => UseVerdict {
    const services = new Map<string, ServiceUse>()
    const logged = this.#loggedFor(arn)
    return (action) => {
      const service = services.get(action.service) ?? this.#serviceUse(arn, action.service)
      services.set(action.service, service)
      const single = service.singly ? this.#judgeSingly(arn, action) : undefined
      if (single) return single
      if (service.verdict) return service.verdict
      return logged(action) ? UNUSED_BY_LOG : UNDETERMINED
    }
  }

  #serviceUse(arn: string, name: string): ServiceUse {
    const uses = [...(this.#uses.get(arn) ?? [])].filter(([action]) => action.startsWith(`${name}:`))
    const known = this.#lastAccessed.get(arn)
    const tracked = [...(known?.keys() ?? [])].some(
      (each) => each.startsWith(`${name}:`) && each.length > name.length + 1,
    )
    const findings = (this.#findings.get(arn) ?? []).filter(({ detail }) => detail === name)
    return {
      singly: uses.length > 0 || tracked || findings.some(({ actions = [] }) => actions.length > 0),
      verdict: this.#serviceVerdict(known?.get(key(name, '')), findings, uses),
    }
  }

  #serviceVerdict(
    accessed: DataOf<typeof iamLastAccessed> | undefined,
    findings: readonly DataOf<typeof iamUnusedFinding>[],
    uses: readonly (readonly [string, UsedAction])[],
  ): UseVerdict | undefined {
    if (accessed && isOver(accessed)) return { use: 'unused', by: 'last-accessed' }
    if (findings.some(({ type, actions = [] }) => type === 'service' && actions.length === 0))
      return { use: 'unused', by: 'access-analyzer' }
    // It was used somewhere, and the log knows nothing of it: then the log does not see that service.
    const isLogged = uses.some(([, { count = 0 }]) => count > 0)
    return isRecent(accessed) && !isLogged ? UNDETERMINED : undefined
  }

  /** What is known of the very action. */
  #judgeSingly(arn: string, action: IamAction): UseVerdict | undefined {
    if ((this.useOf(arn, action)?.count ?? 0) > 0) return USED
    const own = this.#lastAccessed.get(arn)?.get(key(action.service, action.name))
    if (isRecent(own)) return USED
    if (own && isOver(own)) return { use: 'unused', by: 'last-accessed' }
    const name = fullName(action)
    const found = this.#findings.get(arn)?.some(({ actions = [] }) => actions.includes(name))
    return found ? { use: 'unused', by: 'access-analyzer' } : undefined
  }

  /** Whether the log would hold the call if there had been one: the same for all of an account. */
  #loggedFor(arn: string): (action: IamAction) => boolean {
    const account = accountOf(arn)
    const known = this.#seenIn.get(account) ?? new Map<IamAction, boolean>()
    this.#seenIn.set(account, known)
    return (action) => {
      const answer = known.get(action) ?? this.#findLogged(arn, action)
      known.set(action, answer)
      return answer
    }
  }

  #findLogged(arn: string, action: IamAction): boolean {
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

/** Never used, or long ago. What was tracked for a few days only cannot say "never". */
function isOver({ lastUsedDays = -1, trackedDays = 0 }: DataOf<typeof iamLastAccessed>): boolean {
  return lastUsedDays < 0 ? trackedDays >= UNUSED_AFTER_DAYS : lastUsedDays > UNUSED_AFTER_DAYS
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
