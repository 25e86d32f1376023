import { type Confidence, SEVERITIES, type Severity } from '../model.ts'
import { type Found, isCredential, type Standing } from './standing.ts'

/** The arithmetic of docs/posture.md, which explains each number here. */

/** Of 100. What was not seen may be good or bad: `least` counts it as bad, `most` as good. */
export interface Score {
  readonly least: number
  readonly most: number
}

/** How much risk a finding stands for beside others, in what to fix first. */
export const WEIGHT: Readonly<Record<Severity, number>> = { critical: 10, high: 6, medium: 3, low: 1, info: 0 }
/** How much of a finding counts, by how sure it is. */
export const CERTAINTY: Readonly<Record<Confidence, number>> = { high: 1, medium: 0.75, low: 0.5 }
/** What the first finding of a rule does to its pillar: at a harm of 1 half of the score is left, at 3 a quarter. */
export const HARM: Readonly<Record<Severity, number>> = { critical: 1, high: 0.5, medium: 0.15, low: 0.05, info: 0 }
/** Many findings of one rule are no more than so many. */
const REPEATED = 2
/** All rules for credentials are one question, which does no more harm than so many findings. */
const CREDENTIALS = 5
/** What may be behind something that is left out in every audit, of one finding. */
const LIMITED = 0.1
/** Where a chain of critical severity is open, or may be, the overall score is not above it. */
const CHAIN_CAP = 50

/** A rule, or all the rules that recognise credentials: there, each asks the same of another provider's. */
interface Question {
  readonly standings: readonly Standing[]
  readonly gravest: Severity
  /** What it does at most. */
  readonly worst: number
}

/** The score of a pillar: undefined if nothing of it was looked at. A rule that finds nothing adds nothing, so none can be added as a merit. */
export function scoreOf(standings: readonly Standing[]): Score | undefined {
  if (!standings.some(isSeen)) return undefined
  const questions = questionsOf(standings)
  const side = (which: keyof Score) => 100 / (1 + questions.reduce((sum, question) => sum + harmOf(question, which), 0))
  return { least: standings.some(({ interrupted }) => interrupted) ? 0 : side('least'), most: side('most') }
}

/** Whether something is known of a rule, and not only that there is nothing of its kind. */
export function isSeen({ sight, denied, findings }: Standing): boolean {
  if (findings.length > 0) return true
  return sight === 'evaluated' || (sight === 'undetermined' && !denied)
}

function questionsOf(standings: readonly Standing[]): Question[] {
  const groups = new Map<string, Standing[]>()
  for (const standing of standings) {
    const key = isCredential(standing.rule) ? 'secrets/' : standing.rule.id
    const group = groups.get(key)
    if (group) group.push(standing)
    else groups.set(key, [standing])
  }
  return [...groups].map(([key, group]) => {
    const gravest = gravestOf(group.flatMap(({ rule }) => [rule.severity, rule.gravest ?? rule.severity]))
    return { standings: group, gravest, worst: HARM[gravest] * (key === 'secrets/' ? CREDENTIALS : REPEATED) }
  })
}

function gravestOf(severities: readonly Severity[]): Severity {
  return SEVERITIES[Math.max(0, ...severities.map((each) => SEVERITIES.indexOf(each)))] as Severity
}

/** What a question does to its pillar. Where a finding is, in which account or file, does not matter: clean ones beside it mend nothing. */
function harmOf(question: Question, side: keyof Score): number {
  const { standings, gravest, worst } = question
  if (side === 'least' && mayHideAny(question)) return worst
  const found = standings.reduce((sum, standing) => sum + harmOfRule(standing, side), 0)
  if (side === 'most') return Math.min(worst, found)
  const some = (of: (standing: Standing) => boolean) => (standings.some(of) ? HARM[gravest] : 0)
  const unread = some(({ excluded }) => excluded) + LIMITED * some(({ limited }) => limited)
  return Math.min(worst, found + unread)
}

/** The gravest of a rule in full, the next by half, and so on. */
function harmOfRule(standing: Standing, side: keyof Score): number {
  return countedOf(standing, side)
    .map(({ severity, confidence }) => HARM[severity] * CERTAINTY[confidence])
    .sort((a, b) => b - a)
    .reduce((sum, harm, i) => sum + harm / 2 ** i, 0)
}

function countedOf({ findings, suppressed, unsure }: Standing, side: keyof Score): readonly Found[] {
  return side === 'most' ? findings : [...findings, ...suppressed, ...unsure]
}

/** Whether any number of findings may be behind what was not seen. */
function mayHideAny({ standings }: Question): boolean {
  return standings.some(
    ({ sight, denied, interrupted }) => denied || interrupted || sight === 'not-requested' || sight === 'left-out',
  )
}

/** Whether a finding of critical severity is certain; for `least` also whether one may be. */
function isGrave(question: Question, side: keyof Score): boolean {
  const { standings, gravest } = question
  const may = mayHideAny(question) || standings.some(({ excluded }) => excluded)
  if (side === 'least' && may && gravest === 'critical') return true
  return standings.some((standing) =>
    countedOf(standing, side).some(({ severity, confidence }) => severity === 'critical' && confidence === 'high'),
  )
}

/**
 * Half of it the mean of the pillars, half the weakest, through which one gets in. Of one that nothing was looked at, nothing is known: 0 to
 * 100. Undefined if that goes for all.
 */
export function overallOf(
  pillars: readonly { readonly score: Score | undefined; readonly standings: readonly Standing[] }[],
): Score | undefined {
  // A pillar that no built-in rule asks about, or where there is nothing to judge, is left out.
  const asked = pillars.filter(({ standings }) =>
    standings.some(({ sight, rule }) => sight !== 'nothing' && !rule.added),
  )
  if (asked.every(({ score }) => score === undefined)) return undefined
  const whole = (side: keyof Score, unknown: number) => {
    const points = asked.map(({ score }) => score?.[side] ?? unknown)
    return (points.reduce((sum, each) => sum + each, 0) / points.length + Math.min(...points)) / 2
  }
  const chains = questionsOf(
    asked.flatMap(({ standings }) => standings.filter(({ rule }) => rule.id.startsWith('chain/'))),
  )
  const capped = (side: keyof Score) => chains.some((chain) => isGrave(chain, side))
  const cap = (side: keyof Score) => (capped(side) ? CHAIN_CAP : 100)
  return { least: Math.min(whole('least', 0), cap('least')), most: Math.min(whole('most', 100), cap('most')) }
}
