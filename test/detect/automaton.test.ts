import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { createAutomaton } from '../../src/detect/automaton.ts'
import { createRandom } from '../../src/detect/sample.ts'

/** Occurrences the slow way, as `keyword@position`. */
function search(keywords: readonly string[], text: string): string[] {
  const lower = text.toLowerCase()
  const found = keywords.flatMap((keyword, index) => {
    const places: string[] = []
    for (let at = lower.indexOf(keyword); at >= 0; at = lower.indexOf(keyword, at + 1)) places.push(`${index}@${at}`)
    return places
  })
  return found.sort()
}

function find(keywords: readonly string[], text: string): string[] {
  const buffer = Buffer.from(text, 'latin1')
  const { count, keywords: indices, positions } = createAutomaton(keywords).find(buffer, buffer.length)
  return Array.from({ length: count }, (_, i) => `${indices[i]}@${positions[i]}`).sort()
}

describe('createAutomaton', () => {
  it('finds what a search for each keyword finds, in any text', () => {
    const random = createRandom(1)
    for (let round = 0; round < 200; round++) {
      const keywords = [...new Set(Array.from({ length: 12 }, () => random.text(1 + random.integer(5), 'abc-')))]
      const text = random.text(300, 'abcABC-x\n')
      expect(find(keywords, text)).toEqual(search(keywords, text))
    }
  })

  it('finds keywords that lie within and across one another', () => {
    expect(find(['he', 'she', 'hers', 'ers'], 'uSHErs')).toEqual(['0@2', '1@1', '2@2', '3@3'])
  })

  it('folds the case of ASCII letters only', () => {
    expect(find(['k['], 'K[ K{ \u00cb[')).toEqual(['0@0'])
  })

  it('reads no further than the given length', () => {
    const buffer = Buffer.from('secret secret')
    expect(createAutomaton(['secret']).find(buffer, 12).count).toBe(1)
  })

  it('reports more hits than its first arrays hold', () => {
    const buffer = Buffer.from('ab'.repeat(100_000))
    const hits = createAutomaton(['ab', 'b']).find(buffer, buffer.length)
    expect(hits.count).toBe(200_000)
    expect(hits.positions[hits.count - 1]).toBe(199_999)
  })

  it('starts afresh at each call', () => {
    const automaton = createAutomaton(['abc'])
    automaton.find(Buffer.from('xab'), 3)
    expect(automaton.find(Buffer.from('c'), 1).count).toBe(0)
  })

  it('takes more states than fit into 16 bits', () => {
    const random = createRandom(2)
    const keywords = Array.from({ length: 1500 }, () => random.text(12, 'abcdefghijklmnopqrstuvwxyz0123456789_'))
    const text = `${random.text(50, 'xyz')}${keywords[700]}${random.text(50, 'xyz')}`
    expect(find(keywords, text)).toContain('700@50')
  })

  it('refuses an empty keyword', () => {
    expect(() => createAutomaton(['a', ''])).toThrow(RangeError)
  })

  it('finds nothing without keywords', () => {
    expect(find([], 'anything')).toEqual([])
  })
})
