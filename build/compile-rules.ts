// Checks every built-in rule and writes the bundle's rules.json, what the program reads at start-up instead of YAML, and rule-notes.json, what `explain` reads.
import { writeFile } from 'node:fs/promises'
import { checkDetect, toDetector } from '../src/detect/detector.ts'
import { loadRules } from '../src/engine/load.ts'
import { RuleError } from '../src/errors.ts'
import { catalogue } from '../src/facts/catalogue.ts'
import type { BundledRule, RuleNotes } from '../src/rule-packs.ts'

try {
  const rules = await loadRules('rules', catalogue, checkDetect)
  const bundled: BundledRule[] = rules.map(({ id, source: { example: _, ...source } }) => ({
    id,
    source: { ...source, tests: [] },
    ...(source.detect && { detector: toDetector(id, source.detect) }),
  }))
  await writeFile('dist.part/rules.json', JSON.stringify(bundled))
  // Facts of tests stay out: `rules test` reads the YAML, which is in the package, too.
  const notes = rules.map(({ id, source: { tests, example } }): [string, RuleNotes] => [
    id,
    { tests: tests.map(({ facts, gaps, ...shown }) => shown), ...(example && { example }) },
  ])
  await writeFile('dist.part/rule-notes.json', JSON.stringify(Object.fromEntries(notes)))
} catch (error) {
  if (!(error instanceof RuleError)) throw error
  console.error(error.message)
  process.exit(1)
}
