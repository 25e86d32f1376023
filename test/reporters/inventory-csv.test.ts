import { expect, it } from 'vitest'
import { renderInventoryCsv } from '../../src/reporters/tables/csv.ts'
import type { Table } from '../../src/table.ts'

const csvOf = (...values: (string | readonly string[])[]) => {
  const table: Table = {
    id: 't',
    title: 'T',
    columns: [{ id: 'name', title: 'Name', meaning: 'Name', for: 'all' }],
    rows: values.map((value) => ({ cells: { name: { value } }, order: { name: '', risk: 0, unused: 0, seen: '' } })),
  }
  return renderInventoryCsv({ tables: [table], gaps: [] })
    .split('\r\n')
    .slice(1, -1)
}

it.each([
  ['=1+1', "t,'=1+1,"],
  [' =1+1', "t,' =1+1,"],
  ['＝1+1', "t,'＝1+1,"],
  ['a;=HYPERLINK(A1)', 't,"a;=HYPERLINK(A1)",'],
  ['a, "b"', 't,"a, ""b""",'],
  ['plain', 't,plain,'],
])('%s is text for every program that shows tables', (value, line) => {
  expect(csvOf(value)).toEqual([line])
})

it('so is each item of a list', () => {
  expect(csvOf(['a', '=1+1'])).toEqual([`t,"a; '=1+1",`])
})
