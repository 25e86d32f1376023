import { readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { addFiles, folderWith, git, randomText, run } from '../support/program.ts'

interface Found {
  readonly ruleId: string
  readonly baselineState?: string
  readonly location: { readonly file: string; readonly line: number }
}
let root: string
let secret: string
const BASELINE = 'zt-audit.baseline.json'
const POLICY = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] })
const urlLine = (password: string) => `DB = "mysql://app:${password}@db.internal/x"\n`
const text = (file: string) => readFileSync(join(root, file), 'utf8')

async function audit(...args: string[]) {
  const { code, stdout, stderr } = await run([root, '--format', 'json', ...args])
  const report = stdout === '' ? undefined : (JSON.parse(stdout) as { findings: Found[]; baseline?: object })
  const states = report?.findings.map(({ ruleId, baselineState = '-', location }) => [
    ruleId.split('/')[0],
    baselineState,
    location.file,
  ])
  return { code, stderr, states, baseline: report?.baseline }
}

beforeEach(async () => {
  secret = randomText(14)
  root = folderWith({ 'a.py': urlLine(secret), 'policy.json': POLICY })
  git(root, 'init', '-q')
  git(root, 'add', '.')
  git(root, 'commit', '-qm', 'first')
  expect(await run(['baseline', 'create', root])).toMatchObject({ code: 0, stdout: expect.stringContaining('2 new') })
  git(root, 'add', '.')
  git(root, 'commit', '-qm', 'baseline')
})

const KNOWN = [
  ['iam', 'unchanged'],
  ['secrets', 'unchanged'],
]

describe('with a baseline, a run', () => {
  it('passes, shows nothing of what is known, and tells how many', async () => {
    const { code, stdout } = await run([root])
    expect(code).toBe(0)
    expect(stdout).toMatch(/found +no findings\n(?:(?! {2}hidden).*\n)* {2}hidden +2 known from the baseline/)
    expect((await audit('--no-baseline')).code).toBe(1)
  })
  it('passes after 50 lines were inserted', async () => {
    writeFileSync(join(root, 'a.py'), `${'# more\n'.repeat(50)}${text('a.py')}`)
    const { code, states } = await audit()
    expect([code, states?.map((state) => state.slice(0, 2))]).toEqual([0, KNOWN])
  })
  it('passes after files were moved and renamed', async () => {
    addFiles(root, { 'deep/x.txt': '' })
    renameSync(join(root, 'a.py'), join(root, 'deep/b.py'))
    renameSync(join(root, 'policy.json'), join(root, 'deep/admin.json'))
    const { code, states } = await audit()
    expect([code, states?.map((state) => state.slice(0, 2))]).toEqual([0, KNOWN])
  })
  it('passes after a rebase, of history as well', async () => {
    await run(['baseline', 'update', root, '--history'])
    git(root, 'checkout', '-q', '-b', 'topic')
    addFiles(root, { 'topic.txt': 'x' })
    git(root, 'add', '.')
    git(root, 'commit', '-qm', 'topic')
    git(root, 'checkout', '-q', 'main')
    addFiles(root, { 'main.txt': 'x' })
    git(root, 'add', '.')
    git(root, 'commit', '-qm', 'main')
    git(root, 'checkout', '-q', 'topic')
    git(root, 'rebase', '-q', 'main')
    expect((await audit('--history')).code).toBe(0)
  })
  it('fails on a changed secret in the known line', async () => {
    writeFileSync(join(root, 'a.py'), urlLine(randomText(14)))
    const { code, states } = await audit()
    expect([code, states]).toEqual([
      1,
      [
        ['iam', 'unchanged', 'policy.json'],
        ['secrets', 'new', 'a.py'],
      ],
    ])
  })
  it('fails on a second place of a known secret, and names that place', async () => {
    addFiles(root, { 'z.py': urlLine(secret) })
    const { code, states } = await audit()
    expect([code, states?.[1]]).toEqual([1, ['secrets', 'updated', 'z.py']])
    const { stdout } = await run([root])
    expect(stdout).toContain('known from the baseline, but not in this place')
    expect(stdout).toContain('Password in a connection string in z.py')
  })
  it('fails on a copy of a known policy', async () => {
    addFiles(root, { 'copy.json': POLICY })
    expect((await audit()).states).toContainEqual(['iam', 'new', 'copy.json'])
  })
  it('passes after a deletion, and says what is gone', async () => {
    rmSync(join(root, 'a.py'))
    const { code, baseline } = await audit()
    expect([code, baseline]).toMatchObject([0, { known: 1, gone: 1, unseen: 0 }])
    expect((await run(['baseline', 'prune', root])).stdout).toContain('1 finding (1 gone)')
    expect((await audit()).baseline).toMatchObject({ known: 1, gone: 0 })
  })
  it('calls nothing gone that it did not look for', async () => {
    rmSync(join(root, 'a.py'))
    expect((await audit('--only', 'iam')).baseline).toMatchObject({ known: 1, gone: 0, unseen: 1 })
    const before = text(BASELINE)
    await run(['baseline', 'prune', root, '--only', 'iam'])
    expect(text(BASELINE)).toBe(before)
  })
  it('has the same exit code in each format', async () => {
    addFiles(root, { 'z.py': urlLine(secret) })
    for (const format of ['pretty', 'json', 'sarif']) expect((await run([root, '--format', format])).code).toBe(1)
  })
})

