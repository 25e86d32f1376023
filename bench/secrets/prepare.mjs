// Local clones → a folder of inputs for run.mjs. Nothing is fetched; what is missing is said.
//   node bench/secrets/prepare.mjs --inputs DIR creddata CREDDATA_CLONE CLONES_FOLDER
//   node bench/secrets/prepare.mjs --inputs DIR leaky-repo CLONE
//   node bench/secrets/prepare.mjs --inputs DIR test-keys CLONE
//   node bench/secrets/prepare.mjs --inputs DIR examples NAME FOLDER   (FOLDER/positive/… and FOLDER/negative/…)
//   node bench/secrets/prepare.mjs --inputs DIR trees NAME FOLDER…     (no labels: what each tool names is counted)
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { prepareCredData } from './creddata.mjs'
import { labelLeakyRepo, labelTestKeys } from './small-inputs.mjs'

const { values, positionals } = parseArgs({ options: { inputs: { type: 'string' } }, allowPositionals: true })
const [kind, ...rest] = positionals
const kinds = { creddata, 'leaky-repo': leakyRepo, 'test-keys': testKeys, examples, trees }
if (!values.inputs || !kinds[kind] || rest.length === 0) {
  console.error(`usage: prepare.mjs --inputs DIR ${Object.keys(kinds).join('|')} … (see the head of the file)`)
  process.exit(2)
}
kinds[kind](...rest.map((path, i) => ((kind === 'examples' || kind === 'trees') && i === 0 ? path : resolve(path))))

function creddata(clone, clones) {
  const at = begin('creddata')
  write(at, prepareCredData(clone, clones, join(at, 'tree')))
}

function leakyRepo(clone) {
  const at = begin('leaky-repo')
  copy(clone, join(at, 'tree', 'leaky-repo'), ['.git', '.leaky-meta', 'README.md', 'LICENSE'])
  write(at, labelLeakyRepo(clone))
}

function testKeys(clone) {
  const at = begin('test_keys')
  copy(clone, join(at, 'tree', 'test_keys'), ['.git'])
  write(at, labelTestKeys(clone))
}

/** Each example is a file: found if a place in it is named. */
function examples(name, folder) {
  const at = begin(name)
  const labels = []
  for (const [repo, truth] of Object.entries({ positive: 'T', negative: 'F' })) {
    copy(join(folder, repo), join(at, 'tree', repo), [])
    for (const entry of readdirSync(join(folder, repo), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name).slice(join(folder, repo, '/').length)
      const endLine = readFileSync(join(folder, repo, path), 'latin1').split('\n').length
      labels.push({ repo, path, line: 1, endLine, truth, category: path.split(/[\\/]/)[0] })
    }
  }
  write(at, {
    labels,
    about: { note: 'Each example is one file; all rules of a tool are on, not only the one it is for.' },
  })
}

function trees(name, ...folders) {
  const at = begin(name)
  for (const folder of folders) copy(resolve(folder), join(at, 'tree', basename(folder)), ['.git'])
}

function begin(name) {
  const at = join(resolve(values.inputs), name)
  rmSync(at, { recursive: true, force: true })
  mkdirSync(join(at, 'tree'), { recursive: true })
  return at
}

function copy(from, to, without) {
  const skipped = new Set(without.map((name) => join(from, name)))
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, filter: (path) => !skipped.has(path) })
}

function write(at, { labels, about }) {
  writeFileSync(join(at, 'labels.jsonl'), `${labels.map((label) => JSON.stringify(label)).join('\n')}\n`)
  writeFileSync(join(at, 'input.json'), JSON.stringify(about, null, 2))
  const truths = labels.filter((label) => label.truth === 'T').length
  console.log(`${at}: ${labels.length} labels, ${truths} of them true`)
}
