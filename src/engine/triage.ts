import { globMatches } from '../glob.ts'
import { CONFIDENCES, type Confidence, type Location } from '../model.ts'
import type { Finding, Suppressed } from '../report.ts'

/** A wish to leave findings out, from a comment or the config. */
export interface Suppression {
  readonly by: Suppressed['by']
  /** Rule ids or areas; empty: any rule. */
  readonly rules: readonly string[]
  readonly reason: string
  /** YYYY-MM-DD: from that day on it counts no more. */
  readonly expires?: string
  /** Where it stands: `src/a.ts:3`. */
  readonly at: string
  /** Which places it speaks of. */
  readonly covers: (place: Location, finding: Finding) => boolean
}

export interface TriageOptions {
  readonly suppressions: readonly Suppression[]
  readonly minConfidence: Confidence
  /** Today, YYYY-MM-DD. */
  readonly today: string
  /** Rules that ran: a suppression of one that did not is not called unused. */
  readonly ran: (rule: string) => boolean
}

export interface Triage {
  readonly findings: readonly Finding[]
  /** Below the confidence asked for. */
  readonly hidden: readonly Finding[]
  readonly notices: readonly string[]
}

/** Leaves out what is below the confidence asked for, marks what is suppressed, and says which suppressions did nothing. */
export function triage(findings: readonly Finding[], options: TriageOptions): Triage {
  const enough = findings.filter(
    (finding) => CONFIDENCES.indexOf(finding.confidence) >= CONFIDENCES.indexOf(options.minConfidence),
  )
  const used = new Set<Suppression>()
  const expired = new Set<Suppression>()
  const judged = enough.map((finding) => {
    const valid = findSuppression(finding, options, used, expired)
    return valid ? { ...finding, suppressed: toSuppressed(valid) } : finding
  })
  const hidden = findings.filter((finding) => !enough.includes(finding))
  for (const finding of hidden) findSuppression(finding, options, used, expired)
  const notices = [
    ...[...expired].map(
      (s) => `${s.at}: the suppression of ${s.rules.join(', ')} expired on ${s.expires}; its findings count again`,
    ),
    ...options.suppressions
      .filter((s) => s.by !== 'foreign' && !used.has(s) && !expired.has(s) && s.rules.every(options.ran))
      .map((s) => `${s.at}: the suppression of ${s.rules.join(', ')} matches nothing; remove it`),
  ]
  return { findings: judged, hidden, notices }
}

/** A finding is suppressed only if each of its places is: a second place of a known secret is news. */
function findSuppression(
  finding: Finding,
  options: TriageOptions,
  used: Set<Suppression>,
  expired: Set<Suppression>,
): Suppression | undefined {
  let chosen: Suppression | undefined
  let complete = true
  for (const place of [finding.at, ...finding.also]) {
    const candidates = options.suppressions.filter(
      (s) => namesRule(s.rules, finding.rule.id) && s.covers(place, finding),
    )
    const valid = candidates.filter((s) => s.expires === undefined || s.expires > options.today)
    for (const s of candidates) (valid.includes(s) ? used : expired).add(s)
    if (valid[0]) chosen ??= valid[0]
    else complete = false
  }
  return complete ? chosen : undefined
}

/** `iam` names every rule of the area, `iam/full-admin` one. */
export function namesRule(names: readonly string[], rule: string): boolean {
  return (
    names.length === 0 ||
    names.some(
      (name) => rule === name || rule.startsWith(`${name}/`) || (name.includes('*') && globMatches(name, rule)),
    )
  )
}

function toSuppressed(suppression: Suppression): Suppressed {
  const { by, reason, expires, at } = suppression
  return { by, reason, at, ...(expires !== undefined && { expires }) }
}
