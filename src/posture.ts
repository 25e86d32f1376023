import { CAPABILITIES, type Capability, PILLARS, type Pillar, SEVERITIES, type Severity } from './model.ts'
import { overallOf, type Score, scoreOf } from './posture/score.ts'
import { type Standing, standingsOf } from './posture/standing.ts'
import type { Finding, Report, RuleInfo } from './report.ts'

export { type FirstFix, firstFixes } from './posture/first-fixes.ts'
export type { Score } from './posture/score.ts'

/** How the audited stands, as docs/posture.md defines it: from what was found and from what was seen. */

/** A pillar of the CISA Zero Trust Maturity Model, or a capability that runs through all of them. */
export interface PillarPosture {
  readonly pillar: Pillar | Capability
  /** Undefined if nothing of it was looked at. */
  readonly score: Score | undefined
  /** How many rules were decided, could not be decided everywhere, were not asked for, and had nothing to judge. */
  readonly rules: {
    readonly evaluated: number
    readonly undetermined: number
    readonly notRequested: number
    readonly nothingToJudge: number
  }
  /** What counts: known from a baseline or not, but not suppressed. */
  readonly findings: Readonly<Record<Severity, number>>
}
export interface Posture {
  /** Undefined if nothing was looked at, or only what changed. */
  readonly overall: Score | undefined
  /** The five pillars, then the three capabilities. */
  readonly pillars: readonly PillarPosture[]
}

/** Whether a finding counts: somebody answers for a suppressed one with a reason, nobody for one that is merely known. */
export function counts(finding: Finding): boolean {
  return finding.suppressed === undefined
}

/** The posture of a report. Pure; the same report gives the same numbers. */
export function postureOf(report: Report): Posture {
  const standings = standingsOf(report, report.findings.filter(counts))
  const of = (pillar: PillarPosture['pillar'], belongs: (rule: RuleInfo) => boolean) => {
    const own = standings.filter(({ rule }) => belongs(rule))
    // What did not change may be good or bad: a look at changes alone has no posture.
    const score = report.partial ? undefined : scoreOf(own, report.interrupted)
    return { posture: pillarPosture(pillar, own, score), standings: own, score }
  }
  const pillars = PILLARS.map((pillar) => of(pillar, (rule) => rule.pillar === pillar))
  const capabilities = CAPABILITIES.map((each) => of(each, (rule) => rule.capabilities?.includes(each) ?? false))
  const overall = overallOf(pillars, report.interrupted)
  return {
    overall: overall && rounded(overall),
    pillars: [...pillars, ...capabilities].map(({ posture }) => posture),
  }
}

function pillarPosture(
  pillar: PillarPosture['pillar'],
  standings: readonly Standing[],
  score: Score | undefined,
): PillarPosture {
  const seen = (sight: Standing['sight']) => standings.filter((standing) => standing.sight === sight).length
  const findings = standings.flatMap((standing) => standing.findings)
  const of = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length
  return {
    pillar,
    score: score && rounded(score),
    rules: {
      evaluated: seen('evaluated'),
      undetermined: seen('undetermined'),
      notRequested: seen('not-requested'),
      nothingToJudge: seen('nothing'),
    },
    findings: Object.fromEntries(SEVERITIES.map((severity) => [severity, of(severity)])) as Record<Severity, number>,
  }
}

/** Whole points, never rounded up: 100 is said only where nothing is missing. */
function rounded({ least, most }: Score): Score {
  // Sums of fractions may miss a whole number by a hair.
  const floor = (value: number) => Math.floor(value + 1e-9)
  return { least: floor(least), most: floor(most) }
}
