import { type Baseline, type BaselineEntry, placeHash, placeName, placesIn, targetName, toEntry } from './baseline.ts'
import type { Changes, FileLocation } from './model.ts'
import { withPrimary } from './partial.ts'
import type { BaselineState, BaselineSummary, Finding, Report } from './report.ts'
import { unreadFiles, wouldFind } from './sight.ts'

/** What a run saw: an entry that was not found again is gone only if the run would have found it. */
export interface Seen
  extends Pick<Report, 'rules' | 'undetermined' | 'targets' | 'gaps' | 'interrupted' | 'minConfidence'> {
  /** Set if only what changed was judged. */
  readonly changes?: Changes
}

/** How findings and entries belong together. */
export interface Matching {
  readonly known: ReadonlyMap<Finding, Known>
  /** Entries that were not found again, though the run looked. */
  readonly gone: readonly BaselineEntry[]
  /** Entries that the run could not have found: another target, a rule that was off, something unread. */
  readonly unseen: readonly BaselineEntry[]
}
export interface Known {
  readonly entry: BaselineEntry
  readonly state: Exclude<BaselineState, 'new'>
  /** The further place that makes it news. */
  readonly place?: FileLocation
}

/** Holds findings against a baseline. */
export function matchBaseline(findings: readonly Finding[], baseline: Baseline, seen: Seen): Matching {
  const known = new Map<Finding, Known>()
  const left = new Map(baseline.entries.map((entry) => [entry.fingerprint, entry]))
  const others: Finding[] = []
  for (const finding of findings) {
    const entry = left.get(finding.fingerprint)
    if (!entry) others.push(finding)
    else {
      known.set(finding, comparePlaces(finding, entry, seen))
      left.delete(entry.fingerprint)
    }
  }
  // What is named by its file has another fingerprint once the file is renamed: it takes the place of one that has vanished.
  const vanished = new Map<string, BaselineEntry[]>()
  const judge = judgeOf(baseline, seen)
  for (const entry of left.values()) {
    if (seen.changes ? leftWithFiles(entry, seen.changes) : judge(entry))
      vanished.set(entry.kin, [...(vanished.get(entry.kin) ?? []), entry])
  }
  for (const finding of others) {
    const entry = vanished.get(finding.kin)?.shift()
    if (!entry) continue
    known.set(finding, { entry, state: 'unchanged' })
    left.delete(entry.fingerprint)
  }
  const remaining = [...left.values()]
  const gone = remaining.filter(judge)
  return { known, gone, unseen: remaining.filter((entry) => !gone.includes(entry)) }
}

/** The findings with their state, and the sum for the report. */
export function holdAgainst(
  findings: readonly Finding[],
  baseline: Baseline,
  seen: Seen,
): { findings: Finding[]; summary: BaselineSummary } {
  const { known, gone, unseen } = matchBaseline(findings, baseline, seen)
  const judged = findings.map((finding): Finding => {
    const match = known.get(finding)
    if (!match) return { ...finding, baseline: 'new' }
    return { ...(match.place ? withPrimary(finding, match.place) : finding), baseline: match.state }
  })
  return {
    findings: judged,
    summary: { file: baseline.file, known: known.size, gone: gone.length, unseen: unseen.length },
  }
}

/** New places count, but for as many as have vanished: those were moved. */
function comparePlaces(finding: Finding, entry: BaselineEntry, seen: Seen): Known {
  const now = placesIn(finding)
  const before = new Map(Object.entries(entry.places))
  const more: string[] = []
  let added = 0
  for (const [name, count] of now) {
    const id = placeHash(entry.fingerprint, name)
    const surplus = count - (before.get(id) ?? 0)
    if (surplus > 0) {
      added += surplus
      more.push(name)
    }
    before.set(id, Math.max(0, (before.get(id) ?? 0) - count))
  }
  if (added === 0) return { entry, state: 'unchanged' }
  const stillThere = presumedPlaces(entry, seen)
  const vanished = [...before].reduce((sum, [id, count]) => sum + (stillThere(id) ? 0 : count), 0)
  if (added <= vanished) return { entry, state: 'unchanged' }
  // Which of several places in one file is the new one nobody can tell: the last stands for it.
  const place = ('file' in finding.at ? [finding.at, ...finding.also] : []).findLast((at) =>
    more.includes(placeName(at)),
  )
  return { entry, state: 'updated', ...(place && { place }) }
}

