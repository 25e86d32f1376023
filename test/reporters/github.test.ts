import { describe, expect, it } from 'vitest'
import { renderGithub } from '../../src/reporters/github.ts'
import { chain, fault, finding, findings, HOSTILE, hostileReport, report, ruleInfo } from '../support/report.ts'

const lines = (...given: Parameters<typeof report>) =>
  renderGithub(report(...given))
    .trimEnd()
    .split('\n')
const annotations = (text: readonly string[]) => text.filter((line) => /^::(error|warning|notice) /.test(line))

describe('the github format', () => {
  it('is one command for a finding, with its place', () => {
    expect(lines({ findings: [finding()] })[0]).toBe(
      '::error file=src/a.ts,line=3,endLine=3,col=5,endColumn=9,title=Title of secrets/test-key (secrets/test-key)::Test key in src/a.ts: tk_****. How to fix it.',
    )
  })
  it.each([
    ['critical', 'error'],
    ['high', 'error'],
    ['medium', 'warning'],
    ['low', 'notice'],
    ['info', 'notice'],
  ] as const)('shows %s as %s', (severity, level) => {
    expect(lines({ findings: findings(1, severity) })[0]).toMatch(new RegExp(`^::${level} file=`))
  })
  it('escapes by the rules of GitHub’s toolkit', () => {
    const rule = ruleInfo('a/b', { title: 'a, b: 100%', remediation: 'one, two: 100%\r\nthree' })
    const [line] = lines({ findings: [finding({ rule, at: { file: 'a,b:c%.ts', line: 1 }, message: '5%' })] })
    expect(line).toBe(
      '::error file=a%2Cb%3Ac%25.ts,line=1,title=a%2C b%3A 100%25 (a/b)::5%25. one, two: 100%25%0D%0Athree',
    )
  })
  it('names no file where there is none, or none in the checkout', () => {
    const old = finding({ at: { file: 'old.ts', line: 1, commit: 'a'.repeat(40) } })
    const other = finding({ at: { file: 'b.ts', line: 1, repository: '../other' } })
    const below = finding({ at: { file: 'b.ts', line: 1, repository: './services/b' } })
    const declared = finding({ at: { resource: 'k8s://-/Role/r', declaredAt: { file: 'r.yaml', line: 4 } } })
    const text = lines({ findings: [chain(), old, other, below, declared] })
    expect(text.slice(0, 5).map((line) => /^::error (?:(file=[^,]*,line=\d+),)?title=/.exec(line)?.[1])).toEqual([
      undefined,
      undefined,
      undefined,
      'file=services/b/b.ts,line=1',
      'file=r.yaml,line=4',
    ])
    expect(text[0]).toContain('(arn:aws:iam::123456789012:user/ann)')
    expect(text[1]).toContain(`(old.ts:1 in commit ${'a'.repeat(10)})`)
    expect(text[2]).toContain('(../other/b.ts:1)')
    expect(text[4]).toContain('(k8s://-/Role/r (r.yaml:4))')
  })
  it('has ten annotations at most, worst first, and counts the rest', () => {
    const text = lines({ findings: [...findings(3, 'critical'), ...findings(30, 'medium')] })
    expect(annotations(text).map((line) => line.split(' ')[0])).toEqual([
      ...Array(3).fill('::error'),
      ...Array(7).fill('::warning'),
      '::notice',
    ])
    expect(text[10]).toBe('::notice title=zt-audit::23 more findings: see the full report')
    expect(annotations(lines({ findings: findings(10, 'low') }))).toHaveLength(10)
  })
  it.each(['critical', 'medium', 'low'] as const)(
    'stays within ten of a level with many %s findings and faults',
    (severity) => {
      const text = annotations(lines({ findings: findings(30, severity), gaps: [fault('iam:ListUsers')] }))
      for (const level of ['error', 'warning', 'notice'])
        expect(text.filter((line) => line.startsWith(`::${level} `)).length).toBeLessThanOrEqual(10)
      expect(text.join('\n')).toMatch(
        /::warning title=zt-audit%3A not everything was seen::1 thing could not be seen: access denied: iam:ListUsers/,
      )
      expect(text.join('\n')).toMatch(/::notice title=zt-audit::2[01] more findings/)
    },
  )
  it('warns of what was not seen without a finding, too', () => {
    const gaps = [fault('iam:ListUsers')]
    const undetermined = [{ rule: ruleInfo('mfa/x'), scope: 'aws:1', rows: 1, gaps }]
    const text = lines({ gaps, undetermined })
    expect(text[0]).toMatch(/^::warning .*1 rule could not be decided, which is no pass$/)
    expect(text.at(-1)).toBe('zt-audit: INCOMPLETE: 1 thing could not be seen')
    expect(lines({ interrupted: true })[0]).toMatch(/^::warning .*interrupted/)
  })
  it('does not list what is suppressed or known', () => {
    const suppressed = { by: 'inline', reason: 'x', at: 'a:1' } as const
    const text = lines({
      findings: [finding({ suppressed }), finding({ baseline: 'unchanged' })],
      hidden: { byConfidence: 1, bySuppression: 1, byPath: 2, byBaseline: 1 },
    })
    expect(annotations(text)).toEqual([])
    expect(text.slice(0, 2)).toEqual([
      'zt-audit: found: no findings',
      'zt-audit: not listed: 1 known from the baseline, 1 suppressed, 1 of low confidence (--min-confidence low), 2 files excluded by config',
    ])
  })
  it('lets no audited text give a command of its own', () => {
    const text = renderGithub(hostileReport())
    const own = text.trimEnd().split('\n')
    expect(own.filter((line) => !/^(::(error|warning|notice) |zt-audit: )/.test(line))).toEqual([])
    expect(own.filter((line) => line.startsWith('zt-audit: ')).join()).not.toContain('##[')
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/)
    expect(own[0]).toContain('%250A,: 💥')
    expect(HOSTILE).toContain('##[error]')
  })
})
