import { k8sBinding, k8sRole, k8sRoleRule, k8sServiceAccount, k8sSubject, k8sWorkload } from '../../facts/kubernetes.ts'
import { k8sAuditLog } from '../../facts/kubernetes-log.ts'
import { k8sSubjectRights } from '../../facts/kubernetes-subject.ts'
import { type Fact, fact, type Gap, isFact, UNKNOWN } from '../../model.ts'
import { groupBy } from '../grouping.ts'
import { type Evidence, evidenceOf } from './evidence.ts'
import { isDefault } from './grants.ts'
import { type Permission, permissionsOf } from './permissions.ts'
import { type Grant, isIncomplete, isRoleSeen, readRbac, type SubjectFact } from './rbac.ts'
import { isUnused } from './usage.ts'

type SubjectData = SubjectFact['data']
/** Of whom it is told: a subject of bindings, or an account that no binding names. */
interface Holder {
  readonly data: SubjectData
  readonly scope: string
  readonly at: Fact['at']
}
/** What an audit log tells of one cluster. */
interface Log extends Evidence {
  /** Time of the last call by name of user or group. */
  readonly lastSeen: ReadonlyMap<string, string>
}

/** What the bindings of one cluster grant. */
interface Access {
  readonly bySubject: ReadonlyMap<string, readonly Grant[]>
  readonly permissions: ReadonlyMap<Grant, readonly Permission[]>
  readonly complete: boolean
}

/** One fact for each subject of a binding, and each account that was seen or that a workload runs as. */
export function deriveSubjectRights(facts: readonly Fact[], gaps: readonly Gap[]): Fact[] {
  const holders = groupBy(holdersOf(facts), ({ data }) => data.cluster ?? '')
  const rbacs = new Map(readRbac(facts).map((rbac) => [rbac.cluster, rbac]))
  return [...holders].flatMap(([cluster, own]) => {
    const grants = (rbacs.get(cluster)?.grants ?? []).filter((grant) => !isDefault(grant))
    const bySubject = new Map<string, Grant[]>()
    for (const grant of grants) {
      for (const { data } of grant.subjects) {
        const key = keyOf(data)
        bySubject.set(key, [...(bySubject.get(key) ?? []), grant])
      }
    }
    const complete = !isIncomplete(gaps, GRANTING, cluster)
    const log = readLog(cluster, facts, gaps)
    // Grants to groups of accounts are asked of for each account.
    const permissions = new Map(grants.map((grant) => [grant, permissionsOf(grant)]))
    const access = { bySubject, permissions, complete }
    return own.map((holder) => rightsOf(holder, access, log))
  })
}

const GRANTING = [k8sRole, k8sRoleRule, k8sBinding, k8sSubject].map(({ kind }) => kind)

const keyOf = ({ subjectKind, subject }: SubjectData) => `${subjectKind} ${subject}`

function holdersOf(facts: readonly Fact[]): Holder[] {
  const found = new Map<string, Holder>()
  const add = (data: SubjectData, { scope, at }: Fact) => {
    const key = `${data.cluster} ${keyOf(data)}`
    if (!found.has(key)) found.set(key, { data, scope, at })
  }
  const account = (cluster = '', id = '', source = ''): SubjectData => {
    const [namespace = '', name = ''] = id.split('/')
    return { cluster, subjectKind: 'ServiceAccount', subject: id, namespace, name, source }
  }
  for (const f of facts) {
    if (isFact(k8sServiceAccount, f)) add(account(f.data.cluster, f.data.account, f.data.source), f)
  }
  for (const f of facts) {
    if (isFact(k8sSubject, f) && !f.data.bootstrapping) add(f.data, f)
    if (isFact(k8sWorkload, f)) add(account(f.data.cluster, f.data.account, f.data.source), f)
  }
  return [...found.values()]
}

function readLog(cluster: string, facts: readonly Fact[], gaps: readonly Gap[]): Log | undefined {
  const log = facts.filter((f) => isFact(k8sAuditLog, f)).find(({ data }) => data.cluster === cluster)
  if (!log) return undefined
  const evidence = evidenceOf(log, facts, gaps)
  const lastSeen = new Map<string, string>()
  for (const { data } of evidence.logged) {
    const { user = '', groups = [], impersonator, lastSeen: time = '' } = data
    if (impersonator !== '') continue
    for (const name of [`User ${user}`, ...[...groups, ...groupsOfUser(user)].map((group) => `Group ${group}`)])
      if (time > (lastSeen.get(name) ?? '')) lastSeen.set(name, time)
  }
  return { ...evidence, lastSeen }
}

/** The groups of every service account, of those of its namespace, and of whoever has any account. */
function groupsOfUser(user: string): string[] {
  const [, namespace] = /^system:serviceaccount:([^:]+):/.exec(user) ?? []
  return namespace ? groupsOfNamespace(namespace) : []
}

function groupsOfNamespace(namespace: string): string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
}

function rightsOf(
  { data, scope, at }: Holder,
  { bySubject, permissions, complete }: Access,
  log: Log | undefined,
): Fact {
  const { cluster = '', subjectKind = '', subject = '', namespace = '', name = '', source = '' } = data
  const isAccount = subjectKind === 'ServiceAccount'
  const own = bySubject.get(keyOf(data)) ?? []
  const groups = (isAccount ? groupsOfNamespace(namespace) : []).filter((group) => bySubject.has(`Group ${group}`))
  const shared = groups.flatMap((group) => bySubject.get(`Group ${group}`) ?? [])
  const grants = [...new Set([...own, ...shared])]
  const held = grants.map((grant) => ({ grant, permissions: permissions.get(grant) ?? [] }))
  const counts = countUse(held, data, log)
  const user = isAccount ? `User system:serviceaccount:${namespace}:${name}` : `${subjectKind} ${subject}`
  return fact(k8sSubjectRights, scope, at, {
    cluster,
    subjectKind,
    subject,
    bindings: namesOf(own),
    groups,
    groupBindings: namesOf(shared),
    ...counts,
    complete: complete && grants.every(isRoleSeen),
    lastSeen: log?.lastSeen.get(user) ?? (log?.coverage.showsCaller(data) ? '' : UNKNOWN),
    source,
  })
}

function countUse(
  held: readonly { readonly grant: Grant; readonly permissions: readonly Permission[] }[],
  data: SubjectData,
  log: Log | undefined,
): Record<'permissions' | 'used' | 'unused' | 'undetermined', number | typeof UNKNOWN> {
  let [permissions, used, unused] = [0, 0, 0]
  for (const { grant, permissions: own } of held) {
    for (const permission of own) {
      permissions++
      if (!log) continue
      const using = log.calls.using(permission, data, grant.scope)
      if (using.calls.length > 0) used++
      else if (isUnused(permission, grant, data, using.uncertain, log)) unused++
    }
  }
  if (!log) return { permissions, used: UNKNOWN, unused: UNKNOWN, undetermined: UNKNOWN }
  return { permissions, used, unused, undetermined: permissions - used - unused }
}

function namesOf(grants: readonly Grant[]): string[] {
  return [...new Set(grants.map(({ binding }) => binding.data.binding ?? ''))].sort()
}
