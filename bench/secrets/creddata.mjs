// Samsung/CredData: lines of public repositories that people labelled. Its README tells the format: snapshot.json names the
// repositories, the first 40 digits of an id are the commit; meta/CRC32-OF-ID.csv has the labels; FileID is the beginning of
// the SHA-256 of a path. Values are taken as they stand in the repositories: they are not obfuscated here.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'

// Which half a repository belongs to was drawn once and stays: what was looked at in development must not move to the test half.
const drawn = JSON.parse(readFileSync(new URL('creddata-split.json', import.meta.url), 'utf8'))

/** Its true rows are test vectors of a library for cryptography, more than all other repositories have together. */
const LEFT_OUT = new Set(['openssl/openssl'])

/**
 * Extracts the labelled files of each repository that has a clone (bare or not) in `clones`, as OWNER+NAME, OWNER+NAME/repo or
 * OWNER/NAME, at the labelled commit.
 */
export function prepareCredData(credData, clones, tree) {
  const snapshot = JSON.parse(readFileSync(join(credData, 'snapshot.json'), 'utf8'))
  const labels = []
  const split = { dev: [], test: [] }
  const count = { absent: 0, 'no commit': 0, 'labels without a file': 0 }
  for (const [id, url] of Object.entries(snapshot)) {
    const name = new URL(url).pathname.slice(1).replace(/\.git$/, '')
    if (LEFT_OUT.has(name)) continue
    const git = gitOf(clones, name)
    if (!git) count.absent++
    else if (!git.has(id.slice(0, 40))) count['no commit']++
    else {
      const meta = join(credData, 'meta', `${crc32(Buffer.from(id, 'hex')).toString(16).padStart(8, '0')}.csv`)
      const rows = readCsv(readFileSync(meta, 'utf8'))
      const repo = name.replace('/', '+')
      const found = labelsOf(repo, rows, git, id.slice(0, 40), join(tree, repo))
      count['labels without a file'] += rows.length - found.length
      if (found.length > 0) split[halfOf(repo)].push(repo)
      labels.push(...found)
    }
  }
  console.log(`dev ${split.dev.length}, test ${split.test.length} repositories; left out: ${JSON.stringify(count)}`)
  return { labels, about: { split } }
}

function labelsOf(repo, rows, git, commit, folder) {
  const wanted = new Set(rows.map((row) => row.FileID))
  const lines = new Map()
  for (const { path, object } of git.files(commit)) {
    const id = createHash('sha256').update(path).digest('hex').slice(0, 8)
    // CredData leaves XML out: its lines are counted otherwise.
    if (!wanted.has(id) || path.endsWith('.xml')) continue
    const bytes = git.blob(object)
    if (!bytes) continue
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes)
    lines.set(id, { path, count: bytes.toString('latin1').split('\n').length })
  }
  return rows.flatMap((row) => {
    const file = lines.get(row.FileID)
    const [line, endLine] = [Number(row.LineStart), Number(row.LineEnd || row.LineStart)]
    if (!file || endLine > file.count) return []
    const place = { repo, path: file.path, line, endLine }
    return [{ ...place, truth: row.GroundTruth, category: row.Category, valueStart: Number(row.ValueStart || 0) }]
  })
}

function gitOf(clones, name) {
  const plus = name.replace('/', '+')
  const folder = [plus, join(plus, 'repo'), name]
    .flatMap((path) => [join(clones, path, '.git'), join(clones, path)])
    .find((path) => existsSync(join(path, 'objects')))
  if (!folder) return undefined
  const run = (...args) =>
    execFileSync('git', ['--git-dir', folder, '-c', 'safe.directory=*', ...args], {
      maxBuffer: 2 ** 30,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  const attempt = (...args) => {
    try {
      return run(...args)
    } catch {
      return undefined
    }
  }
  return {
    has: (commit) => attempt('cat-file', '-e', `${commit}^{commit}`) !== undefined,
    blob: (object) => attempt('cat-file', 'blob', object),
    files: (commit) =>
      run('ls-tree', '-r', '-z', commit)
        .toString('utf8')
        .split('\0')
        .flatMap((entry) => {
          const [, mode, object, path] = /^(\d+) blob ([0-9a-f]+)\t(.*)$/s.exec(entry) ?? []
          return path === undefined || mode === '120000' ? [] : [{ path, object }]
        }),
  }
}

/** A repository that was not drawn goes where its name says. */
function halfOf(repo) {
  const half = Object.keys(drawn).find((name) => drawn[name].includes(repo))
  if (half) return half
  return createHash('sha256').update(`zt-audit ${repo}`).digest()[0] < 128 ? 'dev' : 'test'
}

/** No field of these files is quoted. */
function readCsv(text) {
  const [head, ...rows] = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','))
  return rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i] ?? ''])))
}
