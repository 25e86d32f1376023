import { chmodSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { validateSarif } from '../../build/validate-sarif.mjs'
import { jsonSchema } from '../../src/cli/rules.ts'
import { FORMATS } from '../../src/formats.ts'
import { addFiles, awsKeyId, awsSecret, folderWith, git, randomText, run } from '../support/program.ts'

interface JsonFinding {
  readonly ruleId: string
  readonly fingerprint: string
  readonly location: { readonly file: string; readonly line: number; readonly column: number; readonly commit?: string }
}
async function audit(root: string, ...args: string[]) {
  const { code, stdout, stderr } = await run([root, '--format', 'json', ...args])
  const report =
    stdout === ''
      ? undefined
      : (JSON.parse(stdout) as {
          findings: JsonFinding[]
          gaps: { reason: string; detail: string }[]
          undetermined: { rule: string }[]
          notices: string[]
        })
  return { code, stderr, stdout, report, rules: (report?.findings ?? []).map((finding) => finding.ruleId) }
}
const ADMIN_POLICY = JSON.stringify(
  { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
  null,
  2,
)

describe('the planted secrets of a Flask application', () => {
  it('are found, and references to the environment are not', async () => {
    const password = randomText(14)
    const root = folderWith({
      'app/settings.py': `DATABASE_URL = "postgres://user:${password}@db.example.com/database"\nSECRET_KEY = '${randomText(24)}'\n`,
      'app/auth.js': 'jwt.sign(user, process.env.JWT_SECRET)\nconst options = { secret: process.env.JWT_SECRET }\n',
    })
    const { code, report, stdout } = await audit(root)
    expect(report?.findings.map((f) => [f.ruleId, f.location.file, f.location.line]).sort()).toEqual([
      ['secrets/connection-string-password', 'app/settings.py', 1],
      ['secrets/hardcoded-signing-key', 'app/settings.py', 2],
    ])
    expect(code).toBe(1)
    expect(stdout).not.toContain(password)
  })
})

describe('every format', () => {
  const secrets = [awsKeyId(), awsSecret(), randomText(16)]
  const root = folderWith({
    '.env': `AWS_ACCESS_KEY_ID=${secrets[0]}\nAWS_SECRET_ACCESS_KEY=${secrets[1]}\nDB_PASSWORD=${secrets[2]}\n`,
    'policy.json': ADMIN_POLICY,
    'sécrét space/ü.env': `API_TOKEN=${secrets[2]}\n`,
  })
  it.each(FORMATS)('%s has the same exit code and no value of a secret', async (format) => {
    const { code, stdout, stderr } = await run([root, '--format', format])
    expect(code).toBe(1)
    for (const secret of secrets.slice(1)) expect(stdout + stderr).not.toContain(secret)
  })
  it('gives the same bytes twice', async () => {
    for (const format of FORMATS) {
      const [a, b] = [await run([root, '--format', format]), await run([root, '--format', format])]
      expect(a.stdout).toBe(b.stdout)
    }
  })
  it('json follows its published schema', async () => {
    const ajv = addFormats.default(new Ajv({ strict: false }))
    const validate = ajv.compile(jsonSchema('report'))
    validate(JSON.parse((await run([root, '--format', 'json'])).stdout))
    expect(validate.errors ?? []).toEqual([])
  })
  it('sarif passes the reference validator', async () => {
    const file = join(root, '..', `${root.split('/').at(-1)}.sarif`)
    const { code } = await run([root, '--format', 'json', '--output', `sarif=${file}`])
    expect(code).toBe(1)
    expect(validateSarif(file)).toEqual([])
    // A folder outside of git has no provenance, which is all there is to note.
    const notes = validateSarif(file, { strict: true })
    expect(notes).toEqual([expect.stringContaining('SARIF2003')])
  })
  it('is written whole or not at all', async () => {
    const { code, stderr, stdout } = await run([
      root,
      '--format',
      'json',
      '--output',
      'sarif=/nowhere/at/all.sarif',
      '--exit-zero',
    ])
    expect(stderr).toContain('cannot write /nowhere/at/all.sarif')
    expect(JSON.parse(stdout).findings.length).toBeGreaterThan(0)
    expect(code).toBe(3)
  })
})

describe('fingerprints', () => {
  const line = (password: string) => `DATABASE_URL = "postgres://shop:${password}@db.internal/shop"\n`
  const print = async (files: Record<string, string>) =>
    (await audit(folderWith(files), '--only', 'secrets')).report?.findings.map((f) => f.fingerprint)
  it('stay when lines move and files are renamed, and change with the secret', async () => {
    const [first, second] = [randomText(14), randomText(14)]
    const [original] = (await print({ 'a.py': line(first) })) ?? []
    expect(original).toMatch(/^v1:[0-9a-f]{64}$/)
    expect(await print({ 'a.py': `${'# more\n'.repeat(50)}${line(first)}` })).toEqual([original])
    expect(await print({ 'b/other.py': line(first) })).toEqual([original])
    const [changed] = (await print({ 'a.py': line(second) })) ?? []
    expect(changed).not.toBe(original)
  })
})

describe('an untrusted tree', () => {
  it('cannot make its config a link to a file of the machine', async () => {
    const root = folderWith({ 'a.txt': 'x' })
    const outside = folderWith({ 'file.txt': 'first line of a file of the machine\n' })
    symlinkSync(join(outside, 'file.txt'), join(root, 'zt-audit.yaml'))
    const { code, stderr } = await run([root])
    expect(code).toBe(2)
    expect(stderr).not.toContain('first line')
  })
  it('cannot hang the audit with a pattern', async () => {
    const root = folderWith({ [`${'a'.repeat(60)}.txt`]: 'x', 'zt-audit.yaml': `exclude: ["${'*a'.repeat(30)}b"]\n` })
    expect((await audit(root)).code).toBe(0)
  })
  it('is read where the repository around it ignores it', async () => {
    const outer = folderWith({ '.gitignore': 'build\n', 'build/policy.json': ADMIN_POLICY })
    git(outer, 'init', '-q')
    expect((await audit(join(outer, 'build'))).rules).toContain('iam/full-admin')
  })
  it('cannot write lines of the report by a file name', async () => {
    const root = folderWith({ 'x\n\n  found       no findings\n y.json': ADMIN_POLICY })
    expect((await run([root])).stdout).not.toMatch(/^ {2}found {7}no findings/m)
  })
})

describe('exit codes', () => {
  it('0 on a clean and on an empty folder', async () => {
    expect((await audit(folderWith({ 'a.txt': 'nothing here' }))).code).toBe(0)
    expect((await audit(folderWith({}))).code).toBe(0)
  })
  it('1 below a score, which a repository alone does not reach: what was not asked for is not good', async () => {
    const root = folderWith({ 'a.txt': 'nothing here' })
    expect(await run([root, '--fail-on-score', '90'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^zt-audit: the posture, .*, is below 90$/m),
    })
    addFiles(root, { 'zt-audit.yaml': 'fail-on-score: 90\n' })
    expect((await run([root])).code).toBe(0)
    expect((await run([root, '--config', join(root, 'zt-audit.yaml')])).code).toBe(1)
  })
  it('2 on a wrong option, an unknown rule, a broken config', async () => {
    const root = folderWith({ 'a.txt': 'x' })
    expect((await run([root, '--fail-on', 'hgih'])).code).toBe(2)
    for (const points of ['', '0', '101', 'x']) expect((await run([root, `--fail-on-score=${points}`])).code).toBe(2)
    expect((await run([root, '--fail-on-score', '50', '--staged'])).code).toBe(2)
    expect((await run([root, '--no-such-option'])).code).toBe(2)
    expect(await run([root, '--only', 'iam/full-amdin'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("did you mean 'iam/full-admin'?"),
    })
    addFiles(root, { 'zt-audit.yaml': 'exclud: [a]\n' })
    expect(await run([root])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("zt-audit.yaml:1:1: unknown key 'exclud', did you mean 'exclude'?"),
    })
  })
  it('2 on a file in place of a folder', async () => {
    const { code, stderr } = await run([join(folderWith({ 'a.yaml': 'a: 1\n' }), 'a.yaml')])
    expect(code).toBe(2)
    expect(stderr).toMatch(/a\.yaml is a file; audit the folder that it is in/)
  })
  it('4 when there was nothing to read', async () => {
    expect((await run([join(folderWith({}), 'missing')])).code).toBe(4)
  })
})

describe('suppressions', () => {
  it('in the line or above it, with a reason', async () => {
    const password = randomText(14)
    const planted = `DB_URL = "mysql://app:${password}@db.internal/x"`
    const ignore = '# zt-audit' + ': ignore secrets/connection-string-password -- a test server without data'
    const { code, report } = await audit(
      folderWith({ 'a.py': `${planted}  ${ignore}\n`, 'b.py': `${ignore}\n${planted}\n` }),
      '--only',
      'secrets',
    )
    expect(code).toBe(0)
    expect(report?.findings).toMatchObject([{ suppressed: { by: 'inline', reason: 'a test server without data' } }])
  })
  it('without a reason do not count, and are named', async () => {
    const planted = `DB_URL = "mysql://app:${randomText(14)}@db.internal/x"`
    const ignore = '# zt-audit' + ': ignore secrets/connection-string-password'
    const { code, report } = await audit(folderWith({ 'a.py': `${planted}  ${ignore}\n` }), '--only', 'secrets')
    expect(code).toBe(1)
    expect(report?.notices.join()).toContain(
      'a.py:1: the suppression of secrets/connection-string-password gives no reason',
    )
  })
  it('of one repository say nothing of another', async () => {
    const planted = `DB_URL = "mysql://app:${randomText(14)}@db.internal/x"`
    const ignore = '# zt-audit' + ': ignore secrets/connection-string-password -- a test server'
    const config = 'exclude: [b.py]\nsuppressions:\n  - { rule: secrets, path: a.py, reason: mine }\n'
    const first = folderWith({ 'a.py': `x = 1 ${ignore}\n`, 'zt-audit.yaml': config })
    const second = folderWith({ 'a.py': `${planted}\n`, 'b.py': `${planted.replace('mysql', 'redis')}\n` })
    const { code, report } = await audit(first, '--repo', second, '--only', 'secrets')
    expect(code).toBe(1)
    expect(report?.findings.map(({ location }) => location)).toMatchObject([{ file: 'a.py', repository: second }])
  })
  it('that have expired count no more, and are named', async () => {
    const root = folderWith({
      'policy.json': ADMIN_POLICY,
      'zt-audit.yaml':
        'suppressions:\n  - { rule: iam/full-admin, path: policy.json, reason: until the move, expires: "2020-01-01" }\n',
    })
    const { code, report } = await audit(root, '--only', 'iam/full-admin')
    expect(code).toBe(1)
    expect(report?.notices.join()).toContain('expired on 2020-01-01')
  })
})

describe('bad input', () => {
  it('is named, and the rest is audited', async () => {
    const root = folderWith({
      'policy.json': ADMIN_POLICY,
      'broken.json': '{"Statement": [{"Effect": "Allow", "Action": "*"',
      'broken.yaml': 'kind: ClusterRole\nmetadata: {name: [}\n',
      'broken.tf': 'resource "aws_iam_policy" "x" {\n  policy = jsonencode({\n',
      'binary.bin': Buffer.from([0, 1, 2, 3]),
      'utf16.env': Buffer.from(`\ufeffDB_PASSWORD=${randomText(16)}\n`, 'utf16le'),
      'large.txt': 'x'.repeat(2000),
      'new\nline.json': ADMIN_POLICY,
    })
    symlinkSync('/etc', join(root, 'out'))
    symlinkSync('loop', join(root, 'loop'))
    const { code, report, rules } = await audit(root, '--max-file-size', '1500')
    expect(code).toBe(1)
    expect(rules.filter((rule) => rule === 'iam/full-admin')).toHaveLength(2)
    expect(report?.findings.some((finding) => finding.location.file === 'utf16.env')).toBe(true)
    const details = report?.gaps.map((gap) => gap.detail).join('\n') ?? ''
    for (const name of ['broken.json', 'broken.yaml', 'broken.tf', 'large.txt', 'out']) expect(details).toContain(name)
  })
  it('makes a clean run incomplete', async () => {
    expect((await audit(folderWith({ 'broken.json': '{"Statement": [{"Effect": "Allow", "Action": "*"' }))).code).toBe(
      3,
    )
  })
  // Root may read everything; that a file which cannot be read is a fault is also shown in test/sources/tree.test.ts.
  it.skipIf(process.getuid?.() === 0)('is an unreadable file', async () => {
    const root = folderWith({ 'a.txt': 'x' })
    chmodSync(join(root, 'a.txt'), 0)
    expect((await audit(root)).code).toBe(3)
  })
})

describe('git', () => {
  it('shows what was deleted from the tree in history only', async () => {
    const password = randomText(14)
    const root = folderWith({ 'a.py': `DB = "mysql://app:${password}@db.internal/x"\n` })
    git(root, 'init', '-q')
    git(root, 'add', '.')
    git(root, 'commit', '-qm', 'leak')
    writeFileSync(join(root, 'a.py'), 'DB = None\n')
    git(root, 'commit', '-qam', 'remove')
    expect((await audit(root)).code).toBe(0)
    const { report, stdout } = await audit(root, '--history')
    expect(report?.findings).toMatchObject([
      {
        ruleId: 'secrets/connection-string-password',
        location: { file: 'a.py', line: 1, commit: git(root, 'rev-parse', 'HEAD~1').trim() },
      },
    ])
    expect(stdout).not.toContain(password)
  })
  it('may be empty, shallow or absent', async () => {
    const empty = folderWith({})
    git(empty, 'init', '-q')
    expect((await audit(empty, '--history')).code).toBe(0)
    expect((await audit(folderWith({ 'a.txt': 'x' }), '--history')).report?.gaps).toMatchObject([
      { reason: expect.stringContaining('no git repository') },
    ])
    const origin = folderWith({ 'a.txt': 'x' })
    git(origin, 'init', '-q')
    for (const text of ['1', '2', '3']) {
      writeFileSync(join(origin, 'a.txt'), text)
      git(origin, 'add', '.')
      git(origin, 'commit', '-qm', text)
    }
    const shallow = folderWith({})
    git(shallow, 'clone', '-q', '--depth', '1', `file://${origin}`, 'clone')
    expect((await audit(join(shallow, 'clone'), '--history')).report?.gaps.map((gap) => gap.reason).join()).toContain(
      'shallow',
    )
  })
})

describe('an interrupted run', () => {
  it('reports what was found and says that it is incomplete', async () => {
    const line = 'const value = compute(token, key, secret, password)\n'
    const filler = line.repeat(10_000)
    const leak = (i: number) => (i % 20 === 0 ? `DB = "mysql://app:${randomText(14)}@db.internal/x"\n` : '')
    const files = Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`f${i}.py`, leak(i) + filler]))
    const { code, stdout, stderr } = await run([folderWith(files), '--format', 'json', '--only', 'secrets'], {
      signalAfterMs: 2000,
    })
    expect(stderr).toContain('stopping')
    const report = JSON.parse(stdout)
    expect(report.interrupted).toBe(true)
    expect([1, 3]).toContain(code)
  })
})

