import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { renderHtml } from '../../src/reporters/html.ts'
import { everything, fourSteps, thousands } from '../support/page.ts'
import { fault, finding, HOSTILE, hostileReport, NOT_ASKED, REPOSITORY, report, ruleInfo } from '../support/report.ts'

function policyOf(page: string): string {
  return (/http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '').replaceAll('&#39;', "'")
}
function sha256(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
/** Without what is the page's own: policy, style, program. */
function bodyOf(page: string): string {
  return page.replace(/[\s\S]*<body>/, '').replace(/<script>[\s\S]*<\/script>/, '')
}
function textOf(markup: string): string {
  return markup
    .replace(/<[^>]*>/g, '')
    .replace(
      /&(?:lt|gt|quot|amp|#39);/g,
      (entity) => ({ '&lt;': '<', '&gt;': '>', '&quot;': '"', '&amp;': '&', '&#39;': "'" })[entity] ?? '',
    )
    .replace(/\s+/g, ' ')
}

describe('the HTML report', () => {
  it('lets nothing run but its own program and style, by hash, and loads nothing', async () => {
    const page = await renderHtml(everything())
    const [style = '', script = ''] = [/<style>([\s\S]*?)<\/style>/, /<script>([\s\S]*?)<\/script>/].map(
      (each) => each.exec(page)?.[1] ?? '',
    )
    expect(policyOf(page)).toBe(
      `default-src 'none'; script-src ${sha256(script)}; style-src ${sha256(style)}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'`,
    )
    expect(page.match(/<script|<style/g)).toHaveLength(2)
    const body = bodyOf(page)
    expect(body).not.toMatch(/<[^>]*\s(?:style|src|srcset|on\w+|action|data|poster)=/)
    expect(body).not.toMatch(/<(?:img|link|iframe|object|embed|base|image|use|audio|video)\b/)
    expect(style).not.toMatch(/url\(|@import/)
    // Only links that people follow name other hosts.
    for (const [tag] of body.matchAll(/<[^>]*https?:[^>]*>/g))
      expect(tag).toMatch(/^<a href="https?:[^"]*" rel="noopener noreferrer">$/)
  })
  it('has landmarks, headings without a jump, and tables with captions and scopes', async () => {
    const body = bodyOf(await renderHtml(everything(), { verdict: { code: 1, failOn: 'medium' } }))
    for (const landmark of ['<header', '<nav', '<main', '<footer']) expect(body).toContain(landmark)
    const levels = [...body.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level))
    expect(levels.filter((level) => level === 1)).toHaveLength(1)
    for (const [i, level] of levels.entries()) expect(level - (levels[i - 1] ?? 0)).toBeLessThanOrEqual(1)
    for (const [table] of body.matchAll(/<table[\s\S]*?<\/table>/g)) {
      expect(table).toContain('<caption>')
      expect(table).toMatch(/<th scope="col"[\s\S]*<th scope="row"/)
    }
    const ids = [...body.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [, id] of body.matchAll(/href="#([^"?]+)[^"]*"/g)) expect(ids).toContain(id)
  })
  it('answers first: how many, how the run ends, what was not seen', async () => {
    const gaps = [fault('iam:ListUsers')]
    const page = await renderHtml(report({ findings: [finding()], gaps }), { verdict: { code: 1, failOn: 'low' } })
    expect(page).toMatch(/<title>1 finding · this repository · zt-audit<\/title>/)
    expect(textOf(page)).toContain(
      '1 finding, and not everything was seen: what was not seen is not passed. The run fails with exit code 1: findings at or above low.',
    )
    expect(textOf(bodyOf(await renderHtml(report(), { verdict: { code: 0, failOn: 'medium' } })))).toContain(
      'No findings. The run passes with exit code 0: no finding at or above medium.',
    )
    const passed = { verdict: { code: 0, failOn: 'medium' } } as const
    expect(textOf(await renderHtml(report({ findings: [finding()] }), passed))).toContain(
      'exit code 0: its findings were told not to fail it (--exit-zero).',
    )
    expect(textOf(await renderHtml(report({ gaps }), passed))).toContain(
      'and what was not seen was told not to fail it',
    )
    const low = { verdict: { code: 1, failOn: 'critical' } } as const
    expect(textOf(await renderHtml(report({ findings: [finding()] }), low))).toContain(
      'the score is below the one asked for',
    )
  })
  it('gives what was not seen a tile, a place in the navigation and a list', async () => {
    const gaps = [fault('iam:ListUsers'), fault('x.bin', { class: 'limit', reason: 'binary' })]
    const undetermined = [{ rule: ruleInfo('mfa/x'), scope: 'aws:1', rows: 2, gaps }]
    const body = bodyOf(await renderHtml(report({ gaps, undetermined })))
    expect(body).toMatch(/<li class="tile unseen"><a href="#unseen"><b>2<\/b>/)
    expect(textOf(body)).toContain('Not seen 2, 1 left out')
    expect(textOf(body)).toContain('access denied (1)iam:ListUsers')
    expect(textOf(body)).toContain('Title of mfa/x mfa/x (2 cases)In aws:1, because ofaccess denied: iam:ListUsers')
    expect(textOf(body)).toContain('Left out on purpose, or known at run time only (1)')
  })
  it('lets no 0 stand for "all was seen" where something was left out', async () => {
    const gaps = [fault('x.bin', { class: 'limit', reason: 'binary' })]
    const body = bodyOf(await renderHtml(report({ gaps })))
    expect(body).toMatch(/<li class="tile unseen"><a href="#unseen"><b>0<\/b>.*<small>1 left out on purpose<\/small>/)
    expect(textOf(body)).toContain('Not seen 0, 1 left out')
  })
  it('folds rules that were decided in part, in a way that print unfolds', async () => {
    const gaps = [fault('x.bin', { class: 'limit', reason: 'binary' })]
    const undetermined = [{ rule: ruleInfo('mfa/x'), scope: 'aws:1', rows: 0, gaps }]
    const page = await renderHtml(report({ gaps, undetermined }))
    const [, names = ''] = /<details class="([^"]*)"><summary>1 rule<\/summary><ul class="ids">/.exec(page) ?? []
    const [, folded = ''] = /details:not\(([^)]*)\)::details-content/.exec(page) ?? []
    expect([names, folded]).toEqual(['more', '.evidence, .about'])
  })
  it('says nothing good where nothing was seen', async () => {
    const targets = [{ ...REPOSITORY, kind: 'aws', name: 'prod', scope: '', audited: false, complete: false }] as const
    const page = await renderHtml(report({ targets }), { verdict: { code: 4, failOn: 'medium' } })
    expect(page).toContain('<title>Nothing was seen · AWS by prod · zt-audit</title>')
    expect(textOf(bodyOf(page))).not.toContain('No findings')
    expect(bodyOf(page)).toMatch(/<li class="tile none"><b>–<\/b>/)
  })
  it('is named by what people know, not by a path of a machine', async () => {
    const named = async (name: string, remote?: string) => {
      const revision = { commit: 'a'.repeat(40), ...(remote && { remote }) }
      const page = await renderHtml(report({ targets: [{ ...REPOSITORY, name, revision }] }))
      return /<h1>.*<span class="name">(.*)<\/span><\/h1>/.exec(page)?.[1]
    }
    expect(await named('/home/ann/work/shop')).toBe('shop')
    expect(await named('C:\\work\\shop')).toBe('shop')
    expect(await named('/home/ann/x', 'https://github.com/acme/shop.git')).toBe('acme/shop')
    expect(await named('/home/ann/x', '/home/ann/mirror')).toBe('x')
    expect(await named('.')).toBe('this repository')
  })
  it('names what nobody asked for once', async () => {
    const body = textOf(bodyOf(await renderHtml(report({ targets: [REPOSITORY, NOT_ASKED] }))))
    expect(body).toContain('AWS accountnot asked for')
    expect(body).not.toContain('AWS by AWS account')
  })
  it('shows no lines of the file that only stands for a thing without one', async () => {
    const anchor = { place: { file: 'zt-audit.yaml', line: 1 }, excerpt: { startLine: 1, lines: ['targets: aws'] } }
    const body = textOf(
      bodyOf(await renderHtml(report({ findings: [finding({ at: { resource: 'arn:x' }, anchor })] }))),
    )
    expect(body).not.toContain('targets: aws')
  })
  it('says of a finding what, where, why and how to mend it', async () => {
    const page = bodyOf(await renderHtml(everything()))
    expect(page).toMatch(/<code class="meant" data-line="3">key <mark>/)
    const body = textOf(page)
    expect(body).toContain('key = "********"')
    expect(body).toContain('Fix. How to fix it.')
    expect(body).toContain('-key = "********" +key = env("KEY")')
    expect(body).toContain('Assumed, since it was not seenservice control policies were not asked for')
    expect(body).toContain('example.com/reference')
    expect(body).toContain('Accepted: suppressed, or known from the baseline (2)')
    expect(body).toContain('Suppressed (inline, src/a.ts:2): a test key')
  })
  it('draws a chain and tells it in words', async () => {
    const body = bodyOf(await renderHtml(report({ findings: [fourSteps()] })))
    expect(body).toContain(
      'aria-label="Graph: Secret in a file → Key → AWS user → Rights. The list below says the same."',
    )
    const steps = textOf(/<ol class="steps">[\s\S]*?<\/ol>/.exec(body)?.[0] ?? '')
    expect(steps).toContain('→ belongs to AWS user')
    // Of what is drawn, and of what is only told, nothing leads nowhere.
    expect(steps).toContain('→ Secret in a file same digest Rights')
    expect(body.match(/<svg class="graph/g)).toHaveLength(3)
  })
  it('shows who has MFA, and what was granted and used', async () => {
    const text = textOf(bodyOf(await renderHtml(everything())))
    expect(text).toContain('2 of 4 identities without a second factor, and of 1 it was not seen.')
    expect(text).toContain('AWS account 123456789012 seen: 90 days of CloudTrail to 2026-03-31 ci361')
  })
  it('is the same for the same report', async () => {
    const given = everything()
    expect(await renderHtml(given)).toBe(await renderHtml(given))
  })
  it('stays small: 5,000 findings are less than 10 MB', async () => {
    expect((await renderHtml(thousands(5000))).length).toBeLessThan(10_000_000)
  })
})

