import { type Confidence, SEVERITIES, type Severity } from '../model.ts'
import { type Found, isCredential, type Standing } from './standing.ts'

/** The arithmetic of docs/posture.md, which explains each number here. */

/** Of 100. What was not seen may be good or bad: `least` counts it as bad, `most` as good. */
export interface Score {
  readonly least: number
  readonly most: number
}

/** How much a rule weighs, by the gravest that it can find; and how much of it a finding takes. */
export const WEIGHT: Readonly<Record<Severity, number>> = { critical: 10, high: 6, medium: 3, low: 1, info: 0 }
/** How much of a finding counts, by how sure it is. */
export const CERTAINTY: Readonly<Record<Confidence, number>> = { high: 1, medium: 0.75, low: 0.5 }
/** What is left of a pillar's score where something of that severity is open, or may be. */
export const CAP: Readonly<Record<Severity, number>> = { critical: 0.6, high: 0.8, medium: 0.95, low: 1, info: 1 }
/** What a finding leaves of its rule at most: one does not take all, the next takes of what is left. */
const LEFT = 0.5
/** All rules for credentials are one question, which weighs as much as so many rules. */
const CREDENTIALS = 5
/** Where a chain of critical severity is open, or may be, the overall score is not above it. */
export const CHAIN_CAP = 50

/** A rule, or all the rules that recognise credentials: there, each asks the same of another provider's. */
interface Question {
  readonly standings: readonly Standing[]
  readonly gravest: Severity
  readonly weight: number
}

/**
 * The score of a pillar: undefined if nothing of it was looked at. Rules that an organisation adds may lower it and never raise it: a folder
 * of rules that never fire is no merit.
 */
export function scoreOf(standings: readonly Standing[]): Score | undefined {
  const own = standings.filter(({ rule }) => !rule.added)
  const least = Math.min(...[own, standings].map((each) => sideOf(each, 'least') ?? Number.POSITIVE_INFINITY))
  const most = Math.min(...[own, standings].map((each) => sideOf(each, 'most') ?? Number.POSITIVE_INFINITY))
  return Number.isFinite(least) && Number.isFinite(most) ? { least, most } : undefined
}

function sideOf(standings: readonly Standing[], side: keyof Score): number | undefined {
  if (!standings.some(isSeen)) return undefined
  const questions = questionsOf(standings)
  const total = questions.reduce((sum, { weight }) => sum + weight, 0)
  const kept = questions.reduce((sum, question) => sum + question.weight * keptOf(question, side), 0)
  const worst = Math.min(1, ...questions.map((question) => capOf(question, side)))
  return 100 * (total === 0 ? 1 : kept / total) * worst
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
    return { standings: group, gravest, weight: WEIGHT[gravest] * (key === 'secrets/' ? CREDENTIALS : 1) }
  })
}

function gravestOf(severities: readonly Severity[]): Severity {
  return SEVERITIES[Math.max(0, ...severities.map((each) => SEVERITIES.indexOf(each)))] as Severity
}

/** What is left of a question, 0 to 1. Where a finding is, in which account or file, does not matter: clean ones beside it mend nothing. */
function keptOf(question: Question, side: keyof Score): number {
  const { standings, gravest } = question
  if (side === 'least' && mayHideAny(question)) return 0
  const left = countedOf(question, side).reduce((product, { severity, confidence }) => {
    const badness = WEIGHT[gravest] === 0 ? 0 : Math.min(1, WEIGHT[severity] / WEIGHT[gravest]) * CERTAINTY[confidence]
    return product * (1 - (1 - LEFT) * badness)
  }, 1)
  if (side === 'most') return left
  const some = (of: (standing: Standing) => boolean) => (standings.some(of) ? LEFT : 1)
  return left * some(({ limited }) => limited) * some(({ excluded }) => excluded)
}

function countedOf({ standings }: Question, side: keyof Score): readonly Found[] {
  return standings.flatMap(({ findings, suppressed, unsure }) =>
    side === 'most' ? findings : [...findings, ...suppressed, ...unsure],
  )
}

/** Whether any number of findings may be behind what was not seen. */
function mayHideAny({ standings }: Question): boolean {
  return standings.some(
    ({ sight, denied, interrupted }) => denied || interrupted || sight === 'not-requested' || sight === 'left-out',
  )
}

/** The factor for the worst that is open; for `least` also for the worst that may be. What zt-audit leaves out by itself caps nothing. */
function capOf(question: Question, side: keyof Score): number {
  const open = countedOf(question, side).reduce(
    (worst, { severity, confidence }) => Math.min(worst, 1 - (1 - CAP[severity]) * CERTAINTY[confidence]),
    1,
  )
  const may = mayHideAny(question) || question.standings.some(({ excluded }) => excluded)
  return side === 'least' && may ? Math.min(open, CAP[question.gravest]) : open
}

/** The mean of the pillars. Of one that nothing was looked at, nothing is known: 0 to 100. Undefined if that goes for all. */
export function overallOf(
  pillars: readonly { readonly score: Score | undefined; readonly standings: readonly Standing[] }[],
): Score | undefined {
  // A pillar that no built-in rule asks about, or where there is nothing to judge, is left out.
  const asked = pillars.filter(({ standings }) =>
    standings.some(({ sight, rule }) => sight !== 'nothing' && !rule.added),
  )
  if (asked.every(({ score }) => score === undefined)) return undefined
  const mean = (side: keyof Score, unknown: number) =>
    asked.reduce((sum, { score }) => sum + (score?.[side] ?? unknown), 0) / asked.length
  const chains = questionsOf(
    asked.flatMap(({ standings }) => standings.filter(({ rule }) => rule.id.startsWith('chain/'))),
  )
  const capped = (side: keyof Score) => chains.some((chain) => capOf(chain, side) <= CAP.critical)
  const cap = (side: keyof Score) => (capped(side) ? CHAIN_CAP : 100)
  return { least: Math.min(mean('least', 0), cap('least')), most: Math.min(mean('most', 100), cap('most')) }
}
