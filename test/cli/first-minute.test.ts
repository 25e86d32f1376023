import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderWith, git, run } from '../support/program.ts'

describe('a bare zt-audit', () => {
  it('does not read a whole home, or what is above it, unless it is named', async () => {
    const home = folderWith({ 'shop/a.txt': 'x' })
    const env = { HOME: home }
    for (const cwd of [home, '/'])
      expect(await run([], { cwd, env })).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('zt-audit . reads'),
      })
    expect((await run(['.'], { cwd: home, env })).code).toBe(0)
    expect((await run([], { cwd: join(home, 'shop'), env })).code).toBe(0)
  })
  it('audits a home that is a repository', async () => {
    const home = folderWith({ 'a.txt': 'x' })
    git(home, 'init', '-q')
    expect((await run([], { cwd: home, env: { HOME: home } })).code).toBe(0)
  })
  it('says that a folder is empty', async () => {
    const { code, stdout } = await run([], { cwd: folderWith({}) })
    expect(code).toBe(0)
    expect(stdout.replace(/\s+/g, ' ')).toContain('repository . (no files, not a git repository)')
  })
  it('says that it looks at a folder of a repository only', async () => {
    const root = folderWith({ 'a.txt': 'x', 'sub/b.txt': 'x' })
    git(root, 'init', '-q')
    git(root, 'add', '.')
    git(root, 'commit', '-qm', 'x')
    const { stdout } = await run([], { cwd: join(root, 'sub') })
    expect(stdout.replace(/\s+/g, ' ')).toContain('1 file, only the folder sub of its repository')
  })
  it('starts without a home that can be written to', async () => {
    const home = folderWith({ 'shop/a.txt': 'x' })
    const { code } = await run(['--help'], { cwd: join(home, 'shop'), env: { HOME: '/nonexistent' } })
    expect(code).toBe(0)
  })
})
