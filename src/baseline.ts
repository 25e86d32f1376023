import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { UsageError } from './errors.ts'
import type { Location } from './model.ts'
import { type Finding, type Report, targetOfScope } from './report.ts'

/**
 * The baseline: findings that are known and accepted for now, by hashes only. An entry holds a finding and the places where
 * it was, so that a new place of a known secret is news, while a line that moved or a file that was renamed is not.
 */

export const BASELINE_FILE = 'zt-audit.baseline.json'
const VERSION = '1.0'

const hash = (digits: number) => v.pipe(v.string(), v.regex(new RegExp(`^(?:v1:)?[0-9a-f]{${digits}}$`)))
const entrySchema = v.strictObject({
  fingerprint: v.pipe(
    hash(64),
    v.description('Of the finding; of a secret it holds a hash, slow for what could be guessed'),
  ),
  kin: v.pipe(hash(64), v.description('The same without the name of the file: finds what was renamed')),
  rule: v.pipe(v.string(), v.minLength(1), v.description('Id of the rule')),
  targets: v.pipe(
    v.array(v.string()),
    v.description('`repository`, or a hash of the account, cluster, organisation or further repository'),
  ),
  places: v.pipe(
    v.record(hash(16), v.pipe(v.number(), v.integer(), v.minValue(1))),
    v.description('Hash of a file or resource → how often the thing stands there'),
  ),
  history: v.optional(v.pipe(v.boolean(), v.description('Seen in git history only'))),
})
/** The form of a baseline file. Published as docs/schema/baseline.schema.json. */
export const baselineSchema = v.strictObject({
  schemaVersion: v.literal(VERSION),
  minConfidence: v.pipe(v.picklist(['low', 'medium', 'high']), v.description('Findings below it were left out')),
  entries: v.array(entrySchema),
})
export type BaselineEntry = v.InferOutput<typeof entrySchema>
export interface Baseline {
  readonly file: string
  readonly minConfidence: 'low' | 'medium' | 'high'
  readonly entries: readonly BaselineEntry[]
}

/** Reads the text of a baseline. Throws UsageError that names the file and what is wrong with it. */
export function parseBaseline(file: string, text: string): Baseline {
  const wrong = (why: string) => new UsageError(`${file} is no baseline of zt-audit: ${why}`)
  if (/^(?:<{7}|>{7}) /m.test(text))
    throw wrong('it holds marks of a merge conflict; take either side, then run zt-audit baseline update')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw wrong((error as Error).message)
  }
  const result = v.safeParse(baselineSchema, value, { abortEarly: true })
  if (result.success) return { file, ...result.output }
  const [issue] = result.issues
  const where = (issue.path ?? []).map((item) => String(item.key)).join('.')
  throw wrong(where === '' ? 'expected a JSON object with schemaVersion and entries' : `${where}: ${issue.message}`)
}

/** Sorted, one entry a line: two branches that add entries merge, and a diff of it can be read. */
export function renderBaseline({ minConfidence, entries }: Omit<Baseline, 'file'>): string {
  const lines = [...entries]
    .sort((a, b) => compare(a.rule, b.rule) || compare(a.fingerprint, b.fingerprint))
    .map(({ fingerprint, kin, rule, targets, places, history }) =>
      JSON.stringify({
        rule,
        fingerprint,
        kin,
        targets: [...targets].sort(),
        places: sorted(places),
        ...(history && { history }),
      }),
    )
  const head = `\n "schemaVersion": "${VERSION}",\n "minConfidence": "${minConfidence}"`
  return `{${head},\n "entries": [${lines.map((line) => `\n  ${line}`).join(',')}${lines.length > 0 ? '\n ' : ''}]}\n`
}

function sorted(places: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(places).sort(([a], [b]) => compare(a, b)))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** How a place is kept: its name and the finding's, hashed together, so that equal files of two entries tell nothing. */
export function placeHash(fingerprint: string, name: string): string {
  return createHash('sha256').update(`zt-audit place v1\0${fingerprint}\0${name}`).digest('hex').slice(0, 16)
}

/** A file by its path (in history: whatever commits it was in), anything else by its own name. */
export function placeName(at: Location): string {
  return 'file' in at ? `file:${at.repository ?? ''}:${at.file}` : `resource:${at.resource}`
}

/** Place → how often; in history once, since rebasing changes the number of commits. */
export function placesIn(finding: Finding): Map<string, number> {
  const places = new Map<string, number>()
  for (const at of [finding.at, ...('file' in finding.at ? finding.also : [])]) {
    const name = placeName(at)
    const inHistory = 'file' in at && at.commit !== undefined
    places.set(name, inHistory ? 1 : (places.get(name) ?? 0) + 1)
  }
  return places
}

/** What an entry says of a finding. */
export function toEntry(finding: Finding, report: Pick<Report, 'targets'>): BaselineEntry {
  const { fingerprint } = finding
  const places = [...placesIn(finding)].map(([name, count]) => [placeHash(fingerprint, name), count] as const)
  const history = 'file' in finding.at && finding.at.commit !== undefined
  return {
    fingerprint,
    kin: finding.kin,
    rule: finding.rule.id,
    targets: targetNames(finding, report),
    places: sorted(Object.fromEntries(places)),
    ...(history && { history }),
  }
}

function targetNames(finding: Finding, { targets }: Pick<Report, 'targets'>): string[] {
  const scopes = [finding.scope, ...Object.values(finding.evidence).flatMap((facts) => facts.map((fact) => fact.scope))]
  return [...new Set(scopes.map((scope) => targetName(targetOfScope(scope, targets)?.scope ?? scope)))].sort()
}

/** The main repository goes by that name, all else by a hash: account numbers are nobody's business. */
export function targetName(scope: string): string {
  if (scope === 'repo:.') return 'repository'
  return createHash('sha256').update(`zt-audit target v1\0${scope}`).digest('hex').slice(0, 16)
}
