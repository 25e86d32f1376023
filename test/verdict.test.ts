import { describe, expect, it } from 'vitest'
import type { Gap, Severity } from '../src/model.ts'
import type { Finding, Report } from '../src/report.ts'
import { exitCodeOf, type VerdictOptions } from '../src/verdict.ts'
import { finding, report as handMade } from './support/report.ts'

const OPTIONS: VerdictOptions = { failOn: 'medium', exitZero: false, allowGaps: false, strict: false }
const gap = (gapClass: Gap['class']): Gap => ({
  kind: 'iam.user',
  scope: 'aws:1',
  class: gapClass,
  reason: 'r',
  detail: 'd',
})

function report(severities: readonly Severity[], gaps: readonly Gap[] = [], more: Partial<Report> = {}): Report {
  return {
    tool: { name: 'zt-audit', version: '0' },
    targets: [{ kind: 'repository', name: '.', audited: true, detail: '', scope: 'repo:.', complete: true }],
    findings: severities.map((severity) => ({ severity }) as Finding),
    undetermined: [],
    gaps,
    coverage: [],
    rules: [],
    skipped: [],
    hidden: { byConfidence: 0, bySuppression: 0, byPath: 0, byBaseline: 0 },
    notices: [],
    interrupted: false,
    minConfidence: 'medium',
    ...more,
  }
}

describe('exit codes', () => {
  it.each<[string, Report, Partial<VerdictOptions>, number]>([
    ['clean', report([]), {}, 0],
    ['a finding at the threshold', report(['medium']), {}, 1],
    ['findings below it', report(['low', 'info']), {}, 0],
    ['another threshold', report(['high']), { failOn: 'critical' }, 0],
    ['never', report(['critical']), { failOn: 'never' }, 0],
    ['--exit-zero', report(['critical']), { exitZero: true }, 0],
    ['--exit-zero does not accept gaps', report(['critical'], [gap('fault')]), { exitZero: true }, 3],
    ['a suppressed finding', report([], [], { findings: [{ severity: 'high', suppressed: {} } as Finding] }), {}, 0],
    ['a fault', report([], [gap('fault')]), {}, 3],
    ['a fault that is accepted', report([], [gap('fault')]), { allowGaps: true }, 0],
    ['a limit', report([], [gap('limit')]), {}, 0],
    ['a limit under --strict', report([], [gap('limit')]), { strict: true }, 3],
    ['findings win over gaps', report(['high'], [gap('fault')]), {}, 1],
    ['interrupted', report([], [], { interrupted: true }), { allowGaps: true }, 3],
    [
      'nothing scanned',
      report([], [], {
        targets: [{ kind: 'repository', name: '.', audited: false, detail: '', scope: 'repo:.', complete: true }],
      }),
      {},
      4,
    ],
  ])('%s', (_what, given, options, expected) => {
    expect(exitCodeOf(given, { ...OPTIONS, ...options })).toBe(expected)
  })
})

describe('--fail-on-score', () => {
  // One certain finding of high severity in one pillar leaves 100 ÷ 1.5.
  const found = finding({ severity: 'high' })
  const open = handMade({ findings: [found] })
  it.each<[string, Report, number | undefined, Partial<VerdictOptions>, number]>([
    ['a score that is reached', open, 66, {}, 0],
    ['a score that is not', open, 67, {}, 1],
    ['not asked for', open, undefined, {}, 0],
    ['--exit-zero', open, 67, { exitZero: true }, 0],
    ['nothing to score', handMade({ findings: [], rules: [] }), 1, {}, 1],
    ['nothing scanned', { ...open, targets: [] }, 1, {}, 4],
  ])('%s', (_what, given, failOnScore, more, code) => {
    const options = { ...OPTIONS, failOn: 'never' as const, ...more, ...(failOnScore !== undefined && { failOnScore }) }
    expect(exitCodeOf(given, options)).toBe(code)
  })
})
