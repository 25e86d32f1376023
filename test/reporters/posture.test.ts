import { expect, it } from 'vitest'
import type { PillarPosture } from '../../src/posture.ts'
import { describePillars } from '../../src/reporters/posture.ts'

function pillar(score: PillarPosture['score'], undetermined: number, critical: number): PillarPosture {
  return {
    pillar: 'Identity',
    score,
    rules: { evaluated: 40, undetermined, notRequested: 0, leftOut: 0, nothingToJudge: 0 },
    findings: { info: 0, low: 0, medium: 0, high: 0, critical },
    suppressed: 0,
    unknowns: [],
  }
}
const words = (each: PillarPosture) => describePillars({ overall: undefined, unknowns: [], pillars: [each] }, false)

it('a pillar that is one number says how many rules are open behind it', () => {
  expect(words(pillar({ least: 6, most: 6 }, 212, 9))).toEqual(['Identity 6 (9 critical, 212 rules not decided)'])
  expect(words(pillar({ least: 6, most: 6 }, 1, 0))).toEqual(['Identity 6 (1 rule not decided)'])
  expect(words(pillar({ least: 6, most: 6 }, 0, 9))).toEqual(['Identity 6 (9 critical)'])
})
it('a range says it by itself', () => {
  expect(words(pillar({ least: 6, most: 40 }, 212, 9))).toEqual(['Identity 6–40 (9 critical)'])
})
