import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { shownFiles } from './support/documents.ts'
import { addFiles, folderWith, type Outcome, randomText } from './support/program.ts'

const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
})

/** A folder in which `zt-audit` is installed: as built, not from source. */
function consumer(files: Readonly<Record<string, string>>): string {
  const root = folderWith({ 'package.json': '{ "type": "module" }\n', ...files })
  mkdirSync(join(root, 'node_modules'))
  symlinkSync(resolve('.'), join(root, 'node_modules', 'zt-audit'), 'junction')
  return root
}

function node(cwd: string, ...args: string[]): Promise<Outcome> {
  return new Promise((done) => {
    execFile(process.execPath, args, { cwd, env: { PATH: process.env.PATH ?? '' } }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr })
    })
  })
}

describe('the library', () => {
  it('runs the example of its manual', async () => {
    const root = consumer({ ...shownFiles('docs/library.md'), 'app/policy.json': POLICY })
    const { code, stdout, stderr } = await node(root, 'audit.mjs', 'app')
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^critical iam\/full-admin policy\.json:1: /)
    expect(stdout).toMatch(/\ntrue\n$/)
    expect(code).toBe(1)
  })
  it('works from CommonJS', async () => {
    const root = consumer({
      'a.cjs':
        "import('zt-audit').then(async ({ audit, VERSION }) => console.log(VERSION, (await audit()).findings.length))",
      'policy.json': POLICY,
    })
    expect((await node(root, 'a.cjs')).stdout).toMatch(/^\d+\.\d+\.\d+\S* 1\n$/)
  })
  it('has a default for everything, prints nothing and leaves the exit code alone', async () => {
    const root = consumer({ 'a.mjs': "import { audit } from 'zt-audit'; await audit()", 'policy.json': POLICY })
    expect(await node(root, 'a.mjs')).toEqual({ code: 0, stdout: '', stderr: '' })
  })
  it('throws what it says', async () => {
    const root = consumer({
      'a.mjs': `import { audit, render, RuleError, UsageError } from 'zt-audit'
const of = (promise) => promise.catch((error) => error)
const errors = [
  await of(audit({ only: ['iam/full-amdin'] })),
  await of(audit({ rules: ['bad'] })),
  await of(render(await audit(), 'yaml')),
]
console.log(errors[0] instanceof UsageError, errors[0].message)
console.log(errors[1] instanceof RuleError, errors[1].defects.length > 0, errors[1].defects[0].line)
console.log(errors[2] instanceof RangeError)
`,
      'bad/x/y.yaml': 'title: x\n',
    })
    const { stdout } = await node(root, 'a.mjs')
    expect(stdout).toMatch(/^true there is no rule or area 'iam\/full-amdin', did you mean 'iam\/full-admin'\?\n/)
    expect(stdout).toMatch(/\ntrue true 1\ntrue\n$/)
  })
  it('ends early when it is told to, and says so', async () => {
    const root = consumer({
      'a.mjs':
        "import { audit } from 'zt-audit'; console.log((await audit({ signal: AbortSignal.abort() })).interrupted)",
    })
    expect((await node(root, 'a.mjs')).stdout).toBe('true\n')
  })
  it('gives no value of a secret, and no digest of this run', async () => {
    const secret = randomText(16)
    const root = consumer({
      'a.mjs': "import { audit } from 'zt-audit'; console.log(JSON.stringify(await audit({ paths: 'app' })))",
      'app/settings.py': `SECRET_KEY = '${secret}${randomText(8)}'\n`,
    })
    const { stdout } = await node(root, 'a.mjs')
    const [finding] = JSON.parse(stdout).findings
    expect(finding.rule.id).toBe('secrets/hardcoded-signing-key')
    expect(stdout).not.toContain(secret)
    expect(Object.keys(finding.evidence.secret[0].data)).not.toContain('digest')
  })
})

describe('the declarations', () => {
  const typescript = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  const program = `import { audit, catalogue, exitCodeOf, fact, factKind, isFact, isOpen, render, UNKNOWN } from 'zt-audit'
import type { AuditRequest, Finding, Gap, Plugin, Report, Scanner } from 'zt-audit'

const kind = factKind({
  kind: 'acme.thing',
  meaning: 'A thing.',
  identity: ['name'],
  fields: { name: ['string', 'Its name', 'a'], ages: ['int', 'Days', 1], tags: ['list<string>', 'Tags', []] },
})
const scanner: Scanner = {
  id: 'things',
  emits: [kind],
  needs: [],
  requested: (context) => context.trees.length > 0,
  async *scan() {
    yield fact(kind, 'repo:.', { file: 'a' }, { name: 'a', ages: UNKNOWN, tags: [] })
    // @ts-expect-error: a field is forgotten
    yield fact(kind, 'repo:.', { file: 'a' }, { name: 'a', ages: 1 })
  },
}
export default { name: 'acme', apiVersion: 1, factKinds: [kind], scanners: [scanner] } satisfies Plugin

const request: AuditRequest = { paths: ['.'], minConfidence: 'low' }
const report: Report = await audit(request)
const open: Finding[] = report.findings.filter(isOpen)
const gaps: readonly Gap[] = report.gaps
const text: string = await render(report, 'json')
const code: 0 | 1 | 2 | 3 | 4 = exitCodeOf(report)
for (const each of open.flatMap((finding) => Object.values(finding.evidence).flat())) {
  if (isFact(kind, each)) { const name: string | undefined = each.data.name; void name }
}
void [gaps, text, code, catalogue.get('iam.user')?.meaning]
// @ts-expect-error: there is no such level
await audit({ minConfidence: 'none' })
`
  it.each([
    ['nodenext', { module: 'nodenext', moduleResolution: 'nodenext', target: 'es2023' }],
    ['bundler', { module: 'esnext', moduleResolution: 'bundler', target: 'es2023' }],
  ])('stand alone under --strict, as %s resolves them', (_name, options) => {
    const root = consumer({})
    const compilerOptions = {
      ...options,
      strict: true,
      skipLibCheck: false,
      noEmit: true,
      types: [],
      exactOptionalPropertyTypes: true,
    }
    addFiles(root, {
      'a.ts': program,
      'tsconfig.json': JSON.stringify({
        compilerOptions: { ...compilerOptions, preserveSymlinks: true },
        files: ['a.ts'],
      }),
    })
    expect(execFileSync(process.execPath, [typescript, '--project', root], { encoding: 'utf8' })).toBe('')
  })
})
