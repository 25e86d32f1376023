import { chmodSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { addFiles, folderWith, git, randomText, run } from '../support/program.ts'

let root: string
const urlLine = () => `DB = "mysql://app:${randomText(14)}@db.internal/x"\n`
const ADMIN = { Effect: 'Allow', Action: '*', Resource: '*' }
const policy = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, 1)
const filler = Array.from({ length: 20 }, (_, i) => `# line ${i}\n`).join('')

async function audit(...args: string[]) {
  const { code, stdout, stderr } = await run([root, '--format', 'json', ...args])
  const report = stdout === '' ? undefined : JSON.parse(stdout)
  type Found = { location: { file: string; line: number; commit?: string }; suppressed?: object }
  const findings = ((report?.findings ?? []) as Found[]).filter((finding) => !finding.suppressed)
  const places = findings.map(({ location }) => `${location.file}:${location.line}${location.commit ? '@' : ''}`)
  return { code, stderr, report, places }
}
function commit(message: string): void {
  git(root, 'add', '-A')
  git(root, 'commit', '-qm', message)
}

beforeEach(() => {
  root = folderWith({ 'old.py': urlLine() + filler, 'old.json': policy(ADMIN) })
  git(root, 'init', '-q')
  commit('first')
})

describe('--staged', () => {
  it('finds nothing where nothing is staged, and exits 0', async () => {
    expect(await audit('--staged')).toMatchObject({ code: 0, places: [] })
  })
  it('judges lines that were added, as they are staged', async () => {
    addFiles(root, { 'new.py': filler + urlLine() })
    git(root, 'add', 'new.py')
    addFiles(root, { 'new.py': '# what is in the working tree does not count\n', 'untracked.py': urlLine() })
    expect(await audit('--staged')).toMatchObject({ code: 1, places: ['new.py:21'] })
  })
  it('leaves the known secret of an edited file alone', async () => {
    addFiles(root, { 'old.py': `${git(root, 'show', 'HEAD:old.py')}# one more line\n` })
    git(root, 'add', '.')
    expect(await audit('--staged')).toMatchObject({ code: 0, places: [] })
  })
  it('judges a policy as a whole: a Deny that was taken away counts', async () => {
    addFiles(root, { 'p.json': policy(ADMIN, { ...ADMIN, Effect: 'Deny' }) })
    commit('denied')
    addFiles(root, { 'p.json': policy(ADMIN) })
    git(root, 'add', '.')
    expect((await audit('--staged')).places).toEqual(['p.json:4'])
  })
  it('says that what a removed file meant for others is not judged', async () => {
    addFiles(root, { 'deny.json': policy({ ...ADMIN, Effect: 'Deny' }), 'note.md': 'x' })
    commit('deny')
    rmSync(join(root, 'deny.json'))
    rmSync(join(root, 'note.md'))
    git(root, 'add', '-A')
    const { report } = await audit('--staged')
    expect(report.notices).toEqual([expect.stringMatching(/^deny\.json: removed or renamed/)])
  })
  it('has no finding in a file that was only renamed', async () => {
    renameSync(join(root, 'old.py'), join(root, 'renamed.py'))
    renameSync(join(root, 'old.json'), join(root, 'renamed.json'))
    git(root, 'add', '-A')
    expect(await audit('--staged')).toMatchObject({ code: 0, places: [] })
  })
  it('works before the first commit and with odd names', async () => {
    root = folderWith({ 'ü name\twith "all".py': urlLine(), '-dash.py': urlLine() })
    git(root, 'init', '-q')
    git(root, 'add', '-A')
    expect((await audit('--staged')).places).toHaveLength(2)
  })
  it('reads the index where the working copy has gone', async () => {
    addFiles(root, { 'new.py': urlLine() })
    git(root, 'add', '.')
    rmSync(join(root, 'new.py'))
    expect((await audit('--staged')).places).toEqual(['new.py:1'])
  })
  it.each([['--staged'], ['--since', 'HEAD'], ['--config-from', 'HEAD']])(
    'runs no filter of the repository: %s',
    async (...options) => {
      addFiles(root, { '.gitattributes': '*.py filter=evil.x=y diff=evil\n' })
      commit('attributes')
      addFiles(root, { 'new.py': urlLine() })
      git(root, 'add', '.')
      const trace = join(folderWith({ 'evil.sh': '' }), 'ran')
      const evil = join(trace, '../evil.sh')
      writeFileSync(evil, `#!/bin/sh\ntouch ${trace}\ncat\n`)
      chmodSync(evil, 0o755)
      for (const key of ['filter.evil.x=y.smudge', 'filter.evil.x=y.clean', 'diff.evil.textconv', 'diff.evil.command'])
        git(root, 'config', key, evil)
      git(root, 'config', 'filter.evil.x=y.required', 'true')
      // Edited in the same second, to the same size: git has to compare the contents.
      writeFileSync(join(root, 'new.py'), urlLine())
      expect((await audit(...options)).places).toContain('new.py:1')
      expect(existsSync(trace)).toBe(false)
      git(root, 'diff', 'HEAD')
      expect(existsSync(trace)).toBe(true)
    },
  )
})

