import type { ChalkInstance } from 'chalk'
import { postureOf } from '../posture.ts'
import type { Report } from '../report.ts'
import { firstSentence } from './first-sentence.ts'
import type { Layout } from './layout.ts'
import { describeGain, describeOverall, describePillars, describeUnknowns, fixesOf } from './posture.ts'

/** The posture and what to mend first, for the terminal. */

/** A few lines of the summary; none if nothing was looked at. */
export function renderPosture(report: Report, verbose: boolean, chalk: ChalkInstance, page: Layout): string[] {
  const posture = postureOf(report)
  const overall = describeOverall(posture)
  if (overall === undefined) return []
  return [
    page.labelled('posture', overall, chalk.dim),
    page.labelled('', chalk.dim(describePillars(posture, verbose).join(' · ')), chalk.dim),
    ...(posture.unknowns.length > 0
      ? [
          page.labelled(
            '',
            chalk.dim(
              `not seen: ${describeUnknowns(posture.unknowns)
                .slice(0, verbose ? 99 : 3)
                .join(', ')}`,
            ),
            chalk.dim,
          ),
        ]
      : []),
  ]
}

/** Two lines for each, so that all five and their heading are no more than eleven. */
export function renderFirstFixes(report: Report, chalk: ChalkInstance, page: Layout): string[] {
  const fixes = fixesOf(report)
  if (fixes.length === 0) return []
  const lines = fixes.flatMap((fix, i) => [
    oneLine(`${i + 1}. ${firstSentence(fix.what)}`, page),
    chalk.dim(oneLine(`   ${describeGain(fix)}`, page)),
  ])
  return [[chalk.bold('Fix these first'), ...lines].join('\n')]
}

/** The sentence on one line, cut where it does not fit: the whole stands at its findings. */
function oneLine(text: string, page: Layout): string {
  const room = page.width - 2
  if (page.measure.width(text) <= room) return `  ${text}`
  const kept = [...text]
  while (kept.length > 0 && page.measure.width(`${kept.join('')}…`) > room) kept.pop()
  return `  ${kept.join('').trimEnd()}…`
}
