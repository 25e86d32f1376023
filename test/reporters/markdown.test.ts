import { Buffer } from 'node:buffer'
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { describe, expect, it } from 'vitest'
import { renderMarkdown } from '../../src/reporters/markdown.ts'
import { codeSpan, escapeMarkdown } from '../../src/reporters/markdown-text.ts'
import { chain, fault, finding, findings, HOSTILE, hostileReport, report, ruleInfo } from '../support/report.ts'

/** As GitHub renders it, without what it does afterwards to mentions and references. */
function html(markdown: string): string {
  return micromark(markdown, { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] })
}
const MIB = 1 << 20

describe('the markdown format', () => {
  it('begins with the verdict and a table of counts', () => {
    const text = renderMarkdown(report({ findings: [chain(), finding(), finding()] }))
    expect(text).toMatch(
      /^## zt-audit: 3 findings\n\n\| severity \| findings \|\n\| --- \| ---: \|\n\| critical \| 1 \|\n\| high \| 2 \|\n\n\*\*Posture \d+ of 100\.\*\*\n[^#]*### Critical \(1\)/,
    )
    expect(renderMarkdown(report())).toMatch(/^## zt-audit: no findings\n/)
  })
  it('groups by severity, then by rule, and explains a rule once', () => {
    const text = renderMarkdown(
      report({ findings: [finding({ id: 'iam/a' }), finding({ id: 'secrets/b' }), finding({ id: 'iam/a' })] }),
    )
    expect([...text.matchAll(/^#{3,4} .*$/gm)].map(([line]) => line)).toEqual([
      '### High (3)',
      '#### Title of iam/a `iam/a` (2)',
      '#### Title of secrets/b `secrets/b`',
    ])
    expect(text.match(/\*\*Why\.\*\* Why it matters\./g)).toHaveLength(2)
    expect(text).toContain('<details><summary>Why it matters, and how to fix it</summary>')
  })
  it('shows a chain as a list, with what is assumed', () => {
    expect(renderMarkdown(report({ findings: [chain()] }))).toContain(
      '  1. leak `.env:1`\n  2. user: mfa disabled `arn:aws:iam::123456789012:user/ann`\n  - assumed: service control policies were not asked for\n',
    )
  })
  it('gives what was not seen the weight of findings', () => {
    const gaps = [fault('iam:ListUsers'), fault('x.bin', { class: 'limit', reason: 'file too large' })]
    const undetermined = [{ rule: ruleInfo('mfa/x'), scope: 'aws:1', rows: 2, gaps }]
    const text = renderMarkdown(report({ gaps, undetermined }))
    expect(text).toMatch(
      /^## zt-audit: no findings, and not everything was seen\n\n\*\*Incomplete:\*\* 1 thing could not be seen\./,
    )
    expect(text).toContain('### Not seen (1)\n\n- access denied: iam:ListUsers\n')
    expect(text).toContain('### Undetermined (1)\n\n- `mfa/x` (2 cases) because of access denied: iam:ListUsers\n')
    expect(text).toContain('### Not looked into (1)\n\n- file too large: x.bin\n')
    expect(text).toContain('- **not audited** AWS account (--aws)')
    expect(renderMarkdown(report({ interrupted: true }))).toContain('**Incomplete:** interrupted')
  })
  it('counts what is known, suppressed and of low confidence', () => {
    const suppressed = { by: 'inline', reason: 'x', at: 'a:1' } as const
    const text = renderMarkdown(
      report({
        findings: [finding({ suppressed }), finding({ baseline: 'unchanged' })],
        skipped: [{ reason: 'binary', count: 3, paths: ['a', 'b', 'c'] }],
        hidden: { byConfidence: 3, bySuppression: 1, byPath: 0, byBaseline: 1 },
      }),
    )
    expect(text).toContain('## zt-audit: no findings\n')
    expect(text).toContain(
      '- **not listed** 1 known from the baseline, 1 suppressed, 3 of low confidence (--min-confidence low)',
    )
    expect(text).toContain('- **skipped** 3 binary\n')
  })
  it('stays within 1 MiB with 200,000 findings, worst first, and counts the rest', () => {
    const message = '日本語 💥 '.repeat(8)
    const many = [
      ...findings(5, 'critical'),
      ...Array.from({ length: 200_000 }, () => finding({ severity: 'low', message })),
    ]
    const text = renderMarkdown(report({ findings: many, gaps: [fault('iam:ListUsers')] }))
    const size = Buffer.byteLength(text)
    expect(size).toBeLessThanOrEqual(MIB)
    expect(size).toBeGreaterThan(MIB * 0.95)
    const listed = text.match(/^- `src\/a\.ts/gm)?.length ?? 0
    const more = Number(/\*\*(\d+) more findings\*\*/.exec(text)?.[1])
    expect(listed + more).toBe(200_005)
    // Whole characters and lines, and what was not seen is still there.
    expect(Buffer.from(text).toString()).toBe(text)
    for (const line of text.match(/^- `src.*$/gm) ?? []) expect(line).toMatch(/(?: 💥|(?:\\\*){4}) ?$/)
    expect(text).toContain('### Not seen (1)')
    expect(text).toContain('### Critical (5)')
  })
  it.each([2000, 4000, 9000])('fits a limit of %i bytes', (limit) => {
    const text = renderMarkdown(report({ findings: [...findings(100, 'high'), ...findings(100, 'low')] }), limit)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit)
    const listed = text.match(/^- `src\/a\.ts/gm)?.length ?? 0
    expect(text).toContain(`**${200 - listed} more findings**`)
    expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length)
  })
  it('stays within the limit whatever the gaps and notes say', () => {
    const long = '@|<'.repeat(3000)
    const gaps = Array.from({ length: 500 }, (_, i) => fault(`${i}${long}`, { reason: `${i}${long}` }))
    const notices = gaps.map(({ detail }) => detail)
    const undetermined = gaps.map((gap, i) => ({ rule: ruleInfo(`mfa/x${i}`), scope: 'aws:1', rows: 1, gaps: [gap] }))
    const text = renderMarkdown(report({ findings: findings(9, 'high'), gaps, undetermined, notices }))
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MIB)
    expect(text.match(/^- `src\/a\.ts/gm)).toHaveLength(9)
    expect(text).toContain('### Not seen (500)')
  })
})

