import { describe, expect, it } from 'vitest'
import type { Coverage, Report } from '../../src/report.ts'
import { renderJunit } from '../../src/reporters/junit.ts'
import { junitDefects } from '../support/junit-schema.ts'
import { chain, fault, finding, hostileReport, report, ruleInfo } from '../support/report.ts'

const covered = (rule: string, status: Coverage['status'] = 'evaluated'): Coverage => ({
  rule,
  scope: 'repo:.',
  status,
  rows: 1,
  undetermined: 0,
})
/** How each case came out, by its name. */
function outcomes(given: Report): Record<string, string> {
  const cases = renderJunit(given).matchAll(/<testcase name="([^"]*)"[^>]*?(?:\/>|>\s*<(\w+))/g)
  return Object.fromEntries([...cases].map(([, name = '', outcome = 'passed']) => [name.split(': Title')[0], outcome]))
}
const DECIDED = ruleInfo('iam/decided')

describe('the junit format', () => {
  it('passes what was decided, and nothing else', () => {
    const gaps = [fault('iam:ListUsers')]
    const limits = [fault('x.bin', { class: 'limit' })]
    const names = [
      'iam/decided',
      'iam/denied',
      'iam/half-denied',
      'iam/limited',
      'iam/not-asked',
      'iam/nothing',
      'iam/odd',
    ]
    const given = report({
      rules: names.map((id) => ruleInfo(id)),
      gaps,
      undetermined: [
        { rule: ruleInfo('iam/denied'), scope: 'aws:1', rows: 1, gaps },
        { rule: ruleInfo('iam/half-denied'), scope: 'aws:2', rows: 1, gaps: [...limits, ...gaps] },
        { rule: ruleInfo('iam/limited'), scope: 'repo:.', rows: 1, gaps: limits },
      ],
      coverage: [
        covered('iam/decided'),
        covered('iam/denied', 'undetermined'),
        covered('iam/half-denied'),
        covered('iam/half-denied', 'undetermined'),
        covered('iam/limited'),
        covered('iam/not-asked', 'not-requested'),
        covered('iam/odd', 'undetermined'),
        covered('iam/odd'),
      ],
    })
    expect(outcomes(given)).toEqual({
      'iam/decided': 'passed',
      'iam/denied': 'error',
      'iam/half-denied': 'error',
      'iam/limited': 'skipped',
      'iam/not-asked': 'skipped',
      'iam/nothing': 'passed',
      'iam/odd': 'error',
      'access denied: iam:ListUsers': 'error',
    })
  })
  it('fails a rule with its places', () => {
    const also = [{ file: 'b.ts', line: 4 }]
    const xml = renderJunit(report({ findings: [finding({ also }), finding({ severity: 'low' }), chain()] }))
    expect(xml).toContain('<testsuites name="zt-audit" tests="2" failures="2" errors="0">')
    expect(xml).toContain('<failure message="Title of secrets/test-key: 1 high, 1 low" type="failure">')
    expect(xml).toContain('high: src/a.ts:3:5: Test key in src/a.ts: tk_****\n  also b.ts:4\n')
    expect(xml).toContain('  - user: mfa disabled: arn:aws:iam::123456789012:user/ann\n')
    expect(xml).toContain('Why: Why it matters.\nFix: How to fix it.')
  })
  it('fails a rule that is undetermined elsewhere, and says both', () => {
    const gaps = [fault('iam:ListUsers')]
    const found = finding()
    const xml = renderJunit(
      report({ findings: [found], gaps, undetermined: [{ rule: found.rule, scope: 'aws:1', rows: 2, gaps }] }),
    )
    expect(xml).toMatch(
      /<failure [\s\S]*Not decided, which is no pass: 2 cases in aws:1, because of\n- access denied: iam:ListUsers/,
    )
  })
  it('passes nothing of an interrupted run', () => {
    const given = report({ rules: [DECIDED], coverage: [covered('iam/decided')], interrupted: true })
    expect(outcomes(given)).toEqual({ 'iam/decided': 'error', 'the whole run': 'error' })
  })
  it('passes a rule whose findings are suppressed or known, and counts them', () => {
    const suppressed = { by: 'inline', reason: 'x', at: 'a:1' } as const
    const list = [finding({ rule: DECIDED, suppressed }), finding({ rule: DECIDED, baseline: 'unchanged' })]
    const given = report({
      findings: list,
      coverage: [covered('iam/decided')],
      hidden: { byConfidence: 0, bySuppression: 1, byPath: 0, byBaseline: 1 },
    })
    expect(outcomes(given)).toEqual({ 'iam/decided': 'passed' })
    expect(renderJunit(given)).toContain('value="1 known from the baseline, 1 suppressed"')
  })
  it('counts what it holds', () => {
    const rules = [DECIDED, ruleInfo('iam/nothing'), ruleInfo('mfa/x')]
    const coverage = [
      covered('iam/decided'),
      covered('iam/nothing', 'not-requested'),
      covered('mfa/x', 'not-requested'),
    ]
    const xml = renderJunit(report({ rules, coverage, gaps: [fault('x')] }))
    expect(
      [...xml.matchAll(/<testsuite name="([^"]*)" tests="(\d+)" failures="(\d+)" errors="(\d+)" skipped="(\d+)"/g)].map(
        (m) => m.slice(1),
      ),
    ).toEqual([
      ['zt-audit.iam', '2', '0', '0', '1'],
      ['zt-audit.mfa', '1', '0', '0', '1'],
      ['zt-audit.not-seen', '1', '0', '1', '0'],
    ])
  })
  it.each([
    ['nothing', report()],
    ['hostile text', hostileReport()],
    [
      'findings, gaps and a clock',
      report({ findings: [finding(), chain()], gaps: [fault('x')], startedAt: '2026-05-06T07:08:09.000Z' }),
    ],
  ])('holds Jenkins’ schema with %s', async (_what, given) => {
    const xml = renderJunit(given)
    expect(await junitDefects(xml)).toEqual([])
    // What XML cannot hold at all, and what people would misread.
    expect(xml).not.toMatch(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]|\u202e/u)
  })
  it('is held to a schema that says no', async () => {
    expect((await junitDefects('<testsuites><testcase/></testsuites>')).length).toBeGreaterThan(0)
    expect((await junitDefects('<testsuites>\u0001</testsuites>')).length).toBeGreaterThan(0)
  })
})
