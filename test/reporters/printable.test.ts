import { describe, expect, it } from 'vitest'
import { FORMATS } from '../../src/formats.ts'
import { render } from '../../src/render.ts'
import { printableText } from '../../src/reporters/printable.ts'
import { fault, finding, REPOSITORY, report, ruleInfo } from '../support/report.ts'

/** What is drawn as nothing, or changes in which order the rest is drawn; one of each kind. */
const INVISIBLE = [
  0x1b, 0x7f, 0x85, 0xad, 0x34f, 0x61c, 0x115f, 0x180e, 0x200b, 0x200d, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2060,
  0x2066, 0x2069, 0x3164, 0xfeff, 0xffa0, 0xfff9, 0xe0001, 0xe0041, 0xe007f, 0xe0100,
]
const name = (code: number) => `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
const text = INVISIBLE.map((code) => `a${String.fromCodePoint(code)}b`).join(' ')
const place = { file: `dir/${text}.ts`, line: 2, column: 1, endLine: 2, endColumn: 4 }
const given = report({
  findings: [
    finding({
      message: text,
      at: place,
      also: [place],
      links: [{ name: 'step', at: { resource: text, declaredAt: place }, values: text }],
      evidence: { step: [{ kind: 'secret.match', scope: 'repo:.', data: { masked: text }, unknown: [], at: place }] },
      assumptions: [text],
      properties: { text },
      excerpt: { startLine: 1, lines: [text, text, text] },
    }),
    finding({ id: 'iam/test', message: text, at: { resource: text, declaredAt: place }, fix: { description: text } }),
    finding({ id: 'iam/other', message: text, at: { resource: text } }),
  ],
  gaps: [fault(text, { reason: text }), fault(text, { class: 'limit', reason: text })],
  undetermined: [{ rule: ruleInfo('mfa/test'), scope: text, rows: 2, gaps: [fault(text)] }],
  targets: [{ ...REPOSITORY, name: text, detail: text, complete: false }],
  skipped: [{ reason: 'binary', count: 1, paths: [text] }],
  notices: [text],
})

describe('characters that nobody sees', () => {
  it.each(INVISIBLE.map((code) => [name(code), code] as const))('%s is shown as an escape', (_, code) => {
    const hexadecimal = code.toString(16)
    const shown = code > 0xffff ? `\\u{${hexadecimal}}` : `\\u${hexadecimal.padStart(4, '0')}`
    expect(printableText(`a${String.fromCodePoint(code)}b`)).toBe(`a${shown}b`)
  })
  it('half a surrogate pair, too; letters, emoji and their variants stay', () => {
    expect(printableText('\ud83d')).toBe('\\ud83d')
    expect(printableText('é ß 日本 ❤️ 💥')).toBe('é ß 日本 ❤️ 💥')
  })
  it.each(FORMATS)('none stands in %s', async (format) => {
    const shown = await render(given, format, { colour: false } as never)
    expect(INVISIBLE.filter((code) => shown.includes(String.fromCodePoint(code))).map(name)).toEqual([])
  })
  it('JSON keeps them, as its own escapes', async () => {
    const { findings } = JSON.parse(await render(given, 'json'))
    expect(findings.map(({ message }: { message: string }) => message)).toContain(text)
  })
})
