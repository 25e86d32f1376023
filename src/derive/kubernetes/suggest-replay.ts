import type { Calls } from './calls.ts'
import type { Holder, LoggedCluster } from './narrow-cluster.ts'
import { groupsOf } from './narrow-defaults.ts'
import { authorizes, type HeldRules, heldBy, type Request, requestsOf } from './replay.ts'
import type { HolderPlan } from './suggest-roles.ts'

/** What came of asking the suggested roles for every call of the log. */
export interface Replay {
  /** Calls that the present bindings allow, and of how many kinds (verb, resource, namespace). */
  readonly calls: number
  readonly kinds: number
  /** Requests that would be denied, in words. */
  readonly lost: readonly string[]
  /** Calls that were allowed by something else: a group, a role that was not seen, another authoriser. */
  readonly elsewhere: number
}

/**
 * Asks what everybody may do after the changes for every call that bindings of today allow. Knows nothing of how the suggestions
 * were made: only rules, and the authoriser's comparison.
 */
export function replayCalls({ context, holders }: LoggedCluster, plans: ReadonlyMap<Holder, HolderPlan>) {
  const after = new Map<string, readonly HeldRules[]>()
  for (const holder of holders) after.set(holder.id, plans.get(holder)?.held ?? holder.grants.map(heldBy))
  const heldAfter = ({ data }: Calls): HeldRules[] => {
    const { user = '', groups = [] } = data
    const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? []
    const ids = [
      namespace ? `ServiceAccount ${namespace}/${name}` : `User ${user}`,
      ...groupsOf(user, groups).map((group) => `Group ${group}`),
    ]
    return [...ids.flatMap((id) => after.get(id) ?? []), ...context.defaults.of(user, groups)]
  }
  const replays = new Map<Holder, Replay>()
  for (const holder of plans.keys()) {
    const before = holder.grants.map(heldBy)
    const calls = context.calls.of(holder.subject.data)
    replays.set(holder, replay(calls, before, heldAfter))
  }
  return replays
}

function replay(
  calls: readonly Calls[],
  before: readonly HeldRules[],
  heldAfter: (call: Calls) => HeldRules[],
): Replay {
  const kinds = new Set<string>()
  const lost: string[] = []
  let [replayed, elsewhere] = [0, 0]
  for (const call of calls) {
    const count = call.data.calls ?? 0
    const allowed = requestsOf(call).filter((request) => authorizes(before, request))
    if (allowed.length === 0) {
      elsewhere += count
      continue
    }
    replayed += count
    const { verb, apiGroup, resource, namespace } = call.data
    kinds.add([verb, apiGroup, resource, namespace].join('\0'))
    const held = heldAfter(call)
    for (const request of allowed) if (!authorizes(held, request)) lost.push(inWords(request))
  }
  return { calls: replayed, kinds: kinds.size, lost: [...new Set(lost)].sort(), elsewhere }
}

function inWords({ verb, apiGroup, resource, namespace, name }: Request): string {
  const what = apiGroup === '' ? resource : `${apiGroup}/${resource}`
  return `${verb} ${what}${name && ` named ${name}`}${namespace && ` in ${namespace}`}`
}
