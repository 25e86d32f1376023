import { PILLARS } from '../model.ts'
import { type FirstFix, firstFixes, type Posture, type Score } from '../posture.ts'
import { isOpen, type Report } from '../report.ts'

/** The posture and what to mend first, in words; what comes from outside is not made printable here. */

/** From so many open findings on it is not plain any more where to begin. */
const HANDFUL = 5

/** "41 to 93", or "97" if nothing was left unseen that could change it. */
export function describeScore(score: Score | undefined): string {
  if (!score) return 'not looked at'
  return score.least === score.most ? String(score.least) : `${score.least} to ${score.most}`
}

/** "41 to 93 of 100"; undefined if nothing was looked at, or only what changed. */
export function describeOverall({ overall }: Posture): string | undefined {
  if (!overall) return undefined
  const unseen = overall.least < overall.most ? ': what was not seen may be bad or good' : ''
  return `${describeScore(overall)} of 100${unseen}`
}

/** Pillars that a rule asks about: "Identity 41 to 93". If told to, the capabilities that run through them, too. */
export function describePillars({ pillars }: Posture, capabilities: boolean): string[] {
  const plain: readonly string[] = PILLARS
  return pillars
    .filter(({ pillar }) => capabilities || plain.includes(pillar))
    .filter(({ rules }) => rules.evaluated + rules.undetermined + rules.notRequested > 0)
    .map(({ pillar, score }) => `${pillar} ${describeScore(score)}`)
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