/** Places that the run did not look at: nobody can say that they have vanished. */
function presumedPlaces({ fingerprint }: BaselineEntry, { changes, gaps }: Seen): (id: string) => boolean {
  const ids = (paths: Iterable<string>) => new Set([...paths].map((path) => placeHash(fingerprint, `file::${path}`)))
  if (changes) {
    const lookedAt = ids([...changes.files.keys(), ...changes.removed])
    return (id) => !lookedAt.has(id)
  }
  const unread = ids(unreadFiles(gaps))
  return (id) => unread.has(id)
}

/** Whether all places of an entry were in files that were changed or removed. */
function leftWithFiles({ fingerprint, places }: BaselineEntry, changes: Changes): boolean {
  const touched = new Set(
    [...changes.files.keys(), ...changes.removed].map((path) => placeHash(fingerprint, `file::${path}`)),
  )
  return Object.keys(places).every((id) => touched.has(id))
}

/** Tells whether the run would have found an entry if it still held. */
function judgeOf(baseline: Baseline, seen: Seen): (entry: BaselineEntry) => boolean {
  const sight = {
    ...seen,
    partial: seen.changes !== undefined,
    ran: new Set(seen.rules.map((rule) => rule.id)),
    undetermined: seen.undetermined.map(({ rule, gaps }) => ({ rule: rule.id, gaps })),
  }
  const finds = wouldFind(sight, baseline.minConfidence)
  return ({ rule, history = false, targets, fingerprint, places }) =>
    finds({
      rule,
      inHistory: history,
      liesIn: (whole) => targets.every((target) => whole.some(({ scope }) => targetName(scope) === target)),
      stoodIn: (path) => placeHash(fingerprint, `file::${path}`) in places,
    })
}

/** A baseline brought up to date, and what that changed. */
export interface Update {
  readonly entries: readonly BaselineEntry[]
  readonly added: number
  readonly removed: number
  /** Entries whose places are others now. */
  readonly moved: number
  /** Entries kept since the run could not have found them. */
  readonly unseen: number
}

/**
 * The entries after a run. What is gone leaves, what could not be seen stays. With `prune` nothing new is accepted: neither a
 * finding nor a further place of a known one.
 */
export function updateBaseline(report: Report, baseline: Baseline, prune: boolean): Update {
  const { known, gone, unseen } = matchBaseline(report.findings, baseline, report)
  const entries: BaselineEntry[] = [...unseen]
  let [added, moved] = [0, 0]
  for (const finding of report.findings) {
    const match = known.get(finding)
    if (match) {
      const entry = match.state === 'updated' && prune ? match.entry : refreshed(finding, match.entry, report)
      if (JSON.stringify(entry) !== JSON.stringify(match.entry)) moved++
      entries.push(entry)
    } else if (!prune && finding.suppressed === undefined && finding.fingerprint !== '') {
      added++
      entries.push(toEntry(finding, report))
    }
  }
  return { entries, added, removed: gone.length, moved, unseen: unseen.length }
}

/** The entry with today's places, and those of before that the run could not look at. */
function refreshed(finding: Finding, entry: BaselineEntry, report: Report): BaselineEntry {
  const fresh = toEntry(finding, report)
  if (fresh.fingerprint !== entry.fingerprint) return fresh
  const stillThere = presumedPlaces(entry, report)
  const kept = Object.entries(entry.places).filter(([id]) => stillThere(id) && !(id in fresh.places))
  const places = Object.entries({ ...fresh.places, ...Object.fromEntries(kept) }).sort(([a], [b]) => (a < b ? -1 : 1))
  return { ...fresh, places: Object.fromEntries(places) }
}
