import { CAPABILITIES, type Capability, PILLARS, type Pillar, SEVERITIES, type Severity } from './model.ts'
import { overallOf, type Score, scoreOf } from './posture/score.ts'
import { type Standing, standingsOf } from './posture/standing.ts'
import { type Unknown, unknownsOf } from './posture/unknowns.ts'
import type { Report, RuleInfo } from './report.ts'

export { type FirstFix, firstFixes } from './posture/first-fixes.ts'
export type { Score } from './posture/score.ts'
export { CAUSES, type Cause, type Unknown } from './posture/unknowns.ts'

/** How the audited stands, as docs/posture.md defines it: from what was found and from what was seen. */

/** A pillar of the CISA Zero Trust Maturity Model, or a capability that runs through all of them. */
export interface PillarPosture {
  readonly pillar: Pillar | Capability
  /** Undefined if nothing of it was looked at. */
  readonly score: Score | undefined
  /** How many rules were decided, could not be decided everywhere, were not asked for or left out, and had nothing to judge. */
  readonly rules: {
    readonly evaluated: number
    readonly undetermined: number
    readonly notRequested: number
    readonly leftOut: number
    readonly nothingToJudge: number
  }
  /** Known from a baseline or not, but not suppressed. */
  readonly findings: Readonly<Record<Severity, number>>
  /** Suppressed: they count at the least. */
  readonly suppressed: number
  /** Why it is a range, what holds most back first. */
  readonly unknowns: readonly Unknown[]
}
export interface Posture {
  /** Undefined if nothing was looked at, or only what changed. */
  readonly overall: Score | undefined
  /** Why it is a range, what holds most back first. */
  readonly unknowns: readonly Unknown[]
  /** The five pillars, then the three capabilities. */
  readonly pillars: readonly PillarPosture[]
}

/** The posture of a report. Pure; the same report gives the same numbers. */
export function postureOf(report: Report): Posture {
  const standings = standingsOf(report)
  const of = (pillar: PillarPosture['pillar'], belongs: (rule: RuleInfo) => boolean) => {
    const own = standings.filter(({ rule }) => belongs(rule))
    // What did not change may be good or bad: a look at changes alone has no posture.
    return pillarPosture(pillar, own, report.partial ? undefined : scoreOf(own))
  }
  const overall = report.partial ? undefined : wholeOf(standings)
  return {
    overall: overall && rounded(overall),
    unknowns: overall ? unknownsOf(standings, (each) => wholeOf(each)?.least ?? 0) : [],
    pillars: [
      ...PILLARS.map((pillar) => of(pillar, (rule) => rule.pillar === pillar)),
      ...CAPABILITIES.map((each) => of(each, (rule) => rule.capabilities?.includes(each) ?? false)),
    ],
  }
}

function wholeOf(standings: readonly Standing[]): Score | undefined {
  return overallOf(
    PILLARS.map((pillar) => {
      const own = standings.filter(({ rule }) => rule.pillar === pillar)
      return { score: scoreOf(own), standings: own }
    }),
  )
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
      leftOut: seen('left-out'),
      nothingToJudge: seen('nothing'),
    },
    findings: Object.fromEntries(SEVERITIES.map((severity) => [severity, of(severity)])) as Record<Severity, number>,
    suppressed: standings.reduce((sum, { suppressed }) => sum + suppressed.length, 0),
    unknowns: unknownsOf(standings, (each) => scoreOf(each)?.least ?? 0),
  }
}

/** Whole points, never rounded up: 100 is said only where nothing is missing. */
function rounded({ least, most }: Score): Score {
  // Sums of fractions may miss a whole number by a hair.
  const floor = (value: number) => Math.floor(value + 1e-9)
  return { least: floor(least), most: floor(most) }
}
