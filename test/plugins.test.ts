import { cpSync, mkdirSync } from 'node:fs'
import path, { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isModulePath } from '../src/plugins.ts'
import { shownFiles } from './support/documents.ts'
import { addFiles, folderWith, randomText, run } from './support/program.ts'

const guide = shownFiles('docs/plugins.md')

/** A working directory with the plugin of the guide, and a repository to audit in `repo`. */
function workplace(files: Readonly<Record<string, string>> = {}): string {
  return folderWith({ ...guide, 'repo/package.json': '{ "name": "shop" }', ...files })
}

/** Audits `repo` with a plugin of the given source. */
async function runWith(plugin: string, files: Readonly<Record<string, string>> = {}, ...args: string[]) {
  const cwd = workplace({ 'own.mjs': plugin, ...files })
  const outcome = await run(['repo', '--plugin', './own.mjs', '--format', 'json', ...args], { cwd })
  const report = outcome.stdout.startsWith('{') ? JSON.parse(outcome.stdout) : undefined
  return { ...outcome, report }
}

describe('the plugin of the guide', () => {
  it('has rules whose tests hold', async () => {
    const { code, stdout } = await run(['rules', 'test', '--plugin', './plugin.mjs'], { cwd: workplace() })
    expect(stdout).toBe('1 rules: 2 tests passed, 0 failed\n')
    expect(code).toBe(0)
  })
  it('scans, judges and reports', async () => {
    const cwd = workplace({
      'repo/sub/package.json': '{ "name": "inner", "license": "MIT" }',
      'repo/private/package.json': '{ "private": true }',
    })
    const { code, stdout } = await run(['repo', '--plugin', './plugin.mjs', '--only', 'npm', '--format', 'chat'], {
      cwd,
    })
    expect(stdout).toBe('*medium* shop (package.json) names no licence\n')
    expect(code).toBe(1)
  })
  it('makes what it could not read a gap, not a pass', async () => {
    const cwd = workplace({ 'repo/package.json': '{ broken' })
    const { code, stdout } = await run(['repo', '--plugin', './plugin.mjs', '--only', 'npm', '--format', 'json'], {
      cwd,
    })
    expect(code).toBe(3)
    expect(JSON.parse(stdout).gaps).toMatchObject([{ kind: 'npm.package', reason: 'not valid JSON' }])
    expect(JSON.parse(stdout).undetermined).toMatchObject([{ rule: 'npm/no-licence' }])
  })
  it('writes its format into a file, next to ours', async () => {
    const cwd = workplace()
    const args = [
      'repo',
      '--plugin',
      './plugin.mjs',
      '--format',
      'chat',
      '--output',
      'sarif=a.sarif',
      '--output',
      'chat=a.txt',
    ]
    expect((await run(args, { cwd })).code).toBe(1)
    const sarif = JSON.parse((await run(['repo', '--plugin', './plugin.mjs', '--format', 'sarif'], { cwd })).stdout)
    expect(JSON.stringify(sarif)).toContain('npm/no-licence')
  })
  it('is known to rules list and explain', async () => {
    const cwd = workplace()
    const { stdout } = await run(['rules', 'list', '--plugin', './plugin.mjs'], { cwd })
    expect(stdout).toContain('npm/no-licence')
    expect((await run(['explain', 'npm/no-licence', '--plugin', './plugin.mjs'], { cwd })).code).toBe(0)
  })
  it('is found as a package, by any of its forms of exports', async () => {
    for (const [entry, exports] of [
      ['plugin.mjs', { '.': { types: './x.d.ts', import: './plugin.mjs' } }],
      ['plugin.mjs', './plugin.mjs'],
      ['index.mjs', undefined],
    ] as const) {
      const cwd = folderWith({ 'repo/package.json': '{ "name": "shop" }' })
      const folder = join(cwd, 'node_modules', '@acme', 'zt-audit-npm')
      mkdirSync(folder, { recursive: true })
      const manifest = {
        name: '@acme/zt-audit-npm',
        version: '1.0.0',
        ...(exports ? { exports } : { main: 'index.mjs' }),
      }
      addFiles(folder, { 'package.json': JSON.stringify(manifest), [entry]: guide['plugin.mjs'] ?? '' })
      cpSync(join(workplace(), 'rules'), join(folder, 'rules'), { recursive: true })
      mkdirSync(join(cwd, 'deeper'))
      const args = ['../repo', '--plugin', '@acme/zt-audit-npm', '--only', 'npm', '--format', 'chat']
      expect(await run(args, { cwd: join(cwd, 'deeper') })).toMatchObject({ code: 1, stderr: '' })
    }
  })
})

