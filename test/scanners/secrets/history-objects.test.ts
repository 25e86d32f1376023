import { Buffer } from 'node:buffer'
import { execFileSync } from 'node:child_process'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../src/detect/sample.ts'
import { secretMatch } from '../../../src/facts/secret.ts'
import { secretsScanner } from '../../../src/scanners/secrets/index.ts'
import { collect, NO_TARGETS } from '../../support/context.ts'
import { builtInDetectors } from '../../support/detection.ts'
import { Folder } from '../../support/repository.ts'

const random = createRandom(47)
const value = () => `${random.text(10, 'abcdefghkmnpqrstuvwxyz')}7-${random.text(4, 'QRSTUVWX')}`
const line = (name: string) => `${name}_password = "${value()}"\n`

function repository(files: Readonly<Record<string, string | Buffer>> = { 'a.py': 'x = 1\n' }): Folder {
  const folder = new Folder()
  folder.git('init', '--quiet')
  folder.commit(files)
  return folder
}

async function scan(folder: Folder, history: true | 'deep' = true, trees = [folder.open()], maxFileSize = 10 << 20) {
  const { of, gaps } = await collect(secretsScanner, {
    trees: await Promise.all(trees),
    detectors: builtInDetectors,
    targets: { ...NO_TARGETS, history },
    limits: { maxFileSize, timeoutSeconds: 60 },
  })
  const facts = of(secretMatch)
  const keys = facts.map(({ data }) => data.key).sort()
  return { facts, gaps, keys, placeOf: (key: string) => facts.find(({ data }) => data.key === key)?.at }
}

function cloneOf(origin: Folder, ...options: string[]): Folder {
  const folder = new Folder()
  origin.git('config', 'uploadpack.allowFilter', 'true')
  const into = join(folder.path, 'clone')
  execFileSync('git', ['clone', '--quiet', '--no-local', ...options, `file://${origin.path}`, into], {
    stdio: 'ignore',
  })
  return Object.assign(new Folder(), { path: into })
}

function looseObject(folder: Folder, id: string): string {
  return join(folder.path, '.git/objects', id.slice(0, 2), id.slice(2))
}

describe('what is written about commits', () => {
  it('is read in their messages', async () => {
    const folder = repository()
    folder.git('commit', '--quiet', '--allow-empty', '-m', 'Nothing of interest')
    folder.git('commit', '--quiet', '--allow-empty', '-m', `Subject\n\ndiff --git a/x b/x\n+++ b/x\n${line('message')}`)
    const commit = folder.git('rev-parse', 'HEAD')
    folder.git('commit', '--quiet', '--allow-empty', '-m', 'Nothing again')
    const { facts, keys, placeOf } = await scan(folder)
    expect(keys).toEqual(['message_password'])
    expect(placeOf('message_password')).toMatchObject({ file: '.git/commit-message', line: 5, column: 21, commit })
    expect(facts[0]?.data).toMatchObject({
      inTree: false,
      committed: true,
      introducedIn: commit,
      historyOccurrences: 1,
    })
    expect(facts[0]?.excerpt?.lines).toEqual(['+++ b/x', `message_password = "${'*'.repeat(16)}"`])
  })

  it('is read in annotated tags, and in tags of tags', async () => {
    const folder = repository()
    folder.git('tag', '-a', 'v1', '-m', `Release\n\n${line('outer')}`)
    folder.git('tag', '-a', 'inner', '-m', line('inner'))
    folder.git('tag', '-a', 'v2', '-m', 'Of a tag', 'inner')
    folder.git('tag', '-d', 'inner')
    const { keys, placeOf } = await scan(folder)
    expect(keys).toEqual(['inner_password', 'outer_password'])
    const commit = folder.git('rev-parse', 'HEAD')
    expect(placeOf('outer_password')).toMatchObject({ file: '.git/refs/tags/v1', line: 3, commit })
    expect(placeOf('inner_password')).toMatchObject({ file: '.git/refs/tags/v2', line: 1, commit })
  })

  it('is read in notes, under the commit that they are about', async () => {
    const folder = repository()
    folder.git('notes', 'add', '-m', line('note'), 'HEAD')
    const { placeOf } = await scan(folder)
    const about = folder.git('rev-parse', 'HEAD')
    const commit = folder.git('rev-parse', 'refs/notes/commits')
    expect(placeOf('note_password')).toMatchObject({ file: `.git/refs/notes/commits/${about}`, line: 1, commit })
  })
})

