import type { DetectSource } from '../detect/detector.ts'
import { type LinearPattern, linearPattern } from '../detect/linear-match.ts'
import { PatternError, parsePattern } from '../detect/re2-syntax.ts'
import { requiredText } from '../detect/required-text.ts'
import { counterpartOf, isOwnOfGitleaks } from './gitleaks-rules.ts'
import { isTable, lowerKeys, type Table, tables, words } from './loose-values.ts'

/** What another tool's settings leave out: the conditions of one of its lists. */
export interface Allowance {
  /** In its own words, or by its place. */
  readonly title: string
  /** Our rules that it speaks of; empty: of every secret. */
  readonly rules: readonly string[]
  /** Whether each kind of condition that it names must hold; else one is enough. */
  readonly all: boolean
  /** Lower case. */
  readonly commits: readonly string[]
  readonly paths: readonly LinearPattern[]
  readonly patterns: readonly LinearPattern[]
  /** What `patterns` are tried on. */
  readonly target: 'secret' | 'line'
  /** Lower case; one of them in the secret. */
  readonly words: readonly string[]
}

/** A rule that is of the repository's own. */
export interface CustomRule {
  /** As it stands there. */
  readonly id: string
  /** Its id here: `secrets/gitleaks/my-rule`. */
  readonly ownId: string
  readonly description: string
  readonly detect: DetectSource
}

/** What is taken from a `.gitleaks.toml`, and what is not, with the reason. */
export interface GitleaksConfig {
  readonly rules: readonly CustomRule[]
  readonly allowances: readonly Allowance[]
  /** Rules of gitleaks' own for which there is one here. */
  readonly known: number
  readonly left: readonly string[]
}

/** Less than the known formats of providers, more than what only looks like a key. */
const CUSTOM_PRIORITY = 60
/** Settings that a person writes have some dozens. */
const MOST_ENTRIES = 500

/** Reads the parsed TOML by gitleaks' rules: https://github.com/gitleaks/gitleaks#configuration. */
export function readGitleaksConfig(document: unknown): GitleaksConfig {
  const root = isTable(document) ? (lowerKeys(document) as Table) : {}
  const left: string[] = []
  const rules: CustomRule[] = []
  const allowances: Allowance[] = []
  const entries = tables(root.rules)
  const ids = new Map<string, string | undefined>()
  if (entries.length > MOST_ENTRIES) left.push(`${entries.length - MOST_ENTRIES} rules, more than ${MOST_ENTRIES}`)
  let known = 0
  for (const entry of entries.slice(0, MOST_ENTRIES)) {
    const [id = ''] = words(entry.id)
    if (id === '') left.push('a rule without an id')
    else {
      const ownId = counterpartOf(id)
      if (isOwnOfGitleaks(id)) {
        if (ownId) known++
        else left.push(`rule ${id}: gitleaks' own, and there is no counterpart`)
        ids.set(id, ownId)
      } else {
        const rule = readRule(id, entry, new Set(rules.map((each) => each.ownId)))
        if (typeof rule === 'string') left.push(`rule ${id}: ${rule}`)
        else rules.push(rule)
        ids.set(id, typeof rule === 'string' ? undefined : rule.ownId)
      }
      const own = ids.get(id)
      for (const list of [...tables(entry.allowlist), ...tables(entry.allowlists)])
        if (own !== undefined) readAllowance(list, `of rule ${id}`, [own], allowances, left)
    }
  }
  for (const list of [...tables(root.allowlist), ...tables(root.allowlists)]) {
    const targets = words(list.targetrules)
    const mapped = targets.flatMap((id) => ids.get(id) ?? counterpartOf(id) ?? [])
    if (targets.length > 0 && mapped.length === 0)
      left.push(`an allowlist for ${targets.join(', ')}: no such rules here`)
    else readAllowance(list, 'of all rules', mapped, allowances, left)
  }
  readExtension(root.extend, allowances, left)
  return { rules, allowances, known, left }
}

/** Our rules are on in any case: a tree cannot do without them, it can only say what to leave out. */
function readExtension(value: unknown, allowances: Allowance[], left: string[]): void {
  if (!isTable(value)) return
  for (const id of words(value.disabledrules)) {
    const own = counterpartOf(id)
    if (own === undefined) left.push(`disabledRules: ${id} has no counterpart`)
    else allowances.push({ ...NOTHING, title: `rule ${id} is disabled`, rules: [own], paths: [linearPattern('')] })
  }
  for (const key of ['path', 'url'])
    for (const other of words(value[key])) left.push(`extend.${key}: ${other} is not read`)
}

