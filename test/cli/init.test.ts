import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, realpathSync, symlinkSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseDocument } from 'yaml'
import { addHook } from '../../src/cli/init/pre-commit.ts'
import { programFor } from '../../src/cli/init/program.ts'
import { folderWith, git, randomText, run } from '../support/program.ts'

function repository(files: Readonly<Record<string, string>>, remote = 'git@github.com:acme/shop.git'): string {
  const root = folderWith({ 'a.txt': 'x', ...files })
  git(root, 'init', '-q', '-b', 'trunk')
  git(root, 'remote', 'add', 'origin', remote)
  git(root, 'add', '.')
  git(root, 'commit', '-qm', 'x')
  return root
}
const textIn = (root: string, path: string) => readFileSync(join(root, path), 'utf8')
const leak = () => `DATABASE_URL=postgres://shop:${randomText(14)}@db.internal/shop\n`

describe('zt-audit init', () => {
  it('writes a config that loads and nothing else, and no second one', async () => {
    const root = repository({})
    expect(await run(['init', root])).toMatchObject({ code: 0 })
    expect(git(root, 'status', '--short').trim()).toBe('?? zt-audit.yaml')
    expect((await run([root])).code).toBe(0)
    const again = await run(['init', root])
    expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('nothing to write') })
  })
  it('with --yes takes what fits, and what it writes passes its own audit', async () => {
    const root = repository({ '.pre-commit-config.yaml': 'repos: []\n' })
    const { code, stdout } = await run(['init', root, '--yes'])
    expect(code).toBe(0)
    const workflow = parseDocument(textIn(root, '.github/workflows/zt-audit.yml')).toJS()
    expect(workflow.on.push.branches).toEqual(['trunk'])
    expect(workflow.permissions).toEqual({ contents: 'read' })
    expect(textIn(root, '.pre-commit-config.yaml')).toContain('zt-audit --staged')
    expect(stdout).toContain('zt-audit --github acme/shop')
    const audited = await run([root, '--format', 'json', '--min-confidence', 'low'])
    expect(JSON.parse(audited.stdout).findings).toEqual([])
  })
  it.each(['github', 'gitlab'])('writes a file for %s that passes its own audit', async (system) => {
    const root = repository({})
    expect((await run(['init', root, '--ci', system])).code).toBe(0)
    const { code, stdout } = await run([root, '--format', 'json', '--min-confidence', 'low', '--fail-on', 'info'])
    const open = JSON.parse(stdout).findings.filter((each: { suppressed?: unknown }) => !each.suppressed)
    expect([code, open]).toEqual([0, []])
  })
  it('with --baseline the next run passes', async () => {
    const root = repository({ '.env.shared': leak() })
    expect((await run([root])).code).toBe(1)
    expect((await run(['init', root, '--baseline'])).code).toBe(0)
    expect((await run([root])).code).toBe(0)
  })
  it('--dry-run shows everything and writes nothing', async () => {
    const root = repository({})
    const { code, stdout } = await run(['init', root, '--ci', 'github', '--pre-commit', '--baseline', '--dry-run'])
    expect(code).toBe(0)
    for (const part of [
      'new: zt-audit.yaml',
      '+ # fail-on: medium',
      '+ name: zt-audit',
      'new: .pre-commit-config.yaml',
    ])
      expect(stdout).toContain(part)
    expect(git(root, 'status', '--short')).toBe('')
  })
  it('replaces nothing: it shows what it would have', async () => {
    const mine = 'name: mine\non: push\n'
    const root = repository({
      '.github/workflows/zt-audit.yml': mine,
      '.husky/pre-commit': 'npm test\n',
      '.gitlab-ci.yml': 'test: { script: [make] }\n',
    })
    const first = await run(['init', root, '--ci', 'github', '--pre-commit'])
    expect(first.stdout).toContain('left alone: .github/workflows/zt-audit.yml')
    expect(first.stdout).toContain('+zt-audit --staged')
    expect(textIn(root, '.github/workflows/zt-audit.yml')).toBe(mine)
    expect(textIn(root, '.husky/pre-commit')).toBe('npm test\n')
    const second = await run(['init', root, '--ci', 'gitlab'])
    expect(second.stdout).toContain('+  - local: .gitlab/zt-audit.yml')
    expect(textIn(root, '.gitlab-ci.yml')).toBe('test: { script: [make] }\n')
    expect(existsSync(join(root, '.gitlab/zt-audit.yml'))).toBe(true)
  })
  it('writes through no link', async () => {
    const elsewhere = join(folderWith({ 'theirs.yaml': 'repos: []\n' }), 'theirs.yaml')
    const root = repository({})
    symlinkSync(elsewhere, join(root, '.pre-commit-config.yaml'))
    symlinkSync(folderWith({}), join(root, '.github'))
    const { code, stdout } = await run(['init', root, '--pre-commit', '--ci', 'github'])
    expect(code).toBe(0)
    for (const path of ['.pre-commit-config.yaml', '.github/workflows/zt-audit.yml'])
      expect(stdout).toContain(`${path} is left alone`)
    expect(existsSync(join(root, '.github/workflows'))).toBe(false)
    expect(readFileSync(elsewhere, 'utf8')).toBe('repos: []\n')
  })
  it('recommends the live targets that files speak of', async () => {
    const root = repository({
      'infra/main.tf': 'provider "aws" {\n  region = "eu-west-1"\n}\n',
      'k8s/app.yaml': 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: a }\n',
    })
    const { stdout } = await run(['init', root])
    expect(stdout).toMatch(/zt-audit --aws .*infra\/main\.tf/)
    expect(stdout).toMatch(/zt-audit --k8s .*k8s\/app\.yaml/)
  })
  it('says where CI files and hooks belong', async () => {
    const plain = folderWith({ 'a.txt': 'x' })
    expect(await run(['init', plain, '--ci', 'github'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is no git repository'),
    })
    const root = repository({ 'sub/a.txt': 'x' })
    const below = await run(['init', join(root, 'sub'), '--pre-commit'])
    expect(below).toMatchObject({ code: 2, stderr: expect.stringContaining('run zt-audit init in') })
    expect(await run(['init', join(root, 'nowhere')])).toMatchObject({ code: 2 })
  })
  it.skipIf(process.getuid?.() === 0)('names what it could not write', async () => {
    const root = repository({})
    chmodSync(root, 0o555)
    const { code, stderr } = await run(['init', root])
    chmodSync(root, 0o755)
    expect([code, stderr]).toEqual([2, expect.stringContaining('nothing was written')])
  })
})

