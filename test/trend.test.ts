import { describe, expect, it } from 'vitest'
import { parseReport } from '../src/diff.ts'
import { render } from '../src/render.ts'
import type { Report } from '../src/report.ts'
import { countUnseen } from '../src/reporters/html/unseen.ts'
import { comparisonOf } from '../src/trend.ts'
import { fault, finding, NOT_ASKED, REPOSITORY, report, ruleInfo } from './support/report.ts'

const kept = finding({ kin: 'kept' })
const gone = finding({ kin: 'gone', severity: 'critical', message: 'a key' })
const added = finding({ kin: 'added', severity: 'low' })
const rules = [ruleInfo('secrets/test-key')]
const coverage = [{ rule: 'secrets/test-key', scope: 'repo:.', status: 'evaluated', rows: 2, undetermined: 0 }] as const
const before = report({ findings: [gone, kept], rules, coverage, gaps: [fault('iam:ListUsers')] })
const now = report({ findings: [kept, added], rules, coverage })

async function earlier(given: Report) {
  return { name: 'monday.json', report: parseReport('monday.json', await render(given, 'json')) }
}

describe('a run beside earlier ones', () => {
  it('tells what is new and fixed, and how numbers went', async () => {
    const result = comparisonOf([await earlier(before)], await render(now, 'json'))
    expect([...result.news]).toEqual([[added.fingerprint, 'new']])
    expect(result.fixed).toEqual([
      { ruleId: 'secrets/test-key', severity: 'critical', title: 'Title of secrets/test-key', message: 'a key' },
    ])
    expect(result.unseen).toEqual([])
    expect(result.unchanged).toBe(1)
    expect(
      result.trend.map(({ name, bySeverity: { critical, high, low }, unseen }) => [name, critical, high, low, unseen]),
    ).toEqual([
      ['monday.json', 1, 1, 0, 1],
      ['this run', 0, 1, 1, 0],
    ])
  })
  it('counts what was not seen as the page does', async () => {
    const gaps = [fault('iam:ListUsers'), fault('iam:ListUsers'), fault('x', { class: 'limit' })]
    const undetermined = [
      { rule: ruleInfo('mfa/x'), scope: 'aws:1', rows: 2, gaps: gaps.slice(0, 1) },
      { rule: ruleInfo('mfa/x'), scope: 'aws:2', rows: 1, gaps: gaps.slice(0, 1) },
      { rule: ruleInfo('iam/y'), scope: 'aws:1', rows: 1, gaps: gaps.slice(2) },
    ]
    const targets = [REPOSITORY, { ...REPOSITORY, kind: 'aws', complete: false } as const, NOT_ASKED]
    for (const interrupted of [false, true]) {
      const blind = report({ gaps, undetermined, targets, interrupted })
      const { trend } = comparisonOf([await earlier(before)], await render(blind, 'json'))
      expect(trend.at(-1)?.unseen).toBe(countUnseen(blind))
      expect(trend.at(-1)?.unseen).toBe(interrupted ? 4 : 3)
    }
  })
  it('does not take for fixed what was not looked at', async () => {
    const result = comparisonOf([await earlier(before)], await render({ ...now, coverage: [] }, 'json'))
    expect(result.fixed).toEqual([])
    expect(result.unseen).toHaveLength(1)
  })
  it('stands in the page', async () => {
    const page = await render(now, 'html', { earlier: [await earlier(before)] })
    expect(page).toContain('<h2 id="trend-title">Since monday.json</h2>')
    expect(page).toContain('<span class="badge news">new</span>')
    expect(page).toContain('<h3>Fixed (1)</h3>')
    expect(await render(now, 'html')).not.toContain('id="trend"')
  })
})
