import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import type { Finding, Report } from '../../src/report.ts'
import { renderPretty } from '../../src/reporters/pretty.ts'

const RULE = {
  id: 'secrets/test-key',
  title: 'Test key in the source',
  severity: 'high',
  confidence: 'high',
  pillar: 'Data',
  description: 'Whoever reads the repository can use it, and nobody can tell who did. '.repeat(2),
  remediation: 'Revoke it and load it from the environment.',
  references: [
    'https://example.com/a/very/long/address/that/must/not/be/broken/in/two/pieces/since/nobody/could/follow/it',
  ],
  mappings: {},
} as const

function finding(line: number, more: Partial<Finding> = {}): Finding {
  return {
    rule: RULE,
    severity: 'high',
    confidence: 'high',
    message: `Test key in src/a.ts: tk_****`,
    at: { file: 'src/a.ts', line, column: 10, endLine: line, endColumn: 17 },
    also: [],
    scope: 'repo:.',
    evidence: {},
    links: [],
    properties: {},
    assumptions: [],
    fingerprint: `v1:${line}`,
    kin: '',
    excerpt: { startLine: line - 1, lines: ['// 日本', "const k='*******' // end", ''] },
    ...more,
  }
}
function report(more: Partial<Report> = {}): Report {
  return {
    tool: { name: 'zt-audit', version: '0' },
    targets: [
      { kind: 'repository', name: '.', audited: true, detail: '3 files', scope: 'repo:.', complete: true },
      {
        kind: 'aws',
        name: 'AWS account',
        audited: false,
        asked: false,
        detail: 'not audited; ask with --aws',
        scope: '',
        complete: false,
      },
    ],
    findings: [finding(10)],
    undetermined: [],
    gaps: [],
    coverage: [],
    rules: [RULE],
    skipped: [],
    hidden: { byConfidence: 2, bySuppression: 0, byPath: 0, byBaseline: 0 },
    notices: [],
    interrupted: false,
    minConfidence: 'medium',
    ...more,
  }
}
const render = (given: Report, width = 80, verbose = false) => renderPretty(given, { color: 0, width, verbose })

describe('the pretty report', () => {
  it('counts what was skipped, and lists it if asked to, with control characters as escapes', async () => {
    const skipped = [
      { reason: 'provider rules only', count: 2, paths: ['vendor/a\u001b.js'] },
      { reason: 'excluded by config', count: 1, paths: ['gen/b.js'] },
    ] as const
    const short = await render(report({ skipped }), 120)
    expect(short).toContain('skipped     2 vendored, generated or lock files (provider rules only)\n')
    expect(short).not.toContain('vendor/a')
    const long = await render(report({ skipped }), 120, true)
    expect(long).toContain('  - vendor/a\\u001b.js\n  - and 1 more\n')
    expect(long).toContain('Skipped: 1 excluded by config\n  - gen/b.js\n')
  })
  it('puts the caret under the secret', async () => {
    const lines = (await render(report())).split('\n')
    const at = lines.findIndex((line) => line.includes("const k='*******'"))
    const code = lines[at] ?? ''
    const caret = lines[at + 1] ?? ''
    expect(caret.indexOf('^')).toBe(code.indexOf('*******'))
    expect(caret.trim().split(' ').at(-1)).toBe('^^^^^^^')
  })
  it.each([60, 80, 140])('fits %i columns, links excepted', async (width) => {
    const wide = await render(
      report({
        gaps: [
          {
            kind: 'iam.user',
            scope: 'aws:1',
            class: 'fault',
            reason: 'access denied',
            detail: 'iam:ListMFADevices on arn:aws:iam::123456789012:user/ann '.repeat(3),
          },
        ],
      }),
      width,
    )
    expect(wide.split('\n').filter((line) => stringWidth(line) > width && !line.includes('https://'))).toEqual([])
    expect(wide).toContain(RULE.references[0])
  })
  it('explains a rule once, however often it fires', async () => {
    const text = await render(report({ findings: Array.from({ length: 6 }, (_, i) => finding(10 + i)) }))
    expect(text.match(/ why /g)).toHaveLength(1)
    expect(text.match(/\^{7}/g)).toHaveLength(3)
    expect(text.match(/^ {4}\+ /gm)).toHaveLength(3)
    expect(
      (await render(report({ findings: Array.from({ length: 30 }, (_, i) => finding(10 + i)) }), 80, true)).match(
        /\^{7}/g,
      ),
    ).toHaveLength(30)
  })
  it('tells in brief what would not fit a screen, the first thing to do once, and how to see all', async () => {
    const many = Array.from({ length: 60 }, (_, i) => ({
      ...finding(10 + i),
      severity: i < 30 ? ('high' as const) : ('low' as const),
    }))
    const text = await render(report({ findings: many }))
    expect(text.split('\n').length).toBeLessThan(50)
    expect(text).not.toMatch(/\^{7}| why /)
    expect(text.match(/^ {4}fix /gm)).toHaveLength(1)
    // Of what weighs less, less is told in words.
    expect(text).toMatch(/\+ 27 more: [^+]* and 21 more places/)
    expect(text).toMatch(/\+ 29 more: [^+]* and 23 more places/)
    expect(text).toContain('--verbose')
    expect((await render(report({ findings: many }), 80, true)).match(/\^{7}/g)).toHaveLength(60)
  })
  it('does not say in brief what stands above and behind it', async () => {
    const many = Array.from({ length: 60 }, (_, i) =>
      finding(10 + i, { message: `${RULE.title} in src/a.ts: tk_****` }),
    )
    expect(await render(report({ findings: many }))).toContain('\n    tk_****  src/a.ts:10\n')
  })
  it('says what was not audited and how to ask', async () => {
    expect(await render(report())).toMatch(/not audited\s+AWS account \(--aws\)/)
  })
  it('says what was hidden', async () => {
    expect(await render(report())).toContain('2 of low confidence (--min-confidence low)')
  })
  it('is incomplete when something could not be seen', async () => {
    const gaps = [
      { kind: 'iam.user', scope: 'aws:1', class: 'fault', reason: 'access denied', detail: 'iam:ListMFADevices' },
    ] as const
    const text = await render(
      report({ findings: [], gaps, undetermined: [{ rule: RULE, scope: 'aws:1', rows: 1, gaps }] }),
    )
    expect(text).toContain('Undetermined (1)')
    expect(text).toContain('INCOMPLETE: 1 thing could not be seen')
  })
  it('does not let audited text speak to the terminal', async () => {
    const evil = '\u001b[2J\u001b]8;;http://evil.example\u0007 \u202egnp.exe \r\u0000'
    const text = await render(
      report({
        findings: [
          finding(10, { message: evil, at: { file: evil, line: 1 }, excerpt: { startLine: 1, lines: [evil] } }),
        ],
        notices: [evil],
      }),
    )
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
  })
  it('has no colour codes without colour, and has them with', async () => {
    expect(await render(report())).not.toContain('\u001b')
    expect(await renderPretty(report(), { color: 1, width: 80, verbose: false })).toContain('\u001b[')
  })
  it('leaves suppressed findings to --verbose', async () => {
    const suppressed = { by: 'inline', reason: 'test data', at: 'src/a.ts:9' } as const
    const given = report({ findings: [finding(10, { suppressed })] })
    expect(await render(given)).not.toContain('test data')
    expect(await render(given, 80, true)).toContain('test data')
  })
})
