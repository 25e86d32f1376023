import { type Allowance, tryPattern } from './gitleaks-config.ts'
import { isTable, type Table, tables, words } from './loose-values.ts'

/** What a `.secrets.baseline` of detect-secrets knows. */
export interface SecretsBaseline {
  /** By file: SHA-1 of the values, lower-case hexadecimal. */
  readonly hashes: ReadonlyMap<string, ReadonlySet<string>>
  /** By file: lines of private keys, of which it hashes the first line only. */
  readonly keyLines: ReadonlyMap<string, ReadonlySet<number>>
  readonly allowances: readonly Allowance[]
  readonly entries: number
  /** Labelled as real by whoever audited the baseline. */
  readonly real: number
  readonly left: readonly string[]
}

type Kind = 'paths' | 'secret' | 'line'
/** The conditions that its filters stand for. */
const FILTERS: Readonly<Record<string, Kind>> = {
  'detect_secrets.filters.regex.should_exclude_file': 'paths',
  'detect_secrets.filters.regex.should_exclude_secret': 'secret',
  'detect_secrets.filters.regex.should_exclude_line': 'line',
}

/** https://github.com/Yelp/detect-secrets/blob/master/docs/design.md; undefined if the text is no such baseline. */
export function readSecretsBaseline(text: string): SecretsBaseline | undefined {
  const document = parse(text)
  if (!isTable(document) || !isTable(document.results)) return undefined
  const hashes = new Map<string, Set<string>>()
  const keyLines = new Map<string, Set<number>>()
  let entries = 0
  let real = 0
  for (const [name, list] of Object.entries(document.results)) {
    const file = name.replaceAll('\\', '/').replace(/^\.\//, '')
    for (const { hashed_secret: hash, is_secret: isSecret, type, line_number: line } of tables(list)) {
      if (typeof hash !== 'string' || !/^[0-9a-f]{40}$/i.test(hash)) continue
      if (isSecret === true) real++
      else {
        entries++
        add(hashes, file, hash.toLowerCase())
        if (type === 'Private Key' && typeof line === 'number') add(keyLines, file, line)
      }
    }
  }
  return { hashes, keyLines, entries, real, ...readFilters(document) }
}

function readFilters(document: Table): Pick<SecretsBaseline, 'allowances' | 'left'> {
  const allowances: Allowance[] = []
  const left: string[] = []
  const { exclude } = document
  // Before version 1 there were two of them, and IBM's variant has them still.
  const old = isTable(exclude) ? exclude : {}
  const filters: readonly (readonly [title: string, kind: Kind | undefined, patterns: unknown])[] = [
    ['exclude.files', 'paths', old.files],
    ['exclude.lines', 'line', old.lines],
    ...tables(document.filters_used).map(({ path, pattern }) => {
      const [name = ''] = words(path)
      return [`filter ${name.slice(name.lastIndexOf('.') + 1)}`, FILTERS[name], pattern] as const
    }),
  ]
  for (const [title, kind, sources] of filters) {
    if (!kind) continue
    const compiled = words(sources).map(tryPattern)
    const patterns = compiled.filter((each) => typeof each !== 'string')
    left.push(...compiled.flatMap((each) => (typeof each === 'string' ? `${title}: ${each}` : [])))
    if (patterns.length === 0) continue
    const none = {
      title,
      rules: [],
      all: false,
      commits: [],
      paths: [],
      patterns: [],
      target: 'secret',
      words: [],
    } as const
    allowances.push(kind === 'paths' ? { ...none, paths: patterns } : { ...none, patterns, target: kind })
  }
  return { allowances, left }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The caller says so: what a parser quotes may be a secret.
    return undefined
  }
}

function add<T>(map: Map<string, Set<T>>, key: string, value: T): void {
  const known = map.get(key)
  if (known) known.add(value)
  else map.set(key, new Set([value]))
}
