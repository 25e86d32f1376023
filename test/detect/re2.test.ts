import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { widthOf } from '../../src/detect/extent.ts'
import { PatternError, parseTranslated, translate } from '../../src/detect/re2.ts'

interface Case {
  readonly pattern: string
  readonly text?: string
  /** Start and end of all groups; null without a match. */
  readonly match: readonly number[] | null
  readonly error?: string
}
const cases = JSON.parse(readFileSync('test/fixtures/re2/cases.json', 'utf8')) as Case[]

/** Refused here though Go has them: bytes cannot express classes of Unicode. */
const UNSUPPORTED = /\\[pP]/

describe('translate', () => {
  it('matches what RE2 matches, group by group', () => {
    const differing = cases
      .filter(({ error, pattern }) => !error && !UNSUPPORTED.test(pattern))
      .filter(({ pattern, text = '', match }) => {
        const { source, flags } = translate(pattern)
        const found = new RegExp(source, `${flags}d`).exec(text)
        // A group inside a repetition: JavaScript forgets it at each round. Only the match itself counts there.
        const spans = found && [...(found.indices ?? [])].flatMap((span) => span ?? [-1, -1])
        const compared = /[*+?}]/.test(pattern) ? 2 : (match?.length ?? 0)
        return JSON.stringify(spans?.slice(0, compared) ?? null) !== JSON.stringify(match?.slice(0, compared) ?? null)
      })
    expect(differing).toEqual([])
    expect(cases.length).toBeGreaterThan(1500)
  })

  it.each(cases.filter(({ error }) => error).map(({ pattern, error }) => [pattern, error]))(
    'refuses %s as RE2 does (%s)',
    (pattern) => {
      expect(() => translate(pattern)).toThrow(PatternError)
    },
  )

  it('says what to do instead of lookaround, and where it stands', () => {
    const error = catchError(() => translate('abc(?=d)'))
    expect(error.message).toMatch(/lookaround.*capture the value in a group/)
    expect(error.offset).toBe(3)
  })

  it('needs no flags and no inline modifiers, which Node 20 does not know', () => {
    for (const { pattern, error } of cases) {
      if (error || UNSUPPORTED.test(pattern)) continue
      const { source, flags } = translate(pattern)
      expect(flags).toBe('')
      expect(source).not.toMatch(/\(\?[a-z]*-?[a-z]*:(?<!\(\?:)/)
    }
  })

  it('reads what it wrote: widths stay the same', () => {
    for (const { pattern, error } of cases) {
      if (error || UNSUPPORTED.test(pattern)) continue
      const once = translate(pattern)
      const node = parseTranslated(once)
      const match = new RegExp(once.source).exec('abAB0_x- kc].')
      if (match) {
        const { min, max } = widthOf(node)
        expect(match[0].length).toBeGreaterThanOrEqual(min)
        expect(match[0].length).toBeLessThanOrEqual(max)
      }
    }
  })

  it('takes literals beyond ASCII as their UTF-8 bytes', () => {
    const { source } = translate('clé=(\\w+)')
    expect(new RegExp(source).exec(Buffer.from('clé=x').toString('latin1'))?.[1]).toBe('x')
  })

  it('refuses classes beyond ASCII with a reason', () => {
    expect(() => translate('[é-ü]')).toThrow(/bytes/)
    expect(() => translate('\\p{Greek}')).toThrow(/bytes/)
  })

  it('does not overflow on deep nesting', () => {
    expect(() => translate(`${'('.repeat(5000)}a${')'.repeat(5000)}`)).toThrow(/nested too deeply/)
  })
})

function catchError(run: () => unknown): PatternError {
  try {
    run()
  } catch (error) {
    if (error instanceof PatternError) return error
  }
  throw new Error('no PatternError was thrown')
}
