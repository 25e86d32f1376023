import { k8sBinding, k8sServiceAccount, k8sSubject, k8sWorkload } from '../../facts/kubernetes.ts'
import { k8sAuditLog, k8sCalls } from '../../facts/kubernetes-log.ts'
import { k8sAccountUse } from '../../facts/kubernetes-usage.ts'
import { type Fact, fact, type Gap, isFact, UNKNOWN } from '../../model.ts'
import { shorten } from './held.ts'
import { groupBy, isIncomplete } from './rbac.ts'

type Workload = Fact<typeof k8sWorkload>

/** A log of less than a day proves no silence. */
const LEAST_HOURS = 24

/** One fact for each service account that a workload runs as. */
export function deriveAccountUse(facts: readonly Fact[], gaps: readonly Gap[]): { facts: Fact[]; gaps: Gap[] } {
  const workloads = facts.filter((f) => isFact(k8sWorkload, f))
  const accounts = new Map(
    facts.filter((f) => isFact(k8sServiceAccount, f)).map((f) => [`${f.data.cluster} ${f.data.account}`, f]),
  )
  const granted = new Set(
    facts
      .filter((f) => isFact(k8sSubject, f))
      .filter(({ data }) => !data.bootstrapping)
      .map(({ data }) => `${data.cluster} ${data.subject}`),
  )
  const isSilent = silence(facts, gaps)
  const unseen: string[] = []
  const derived = [...groupBy(workloads, ({ data }) => `${data.cluster} ${data.account}`)].map(([key, own]) => {
    const account = accounts.get(key)
    const { cluster = '', account: id = '', source = '' } = own[0]?.data ?? {}
    const [namespace = '', name = ''] = id.split('/')
    const mounting = own.map((workload) => mountsToken(workload, account, gaps))
    const some = own.filter((_, i) => mounting[i] === true)
    const open = some.length === 0 && mounting.includes(UNKNOWN)
    if (open) unseen.push(id)
    const hasGrant = [id, 'system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'].some(
      (subject) => granted.has(`${cluster} ${subject}`),
    )
    return fact(k8sAccountUse, own[0]?.scope ?? '', account?.at ?? own[0]?.at ?? { resource: id }, {
      cluster,
      account: id,
      namespace,
      name,
      workloads: own.map(({ data }) => data.workload ?? '').sort(),
      mounting: open ? UNKNOWN : some.map(({ data }) => data.workload ?? '').sort(),
      inWords: shorten((some.length > 0 ? some : own).map(({ data }) => data.workload ?? '').sort()),
      mountsToken: open ? UNKNOWN : some.length > 0,
      granted: hasGrant || (isIncomplete(gaps, [k8sBinding.kind, k8sSubject.kind], cluster) ? UNKNOWN : false),
      silent: isSilent(cluster, id),
      source,
    })
  })
  return { facts: derived, gaps: unseen.length > 0 ? [unseenAccounts(unseen)] : [] }
}

/** The pod's word counts before the account's; without either the token is mounted. */
function mountsToken(
  workload: Workload,
  account: Fact<typeof k8sServiceAccount> | undefined,
  gaps: readonly Gap[],
): boolean | typeof UNKNOWN {
  const { automount, projectedToken, cluster = '', source, account: id = '' } = workload.data
  if (projectedToken) return true
  if (automount) return automount === 'true'
  if (account) return account.data.automount !== 'false'
  // Nobody writes manifests of default accounts; another one's may lie anywhere.
  if (source === 'file') return id.endsWith('/default') ? true : UNKNOWN
  return isIncomplete(gaps, [k8sServiceAccount.kind], cluster) ? UNKNOWN : true
}

function unseenAccounts(ids: readonly string[]): Gap {
  return {
    kind: k8sAccountUse.kind,
    scope: 'k8s:',
    fields: ['mountsToken', 'mounting'],
    class: 'limit',
    reason: 'service account not seen',
    detail: `whether pods of ${shorten([...ids].sort())} mount a token is written in accounts that were not seen`,
  }
}

/** Whether a log was given that is long enough, and holds no call of the account. */
function silence(facts: readonly Fact[], gaps: readonly Gap[]): (cluster: string, account: string) => boolean {
  const logs = new Map(facts.filter((f) => isFact(k8sAuditLog, f)).map((f) => [f.data.cluster, f.data]))
  const callers = new Set(facts.filter((f) => isFact(k8sCalls, f)).map(({ data }) => `${data.cluster} ${data.user}`))
  return (cluster, account) => {
    const log = logs.get(cluster)
    if (!log?.coversReads || (log.windowHours ?? 0) < LEAST_HOURS) return false
    if (isIncomplete(gaps, [k8sAuditLog.kind, k8sCalls.kind], cluster)) return false
    return !callers.has(`${cluster} system:serviceaccount:${account.replace('/', ':')}`)
  }
}
