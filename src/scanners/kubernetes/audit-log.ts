import { basename } from 'node:path'
import { ScanError } from '../../errors.ts'
import { k8sAuditLog, k8sCalls } from '../../facts/kubernetes-log.ts'
import type { ScanContext, Scanner } from '../../model.ts'
import type { LogProblem } from '../../sources/audit-log.ts'
import { clusterNameOf } from '../../sources/kubernetes-client.ts'
import { CallCounter } from './calls.ts'
import { countLog } from './log-files.ts'
import { scopeOf } from './objects.ts'

/**
 * What was called, by audit logs of the API server: as it writes them, or as EKS, GKE and AKS export them; plain or gzip, files or
 * folders. The form of each file shows in its content. The logs belong to the cluster or dump of the run, else to the manifests
 * of the trees.
 */
export const kubernetesAuditLogScanner: Scanner = {
  id: 'kubernetes-audit-log',
  emits: [k8sAuditLog, k8sCalls],
  needs: [],
  // A file answers sooner or later: the limit for live targets does not cut a long log off.
  timesTargets: true,
  requested: ({ targets }) => targets.auditLogs.length > 0,
  async *scan(context) {
    const { auditLogs } = context.targets
    const cluster = await clusterOf(context)
    const counter = new CallCounter()
    const problems: LogProblem[] = []
    for (const path of auditLogs) {
      await countLog(path, counter, context.signal, {
        problem: (problem) => problems.push(problem),
        skip: (what) => context.skip({ scope: 'repo:.', path: what, reason: 'other log' }),
        progress: (file) => context.progress(`audit log ${basename(file)}`),
      })
    }
    if (counter.events === 0) {
      context.signal.throwIfAborted()
      throw new ScanError(problems.map(({ detail }) => detail).join('; ') || 'the audit log holds no events')
    }
    for (const { reason, detail } of problems) gapBoth(context, cluster, `audit log: ${reason}`, detail)
    if (counter.forgotten > 0) gapForgotten(context, cluster, counter.forgotten)
    yield* counter.facts(
      cluster,
      auditLogs.map((file) => basename(file)),
    )
  },
}

function gapBoth(context: ScanContext, cluster: string, reason: string, detail: string): void {
  for (const { kind } of [k8sAuditLog, k8sCalls])
    context.gap({ kind, scope: scopeOf(cluster), class: 'fault', reason, detail })
}

function gapForgotten(context: ScanContext, cluster: string, calls: number): void {
  context.gap({
    kind: k8sCalls.kind,
    scope: scopeOf(cluster),
    fields: ['calls'],
    class: 'limit',
    reason: 'audit log: too many kinds of denied calls',
    detail: `${calls} denied calls of users who made more than 10,000 kinds of them were not kept`,
  })
}

/** Throws ScanError if the run audits several clusters: a log tells of one. */
async function clusterOf({ targets, trees }: ScanContext): Promise<string> {
  const clusters = targets.kubernetes.length + Math.min(1, targets.kubernetesDumps.length)
  if (clusters > 1) {
    throw new ScanError('an audit log belongs to one cluster, but several are audited: audit them one after the other')
  }
  const [target] = targets.kubernetes
  if (!target) return '-'
  return clusterNameOf(
    target,
    trees.map((tree) => tree.root),
  )
}
