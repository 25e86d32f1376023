import { describe, expect, it } from 'vitest'
import { createSample } from '../../src/detect/sample.ts'
import { detectSources, scanText } from '../support/detection.ts'

const patterns = [...detectSources].filter(([, detect]) => detect.by === 'pattern')

/** What a sample of one rule rightly means to others, too. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  // A token without an end is reported as what it is, and for having no end.
  'secrets/credential-without-expiry': ['secrets/jwt'],
  // A service account's token is a JSON Web Token whose subject says more.
  'secrets/kubernetes-service-account-token': [],
}

describe('built-in rules', () => {
  it('are at least those that are fixed, and more', () => {
    expect(detectSources.size).toBeGreaterThanOrEqual(80)
  })

  it.each(patterns)('%s: a sample is found by this rule and no other', (id, detect) => {
    for (let seed = 0; seed < 5; seed++) {
      const { text } = createSample(detect, seed)
      const rules = scanText(`\n${text}\n`, 'src/config.txt').map((match) => match.rule)
      expect([...new Set(rules)].sort(), text).toEqual([id, ...(ALSO[id] ?? [])].sort())
    }
  })

  it.each(patterns)('%s: a sample is found in a plain assignment', (id, detect) => {
    const { text, value } = createSample(detect, 77)
    // Rules that ask for context have it in the text of their sample.
    const plain = text === value ? `credential = "${value}"\n` : `${text}\n`
    expect(scanText(plain, 'src/main.py').map((match) => match.rule)).toContain(id)
  })
})
