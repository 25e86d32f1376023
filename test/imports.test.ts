import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'

/** Which rooms a room may import from, besides itself. Top-level files of src are rooms of their own. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  report: ['model', 'table'],
  errors: [],
  version: [],
  'shallow-yaml': [],
  nearest: [],
  document: ['errors', 'nearest', 'shallow-yaml'],
  facts: ['model'],
  reference: ['model', 'facts'],
  detect: ['model', 'shallow-yaml'],
  engine: ['model', 'report', 'errors', 'document', 'glob', 'nearest'],
  sources: ['model', 'errors', 'facts', 'paths', 'shallow-yaml'],
  derive: ['model', 'facts', 'reference', 'glob'],
  scanners: ['model', 'errors', 'facts', 'glob', 'paths', 'sources', 'detect', 'reference'],
  table: [],
  views: ['model', 'facts', 'table'],
  posture: ['model', 'report'],
  reporters: ['model', 'report', 'table', 'posture'],
  'skip-log': ['model', 'report'],
  glob: [],
  paths: [],
  'path-filter': ['glob'],
  config: ['model', 'errors', 'document'],
  baseline: ['model', 'report', 'errors'],
  sight: ['model', 'report'],
  'rule-names': ['nearest'],
  formats: [],
  request: ['model'],
  plugin: ['model', 'report'],
}
/** Only these may see everything below them; nothing imports the command line. */
const TOP = new Set([
  'index',
  'audit',
  'prepare',
  'targets',
  'plugins',
  'plugin-form',
  'plugin-facts',
  'render',
  'open-trees',
  'run',
  'plan',
  'unasked',
  'doctor',
  'registry',
  'rule-packs',
  'rule-tests',
  'rule-examples',
  'example-tests',
  'manual',
  'text-tests',
  'suppressions',
  'excerpts',
  'partial',
  'baseline-match',
  'base-comments',
  'migration',
  'diff',
  'diff-text',
  'trend',
  'settings',
  'target-summary',
  'verdict',
])

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
const imports = sources.flatMap((file) => {
  const text = readFileSync(join('src', file), 'utf8')
  const targets = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, target = '']) =>
    normalize(join(dirname(file), target)),
  )
  return targets
    .filter((target) => target.endsWith('.ts'))
    .map((target) => ({ file, from: roomOf(file), to: roomOf(target), target }))
})

function roomOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : file.replace(/\.ts$/, '')
}

describe('imports go one way', () => {
  it('knows every room', () => {
    const rooms = new Set(sources.map(roomOf))
    expect([...rooms].filter((room) => !(room in MAY_IMPORT) && !TOP.has(room) && room !== 'cli').sort()).toEqual([])
  })
  it('sees the imports', () => {
    expect(imports.length).toBeGreaterThan(50)
  })
  it('imports only from rooms below', () => {
    const wrong = imports.filter(({ from, to }) => {
      if (from === to || from === 'cli') return false
      if (to === 'cli') return true
      return !TOP.has(from) && !MAY_IMPORT[from]?.includes(to)
    })
    expect(wrong.map(({ file, target }) => `${file} → ${target}`)).toEqual([])
  })
  it('has no circle', () => {
    const graph = new Map<string, string[]>()
    for (const { file, target } of imports) graph.set(file, [...(graph.get(file) ?? []), target])
    const done = new Set<string>()
    const visit = (file: string, path: readonly string[]): string | undefined => {
      if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(' → ')
      if (done.has(file)) return undefined
      for (const target of graph.get(file) ?? []) {
        const circle = visit(target, [...path, file])
        if (circle) return circle
      }
      done.add(file)
      return undefined
    }
    expect(sources.map((file) => visit(file, [])).filter(Boolean)).toEqual([])
  })
})

describe('values of secrets', () => {
  it('leave the vault for the scanner behind --verify only', () => {
    const users = sources.filter((file) => /\breveal\b/.test(readFileSync(join('src', file), 'utf8')))
    expect(users.sort()).toEqual(['scanners/secrets/vault.ts', 'scanners/verify/index.ts'])
    const vault = imports.filter(({ target }) => target === 'scanners/secrets/vault.ts').map(({ file }) => file)
    // The others learn of a value what it is asked for: whether it matches, whether it has a hash.
    expect(vault.sort()).toEqual([
      'migration.ts',
      'scanners/secrets/index.ts',
      'scanners/secrets/occurrences.ts',
      'scanners/verify/index.ts',
    ])
  })
})

describe('the house', () => {
  it('has no room for odds and ends, and no barrels', () => {
    expect(sources.filter((file) => /(^|\/)(utils?|helpers?|common|misc)(\.ts|\/)/.test(file))).toEqual([])
    const barrels = sources.filter((file) => {
      const code = readFileSync(join('src', file), 'utf8')
        .replace(/\/\*[\s\S]*?\*\//g, '')
        .trim()
      return code !== '' && code.split('\n').every((line) => /^(export .* from '|\s*$)/.test(line))
    })
    expect(barrels).toEqual([])
  })
  it('touches the terminal in the command line only', () => {
    const loud = sources.filter(
      (file) =>
        !file.startsWith('cli') &&
        /process\.(stdout|stderr|exit)|console\./.test(readFileSync(join('src', file), 'utf8')),
    )
    expect(loud).toEqual([])
  })
  it('keeps files short enough to read', () => {
    const long = sources
      .map((file) => [file, readFileSync(join('src', file), 'utf8').split('\n').length] as const)
      .filter(([, lines]) => lines > 350)
    expect(long).toEqual([])
  })
})
