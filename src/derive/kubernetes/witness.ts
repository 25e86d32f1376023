import { groupBy } from '../grouping.ts'
import type { Calls } from './calls.ts'
import { groupsOf } from './narrow-defaults.ts'
import type { Grant, Rbac } from './rbac.ts'
import { authorizes, type HeldRules, heldBy, type Request, requestsOf } from './replay.ts'

/** What a log names as allowing a call: the ids of a binding, its role and its subject. */
export interface Allowing {
  readonly binding: string
  readonly role: string
  readonly subject: string
}

/** Calls of one subject that nothing seen allows. */
export interface Unseen {
  readonly calls: number
  /** Bindings that the log names for them. */
  readonly by: readonly string[]
}

/** What an audit log says itself of what allowed its calls, against the bindings that were seen. */
export interface Witness {
  /** By KIND and id of the subject. */
  readonly unseen: ReadonlyMap<string, Unseen>
  /** Bindings and roles that the log names for somebody who is not seen to be bound by them, and by which binding. */
  readonly heldUnseen: ReadonlyMap<string, string>
}

/** `BINDING of ROLE to SUBJECT`, as the facts of calls have it; undefined for what stands for more. */
export function readAllowing(text: string): Allowing | undefined {
  const [, binding = '', role = '', subject = ''] = /^(\w+ .+) of ((?:Cluster)?Role .+) to (\w+ .+)$/.exec(text) ?? []
  return subject === '' ? undefined : { binding, role, subject }
}

/**
 * Holds the log's own reasons against what was seen. `held` tells what a call's user may do by everything seen. A log that gives no
 * reasons leaves open what allowed a call that nothing seen allows; one that gives them means another authoriser by none.
 */
export function askWitness(rbac: Rbac, calls: readonly Calls[], held: (call: Calls) => readonly HeldRules[]): Witness {
  const grants = groupBy(
    rbac.grants.flatMap((grant) => grant.subjects.map((subject) => ({ grant, subject: subject.data }))),
    ({ grant, subject }) => keyOf(grant, `${subject.subjectKind} ${subject.subject}`),
  )
  const seen = new Map([...grants].map(([key, list]) => [key, list.map(({ grant }) => grant)]))
  const givesReasons = calls.some(({ data }) => (data.allowedBy?.length ?? 0) > 0)
  const unseen = new Map<string, { calls: number; by: Set<string> }>()
  const heldUnseen = new Map<string, string>()
  for (const call of calls) {
    const named = call.data.allowedBy ?? []
    const reasons = named.map((text) => ({ text, allowing: readAllowing(text), grants: seen.get(text) }))
    const strange = reasons.filter(({ text, grants: own }) => own === undefined && !isDefaultName(text))
    for (const { allowing } of strange) {
      if (!allowing) continue
      for (const id of [allowing.binding, allowing.role]) heldUnseen.set(id, allowing.binding)
    }
    if (call.data.impersonator !== '' || (named.length === 0 && givesReasons)) continue
    if (
      named.some(isDefaultName) ||
      isExplained(
        call,
        held(call),
        reasons.flatMap((each) => each.grants ?? []),
        strange.length > 0,
      )
    )
      continue
    const subjects = named.length === 0 ? [userId(call)] : [userId(call), ...reasons.flatMap(subjectOf)]
    for (const subject of new Set(subjects)) {
      const own = unseen.get(subject) ?? { calls: 0, by: new Set() }
      unseen.set(subject, own)
      own.calls += call.data.calls ?? 0
      for (const { text, allowing } of reasons) own.by.add(allowing ? `${allowing.binding} of ${allowing.role}` : text)
    }
  }
  return {
    unseen: new Map([...unseen].map(([id, { calls: count, by }]) => [id, { calls: count, by: [...by].sort() }])),
    heldUnseen,
  }
}

const subjectOf = ({ allowing }: { readonly allowing: Allowing | undefined }) => (allowing ? [allowing.subject] : [])

/** Whether what was seen allows each request of a call; where the log names what was not seen, even those that may have been made. */
function isExplained(call: Calls, held: readonly HeldRules[], named: readonly Grant[], strict: boolean): boolean {
  // A role whose rules were not seen may allow anything; its bindings stay.
  if (!strict && named.some(({ roleKnown }) => !roleKnown)) return true
  const rules = [...held, ...named.map(heldBy)]
  const requests = requestsOf(call)
  const allowed = (request: Request) => authorizes(rules, request)
  if (named.length === 0 && !strict) return requests.some(allowed)
  const certain = strict || requests.length === 1 ? requests : requests.filter(({ name }) => name !== '')
  return certain.every(allowed)
}

/** The API server's own bindings. */
function isDefaultName(text: string): boolean {
  return /^(?:Cluster)?RoleBinding (?:[^ /]+\/)?(?:system|kubeadm):/.test(text)
}

function keyOf({ binding }: Grant, subject: string): string {
  return `${binding.data.binding} of ${binding.data.role} to ${subject}`
}

/** A call's user, as a subject. */
export function userId({ data: { user = '' } }: Pick<Calls, 'data'>): string {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? []
  return namespace ? `ServiceAccount ${namespace}/${name}` : `User ${user}`
}

/** Whom a call's user is bound as: by its own name and by its groups. */
export function idsOf(call: Pick<Calls, 'data'>): string[] {
  const { user = '', groups = [] } = call.data
  return [userId(call), ...groupsOf(user, groups).map((group) => `Group ${group}`)]
}