describe('--since', () => {
  beforeEach(() => {
    git(root, 'checkout', '-q', '-b', 'topic')
  })
  it('judges what has changed since the branches parted, committed or not', async () => {
    addFiles(root, { 'committed.py': urlLine() })
    commit('topic')
    git(root, 'checkout', '-q', 'main')
    addFiles(root, { 'later.py': urlLine() })
    commit('later')
    git(root, 'checkout', '-q', 'topic')
    addFiles(root, { 'untracked.py': urlLine() })
    const { code, places, report } = await audit('--since', 'main')
    expect([code, places]).toEqual([1, ['committed.py:1', 'untracked.py:1']])
    expect(report.partial).toEqual({ by: 'since', ref: 'main', files: 2 })
  })
  it('with --history sees what a commit added and a later one removed', async () => {
    addFiles(root, { 'gone.py': urlLine() })
    commit('leak')
    rmSync(join(root, 'gone.py'))
    commit('remove')
    expect((await audit('--since', 'main')).places).toEqual([])
    expect((await audit('--since', 'main', '--history')).places).toEqual(['gone.py:1@'])
  })
  it('counts a comment in a file that did not change', async () => {
    addFiles(root, {
      'role.tf': `# zt-audit${': ignore'} iam until 2099-01-01 -- the sandbox\nresource "aws_iam_policy" "p" {\n  policy = data.aws_iam_policy_document.d.json\n}\n`,
    })
    commit('accepted')
    addFiles(root, { 'note.md': 'x' })
    expect((await audit('--since', 'main')).code).toBe(0)
  })
  it.each([
    ['a ref that is not there', ['--since', 'nowhere'], "no commit 'nowhere'"],
    ['a ref that looks like an option', ['--since=--output=x'], 'no commit'],
    ['--staged at once', ['--since', 'main', '--staged'], 'exclude each other'],
    ['several repositories', ['--since', 'main', '--repo', '.'], 'one repository'],
  ])('refuses %s', async (_, args, message) => {
    const { code, stderr } = await audit(...args)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })
  it('refuses a folder that is no repository, and histories that have nothing in common', async () => {
    expect((await run([folderWith({ 'a.txt': 'x' }), '--since', 'main'])).code).toBe(2)
    git(root, 'checkout', '-q', '--orphan', 'other')
    commit('other')
    expect(await audit('--since', 'main')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no common commit'),
    })
  })
})

describe('--config-from', () => {
  beforeEach(() => {
    git(root, 'checkout', '-q', '-b', 'topic')
  })
  it('takes neither config nor baseline nor comments of the change', async () => {
    addFiles(root, {
      'zt-audit.yaml': 'exclude: ["**"]\n',
      'zt-audit.baseline.json': '{"no": "baseline"}',
      'new.py': `${urlLine().trim()}  # zt-audit${': ignore'} secrets until 2099-01-01 -- trust me\n`,
      'also.py': `${urlLine().trim()}  # gitleaks${':allow'}\n`,
    })
    commit('evil')
    const { code, places, report } = await audit('--config-from', 'main', '--since', 'main')
    expect([code, places]).toEqual([1, ['also.py:1', 'new.py:1']])
    expect(report.notices.join('\n')).toMatch(/also\.py:1: the marker of gitleaks is new/)
    expect(report.notices.join('\n')).toMatch(/new\.py:1: the suppression of secrets is new/)
  })
  it('counts what stood there before, in a file that was renamed, too', async () => {
    git(root, 'checkout', '-q', 'main')
    const comment = `# zt-audit${': ignore'} secrets until 2099-01-01 -- a test server\n`
    addFiles(root, { 'old.py': comment + urlLine(), 'zt-audit.yaml': 'exclude: [old.json]\n' })
    commit('accepted')
    git(root, 'checkout', '-q', '-b', 'rename')
    renameSync(join(root, 'old.py'), join(root, 'renamed.py'))
    rmSync(join(root, 'zt-audit.yaml'))
    expect(await audit('--config-from', 'main')).toMatchObject({ code: 0, places: [] })
    // One comment, one use: a copy of it accepts nothing.
    addFiles(root, { 'copy.py': comment + urlLine() })
    expect((await audit('--config-from', 'main')).places).toHaveLength(1)
  })
  it('holds findings against the baseline of the ref', async () => {
    git(root, 'checkout', '-q', 'main')
    await run(['baseline', 'create', root])
    commit('baseline')
    git(root, 'checkout', '-q', '-b', 'next')
    rmSync(join(root, 'zt-audit.baseline.json'))
    expect((await audit('--config-from', 'main')).code).toBe(0)
    expect((await audit()).code).toBe(1)
  })
  it('refuses a ref that is not there', async () => {
    expect((await audit('--config-from', 'nowhere')).code).toBe(2)
  })
})
