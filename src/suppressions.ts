import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { ConfigSuppression, LoadedConfig } from './config.ts'
import type { Suppression } from './engine/triage.ts'
import { sourceSuppression } from './facts/secret.ts'
import { globMatches } from './glob.ts'
import { type Fact, fact, isFact, type Location } from './model.ts'
import { matchesGlob } from './path-filter.ts'

/** Comments that the scan met, as suppressions of their line or of the next. */
export function inlineSuppressions(facts: readonly Fact[]): Suppression[] {
  return facts.flatMap((fact) => {
    if (!isFact(sourceSuppression, fact) || lacksReason(fact) || fact.data.style === 'config') return []
    const { path = '', line = 0, ownLine = false, rules = [], reason = '', expires = '', style = '' } = fact.data
    const lines = ownLine ? [line, line + 1] : [line]
    const foreign = style !== 'zt-audit'
    return {
      by: foreign ? 'foreign' : 'inline',
      rules,
      reason: foreign ? `marker of ${style}` : reason,
      ...(expires !== '' && { expires }),
      at: `${path}:${line}`,
      // A marker of another scanner speaks of what that scanner finds: secrets.
      covers: (place, finding) => {
        const there = fileOf(place)
        const here = fileOf(fact.at)
        const same = there?.file === path && there.repository === here?.repository && there.commit === here?.commit
        return same && lines.includes(there.line ?? -1) && (!foreign || finding.rule.id.startsWith('secrets/'))
      },
    }
  })
}

/** Without a reason nobody can tell later whether it still holds: such a comment does not count, and is named. */
export function suppressionsWithoutReason(facts: readonly Fact[]): string[] {
  return facts.flatMap((fact) => {
    if (!isFact(sourceSuppression, fact) || !lacksReason(fact)) return []
    const { path, line, rules = [] } = fact.data
    return `${path}:${line}: the suppression of ${rules.join(', ')} gives no reason (-- reason); it does not count`
  })
}

/** Says of a comment that was added by the change under review that it does not count. */
export function describeNewComment(comment: Fact): string {
  if (!isFact(sourceSuppression, comment)) throw new Error(`${comment.kind} is no suppression comment`)
  const { path, line, rules = [], style } = comment.data
  const what = rules.length > 0 ? `the suppression of ${rules.join(', ')}` : `the marker of ${style}`
  return `${path}:${line}: ${what} is new; it counts once it is merged (--config-from)`
}

function lacksReason({ data }: Fact<typeof sourceSuppression>): boolean {
  return data.style === 'zt-audit' && data.reason === ''
}

/** Entries of a config as facts: rules judge them as they judge comments. `root`: of the audited tree. */
export function configSuppressionFacts(loaded: LoadedConfig, root: string): Fact[] {
  // What another commit says of itself is no matter of this one.
  if (loaded.file === '' || loaded.ref !== undefined) return []
  const path = relative(root, resolve(loaded.file)).split(sep).join('/')
  const inside = !path.startsWith('../') && !isAbsolute(path)
  return (loaded.config.suppressions ?? []).map(({ rule, reason, expires = '' }, index) => {
    const line = loaded.suppressionLine(index)
    const at = inside ? { file: path, line } : { resource: `file:${loaded.file}` }
    const data = {
      path: inside ? path : loaded.file,
      line,
      ownLine: true,
      rules: [rule],
      reason,
      expires,
      style: 'config',
    }
    return fact(sourceSuppression, 'repo:.', at, data)
  })
}

/** Suppressions of a config. What an audited tree says speaks of that tree alone. */
export function configSuppressions(loaded: LoadedConfig): Suppression[] {
  return (loaded.config.suppressions ?? []).map((entry, index) => ({
    by: 'config',
    rules: [entry.rule],
    reason: entry.reason,
    ...(entry.expires !== undefined && { expires: entry.expires }),
    at: `${loaded.file}:${loaded.suppressionLine(index)}`,
    covers: (place, finding) =>
      (loaded.trusted || fileOf(place)?.repository === undefined) &&
      coversPlace(entry, place) &&
      (entry.fingerprint ?? finding.fingerprint) === finding.fingerprint,
  }))
}

function coversPlace(entry: ConfigSuppression, place: Location): boolean {
  const file = fileOf(place)?.file
  if (entry.path !== undefined && !(file !== undefined && matchesGlob(entry.path, file))) return false
  return entry.resource === undefined || ('resource' in place && globMatches(entry.resource, place.resource))
}

function fileOf(place: Location) {
  return 'file' in place ? place : place.declaredAt
}