describe('text of an audited tree in HTML', () => {
  const evil = [
    HOSTILE,
    '</script><script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '" onmouseover="alert(1)',
    "' autofocus onfocus='alert(1)",
    '<!-- -->]]><svg/onload=alert(1)>',
    'javascript:alert(1)',
    '&lt;b&gt;&#60;script&#62;',
    '\u202egnp.exe\u2066\u200b',
  ]
  it.each(evil)('is text everywhere: %j', async (text) => {
    const place = { file: text, line: 1, column: 1 }
    const fact = { kind: text, scope: text, data: { [text]: text, list: [text] }, unknown: [text], at: place }
    const info = ruleInfo('secrets/x', { title: text, description: text, remediation: text, references: [text] })
    const bad = finding({
      rule: info,
      message: text,
      at: place,
      also: [place],
      scope: text,
      evidence: { [text]: [fact], other: [{ ...fact, scope: 'aws:1' }] },
      links: [
        { name: text, at: place, values: text },
        {
          name: 'b',
          at: { resource: text },
          values: text,
          joins: [{ field: text, from: text, fromField: text, value: text }],
        },
      ],
      assumptions: [text],
      excerpt: { startLine: 1, lines: [text, text] },
      fix: { description: text, diff: text },
    })
    const views = [
      {
        id: 'x',
        title: text,
        columns: [{ id: 'name', title: text, meaning: '', for: 'all' as const }],
        rows: [{ cells: { name: { value: text } }, order: { name: text, risk: 0, unused: 0, seen: '' } }],
      },
    ]
    const past = { ruleId: text, severity: 'high', title: text, message: text } as const
    const bySeverity = { critical: 0, high: 0, medium: 0, low: 0, info: 0 }
    const base = hostileReport()
    const targets = base.targets.map((target) => ({ ...target, name: text, detail: text }))
    const page = await renderHtml(
      { ...base, findings: [bad], targets, notices: [text], views },
      {
        comparison: {
          trend: [{ name: text, bySeverity, unseen: 0 }],
          news: new Map(),
          fixed: [past],
          unseen: [past],
          unchanged: 0,
        },
      },
    )
    const clean = await renderHtml(report())
    const tags = (markup: string) => new Set([...markup.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, name]) => name))
    for (const name of tags(bodyOf(page))) expect(['script', 'img', 'iframe']).not.toContain(name)
    expect(page.match(/<script/gi)).toHaveLength((clean.match(/<script/gi) ?? []).length)
    // Attributes are whole: no quote of the text ends one.
    for (const [tag] of bodyOf(page).matchAll(/<[a-z][^>]*>/gi))
      expect(tag).toMatch(/^<[a-z][a-z0-9]*(?:\s[a-zA-Z-]+(?:="[^"<>]*")?)*\s*\/?>$/)
    expect(bodyOf(page)).not.toMatch(/href="(?!#|https?:)/)
    expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/)
  })
})

describe('style and program of the page', () => {
  it('contrast holds without colours of others, and print, dark and forced colours are thought of', () => {
    const style = readFileSync('src/reporters/html/page.css', 'utf8')
    for (const query of ['prefers-color-scheme: dark', '@media print', 'forced-colors']) expect(style).toContain(query)
  })
  it('makes no markup of text and asks nobody', () => {
    const script = readFileSync('src/reporters/html/page.js', 'utf8')
    expect(script).not.toMatch(
      /innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function\(|fetch|XMLHttp|import\(|localStorage/,
    )
  })
})
