import { createHash } from 'node:crypto'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addFiles, folderWith, git, randomText, run } from '../support/program.ts'

interface Found {
  readonly ruleId: string
  readonly location: { readonly file: string; readonly line: number }
  readonly suppressed?: { readonly by: string; readonly reason: string; readonly at: string }
}

async function audit(root: string, ...args: string[]) {
  const { code, stdout, stderr } = await run([root, '--only', 'secrets', '--format', 'json', ...args])
  if (stdout === '') throw new Error(stderr)
  const report = JSON.parse(stdout) as { findings: Found[]; notices: string[]; summary: object }
  const open = report.findings.filter((each) => !each.suppressed).map((each) => each.location.file)
  const hidden = report.findings.filter((each) => each.suppressed).map((each) => each.location.file)
  return { code, output: stdout + stderr, ...report, open, hidden }
}

const password = () => `${randomText(18)}7q`
const sha1 = (text: string) => createHash('sha1').update(text).digest('hex')

describe('.gitleaks.toml', () => {
  const files = {
    'infra/a.env': `DB_PASSWORD=${password()}\n`,
    'src/a.env': `DB_PASSWORD=${password()}\n`,
    'src/b.env': `DB_PASSWORD=${password()}stopHere\n`,
    'src/c.py': `db_password = "${password()}"  # fine-here\n`,
  }
  const toml = `
title = "ours"
[extend]
useDefault = true
[[rules]]
id = "acme-token"
description = "Acme token"
regex = '''acme-([a-z0-9]{24})'''
[[allowlists]]
description = "manuals"
paths = ['''^infra/''']
[[allowlists]]
stopwords = ["STOPHERE"]
[[allowlists]]
description = "marked"
regexTarget = "line"
regexes = ['''#\\s*fine-here''']
`
  it('adds rules, and its lists are suppressions that the report shows', async () => {
    const token = randomText(24, 'abcdefghijkmnpqrstuvwxyz23456789')
    const root = folderWith({ ...files, '.gitleaks.toml': toml, 'src/t.txt': `acme-${token}\n` })
    const { open, hidden, findings, notices, output } = await audit(root)
    expect(open.sort()).toEqual(['src/a.env', 'src/t.txt'])
    expect(hidden.sort()).toEqual(['infra/a.env', 'src/b.env', 'src/c.py'])
    expect(findings.find((each) => each.location.file === 'src/t.txt')?.ruleId).toBe('secrets/gitleaks/acme-token')
    expect(findings.find((each) => each.location.file === 'infra/a.env')?.suppressed).toEqual({
      by: 'foreign',
      reason: 'manuals',
      at: '.gitleaks.toml',
    })
    expect(notices).toEqual(['.gitleaks.toml: taken over: 1 rule, 3 allowlists'])
    expect(output).not.toContain(token)
    const pretty = await run([root, '--only', 'secrets'])
    expect(pretty.stdout).toContain('taken over: 1 rule, 3 allowlists')
    expect(pretty.stdout).toContain('3 suppressed')
  })
  it('of a pull request does not count with --config-from', async () => {
    const root = folderWith(files)
    git(root, 'init', '-q')
    git(root, 'add', '-A')
    git(root, 'commit', '-qm', 'base')
    addFiles(root, { '.gitleaks.toml': toml })
    expect((await audit(root, '--config-from', 'HEAD')).hidden).toEqual([])
    git(root, 'add', '-A')
    git(root, 'commit', '-qm', 'next')
    expect((await audit(root, '--config-from', 'HEAD')).hidden.length).toBe(3)
  })
  it('speaks of its own repository only', async () => {
    const main = folderWith({ '.gitleaks.toml': toml })
    const { open, hidden } = await audit(main, '--repo', folderWith(files))
    expect([open.length, hidden]).toEqual([4, []])
  })
  it('that is broken, or a link, takes nothing over', async () => {
    const secret = password()
    const root = folderWith({ ...files, '.gitleaks.toml': `x = "${secret}\n[[` })
    const { hidden, notices, output } = await audit(root)
    expect(hidden).toEqual([])
    expect(notices[0]).toMatch(/^\.gitleaks\.toml: is no TOML \(line \d+, column \d+\); nothing of it is used$/)
    expect(notices.join()).not.toContain(secret)
    expect(output).not.toContain(secret)
    const linked = folderWith(files)
    symlinkSync(join(root, '.gitleaks.toml'), join(linked, '.gitleaks.toml'))
    expect((await audit(linked)).notices).toEqual([])
  })
  it('with hostile patterns costs little', async () => {
    const evil =
      "[[rules]]\nid = 'evil'\nregex = '''acme(?:(?:a+)+)+$'''\n[[allowlists]]\nregexes = ['''^(?:(?:a+)+)+!$''']\n"
    const root = folderWith({ '.gitleaks.toml': evil, 'a.env': `DB_PASSWORD=${'a'.repeat(200)}Z9q8W7\n` })
    const { notices } = await audit(root)
    expect(notices[0]).toMatch(/taken over: 1 allowlist; not taken over: rule evil: backtracks exponentially/)
  })
})

describe('.gitleaksignore', () => {
  it('leaves out places, of one commit or of all', async () => {
    const [one, two, three] = [password(), password(), password()]
    const root = folderWith({ 'a.env': `DB_PASSWORD=${one}\nAPI_PASSWORD=${two}\n` })
    git(root, 'init', '-q')
    git(root, 'add', '-A')
    git(root, 'commit', '-qm', 'first')
    addFiles(root, { 'old.env': `DB_PASSWORD=${three}\n` })
    git(root, 'add', '-A')
    git(root, 'commit', '-qm', 'second')
    const commit = git(root, 'rev-parse', 'HEAD').trim()
    git(root, 'rm', '-q', 'old.env')
    git(root, 'commit', '-qm', 'third')
    addFiles(root, { '.gitleaksignore': `a.env:generic-api-key:2\n${commit}:old.env:generic-api-key:1\nbad\n` })
    const { findings, notices } = await audit(root, '--history')
    expect(findings.map(({ location, suppressed }) => [location.file, location.line, suppressed?.at])).toEqual(
      expect.arrayContaining([
        ['a.env', 1, undefined],
        ['a.env', 2, '.gitleaksignore'],
        ['old.env', 1, '.gitleaksignore'],
      ]),
    )
    expect(notices).toContain('.gitleaksignore: taken over: 2 places; not taken over: 1 line without FILE:RULE:LINE')
  })
})

describe('.secrets.baseline', () => {
  it('leaves out values by their hash, in their file, unless they are labelled as real', async () => {
    const [known, real, elsewhere] = [password(), password(), password()]
    const entry = (value: string, more = {}) => ({
      type: 'Secret Keyword',
      hashed_secret: sha1(value),
      line_number: 1,
      ...more,
    })
    const root = folderWith({
      'a.env': `\n\n\nDB_PASSWORD=${known}\n`,
      'b.env': `DB_PASSWORD=${real}\n`,
      'c.env': `DB_PASSWORD=${elsewhere}\n`,
      '.secrets.baseline': JSON.stringify({
        version: '1.5.0',
        results: { 'a.env': [entry(known), entry(elsewhere)], 'b.env': [entry(real, { is_secret: true })] },
      }),
    })
    const { open, hidden, notices } = await audit(root)
    expect([open.sort(), hidden]).toEqual([['b.env', 'c.env'], ['a.env']])
    expect(notices).toEqual([
      '.secrets.baseline: taken over: 2 known secrets; not taken over: 1 secret labelled as real, which is reported',
    ])
  })
})
