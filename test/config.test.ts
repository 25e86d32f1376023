import { describe, expect, it } from 'vitest'
import { parseConfig } from '../src/config.ts'
import { RuleError } from '../src/errors.ts'

function defects(text: string): string[] {
  try {
    parseConfig('zt-audit.yaml', text, true)
    return []
  } catch (error) {
    if (!(error instanceof RuleError)) throw error
    return error.message.split('\n')
  }
}

describe('zt-audit.yaml', () => {
  it('may be empty or all comments', () => {
    expect(parseConfig('zt-audit.yaml', '', true).config).toEqual({})
    expect(parseConfig('zt-audit.yaml', '# exclude: []\n', true).config).toEqual({})
  })
  it('names every defect with its place and what was meant', () => {
    expect(defects('exclud: [a]\nfail-on: hgh\nsuppressions:\n  - rule: x\n    path: a\n    reasn: y\n')).toEqual([
      "zt-audit.yaml:1:1: unknown key 'exclud', did you mean 'exclude'?",
      "zt-audit.yaml:2:1: fail-on: 'hgh' is not one of info, low, medium, high, critical, never; did you mean 'high'?",
      'zt-audit.yaml:4:5: suppressions.0.reason: is missing',
      "zt-audit.yaml:6:5: unknown key 'reasn', did you mean 'reason'?",
    ])
  })
  it('that is no YAML is said with its place', () => {
    expect(defects('exclude: [a\nfail-on: x')[0]).toMatch(/^zt-audit\.yaml:\d+:\d+: /)
  })
  it('wants suppressions to say what they speak of, and a real date', () => {
    expect(defects('suppressions: [{ rule: iam, reason: r }]').join()).toContain(
      'names a path, a resource or a fingerprint',
    )
    expect(defects('suppressions: [{ rule: iam, path: a, reason: r, expires: soon }]').join()).toContain('YYYY-MM-DD')
  })
  it('of an audited tree may filter and suppress, and no more', () => {
    const text =
      'exclude: [a]\nfail-on: never\nrules: [evil]\ntargets: { github: [{ owner: x, url: "https://evil.example" }] }\n'
    const untrusted = parseConfig('zt-audit.yaml', text, false)
    expect(untrusted.config).toEqual({ exclude: ['a'] })
    expect(untrusted.ignored).toEqual(['rules', 'fail-on', 'targets'])
    expect(parseConfig('zt-audit.yaml', text, true).config['fail-on']).toBe('never')
  })
  it('cannot blow up by aliases', () => {
    const bomb = [
      'a0: &a0 [x]',
      ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`),
    ].join('\n')
    expect(defects(bomb).length).toBeGreaterThan(0)
  })
})
