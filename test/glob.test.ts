import { describe, expect, it } from 'vitest'
import { globMatches, globsIntersect } from '../src/glob.ts'

/** All texts of up to `length` letters of an alphabet. */
function texts(alphabet: string, length: number): string[] {
  if (length === 0) return ['']
  const shorter = texts(alphabet, length - 1)
  return [
    ...shorter,
    ...shorter
      .filter((text) => text.length === length - 1)
      .flatMap((text) => [...alphabet].map((letter) => text + letter)),
  ]
}

describe('globs against every short text', () => {
  const patterns = texts('a*?', 3)
  const words = texts('ab', 6)
  const matches = (pattern: string, text: string) =>
    new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text)

  it('match as regular expressions do', () => {
    for (const pattern of patterns)
      for (const word of words)
        expect([pattern, word, globMatches(pattern, word)]).toEqual([pattern, word, matches(pattern, word)])
  })

  it('intersect if a text matches both', () => {
    for (const a of [...patterns, 'b*', '*b', 'a*b']) {
      for (const b of [...patterns, 'b?', '?b', 'b*a']) {
        const expected = words.some((word) => matches(a, word) && matches(b, word))
        expect([a, b, globsIntersect(a, b)]).toEqual([a, b, expected])
      }
    }
  })
})

it('does not backtrack without end', () => {
  const started = performance.now()
  expect(globMatches('*a'.repeat(50), 'a'.repeat(5000).concat('b'))).toBe(false)
  expect(globsIntersect('*a'.repeat(50), '*b'.repeat(50).concat('*'))).toBe(true)
  expect(performance.now() - started).toBeLessThan(1000)
})
