import { expect, it } from 'vitest'
import { renderInventoryPretty } from '../../src/reporters/tables/pretty.ts'
import type { Table } from '../../src/table.ts'

/** More than a function takes arguments. */
const MANY = 130_000

it('lays out tables of very many rows', async () => {
  const row = { cells: { name: { value: 'a' } }, order: { name: '', risk: 0, unused: 0, seen: '' } }
  const table: Table = {
    id: 't',
    title: 'T',
    columns: [{ id: 'name', title: 'Name', meaning: 'Name', for: 'all' }],
    rows: Array.from({ length: MANY }, () => row),
  }
  const text = await renderInventoryPretty({ tables: [table], gaps: [] }, { color: 0, width: 80, verbose: true })
  expect(text.split('\n').filter((line) => line.trim() === 'a')).toHaveLength(MANY)
}, 60_000)