describe('who may name a plugin', () => {
  it('is the operator: a config that is trusted', async () => {
    const cwd = workplace({ 'audit.yaml': 'plugins: [./plugin.mjs]\n' })
    const args = ['repo', '--config', 'audit.yaml', '--only', 'npm', '--format', 'chat']
    expect((await run(args, { cwd })).stdout).toContain('shop')
  })
  it('is not the audited repository', async () => {
    const evil = "import { writeFileSync } from 'node:fs'\nwriteFileSync('ran', '')\nexport default {}\n"
    const cwd = workplace({ 'repo/zt-audit.yaml': 'plugins: [./repo/evil.mjs]\n', 'repo/evil.mjs': evil })
    const { code, stdout } = await run(['repo', '--format', 'json'], { cwd })
    expect(code).toBe(0)
    expect(JSON.parse(stdout).notices.join()).toContain('plugins ignored')
    // With --trust-target it would run, and be refused for what it is.
    expect((await run(['repo', '--trust-target'], { cwd })).stderr).toContain('no apiVersion')
  })
})

describe('a plugin that is broken', () => {
  const own = (
    body: string,
  ) => `const kind = { kind: 'acme.thing', meaning: 'A thing.', identity: ['name'], fields: { name: ['string', 'Name', 'a'] } }
const scanner = { id: 'things', emits: [kind], needs: [], requested: () => true, async *scan() {} }
export default { name: 'acme', apiVersion: 1, factKinds: [kind], ${body} }`
  it.each([
    ['throws on import', "throw new Error('boom')", 'cannot be loaded: Error: boom'],
    ['does not parse', 'export default {', 'cannot be loaded: SyntaxError'],
    ['has no default export', 'export const x = 1', 'its default export is no object'],
    [
      'is for a later version',
      "export default { name: 'a', apiVersion: 2 }",
      "it has apiVersion '2'; this zt-audit takes apiVersion 1",
    ],
    ['has no version', "export default { name: 'a' }", 'it has no apiVersion'],
    ['has a misspelt key', own('scaners: []'), "unknown key 'scaners', did you mean 'scanners'?"],
    ['has a name with blanks', "export default { name: 'A B', apiVersion: 1 }", "name 'A B' is no lower-case word"],
    [
      'takes one of our kinds',
      own("rules: '.'").replace("'acme.thing'", "'iam.user'"),
      'fact kind iam.user: there is a kind of this name already',
    ],
    [
      'declares a field of no type',
      own('').replace("'string'", "'text'"),
      'field name: its type is one of string, int, bool, list<string>',
    ],
    ['has a sample of another type', own('').replace(", 'a']", ', 1]'), 'field name: its sample is no string'],
    [
      'has an identity that is no field',
      own('').replace("identity: ['name']", "identity: ['id']"),
      "identity names 'id', which is no field",
    ],
    ['has no identity', own('').replace("identity: ['name']", 'identity: []'), 'identity names no field'],
    [
      'hides what is no field',
      own('').replace('fields:', "hidden: ['x'], fields:"),
      "hidden names 'x', which is no field",
    ],
    [
      'has a reserved field',
      own('').replace('{ name:', "{ scope: ['string', 'x', ''], name:"),
      "'scope' is no name of a field",
    ],
    [
      'is derived from what is not there',
      own('').replace('fields:', "derivedFrom: ['iam.usr'], fields:"),
      "derivedFrom: there is no kind of fact 'iam.usr', did you mean 'iam.user'?",
    ],
    [
      'emits a kind that nobody declares',
      own("scanners: [{ ...scanner, emits: [{ kind: 'acme.thin' }] }]"),
      "scanner things: emits: there is no kind of fact 'acme.thin', did you mean 'acme.thing'?",
    ],
    [
      'emits secrets',
      own("scanners: [{ ...scanner, emits: [{ kind: 'secret.match' }] }]"),
      'secret.match is of the secrets scanner alone',
    ],
    ['emits nothing', own('scanners: [{ ...scanner, emits: [] }]'), 'emits names no kind of fact'],
    [
      'has a scanner of our id',
      own("scanners: [{ ...scanner, id: 'secrets' }]"),
      'scanner secrets: there is a scanner of this id already',
    ],
    ['has two scanners of one id', own('scanners: [scanner, scanner]'), 'there is a scanner of this id already'],
    [
      'has a scanner that cannot scan',
      own('scanners: [{ ...scanner, scan: 1 }]'),
      'scanner things: scan is no function',
    ],
    [
      'derives in a circle',
      own("derivations: [{ id: 'd', from: [kind], emits: [kind], derive: () => ({ facts: [], gaps: [] }) }]"),
      'derivations in a circle',
    ],
    [
      'has a reporter of our name',
      own("reporters: { sarif: () => '' }"),
      "reporter 'sarif': there is a format of this name already",
    ],
    ['has a reporter that is none', own("reporters: { chat: '' }"), "reporter 'chat' is no function"],
    ['has no rules where it says', own("rules: './nowhere'"), 'there is no folder'],
    ['has rules elsewhere', own("rules: new URL('https://example.com/rules')"), 'rules is no file: URL'],
  ])('is refused where it %s', async (_what, source, message) => {
    const { code, stdout, stderr } = await runWith(source)
    expect(stderr).toContain('zt-audit: plugin ./own.mjs')
    expect(stderr).toContain(message)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
  it('names every defect at once', async () => {
    const { stderr } = await runWith("export default { name: '', apiVersion: 1, scaners: [], reporters: { json: 1 } }")
    expect(stderr.trim().split('\n').length).toBeGreaterThan(3)
  })
  it.each([
    ['./nowhere.mjs', 'there is no file'],
    ['no-such-package', 'is not installed where'],
    ['https://example.com/x', 'neither the name of a package nor the path'],
    ['node:fs', 'neither the name of a package nor the path'],
    ['data:text/javascript,1', 'neither the name of a package nor the path'],
  ])('is refused where it is not there: %s', async (name, message) => {
    const { code, stderr } = await run(['repo', '--plugin', name], { cwd: workplace() })
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })
  it('has rules that do not load', async () => {
    const { code, stderr } = await runWith(own("rules: './mine'"), { 'mine/a/b.yaml': 'title: x\n' })
    expect(stderr).toContain(join('mine', 'a', 'b.yaml'))
    expect(code).toBe(2)
  })
  it('leaves its format unknown, with a word on what there is', async () => {
    const { code, stderr } = await run(['repo', '--plugin', './plugin.mjs', '--format', 'chta'], { cwd: workplace() })
    expect(stderr).toContain("there is no format 'chta'. Did you mean 'chat'?")
    expect(code).toBe(2)
    expect((await run(['repo', '--output', 'sarfi=x'], { cwd: workplace() })).stderr).toContain("Did you mean 'sarif'?")
  })
})

describe('a plugin that fails while it runs', () => {
  const rule = (where: string) => `title: Thing
severity: high
confidence: high
pillar: Data
description: A thing.
match: { thing: { fact: acme.thing, where: '${where}' } }
message: "{{thing.name}}"
remediation: None.
references: [https://example.com]
tests:
  - { name: fires, facts: [{ kind: acme.thing, name: a, age: 1 }], finds: 1 }
  - { name: silent, facts: [{ kind: acme.thing, name: a, age: 99 }], finds: 0, because: it is old }
`
  const source = (scan: string, more = '') => `
const kind = { kind: 'acme.thing', meaning: 'A thing.', identity: ['name'], hidden: ['key'], fields: {
  name: ['string', 'Name', 'a'], age: ['int', 'Days', 1], key: ['string', 'For joins', 'k'] } }
const thing = (data) => ({ kind: 'acme.thing', scope: 'repo:.', unknown: [], at: { file: 'package.json', line: 1 }, data: { name: 'a', age: 1, key: 'k', ...data } })
const scanner = { id: 'things', emits: [kind], needs: [], requested: () => true, async *scan(context) { ${scan} } }
export default { name: 'acme', apiVersion: 1, factKinds: [kind], scanners: [scanner], rules: './mine', ${more} }`
  const files = { 'mine/acme/young.yaml': rule('thing.age < 10') }
  const scan = (body: string, more = '', ...args: string[]) =>
    runWith(source(body, more), files, '--only', 'acme', ...args)

  it('keeps what it had found when it throws', async () => {
    const { code, report, stderr } = await scan("yield thing({}); throw new TypeError('boom')")
    expect(report.findings).toHaveLength(1)
    expect(report.gaps).toMatchObject([
      { kind: 'acme.thing', reason: 'the scanner failed', detail: 'acme/things: TypeError: boom' },
    ])
    expect(stderr).toContain('boom')
    expect(code).toBe(1)
  })
  it('says in its own words that it reached nothing', async () => {
    const { code, report, stderr } = await scan("throw Object.assign(new Error('no route'), { name: 'ScanError' })")
    expect(report.gaps).toMatchObject([{ reason: 'not reached', detail: 'acme/things: no route' }])
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' })
  })
  it.each([
    ['a field of another type', "yield thing({ age: 'old' })", 'acme.thing.age is no int'],
    ['a field that is missing', 'yield thing({ age: undefined })', 'acme.thing.age is missing'],
  ])('has not seen %s', async (_what, body, detail) => {
    const { code, report } = await scan(body)
    expect(report.gaps).toMatchObject([{ fields: ['age'], detail: `acme/things: ${detail}` }])
    expect(report.undetermined).toMatchObject([{ rule: 'acme/young', rows: 1 }])
    expect(code).toBe(3)
  })
  it('drops fields that nobody declared, and says so', async () => {
    const { code, report } = await scan("yield thing({ password: 'x' })")
    expect(report.findings[0].evidence.thing[0].data).toEqual({ name: 'a', age: 1 })
    expect(report.gaps[0].detail).toBe("acme/things: acme.thing has no field 'password'")
    expect(code).toBe(1)
  })
  it.each([
    ['no identity', 'yield thing({ name: undefined })', 'without its identity'],
    [
      'another kind',
      "yield { ...thing({}), kind: 'iam.user' }",
      "a fact of the kind 'iam.user', which it does not emit",
    ],
    ['no scope', 'yield { ...thing({}), scope: 1 }', 'scope is no path'],
    ['no place', 'yield { ...thing({}), at: {} }', 'at is neither a place in a file nor a resource'],
    ['nothing', 'yield undefined', "a fact of the kind 'undefined'"],
  ])('goes on behind a fact with %s', async (_what, body, detail) => {
    const { report } = await scan(`${body}; yield thing({ name: 'sound' })`)
    expect(report.findings.map(({ message }: { message: string }) => message)).toEqual(['sound'])
    expect(report.gaps.map((gap: { detail: string }) => gap.detail).join()).toContain(detail)
  })
  it.each([
    ['no async iterable', 'return 1 } , scan: () => 1, x() {'],
    ['a promise that fails', "await Promise.reject(new Error('x'))"],
  ])('is incomplete with %s', async (_what, body) => {
    expect((await scan(body)).code).toBe(3)
  })
  it('may give gaps of any form', async () => {
    const { code, report } = await scan(
      'context.gap({}); context.gap(); context.gap({ kind: 1, scope: 2, class: 3, detail: 4 })',
    )
    expect(report.gaps.every(({ kind }: { kind: string }) => kind === 'acme.thing')).toBe(true)
    expect(code).toBe(3)
  })
  it('cannot say whether it is asked for', async () => {
    const failing = source('').replace('requested: () => true', "requested() { throw new Error('boom') }")
    const { code, report } = await runWith(failing, files, '--only', 'acme')
    expect(report.gaps[0].detail).toContain('boom')
    expect(code).toBe(3)
  })
  it('leaves a gap of what a derivation would have given', async () => {
    const derived = `const sum = { kind: 'acme.sum', meaning: 'A sum.', identity: ['n'], fields: { n: ['int', 'N', 1] }, derivedFrom: ['acme.thing'] }
const failing = { id: 'sums', from: [kind], emits: [sum], derive() { throw new Error('boom') } }
`
    const text = source('yield thing({})', 'derivations: [failing],')
      .replace('export default', `${derived}export default`)
      .replace('factKinds: [kind]', 'factKinds: [kind, sum]')
    const sums = rule('thing.n > 0')
      .replaceAll('acme.thing', 'acme.sum')
      .replaceAll('thing.name', 'thing.n')
      .replace('name: a, age: 1', 'n: 1')
      .replace('name: a, age: 99', 'n: 0')
    const { code, report, stderr } = await runWith(text, { 'mine/acme/sum.yaml': sums }, '--only', 'acme')
    expect(stderr).toBe('')
    expect(report.gaps).toMatchObject([{ kind: 'acme.sum', detail: 'acme/sums: Error: boom' }])
    expect(report.undetermined).toMatchObject([{ rule: 'acme/sum' }])
    expect(code).toBe(3)
  })
  it('never shows a hidden field: not in JSON, not to a reporter, not in a message', async () => {
    const key = randomText(20)
    const body = `yield thing({ key: '${key}' })`
    const reporter = 'reporters: { all: (report) => JSON.stringify(report) }'
    const { stdout, report } = await scan(body)
    expect(report.findings).toHaveLength(1)
    const all = await scan(body, reporter, '--format', 'all')
    expect(all.stdout).toContain('acme/young')
    expect(stdout + all.stdout).not.toContain(key)
    const leaking = { 'mine/acme/young.yaml': rule('thing.age < 10').replace('{{thing.name}}', '{{thing.key}}') }
    const refused = await runWith(source(body), leaking)
    expect(refused.stderr).toContain('acme.thing.key is for joins only: it is never printed')
    expect(refused.code).toBe(2)
  })
  it('cannot hand over lines of code: these are cut and masked here', async () => {
    const secret = randomText(24)
    const { stdout } = await scan(`yield { ...thing({}), excerpt: { startLine: 1, lines: ['${secret}'] } }`)
    expect(stdout).not.toContain(secret)
  })
  it.each([
    ['throws', "() => { throw new Error('boom') }", 'the reporter chat failed: boom'],
    ['gives no text', '() => 1', 'the reporter chat gave a number, not a string'],
  ])('has a reporter that %s: the other reports are written', async (_what, reporter, message) => {
    const cwd = workplace({ 'own.mjs': source('', `reporters: { chat: ${reporter} },`), ...files })
    const args = ['repo', '--plugin', './own.mjs', '--only', 'acme', '--output', 'chat=a.txt', '--format', 'json']
    const { code, stdout, stderr } = await run(args, { cwd })
    expect(stderr).toContain(message)
    expect(JSON.parse(stdout).findings).toEqual([])
    expect(code).toBe(3)
  })
})

describe('the name of a plugin', () => {
  it.each([
    ['./a.mjs', true],
    ['../a', true],
    ['a.mjs', true],
    ['C:\\plugins\\a.mjs', true],
    ['C:/plugins/a', true],
    ['.\\a', true],
    ['zt-audit-acme', false],
    ['@acme/zt-audit', false],
  ])('%s on Windows is a path: %s', (name, expected) => {
    expect(isModulePath(name, path.win32)).toBe(expected)
  })
})
