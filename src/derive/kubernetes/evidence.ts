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

/** The calls of a log, indexed once in a run: several derivations ask. */
const read = new WeakMap<Fact, Pick<Evidence, 'logged' | 'calls'>>()

/** The evidence of one log. What it does not cover is remembered in it: each derivation has its own. */
export function evidenceOf(log: Fact<typeof k8sAuditLog>, facts: readonly Fact[], gaps: readonly Gap[]): Evidence {
  const { cluster = '' } = log.data
  const complete = !isIncomplete(gaps, [k8sAuditLog.kind, k8sCalls.kind], cluster)
  const { logged, calls } = callsOf(log, facts)
  const coverage = new LogCoverage(log.data, complete, calls)
  return { complete, logged, calls, coverage, elsewhere: new AskedElsewhere(logged, log.data) }
}

function callsOf(log: Fact<typeof k8sAuditLog>, facts: readonly Fact[]): Pick<Evidence, 'logged' | 'calls'> {
  const logged = facts.filter((f) => isFact(k8sCalls, f)).filter(({ data }) => data.cluster === log.data.cluster)
  const known = read.get(log)
  if (known?.logged.length === logged.length && logged.every((call, i) => call === known.logged[i])) return known
  const indexed = { logged, calls: new CallIndex(logged) }
  read.set(log, indexed)
  return indexed
}