describe('stashes', () => {
  it('are all read: changed, staged and untracked files, the newest and the older ones', async () => {
    const folder = repository()
    for (const age of ['old', 'new']) {
      folder.write({ 'a.py': `x = 2\n${line(`${age}_changed`)}`, [`${age}.py`]: line(`${age}_untracked`) })
      folder.write({ [`${age}-staged.py`]: line(`${age}_staged`) }).git('add', `${age}-staged.py`)
      folder.git('stash', 'push', '--quiet', '--include-untracked')
    }
    const { keys, gaps } = await scan(folder)
    expect(gaps).toEqual([])
    expect(keys).toEqual(
      ['new_changed', 'new_staged', 'new_untracked', 'old_changed', 'old_staged', 'old_untracked'].map(
        (name) => `${name}_password`,
      ),
    )
  })
})

describe('merges', () => {
  it('of several branches are read for what they bring in themselves', async () => {
    const folder = repository()
    for (const name of ['one', 'two', 'three']) {
      folder.git('checkout', '--quiet', '-b', name, 'main')
      folder.commit({ [`${name}.py`]: 'y = 1\n' })
    }
    folder.git('checkout', '--quiet', 'main')
    folder.git('merge', '--quiet', '--no-commit', '--no-ff', 'one', 'two', 'three')
    folder.commit({ 'a.py': `x = 1\n${line('changed')}`, 'evil.py': line('new') })
    const merge = folder.git('rev-parse', 'HEAD')
    expect(folder.git('rev-list', '--parents', '-1', 'HEAD').split(' ')).toHaveLength(5)
    folder.commit({ 'a.py': '', 'evil.py': '' })
    const { keys, placeOf } = await scan(folder)
    expect(keys).toEqual(['changed_password', 'new_password'])
    expect(placeOf('changed_password')).toMatchObject({ file: 'a.py', line: 2, commit: merge })
  })
})

describe('one finding for a secret', () => {
  it('knows the first and the last commit that added it, and how often', async () => {
    const folder = repository()
    const secret = line('shared')
    const first = folder.commit({ 'a.py': secret })
    folder.commit({ 'a.py': 'x = 1\n' })
    const last = folder.commit({ 'b.py': secret })
    folder.git('rm', '--quiet', 'b.py')
    folder.commit()
    const { facts } = await scan(folder)
    expect(facts).toHaveLength(1)
    expect(facts[0]?.data).toMatchObject({
      introducedIn: first,
      introducedAt: '2023-11-16T22:13:20Z',
      lastAddedIn: last,
      lastAddedAt: '2023-11-18T22:13:20Z',
      historyOccurrences: 2,
      inTree: false,
      files: ['a.py', 'b.py'],
    })
  })

  it('does not count what is excluded', async () => {
    const folder = repository({ 'vendor/a.py': line('vendor'), 'b.py': line('own') })
    folder.commit({ 'vendor/a.py': '', 'b.py': '' })
    folder.git('rm', '-r', '--quiet', 'vendor')
    folder.commit()
    const excluded = (path: string) => path.startsWith('vendor/')
    const tree = await folder.open([], excluded)
    expect((await scan(folder, true, [Promise.resolve(tree)])).keys).toEqual(['own_password'])
    expect(tree.excludedPaths).toEqual(['vendor/a.py'])
  })
})

