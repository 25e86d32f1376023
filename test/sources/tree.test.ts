import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { secretMatch } from '../../src/facts/secret.ts'
import type { Gap, Skip } from '../../src/model.ts'
import { gitStream } from '../../src/sources/git.ts'
import type { UnseenFile } from '../../src/sources/listing.ts'
import { openTree } from '../../src/sources/tree.ts'

let root: string
let unseen: UnseenFile[]
let kindGaps: Gap[]
let skips: Skip[]
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tree-'))
  unseen = []
  kindGaps = []
  skips = []
})

function put(path: string, content: string | Buffer = 'x'): void {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), content)
}
function git(...args: string[]): void {
  execFileSync(
    'git',
    ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'init.defaultBranch=main', ...args],
    { cwd: root, stdio: 'pipe' },
  )
}
const open = (at = root, excluded: (path: string) => boolean = () => false) =>
  openTree({
    root: at,
    scope: 'repo:.',
    maxFileSize: 100,
    excluded,
    signal: new AbortController().signal,
    gap: (gap) => void unseen.push(gap),
    skip: (skip) => void skips.push(skip),
    kindGap: (gap) => void kindGaps.push(gap),
  })
const paths = async () => (await open()).files().map((file) => `${file.tracked ? '' : '?'}${file.path}`)

describe('the files of a git repository', () => {
  it('are the tracked ones, the untracked ones that are not ignored, and ignored stores of credentials', async () => {
    put('.gitignore', 'ignored/\n.env\n')
    put('a.ts')
    put('ignored/b.ts')
    put('ignored/key.pem')
    put('.env')
    git('init')
    git('add', '.gitignore', 'a.ts')
    put('new.ts')
    expect(await paths()).toEqual(['?.env', '.gitignore', 'a.ts', '?ignored/key.pem', '?new.ts'])
  })
  it('name what git ignores and is not read, whole folders as one', async () => {
    put('.gitignore', 'node_modules/\n*.log\n.env\n')
    put('node_modules/a/index.js')
    put('node_modules/b/index.js')
    put('sub/x.log')
    put('sub/.env')
    put('sub/a.ts')
    put('excluded.log')
    git('init')
    expect((await open(root, (path) => path === 'excluded.log')).files().map((file) => file.path)).toContain('sub/.env')
    expect(skips).toEqual([
      { scope: 'repo:.', path: 'node_modules/', reason: 'ignored by git' },
      { scope: 'repo:.', path: 'sub/x.log', reason: 'ignored by git' },
    ])
  })
  it('leave out what was deleted from the working tree', async () => {
    put('a.ts')
    put('b.ts')
    git('init')
    git('add', '.')
    renameSync(join(root, 'b.ts'), join(root, 'c.ts'))
    expect(await paths()).toEqual(['a.ts', '?c.ts'])
    expect(unseen).toEqual([])
  })
  it('name a nested repository as not looked into', async () => {
    git('init')
    put('inner/x.ts')
    execFileSync('git', ['init', '-q', 'inner'], { cwd: root })
    put('a.ts')
    expect(await paths()).toEqual(['?a.ts'])
    expect(unseen).toMatchObject([{ class: 'limit', reason: 'submodule or nested repository', scope: 'repo:./inner/' }])
    expect(skips).toEqual([{ scope: 'repo:.', path: 'inner/', reason: 'submodule or nested repository' }])
  })
  it('are listed in an empty repository and in a subfolder of one', async () => {
    git('init')
    expect(await paths()).toEqual([])
    put('sub/a.ts')
    put('b.ts')
    expect((await open(join(root, 'sub'))).files().map((file) => file.path)).toEqual(['a.ts'])
  })
})

