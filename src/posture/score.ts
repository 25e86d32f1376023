import { type Confidence, SEVERITIES, type Severity } from '../model.ts'
import type { Finding } from '../report.ts'
import { isWithin, type Place, type Standing } from './standing.ts'

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

/** The score of a pillar: undefined if nothing of it was looked at. `interrupted`: what was not found may be there. */
export function scoreOf(standings: readonly Standing[], interrupted: boolean): Score | undefined {
  const asked = standings.filter(({ sight }) => sight !== 'nothing')
  if (asked.every(isUnseen)) return undefined
  const questions = questionsOf(asked)
  const total = questions.reduce((sum, { weight }) => sum + weight, 0)
  const kept = (side: keyof Score) =>
    total === 0
      ? 1
      : questions.reduce((sum, question) => sum + question.weight * keptOf(question, side, interrupted), 0) / total
  const worst = (side: keyof Score) => Math.min(1, ...questions.map((question) => capOf(question, side, interrupted)))
  return { least: 100 * kept('least') * worst('least'), most: 100 * kept('most') * worst('most') }
}

/** Whether nothing is known of a rule. */
export function isUnseen({ sight, findings, places }: Standing): boolean {
  if (findings.length > 0 || sight === 'nothing') return false
  return sight === 'not-requested' || (places.length > 0 && places.every(({ blind }) => blind))
}

function questionsOf(standings: readonly Standing[]): Question[] {
  const groups = new Map<string, Standing[]>()
  for (const standing of standings) {
    const { id } = standing.rule
    const key = id.startsWith('secrets/') ? 'secrets/' : id
    const group = groups.get(key)
    if (group) group.push(standing)
    else groups.set(key, [standing])
  }
  return [...groups].map(([key, group]) => {
    const gravest = gravestOf(group)
    return { standings: group, gravest, weight: WEIGHT[gravest] * (key === 'secrets/' ? CREDENTIALS : 1) }
  })
}

function gravestOf(standings: readonly Standing[]): Severity {
  const all = standings.flatMap(({ rule, findings }) => [
    rule.severity,
    rule.gravest ?? rule.severity,
    ...findings.map(({ severity }) => severity),
  ])
  return SEVERITIES[all.reduce((worst, each) => Math.max(worst, SEVERITIES.indexOf(each)), 0)] as Severity
}

/** What is left of a question, 0 to 1: the mean of the places where it was asked. */
function keptOf(question: Question, side: keyof Score, interrupted: boolean): number {
  const { standings, gravest } = question
  if (side === 'least' && isHidden(question, interrupted)) return 0
  const findings = standings.flatMap((standing) => standing.findings)
  const places = placesOf(standings)
  const within = (finding: Finding, scope: string) =>
    isWithin(finding.scope, scope) || !places.some((place) => isWithin(finding.scope, place.scope))
  const left = (found: readonly Finding[]) =>
    found.reduce((product, { severity, confidence }) => {
      const badness = WEIGHT[gravest] === 0 ? 0 : (WEIGHT[severity] / WEIGHT[gravest]) * CERTAINTY[confidence]
      return product * (1 - (1 - LEFT) * badness)
    }, 1)
  if (places.length === 0) return left(findings)
  const each = places.map((place) => {
    const seen = left(findings.filter((finding) => within(finding, place.scope)))
    if (side === 'most') return seen
    return place.blind ? 0 : seen * LEFT ** (place.open + (place.limited ? 1 : 0))
  })
  return each.reduce((sum, part) => sum + part, 0) / each.length
}

/** Whether anything may be true of it, everywhere. */
function isHidden({ standings }: Question, interrupted: boolean): boolean {
  return interrupted || standings.some(({ sight }) => sight === 'not-requested')
}

/** The places of all rules of a question; what one of them does not see there, the question does not. */
function placesOf(standings: readonly Standing[]): Place[] {
  const places = new Map<string, Place>()
  for (const place of standings.flatMap((standing) => standing.places)) {
    const known = places.get(place.scope)
    places.set(place.scope, {
      scope: place.scope,
      blind: place.blind || (known?.blind ?? false),
      open: place.open + (known?.open ?? 0),
      limited: place.limited || (known?.limited ?? false),
    })
  }
  return [...places.values()]
}

/** The factor for the worst that is open; for `least` also for the worst that may be. A limit caps nothing. */
function capOf(question: Question, side: keyof Score, interrupted: boolean): number {
  const { standings, gravest } = question
  const found = standings.flatMap(({ findings }) => findings)
  const open = found.reduce(
    (worst, { severity, confidence }) => Math.min(worst, 1 - (1 - CAP[severity]) * CERTAINTY[confidence]),
    1,
  )
  const may = isHidden(question, interrupted) || placesOf(standings).some((place) => place.blind || place.open > 0)
  return side === 'least' && may ? Math.min(open, CAP[gravest]) : open
}

/** The mean of the pillars. Of one that nothing was looked at, nothing is known: 0 to 100. Undefined if that goes for all. */
export function overallOf(
  pillars: readonly { readonly score: Score | undefined; readonly standings: readonly Standing[] }[],
  interrupted: boolean,
): Score | undefined {
  // A pillar that no rule asks about, or where there is nothing to judge, is left out.
  const asked = pillars.filter(({ standings }) => standings.some(({ sight }) => sight !== 'nothing'))
  if (asked.every(({ score }) => score === undefined)) return undefined
  const mean = (side: keyof Score, unknown: number) =>
    asked.reduce((sum, { score }) => sum + (score?.[side] ?? unknown), 0) / asked.length
  const chains = questionsOf(
    asked.flatMap(({ standings }) => standings.filter(({ rule }) => rule.id.startsWith('chain/'))),
  )
  const capped = (side: keyof Score) => chains.some((chain) => capOf(chain, side, interrupted) <= CAP.critical)
  const cap = (side: keyof Score) => (capped(side) ? CHAIN_CAP : 100)
  return { least: Math.min(mean('least', 0), cap('least')), most: Math.min(mean('most', 100), cap('most')) }
}
