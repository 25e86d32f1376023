import { toDetector } from './detect/detector.ts'
import { createSample } from './detect/sample.ts'
import type { LoadedRule } from './engine/load.ts'
import type { RuleTestContext } from './rule-tests.ts'
import { scanText } from './scanners/secrets/index.ts'

/** Texts in the tests of secrets rules are scanned as a file would be, with the rule's own detector. */
export const textTests: Pick<RuleTestContext, 'scanText' | 'sampleOf'> = {
  scanText: async (rule, path, text) => scanText([toDetector(rule.id, detectOf(rule))], path, text),
  sampleOf: async (rule, seed) => createSample(detectOf(rule), seed).value,
}

function detectOf({ id, source }: Pick<LoadedRule, 'id' | 'source'>): NonNullable<LoadedRule['source']['detect']> {
  if (!source.detect) throw new Error(`${id} has tests with text, but no detect block`)
  return source.detect
}
