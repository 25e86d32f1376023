import { SKIP_REASONS, type Skip, type SkipReason } from './model.ts'
import type { Skipped } from './report.ts'

/** Paths that are kept of one reason: a million of them must not fill the memory. */
const KEPT = 10_000

/** Counts what was skipped and keeps the first paths of each reason. */
export class SkipLog {
  readonly #byReason = new Map<SkipReason, { count: number; paths: string[] }>()
  readonly #kept: number

  constructor(kept = KEPT) {
    this.#kept = kept
  }

  add({ scope, path, reason }: Skip): void {
    const entry = this.#byReason.get(reason) ?? { count: 0, paths: [] }
    this.#byReason.set(reason, entry)
    entry.count++
    if (entry.paths.length < this.#kept)
      entry.paths.push(scope === 'repo:.' ? path : `${scope.slice('repo:'.length)}/${path}`)
  }

  /** In a fixed order, paths sorted. */
  entries(): Skipped[] {
    return SKIP_REASONS.flatMap((reason) => {
      const entry = this.#byReason.get(reason)
      return entry ? [{ reason, count: entry.count, paths: [...entry.paths].sort() }] : []
    })
  }
}
