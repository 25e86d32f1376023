import { expect, it } from 'vitest'
import { SkipLog } from '../src/skip-log.ts'

it('counts by reason, in a fixed order, and keeps so many paths', () => {
  const log = new SkipLog(2)
  for (const path of ['c', 'b', 'a']) log.add({ scope: 'repo:.', path, reason: 'binary' })
  log.add({ scope: 'repo:../other', path: 'x.js', reason: 'provider rules only' })
  expect(log.entries()).toEqual([
    { reason: 'provider rules only', count: 1, paths: ['../other/x.js'] },
    { reason: 'binary', count: 3, paths: ['b', 'c'] },
  ])
})
