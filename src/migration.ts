import { Buffer } from 'node:buffer'
import { checkDetect, toDetector } from './detect/detector.ts'
import { compileRule } from './engine/compile.ts'
import type { RuleSource } from './engine/rule-schema.ts'
import type { Suppression } from './engine/triage.ts'
import { secretMatch } from './facts/secret.ts'
import { readSecretsBaseline } from './migration/detect-secrets.ts'
import { type Allowance, type CustomRule, readGitleaksConfig } from './migration/gitleaks-config.ts'
import { type IgnoredPlace, readGitleaksIgnore } from './migration/gitleaks-ignore.ts'
import { type FactKind, type FileLocation, isFact, type Location, type Tree, type TreeFile } from './model.ts'
import type { Finding } from './report.ts'
import type { RunnableRule } from './rule-packs.ts'
import { hasPattern, hasSha1, hasWord } from './scanners/secrets/vault.ts'

/** Settings of other scanners as an audit uses them. */
export interface Migrated {
  readonly rules: readonly RunnableRule[]
  /** Of the main tree's secrets. */
  suppressions(tree: Tree | undefined): Suppression[]
  /** For each file, what was taken over and what was not. */
  readonly notices: readonly string[]
}

/** Reasons that one notice lists. */
const LISTED = 5
/** Milliseconds for judging all patterns of rules: a tree may bring as many as it likes. */
const PATTERN_TIME = 10_000

/**
 * Takes over what the settings of other scanners say, by file name. They stand in the audited tree: their rules add findings, their
 * lists are suppressions, which are counted and shown; nothing of them turns one of our rules off.
 */
export async function migrate(
  files: ReadonlyMap<string, string>,
  catalogue: ReadonlyMap<string, FactKind>,
): Promise<Migrated> {
  const rules: RunnableRule[] = []
  const notices: string[] = []
  const makers: ((lineOf: LineReader) => Suppression[])[] = []
  const config = files.get('.gitleaks.toml')
  if (config !== undefined) {
    const parsed = await parseToml(config)
    if (typeof parsed === 'string') notices.push(`.gitleaks.toml: ${parsed}; nothing of it is used`)
    else {
      const { rules: custom, allowances, known, left } = readGitleaksConfig(parsed.document)
      const { usable, refused } = await checkRules(custom)
      for (const rule of usable) rules.push(toRule(rule, catalogue))
      makers.push((lineOf) => allowances.map((each) => toSuppression(each, '.gitleaks.toml', lineOf)))
      const taken = [
        ...(usable.length > 0 ? [count(usable.length, 'rule')] : []),
        ...(known > 0 ? [`${count(known, 'rule')} that zt-audit has itself`] : []),
        ...(allowances.length > 0 ? [count(allowances.length, 'allowlist')] : []),
      ]
      notices.push(describe('.gitleaks.toml', taken, [...left, ...refused]))
    }
  }
  const ignored = files.get('.gitleaksignore')
  if (ignored !== undefined) {
    const { places, malformed } = readGitleaksIgnore(ignored)
    makers.push(() => [ignoredPlaces(places)])
    const left = malformed > 0 ? [`${count(malformed, 'line')} without FILE:RULE:LINE`] : []
    notices.push(describe('.gitleaksignore', places.length > 0 ? [count(places.length, 'place')] : [], left))
  }
  const known = files.get('.secrets.baseline')
  if (known !== undefined) {
    const baseline = readSecretsBaseline(known)
    if (!baseline) notices.push('.secrets.baseline: is no baseline of detect-secrets; nothing of it is used')
    else {
      const { hashes, keyLines, allowances, entries, real } = baseline
      makers.push((lineOf) => [
        {
          ...FOREIGN,
          rules: [],
          reason: 'known to detect-secrets',
          at: '.secrets.baseline',
          covers: (place, finding) => {
            const at = mainFile(place)
            const digest = digestOf(finding)
            if (!at || digest === undefined) return false
            const byLine = finding.rule.id.includes('private-key') && keyLines.get(at.file)?.has(at.line ?? 0)
            return byLine === true || hasSha1(digest, hashes.get(at.file) ?? new Set())
          },
        },
        ...allowances.map((each) => toSuppression(each, '.secrets.baseline', lineOf)),
      ])
      const taken = [
        ...(entries > 0 ? [count(entries, 'known secret')] : []),
        ...(allowances.length > 0 ? [count(allowances.length, 'filter')] : []),
      ]
      const labelled = real > 0 ? [`${count(real, 'secret')} labelled as real, which is reported`] : []
      notices.push(describe('.secrets.baseline', taken, [...labelled, ...baseline.left]))
    }
  }
  return { rules, notices, suppressions: (tree) => makers.flatMap((make) => make(lineReader(tree))) }
}

const FOREIGN = { by: 'foreign' } as const