describe('the program that a hook starts', () => {
  const hookOf = (root: string) =>
    parseDocument(textIn(root, '.pre-commit-config.yaml')).toJS().repos.at(-1).hooks[0] as Record<string, unknown>
  it('is that on PATH, of no version that npm may not have', async () => {
    const root = repository({})
    const bin = folderWith({ 'zt-audit': '' })
    const { stdout } = await run(['init', root, '--pre-commit'], { env: { PATH: `${bin}:${process.env.PATH}` } })
    expect(hookOf(root)).toMatchObject({ entry: 'zt-audit --staged', language: 'system' })
    expect(hookOf(root)).not.toHaveProperty('additional_dependencies')
    expect(stdout).not.toContain('there is none yet')
  })
  it('is asked for where PATH has none', async () => {
    const root = repository({})
    const PATH = folderWith({})
    symlinkSync(execFileSync('which', ['git'], { encoding: 'utf8' }).trim(), join(PATH, 'git'))
    const { stdout } = await run(['init', root, '--pre-commit', '--dry-run'], { env: { PATH } })
    expect(stdout.replace(/\s+/g, ' ')).toContain('runs the zt-audit on PATH, and there is none yet')
  })
  it('is that of the repository where it is a dependency, though its package be a link', () => {
    const root = realpathSync(folderWith({ 'node_modules/.bin/.keep': '' }))
    const running = join(root, 'node_modules/.bin/zt-audit')
    symlinkSync(resolve('bin/zt-audit.js'), running)
    const project = { command: 'npx --no-install zt-audit', found: true }
    expect(programFor(root, { running, path: '' })).toEqual(project)
    // What npx puts on PATH is gone when the hook runs.
    const elsewhere = realpathSync(folderWith({}))
    expect(programFor(elsewhere, { running, path: dirname(running) })).toEqual({ command: 'zt-audit', found: false })
  })
})

describe('the hook in .pre-commit-config.yaml', () => {
  const textOf = (before: string) => {
    const edited = addHook(before, 'zt-audit')
    return 'text' in edited ? edited.text : edited.unchanged
  }
  it.each([
    [
      'not indented',
      '# ours\nrepos:\n- repo: https://example.com/a\n  rev: v1 # why\n  hooks:\n  - id: a # b\n\n# end\nfail_fast: true\n',
    ],
    ['indented', 'repos:\n    - repo: https://example.com/a\n      rev: "v1"\n      hooks: [{ id: a }]\n'],
    ['without a last line end', 'repos:\n  - repo: local\n    hooks:\n      - id: a'],
    ['of Windows', 'repos:\r\n  - repo: local\r\n    hooks:\r\n      - id: a\r\nfail_fast: true\r\n'],
    [
      'with a block at its end',
      'repos:\n  - repo: local\n    hooks:\n      - id: a\n        entry: |\n          one\n\n          two\n',
    ],
  ])('leaves every line as it was: %s', (_, before) => {
    const after = textOf(before)
    let same = 0
    while (same < before.length && before[same] === after[same]) same++
    // One thing was put in; what stands before and after it is as it was.
    expect(after.endsWith(before.slice(same))).toBe(true)
    const { repos, ...rest } = parseDocument(textOf(before)).toJS()
    const { repos: earlier, ...others } = parseDocument(before).toJS()
    expect(repos.slice(0, -1)).toEqual(earlier)
    expect(repos.at(-1).hooks[0].id).toBe('zt-audit')
    expect(rest).toEqual(others)
  })
  it('keeps comments where the list is in brackets', () => {
    const after = textOf('# ours\nrepos: [{ repo: local, hooks: [] }] # all\nfail_fast: true # fast\n')
    for (const comment of ['# ours', '# all', '# fast']) expect(after).toContain(comment)
    expect(parseDocument(after).toJS().repos).toHaveLength(2)
  })
  it.each([
    ['repos:\n  - repo: local\n    hooks:\n      - id: zt-audit\n', 'there already'],
    ['repos: {}\n', 'no list of repos'],
    ['repos: [\n', 'no YAML'],
  ])('leaves alone %j', (before, reason) => {
    expect(textOf(before)).toContain(reason)
  })
})
