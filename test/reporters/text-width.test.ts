import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import wrapAnsi from 'wrap-ansi'
import type { TextMeasure } from '../../src/reporters/text-measure.ts'
import { isNarrow, setText } from '../../src/reporters/text-width.ts'

/** The measures that a text was set with, in their order: the second is the libraries'. */
async function measuresFor(use: (measure: TextMeasure) => string): Promise<{ text: string; measures: number }> {
  let measures = 0
  const text = await setText((measure) => {
    measures++
    return use(measure)
  })
  return { text, measures }
}

/** The same numbers in each run. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    yield state / 2 ** 32
  }
}

describe('text of one column a character', () => {
  it('is wrapped as the library wraps it', async () => {
    const random = numbers(7)
    const below = (n: number) => Math.floor(random.next().value * n)
    const alphabet = ['a', 'b', 'é', '→', ' ', ' ', ' ', '-', '\n', '’']
    for (let round = 0; round < 3000; round++) {
      const text = Array.from({ length: below(90) }, () => alphabet[below(alphabet.length)]).join('')
      const columns = 1 + below(30)
      for (const hard of [true, false]) {
        const set = await measuresFor((measure) => measure.wrap(text, columns, hard))
        const expected = wrapAnsi(text, columns, { hard, trim: true })
        // A text that fits is not touched but for its ends.
        expect(set.text, JSON.stringify({ text, columns, hard })).toBe(
          text.includes('\n') || text.length > columns ? expected : text.trim(),
        )
        expect(set.measures).toBe(1)
      }
    }
  })
  it('is as wide as it is long, colours aside', async () => {
    const text = '\u001b[1mbold\u001b[22m – “quoted” └─ → é'
    expect(await measuresFor((measure) => String(measure.width(text)))).toEqual({
      text: String(stringWidth(text)),
      measures: 1,
    })
  })
  it('holds no character that is wider or narrower', () => {
    const wrong: string[] = []
    for (let code = 0x20; code < 0x10000; code++) {
      const char = String.fromCharCode(code)
      if (isNarrow(char) && stringWidth(char) !== 1) wrong.push(code.toString(16))
    }
    expect(wrong).toEqual([])
  })
})

describe('other text', () => {
  it.each([
    ['wide', '日本語'],
    ['combining', 'e\u0301'],
    ['emoji', '👩‍👩‍👧'],
    ['invisible', 'a\u200bb'],
    ['soft hyphens', 'a\u00adb'],
  ])('%s characters are measured by the library', async (_name, text) => {
    expect(await measuresFor((measure) => String(measure.width(text)))).toEqual({
      text: String(stringWidth(text)),
      measures: 2,
    })
  })
  it('keeps colours whole where lines break', async () => {
    const text = `\u001b[2m${'word '.repeat(20)}\u001b[22m`
    const set = await measuresFor((measure) => measure.wrap(text, 20, true))
    expect(set).toEqual({ text: wrapAnsi(text, 20, { hard: true, trim: true }), measures: 2 })
  })
})
