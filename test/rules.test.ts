import { describe, expect, it } from 'vitest'
import { loadRules } from '../src/engine/load.ts'
import { catalogue } from '../src/facts/catalogue.ts'
import { runRuleTests } from '../src/rule-tests.ts'

const rules = await loadRules('rules', catalogue, async () => [])

describe.each(rules.map((rule) => [rule.id, rule] as const))('%s', (_id, rule) => {
  it('does what its tests say', async () => {
    const failed = []
    const textTests = { scanText: async () => ({ facts: [], gaps: [] }), sampleOf: async () => 'x' }
    for await (const result of runRuleTests([rule], { catalogue, ...textTests })) {
      if (result.problems.length > 0) failed.push(result)
    }
    expect(failed).toEqual([])
  })
})
