import type { Finding } from '../../report.ts'
import { toUri } from './uris.ts'

/**
 * `primaryLocationLineHash` of each finding of a run: GitHub's hash of the line, for a finding in a file; else one of rule and
 * thing, since an anchor's line says nothing of it. GitHub tracks alerts by rule, path and this hash alone, so two findings
 * that agree in them would become one alert: the first by fingerprint keeps the line's hash, the others go by their own.
 */
export function trackingHashes(
  findings: readonly Finding[],
  pathOf: (finding: Finding) => string,
): Map<Finding, string> {
  const hashes = new Map<Finding, string>()
  const taken = new Set<string>()
  for (const finding of [...findings].sort(byFingerprint)) {
    const prefix = `${finding.rule.id}\n${toUri(pathOf(finding))}\n`
    const own = finding.fingerprint.replace(/^v\d+:/, '').slice(0, 16)
    const candidates = [...(isInFile(finding) && finding.lineHash ? [finding.lineHash] : []), `${own}:1`]
    let hash = candidates.find((candidate) => !taken.has(prefix + candidate))
    // The same thing in two repositories: equal but for its place.
    for (let n = 2; hash === undefined; n++) if (!taken.has(`${prefix}${own}:${n}`)) hash = `${own}:${n}`
    taken.add(prefix + hash)
    hashes.set(finding, hash)
  }
  return hashes
}

function isInFile({ at }: Finding): boolean {
  return 'file' in at && at.commit === undefined
}

function byFingerprint(a: Finding, b: Finding): number {
  return a.fingerprint < b.fingerprint ? -1 : a.fingerprint > b.fingerprint ? 1 : 0
}
