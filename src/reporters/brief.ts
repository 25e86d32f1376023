import type { Severity } from '../model.ts'
import type { Finding } from '../report.ts'
import { firstSentence } from './first-sentence.ts'
import { showShortPlace } from './place.ts'
import { renderStory, type TreeOptions } from './pretty-story.ts'
import { isStory } from './story.ts'

/** Lines of the whole report from which on findings are told in brief: more does not fit a screen. */
export const SCREEN = 50
/** Findings of one rule that are told in words, by severity; of the others the places are listed. */
const TOLD: Readonly<Record<Severity, number>> = { critical: 3, high: 3, medium: 2, low: 1, info: 1 }
const PLACES = 6

/** The findings of one rule without code and reason: what was found, where, and, the first time, the first thing to do. */
export function renderRuleInBrief(findings: readonly Finding[], told: Set<string>, drawing: TreeOptions): string {
  const { rule, severity } = findings[0] as Finding
  const { chalk, page, links } = drawing
  const lines = [page.placed('  ', '  ', chalk.bold(rule.title), chalk.dim(links.rule(rule.id, rule.id)))]
  for (const finding of findings.slice(0, TOLD[severity])) {
    const place = chalk.cyan(links.place(showShortPlace(finding.at), finding.at))
    lines.push(page.placed('    ', '    ', withoutTitle(finding), place))
    // The steps of a chain are its evidence; those within one policy or role are told by the message.
    if (isStory(finding)) lines.push(...renderStory(finding, drawing))
  }
  const rest = findings.slice(TOLD[severity])
  if (rest.length > 0) {
    const places = new Map(rest.map(({ at }) => [showShortPlace(at), at] as const))
    const shown = [...places].slice(0, PLACES).map(([place, at]) => chalk.cyan(links.place(place, at)))
    const left = places.size - PLACES
    const more = left > 0 ? [chalk.dim(`and ${left} more place${left === 1 ? '' : 's'}`)] : []
    lines.push(page.flow([chalk.dim(`+ ${rest.length} more:`), ...shown, ...more], 4))
  }
  if (!told.has(rule.id)) lines.push(page.wrap(`${chalk.dim('fix')} ${firstSentence(rule.remediation)}`, 4))
  told.add(rule.id)
  return lines.join('\n')
}

/** The message of a credential begins with the title and its file, which stand above and behind it here. */
function withoutTitle({ message, rule, at }: Finding): string {
  const known = 'file' in at ? `${rule.title} in ${at.file}: ` : rule.title
  return message.startsWith(known) && message.length > known.length ? message.slice(known.length) : message
}
