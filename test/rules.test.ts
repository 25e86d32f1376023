import { describe, expect, it } from 'vitest'
import { checkDetect } from '../src/detect/detector.ts'
import { loadRules } from '../src/engine/load.ts'
import { catalogue } from '../src/facts/catalogue.ts'
import { runRuleTests } from '../src/rule-tests.ts'
import { textTests } from '../src/text-tests.ts'

const rules = await loadRules('rules', catalogue, checkDetect)

describe.each(rules.map((rule) => [rule.id, rule] as const))('%s', (_id, rule) => {
  it('does what its tests say', async () => {
    const failed = []
    for await (const result of runRuleTests([rule], { catalogue, ...textTests })) {
      if (result.problems.length > 0) failed.push(result)
    }
    expect(failed).toEqual([])
  })
})
