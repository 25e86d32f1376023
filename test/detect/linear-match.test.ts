import { describe, expect, it } from 'vitest'
import { linearPattern } from '../../src/detect/linear-match.ts'
import { parsePattern } from '../../src/detect/re2-syntax.ts'
import { requiredText } from '../../src/detect/required-text.ts'

describe('a pattern in linear time', () => {
  it.each([
    ['abc', 'xxabcx', true],
    ['abc', 'xxabx', false],
    ['', '', true],
    ['^abc$', 'abc', true],
    ['^abc$', 'abcd', false],
    ['a|bc|d', 'xbc', true],
    ['(?:a|b)+c', 'ababc', true],
    ['^a{2,3}$', 'aaa', true],
    ['^a{2,3}$', 'aaaa', false],
    ['^a{2,3}$', 'a', false],
    ['^a{2,}$', 'aaaaaa', true],
    ['^(?:ab)*$', 'ababa', false],
    ['^(?:a*)*$', 'aaab', false],
    ['\\bkey\\b', 'my key is', true],
    ['\\bkey\\b', 'monkeys', false],
    ['(?i)SECRET', 'my secret', true],
    ['(?m)^b$', 'a\nb\nc', true],
    ['^b$', 'a\nb\nc', false],
    ['(.*?)(jpg|gif)$', 'a/b.gif', true],
    ['[^0-9]$', '12', false],
    ['a?b??c', 'c', true],
  ])('%s on %o is %s', (pattern, text, matches) => {
    expect(linearPattern(pattern).test(text)).toBe(matches)
  })
  it('agrees with JavaScript on many texts', () => {
    for (const source of ['(a|b)*abb', 'a(b?c){1,3}$', '^(?:a|ab)(?:c|bcd)(?:d*)$', 'b+?a\\b', '[ab]{3}c*']) {
      const other = new RegExp(source)
      const mine = linearPattern(source)
      for (let i = 0; i < 3 ** 6; i++) {
        const text = i.toString(4).replace(/\d/g, (digit) => 'abcd'[Number(digit)] ?? '')
        expect(`${source} ${text} ${mine.test(text)}`).toBe(`${source} ${text} ${other.test(text)}`)
      }
    }
  })
  it('does not care for hostile ones', () => {
    expect(linearPattern('^(?:(?:a+)+)+$').test(`${'a'.repeat(4000)}b`)).toBe(false)
    expect(() => linearPattern('(?:a{1000}){1000}')).toThrow()
  })
})

describe('words that every match holds', () => {
  it.each([
    ['ACME-[0-9]{8}', ['acme-']],
    ['(?i)acme_key\\s*=\\s*([a-z]{9})', ['acme_key']],
    ['(?:foo_|barr_)[0-9]+', ['foo_', 'barr_']],
    ['(?:x[0-9]|barr_)[0-9]+', undefined],
    ['[0-9a-f]{32}', undefined],
    ['(?:token_)?[0-9]{20}', undefined],
    ['(?:token_){2}[0-9]{20}', ['token_']],
    ['ab[0-9]longer', ['longer']],
  ])('%s: %o', (pattern, words) => {
    expect(requiredText(parsePattern(pattern))).toEqual(words)
  })
})