describe('text of an audited tree in Markdown', () => {
  it.each([
    HOSTILE,
    '[x](https://evil.example) ![i](https://evil.example/i.png) <https://evil.example> https://evil.example www.evil.example',
    '**b** __b__ *i* _i_ ~~s~~ `c` ``c`` \\`c\\` &lt;b&gt; &#60;b> <b>b</b> <!-- c --> $x$ | a | b |',
    'a\n\n# heading\n\n- list\n\n| a |\n|---|\n',
  ])('is text, and reads as it was: %j', (text) => {
    const shown = html(`- ${escapeMarkdown(text)}`)
    expect(shown.replace(/^<ul>\n<li>|<\/li>\n<\/ul>\n?$/g, '').replaceAll('<span>$</span>', '$')).not.toMatch(
      /<[a-z!/]/i,
    )
    const code = html(`- ${codeSpan(text)}`)
    expect(code).toMatch(/^<ul>\n<li><code>[^<]*<\/code><\/li>\n<\/ul>$/)
  })
  it('mentions nobody and refers to nothing', () => {
    const shown = html(
      `x ${escapeMarkdown('@octocat a@example.com #12 o/r#12 GH-12 !34 ~label %"milestone" :tada: done')}`,
    )
    expect(shown).not.toMatch(/@\w|#\d|GH-\d|!\d|~\w|%"|:tada|mailto/)
  })
  it('leaves names as they are where people copy them', () => {
    expect(codeSpan('arn:aws:iam::123456789012:user/ann')).toBe('`arn:aws:iam::123456789012:user/ann`')
    expect(escapeMarkdown('arn:aws:iam::123456789012:user/ann, p.json (1)')).toBe(
      'arn:aws:iam::123456789012:user/ann, p.json (1)',
    )
  })
  it('stays within its section in a whole report', () => {
    const text = renderMarkdown(hostileReport())
    const shown = html(text)
    expect(shown).not.toMatch(/<img|href="(?!https:\/\/example\.com\/reference")|<h[1-6]>[^<]*fake/)
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/)
    expect(shown.match(/<h\d>/g)?.length).toBe(text.match(/^#{2,4} /gm)?.length)
  })
})
