import type { Fact, Gap } from '../../model.ts'
import { type Need, narrowSubject } from './narrow.ts'
import { type Holder, type LoggedCluster, readLoggedClusters } from './narrow-cluster.ts'
import type { Row } from './narrow-rows.ts'
import { ruleInWords, rulesOf } from './narrow-rules.ts'
import { type Replay, replayCalls } from './suggest-replay.ts'
import { type HolderPlan, planRoles } from './suggest-roles.ts'
import type { Unseen } from './witness.ts'

/** What one account, user or group needs, and what becomes of its roles and bindings. */
export interface AccountSuggestion {
  readonly subjectKind: string
  /** NAMESPACE/NAME of a service account, else the name. */
  readonly subject: string
  /** `unused`: nothing that it is granted was used; `as granted`: it needs all of it. */
  readonly status: 'narrower' | 'unused' | 'as granted'
  /** Roles with the rules that suffice: new ones, each with its binding, or narrowed in their place. */
  readonly roles: HolderPlan['roles']
  /** Bindings that it is taken out of. */
  readonly leaves: readonly string[]
  /** Permissions that were not used. */
  readonly removed: readonly PermissionText[]
  /** Permissions of which nobody can tell, with the reason why they stay. */
  readonly kept: readonly (PermissionText & { readonly reason: string })[]
  /** Wildcards of which the log shows all use, with what it was. */
  readonly narrowed: readonly (PermissionText & { readonly rules: readonly string[] })[]
  /** Bindings to roles whose rules were not seen: they stay. */
  readonly notSeen: readonly string[]
  /** Calls that nothing seen allows, so that it keeps all that it has; 0 if there are none. */
  readonly unseen: Unseen
  readonly replay: Replay
}

export interface PermissionText {
  readonly binding: string
  readonly text: string
}

/** All suggestions for one cluster. */
export interface ClusterSuggestions {
  readonly cluster: string
  /** Length of the log in words, and what the suggestions rest on. */
  readonly window: string
  readonly assumptions: readonly string[]
  /** What is left alone on purpose, and why. */
  readonly cautions: readonly string[]
  readonly accounts: readonly AccountSuggestion[]
  /** Requests of others that the log says a binding or role allowed that changes, and that would be denied, in words. */
  readonly lost: readonly string[]
  /** Bindings that nobody is left in, and roles that nobody is bound to any more. */
  readonly unneeded: { readonly bindings: readonly string[]; readonly roles: readonly string[] }
}

const NOT_ALL_BINDINGS = 'not all bindings were seen, so that no role is narrowed in its place, and nothing is deleted'

/**
 * The smallest roles and bindings that cover what was used, of every cluster with an audit log. `isChosen` limits it to some
 * subjects, by their id; the others keep what they have.
 */
export function suggestRoles(
  facts: readonly Fact[],
  gaps: readonly Gap[],
  isChosen: (subject: string) => boolean = () => true,
): ClusterSuggestions[] {
  return readLoggedClusters(facts, gaps).map((cluster) => suggestForCluster(cluster, isChosen))
}

function suggestForCluster(cluster: LoggedCluster, isChosen: (subject: string) => boolean): ClusterSuggestions {
  const { context, holders, rbac, window } = cluster
  const chosen = holders.filter(({ subject }) => isChosen(subject.data.subject ?? ''))
  const needs = new Map<Holder, Need>()
  for (const holder of chosen) needs.set(holder, narrowSubject(holder.subject, holder.grants, context))
  const planned = planRoles(cluster, needs)
  const { plans, unneeded } = planned
  const { replays, lost } = replayCalls(cluster, planned)
  const assumptions = [
    ...window.assumptions,
    ...context.elsewhere.assumptions,
    ...(context.defaults.seen ? [] : ['everybody may do what the API server allows to everybody when it starts']),
  ]
  const accounts = [...plans].map(([holder, plan]) => {
    const unseen = cluster.witness.unseen.get(holder.id)
    // Nothing is taken from those who hold more than was seen.
    return accountOf(holder, unseen ? undefined : needs.get(holder), plan, replays.get(holder), unseen)
  })
  const cautions = [...(cluster.bindingsSeen ? [] : [NOT_ALL_BINDINGS]), ...heldUnseen(cluster)]
  return { cluster: rbac.cluster, window: window.text, assumptions, cautions, accounts, lost, unneeded }
}

/** Roles that somebody uses by a binding that was not seen. */
function heldUnseen({ rbac, witness }: LoggedCluster): string[] {
  return [...witness.heldUnseen]
    .filter(([id]) => rbac.roles.has(id))
    .map(([role, binding]) => `${role}, since the log names ${binding}, of which not all was seen`)
    .sort()
}

function accountOf(
  holder: Holder,
  need: Need | undefined,
  plan: HolderPlan,
  replay: Replay | undefined,
  unseen: Unseen = { calls: 0, by: [] },
) {
  const { subjectKind = '', subject = '' } = holder.subject.data
  const { entries = [], removed = [], wildcards = [] } = need ?? {}
  const isChanged = plan.roles.length + plan.leaves.length > 0
  const status = !isChanged ? 'as granted' : entries.length === 0 && holder.unseen.length === 0 ? 'unused' : 'narrower'
  return {
    subjectKind,
    subject,
    status,
    roles: plan.roles,
    leaves: plan.leaves.map(({ binding }) => binding.data.binding ?? '').sort(),
    removed: removed.map(textOf),
    kept: entries
      .filter(({ kept }) => kept !== '')
      .map(({ row, kept, verb, resource }) => ({
        ...textOf(row),
        ...(row.permission.verb !== verb && { text: `${verb} ${resource}` }),
        reason: kept,
      })),
    narrowed: wildcards.map(({ row, uses }) => ({ ...textOf(row), rules: rulesOf(uses).map(ruleInWords) })),
    notSeen: holder.unseen.map(({ binding }) => `${binding.data.binding} to ${binding.data.role}`).sort(),
    unseen,
    replay: replay ?? { calls: 0, kinds: 0, lost: [], elsewhere: 0, inItsName: [] },
  } satisfies AccountSuggestion
}

function textOf({ grant, permission }: Row): PermissionText {
  return { binding: grant.binding.data.binding ?? '', text: permission.text }
}
