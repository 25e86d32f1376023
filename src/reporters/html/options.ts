import type { Severity } from '../../model.ts'

/** What the page is told besides the report. */
export interface HtmlOptions {
  /** How the run ends, and from which severity on findings fail it. */
  readonly verdict?: { readonly code: 0 | 1 | 2 | 3 | 4; readonly failOn: Severity | 'never' }
  /** How it compares with earlier reports. */
  readonly comparison?: Comparison
}

/** One run of several, oldest first. */
export interface TrendPoint {
  readonly name: string
  /** ISO 8601; absent if the report does not tell. */
  readonly startedAt?: string
  readonly bySeverity: Readonly<Record<Severity, number>>
  /** Things that could not be seen, and rows that could not be decided. */
  readonly unseen: number
}

/** A finding of an earlier report that is not in this one. */
export interface PastFinding {
  readonly ruleId: string
  readonly severity: Severity
  readonly title: string
  readonly message: string
}

export interface Comparison {
  /** The run of this report is the last. */
  readonly trend: readonly TrendPoint[]
  /** Fingerprints of findings of this report. */
  readonly news: ReadonlyMap<string, News>
  readonly fixed: readonly PastFinding[]
  /** In the report before; this run did not look there, or could not: not fixed for all we know. */
  readonly unseen: readonly PastFinding[]
  readonly unchanged: number
}
export type News = 'new' | 'reopened' | 'in more places' | 'worse'
