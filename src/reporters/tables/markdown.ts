import { cellText, columnsForPeople, NOT_SEEN, type Table, unseenColumns } from '../../table.ts'
import { escapeMarkdown } from '../markdown-text.ts'
import { describeGap, distinctGaps } from '../not-seen.ts'
import type { Inventory } from './inventory.ts'

/** For a page or an issue: a table for each kind of identity, then what was not seen. */
export function renderInventoryMarkdown({ tables, gaps }: Inventory): string {
  const filled = tables.filter(({ rows }) => rows.length > 0)
  const parts = filled.map(renderTable)
  if (filled.length === 0) parts.push('No identity or credential was seen.')
  for (const [gapClass, title] of [
    ['fault', 'Not seen'],
    ['limit', 'Not looked into'],
  ] as const) {
    const own = distinctGaps(gaps.filter((gap) => gap.class === gapClass))
    if (own.length > 0)
      parts.push(`## ${title}\n\n${own.map((gap) => `- ${escapeMarkdown(describeGap(gap))}`).join('\n')}`)
  }
  return `${parts.join('\n\n')}\n`
}

function renderTable(table: Table): string {
  const columns = columnsForPeople(table, table.rows)
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rows = table.rows.map(({ cells }) => line(columns.map(({ id }) => escapeMarkdown(cellText(cells[id])))))
  const unseen = unseenColumns(table, table.rows).map(({ title }) => title.toLowerCase())
  return [
    `## ${escapeMarkdown(table.title)} (${table.rows.length})`,
    '',
    line(columns.map(({ title }) => escapeMarkdown(title))),
    line(columns.map(() => '---')),
    ...rows,
    ...(unseen.length > 0 ? ['', `${NOT_SEEN} of any: ${escapeMarkdown(unseen.join(', '))}`] : []),
  ].join('\n')
}