describe('the file', () => {
  it('holds neither secret nor path, and is the same each time', async () => {
    const before = text(BASELINE)
    for (const word of [secret, 'a.py', 'policy', 'internal']) expect(before).not.toContain(word)
    await run(['baseline', 'update', root])
    expect(text(BASELINE)).toBe(before)
  })
  it('is not written over by create, and wanted by update and prune', async () => {
    expect(await run(['baseline', 'create', root])).toMatchObject({ code: 2, stderr: /exists already/ })
    rmSync(join(root, BASELINE))
    expect(await run(['baseline', 'update', root])).toMatchObject({ code: 2, stderr: /baseline create/ })
    expect(await run([root, '--baseline', join(root, 'none.json')])).toMatchObject({ code: 2, stderr: /no baseline/ })
  })
  it('may have another name', async () => {
    const file = join(folderWith({}), 'mine.json')
    expect((await run(['baseline', 'create', root, '--baseline', file])).code).toBe(0)
    rmSync(join(root, BASELINE))
    expect((await audit('--baseline', file)).code).toBe(0)
  })
  it('that is broken, or a link to elsewhere, is an error and no pass', async () => {
    writeFileSync(join(root, BASELINE), '{"schemaVersion": "1.0"')
    expect((await audit()).code).toBe(2)
    rmSync(join(root, BASELINE))
    symlinkSync('/etc/passwd', join(root, BASELINE))
    expect(await audit()).toMatchObject({ code: 2, stderr: expect.not.stringContaining('root:') })
  })
  it('speaks of the whole tree: not with --staged, --since or --config-from', async () => {
    for (const option of [['--staged'], ['--since', 'main'], ['--config-from', 'main'], ['--no-baseline']])
      expect((await run(['baseline', 'update', root, ...option])).code).toBe(2)
  })
  it('of an incomplete audit is written, with exit 3', async () => {
    addFiles(root, { 'broken.json': '{"Statement": [{"Effect": "Allow", "Action": "*"' })
    expect(await run(['baseline', 'update', root])).toMatchObject({ code: 3, stderr: /incomplete/ })
  })
})

describe('an accepted finding', () => {
  it('without an end is an info finding itself', async () => {
    addFiles(root, {
      'b.py': `${urlLine(randomText(14)).trim()}  # zt-audit${': ignore'} secrets -- a test server\n`,
      'zt-audit.yaml': 'suppressions:\n  - { rule: iam, path: policy.json, reason: a sandbox }\n',
    })
    const { code, states } = await audit()
    expect(code).toBe(0)
    expect(states?.filter(([area]) => area === 'suppression')).toEqual([
      ['suppression', 'new', 'b.py'],
      ['suppression', 'new', 'zt-audit.yaml'],
    ])
  })
})
