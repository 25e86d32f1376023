import { Chalk } from 'chalk'
import type { JsonFinding, ReportDiff } from './diff.ts'
import type { Location } from './model.ts'
import { layout } from './reporters/layout.ts'
import { escapeMarkdown } from './reporters/markdown-text.ts'
import { showPlace } from './reporters/place.ts'
import { printable } from './reporters/printable.ts'
import { wideText } from './reporters/wide-text.ts'

interface Section {
  readonly title: string
  readonly mark: string
  readonly rows: readonly { readonly finding: JsonFinding; readonly note: string }[]
}

function sectionsOf(diff: ReportDiff): Section[] {
  const plain = (findings: readonly JsonFinding[]) => findings.map((finding) => ({ finding, note: '' }))
  const sections: Section[] = [
    { title: 'New', mark: '+', rows: plain(diff.new) },
    { title: 'Reopened', mark: '!', rows: plain(diff.reopened) },
    { title: 'In further places', mark: '+', rows: plain(diff.spread) },
    {
      title: 'Worse',
      mark: '^',
      rows: diff.worse.map(({ finding, before }) => ({ finding, note: ` (was ${before})` })),
    },
    { title: 'Fixed', mark: '-', rows: plain(diff.fixed) },
    { title: 'Not seen this time, so not fixed', mark: '?', rows: plain(diff.unseen) },
    { title: 'Accepted', mark: '~', rows: plain(diff.accepted) },
  ]
  return sections.filter(({ rows }) => rows.length > 0)
}

/** The sums, for the last line. */
function sumOf(diff: ReportDiff): string {
  const counts = [
    `${diff.new.length} new`,
    `${diff.reopened.length} reopened`,
    diff.spread.length > 0 && `${diff.spread.length} in further places`,
    diff.worse.length > 0 && `${diff.worse.length} worse`,
    `${diff.fixed.length} fixed`,
    diff.unseen.length > 0 && `${diff.unseen.length} not seen this time`,
    diff.accepted.length > 0 && `${diff.accepted.length} accepted`,
    `${diff.unchanged} unchanged`,
  ]
  return counts.filter(Boolean).join(', ')
}

export function renderDiff(
  given: ReportDiff,
  options: { readonly color: 0 | 1 | 2 | 3; readonly width: number },
): string {
  const diff = printable(given)
  const chalk = new Chalk({ level: options.color })
  const page = layout(options.width, wideText)
  const parts = sectionsOf(diff).map(({ title, mark, rows }) =>
    [
      chalk.bold(`${title} (${rows.length})`),
      ...rows.map(({ finding, note }) =>
        page.item(
          mark,
          `${finding.severity.padEnd(8)} ${finding.message}${note}\n${chalk.cyan(showPlace(finding.location as Location))}  ${chalk.dim(finding.ruleId)}`,
        ),
      ),
    ].join('\n'),
  )
  return `${[...parts, sumOf(diff)].join('\n\n')}\n`
}

/** For comments on pull requests. */
export function renderDiffMarkdown(diff: ReportDiff): string {
  const parts = sectionsOf(diff).map(({ title, rows }) => {
    const table = rows.map(({ finding, note }) => {
      const cells = [finding.severity + note, finding.message, showPlace(finding.location as Location), finding.ruleId]
      return `| ${cells.map(escapeMarkdown).join(' | ')} |`
    })
    return `### ${title} (${rows.length})\n\n| severity | finding | place | rule |\n|---|---|---|---|\n${table.join('\n')}`
  })
  return `${[`**zt-audit:** ${sumOf(diff)}`, ...parts].join('\n\n')}\n`
}
