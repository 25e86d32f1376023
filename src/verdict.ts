import { SEVERITIES, type Severity } from './model.ts'
import { postureOf } from './posture.ts'
import { isOpen, type Report } from './report.ts'

/** What decides between pass and fail. */
export interface VerdictOptions {
  readonly failOn: Severity | 'never'
  /** The least overall score of the posture that passes, 0 to 100. */
  readonly failOnScore?: number
  readonly exitZero: boolean
  readonly allowGaps: boolean
  readonly strict: boolean
}
/** 0 clean · 1 findings · 2 usage, config or rule error · 3 incomplete · 4 nothing was scanned. */
export type ExitCode = 0 | 1 | 2 | 3 | 4

/** The exit code of a report, the same in every format. Findings win over gaps. */
export function exitCodeOf(report: Report, options: VerdictOptions): ExitCode {
  if (report.targets.every((target) => !target.audited)) return 4
  const failing = report.findings.some((finding) => isOpen(finding) && reaches(finding.severity, options.failOn))
  if ((failing || isBelow(report, options.failOnScore)) && !options.exitZero) return 1
  if (report.interrupted) return 3
  const counts = (gapClass: 'fault' | 'limit') => gapClass === 'fault' || options.strict
  const incomplete =
    report.gaps.some((gap) => counts(gap.class)) ||
    report.undetermined.some((item) => item.gaps.some((gap) => counts(gap.class)))
  return incomplete && !options.allowGaps ? 3 : 0
}

/** Whether the overall posture is below what was asked for. A report without a score has not reached one. */
export function isBelow(report: Report, least: number | undefined): boolean {
  return least !== undefined && (postureOf(report).overall?.least ?? -1) < least
}

export function reaches(severity: Severity, threshold: Severity | 'never'): boolean {
  return threshold !== 'never' && SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(threshold)
}
