import { describe, expect, it } from 'vitest'
import { type Suppression, triage } from '../../src/engine/triage.ts'
import type { Confidence } from '../../src/model.ts'
import type { Finding } from '../../src/report.ts'

function finding(line: number, rule = 'secrets/x', confidence: Confidence = 'high', also: number[] = []): Finding {
  return {
    rule: {
      id: rule,
      title: '',
      severity: 'high',
      confidence,
      pillar: 'Data',
      description: '',
      remediation: '',
      references: [],
      mappings: {},
    },
    severity: 'high',
    confidence,
    message: '',
    at: { file: 'a.ts', line },
    also: also.map((other) => ({ file: 'a.ts', line: other })),
    scope: 'repo:.',
    evidence: {},
    links: [],
    properties: {},
    assumptions: [],
    fingerprint: `v1:${line}`,
    kin: '',
  }
}
function atLine(line: number, more: Partial<Suppression> = {}): Suppression {
  const covers: Suppression['covers'] = (place) => 'file' in place && place.line === line
  return { by: 'inline', rules: ['secrets/x'], reason: 'r', at: `a.ts:${line}`, covers, ...more }
}
const run = (findings: Finding[], suppressions: Suppression[], minConfidence: Confidence = 'medium') =>
  triage(findings, { suppressions, minConfidence, today: '2026-06-01', ran: () => true })

describe('triage', () => {
  it('marks what a suppression covers and keeps the rest', () => {
    const { findings, notices } = run([finding(1), finding(2)], [atLine(1)])
    expect(findings.map((f) => f.suppressed?.reason)).toEqual(['r', undefined])
    expect(notices).toEqual([])
  })
  it('takes an area for all of its rules, and no other rule', () => {
    const rules = ['secrets']
    const { findings } = run([finding(1), finding(1, 'iam/y')], [atLine(1, { rules })])
    expect(findings.map((f) => f.suppressed !== undefined)).toEqual([true, false])
  })
  it('lets findings of an expired suppression count again, and says so', () => {
    const { findings, notices } = run([finding(1)], [atLine(1, { expires: '2026-06-01' })])
    expect(findings[0]?.suppressed).toBeUndefined()
    expect(notices.join()).toContain('expired on 2026-06-01')
  })
  it('says which suppression matches nothing', () => {
    expect(run([finding(1)], [atLine(2)]).notices.join()).toContain(
      'a.ts:2: the suppression of secrets/x matches nothing',
    )
  })
  it('does not hide a second place of a known secret', () => {
    expect(run([finding(1, 'secrets/x', 'high', [2])], [atLine(1)]).findings[0]?.suppressed).toBeUndefined()
    expect(run([finding(1, 'secrets/x', 'high', [2])], [atLine(1), atLine(2)]).findings[0]?.suppressed).toBeDefined()
  })
  it('counts what is below the confidence asked for', () => {
    expect(run([finding(1, 'secrets/x', 'low'), finding(2)], [])).toMatchObject({
      hidden: [expect.anything()],
      findings: [{ at: { line: 2 } }],
    })
    expect(run([finding(1, 'secrets/x', 'low')], [], 'low').findings).toHaveLength(1)
  })
})
