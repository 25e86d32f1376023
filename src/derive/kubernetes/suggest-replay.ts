import { groupBy } from '../grouping.ts'
import type { Calls } from './calls.ts'
import type { Holder, LoggedCluster } from './narrow-cluster.ts'
import { authorizes, type HeldRules, heldBy, type Request, requestsOf } from './replay.ts'
import type { HolderPlan, planRoles } from './suggest-roles.ts'
import { idsOf, readAllowing, userId } from './witness.ts'

/** What came of asking the suggested roles for every call of the log. */
export interface Replay {
  /** Calls that the present bindings allow, and of how many kinds (verb, resource, namespace). */
  readonly calls: number
  readonly kinds: number
  /** Requests that would be denied, in words. */
  readonly lost: readonly string[]
  /** Calls that nothing seen here allows: a role or binding that was not seen or is gone, another authoriser. */
  readonly elsewhere: number
  /** Requests that others made in its name and that would be denied: they prove no need of its own, and are not covered. */
  readonly inItsName: readonly string[]
}

/**
 * Asks what everybody may do after the changes for every call that bindings of today allow. Knows nothing of how the suggestions
 * were made: only rules, and the authoriser's comparison.
 */
export function replayCalls(
  { context, holders, allowed, inOthersNames }: LoggedCluster,
  { plans, unneeded }: ReturnType<typeof planRoles>,
) {
  const before = new Map(holders.map((holder) => [holder.id, holder.grants.map(heldBy)]))
  const after = new Map(holders.map((holder) => [holder.id, plans.get(holder)?.held ?? before.get(holder.id) ?? []]))
  const heldBySomebody = (held: ReadonlyMap<string, readonly HeldRules[]>, { data }: Calls): HeldRules[] => {
    const { user = '', groups = [] } = data
    return [...idsOf({ data }).flatMap((id) => held.get(id) ?? []), ...context.defaults.of(user, groups)]
  }
  const borrowed = groupBy(inOthersNames, userId)
  const replays = new Map<Holder, Replay>()
  for (const holder of plans.keys()) {
    const calls = context.calls.of(holder.subject.data)
    const own = before.get(holder.id) ?? []
    const ownAfter = after.get(holder.id) ?? []
    const all = (call: Calls) => heldBySomebody(before, call)
    const then = (call: Calls) => heldBySomebody(after, call)
    const inItsName = (borrowed.get(holder.id) ?? []).flatMap((call) =>
      lostOf(call, own, ownAfter, then).map((text) => `${text} by ${call.data.impersonator}`),
    )
    replays.set(holder, { ...replay(calls, own, ownAfter, all, then), inItsName: [...new Set(inItsName)].sort() })
  }
  const own = new Set([...plans.keys()].map(({ id }) => id))
  const touched = touchedBy(plans, unneeded)
  const lost = allowed
    .filter((call) => call.data.impersonator === '' && call.data.allowedBy?.some(touched))
    .flatMap((call) => {
      const then = heldBySomebody(after, call)
      // What those who are judged lose is said of them, unless no binding seen shows it.
      const said = own.has(userId(call)) ? heldBySomebody(before, call) : []
      return requestsOf(call)
        .filter((request) => !authorizes(then, request) && !authorizes(said, request))
        .map((request) => `${inWords(request)} by ${userId(call)}`)
    })
  return { replays, lost: [...new Set(lost)].sort() }
}

/** Whether what the log names as allowing a call is narrowed, left or deleted. */
function touchedBy(
  plans: ReadonlyMap<Holder, HolderPlan>,
  { bindings, roles }: ReturnType<typeof planRoles>['unneeded'],
): (allowedBy: string) => boolean {
  const gone = new Set([...bindings, ...roles])
  const left = new Set<string>()
  for (const [{ id }, plan] of plans) {
    for (const { binding } of plan.leaves) left.add(`${binding.data.binding} ${id}`)
    for (const { kind, namespace, name, binding } of plan.roles) {
      if (!binding) gone.add(namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`)
    }
  }
  return (text) => {
    const { binding = '', role = '', subject = '' } = readAllowing(text) ?? {}
    return gone.has(binding) || gone.has(role) || left.has(`${binding} ${subject}`)
  }
}

function replay(
  calls: readonly Calls[],
  before: readonly HeldRules[],
  ownAfter: readonly HeldRules[],
  heldBefore: (call: Calls) => HeldRules[],
  heldAfter: (call: Calls) => HeldRules[],
): Omit<Replay, 'inItsName'> {
  const kinds = new Set<string>()
  const lost: string[] = []
  let [replayed, elsewhere] = [0, 0]
  for (const call of calls) {
    const count = call.data.calls ?? 0
    const allowed = requestsOf(call).filter((request) => authorizes(before, request))
    if (allowed.length === 0) {
      const held = heldBefore(call)
      if (!requestsOf(call).some((request) => authorizes(held, request))) elsewhere += count
      continue
    }
    replayed += count
    const { verb, apiGroup, resource, namespace } = call.data
    kinds.add([verb, apiGroup, resource, namespace].join('\0'))
    lost.push(...lostOf(call, before, ownAfter, heldAfter))
  }
  return { calls: replayed, kinds: kinds.size, lost: [...new Set(lost)].sort(), elsewhere }
}

/** What of a call is allowed by some rules and would not be by others, in words. */
function lostOf(
  call: Calls,
  before: readonly HeldRules[],
  ownAfter: readonly HeldRules[],
  heldAfter: (call: Calls) => HeldRules[],
): string[] {
  const left = requestsOf(call).filter((request) => authorizes(before, request) && !authorizes(ownAfter, request))
  if (left.length === 0) return []
  const held = heldAfter(call)
  return left.filter((request) => !authorizes(held, request)).map(inWords)
}

function inWords({ verb, apiGroup, resource, namespace, name }: Request): string {
  const what = apiGroup === '' ? resource : `${apiGroup}/${resource}`
  return `${verb} ${what}${name && ` named ${name}`}${namespace && ` in ${namespace}`}`
}