describe('deep', () => {
  it('reads what only a reflog holds: a commit that was amended', async () => {
    const folder = repository()
    const dropped = folder.commit({ 'b.py': line('amended') })
    folder.write({ 'b.py': 'y = 1\n' }).git('commit', '--quiet', '-a', '--amend', '-m', 'Clean')
    expect((await scan(folder)).keys).toEqual([])
    const { placeOf, gaps } = await scan(folder, 'deep')
    expect(gaps).toEqual([])
    expect(placeOf('amended_password')).toMatchObject({ file: 'b.py', line: 1, commit: dropped })
  })

  it('reads commits that nothing holds, with the names of their files and their messages', async () => {
    const folder = repository()
    const dropped = folder.commit({ 'b.py': line('dropped') })
    folder.git('commit', '--quiet', '--amend', '-m', line('message'))
    const second = folder.git('rev-parse', 'HEAD')
    folder.git('reset', '--quiet', '--hard', 'HEAD~1')
    folder.git('reflog', 'expire', '--expire=now', '--all')
    const { facts, keys, placeOf } = await scan(folder, 'deep')
    expect(keys).toEqual(['dropped_password', 'message_password'])
    expect(placeOf('dropped_password')).toMatchObject({ file: 'b.py' })
    expect([dropped, second]).toContain(facts.find(({ data }) => data.key === 'dropped_password')?.data.introducedIn)
    expect(placeOf('message_password')).toMatchObject({ file: '.git/commit-message', commit: second })
  })

  it('reads blobs that were never committed, by their ids, and what is staged', async () => {
    const folder = repository()
    folder.write({ 'loose.py': line('loose') })
    const id = folder.git('hash-object', '-w', 'loose.py')
    folder.write({ 'loose.py': line('staged') })
    folder.git('add', 'loose.py')
    const staged = folder.git('rev-parse', ':loose.py')
    folder.write({ 'loose.py': '' })
    const { keys, placeOf, facts } = await scan(folder, 'deep')
    expect(keys).toEqual(['loose_password', 'staged_password'])
    const place = (blob: string) => ({
      file: `.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`,
      line: 1,
      commit: blob,
    })
    expect(placeOf('loose_password')).toMatchObject(place(id))
    expect(placeOf('staged_password')).toMatchObject(place(staged))
    expect(facts[0]?.data).toMatchObject({ committed: false, introducedIn: '', ageDays: -1, historyOccurrences: 1 })
  })

  it('counts binary blobs that were never committed, and reads UTF-16 there', async () => {
    const folder = repository()
    folder.write({ 'image.png': Buffer.from([1, 0, 2, 255]), 'wide.py': Buffer.from(line('wide'), 'utf16le') })
    folder.git('hash-object', '-w', 'image.png', 'wide.py')
    rmSync(`${folder.path}/image.png`)
    rmSync(`${folder.path}/wide.py`)
    const { keys, gaps } = await scan(folder, 'deep')
    expect(keys).toEqual(['wide_password'])
    expect(gaps).toMatchObject([
      { class: 'limit', reason: 'binary files in history', detail: '1 binary of what no commit names was not read' },
    ])
  })

  it('reads blobs of commits whose parents are gone', async () => {
    const folder = repository()
    const gone = folder.commit({ 'b.py': 'y = 1\n' })
    folder.commit({ 'c.py': line('orphan') })
    folder.git('reset', '--quiet', '--hard', 'HEAD~2')
    folder.git('reflog', 'expire', '--expire=now', '--all')
    rmSync(looseObject(folder, gone))
    const { keys, gaps } = await scan(folder, 'deep')
    expect(keys).toEqual(['orphan_password'])
    expect(gaps).toEqual([])
  })

  it('is fine with a repository without commits, where something is staged', async () => {
    const folder = new Folder({ 'a.py': line('staged') })
    folder.git('init', '--quiet')
    folder.git('add', '.')
    folder.write({ 'a.py': '' })
    const { keys, gaps } = await scan(folder, 'deep')
    expect([keys, gaps]).toEqual([['staged_password'], []])
  })
})

