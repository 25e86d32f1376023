import type { ChalkInstance } from 'chalk'
import { postureOf } from '../posture.ts'
import type { Report } from '../report.ts'
import { firstSentence } from './first-sentence.ts'
import type { Layout } from './layout.ts'
import { showShortPlace } from './place.ts'
import { describeGain, describeOverall, describePillars, describeUnknowns, fixesOf } from './posture.ts'
import type { TreeOptions } from './pretty-story.ts'

/** The posture and what to mend first, for the terminal. */

/** A few lines of the summary; none if nothing was looked at. */
export function renderPosture(report: Report, verbose: boolean, chalk: ChalkInstance, page: Layout): string[] {
  const posture = postureOf(report)
  const overall = describeOverall(posture)
  // Of a run with a few rules the score says little but that the others did not run.
  const few = (report.leftOut?.rules.length ?? 0) > report.rules.length
  if (overall === undefined || (few && !verbose)) return []
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

/** Places of a change that are named. */
const PLACES = 3

/** What to do, and below it what that removes, and where. */
export function renderFirstFixes(report: Report, { chalk, page, links }: TreeOptions): string[] {
  const fixes = fixesOf(report)
  if (fixes.length === 0) return []
  const lines = fixes.flatMap((fix, i) => {
    const places = new Map(fix.findings.map(({ at }) => [showShortPlace(at), at] as const))
    const shown = [...places].slice(0, PLACES).map(([place, at]) => chalk.cyan(links.place(place, at)))
    const more = places.size > PLACES ? [chalk.dim(`and ${places.size - PLACES} more`)] : []
    return [
      page.item(`${i + 1}.`, firstSentence(fix.what)),
      page.wrap(chalk.dim(describeGain(fix)), 5),
      page.flow([...shown, ...more], 5),
    ]
  })
  return [[chalk.bold('Fix these first'), ...lines].join('\n')]
}
