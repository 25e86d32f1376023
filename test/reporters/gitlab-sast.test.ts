import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/report.ts'
import { renderGitlabSast } from '../../src/reporters/gitlab-sast.ts'
import { defectsOf } from '../support/gitlab-schema.ts'
import { chain, fault, finding, hostileReport, NOT_ASKED, REPOSITORY, report, ruleInfo } from '../support/report.ts'

function render(given: Report) {
  const text = renderGitlabSast(given)
  expect(defectsOf('sast', text)).toEqual([])
  return JSON.parse(text)
}
const iam = (more: Parameters<typeof finding>[0] = {}) => finding({ id: 'iam/test', ...more })

describe('the gitlab-sast format', () => {
  it('holds every rule outside of secrets/, chains included', () => {
    const { vulnerabilities } = render(report({ findings: [chain(), iam(), finding()] }))
    expect(vulnerabilities.map((v: { name: string }) => v.name)).toEqual([
      'Title of chain/leaked-key',
      'Title of iam/test',
    ])
  })
  it('tells what a finding is, and where', () => {
    const [v] = render(report({ findings: [iam({ severity: 'info' })] })).vulnerabilities
    expect(v).toMatchObject({
      severity: 'Info',
      solution: 'How to fix it.',
      identifiers: [
        { type: 'zt_audit_rule', value: 'iam/test' },
        { type: 'cwe', name: 'CWE-798', value: '798', url: 'https://cwe.mitre.org/data/definitions/798.html' },
      ],
      links: [{ url: 'https://example.com/reference' }],
      location: { file: 'src/a.ts', start_line: 3, end_line: 3 },
    })
  })
  it('has the same id for the same finding, another for another', () => {
    const [a, b] = [iam(), iam()]
    const ids = (list: (typeof a)[]) =>
      render(report({ findings: list })).vulnerabilities.map((v: { id: string }) => v.id)
    const [first, second] = ids([a, b])
    expect(first).not.toBe(second)
    expect(ids([b, { ...a, at: { file: 'moved.ts', line: 90 } }])).toEqual([second, first])
    expect(new Set(ids([a, a, a])).size).toBe(3)
    expect(first).toMatch(/^.{14}8.{4}[89ab]/)
  })
  it('anchors what has no file, and tells the chain', () => {
    const [v] = render(report({ findings: [chain()] })).vulnerabilities
    expect(v.location).toEqual({ file: '.env', start_line: 1 })
    expect(v.details.place.value).toBe('arn:aws:iam::123456789012:user/ann')
    expect(v.details.chain.items.map((item: { value: string }) => item.value)).toEqual([
      'leak: .env:1',
      'user: mfa disabled: arn:aws:iam::123456789012:user/ann',
    ])
  })
  it('prints a fixed time without a clock, else the clock', () => {
    expect(render(report()).scan).toMatchObject({ start_time: '1970-01-01T00:00:00', end_time: '1970-01-01T00:00:00' })
    expect(render(report({ startedAt: '2026-05-06T07:08:09.123Z' })).scan.start_time).toBe('2026-05-06T07:08:09')
  })
  it('is a success only if all that was asked for was seen', () => {
    const statusOf = (more: Partial<Report>) => render(report(more)).scan.status
    expect(statusOf({})).toBe('success')
    expect(statusOf({ interrupted: true })).toBe('failure')
    expect(statusOf({ targets: [REPOSITORY, { ...NOT_ASKED, asked: true, detail: 'no credentials' }] })).toBe('failure')
    expect(statusOf({ targets: [{ ...REPOSITORY, complete: false }] })).toBe('failure')
    // A single file that could not be read is a message, no failed scan.
    expect(statusOf({ gaps: [fault('a.json: EACCES')] })).toBe('success')
  })
  it('says what was not seen', () => {
    const gaps = [fault('iam:ListUsers'), fault('x.bin', { class: 'limit', reason: 'file too large' })]
    const undetermined = [
      { rule: ruleInfo('mfa/x'), scope: 'aws:1', rows: 1, gaps },
      { rule: ruleInfo('secrets/x'), scope: 'aws:1', rows: 1, gaps },
    ]
    const { messages } = render(report({ gaps, undetermined, partial: { by: 'since', ref: 'main', files: 2 } })).scan
    expect(messages.map(({ level, value }: { level: string; value: string }) => `${level}: ${value}`)).toEqual([
      'warn: Incomplete: 1 thing could not be seen',
      'warn: Not seen: access denied: iam:ListUsers',
      'warn: Undetermined: mfa/x, because of access denied: iam:ListUsers',
      'warn: Partial: only what changed since main was judged (2 files): a finding that is missing here need not be fixed',
      'info: Not looked into: file too large: x.bin',
      'info: Not audited: AWS account (--aws)',
    ])
  })
  it('bounds names, lists and messages', () => {
    const rule = ruleInfo('iam/long', {
      title: 'x'.repeat(400),
      remediation: '💥'.repeat(9000),
      references: ['javascript:alert(1)', 'https://example.com'],
      mappings: { cwe: Array.from({ length: 40 }, (_, i) => `CWE-${i}`) },
    })
    const gaps = Array.from({ length: 200 }, (_, i) => fault(`call ${i}`))
    const { scan, vulnerabilities } = render(report({ findings: [finding({ rule })], gaps }))
    expect(vulnerabilities[0].identifiers).toHaveLength(20)
    expect(vulnerabilities[0].links).toEqual([{ url: 'https://example.com' }])
    expect(vulnerabilities[0].solution).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/)
    expect(scan.messages.map(({ value }: { value: string }) => value)).toContain('150 more of these')
  })
  it('renders hostile text as text: GitLab reads descriptions as Markdown', () => {
    const { vulnerabilities } = render(hostileReport())
    expect(vulnerabilities).toHaveLength(2)
    for (const { description } of vulnerabilities) {
      expect(description).toContain('&lt;img')
      expect(description).toContain('@&#8203;octocat')
      expect(description).not.toMatch(/\u202e|\u001b/)
    }
  })
})