describe('the files of a plain folder', () => {
  it('are all of them, hidden ones too', async () => {
    put('a/b.ts')
    put('.hidden/c')
    expect(await paths()).toEqual(['?.hidden/c', '?a/b.ts'])
  })
  it('may have names that are not UTF-8 or hold line ends', async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff, 0x6f])]), 'secret')
    put('two\nlines.txt', 'text')
    const tree = await open()
    expect(tree.files().map((file) => file.path)).toEqual(['f\\xffo', 'two\nlines.txt'])
    expect(tree.files().map((file) => tree.text(file, secretMatch))).toEqual(['secret', 'text'])
  })
  it('do not follow links out of the tree, nor loops', async () => {
    put('a.ts')
    symlinkSync('/etc', join(root, 'out'))
    symlinkSync('loop', join(root, 'loop'))
    symlinkSync('a.ts', join(root, 'inside'))
    expect(await paths()).toEqual(['?a.ts'])
    expect(unseen).toMatchObject([{ reason: 'link out of the tree', scope: 'repo:./out' }])
    expect(skips.map(({ path, reason }) => `${path}: ${reason}`).sort()).toEqual([
      'inside: symbolic link',
      'loop: symbolic link',
      'out: symbolic link',
    ])
  })
  it('leave out the folder of a repository within, which is said', async () => {
    put('inner/.git/config')
    put('inner/a.ts')
    expect(await paths()).toEqual(['?inner/a.ts'])
    expect(skips).toEqual([{ scope: 'repo:.', path: 'inner/.git/', reason: 'git folder' }])
  })
  it('can be one file', async () => {
    put('a.ts')
    put('b.ts')
    expect((await open(join(root, 'a.ts'))).files().map((file) => file.path)).toEqual(['a.ts'])
  })
})

describe('text', () => {
  const read = async (content: string | Buffer) => {
    put('f', content)
    const tree = await open()
    const [file] = tree.files()
    return file && tree.text(file, secretMatch)
  }
  it('is decoded from UTF-16 with a byte order mark', async () => {
    expect(await read(Buffer.from('\ufeffkey = é', 'utf16le'))).toBe('key = é')
    expect(await read(Buffer.from('\ufeffkey = é', 'utf16le').swap16())).toBe('key = é')
  })
  it('is decoded from UTF-16 without one', async () => {
    expect(await read(Buffer.from('key = "value"', 'utf16le'))).toBe('key = "value"')
  })
  it('is not read from binary and large files, which is said', async () => {
    expect(await read(Buffer.from([1, 0, 2]))).toBeUndefined()
    expect(await read('y'.repeat(101))).toBeUndefined()
    expect(kindGaps.map((gap) => [gap.reason, gap.scope, gap.class])).toEqual([
      ['binary file', 'repo:./f', 'limit'],
      ['file too large', 'repo:./f', 'limit'],
    ])
  })
  it('that went away is a fault', async () => {
    put('f')
    const tree = await open()
    renameSync(join(root, 'f'), join(root, 'g'))
    const [file] = tree.files()
    expect(file && tree.text(file, secretMatch)).toBeUndefined()
    expect(kindGaps).toMatchObject([{ class: 'fault', reason: 'unreadable' }])
  })
})

describe('a repository whose config names programs', () => {
  it('runs none of them', async () => {
    const marker = join(root, '..', `${root.split('/').at(-1)}.ran`)
    const program = join(root, 'program.sh')
    writeFileSync(program, `#!/bin/sh\ntouch '${marker}'\ncat "$@" 2>/dev/null\n`, { mode: 0o755 })
    git('init')
    put('a.txt', 'one')
    put('.gitattributes', '*.txt diff=evil filter=evil\n')
    git('add', '.')
    git('commit', '-qm', 'first')
    put('a.txt', 'two')
    for (const key of [
      'core.fsmonitor',
      'core.pager',
      'core.sshCommand',
      'diff.external',
      'diff.evil.textconv',
      'diff.evil.command',
      'filter.evil.clean',
      'filter.evil.smudge',
      'core.alternateRefsCommand',
      'gpg.program',
      'credential.helper',
      'core.editor',
      'pager.log',
      'pager.ls-files',
    ]) {
      git('config', key, program)
    }
    git('config', 'log.showSignature', 'true')
    git('config', 'filter.evil.process', program)
    const hooks = join(root, '.git/hooks')
    for (const hook of ['post-index-change', 'post-checkout', 'reference-transaction', 'fsmonitor-watchman']) {
      writeFileSync(join(hooks, hook), `#!/bin/sh\ntouch '${marker}'\n`, { mode: 0o755 })
    }
    expect(await paths()).toEqual(['.gitattributes', 'a.txt', 'program.sh'])
    let text = ''
    const failure = await gitStream(
      root,
      ['log', '-p', '-U0', '--no-textconv', '--no-ext-diff', '--all'],
      (piece) => {
        text += String(piece)
      },
      { signal: new AbortController().signal },
    )
    expect(failure).toBeUndefined()
    expect(text).toContain('+one')
    expect(existsSync(marker)).toBe(false)
    // And they would run: git as people call it does.
    execFileSync('git', ['status'], { cwd: root, stdio: 'pipe' })
    expect(existsSync(marker)).toBe(true)
  })
})
