import { describe, expect, it } from 'vitest'
import { checkDetect, type DetectSource, toDetector } from '../../src/detect/detector.ts'

const pattern: DetectSource = { by: 'pattern', pattern: '\\b(kk_[a-z0-9]{12})\\b', keywords: ['kk_'] }

describe('toDetector', () => {
  it('translates the pattern and fills in what was left out', () => {
    expect(toDetector('a/b', pattern)).toEqual({
      id: 'a/b',
      by: 'pattern',
      pattern: { source: '\\b(kk_[0-9a-z]{12})\\b', flags: '' },
      keywords: ['kk_'],
      minEntropy: 0,
      ignore: [],
      syntaxes: [],
      acceptPlaceholders: false,
      lowEntropy: false,
      priority: 100,
    })
  })

  it('gives rules without keywords those of pairs', () => {
    expect(toDetector('a/b', { by: 'score', keys: '(?i)pin$' })).toMatchObject({
      priority: 10,
      keys: { source: '[Pp][Ii][Nn]$' },
    })
    expect(toDetector('a/b', { by: 'structure' }).keywords).toContain('secret')
  })
})

describe('checkDetect', () => {
  it('finds nothing wrong with a good one', async () => {
    expect(await checkDetect(pattern)).toEqual([])
  })

  it('names every defect, with the part that it stands in', async () => {
    const defects = await checkDetect({
      by: 'structure',
      pattern: 'a(?=b)',
      keys: '(a+)+$',
      ignore: ['ok', '['],
      validator: 'nope',
      syntaxes: ['yaml', 'cobol'],
    })
    expect(defects.map(({ path }) => path)).toEqual(['pattern', 'keys', 'ignore.1', 'validator', 'syntaxes.1'])
    expect(defects[0]?.message).toMatch(/lookaround.*at character 2/)
    expect(defects[1]?.message).toMatch(/exponentially/)
    expect(defects[3]?.message).toMatch(/'nope' is not one of .*jwt/)
  })
})
