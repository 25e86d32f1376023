import { describe, expect, it } from 'vitest'
import { changeRate, characterKinds, entropyOf, wordiness } from '../../src/detect/entropy.ts'
import { createRandom } from '../../src/detect/sample.ts'
import { BASE62 } from '../../src/detect/validators/base-encodings.ts'

describe('entropyOf', () => {
  it.each([
    ['', 0],
    ['aaaa', 0],
    ['abab', 1],
    ['abcd', 2],
    ['0123456789abcdef', 4],
  ])('%s has %d bits per character', (text, bits) => {
    expect(entropyOf(text)).toBeCloseTo(bits)
  })
})

describe('wordiness', () => {
  it('tells names from random text', () => {
    for (const name of [
      'authentication-service',
      'controller_expand_secret_name',
      'serviceAccountTokens',
      'production-database',
    ])
      expect(wordiness(name), name).toBeGreaterThan(0.5)
    const random = createRandom(3)
    const values = Array.from({ length: 200 }, () => random.text(32, BASE62))
    expect(values.filter((value) => wordiness(value) >= 0.5).length).toBeLessThan(6)
  })

  it('says nothing of short texts', () => {
    expect(wordiness('the')).toBe(0)
  })
})

describe('changeRate', () => {
  it('is low for names and high for random text', () => {
    expect(changeRate('camelCaseName')).toBeLessThan(0.2)
    expect(changeRate('x7Kq2ZpA9d')).toBeGreaterThan(0.5)
    expect(changeRate('a')).toBe(0)
  })
})

describe('characterKinds', () => {
  it('names the kinds', () => {
    expect(characterKinds('aB3!')).toEqual({ lower: true, upper: true, digit: true, symbol: true })
    expect(characterKinds(' ')).toEqual({ lower: false, upper: false, digit: false, symbol: false })
  })
})