const NOTHING = { all: false, commits: [], paths: [], patterns: [], target: 'secret', words: [] } as const

/** Adds a list; of one whose conditions must all hold, nothing is taken if one of them cannot be. */
function readAllowance(
  list: Table,
  place: string,
  rules: readonly string[],
  allowances: Allowance[],
  left: string[],
): void {
  const [description] = words(list.description)
  const title = description ?? `allowlist ${place}`
  const [condition = 'or'] = words(list.condition)
  const all = /^(?:and|&&)$/i.test(condition)
  const [target = 'secret'] = words(list.regextarget)
  const failures: string[] = []
  const compile = (sources: readonly string[]) =>
    sources.flatMap((source) => {
      const pattern = tryPattern(source)
      if (typeof pattern !== 'string') return pattern
      failures.push(`${title}: ${pattern}`)
      return []
    })
  const allowance: Allowance = {
    title,
    rules,
    all,
    commits: words(list.commits).map((commit) => commit.trim().toLowerCase()),
    paths: compile(words(list.paths)),
    patterns: compile(words(list.regexes)),
    target: target === 'line' ? 'line' : 'secret',
    words: words(list.stopwords).map((word) => word.toLowerCase()),
  }
  left.push(...failures)
  if (all && failures.length > 0) return
  if (target === 'match' && allowance.patterns.length > 0)
    left.push(`${title}: regexTarget match; tried on the secret alone`)
  const { commits, paths, patterns } = allowance
  if (commits.length + paths.length + patterns.length + allowance.words.length > 0) allowances.push(allowance)
}

/** The pattern, or why it cannot be taken. */
export function tryPattern(source: string): LinearPattern | string {
  try {
    return linearPattern(source)
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    return `the pattern ${error.message}`
  }
}

/** A rule, or why it cannot be taken. */
function readRule(id: string, entry: Table, taken: ReadonlySet<string>): CustomRule | string {
  const [regex] = words(entry.regex)
  if (regex === undefined) return 'it judges names of files'
  if (words(entry.path).length > 0) return 'it is limited to paths'
  if (entry.required !== undefined) return 'it needs other rules to match near by'
  if (entry.skipreport === true) return 'it is not reported by itself'
  const ownId = `secrets/gitleaks/${id
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')}`
  if (ownId.endsWith('/') || taken.has(ownId)) return 'its id is taken'
  const pattern = withSecretGroup(regex, entry.secretgroup)
  let keywords = words(entry.keywords)
    .map((word) => word.toLowerCase())
    .filter((word) => word.length >= 2)
  try {
    if (keywords.length === 0) keywords = [...(requiredText(parsePattern(pattern)) ?? [])]
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    return `its pattern ${error.message}`
  }
  if (keywords.length === 0) return 'it has no keywords, and its pattern no word that could be one'
  const minEntropy = typeof entry.entropy === 'number' ? entry.entropy : 0
  const [description = id] = words(entry.description)
  return {
    id,
    ownId,
    description,
    detect: { by: 'pattern', pattern, keywords, minEntropy, priority: CUSTOM_PRIORITY },
  }
}

/** Names the group that holds the secret, if it is not the first. */
function withSecretGroup(regex: string, group: unknown): string {
  if (typeof group !== 'number' || group <= 1) return regex
  let count = 0
  let inClass = false
  for (let i = 0; i < regex.length; i++) {
    const character = regex[i]
    if (character === '\\') i++
    else if (inClass) inClass = character !== ']'
    else if (character === '[') {
      inClass = true
      // A bracket right at the start belongs to the class.
      if (regex[i + 1] === '^') i++
      if (regex[i + 1] === ']') i++
    } else if (character === '(' && isCapturing(regex.slice(i, i + 4)) && ++count === group) {
      const rest = regex.slice(i + 1).replace(/^\?P?<[^>]*>/, '')
      return `${regex.slice(0, i)}(?P<secret>${rest}`
    }
  }
  return regex
}

function isCapturing(start: string): boolean {
  return start[1] !== '?' || /^\(\?P?</.test(start)
}
