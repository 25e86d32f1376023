import { parse } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { readSecretsBaseline } from '../../src/migration/detect-secrets.ts'
import { readGitleaksConfig } from '../../src/migration/gitleaks-config.ts'
import { readGitleaksIgnore } from '../../src/migration/gitleaks-ignore.ts'
import { counterpartOf, isOwnOfGitleaks } from '../../src/migration/gitleaks-rules.ts'
import { detectSources } from '../support/detection.ts'

const read = (toml: string) => readGitleaksConfig(parse(toml))

describe('.gitleaks.toml', () => {
  it('gives its own rules, with keywords where it names none', () => {
    const { rules, left } = read(`
[[rules]]
id = "Acme_Key"
description = "Acme"
regex = '''(acme)_(?:x)([a-z]{8})'''
secretGroup = 2
entropy = 2.5
[[rules]]
id = "with-keywords"
regex = '''[a-z0-9]{32}'''
keywords = ["ACME"]
`)
    expect(left).toEqual([])
    expect(rules.map(({ ownId, detect }) => [ownId, detect.pattern, detect.keywords, detect.minEntropy])).toEqual([
      ['secrets/gitleaks/acme-key', '(acme)_(?:x)(?P<secret>[a-z]{8})', ['acme'], 2.5],
      ['secrets/gitleaks/with-keywords', '[a-z0-9]{32}', ['acme'], 0],
    ])
  })
  it('says of each rule that it cannot use why', () => {
    const { rules, known, left } = read(`
[[rules]]
id = "by-name"
path = '''\\.p12$'''
[[rules]]
id = "in-folder"
regex = '''acme-[0-9]+'''
path = '''conf/'''
[[rules]]
id = "no-word"
regex = '''[0-9a-f]{32}'''
[[rules]]
id = "broken"
regex = '''acme-(?=x)'''
[[rules]]
id = "github-pat"
regex = '''ghp_[0-9a-zA-Z]{36}'''
[[rules]]
id = "etsy-access-token"
regex = '''etsy'''
[[rules]]
regex = '''nameless'''
`)
    expect(rules).toEqual([])
    expect(known).toBe(1)
    expect(left).toEqual([
      'rule by-name: it judges names of files',
      'rule in-folder: it is limited to paths',
      'rule no-word: it has no keywords, and its pattern no word that could be one',
      expect.stringMatching(/^rule broken: its pattern /),
      "rule etsy-access-token: gitleaks' own, and there is no counterpart",
      'a rule without an id',
    ])
  })
  it('gives its lists, old and new, of all rules and of some', () => {
    const { allowances, left } = read(`
[extend]
useDefault = true
path = "base.toml"
disabledRules = ["npm-access-token", "etsy-access-token"]
[allowlist]
paths = ['''^docs/''', '''(?=x)''']
[[allowlists]]
description = "two conditions"
condition = "AND"
targetRules = ["github-pat"]
regexTarget = "line"
regexes = ['''not-a-secret''']
paths = ['''\\.md$''']
[[allowlists]]
condition = "AND"
paths = ['''(?=x)''']
stopwords = ["x"]
[[rules]]
id = "slack-bot-token"
[rules.allowlist]
stopwords = ["EXAMPLE"]
commits = [" ABC "]
`)
    expect(
      allowances.map(({ title, rules, all, target, words, commits }) => [title, rules, all, target, words, commits]),
    ).toEqual([
      ['allowlist of rule slack-bot-token', ['secrets/slack-token'], false, 'secret', ['example'], ['abc']],
      ['allowlist of all rules', [], false, 'secret', [], []],
      ['two conditions', ['secrets/github-token'], true, 'line', [], []],
      ['rule npm-access-token is disabled', ['secrets/npm-token'], false, 'secret', [], []],
    ])
    expect(left).toEqual([
      expect.stringMatching(/^allowlist of all rules: the pattern /),
      expect.stringMatching(/^allowlist of all rules: the pattern /),
      'disabledRules: etsy-access-token has no counterpart',
      'extend.path: base.toml is not read',
    ])
  })
  it.each(['rules = 3', 'rules = [1, "x"]\nallowlist = "no"', '[extend]\ndisabledRules = 7', '', 'allowlists = [{}]'])(
    'is not upset by %o',
    (toml) => expect(read(toml)).toEqual({ rules: [], allowances: [], known: 0, left: [] }),
  )
})

describe('rules of gitleaks', () => {
  it('have counterparts that there are', () => {
    for (const id of ['github-pat', 'aws-access-token', 'private-key', 'stripe-access-token'])
      expect(detectSources.has(counterpartOf(id) ?? '')).toBe(true)
    expect([isOwnOfGitleaks('generic-api-key'), counterpartOf('generic-api-key')]).toEqual([true, undefined])
    expect(isOwnOfGitleaks('mine')).toBe(false)
  })
})

describe('.gitleaksignore', () => {
  it('names places, with and without a commit', () => {
    const commit = 'a'.repeat(40)
    const text = `# known\n\n${commit}:src/a:b.py:github-pat:3\nsrc/c.py:generic-api-key:12\r\nnonsense\n./d.py:mine:1\n`
    expect(readGitleaksIgnore(text)).toEqual({
      places: [
        { commit, file: 'src/a:b.py', line: 3, rule: 'secrets/github-token' },
        { commit: '', file: 'src/c.py', line: 12, rule: undefined },
        { commit: '', file: 'd.py', line: 1, rule: undefined },
      ],
      malformed: 1,
    })
  })
})

describe('.secrets.baseline', () => {
  it('knows hashes by file, but not those that were found to be real', () => {
    const hash = (digit: string) => digit.repeat(40)
    const baseline = readSecretsBaseline(
      JSON.stringify({
        version: '1.5.0',
        exclude: { files: 'go.sum|^docs/', lines: null },
        filters_used: [
          { path: 'detect_secrets.filters.regex.should_exclude_file', pattern: ['^docs/', '(?=x)'] },
          { path: 'detect_secrets.filters.heuristic.is_likely_id_string' },
        ],
        results: {
          'a.py': [
            { type: 'Secret Keyword', hashed_secret: hash('A'), line_number: 1 },
            { type: 'Secret Keyword', hashed_secret: hash('b'), line_number: 2, is_secret: true },
            { type: 'Secret Keyword', hashed_secret: 'short', line_number: 3 },
          ],
          'key.pem': [{ type: 'Private Key', hashed_secret: hash('c'), line_number: 1, is_secret: false }],
        },
      }),
    )
    expect(baseline).toMatchObject({
      hashes: new Map([
        ['a.py', new Set([hash('a')])],
        ['key.pem', new Set([hash('c')])],
      ]),
      keyLines: new Map([['key.pem', new Set([1])]]),
      entries: 2,
      real: 1,
    })
    expect(baseline?.allowances.map(({ title, paths }) => [title, paths.length])).toEqual([
      ['exclude.files', 1],
      ['filter should_exclude_file', 1],
    ])
    expect(baseline?.left.length).toBe(1)
  })
  it.each(['', '{', '[]', '{"results":3}', 'null'])('is not read out of %o', (text) => {
    expect(readSecretsBaseline(text)).toBeUndefined()
  })
})
