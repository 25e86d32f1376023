import { type Finding, isOpen, type Report } from '../report.ts'
import { CERTAINTY, WEIGHT } from './score.ts'

/** What to mend first, and what that removes. */
export interface FirstFix {
  /** What to do, in a sentence. */
  readonly what: string
  readonly why: string
  readonly findings: readonly Finding[]
  /** How many of them are chains. */
  readonly chains: number
  readonly effort: 'small' | 'medium' | 'large'
}

/** The changes that remove most risk for their effort, the best first. */
export function firstFixes(report: Report, count = 5): FirstFix[] {
  const groups = new Map<string, Finding[]>()
  for (const finding of report.findings.filter(isOpen)) {
    const group = groups.get(finding.rule.id)
    if (group) group.push(finding)
    else groups.set(finding.rule.id, [finding])
  }
  const risk = (findings: readonly Finding[]) =>
    findings.reduce((sum, { severity, confidence }) => sum + WEIGHT[severity] * CERTAINTY[confidence], 0)
  return [...groups.values()]
    .sort((a, b) => risk(b) - risk(a))
    .slice(0, count)
    .map((findings) => {
      const { rule } = findings[0] as Finding
      return {
        what: rule.remediation,
        why: rule.description,
        findings,
        chains: findings.filter((finding) => finding.rule.id.startsWith('chain/')).length,
        effort: 'medium',
      }
    })
}
