import { PILLARS } from '../model.ts'
import {
  type Cause,
  type FirstFix,
  firstFixes,
  type PillarPosture,
  type Posture,
  type Score,
  type Unknown,
} from '../posture.ts'
import { isOpen, type Report } from '../report.ts'
import { WORST_FIRST } from './grouping.ts'

/** The posture and what to mend first, in words; what comes from outside is not made printable here. */

/** From so many open findings on it is not plain any more where to begin. */
const HANDFUL = 5

/** "41–93", or "97" if nothing was left unseen that could change it. */
export function describeScore(score: Score | undefined): string {
  if (!score) return 'not looked at'
  return score.least === score.most ? String(score.least) : `${score.least}–${score.most}`
}

/** "41–93 of 100: 41 for certain, 93 if …"; undefined if nothing was looked at, or only what changed. */
export function describeOverall({ overall }: Posture): string | undefined {
  if (!overall) return undefined
  const { least, most } = overall
  const unseen = least < most ? `: ${least} for certain, ${most} if all that was not seen is good` : ''
  return `${describeScore(overall)} of 100${unseen}`
}

/**
 * Pillars that a rule asks about: "Identity 41–93 (3 critical)". If told to, the capabilities that run through them, too. A single number
 * looks as if all were known: where it is one because what is open weighs less than a point, that is said.
 */
export function describePillars({ pillars }: Posture, capabilities: boolean): string[] {
  const plain: readonly string[] = PILLARS
  return pillars
    .filter(({ pillar }) => capabilities || plain.includes(pillar))
    .filter(({ rules: { nothingToJudge, ...asked } }) => Object.values(asked).some((n) => n > 0))
    .map((each) => `${each.pillar} ${describeScore(each.score)}${inBrackets(worstOf(each), openBehind(each))}`)
}

/** "212 rules not decided", of a score that does not show it. */
function openBehind({ score, rules }: PillarPosture): string | undefined {
  const open = rules.undetermined + rules.notRequested + rules.leftOut
  if (!score || score.least < score.most || open === 0) return undefined
  return `${open} rule${open === 1 ? '' : 's'} not decided`
}

/** "3 critical": the gravest that is open, and how many of it. */
export function worstOf({ findings }: PillarPosture): string | undefined {
  const worst = WORST_FIRST.find((severity) => findings[severity] > 0)
  return worst && `${findings[worst]} ${worst}`
}

function inBrackets(...texts: readonly (string | undefined)[]): string {
  const said = texts.filter((text) => text !== undefined)
  return said.length === 0 ? '' : ` (${said.join(', ')})`
}

/** What to mend first, where there is more than a handful of findings. */
export function fixesOf(report: Report): FirstFix[] {
  return report.findings.filter(isOpen).length > HANDFUL ? firstFixes(report) : []
}

/** "small effort, removes 4 findings, 2 of them chains: iam/full-admin, …" */
export function describeGain({ findings, chains, effort }: FirstFix): string {
  const n = findings.length
  const removed = `removes ${n} finding${n === 1 ? '' : 's'}`
  const rules = [...new Set(findings.map(({ rule }) => rule.id))]
  const names = `${rules.slice(0, 3).join(', ')}${rules.length > 3 ? ', …' : ''}`
  const chained =
    chains === 0 ? '' : n === 1 ? ', a chain' : `, ${chains} of them ${chains === 1 ? 'a chain' : 'chains'}`
  return `${effort} effort, ${removed}${chained}: ${names}`
}

/** "--aws (17 rules, up to +13)": what would bring both ends together, what brings most first. */
export function describeUnknowns(unknowns: readonly Unknown[]): string[] {
  return unknowns.map(({ cause, options, count, points }) => {
    const concerns = BY_FINDINGS.has(cause) ? 'finding' : 'rule'
    const gain = points > 0 ? `, up to +${points}` : ''
    return `${cause === 'option' ? options.join(' ') || 'no target' : WHY[cause]} (${count} ${concerns}${count === 1 ? '' : 's'}${gain})`
  })
}

const BY_FINDINGS: ReadonlySet<Cause> = new Set(['suppressed', 'unsure'])
const WHY: Readonly<Record<Exclude<Cause, 'option'>, string>> = {
  denied: 'what was denied or failed',
  'left-out': 'what --only or --skip left out',
  excluded: 'excluded files',
  suppressed: 'what is suppressed',
  unsure: 'what is below --min-confidence',
  interrupted: 'what was cut short',
  limited: 'what cannot be read',
}
