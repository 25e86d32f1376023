/** Rows for people and programs: what views make of facts, so that reporters need to know no kind of fact. */

export type Value = string | number | boolean | readonly string[]

export interface Column {
  /** Its name in JSON and CSV. */
  readonly id: string
  /** Its name for people. */
  readonly title: string
  /** What stands in it, for documentation. */
  readonly meaning: string
  /** `people`: a sum of others in words; `programs`: a detail of which people read the sum. */
  readonly for: 'all' | 'people' | 'programs'
}

export interface Cell {
  /** Null: not seen, which is neither 0 nor "no". */
  readonly value: Value | null
  /** In words, where the value itself would not do. */
  readonly text?: string
  /** The value is what was seen, and there may be more. */
  readonly partial?: boolean
}

export interface Row {
  readonly cells: Readonly<Record<string, Cell>>
  /** What rows can be put in order by. */
  readonly order: {
    readonly name: string
    /** The more, the worse. */
    readonly risk: number
    /** Permissions that were not used. */
    readonly unused: number
    /** Time of the last use, RFC 3339 or a date; empty if none or not seen. */
    readonly seen: string
  }
  /** It holds nothing and nothing uses it: people get it in a list. */
  readonly idle?: boolean
}

export interface Table {
  readonly id: string
  readonly title: string
  readonly columns: readonly Column[]
  readonly rows: readonly Row[]
  /** Of the rows that are `idle`, in a few words. */
  readonly idleTitle?: string
}

export const SORTS = ['risk', 'name', 'unused', 'last-seen'] as const
export type Sort = (typeof SORTS)[number]

/** The same table with its rows in another order; by name where the order does not tell. */
export function sorted(table: Table, by: Sort): Table {
  const compare: Readonly<Record<Sort, (a: Row['order'], b: Row['order']) => number>> = {
    risk: (a, b) => b.risk - a.risk,
    name: () => 0,
    unused: (a, b) => b.unused - a.unused,
    'last-seen': (a, b) => -compareText(a.seen, b.seen),
  }
  const rows = [...table.rows].sort((a, b) => compare[by](a.order, b.order) || compareText(a.order.name, b.order.name))
  return { ...table, rows }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A cell in words; `-` for nothing. */
export function cellText(cell: Cell | undefined): string {
  if (!cell || cell.value === null) return NOT_SEEN
  const words = cell.text ?? inWords(cell.value)
  if (!cell.partial) return words || NOTHING
  return words ? `${words}; maybe more` : NOT_SEEN
}

export const NOT_SEEN = 'not seen'
export const NOTHING = '-'

function inWords(value: Value): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return Array.isArray(value) ? value.join(', ') : String(value)
}

/** The columns that people get: those without anything to tell are left out, and so are those of which nothing was seen. */
export function columnsForPeople(table: Table, rows: readonly Row[]): Column[] {
  return filled(table, rows).filter((column) => !isUnseen(column, rows))
}

/** Of the columns that people would get those of which nothing was seen in any row: said once instead of in each. */
export function unseenColumns(table: Table, rows: readonly Row[]): Column[] {
  return filled(table, rows).filter((column) => isUnseen(column, rows))
}

function filled(table: Table, rows: readonly Row[]): Column[] {
  return table.columns.filter(
    (column) => column.for !== 'programs' && rows.some((row) => cellText(row.cells[column.id]) !== NOTHING),
  )
}

function isUnseen({ id }: Column, rows: readonly Row[]): boolean {
  return rows.every(({ cells }) => cellText(cells[id]) === NOT_SEEN)
}

/** The columns that programs get. */
export function columnsForPrograms(table: Table): Column[] {
  return table.columns.filter((column) => column.for !== 'people')
}