function describe(file: string, taken: readonly string[], left: readonly string[]): string {
  const shown = left.slice(0, LISTED).join('; ')
  const more = left.length > LISTED ? `; and ${left.length - LISTED} more` : ''
  const not = left.length > 0 ? `; not taken over: ${shown}${more}` : ''
  return `${file}: ${taken.length > 0 ? `taken over: ${taken.join(', ')}` : 'nothing is taken over'}${not}`
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

/** smol-toml is loaded where there is something to read. Its messages quote the text, which may hold a secret: only the place is told. */
async function parseToml(text: string): Promise<{ document: unknown } | string> {
  const { parse, TomlError } = await import('smol-toml')
  try {
    return { document: parse(text) }
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    return `is no TOML (line ${error.line}, column ${error.column})`
  }
}

/** Patterns that cannot be matched in bounded time are refused, as in rules of one's own. */
async function checkRules(rules: readonly CustomRule[]): Promise<{ usable: CustomRule[]; refused: string[] }> {
  const usable: CustomRule[] = []
  const refused: string[] = []
  const deadline = performance.now() + PATTERN_TIME
  for (const rule of rules) {
    const defects =
      performance.now() < deadline ? await checkDetect(rule.detect) : [{ message: 'no time to judge its pattern' }]
    if (defects[0]) refused.push(`rule ${rule.id}: ${defects[0].message}`)
    else usable.push(rule)
  }
  return { usable, refused }
}

function toRule(
  { id, ownId, description, detect }: CustomRule,
  catalogue: ReadonlyMap<string, FactKind>,
): RunnableRule {
  const source: RuleSource = {
    title: `Secret by rule ${id} of .gitleaks.toml`,
    severity: 'high',
    confidence: 'medium',
    pillar: 'Identity',
    description,
    detect: { ...detect, keywords: [...(detect.keywords ?? [])] } as NonNullable<RuleSource['detect']>,
    remediation: 'Revoke the secret where it was made, and read the new one from the environment or a secret store.',
    references: ['https://github.com/gitleaks/gitleaks'],
    tests: [],
  }
  return {
    id: ownId,
    source,
    compiled: compileRule(ownId, source, { catalogue, file: '.gitleaks.toml', defects: [] }),
    detector: toDetector(ownId, detect),
  }
}

/** A place of the main tree: what a tree leaves out of itself it does not leave out of others. */
function mainFile(place: Location): FileLocation | undefined {
  const at = 'file' in place ? place : place.declaredAt
  return at?.repository === undefined ? at : undefined
}

/** The digest of the secret that a finding of a secrets rule is about. */
function digestOf(finding: Finding): string | undefined {
  if (!finding.rule.id.startsWith('secrets/')) return undefined
  return Object.values(finding.evidence)
    .flat()
    .flatMap((each) => (isFact(secretMatch, each) ? (each.data.digest ?? []) : []))[0]
}

/** One for all: such files have thousands of lines. */
function ignoredPlaces(places: readonly IgnoredPlace[]): Suppression {
  const byFile = new Map<string, IgnoredPlace[]>()
  for (const place of places) byFile.set(place.file, [...(byFile.get(place.file) ?? []), place])
  return {
    ...FOREIGN,
    rules: [],
    reason: 'ignored in gitleaks',
    at: '.gitleaksignore',
    covers: (place, finding) => {
      const found = mainFile(place)
      const known = found && byFile.get(found.file)
      if (!known || digestOf(finding) === undefined) return false
      return known.some(
        ({ line, commit, rule }) =>
          line === found.line &&
          (commit === '' || commit === found.commit) &&
          (rule === undefined || rule === finding.rule.id),
      )
    },
  }
}

function toSuppression(allowance: Allowance, at: string, lineOf: LineReader): Suppression {
  const { title, rules, all, commits, paths, patterns, target, words } = allowance
  const byPath = new Map<string, boolean>()
  const pathMatches = (file: string) => {
    const known = byPath.get(file)
    if (known !== undefined) return known
    const text = Buffer.from(file, 'utf8').toString('latin1')
    const matches = paths.some((pattern) => pattern.test(text))
    byPath.set(file, matches)
    return matches
  }
  return {
    by: 'foreign',
    rules,
    reason: title,
    at,
    covers: (place, finding) => {
      const found = mainFile(place)
      const digest = digestOf(finding)
      if (!found || digest === undefined) return false
      const checks: (() => boolean)[] = []
      if (commits.length > 0) checks.push(() => commits.includes(found.commit ?? ''))
      if (paths.length > 0) checks.push(() => pathMatches(found.file))
      if (patterns.length > 0)
        checks.push(() => {
          if (target === 'secret') return hasPattern(digest, patterns)
          const line = lineOf(found)
          return line !== undefined && patterns.some((pattern) => pattern.test(line))
        })
      if (words.length > 0) checks.push(() => hasWord(digest, words))
      return all ? checks.every((check) => check()) : checks.some((check) => check())
    },
  }
}

/** Longer lines are no lines of people. */
const LONGEST_LINE = 4096

/** A line of the tree as it stands, one byte per character; undefined in history, whose lines are not at hand. */
type LineReader = (at: FileLocation) => string | undefined

/** Findings come file by file, and each is asked of by many lists: the lines of the last file are kept. */
function lineReader(tree: Tree | undefined): LineReader {
  let files: ReadonlyMap<string, TreeFile> | undefined
  let last: { readonly file: string; readonly lines: readonly string[] } | undefined
  return ({ file, line = 0, commit }) => {
    if (commit !== undefined || !tree) return undefined
    files ??= new Map(tree.files().map((each) => [each.path, each]))
    if (last?.file !== file) {
      const found = files.get(file)
      last = { file, lines: (found && tree.text(found, secretMatch))?.split(/\r?\n/) ?? [] }
    }
    const wanted = last.lines[line - 1]
    return wanted === undefined ? undefined : Buffer.from(wanted, 'utf8').toString('latin1').slice(0, LONGEST_LINE)
  }
}
