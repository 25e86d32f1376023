import { k8sRoleRule, k8sServiceAccount } from '../../facts/kubernetes.ts'
import { k8sAuditLog } from '../../facts/kubernetes-log.ts'
import { k8sBindingUse, k8sPermission } from '../../facts/kubernetes-usage.ts'
import { type Fact, fact, type Gap, isFact, UNKNOWN } from '../../model.ts'
import { isBuiltInRole } from '../../reference/kubernetes-resources.ts'
import type { CallIndex, Calls } from './calls.ts'
import { type Evidence, evidenceOf } from './evidence.ts'
import { isDefault } from './grants.ts'
import { shorten } from './held.ts'
import { type Permission, permissionsOf } from './permissions.ts'
import { type Grant, isIncomplete, type Rbac, readRbac, type SubjectFact } from './rbac.ts'

/** A month holds what is done once a month. */
const LONG_WINDOW_HOURS = 30 * 24

/** Every permission of every subject, and every binding of every subject, with whether the audit log shows its use. */
export function deriveUse(facts: readonly Fact[], gaps: readonly Gap[]): { facts: Fact[]; gaps: Gap[] } {
  const derived: Fact[] = []
  const found: Gap[] = []
  for (const log of facts.filter((f) => isFact(k8sAuditLog, f))) {
    const rbac = readRbac(facts).find(({ cluster }) => cluster === log.data.cluster)
    if (!rbac) continue
    const result = deriveClusterUse(rbac, log, facts, gaps)
    derived.push(...result.facts)
    found.push(...result.gaps)
  }
  return { facts: derived, gaps: found }
}

type Used = boolean | typeof UNKNOWN

/** What the judgement of one cluster needs. */
interface Judge {
  readonly evidence: Evidence
  readonly common: { readonly window: string; readonly windowHours: number; readonly assumptions: string[] }
}

function deriveClusterUse(rbac: Rbac, log: Fact<typeof k8sAuditLog>, facts: readonly Fact[], gaps: readonly Gap[]) {
  const inCluster = <T extends Fact>(f: T) => (f.data as { cluster?: string }).cluster === rbac.cluster
  const evidence = evidenceOf(log, facts, gaps)
  const accounts = new Set(
    facts
      .filter((f) => isFact(k8sServiceAccount, f))
      .filter(inCluster)
      .map(({ data }) => data.account),
  )
  const accountsComplete = !isIncomplete(gaps, [k8sServiceAccount.kind], rbac.cluster)
  const derived: Fact[] = []
  const unknownRoles = new Set<string>()
  for (const grant of rbac.grants) {
    if (isDefault(grant)) continue
    const { roleName = '', source } = grant.binding.data
    if (!grant.roleKnown && isBuiltInRole(roleName)) unknownRoles.add(roleName)
    const judge: Judge = { evidence, common: commonFields(log.data, source ?? '') }
    const permissions = permissionsOf(grant)
    for (const subject of grant.subjects) {
      if (!exists(subject, accounts, accountsComplete, evidence.calls)) continue
      derived.push(...judgeSubject(grant, subject, permissions, judge))
    }
  }
  const scope = log.scope
  return {
    facts: derived,
    gaps: [
      ...evidence.coverage.gaps(scope),
      ...evidence.elsewhere.gaps(scope),
      ...unknownRoleGaps(unknownRoles, scope),
    ],
  }
}

/** Bindings of accounts that do not exist grant nothing to anybody: another rule speaks of them. */
function exists(
  { data }: SubjectFact,
  accounts: ReadonlySet<string | undefined>,
  accountsComplete: boolean,
  calls: CallIndex,
): boolean {
  if (data.subjectKind !== 'ServiceAccount' || accounts.has(data.subject) || !accountsComplete) return true
  // Nobody writes a manifest of a default account.
  return data.name === 'default' || calls.knows(data)
}

