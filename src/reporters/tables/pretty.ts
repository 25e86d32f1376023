import { Chalk, type ChalkInstance } from 'chalk'
import {
  type Column,
  cellText,
  columnsForPeople,
  NOT_SEEN,
  NOTHING,
  type Row,
  type Table,
  unseenColumns,
} from '../../table.ts'
import { type Layout, layout } from '../layout.ts'
import { describeGap, distinctGaps } from '../not-seen.ts'
import { printable } from '../printable.ts'
import type { TextMeasure } from '../text-measure.ts'
import { setText } from '../text-width.ts'
import type { Inventory } from './inventory.ts'

/** How the terminal is, and whether rows that hold nothing are shown one by one. */
export interface TableOptions {
  readonly color: 0 | 1 | 2 | 3
  /** Columns. */
  readonly width: number
  readonly verbose: boolean
}

/** Tables as wide as the terminal; where they do not fit, a paragraph for each row. What was not seen follows. */
export function renderInventoryPretty(inventory: Inventory, options: TableOptions): Promise<string> {
  const { tables, gaps } = printable(inventory)
  return setText((measure) => {
    const chalk = new Chalk({ level: options.color })
    const page = layout(options.width, measure)
    const filled = tables.filter(({ rows }) => rows.length > 0)
    const parts = filled.map((table) => renderTable(table, options, chalk, page))
    if (filled.length === 0) parts.push('No identity or credential was seen.')
    parts.push(...renderGaps(gaps, chalk, page))
    return `${parts.join('\n\n')}\n`
  })
}

function renderTable(table: Table, options: TableOptions, chalk: ChalkInstance, page: Layout): string {
  const isIdle = ({ idle }: Row) => !options.verbose && table.idleTitle !== undefined && idle === true
  const rows = table.rows.filter((row) => !isIdle(row))
  const idle = table.rows.filter(isIdle)
  const parts = [chalk.bold(`${table.title} (${table.rows.length})`)]
  if (rows.length > 0) {
    const columns = columnsForPeople(table, rows)
    const texts = rows.map(({ cells }) => columns.map(({ id }) => cellText(cells[id])))
    const widths = columnWidths(columns, texts, options.width, page.measure)
    parts.push(
      widths ? renderGrid(columns, texts, widths, chalk, page.measure) : renderCards(columns, texts, chalk, page),
    )
  }
  const unseen = unseenColumns(table, rows).map(({ title }) => title.toLowerCase())
  if (unseen.length > 0) parts.push(page.wrap(`${NOT_SEEN} of any: ${unseen.join(', ')}`, 2))
  if (idle.length > 0) {
    const names = idle.map(({ order }) => order.name).join(', ')
    parts.push(page.wrap(`${chalk.dim(`${idle.length} ${table.idleTitle}:`)} ${names}`, 2))
  }
  return parts.join('\n')
}

const BETWEEN = 2
/** Below that a column of words is a ladder. */
const LEAST = 10
/** Longer words are broken where room is short. */
const LONGEST = 32

/** Widths by which the table fits, columns of long texts narrowed first; undefined if it does not. */
function columnWidths(
  columns: readonly Column[],
  texts: readonly (readonly string[])[],
  width: number,
  measure: TextMeasure,
): number[] | undefined {
  const widths = columns.map(({ title }, i) =>
    texts.reduce((widest, row) => Math.max(widest, measure.width(row[i] ?? '')), measure.width(title)),
  )
  // A name that is broken is hard to find again, and to copy.
  const least = widths.map((own, i) => {
    const words = texts.flatMap((row) => (row[i] ?? '').split(' '))
    const longest = words.reduce((widest, word) => Math.max(widest, measure.width(word)), 0)
    return Math.min(own, Math.max(LEAST, i === 0 ? longest : Math.min(longest, LONGEST)))
  })
  const room = width - BETWEEN * columns.length
  if (sum(least) > room) return undefined
  while (sum(widths) > room) {
    const spare = widths.map((own, i) => own - (least[i] ?? 0))
    const widest = spare.indexOf(Math.max(...spare))
    const next = Math.max(...widths.filter((_, i) => i !== widest && (spare[i] ?? 0) > 0), least[widest] ?? 0)
    const wanted = Math.max(
      widths[widest] === undefined ? 0 : widths[widest] - (sum(widths) - room),
      least[widest] ?? 0,
    )
    widths[widest] = Math.max(wanted, Math.min(next, (widths[widest] ?? 0) - 1))
  }
  return widths
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)

function renderGrid(
  columns: readonly Column[],
  texts: readonly (readonly string[])[],
  widths: readonly number[],
  chalk: ChalkInstance,
  measure: TextMeasure,
): string {
  const line = (cells: readonly string[], paint: (text: string, column: number) => string) => {
    const wrapped = cells.map((text, i) => measure.wrap(text, widths[i] ?? 0, true).split('\n'))
    const height = Math.max(...wrapped.map((lines) => lines.length))
    return Array.from({ length: height }, (_, k) =>
      wrapped
        .map((lines, i) => {
          const text = lines[k] ?? ''
          return `${paint(text, i)}${' '.repeat(Math.max(0, (widths[i] ?? 0) - measure.width(text)))}`
        })
        .join(' '.repeat(BETWEEN))
        .trimEnd(),
    ).map((text) => `${' '.repeat(BETWEEN)}${text}`)
  }
  const head = line(
    columns.map(({ title }) => title),
    (text) => chalk.dim(text),
  )
  const rows = texts.map((row) => line(row, (text, i) => paintCell(text, row[i] ?? '', i, chalk)))
  // Rows of several lines run into each other without a line between them.
  const apart = rows.some((lines) => lines.length > 1)
  const body = rows.flatMap((lines, i) => (apart && i > 0 ? ['', ...lines] : lines))
  return [...head, ...body].join('\n')
}

function renderCards(
  columns: readonly Column[],
  texts: readonly (readonly string[])[],
  chalk: ChalkInstance,
  page: Layout,
): string {
  return texts
    .map((row) => {
      const [name = '', ...rest] = row
      const lines = rest.flatMap((text, i) =>
        text === NOTHING ? [] : [page.labelled(columns[i + 1]?.title.toLowerCase() ?? '', text, chalk.dim)],
      )
      return [page.wrap(chalk.bold(name), 0), ...lines].join('\n')
    })
    .join('\n\n')
}

function paintCell(part: string, whole: string, column: number, chalk: ChalkInstance): string {
  if (column === 0) return chalk.bold(part)
  if (whole === NOTHING) return chalk.dim(part)
  return whole.startsWith(NOT_SEEN) ? chalk.yellow(part) : part
}

/** As heavy as the tables: what was not seen is in none of them. */
function renderGaps(gaps: Inventory['gaps'], chalk: ChalkInstance, page: Layout): string[] {
  return (
    [
      ['fault', 'Not seen'],
      ['limit', 'Not looked into'],
    ] as const
  ).flatMap(([gapClass, title]) => {
    const own = distinctGaps(gaps.filter((gap) => gap.class === gapClass))
    if (own.length === 0) return []
    return [[chalk.bold(`${title} (${own.length})`), ...own.map((gap) => page.item('!', describeGap(gap)))].join('\n')]
  })
}
