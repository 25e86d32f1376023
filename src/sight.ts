import { CONFIDENCES, type Confidence, type Gap } from './model.ts'
import type { TargetSummary } from './report.ts'

/** What a run looked at: whether something that it did not find is gone, or was only not looked for. */

/** The parts of a report, of this run or read from JSON, that tell it. */
export interface Sight {
  readonly interrupted: boolean
  /** Whether only what changed was judged. */
  readonly partial: boolean
  readonly minConfidence: Confidence
  /** Ids of the rules that ran. */
  readonly ran: ReadonlySet<string>
  readonly undetermined: readonly { readonly rule: string; readonly gaps: readonly Pick<Gap, 'class'>[] }[]
  readonly targets: readonly TargetSummary[]
  readonly gaps: readonly Pick<Gap, 'scope'>[]
}

/** Something that was found once. */
export interface Lookout {
  readonly rule: string
  readonly inHistory: boolean
  /** Whether all targets that it hangs on are among those that were seen whole. */
  readonly liesIn: (whole: readonly TargetSummary[]) => boolean
  /** Whether it stood in the file. */
  readonly stoodIn: (path: string) => boolean
}

/** Tells whether a run would have found a thing again; `minConfidence`: that of the run which found it. */
export function wouldFind(sight: Sight, minConfidence: Confidence): (thing: Lookout) => boolean {
  const { interrupted, partial, ran, targets } = sight
  if (interrupted || partial || CONFIDENCES.indexOf(sight.minConfidence) > CONFIDENCES.indexOf(minConfidence))
    return () => false
  const undecided = new Set(
    sight.undetermined.filter(({ gaps }) => gaps.some((gap) => gap.class === 'fault')).map(({ rule }) => rule),
  )
  const whole = targets.filter((target) => target.complete && target.scope !== '')
  const readHistory = !targets.some(({ kind }) => kind === 'history')
  const unread = unreadFiles(sight.gaps)
  return ({ rule, inHistory, liesIn, stoodIn }) =>
    ran.has(rule) && !undecided.has(rule) && (readHistory || !inHistory) && liesIn(whole) && !unread.some(stoodIn)
}

/** Files of the main repository that were not read, or not all of them, for whatever reason. */
export function unreadFiles(gaps: Sight['gaps']): string[] {
  return gaps.flatMap(({ scope }) => (scope.startsWith('repo:./') ? scope.slice('repo:./'.length) : []))
}
