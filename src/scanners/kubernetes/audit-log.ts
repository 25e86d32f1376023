import { basename } from 'node:path'
import { ScanError } from '../../errors.ts'
import { k8sAuditLog, k8sCalls } from '../../facts/kubernetes-log.ts'
import type { ScanContext, Scanner } from '../../model.ts'
import { type LogProblem, readLines } from '../../sources/audit-log.ts'
import { clusterNameOf } from '../../sources/kubernetes-client.ts'
import { CallCounter } from './calls.ts'
import { scopeOf } from './objects.ts'

/**
 * What was called, by native audit logs of the API server (JSON lines, plain or gzip). The logs belong to the cluster or dump
 * of the run, else to the manifests of the trees.
 */
export const kubernetesAuditLogScanner: Scanner = {
  id: 'kubernetes-audit-log',
  emits: [k8sAuditLog, k8sCalls],
  needs: [],
  requested: ({ targets }) => targets.auditLogs.length > 0,
  async *scan(context) {
    const cluster = await clusterOf(context)
    const counter = new CallCounter()
    const problems: LogProblem[] = []
    for (const file of context.targets.auditLogs) {
      context.progress(`audit log ${basename(file)}`)
      await countFile(file, counter, context.signal, (problem) => problems.push(problem))
    }
    if (counter.events === 0) {
      throw new ScanError(problems.map(({ detail }) => detail).join('; ') || 'the audit log holds no events')
    }
    for (const { reason, detail } of problems) {
      for (const { kind } of [k8sAuditLog, k8sCalls]) {
        context.gap({ kind, scope: scopeOf(cluster), class: 'fault', reason: `audit log: ${reason}`, detail })
      }
    }
    yield* counter.facts(
      cluster,
      context.targets.auditLogs.map((file) => basename(file)),
    )
  },
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

const REPORTED_LINES = 3

async function countFile(
  file: string,
  counter: CallCounter,
  signal: AbortSignal,
  problem: (problem: LogProblem) => void,
): Promise<void> {
  const foreign: Lines = { first: [], count: 0 }
  const broken: Lines = { first: [], count: 0 }
  for await (const { text, line, last } of readLines(file, signal, problem)) {
    const event = parse(text)
    if (event === undefined && last)
      problem({ reason: 'truncated', detail: `${file}:${line}: the last line is cut off` })
    else if (event === undefined) remember(broken, line)
    else if (!counter.add(event)) remember(foreign, line)
  }
  if (broken.count > 0) problem({ reason: 'broken line', detail: `${file}: no JSON on ${inWords(broken)}` })
  if (foreign.count > 0) {
    problem({ reason: 'not an audit log', detail: `${file}: no audit.k8s.io event on ${inWords(foreign)}` })
  }
}

/** A file of another format may have millions of such lines: the first few are enough. */
interface Lines {
  readonly first: number[]
  count: number
}

function remember(lines: Lines, line: number): void {
  lines.count++
  if (lines.first.length < REPORTED_LINES) lines.first.push(line)
}

function inWords({ first, count }: Lines): string {
  return count > first.length
    ? `lines ${first.join(', ')} and ${count - first.length} more`
    : `line ${first.join(', ')}`
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The caller reports the line; the parser's message would quote it.
    return undefined
  }
}
