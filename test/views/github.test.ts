import { expect, it } from 'vitest'
import { githubDeployKey, githubSecret } from '../../src/facts/github-credentials.ts'
import { fact, UNKNOWN } from '../../src/model.ts'
import { GITHUB_KINDS, githubTables } from '../../src/views/github.ts'

const at = { resource: 'github://acme/shop' }
const key = {
  id: '1',
  repository: 'acme/shop',
  title: 'release',
  canWrite: true,
  enabled: true,
  addedBy: 'amy',
  ageDays: 9,
}

it('has a table for each kind, also where nothing is in it', () => {
  expect(githubTables([])).toHaveLength(GITHUB_KINDS.length)
})

it('tells what was not seen from what is none', () => {
  const [keys] = githubTables([fact(githubDeployKey, 'github:acme/shop', at, { ...key, usedDays: UNKNOWN })])
  expect(keys?.rows.map(({ cells }) => cells)).toEqual([
    {
      name: { value: 'release' },
      of: { value: 'acme/shop' },
      write: { value: true },
      ageDays: { value: 9, text: '9 days ago' },
      usedDays: { value: null },
    },
  ])
})

it('puts the oldest secret first', () => {
  const secret = { level: 'repository', source: 'acme/shop', environment: '', visibility: '' }
  const facts = [10, 400].map((ageDays) =>
    fact(githubSecret, 'github:acme/shop', at, { ...secret, name: `S${ageDays}`, ageDays }),
  )
  const secrets = githubTables(facts).find(({ id }) => id === 'github-secrets')
  expect(secrets?.rows.map(({ order }) => [order.name, order.risk])).toEqual([
    ['S10', 10],
    ['S400', 400],
  ])
  for (const row of secrets?.rows ?? [])
    expect(Object.keys(row.cells).sort()).toEqual(secrets?.columns.map(({ id }) => id).sort())
})

it('says which key is meant where two have one title', () => {
  const named = (id: string) =>
    fact(githubDeployKey, 'github:acme/shop', { resource: `github://acme/shop/keys/${id}` }, { ...key, usedDays: -1 })
  const [keys] = githubTables([named('1'), named('2')])
  expect(keys?.rows.map(({ cells }) => [cells.name?.text, cells.usedDays?.text])).toEqual([
    ['release (github://acme/shop/keys/1)', 'never'],
    ['release (github://acme/shop/keys/2)', 'never'],
  ])
})
