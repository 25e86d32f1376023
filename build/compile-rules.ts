// Checks every built-in rule and writes the bundle's rules.json: what the program reads at start-up instead of YAML.
import { writeFile } from 'node:fs/promises'
import { checkDetect, toDetector } from '../src/detect/detector.ts'
import { loadRules } from '../src/engine/load.ts'
import { RuleError } from '../src/errors.ts'
import { catalogue } from '../src/facts/catalogue.ts'
import type { BundledRule } from '../src/rule-packs.ts'

try {
  const rules = await loadRules('rules', catalogue, checkDetect)
  const bundled: BundledRule[] = rules.map(({ id, source }) => {
    // Of the tests only the names are kept, for `explain`; `rules test` reads the YAML, which is in the package, too.
    const tests = source.tests.map(({ name, finds, because }) => ({
      name,
      finds,
      ...(because !== undefined && { because }),
    }))
    return { id, source: { ...source, tests }, ...(source.detect && { detector: toDetector(id, source.detect) }) }
  })
  await writeFile('dist.part/rules.json', JSON.stringify(bundled))
} catch (error) {
  if (!(error instanceof RuleError)) throw error
  console.error(error.message)
  process.exit(1)
}
