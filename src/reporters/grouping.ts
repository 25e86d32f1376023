import { SEVERITIES, type Severity } from '../model.ts'
import type { Finding } from '../report.ts'

export const WORST_FIRST: readonly Severity[] = [...SEVERITIES].reverse()

/** Findings of each severity that occurs, worst first. */
export function countBySeverity(
  findings: readonly Finding[],
): { readonly severity: Severity; readonly count: number }[] {
  return WORST_FIRST.map((severity) => ({
    severity,
    count: findings.filter((finding) => finding.severity === severity).length,
  })).filter(({ count }) => count > 0)
}

/** Items by key, keys in the order in which they come first. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}
