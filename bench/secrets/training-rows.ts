// Measures the pairs of labelled files for build/train-likelihood.mjs: writes bench/secrets/training.csv.gz. It holds numbers
// only: no text of any project.
//   node bench/secrets/training.mjs --inputs DIR    (docs/benchmarks.md says how to get the inputs, and what halves are for)
import type { Buffer } from 'node:buffer'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { nameToRead } from '../../src/detect/assignment.ts'
import { createAutomaton } from '../../src/detect/automaton.ts'
import { byteText, textBeside } from '../../src/detect/byte-text.ts'
import { isForeign, kindOf, structureOf } from '../../src/detect/file-kind.ts'
import { featureNames, featuresOf } from '../../src/detect/likelihood/likelihood.ts'
import type { Pair } from '../../src/detect/pair.ts'
import { PAIR_KEYWORDS, readPairs } from '../../src/detect/pairs.ts'
import { classifyPath } from '../../src/detect/path-class.ts'
import { isReference } from '../../src/detect/placeholders.ts'
import { Positions } from '../../src/detect/position.ts'

/** A line that people judged, as in an input's labels.jsonl. */
interface Label {
  readonly repo: string
  readonly path: string
  readonly line: number
  readonly endLine?: number
  readonly truth: 'T' | 'F' | 'X'
  readonly category: string
  readonly valueStart?: number | null
  readonly valueEnd?: number | null
}

/** Kinds that are no secrets, whatever people found suspicious in them. */
const NO_SECRETS = 'UUID, Nonce, Salt, AWS Client ID, AWS S3 Bucket, Firebase Domain, Tencent WeChat API App ID, Other'.split(', ') // biome-ignore format: one list
/** Names that may be worth a look. */
const NAME = /pass|pwd|pw$|secret|token|key|auth|cred/i
/** What nobody looked at is probably no credential. */
const UNLABELLED_WEIGHT = 0.3
const LARGEST = 2_000_000

const [inputs = '', output = '', split = ''] = process.argv.slice(2)
const automaton = createAutomaton([...PAIR_KEYWORDS, 'cred'])
const rows = new Map<string, { project: string; label: 0 | 1; weight: number; features: string }>()
const sizes = new Map<string, number>()

measureLabelled(join(inputs, 'creddata'))
measureClean(join(inputs, 'clean', 'tree'))
write()

function measureLabelled(folder: string): void {
  const { split: halves } = JSON.parse(readFileSync(join(folder, 'input.json'), 'utf8'))
  const chosen = split === '' ? undefined : new Set<string>(halves[split])
  const byFile = new Map<string, Label[]>()
  for (const line of readFileSync(join(folder, 'labels.jsonl'), 'utf8').trim().split('\n')) {
    const label = JSON.parse(line) as Label
    if (chosen && !chosen.has(label.repo)) continue
    const file = `${label.repo}/${label.path}`
    byFile.set(file, [...(byFile.get(file) ?? []), label])
  }
  for (const [file, labels] of byFile) {
    const slash = file.indexOf('/')
    const buffer = readFileSync(join(folder, 'tree', file))
    const positions = new Positions(buffer, buffer.length)
    for (const [pair, features] of pairsIn(file.slice(slash + 1), buffer)) {
      const truth = judge(pair, positions, labels)
      if (truth !== 'skip') add(file.slice(0, slash), truth === 'T' ? 1 : 0, truth === 'U', features)
    }
  }
}

/** Trees of projects that look after their secrets: what stands in their code and configuration is none. */
function measureClean(folder: string): void {
  for (const project of readdirSync(folder)) {
    for (const path of readdirSync(join(folder, project), { recursive: true, encoding: 'utf8' })) {
      const file = join(folder, project, path)
      const status = statSync(file, { throwIfNoEntry: false })
      const pathClass = classifyPath(path)
      if (!status?.isFile() || status.size > LARGEST || (pathClass !== 'code' && pathClass !== 'config')) continue
      const buffer = readFileSync(file)
      if (buffer.subarray(0, 8000).includes(0)) continue
      for (const [, features, isComment] of pairsIn(path, buffer)) if (!isComment) add(project, 0, true, features)
    }
  }
}

function judge(pair: Pair, positions: Positions, labels: readonly Label[]): 'T' | 'F' | 'U' | 'skip' {
  const { line, column } = positions.at(pair.start)
  const here = labels.filter((label) => label.line <= line && line <= (label.endLine ?? label.line))
  const end = column - 1 + pair.value.trim().length
  const around = here.filter(({ line: first, valueStart, valueEnd }) => {
    if (valueStart == null || valueStart < 0 || first !== line) return true
    return valueStart < end + 2 && (valueEnd == null || valueEnd < 0 || valueEnd > column - 3)
  })
  const right = around.filter(({ truth }) => truth === 'T')
  if (right.length === 0) return here.length > 0 ? 'F' : 'U'
  return right.every(({ category }) => category.split(':').every((each) => NO_SECRETS.includes(each))) ? 'skip' : 'T'
}

function* pairsIn(path: string, buffer: Buffer): Generator<[pair: Pair, features: string, isComment: boolean]> {
  if (isForeign(path)) return
  const hits = automaton.find(buffer, buffer.length)
  let places = [...hits.positions.subarray(0, hits.count)].sort((a, b) => a - b)
  if (structureOf(path) === undefined)
    places = places.filter((at) => nameToRead(buffer, buffer.length, at) !== undefined)
  const text = byteText(buffer, buffer.length)
  const kind = kindOf(path)
  const seen = new Set<number>()
  for (const pair of readPairs(path, text, places, true)) {
    const value = pair.value.trim()
    if (!NAME.test(pair.key) || seen.has(pair.start)) continue
    seen.add(pair.start)
    if (value === '' || value.includes('\n') || value.length > 400 || isReference(value)) continue
    const { before, after } = textBeside(text, pair.keyStart, pair.end)
    const features = Array.from(featuresOf(pair, { path, kind, before, after }), (number) => +number.toFixed(3))
    yield [pair, features.join(','), /^\s*(?:#|\/\/|\*)/.test(before.slice(before.lastIndexOf('\n') + 1))]
  }
}

function add(project: string, label: 0 | 1, isUnlabelled: boolean, features: string): void {
  sizes.set(project, (sizes.get(project) ?? 0) + 1)
  const id = `${project} ${label} ${features}`
  const weight = isUnlabelled ? UNLABELLED_WEIGHT : 1
  const known = rows.get(id)
  if (known) known.weight += weight
  else rows.set(id, { project, label, weight, features })
}

/** A project that repeats itself counts less: each weighs by the root of its size. Equal rows are one. */
function write(): void {
  const projects = [...sizes.keys()].sort()
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  const mean = [...sizes.values()].reduce((sum, size) => sum + size * Math.sqrt(size), 0) / total
  const lines = [...rows.values()].map(({ project, label, weight, features }) => {
    const scaled = (weight * mean) / Math.sqrt(sizes.get(project) ?? 1)
    return `${projects.indexOf(project)},${label},${scaled.toFixed(3)},${features}`
  })
  const head = ['project', 'label', 'weight', ...featureNames].join(',')
  writeFileSync(output, gzipSync(`${head}\n${lines.sort().join('\n')}\n`, { level: 9 }))
  console.log(`${rows.size} rows of ${total} pairs in ${projects.length} projects`)
}
