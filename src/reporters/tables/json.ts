import { type Cell, columnsForPrograms, type Table } from '../../table.ts'
import { jsonText } from '../printable.ts'
import type { Inventory } from './inventory.ts'

/** Version of the form; it grows with a change that a reader could stumble over. */
export const INVENTORY_SCHEMA_VERSION = '1.0'

/**
 * Every table with its rows, and the gaps; `docs/schema/inventory.schema.json` describes it. A field that was not seen is null
 * and stands in `notSeen`; one of which more may exist stands in `partial`.
 */
export function renderInventoryJson({ tables, gaps }: Inventory): string {
  const document = { schemaVersion: INVENTORY_SCHEMA_VERSION, tables: tables.map(tableAsJson), gaps }
  return `${jsonText(document, 2)}\n`
}

function tableAsJson(table: Table) {
  const columns = columnsForPrograms(table)
  return {
    id: table.id,
    title: table.title,
    columns: columns.map(({ id, title, meaning }) => ({ id, title, meaning })),
    rows: table.rows.map(({ cells }) => {
      const named = columns.map(({ id }): [string, Cell] => [id, cells[id] ?? { value: null }])
      return {
        ...Object.fromEntries(named.map(([id, { value }]) => [id, value])),
        notSeen: named.filter(([, { value }]) => value === null).map(([id]) => id),
        partial: named.filter(([, { value, partial }]) => partial && value !== null).map(([id]) => id),
      }
    }),
  }
}
