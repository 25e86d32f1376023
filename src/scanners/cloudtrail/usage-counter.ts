import { iamActivity, iamUsageWindow, iamUsedAction } from '../../facts/iam-usage.ts'
import { type Fact, fact, type Gap } from '../../model.ts'
import { daysSince } from '../../sources/clock.ts'
import { someOf } from '../some-of.ts'
import type { Call } from './event.ts'

/** More ARNs than anybody would write into a policy. */
const MOST_RESOURCES = 50
const SOURCE = 'cloudtrail'

interface ActionUse {
  count: number
  denied: number
  /** Last day of an allowed call; empty if there was none. */
  last: string
  readonly resources: Set<string>
  complete: boolean
  readonly regions: Set<string>
}
interface Window {
  events: number
  readonly files: Set<string>
  readonly days: Set<string>
  readonly regions: Set<string>
  readonly classes: Set<string>
  /** Events whose action is not known, by service. */
  readonly unresolved: Map<string, Set<string>>
}

/** Adds up calls: what is kept grows with principals and actions, not with events. */
export class UsageCounter {
  readonly #uses = new Map<string, Map<string, ActionUse>>()
  readonly #windows = new Map<string, Window>()
  /** Last day of any call by, or assumption of, a principal. */
  readonly #activity = new Map<string, string>()

  add(call: Call, file: string): void {
    this.#addToWindow(call, file)
    const { principal, denied, day } = call
    if (call.assumed) this.#sawActive(call.assumed, day)
    if (principal === undefined) return
    if (!denied) this.#sawActive(principal, day)
    for (const { action, resources } of call.uses) {
      const use = this.#useOf(principal, `${action.service}:${action.name}`)
      if (denied) {
        use.denied++
        continue
      }
      use.count++
      if (day > use.last) use.last = day
      if (call.region) use.regions.add(call.region)
      use.complete &&= resources.named
      for (const arn of resources.arns) {
        if (use.resources.size < MOST_RESOURCES || use.resources.has(arn)) use.resources.add(arn)
        else use.complete = false
      }
    }
  }

  #addToWindow({ account, day, region, eventClass, unresolved }: Call, file: string): void {
    if (!account) return
    const window = this.#windows.get(account) ?? emptyWindow()
    this.#windows.set(account, window)
    window.events++
    window.files.add(file)
    window.days.add(day)
    if (region) window.regions.add(region)
    if (eventClass) window.classes.add(eventClass)
    if (!unresolved) return
    const names = window.unresolved.get(unresolved.service) ?? new Set()
    window.unresolved.set(unresolved.service, names)
    if (names.size < MOST_RESOURCES) names.add(unresolved.event)
  }

  #sawActive(principal: string, day: string): void {
    if (day > (this.#activity.get(principal) ?? '')) this.#activity.set(principal, day)
  }

  #useOf(principal: string, action: string): ActionUse {
    const uses = this.#uses.get(principal) ?? new Map<string, ActionUse>()
    this.#uses.set(principal, uses)
    const use = uses.get(action) ?? emptyUse()
    uses.set(action, use)
    return use
  }

  get isEmpty(): boolean {
    return this.#windows.size === 0
  }

  *facts(): Generator<Fact> {
    for (const [accountId, window] of sorted(this.#windows)) yield windowFact(accountId, window)
    for (const [principalArn, uses] of sorted(this.#uses)) {
      for (const [action, use] of sorted(uses)) yield useFact(principalArn, action, use)
    }
    for (const [principalArn, day] of sorted(this.#activity)) {
      const seen = { principalArn, lastSeenDays: daysSince(new Date(day)), source: SOURCE }
      yield fact(iamActivity, scopeOf(principalArn), { resource: principalArn }, seen)
    }
  }

  /** Events that no action is known for: what is unused of their services cannot be told. */
  *gaps(): Generator<Gap> {
    for (const [accountId, { unresolved }] of sorted(this.#windows)) {
      for (const [service, names] of sorted(unresolved)) {
        yield {
          kind: iamUsedAction.kind,
          scope: `aws:${accountId}`,
          class: 'limit',
          reason: 'event name not known as an action',
          detail: `CloudTrail: ${service} has events of other names than its actions (${someOf([...names].sort())}); what is unused of ${service} is not judged`,
        }
      }
    }
  }
}

function emptyUse(): ActionUse {
  return { count: 0, denied: 0, last: '', resources: new Set(), complete: true, regions: new Set() }
}

function emptyWindow(): Window {
  return {
    events: 0,
    files: new Set(),
    days: new Set(),
    regions: new Set(),
    classes: new Set(),
    unresolved: new Map(),
  }
}

function windowFact(accountId: string, window: Window): Fact {
  const seen = [...window.days].sort()
  const from = seen[0] ?? ''
  const to = seen.at(-1) ?? ''
  const days = Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1
  return fact(
    iamUsageWindow,
    `aws:${accountId}`,
    { resource: `arn:aws:iam::${accountId}:root` },
    {
      accountId,
      source: SOURCE,
      from,
      to,
      days,
      missingDays: days - seen.length,
      regions: [...window.regions].sort(),
      classes: [...window.classes].sort(),
      unresolvedServices: [...window.unresolved.keys()].sort(),
      events: window.events,
      files: window.files.size,
    },
  )
}

function useFact(principalArn: string, action: string, use: ActionUse): Fact {
  return fact(
    iamUsedAction,
    scopeOf(principalArn),
    { resource: principalArn },
    {
      principalArn,
      action,
      count: use.count,
      denied: use.denied,
      lastSeenDays: use.last === '' ? -1 : daysSince(new Date(use.last)),
      resources: [...use.resources].sort(),
      resourcesComplete: use.complete && use.resources.size > 0,
      regions: [...use.regions].sort(),
      source: SOURCE,
    },
  )
}

function scopeOf(arn: string): string {
  return `aws:${arn.split(':')[4] || '-'}`
}

function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}
