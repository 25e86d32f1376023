import { type Fact, type Gap, type Location, SEVERITIES } from '../model.ts'
import type { Finding } from '../report.ts'

/** Orders that hang on content only, so that the same input gives the same bytes. */

export function comparePlaces(a: Location, b: Location): number {
  const left = placeKey(a)
  const right = placeKey(b)
  return compare(left[0], right[0]) || left[1] - right[1] || left[2] - right[2] || compare(left[3], right[3])
}

export function compareFacts(a: Fact, b: Fact): number {
  return (
    compare(a.kind, b.kind) || compare(a.scope, b.scope) || comparePlaces(a.at, b.at) || compare(dataKey(a), dataKey(b))
  )
}

/** Worst first, then by rule and place. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) ||
    compare(a.rule.id, b.rule.id) ||
    compare(a.scope, b.scope) ||
    comparePlaces(a.at, b.at) ||
    compare(a.message, b.message) ||
    compare(a.fingerprint, b.fingerprint)
  )
}

export function compareGaps(a: Gap, b: Gap): number {
  return (
    compare(a.class, b.class) ||
    compare(a.scope, b.scope) ||
    compare(a.kind, b.kind) ||
    compare(a.reason, b.reason) ||
    compare(a.detail, b.detail)
  )
}

function placeKey(at: Location): [string, number, number, string] {
  return 'file' in at
    ? [`${at.repository ?? ''}\u0000${at.file}`, at.line ?? 0, at.column ?? 0, at.commit ?? '']
    : [at.resource, 0, 0, '']
}

/** Digests are keyed anew in each run, so they must not decide an order. */
function dataKey(fact: Fact): string {
  return JSON.stringify(fact.data, (name, value) => (/digest$/i.test(name) ? undefined : value))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
