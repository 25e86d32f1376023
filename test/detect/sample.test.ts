import { describe, expect, it } from 'vitest'
import { createRandom, createSample } from '../../src/detect/sample.ts'

describe('createSample', () => {
  const detect = { by: 'pattern', pattern: '(?i:acme)_key\\s=\\s"(ak_[A-Za-z0-9]{20})"', keywords: ['acme'] } as const

  it('gives the value and the text around it that the pattern asks for', () => {
    const { text, value } = createSample(detect, 1)
    expect(value).toMatch(/^ak_[A-Za-z0-9]{20}$/)
    expect(text.toLowerCase()).toBe(`acme_key = "${value}"`.toLowerCase())
  })

  it('is the same for the same seed, another for another', () => {
    expect(createSample(detect, 1)).toEqual(createSample(detect, 1))
    expect(createSample(detect, 1).value).not.toBe(createSample(detect, 2).value)
  })

  it('says which pattern nothing fits', () => {
    expect(() => createSample({ ...detect, minEntropy: 7 }, 1)).toThrow(/no value fits/)
  })

  it('has an alphabet that is used up evenly', () => {
    const text = createRandom(9).text(10_000, 'abcd')
    for (const letter of 'abcd') expect(text.split(letter).length - 1).toBeGreaterThan(2200)
  })
})
