import { expect, it } from 'vitest'
import type { Changes, Fact } from '../src/model.ts'
import { findingsInChanges, withPrimary } from '../src/partial.ts'
import { chain, finding } from './support/report.ts'

const changes: Changes = { by: 'since', ref: 'main', files: new Map([['src/b.ts', [[3, 3]]]]), removed: [] }
const resource = 'arn:aws:iam::123456789012:user/ann'
const live: Fact = { kind: 'iam.user', scope: 'aws:123456789012', data: {}, unknown: [], at: { resource } }

it('keeps what only live targets tell: it does not hang on the repository', () => {
  const user = finding({ id: 'mfa/user', at: { resource }, scope: live.scope, evidence: { user: [live] } })
  expect(findingsInChanges([user], changes)).toEqual([user])
})

it('keeps a chain only if its file has changed', () => {
  expect(findingsInChanges([chain()], changes)).toEqual([])
  const leak = { ...changes, files: new Map([['.env', undefined]]) }
  expect(findingsInChanges([chain()], leak)).toHaveLength(1)
})

it('keeps what stands in an archive that has changed, and nothing of others', () => {
  const inside = (file: string) => finding({ at: { file, line: 7 } })
  const jar = { ...changes, files: new Map([['lib/a.jar', undefined]]) }
  expect(findingsInChanges([inside('lib/a.jar!/x/y.properties')], jar)).toHaveLength(1)
  expect(findingsInChanges([inside('lib/b.jar!/x/y.properties')], jar)).toEqual([])
})

it('puts the place that changed first, and names it in the message', () => {
  const at = { file: 'src/a.ts', line: 3 }
  const known = finding({
    at,
    also: [{ file: 'src/b.ts', line: 3 }],
    message: 'Test key in src/a.ts: tk_****',
    phrase: { literals: ['Test key in ', ': ', ''], values: ['src/a.ts', 'tk_****'] },
    lineHash: 'a:1',
  })
  const [moved] = findingsInChanges([known], changes)
  expect(moved).toMatchObject({ at: { file: 'src/b.ts' }, also: [at], message: 'Test key in src/b.ts: tk_****' })
  expect(moved).not.toHaveProperty('lineHash')
  expect(withPrimary(known, at)).toMatchObject({ at })
})
