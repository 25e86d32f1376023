import type { Gap } from '../../model.ts'
import type { Table } from '../../table.ts'

/** Tables with what could not be seen of them: all that their reporters get. */
export interface Inventory {
  readonly tables: readonly Table[]
  readonly gaps: readonly Gap[]
}
