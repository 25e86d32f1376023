import type * as Sarif from 'sarif'
import type { Gap } from '../../model.ts'
import { DOCUMENTATION } from '../links.ts'
import { printableText } from '../printable.ts'
import { SHOWN_RESULTS } from './limits.ts'
import { sentence } from './rules.ts'
import type { RunPlan } from './runs.ts'

/** Gaps beyond are counted: a tree of broken files must not push the results out of the file. */
const MOST_GAPS = 1000

/** What notifications refer to, by position. */
export const NOTIFICATIONS: readonly Sarif.ReportingDescriptor[] = [
  descriptor(
    'gap',
    'NotSeen',
    'Something could not be seen.',
    'Something could not be seen, so what needed it was neither passed nor reported.',
    'Give the auditor the permission that the message names, or make the file readable.',
    'docs/architecture.md',
  ),
  descriptor(
    'results-left-out',
    'ResultsLeftOut',
    'Results were left out.',
    'GitHub takes 25,000 results of a run and 10 MB of a file, and shows 5,000: the worst come first, the rest is counted.',
    'Audit fewer targets at a time, or deal with the worst findings first; the JSON report holds all of them.',
    'docs/sarif.md',
  ),
  descriptor(
    'interrupted',
    'EndedEarly',
    'The audit ended early.',
    'The audit was interrupted or ran out of time: a result that is missing need not be fixed.',
    'Run it again, with a longer --timeout if need be.',
    'docs/sarif.md',
  ),
  descriptor(
    'skipped',
    'FilesSkipped',
    'Files were skipped.',
    'Files were not read, or read for formats of providers only: vendored, binary, ignored, too large, links.',
    'Run the auditor with --verbose, which lists each path.',
    'docs/formats.md',
  ),
]

function descriptor(id: string, name: string, short: string, full: string, help: string, page: string) {
  return {
    id,
    name,
    shortDescription: { text: short },
    fullDescription: { text: full },
    help: { text: help },
    helpUri: `${DOCUMENTATION}/blob/main/${page}`,
  }
}

/** What a run has to say beside its results. */
export interface RunRemarks {
  /** Results of the run that are not in the file. */
  readonly leftOut: number
  readonly kept: number
  readonly interrupted: boolean
  /** Categories that are not in the file. */
  readonly missingRuns: readonly string[]
  /** What was not read, or read in part: "3 binary". */
  readonly skipped: readonly string[]
}

export function notificationsOf(plan: RunPlan, remarks: RunRemarks): Sarif.Notification[] {
  const gaps = mergeGaps(plan.gaps)
  const notifications = gaps.slice(0, MOST_GAPS)
  if (gaps.length > MOST_GAPS)
    notifications.push(notification('gap', 'warning', `${gaps.length - MOST_GAPS} more things could not be seen.`))
  for (const { kind, name } of plan.unseen) {
    const text = `The target ${kind} ${printableText(name)} was not seen whole, so chains that lead there may be missing.`
    notifications.push(notification('gap', 'error', text))
  }
  if (remarks.leftOut > 0) {
    const text = `${remarks.leftOut} results are not in this file; the ${remarks.kept} worst are.`
    notifications.push({ ...notification('results-left-out', 'warning', text), properties: { count: remarks.leftOut } })
  }
  if (remarks.kept > SHOWN_RESULTS) {
    const text = `GitHub shows the ${SHOWN_RESULTS} worst of these ${remarks.kept} results.`
    notifications.push(notification('results-left-out', 'note', text))
  }
  if (remarks.missingRuns.length > 0) {
    const text = `GitHub takes 20 runs of a file; left out: ${remarks.missingRuns.join(', ')}.`
    notifications.push(notification('results-left-out', 'warning', text))
  }
  if (remarks.skipped.length > 0)
    notifications.push(notification('skipped', 'note', `Skipped: ${remarks.skipped.join(', ')}.`))
  if (remarks.interrupted)
    notifications.push(notification('interrupted', 'error', 'The audit ended early; results may be missing.'))
  return notifications
}

/** A file or call that is missing for several kinds of fact is one thing to people. Faults come first. */
function mergeGaps(gaps: readonly Gap[]): Sarif.Notification[] {
  const merged = new Map<string, { gap: Gap; kinds: string[] }>()
  for (const gap of gaps) {
    const key = [gap.class, gap.reason, gap.detail].join('\u0000')
    const same = merged.get(key)
    if (same) same.kinds.push(gap.kind)
    else merged.set(key, { gap, kinds: [gap.kind] })
  }
  return [...merged.values()]
    .sort((a, b) => Number(b.gap.class === 'fault') - Number(a.gap.class === 'fault'))
    .map(({ gap, kinds }) => ({
      ...notification('gap', gap.class === 'fault' ? 'error' : 'warning', `${gap.reason}: ${gap.detail}`),
      properties: { kinds: [...new Set(kinds)], scope: gap.scope, class: gap.class },
    }))
}

function notification(id: string, level: Sarif.Notification.level, text: string): Sarif.Notification {
  const index = NOTIFICATIONS.findIndex((each) => each.id === id)
  return { descriptor: { id, index }, level, message: { text: sentence(printableText(text)) } }
}
