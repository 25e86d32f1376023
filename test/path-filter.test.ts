import { expect, it } from 'vitest'
import { matchesGlob } from '../src/path-filter.ts'

it.each([
  ['*.pem', 'a/b/key.pem', true],
  ['docs', 'docs/a/b.md', true],
  ['docs', 'src/docs/b.md', true],
  ['/docs', 'src/docs/b.md', false],
  ['test/fixtures/**', 'test/fixtures/a', true],
  ['test/fixtures', 'test/fixtures/a/b', true],
  ['test/fixtures', 'src/test/fixtures/a', false],
  ['*.ts', 'a.tsx', false],
  ['**/.env', '.env', true],
])('%s and %s: %s', (pattern, path, expected) => {
  expect(matchesGlob(pattern, path)).toBe(expected)
})
