import { k8sAuditLog, k8sCalls } from '../../facts/kubernetes-log.ts'
import { type Fact, type Gap, isFact } from '../../model.ts'
import { AskedElsewhere } from './asked-elsewhere.ts'
import { CallIndex, type Calls } from './calls.ts'
import { LogCoverage } from './coverage.ts'
import { isIncomplete } from './rbac.ts'

/** What an audit log tells of use: the calls, what it would have shown, and what is asked for where no log is kept. */
export interface Evidence {
  readonly complete: boolean
  readonly logged: readonly Calls[]
  readonly calls: CallIndex
  readonly coverage: LogCoverage
  readonly elsewhere: AskedElsewhere
}

const read = new WeakMap<Fact, Evidence>()

/** The evidence of one log, put together once in a run. */
export function evidenceOf(log: Fact<typeof k8sAuditLog>, facts: readonly Fact[], gaps: readonly Gap[]): Evidence {
  const { cluster = '' } = log.data
  const complete = !isIncomplete(gaps, [k8sAuditLog.kind, k8sCalls.kind], cluster)
  const known = read.get(log)
  if (known?.complete === complete) return known
  const logged = facts.filter((f) => isFact(k8sCalls, f)).filter(({ data }) => data.cluster === cluster)
  const calls = new CallIndex(logged)
  const coverage = new LogCoverage(log.data, complete, calls)
  const evidence = { complete, logged, calls, coverage, elsewhere: new AskedElsewhere(logged, log.data) }
  read.set(log, evidence)
  return evidence
}
