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
    parts.push(renderRows(columns, texts, options, chalk, page))
  }
  const unseen = unseenColumns(table, rows).map(({ title }) => title.toLowerCase())
  if (unseen.length > 0) parts.push(page.wrap(`${NOT_SEEN} of any: ${unseen.join(', ')}`, 2))
  if (idle.length > 0) {
    const names = idle.map(({ order }) => order.name).join(', ')
    parts.push(page.wrap(`${chalk.dim(`${idle.length} ${table.idleTitle}:`)} ${names}`, 2))
  }
  return parts.join('\n')
}

/** As a grid; if the names leave too little room, with each name above its row; in the narrowest terminals as paragraphs. */
function renderRows(
  columns: readonly Column[],
  texts: readonly (readonly string[])[],
  options: TableOptions,
  chalk: ChalkInstance,
  page: Layout,
): string {
  const most = options.verbose ? Infinity : HIGHEST
  const draw = (stacked: boolean) => renderGrid(columns, texts, { width: options.width, most, stacked }, chalk, page)
  const grids = [draw(false), draw(true)].filter((grid) => grid !== undefined)
  if (grids.length === 0) return renderCards(columns, texts, chalk, page)
  return grids.reduce((best, grid) => (grid.length < best.length ? grid : best)).join('\n')
}

const BETWEEN = 2
/** Below that a column of words is a ladder. */
const LEAST = 10
/** Longer words are broken where room is short. */
const LONGEST = 32
/** A cell that is longer asks for no more room: the rest of it stands below the table. */
const WISHED = 56
/** Lines of a row, unless all is to be shown. */
const HIGHEST = 2

interface Grid {
  readonly width: number
  /** Lines of a row; what does not fit goes below the table, as a note. */
  readonly most: number
  /** Whether the first column stands above the others. */
  readonly stacked: boolean
}

/** Widths by which the table fits, columns of long texts narrowed first; undefined if it does not. */
function columnWidths(
  columns: readonly Column[],
  texts: readonly (readonly string[])[],
  width: number,
  named: boolean,
  measure: TextMeasure,
): number[] | undefined {
  const wish = (text: string, i: number) =>
    named && i === 0 ? measure.width(text) : Math.min(WISHED, measure.width(text))
  const widths = columns.map(({ title }, i) =>
    texts.reduce((widest, row) => Math.max(widest, wish(row[i] ?? '', i)), measure.width(title)),
  )
  // A name that is broken is hard to find again, and to copy.
  const least = widths.map((own, i) => {
    const words = texts.flatMap((row) => (row[i] ?? '').split(' '))
    const longest = words.reduce((widest, word) => Math.max(widest, measure.width(word)), 0)
    const title = measure.width(columns[i]?.title ?? '')
    return Math.min(own, Math.max(LEAST, title, named && i === 0 ? longest : Math.min(longest, LONGEST)))
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
  { width, most, stacked }: Grid,
  chalk: ChalkInstance,
  page: Layout,
): string[] | undefined {
  const { measure } = page
  const indent = ' '.repeat(stacked ? 2 * BETWEEN : BETWEEN)
  const inRow = <T>(row: readonly T[]) => (stacked ? row.slice(1) : row)
  const widths = columnWidths(inRow(columns), texts.map(inRow), width - (stacked ? BETWEEN : 0), !stacked, measure)
  if (!widths) return undefined
  const notes = new Map<string, number>()
  const fitted = (text: string, room: number) => {
    const lines = measure.wrap(text, room, true).split('\n')
    if (lines.length <= most) return lines
    const number = notes.get(text) ?? notes.size + 1
    notes.set(text, number)
    return shorten(text, `… [${number}]`, room, most, measure)
  }
  const line = (cells: readonly string[], paint: (text: string, column: number) => string, whole: boolean) => {
    const wrapped = cells.map((text, i) =>
      whole ? measure.wrap(text, widths[i] ?? 0, true).split('\n') : fitted(text, widths[i] ?? 0),
    )
    const height = Math.max(...wrapped.map((lines) => lines.length))
    return Array.from({ length: height }, (_, k) =>
      wrapped
        .map((lines, i) => {
          const text = lines[k] ?? ''
          return `${paint(text, i)}${' '.repeat(Math.max(0, (widths[i] ?? 0) - measure.width(text)))}`
        })
        .join(' '.repeat(BETWEEN))
        .trimEnd(),
    ).map((text) => `${indent}${text}`)
  }
  // Between a name and its place a line may end, within them not: they are there to be copied.
  const above = (name: string, paint: (text: string) => string) =>
    (stacked ? measure.wrap(name, width - 2 * BETWEEN, false).split('\n') : []).map(
      (text, i) => `${' '.repeat(i === 0 ? BETWEEN : 2 * BETWEEN)}${paint(text)}`,
    )
  const titles = columns.map(({ title }) => title)
  const head = [...above(titles[0] ?? '', chalk.dim), ...line(inRow(titles), (text) => chalk.dim(text), true)]
  const rows = texts.map((row) => {
    const cells = inRow(row)
    const column = (i: number) => (stacked ? i + 1 : i)
    return [
      ...above(row[0] ?? '', chalk.bold),
      ...line(cells, (text, i) => paintCell(text, cells[i] ?? '', column(i), chalk), false),
    ]
  })
  // Rows of many lines run into each other without a line between them.
  const apart = rows.some((lines) => lines.length > HIGHEST + (stacked ? 1 : 0))
  const body = rows.flatMap((lines, i) => (apart && i > 0 ? ['', ...lines] : lines))
  const below = [...notes].flatMap(([text, number]) => page.item(`[${number}]`, chalk.dim(text)).split('\n'))
  return [...head, ...body, ...(below.length > 0 ? ['', ...below] : [])]
}

/** The beginning of a text on so many lines, whole words, with what says that it goes on. */
function shorten(text: string, end: string, room: number, most: number, measure: TextMeasure): string[] {
  const words = text.split(' ')
  for (let kept = words.length - 1; kept > 0; kept--) {
    const beginning = words
      .slice(0, kept)
      .join(' ')
      .replace(/[,;:]$/, '')
    const lines = measure.wrap(`${beginning} ${end}`, room, true).split('\n')
    if (lines.length <= most) return lines
  }
  return measure.wrap(end, room, true).split('\n')
}

function renderCards(
  columns: readonly Column[],
  texts: readonly (readonly string[])[],
  chalk: ChalkInstance,
  page: Layout,
): string {
  const widest = Math.max(0, ...columns.slice(1).map(({ title }) => title.length))
  return texts
    .map((row) => {
      const [name = '', ...rest] = row
      const lines = rest.flatMap((text, i) =>
        text === NOTHING ? [] : [page.labelled(columns[i + 1]?.title.toLowerCase() ?? '', text, chalk.dim, { widest })],
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
