import { Buffer } from 'node:buffer'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createRandom, createSample } from '../../../src/detect/sample.ts'
import { secretMatch } from '../../../src/facts/secret.ts'
import { secretsScanner } from '../../../src/scanners/secrets/index.ts'
import { collect, NO_TARGETS } from '../../support/context.ts'
import { builtInDetectors, detectSources } from '../../support/detection.ts'
import { Folder } from '../../support/repository.ts'

const random = createRandom(41)
const password = () => `${random.text(10, 'abcdefghkmnpqrstuvwxyz')}7-${random.text(4, 'QRSTUVWX')}`
const now = new Date((1_700_000_000 + 86_400 * 11) * 1000)

function repository(): Folder {
  const folder = new Folder()
  folder.git('init', '--quiet')
  return folder
}

async function scan(folder: Folder, maxFileSize = 10 << 20) {
  return collect(secretsScanner, {
    trees: [await folder.open()],
    detectors: builtInDetectors,
    targets: { ...NO_TARGETS, history: true },
    limits: { maxFileSize, timeoutSeconds: 60 },
    now,
  })
}

describe('history', () => {
  it('finds what was removed, where it was, with the commit that added it', async () => {
    const folder = repository()
    folder.commit({ 'src/a.py': 'x = 1\ny = 2\n' })
    const added = folder.commit({ 'src/a.py': `x = 1\ny = 2\ndb_password = "${password()}"\nz = 3\n` })
    folder.commit({ 'src/a.py': 'x = 1\ny = 2\nz = 3\n' })
    const { of, gaps } = await scan(folder)
    const [found, ...rest] = of(secretMatch)
    expect(rest).toEqual([])
    expect(gaps).toEqual([])
    expect(found?.data).toMatchObject({
      inTree: false,
      committed: true,
      introducedIn: added,
      ageDays: 9,
      path: 'src/a.py',
      occurrences: 1,
    })
    expect(found?.at).toEqual({ file: 'src/a.py', line: 3, column: 16, endLine: 3, endColumn: 32, commit: added })
    expect(found?.excerpt).toEqual({ startLine: 3, lines: [`db_password = "${'*'.repeat(16)}"`, 'z = 3'] })
  })

  it('says of a secret in the tree when it came in', async () => {
    const folder = repository()
    const line = `db_password = "${password()}"\n`
    const first = folder.commit({ 'a.py': line })
    folder.commit({ 'b.py': line })
    const { of } = await scan(folder)
    expect(of(secretMatch)).toHaveLength(1)
    expect(of(secretMatch)[0]?.data).toMatchObject({
      inTree: true,
      introducedIn: first,
      occurrences: 2,
      files: ['a.py', 'b.py'],
    })
    expect(of(secretMatch)[0]?.at).not.toHaveProperty('commit')
  })

  it('reads every ref, and what a merge brings in itself', async () => {
    const folder = repository()
    folder.commit({ 'a.py': 'x = 1\n' })
    folder.git('checkout', '--quiet', '-b', 'side')
    folder.commit({ 's.py': `side_password = "${password()}"\n`, 'a.py': 'x = 2\n' })
    folder.git('checkout', '--quiet', 'main')
    folder.commit({ 'a.py': 'x = 3\n' })
    try {
      folder.git('merge', '--quiet', 'side')
    } catch {
      // The conflict is what the test needs: its resolution is written by hand.
    }
    folder.write({ 'a.py': `x = 4\nmerge_password = "${password()}"\n` })
    const merge = folder.commit()
    folder.commit({ 'a.py': 'x = 4\n' })
    folder.git('checkout', '--quiet', '--orphan', 'other')
    folder.git('rm', '-rf', '--quiet', '.')
    folder.commit({ 'o.py': `other_password = "${password()}"\n` })
    folder.git('checkout', '--quiet', 'main')
    const { of } = await scan(folder)
    const keys = of(secretMatch).map(({ data }) => data.key)
    expect(keys.sort()).toEqual(['merge_password', 'other_password', 'side_password'])
    expect(of(secretMatch).find(({ data }) => data.key === 'merge_password')?.at).toMatchObject({
      commit: merge,
      line: 2,
    })
  })

  it('reads names that git quotes', async () => {
    const folder = repository()
    const names = ['with space.py', 'ümlaut.py', 'line\nbreak.py', 'tab\t"quote".py']
    for (const name of names) folder.commit({ [name]: `p = 1\nspecial_password = "${password()}"\n` })
    folder.git('rm', '--quiet', '-r', '.')
    folder.commit()
    const { of } = await scan(folder)
    expect(
      of(secretMatch)
        .map(({ data }) => data.path)
        .sort(),
    ).toEqual([...names].sort())
  })

  it('finds a pair that one commit added and another removed', async () => {
    const sample = (rule: string) => createSample(detectSources.get(`secrets/${rule}`) ?? { by: 'score' }, 8).value
    const folder = repository()
    folder.commit({
      c: `aws_access_key_id=${sample('aws-access-key')}\naws_secret_access_key=${sample('aws-secret-key')}\n`,
    })
    folder.commit({ c: '' })
    const { of } = await scan(folder)
    expect(of(secretMatch).map(({ data }) => [data.rule, data.paired, data.inTree])).toEqual([
      ['secrets/aws-access-key', true, false],
      ['secrets/aws-secret-key', true, false],
    ])
  })

  it('reads keys that span lines, and files without a last line break', async () => {
    const detect = detectSources.get('secrets/private-key')
    const key = createSample(detect ?? { by: 'score' }, 3).value
    const folder = repository()
    folder.commit({ 'k.pem': key })
    folder.git('rm', '--quiet', 'k.pem')
    folder.commit()
    const { of } = await scan(folder)
    expect(of(secretMatch)).toMatchObject([
      { data: { rule: 'secrets/private-key' }, at: { line: 1, endLine: key.split('\n').length } },
    ])
  })

  it('is empty and fine for a repository without commits', async () => {
    const { facts, gaps } = await scan(repository())
    expect(facts).toEqual([])
    expect(gaps).toEqual([])
  })

  it('names what it cannot see: no repository, a shallow clone, binary and large files', async () => {
    expect((await scan(new Folder({ a: 'x' }))).gaps).toMatchObject([{ class: 'limit', reason: 'no git repository' }])
    const origin = repository()
    origin.commit({ 'a.bin': Buffer.from([1, 0, 2]), 'big.txt': 'x\n'.repeat(3000) })
    origin.git('rm', '--quiet', 'a.bin', 'big.txt')
    origin.commit()
    const clone = new Folder()
    execFileSync(
      'git',
      ['clone', '--quiet', '--depth', '1', '--no-local', `file://${origin.path}`, join(clone.path, 'c')],
      { stdio: 'ignore' },
    )
    const shallow = Object.assign(new Folder(), { path: join(clone.path, 'c') })
    expect((await scan(shallow)).gaps).toMatchObject([{ class: 'fault', reason: 'shallow clone' }])
    expect((await scan(origin, 5000)).gaps).toMatchObject([
      { class: 'limit', reason: 'file too large', scope: 'repo:./big.txt' },
      { class: 'limit', reason: 'binary files in history', detail: expect.stringContaining('a.bin') },
    ])
  })

  it('records a broken repository as a fault, and keeps what it found', async () => {
    const folder = repository()
    folder.commit({ 'old.py': `old_password = "${password()}"\n` })
    folder.commit({ 'new.py': `new_password = "${password()}"\n` })
    const blob = folder.git('rev-parse', 'HEAD~1:old.py')
    rmSync(join(folder.path, '.git/objects', blob.slice(0, 2), blob.slice(2)))
    const { of, gaps } = await scan(folder)
    expect(gaps).toMatchObject([{ class: 'fault', reason: 'git failed' }])
    expect(
      of(secretMatch)
        .map(({ data }) => data.key)
        .sort(),
    ).toEqual(['new_password', 'old_password'])
  })

  it('runs nothing that the repository names', async () => {
    const folder = repository()
    folder.write({ '.gitattributes': '*.py diff=evil\n' })
    folder.commit({ 'a.py': `evil_password = "${password()}"\n` })
    const marker = join(folder.path, 'marker')
    const script = join(folder.path, '.git', 'evil.sh')
    writeFileSync(script, `#!/bin/sh\ntouch '${marker}'\ncat "$1" 2>/dev/null\n`, { mode: 0o755 })
    for (const name of [
      'diff.evil.textconv',
      'diff.evil.command',
      'diff.external',
      'core.pager',
      'core.fsmonitor',
      'gpg.program',
    ])
      folder.git('config', name, script)
    for (const [name, value] of [
      ['log.showSignature', 'true'],
      ['diff.noprefix', 'true'],
      ['diff.mnemonicPrefix', 'true'],
      ['color.ui', 'always'],
      ['log.diffMerges', 'off'],
    ] as const)
      folder.git('config', name, value)
    const { of } = await scan(folder)
    expect(of(secretMatch)[0]?.data).toMatchObject({ path: 'a.py', files: ['a.py'] })
    expect(of(secretMatch)[0]?.data.introducedIn).toMatch(/^[0-9a-f]{40}$/)
    expect(existsSync(marker)).toBe(false)
    expect(readdirSync(folder.path)).not.toContain('marker')
  })

  it('reads the history of a folder below the root', async () => {
    const folder = repository()
    folder.commit({ 'sub/a.py': `sub_password = "${password()}"\n`, 'top.py': `top_password = "${password()}"\n` })
    folder.commit({ 'sub/a.py': '', 'top.py': '' })
    const sub = Object.assign(new Folder(), { path: join(folder.path, 'sub') })
    const { of } = await scan(sub)
    expect(of(secretMatch).map(({ data }) => data.path)).toEqual(['a.py'])
  })
})
