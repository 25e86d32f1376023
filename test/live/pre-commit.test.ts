import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { addFiles, folderWith, git, randomText } from '../support/program.ts'
import { liveOrSkip, requireInstalled } from './servers/installed.ts'

// pre-commit itself runs the hook of .pre-commit-hooks.yaml that takes zt-audit from PATH.

const PROGRAM = resolve('bin/zt-audit.js')
const leak = () => `DB = "mysql://app:${randomText(14)}@db.internal/x"\n`

liveOrSkip('the pre-commit hook', ['pre-commit'], () => {
  const bin = folderWith({ 'zt-audit': `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n` })
  chmodSync(join(bin, 'zt-audit'), 0o755)
  const home = folderWith({})
  let root = ''
  beforeEach(() => {
    const hooks = folderWith({ '.pre-commit-hooks.yaml': readFileSync('.pre-commit-hooks.yaml') })
    git(hooks, 'init', '-q')
    git(hooks, 'add', '.')
    git(hooks, 'commit', '-qm', 'hooks')
    const rev = git(hooks, 'rev-parse', 'HEAD').trim()
    const config = `repos: [{ repo: "${hooks}", rev: "${rev}", hooks: [{ id: zt-audit-system }] }]\n`
    root = folderWith({ '.pre-commit-config.yaml': config, 'a.py': 'DB = None\n' })
    git(root, 'init', '-q')
    git(root, 'add', '.')
    execFileSync(requireInstalled('pre-commit'), ['install'], {
      cwd: root,
      env: { PATH: process.env.PATH, HOME: home },
      stdio: 'pipe',
    })
  })
  const commit = () => {
    const env = {
      PATH: `${bin}:${process.env.PATH}`,
      HOME: home,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_AUTHOR_NAME: 'a',
      GIT_AUTHOR_EMAIL: 'a@example.com',
      GIT_COMMITTER_NAME: 'a',
      GIT_COMMITTER_EMAIL: 'a@example.com',
    }
    const { status, stdout, stderr } = spawnSync('git', ['commit', '-m', 'x'], { cwd: root, env, encoding: 'utf8' })
    return { status, said: stdout + stderr }
  }

  it('lets a clean commit pass', () => {
    expect(commit()).toMatchObject({ status: 0, said: expect.stringContaining('Passed') })
  })
  it('stops a commit that leaks, even if the file was mended since', () => {
    addFiles(root, { 'a.py': leak() })
    git(root, 'add', '.')
    addFiles(root, { 'a.py': 'DB = None\n' })
    const { status, said } = commit()
    expect([status, said]).toEqual([1, expect.stringContaining('secrets/connection-string-password')])
  })
  it('leaves alone what is not staged', () => {
    addFiles(root, { 'b.py': leak() })
    expect(commit().status).toBe(0)
  })
})
