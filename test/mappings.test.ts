import { describe, expect, it } from 'vitest'
import { checkDetect } from '../src/detect/detector.ts'
import { loadRules } from '../src/engine/load.ts'
import { catalogue } from '../src/facts/catalogue.ts'
import { CAPABILITIES, PILLARS } from '../src/model.ts'

const rules = (await loadRules('rules', catalogue, checkDetect)).map(({ compiled }) => compiled.info)

describe('every rule', () => {
  it('belongs to a pillar, and to capabilities of the model only', () => {
    expect(rules.filter(({ pillar }) => !PILLARS.includes(pillar)).map(({ id }) => id)).toEqual([])
    expect(
      rules.flatMap(({ capabilities = [] }) => capabilities).filter((each) => !CAPABILITIES.includes(each)),
    ).toEqual([])
  })
  it('serves at least one tenet of NIST SP 800-207, of which there are seven', () => {
    expect(rules.filter(({ mappings }) => (mappings.nist ?? []).length === 0).map(({ id }) => id)).toEqual([])
    const tenets = new Set(rules.flatMap(({ mappings }) => mappings.nist ?? []))
    expect([...tenets].filter((tenet) => !/^tenet [1-7]$/.test(tenet))).toEqual([])
  })
  it('names benchmarks with their version, and no control twice', () => {
    const controls = rules.flatMap(({ id, mappings }) => (mappings.cis ?? []).map((control) => ({ id, control })))
    const form =
      /^(?:AWS Foundations v\d+\.\d+\.\d+|Kubernetes v\d+\.\d+\.\d+|GitHub v\d+\.\d+\.\d+|EKS v\d+\.\d+\.\d+) \d+(?:\.\d+)+$/
    expect(controls.filter(({ control }) => !form.test(control))).toEqual([])
    for (const { mappings } of rules) expect(new Set(mappings.cis).size).toBe((mappings.cis ?? []).length)
  })
  it('each capability is asked about by some rule', () => {
    const asked = new Set(rules.flatMap(({ capabilities = [] }) => capabilities))
    expect(CAPABILITIES.filter((each) => !asked.has(each))).toEqual([])
  })
  it('can be at its gravest what its severity says, or worse', () => {
    const graver = rules.find(({ id }) => id === 'mfa/console-user-without-mfa')
    expect([graver?.severity, graver?.gravest]).toEqual(['high', 'critical'])
  })
})
