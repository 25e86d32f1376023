import type { k8sWorkload } from '../../facts/kubernetes.ts'
import { k8sAuditLog, k8sCalls } from '../../facts/kubernetes-log.ts'
import { k8sAccountUse } from '../../facts/kubernetes-usage.ts'
import { type Fact, type Gap, isFact, UNKNOWN } from '../../model.ts'
import { shorten } from './held.ts'
import { isIncomplete, type Rbac, readRbac } from './rbac.ts'

/** A log of less than a day proves no silence. */
const LEAST_HOURS = 24
/** A month holds what is done once a month. */
const LONG_HOURS = 30 * 24

/** Workloads that run all the time, so that a day of log holds what they do. */
const STEADY = new Set(['Deployment', 'DaemonSet', 'StatefulSet', 'ReplicaSet', 'ReplicationController', 'Pod'])

/** Which accounts do not use their token, as far as an audit log would show it. Reasons why it would not are remembered. */
export class Silence {
  readonly #logs: Map<string | undefined, Fact<typeof k8sAuditLog>['data']>
  readonly #callers: Set<string>
  readonly #facts: readonly Fact[]
  readonly #seen: readonly Gap[]
  #shown: Set<string> | undefined
  readonly #open = new Map<string, string[]>()

  constructor(facts: readonly Fact[], gaps: readonly Gap[]) {
    this.#facts = facts
    this.#seen = gaps
    this.#logs = new Map(facts.filter((f) => isFact(k8sAuditLog, f)).map((f) => [f.data.cluster, f.data]))
    // What others do in its name is no use of its token.
    const own = facts.filter((f) => isFact(k8sCalls, f)).filter(({ data }) => data.impersonator === '')
    this.#callers = new Set(own.map(({ data }) => `${data.cluster} ${data.user}`))
  }

  /** Whether the account made no call; false without a log: nothing is claimed then. */
  of(cluster: string, account: string, workloads: readonly Fact<typeof k8sWorkload>[]): boolean | typeof UNKNOWN {
    const log = this.#logs.get(cluster)
    if (!log || this.#callers.has(`${cluster} system:serviceaccount:${account.replace('/', ':')}`)) return false
    // A gap of its own says why.
    if (isIncomplete(this.#seen, [k8sAuditLog.kind, k8sCalls.kind], cluster)) return UNKNOWN
    const reason = this.#whyNotTold(log, `${cluster} ${account}`, workloads)
    if (reason === undefined) return true
    this.#open.set(reason, [...(this.#open.get(reason) ?? []), account])
    return UNKNOWN
  }

  #whyNotTold(
    log: Fact<typeof k8sAuditLog>['data'],
    key: string,
    workloads: readonly Fact<typeof k8sWorkload>[],
  ): string | undefined {
    const { coversReads, windowHours = 0 } = log
    if (!coversReads) return 'the audit log holds no reads'
    if (windowHours < LEAST_HOURS) return `the audit log covers less than ${LEAST_HOURS} hours`
    if (workloads.some(({ data }) => !isSteady(data) && (data.workloadKind !== 'CronJob' || windowHours < LONG_HOURS)))
      return 'they run now and then, and may not have run while the audit log was written'
    this.#shown ??= shownElsewhere(readRbac(this.#facts))
    if (this.#shown.has(key)) return 'they show their token to kubelets or other servers, which is in no audit log'
    return undefined
  }

  windowHours(cluster: string): number {
    return this.#logs.get(cluster)?.windowHours ?? 0
  }

  assumptions(cluster: string): string[] {
    const log = this.#logs.get(cluster)
    const days = Math.floor((log?.windowHours ?? 0) / 24)
    return [
      ...(log && days < 30
        ? [`the audit log covers ${days} day${days === 1 ? '' : 's'}; what is done less often is not in it`]
        : []),
      ...(log?.resources?.includes('authentication.k8s.io/tokenreviews')
        ? ['the token is not shown to a service that has the API server review it']
        : []),
    ]
  }

  /** Why it could not be told of some accounts. */
  gaps(): Gap[] {
    return [...this.#open].map(([reason, accounts]) => ({
      kind: k8sAccountUse.kind,
      scope: 'k8s:',
      fields: ['silent'],
      class: 'limit',
      reason: 'use of token not seen',
      detail: `whether pods of ${shorten(accounts.sort())} use their token: ${reason}`,
    }))
  }
}

/** One that an extension's object made may end, as a step of a workflow does. */
function isSteady({ workloadKind = '', owner = '' }: Fact<typeof k8sWorkload>['data']): boolean {
  return STEADY.has(workloadKind) && (workloadKind !== 'Pod' || owner === '')
}

/** Subjects with rights that other servers than the API server ask for: kubelets, and whoever serves metrics. */
function shownElsewhere(clusters: readonly Rbac[]): Set<string> {
  const found = new Set<string>()
  for (const { cluster, grants } of clusters) {
    for (const { rules, subjects } of grants) {
      if (!rules.some(({ data }) => isAskedElsewhere(data.resources ?? [], data.nonResourceUrls ?? []))) continue
      for (const { data } of subjects) found.add(`${cluster} ${data.subject}`)
    }
  }
  return found
}

function isAskedElsewhere(resources: readonly string[], paths: readonly string[]): boolean {
  return paths.length > 0 || resources.some((resource) => resource.startsWith('nodes/'))
}
