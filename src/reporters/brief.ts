import type { Finding } from '../report.ts'
import { firstSentence } from './first-sentence.ts'
import { showShortPlace } from './place.ts'
import { renderStory, type TreeOptions } from './pretty-story.ts'
import { isStory } from './story.ts'

/** Lines of the whole report from which on findings are told in brief: more does not fit a screen. */
export const SCREEN = 50
/** Findings of one rule that are told in words; of the others the places are listed. */
const TOLD = 3
const PLACES = 8

/** The findings of one rule without code and reason: what was found, where, and, the first time, the first thing to do. */
export function renderRuleInBrief(findings: readonly Finding[], told: Set<string>, drawing: TreeOptions): string {
  const { rule } = findings[0] as Finding
  const { chalk, page, links } = drawing
  const lines = [page.placed('  ', '  ', chalk.bold(rule.title), chalk.dim(links.rule(rule.id, rule.id)))]
  for (const finding of findings.slice(0, TOLD)) {
    const place = chalk.cyan(links.place(showShortPlace(finding.at), finding.at))
    lines.push(page.placed('    ', '    ', finding.message, place))
    // The steps of a chain are its evidence; those within one policy or role are told by the message.
    if (isStory(finding)) lines.push(...renderStory(finding, drawing))
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
