import { k8sBinding, k8sRole, k8sSubject } from '../../facts/kubernetes.ts'
import { k8sAuditLog } from '../../facts/kubernetes-log.ts'
import { k8sPermission } from '../../facts/kubernetes-usage.ts'
import { type Fact, type Gap, isFact } from '../../model.ts'
import { isBuiltInRole } from '../../reference/kubernetes-resources.ts'
import { groupBy } from '../grouping.ts'
import type { Calls } from './calls.ts'
import { evidenceOf } from './evidence.ts'
import { isDefault } from './grants.ts'
import type { NarrowContext } from './narrow.ts'
import { DefaultGrants, userOf } from './narrow-defaults.ts'
import { type Grant, isIncomplete, type Rbac, readRbac, type SubjectFact } from './rbac.ts'
import { type HeldRules, heldBy } from './replay.ts'
import { askWitness, idsOf, type Witness } from './witness.ts'

type PermissionFact = Fact<typeof k8sPermission>

/** Somebody who is bound, with the bindings whose rules are known. */
export interface Holder {
  /** `ServiceAccount NAMESPACE/NAME`, `User NAME` or `Group NAME`. */
  readonly id: string
  readonly subject: SubjectFact
  readonly grants: readonly Grant[]
  /** Bindings to roles whose rules were not seen. */
  readonly unseen: readonly Grant[]
}

/** One cluster of which there is an audit log. */
export interface LoggedCluster {
  readonly rbac: Rbac
  readonly context: NarrowContext
  /** Service accounts first, then users, then groups; each by name. */
  readonly holders: readonly Holder[]
  /** Whether every binding with its subjects was seen. */
  readonly bindingsSeen: boolean
  /** Asked when it is needed: an audit does not. */
  readonly witness: Witness
  /** Calls that were allowed, by whoever. */
  readonly allowed: readonly Calls[]
  /** Calls that were allowed in another's name. */
  readonly inOthersNames: readonly Calls[]
  /** A sample of what is said of every permission: window and assumptions. */
  readonly window: { readonly text: string; readonly hours: number; readonly assumptions: readonly string[] }
}

/** Puts together what every suggestion for a cluster hangs on; clusters without an audit log are left out. */
export function readLoggedClusters(facts: readonly Fact[], gaps: readonly Gap[]): LoggedCluster[] {
  const logs = facts.filter((f) => isFact(k8sAuditLog, f))
  if (logs.length === 0) return []
  const clusters = readRbac(facts)
  const permissions = groupBy(
    facts.filter((f) => isFact(k8sPermission, f)),
    ({ data }) => data.cluster ?? '',
  )
  return logs.flatMap((log) => {
    const { cluster = '' } = log.data
    const rbac = clusters.find((each) => each.cluster === cluster)
    if (!rbac) return []
    const judged = permissions.get(cluster) ?? []
    const { complete, logged, coverage, calls, elsewhere } = evidenceOf(log, facts, gaps)
    const own = rbac.grants.filter((grant) => !isDefault(grant))
    const context: NarrowContext = {
      log: log.data,
      complete,
      coverage,
      calls,
      elsewhere,
      defaults: new DefaultGrants(rbac),
      directOf: directGrants(own),
      used: usedIndex(judged),
    }
    const known = new Set(judged.map(({ data }) => `${data.binding} ${data.role} ${data.subjectKind} ${data.subject}`))
    const allowed = logged.filter(({ data }) => data.decision === 'allow')
    const inOthersNames = allowed.filter(({ data }) => data.impersonator !== '')
    let witness: Witness | undefined
    const { window: text = '', windowHours: hours = 0, assumptions = [] } = judged[0]?.data ?? {}
    const rolesComplete = !isIncomplete(gaps, [k8sRole.kind], cluster)
    // A binding to a role that does not exist grants nothing; of built-in ones that were not seen nobody knows what they grant.
    const mayGrant = ({ binding: { data } }: Grant) => !rolesComplete || isBuiltInRole(data.roleName ?? '')
    return [
      {
        rbac,
        context,
        bindingsSeen: !isIncomplete(gaps, [k8sBinding.kind, k8sSubject.kind], cluster),
        get witness() {
          witness ??= askWitness(rbac, allowed, heldBySomebody(own, context))
          return witness
        },
        allowed,
        inOthersNames,
        holders: holdersOf(own, known, mayGrant),
        window: { text, hours, assumptions },
      },
    ]
  })
}

function heldBySomebody(own: readonly Grant[], { defaults }: NarrowContext): (call: Calls) => HeldRules[] {
  const bySubject = heldBySubject(own)
  return (call) => [
    ...idsOf(call).flatMap((id) => bySubject.get(id) ?? []),
    ...defaults.of(call.data.user ?? '', call.data.groups ?? []),
  ]
}

function heldBySubject(grants: readonly Grant[]): Map<string, HeldRules[]> {
  const pairs = grants.flatMap((grant) => grant.subjects.map((subject) => ({ id: holderId(subject), grant })))
  return new Map([...groupBy(pairs, ({ id }) => id)].map(([id, list]) => [id, list.map(({ grant }) => heldBy(grant))]))
}

function usedIndex(permissions: readonly PermissionFact[]): NarrowContext['used'] {
  const index = new Map<string, boolean | undefined>()
  for (const { data } of permissions) {
    const { binding, role, subjectKind, subject, verb, resource, resourceName, nonResource, used } = data
    index.set([binding, role, subjectKind, subject, verb, resource, resourceName, nonResource].join('\0'), used)
  }
  return ({ binding }, { data }, { verb, resource, resourceName, nonResource }) => {
    const { binding: id, role } = binding.data
    return index.get([id, role, data.subjectKind, data.subject, verb, resource, resourceName, nonResource].join('\0'))
  }
}

function directGrants(grants: readonly Grant[]): NarrowContext['directOf'] {
  const index = new Map<string, HeldRules[]>()
  for (const grant of grants) {
    for (const { data } of grant.subjects) {
      const user = userOf(data)
      if (user === undefined) continue
      const held = index.get(user)
      if (held) held.push(heldBy(grant))
      else index.set(user, [heldBy(grant)])
    }
  }
  return (user) => index.get(user) ?? []
}

const KINDS = ['ServiceAccount', 'User', 'Group']

/** Subjects of which the use is judged: not accounts that do not exist, nor bindings that grant nothing. */
function holdersOf(
  grants: readonly Grant[],
  judged: ReadonlySet<string>,
  mayGrant: (grant: Grant) => boolean,
): Holder[] {
  const found = new Map<string, { subject: SubjectFact; grants: Grant[]; unseen: Grant[] }>()
  for (const grant of grants) {
    const { binding, role } = grant.binding.data
    for (const subject of grant.subjects) {
      const id = holderId(subject)
      const isJudged = judged.has(`${binding} ${role} ${id}`)
      if (!isJudged && (grant.roleKnown || !mayGrant(grant))) continue
      const holder = found.get(id) ?? { subject, grants: [], unseen: [] }
      found.set(id, holder)
      if (isJudged) holder.grants.push(grant)
      else holder.unseen.push(grant)
    }
  }
  return [...found]
    .filter(([, holder]) => holder.grants.length > 0)
    .map(([id, holder]) => ({ id, ...holder }))
    .sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1))
}

export function holderId({ data }: SubjectFact): string {
  return `${data.subjectKind} ${data.subject}`
}

function rank({ subject }: Holder): number {
  return KINDS.indexOf(subject.data.subjectKind ?? '')
}
