import { compareReports, type JsonFinding, type JsonReport, parseReport } from './diff.ts'
import type { Comparison, News, PastFinding, TrendPoint } from './reporters/html/options.ts'
import { distinctGaps } from './reporters/not-seen.ts'

/** A JSON report of an earlier run, and how people call it. */
export interface EarlierReport {
  readonly name: string
  readonly report: JsonReport
}

/** How a run stands to earlier ones, oldest first: compared with the last of them. `current` is its JSON report. */
export function comparisonOf(earlier: readonly EarlierReport[], current: string): Comparison {
  const now = parseReport('this run', current)
  const diff = compareReports([...earlier.map(({ report }) => report), now])
  const named = (findings: readonly JsonFinding[], news: News) =>
    findings.map(({ fingerprint }) => [fingerprint, news] as const)
  return {
    trend: [...earlier, { name: 'this run', report: now }].map(pointOf),
    news: new Map([
      ...named(diff.new, 'new'),
      ...named(diff.reopened, 'reopened'),
      ...named(diff.spread, 'in more places'),
      ...named(
        diff.worse.map(({ finding }) => finding),
        'worse',
      ),
    ]),
    fixed: diff.fixed.map(past),
    unseen: diff.unseen.map(past),
    unchanged: diff.unchanged,
  }
}

function pointOf({ name, report }: EarlierReport): TrendPoint {
  const { startedAt, summary } = report
  return {
    name,
    ...(startedAt !== undefined && { startedAt }),
    bySeverity: summary.bySeverity,
    unseen: countUnseen(report),
  }
}

/** As the page counts it for this run, see `notSeen`. */
function countUnseen({ gaps, undetermined, targets, interrupted }: JsonReport): number {
  const isFault = (gap: JsonReport['gaps'][number]) => gap.class === 'fault'
  const rules = new Set(undetermined.filter((each) => each.gaps.some(isFault)).map(({ rule }) => rule))
  const unreached = targets.filter(({ asked, complete }) => asked !== false && !complete)
  return distinctGaps(gaps.filter(isFault)).length + rules.size + unreached.length + (interrupted ? 1 : 0)
}

function past({ ruleId, severity, title, message }: JsonFinding): PastFinding {
  return { ruleId, severity, title, message }
}
