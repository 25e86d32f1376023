import { type Cell, cellText, type Row } from '../table.ts'
import { groupBy } from './cells.ts'

/** What rows of a table are told apart by: the column of the name, others that may do, and where each stands. */
interface Marks {
  readonly name: string
  readonly by?: readonly string[]
  placeOf?(row: Row, index: number): Cell | undefined
}

/**
 * The same rows, where people read the place behind a name that several of them have. Programs get it in a field of its own, and a
 * column of places would take the room of all the others for the sake of a few rows.
 */
export function tellApart(
  rows: readonly Row[],
  { name, by = [], placeOf = ({ cells }) => cells.declaredAt }: Marks,
): Row[] {
  const markOf = ({ cells }: Row) => JSON.stringify([name, ...by].map((id) => cellText(cells[id])))
  const groups = groupBy(rows, markOf)
  return rows.map((row, index) => {
    const own = row.cells[name]
    const place = placeOf(row, index)?.value
    if (!own || !place || (groups.get(markOf(row))?.length ?? 0) < 2) return row
    return { ...row, cells: { ...row.cells, [name]: { ...own, text: `${cellText(own)} (${place})` } } }
  })
}
