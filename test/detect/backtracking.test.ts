import { describe, expect, it } from 'vitest'
import { checkBacktracking } from '../../src/detect/backtracking.ts'
import { effortOf } from '../../src/detect/effort.ts'
import { translate } from '../../src/detect/re2.ts'
import { parsePattern } from '../../src/detect/re2-syntax.ts'

const check = (pattern: string, keywords: readonly string[] = ['key', '"key"']) =>
  checkBacktracking(translate(pattern), keywords)

describe('checkBacktracking', () => {
  it.each([
    ['a fixed format', '\\b(key_[A-Za-z0-9]{36})\\b'],
    ['context and a bounded value', '(?i:key)[\\w.-]{0,20}["\']{0,2}\\s{0,5}[:=]\\s{0,5}["\']?([0-9a-f]{32})'],
    ['a value without a bound that its neighbours end', 'key"\\s*:\\s*"([^"]+)"'],
    ['a lazy search for the end of a block', 'key-----[\\s\\S]{40,}?-----end'],
  ])('takes %s without asking the slow checker', async (_, pattern) => {
    const start = performance.now()
    expect(await check(pattern)).toBeUndefined()
    expect(performance.now() - start).toBeLessThan(100)
  })

  it('refuses what backtracks exponentially', async () => {
    expect(await check('key(a+)+$')).toMatch(/exponentially/)
  })

  it('refuses a polynomial over an unbounded window, and says what to do', async () => {
    expect(await check('key.*a.*b.*c.*d')).toMatch(/bound its repetitions|bounded time/)
  })

  it('accepts the same within bounds', async () => {
    expect(await check('key.{0,30}a.{0,30}b')).toBeUndefined()
  })
})

describe('effortOf', () => {
  const ways = (pattern: string) => effortOf(parsePattern(pattern), 1000).ways

  it('sees that a repetition ends by itself where what follows cannot belong to it', () => {
    expect(ways('[^:]*:')).toBe(1)
    expect(ways('[a-z]*[0-9]')).toBe(1)
    expect(ways('[a-z]*x')).toBe(1001)
    expect(ways('(?:ab)?c')).toBe(1)
  })

  it('sees that words exclude each other, unless one begins the other', () => {
    expect(ways('(?:secret|token)')).toBe(1)
    expect(ways('(?:pass|password)')).toBe(2)
  })

  it('is no less than what a matcher really does', () => {
    expect(effortOf(parsePattern('(?:a|ab)(?:c|bcd)(?:d*)x'), 10).steps).toBeGreaterThan(10)
  })
})