describe('history that is not there', () => {
  it('is a fault in a shallow clone', async () => {
    const origin = repository()
    origin.commit({ 'a.py': 'x = 2\n' })
    expect((await scan(cloneOf(origin, '--depth', '1'))).gaps).toMatchObject([
      { class: 'fault', reason: 'shallow clone' },
    ])
  })

  it('is a fault in a partial clone, unless it was fetched', async () => {
    const origin = repository({ 'a.py': line('gone') })
    origin.commit({ 'a.py': 'x = 2\n' })
    const partial = cloneOf(origin, '--filter=blob:none')
    const { gaps } = await scan(partial)
    expect(gaps).toMatchObject([
      { class: 'fault', reason: 'partial clone', detail: expect.stringContaining('1 objects') },
      { class: 'fault', reason: 'git failed' },
    ])
    partial.git('log', '-p')
    const fetched = await scan(partial)
    expect(fetched.gaps).toEqual([])
    expect(fetched.keys).toEqual(['gone_password'])
  })

  it('is a fault where an object is corrupt, and what stands before and behind it is read', async () => {
    const folder = repository({ 'first.py': line('first') })
    folder.commit({ 'broken.py': line('broken') })
    folder.commit({ 'last.py': line('last') })
    folder.git('rm', '--quiet', 'first.py', 'broken.py', 'last.py')
    folder.commit()
    const file = looseObject(folder, folder.git('rev-parse', 'HEAD~2:broken.py'))
    rmSync(file)
    writeFileSync(file, 'no zlib stream')
    const { keys, gaps } = await scan(folder)
    expect(keys).toEqual(['first_password', 'last_password'])
    expect(gaps).toMatchObject([{ class: 'fault', reason: 'git failed' }])
  })

  it('is a fault where a commit, a tree or a tag is missing', async () => {
    for (const name of ['HEAD~1', 'HEAD~1^{tree}', 'v1']) {
      const folder = repository()
      folder.commit({ 'b.py': 'y = 1\n' })
      folder.git('tag', '-a', 'v1', '-m', 'Release')
      folder.commit({ 'c.py': 'z = 1\n' })
      rmSync(looseObject(folder, folder.git('rev-parse', name)))
      const { gaps } = await scan(folder)
      expect(gaps.map((gap) => gap.class)).toContain('fault')
    }
  })

  it('is a fault in a pack that is cut off', async () => {
    const folder = repository({ 'a.py': `${random.text(5000, 'abcdefgh ')}\n` })
    folder.commit({ 'a.py': `${random.text(5000, 'abcdefgh ')}\n` })
    folder.git('gc', '--quiet')
    const packs = join(folder.path, '.git/objects/pack')
    const pack = join(packs, readdirSync(packs).find((name) => name.endsWith('.pack')) ?? '')
    rmSync(pack)
    writeFileSync(pack, 'PACK')
    expect((await scan(folder)).gaps.map((gap) => gap.class)).toContain('fault')
  })
})

describe('hostile history', () => {
  it('is shown where attributes call it binary', async () => {
    const folder = repository({ '.gitattributes': '*.py -diff\n', 'a.py': line('hidden') })
    folder.commit({ 'a.py': '' })
    const { keys, gaps } = await scan(folder)
    expect([keys, gaps]).toEqual([['hidden_password'], []])
  })

  it('may have names that are not UTF-8', async () => {
    const folder = repository()
    const name = Buffer.concat([Buffer.from(`${folder.path}/caf`), Buffer.from([0xe9]), Buffer.from('.py')])
    writeFileSync(name, line('latin'))
    folder.commit()
    rmSync(name)
    folder.commit()
    expect((await scan(folder)).placeOf('latin_password')).toMatchObject({ file: 'caf\\xe9.py' })
  })

  it('may have a line that is longer than anything that is read', async () => {
    const folder = repository({ 'long.txt': Buffer.alloc(100_000_000, 'x'), 'a.py': line('other') })
    folder.git('rm', '--quiet', 'long.txt', 'a.py')
    folder.commit()
    const { keys, gaps } = await scan(folder)
    expect(keys).toEqual(['other_password'])
    expect(gaps).toMatchObject([{ class: 'limit', reason: 'file too large', scope: 'repo:./long.txt' }])
  })
})
