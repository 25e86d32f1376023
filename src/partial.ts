import { secretMatch, sourceSuppression } from './facts/secret.ts'
import type { Changes, Fact, FileLocation, Tree } from './model.ts'
import type { Finding } from './report.ts'
import { suppressionsIn } from './scanners/secrets/index.ts'

/** What stands in its line by itself; everything else is the effect of a whole file. */
const LITERAL_KINDS: ReadonlySet<string> = new Set([secretMatch.kind, sourceSuppression.kind])

/**
 * The findings that have to do with what changed: a secret in a line that was added, a permission of which some statement,
 * role or binding stands in a file that was edited. The place that changed comes first.
 */
export function findingsInChanges(findings: readonly Finding[], changes: Changes): Finding[] {
  return findings.flatMap((finding) => {
    const literal = finding.rule.id.startsWith('secrets/')
    const places = placesOf(finding).filter((place) => touches(place, changes, literal))
    if (places[0]) return withPrimary(finding, places[0])
    const facts = Object.values(finding.evidence).flat()
    // What only live targets tell does not hang on the repository: it was asked for, and was seen whole.
    const isLive = facts.length > 0 && facts.every((fact) => fileOf(fact) === undefined)
    return isLive || facts.some((fact) => factTouches(fact, changes)) ? finding : []
  })
}

/**
 * What a change takes away can only be seen where it was: a removed file has no findings, though what it denied or bound may let others
 * do more. Renamed files are among them.
 */
export function removalNotice({ removed }: Changes): string[] {
  const named = removed.filter((path) => STRUCTURED.test(path))
  if (named.length === 0) return []
  const more = named.length > 3 ? ` and ${named.length - 3} more` : ''
  return [
    `${named.slice(0, 3).join(', ')}${more}: removed or renamed; what that means for other files is judged by an audit of the whole only`,
  ]
}

/** Files whose absence may change what others mean. */
const STRUCTURED = /\.(?:ya?ml|jsonc?|tf|tofu)$/i

/** Comments in files that are named by a finding, but did not change and so were not read. */
export function suppressionsElsewhere(findings: readonly Finding[], tree: Tree, maxFileSize: number): Fact[] {
  const paths = findings.flatMap((finding) => placesOf(finding).map((place) => place.file))
  return suppressionsIn(tree, new Set(paths.filter((path) => !tree.changes?.files.has(path))), maxFileSize)
}

function fileOf({ at }: Fact): FileLocation | undefined {
  return 'file' in at ? at : at.declaredAt
}

function factTouches(fact: Fact, changes: Changes): boolean {
  const at = fileOf(fact)
  const literal = LITERAL_KINDS.has(fact.kind)
  return [...(at ? [at] : []), ...(fact.also ?? [])].some((place) => touches(place, changes, literal))
}

function touches(place: FileLocation, { files }: Changes, literal: boolean): boolean {
  // Of history only the commits that are asked for were read.
  if (place.commit !== undefined) return true
  if (place.repository !== undefined) return false
  // Of an archive no lines are known to have changed: `app.jar!/a.txt` has if the archive has.
  const inner = place.file.indexOf('!/')
  if (inner > 0 && !files.has(place.file)) return files.has(place.file.slice(0, inner))
  if (!files.has(place.file)) return false
  const ranges = files.get(place.file)
  if (ranges === undefined || !literal || place.line === undefined) return ranges === undefined || ranges.length > 0
  const last = place.endLine ?? place.line
  return ranges.some(([from, to]) => from <= last && to >= (place.line ?? 1))
}

/** The places of a finding in files, the first one first. */
export function placesOf(finding: Finding): FileLocation[] {
  const at = 'file' in finding.at ? finding.at : finding.at.declaredAt
  return [...(at ? [at] : []), ...finding.also]
}

/**
 * The finding with another of its places as the first: its message names that one, and the lines of the former first one do not
 * belong to it.
 */
export function withPrimary(finding: Finding, place: FileLocation): Finding {
  const { at: former } = finding
  if (!('file' in former) || former === place) return finding
  const { excerpt: _, lineHash: __, phrase, ...rest } = finding
  const also = [former, ...finding.also.filter((other) => other !== place)]
  if (!phrase) return { ...rest, at: place, also }
  const values = phrase.values.map((value) => (value === former.file ? place.file : value))
  const message = phrase.literals.map((literal, i) => literal + (values[i] ?? '')).join('')
  return { ...rest, at: place, also, message, phrase: { ...phrase, values } }
}
