import { expect, it } from 'vitest'
import { cellText, type Row } from '../../src/table.ts'
import { tellApart } from '../../src/views/same-names.ts'

const row = (name: string, declaredAt: string, account = ''): Row => ({
  cells: { name: { value: name }, account: { value: account }, declaredAt: { value: declaredAt } },
  order: { name, risk: 0, unused: 0, seen: '' },
})
const names = (rows: readonly Row[]) => rows.map(({ cells }) => cellText(cells.name))

it('says the place of those that share a name, and of no others', () => {
  const rows = tellApart([row('deploy', 'a.tf:1'), row('deploy', 'b.tf:7'), row('audit', 'a.tf:9')], { name: 'name' })
  expect(names(rows)).toEqual(['deploy (a.tf:1)', 'deploy (b.tf:7)', 'audit'])
  expect(rows.map(({ cells }) => cells.name?.value)).toEqual(['deploy', 'deploy', 'audit'])
})
it('leaves it out where another column tells them apart', () => {
  const rows = [row('deploy', 'a.tf:1', '111122223333'), row('deploy', 'b.tf:7', '444455556666')]
  expect(names(tellApart(rows, { name: 'name', by: ['account'] }))).toEqual(['deploy', 'deploy'])
})
