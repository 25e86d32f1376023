import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { BASELINE_FILE, type Baseline, renderBaseline } from '../baseline.ts'
import { type Update, updateBaseline } from '../baseline-match.ts'
import { UsageError } from '../errors.ts'
import { CONFIDENCES, type Confidence } from '../model.ts'
import { readBaseline } from '../settings.ts'
import { count } from '../target-summary.ts'
import { exitCodeOf } from '../verdict.ts'
import type { ScanOptions } from './options.ts'
import { writeWhole } from './output.ts'
import { runAudit } from './scan.ts'

export type BaselineAction = 'create' | 'update' | 'prune'

/**
 * `zt-audit baseline create|update|prune [PATH]`: audits, and writes down what is known from now on. Exit 0 if the file is up to
 * date, 3 if something could not be seen: what it hides stays in the file, or is missing from it.
 */
export async function baseline(action: BaselineAction, path: string | undefined, options: ScanOptions): Promise<void> {
  for (const [given, option] of [
    [options.since !== undefined, '--since'],
    [options.staged, '--staged'],
    [options.configFrom !== undefined, '--config-from'],
    [options.baseline === false, '--no-baseline'],
  ] as const) {
    if (given) throw new UsageError(`a baseline speaks of the whole working tree: leave out ${option}`)
  }
  const file =
    typeof options.baseline === 'string' ? options.baseline : join(path ?? options.repo[0] ?? '.', BASELINE_FILE)
  const before = await openBaseline(action, file)
  // Fingerprints are what a baseline is made of: as if JSON were asked for.
  const { report, verdict } = await runAudit(path, { ...options, baseline: false, format: 'json' })
  const code = exitCodeOf(report, { ...verdict, exitZero: true })
  if (code === 4) throw new UsageError('nothing could be scanned; the baseline was left alone')
  const minConfidence = lower(before?.minConfidence, report.minConfidence)
  const known = before ?? { file, minConfidence, entries: [] }
  const update = updateBaseline(report, known, action === 'prune')
  const error = await writeWhole(file, renderBaseline({ minConfidence, entries: update.entries }))
  if (error) throw new UsageError(`cannot write ${file}: ${error.message}`)
  process.stdout.write(`wrote ${file}: ${describe(update)}\n`)
  if (code === 3) {
    process.stderr.write(
      'zt-audit: the audit was incomplete, so findings may be missing from the baseline; zt-audit shows what could not be seen\n',
    )
  }
  process.exitCode = code
}

/** `create` wants no file, `update` and `prune` want one. */
async function openBaseline(action: BaselineAction, file: string): Promise<Baseline | undefined> {
  const exists = lstatSync(file, { throwIfNoEntry: false }) !== undefined
  if (action !== 'create') return readBaseline(file)
  if (exists) throw new UsageError(`${file} exists already; zt-audit baseline update brings it up to date`)
  return undefined
}

function lower(a: Confidence | undefined, b: Confidence): Confidence {
  return a !== undefined && CONFIDENCES.indexOf(a) < CONFIDENCES.indexOf(b) ? a : b
}

function describe({ entries, added, removed, moved, unseen }: Update): string {
  const changes = [
    added > 0 && `${added} new`,
    removed > 0 && `${removed} gone`,
    moved > 0 && `${moved} in other places`,
    unseen > 0 && `${unseen} kept, since what they hang on was not seen`,
  ].filter(Boolean)
  return `${count(entries.length, 'finding')} (${changes.join(', ') || 'as before'})`
}
