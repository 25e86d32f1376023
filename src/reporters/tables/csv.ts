import { type Cell, columnsForPrograms, NOT_SEEN } from '../../table.ts'
import { printableText } from '../printable.ts'
import type { Inventory } from './inventory.ts'

/**
 * All tables as one CSV by RFC 4180, in UTF-8: a column of each id that any of them has, and the table's id in the first. What
 * was not seen says so, gaps are rows of the table `gaps`. Lists have `; ` between their items.
 */
export function renderInventoryCsv({ tables, gaps }: Inventory): string {
  const filled = tables.filter(({ rows }) => rows.length > 0)
  const ids = [...new Set(filled.flatMap((table) => columnsForPrograms(table).map(({ id }) => id)))]
  const lines = [['table', ...ids, 'gap'].map(field)]
  for (const table of filled) {
    const own = new Set(columnsForPrograms(table).map(({ id }) => id))
    for (const { cells } of table.rows)
      lines.push([field(table.id), ...ids.map((id) => (own.has(id) ? cellField(cells[id]) : '')), ''])
  }
  for (const text of new Set(gaps.map(({ class: gapClass, reason, detail }) => `${gapClass}: ${reason}: ${detail}`)))
    lines.push([field('gaps'), ...ids.map(() => ''), field(text)])
  return lines.map((line) => `${line.join(',')}\r\n`).join('')
}

function cellField(cell: Cell | undefined): string {
  const { value = null, partial = false } = cell ?? {}
  if (value === null) return NOT_SEEN
  if (typeof value === 'number') return `${value}${partial ? '+' : ''}`
  const words = Array.isArray(value) ? value.map((item) => asText(String(item))).join('; ') : String(value)
  return field(partial ? [words, 'maybe more'].filter((part) => part !== '').join('; ') : words)
}

/** Quoted where it must be, and where programs of some countries divide fields by semicolons. */
function field(text: string): string {
  const safe = asText(printableText(text))
  return /[";,\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/**
 * A program that shows tables runs what begins with one of these as a formula: a quote before it keeps it text. Source:
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
function asText(text: string): string {
  return /^\s*[=+\-@＝＋－＠]|^[\t\r]/.test(text) ? `'${text}` : text
}