describe('a rule of one’s own', () => {
  it('is one file, and works', async () => {
    const rule = `title: Policy named like a test
severity: high
confidence: high
pillar: Identity
description: A policy whose name begins with test was meant to go.
match: { statement: { fact: iam.statement, where: 'statement.policyName.contains("test")' } }
message: "{{statement.policyName}} is a test policy"
remediation: Delete it.
references: []
tests:
  - { name: named test, facts: [{ kind: iam.statement, policyName: test-a }], finds: 1 }
  - { name: named otherwise, facts: [{ kind: iam.statement, policyName: prod }], finds: 0, because: it is no test }
`
    const rules = folderWith({ 'own/test-policy.yaml': rule })
    expect(await run(['rules', 'test', rules])).toMatchObject({
      code: 0,
      stdout: '1 rules: 2 tests passed, 0 failed\n',
    })
    const { rules: fired } = await audit(folderWith({ 'test.json': ADMIN_POLICY }), '--rules', rules, '--only', 'own')
    expect(fired).toEqual(['own/test-policy'])
    const broken = folderWith({ 'own/test-policy.yaml': rule.replace('policyName.contains', 'polcyName.contains') })
    expect(await run(['rules', 'test', broken])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('test-policy.yaml:6:'),
    })
  })
})

describe('commands', () => {
  it('--version answers alone', async () => {
    expect((await run(['--version'])).stdout.trim()).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version)
  })
  it('explain tells of a rule, and of the one that was meant', async () => {
    expect((await run(['explain', 'iam/full-admin'])).stdout).toContain('WHY IT MATTERS')
    expect((await run(['explain', 'iam/ful-admin'])).stderr).toContain("did you mean 'iam/full-admin'?")
  })
  it('rules list and schema are JSON where asked', async () => {
    expect(JSON.parse((await run(['rules', 'list', '--format', 'json'])).stdout).length).toBeGreaterThan(100)
    expect(JSON.parse((await run(['rules', 'schema'])).stdout).title).toBe('zt-audit rule')
  })
  it.each([
    [['--aws-accounts', 'all'], '--aws-accounts needs --aws-role'],
    [['--aws-role', 'audit'], '--aws-role needs --aws-accounts'],
    [['--aws', '--aws-external-id', 'x'], '--aws-external-id needs --aws-role'],
    [['--aws-accounts', '12', '--aws-role', 'audit'], 'account numbers of 12 digits, or all'],
    [['--aws-region', 'all'], '--aws-region needs --aws'],
  ])('options of AWS go together: %s', async (options, message) => {
    const { code, stderr } = await run(options)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })
  it('permissions prints what can be applied', async () => {
    expect(JSON.parse((await run(['permissions', 'aws'])).stdout).Statement[0].Action).toContain('iam:ListUsers')
    expect((await run(['permissions', 'k8s'])).stdout).toContain('kind: ClusterRole')
    expect((await run(['permissions', 'github'])).stdout).toMatch(/admin:org[\s\S]*GET \/orgs\/\{org\}\/members/)
  })
})
