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

const LONG = `can become administrator by ${'a step of a path that is told in words '.repeat(4).trim()}`
const wordy: Table = {
  id: 'accounts',
  title: 'Accounts',
  columns: [
    { id: 'name', title: 'Account', meaning: '', for: 'all' },
    { id: 'environment', title: 'Environment', meaning: '', for: 'all' },
    { id: 'rights', title: 'Rights', meaning: '', for: 'all' },
  ],
  rows: ['shop/web', 'shop/api'].map((name) => ({
    cells: { name: { value: name }, environment: { value: 'prod' }, rights: { value: LONG } },
    order: { name, risk: 1, unused: 0, seen: '' },
  })),
}
const draw = async (table: Table, width: number, verbose = false) =>
  (await renderInventoryPretty({ tables: [table], gaps: [] }, { color: 0, width, verbose })).split('\n')

it('keeps rows low: what a cell has no room for stands once below the table', async () => {
  for (const width of [60, 80, 140]) {
    const lines = await draw(wordy, width)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width)
    const row = lines.findIndex((line) => line.startsWith('  shop/web'))
    expect(lines.findIndex((line) => line.startsWith('  shop/api')) - row).toBeLessThanOrEqual(2)
    expect(lines.join('\n').match(/… \[1\]/g)).toHaveLength(2)
    const note = lines.slice(lines.findIndex((line) => line.startsWith('  [1] ')))
    expect(
      note
        .map((line) => line.slice(6))
        .join(' ')
        .trim(),
    ).toBe(LONG)
  }
})
it('shows all of it in the rows when asked to', async () => {
  expect((await draw(wordy, 80, true)).join('\n')).not.toContain('[1]')
})
it('puts names above their rows where they would leave no room beside them', async () => {
  const name = `.github/workflows/${'x'.repeat(24)}.yml#publish`
  const row = { ...wordy.rows[0], cells: { ...wordy.rows[0]?.cells, name: { value: name } } } as Table['rows'][number]
  const lines = await draw({ ...wordy, rows: [row] }, 80)
  expect(lines.slice(1, 4)).toEqual(['  Account', '    Environment  Rights', `  ${name}`])
})
it('puts the place of a long name below it, and breaks neither', async () => {
  const [name, place] = ['x'.repeat(30), `(${'y'.repeat(90)}.yaml:9)`]
  const row = { ...wordy.rows[0], cells: { name: { value: 'a', text: `${name} ${place}` } } } as Table['rows'][number]
  const lines = await draw({ ...wordy, columns: wordy.columns.slice(0, 1), rows: [row] }, 80)
  expect(lines.slice(1, 4)).toEqual(['  Account', `  ${name}`, `    ${place}`])
})
it('breaks no title', async () => {
  expect((await draw(wordy, 60))[1]).toMatch(/^ {2}Account +Environment +Rights$/)
})
