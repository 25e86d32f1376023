import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { openingOf, opensAt } from '../../src/detect/opening.ts'
import { parseTranslated, translate } from '../../src/detect/re2.ts'

function opens(pattern: string, text: string, at = 0, most?: number): boolean {
  const buffer = Buffer.from(text, 'latin1')
  return opensAt(openingOf(parseTranslated(translate(pattern))), buffer, buffer.length, at, most)
}

describe('opensAt', () => {
  it('tells the case of letters, classes and counted repetitions', () => {
    expect(opens('AB[0-9]{2}c', 'AB12c')).toBe(true)
    expect(opens('AB[0-9]{2}c', 'Ab12c')).toBe(false)
    expect(opens('AB[0-9]{2}c', 'AB1xc')).toBe(false)
    expect(opens('(?i:ab)c', 'aBc')).toBe(true)
  })

  it('looks no further than what every match begins with', () => {
    expect(opens('ab?c', 'ac')).toBe(true)
    expect(opens('a(?:b|c)d', 'acd')).toBe(true)
    expect(opens('a(?:b|c)d', 'axx')).toBe(false)
    // Where the repetition ends cannot be told without trying.
    expect(opens('ab{1,3}[bc]d', 'abx')).toBe(true)
    expect(opens('ab{1,3}[bc]d', 'ax')).toBe(false)
    expect(opens('(?:ab){1,2}d', 'abx')).toBe(true)
    expect(opens('abcd', 'abxx', 0, 2)).toBe(true)
  })

  it('follows a repetition whose end is certain, and each branch', () => {
    const address = '(?:http|https)://[^\\s:@/]{0,9}:([^\\s@/]{2,9})@[a-z]|;pwd=(.{3})'
    expect(opens(address, 'https://a:bc@d')).toBe(true)
    expect(opens(address, 'https://:b:c@d')).toBe(true)
    expect(opens(address, 'https://example.com/a:bc@d')).toBe(false)
    expect(opens(address, 'https://aaaaaaaaaa:bc@d')).toBe(false)
    expect(opens(address, 'https://a:b@d')).toBe(false)
    expect(opens(address, ';pwd=abc')).toBe(true)
  })

  it('knows where a word begins', () => {
    expect(opens('\\bab', 'xab', 1)).toBe(false)
    expect(opens('\\bab', '-ab', 1)).toBe(true)
    expect(opens('\\bab', 'ab')).toBe(true)
    expect(opens('\\b-b', 'x-b', 1)).toBe(true)
  })

  it('needs room for all of it', () => {
    expect(opens('abc', 'ab')).toBe(false)
  })
})
