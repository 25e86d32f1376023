import type { ChalkInstance } from 'chalk'
import type { Finding } from '../report.ts'
import { firstSentence } from './first-sentence.ts'
import type { Layout } from './layout.ts'
import { chainOf, showShortPlace } from './place.ts'

/** Lines of the whole report from which on findings are told in brief: more does not fit a screen. */
export const SCREEN = 50
/** Findings of one rule that are told in words; of the others the places are listed. */
const TOLD = 3
const PLACES = 8

/** The findings of one rule without code and reason: what was found, where, and, the first time, the first thing to do. */
export function renderRuleInBrief(
  findings: readonly Finding[],
  told: Set<string>,
  chalk: ChalkInstance,
  page: Layout,
): string {
  const { rule } = findings[0] as Finding
  const lines = [page.wrap(`${chalk.bold(rule.title)}  ${chalk.dim(rule.id)}`, 2)]
  for (const finding of findings.slice(0, TOLD)) {
    lines.push(page.wrap(`${finding.message}  ${chalk.cyan(showShortPlace(finding.at))}`, 4))
    lines.push(...renderLinks(finding, chalk, page))
  }
  const rest = findings.slice(TOLD)
  if (rest.length > 0) {
    const places = [...new Set(rest.map(({ at }) => showShortPlace(at)))]
    const more = places.length > PLACES ? `, and ${places.length - PLACES} more places` : ''
    const text = `${rest.length} more: ${places.slice(0, PLACES).join(', ')}${more}`
    lines.push(page.item('+', chalk.dim(text), 4))
  }
  if (!told.has(rule.id)) lines.push(page.wrap(`${chalk.dim('fix')} ${firstSentence(rule.remediation)}`, 4))
  told.add(rule.id)
  return lines.join('\n')
}

/** The links of a chain are its evidence: they are told in full, but for their values. */
function renderLinks(finding: Finding, chalk: ChalkInstance, page: Layout): string[] {
  return chainOf(finding).map(({ name, place }, i, chain) =>
    page.item(i === chain.length - 1 ? '└─' : '├─', `${chalk.bold(name)} ${place}`, 4),
  )
}