function commonFields(log: Fact<typeof k8sAuditLog>['data'], source: string): Judge['common'] {
  const { windowHours = 0, firstEvent = '', lastEvent = '' } = log
  const window = inWords(Date.parse(lastEvent) - Date.parse(firstEvent))
  const assumptions = [
    ...(windowHours < LONG_WINDOW_HOURS
      ? [`the audit log covers ${window}; what is done less often is not in it`]
      : []),
    ...(source === 'file' ? ['the manifests are what the cluster of the audit log runs'] : []),
  ]
  return { window, windowHours, assumptions }
}

function inWords(milliseconds: number): string {
  const minutes = Number.isFinite(milliseconds) ? Math.floor(milliseconds / 60_000) : 0
  const [count, unit] =
    minutes < 120
      ? [minutes, 'minute']
      : minutes < 2880
        ? [Math.floor(minutes / 60), 'hour']
        : [Math.floor(minutes / 1440), 'day']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

function judgeSubject(grant: Grant, subject: SubjectFact, permissions: readonly Permission[], judge: Judge): Fact[] {
  if (permissions.length === 0) return []
  const { cluster = '', binding = '', name: bindingName = '', role = '', source = '' } = grant.binding.data
  const { subjectKind = '', subject: id = '' } = subject.data
  const same = {
    cluster,
    binding,
    bindingName,
    role,
    within: grant.scope,
    subjectKind,
    subject: id,
    source,
    ...judge.common,
  }
  const users = new Set<Calls>()
  const verdicts: Used[] = []
  const facts: Fact[] = permissions.map((permission) => {
    const using = judge.evidence.calls.using(permission, subject.data, grant.scope)
    for (const call of using.calls) users.add(call)
    const used =
      using.calls.length > 0 ||
      (isUnused(permission, grant, subject.data, using.uncertain, judge.evidence) ? false : UNKNOWN)
    verdicts.push(used)
    const { verb, resource, resourceName, nonResource, dangerous, text } = permission
    const fields = { verb, resource, resourceName, nonResource, dangerous, text }
    return fact(k8sPermission, grant.binding.scope, permission.rule.at, { ...same, ...fields, used })
  })
  const partly = verdicts.includes(UNKNOWN)
  const used = verdicts.includes(true) || (partly ? UNKNOWN : false)
  const namespaces = new Set([...users].map(({ data }) => data.namespace ?? ''))
  const [only = ''] = namespaces
  facts.push(
    fact(k8sBindingUse, grant.binding.scope, grant.binding.at, {
      ...same,
      used,
      permissions: permissions.length,
      // What the log does not cover may have been used elsewhere.
      onlyNamespace: grant.scope !== '*' || namespaces.size !== 1 || only === '' ? '' : partly ? UNKNOWN : only,
    }),
  )
  return facts
}

/** Whether it is certain that nobody used it. */
export function isUnused(
  permission: Permission,
  grant: Grant,
  subject: SubjectFact['data'],
  uncertain: boolean,
  { calls, coverage, elsewhere }: Evidence,
): boolean {
  if (uncertain || elsewhere.reason(permission, calls.of(subject)) !== '') return false
  const implied = coverage.impliedBy(permission)
  if (implied === 'never-logged') return false
  // A right that only shows in writes of another resource was not used if there were none.
  if (implied) {
    const writes = implied.map((write) => calls.using(write, subject, grant.scope))
    if (writes.some((each) => each.calls.length > 0 || each.uncertain)) return false
    return implied.every((write) => coverage.covers(write, subject))
  }
  return coverage.covers(permission, subject)
}

function unknownRoleGaps(names: ReadonlySet<string>, scope: string): Gap[] {
  if (names.size === 0) return []
  const detail = `rules of the built-in ${shorten([...names].sort())} were not seen: add clusterroles to the dump, or use --k8s`
  return [{ kind: k8sRoleRule.kind, scope, class: 'limit', reason: 'role not seen', detail }]
}
