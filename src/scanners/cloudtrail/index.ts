import { ScanError } from '../../errors.ts'
import { iamActivity, iamUsageWindow, iamUsedAction } from '../../facts/iam-usage.ts'
import type { ScanContext, Scanner } from '../../model.ts'
import { loadIamActions } from '../../reference/iam-actions.ts'
import { readRecords, type TrailFile, type TrailProblem, trailFiles } from '../../sources/cloudtrail.ts'
import { readCall } from './event.ts'
import { UsageCounter } from './usage-counter.ts'

const KINDS = [iamUsageWindow, iamUsedAction, iamActivity]

/** What was called by whom, by the event files of CloudTrail in the folders that the operator names. */
export const cloudtrailScanner: Scanner = {
  id: 'cloudtrail',
  emits: KINDS,
  needs: [],
  requested: ({ targets }) => targets.cloudtrail.length > 0,
  async *scan(context) {
    const counter = new UsageCounter()
    const problems: (TrailProblem & { readonly file?: TrailFile })[] = []
    for (const folder of context.targets.cloudtrail) {
      try {
        for await (const file of trailFiles(folder)) {
          await countFile(file, counter, context, (problem) => problems.push({ ...problem, file }))
        }
      } catch (error) {
        context.signal.throwIfAborted()
        problems.push({ reason: 'unreadable', detail: `${folder}: ${(error as Error).message}` })
      }
    }
    if (counter.isEmpty) {
      throw new ScanError(problems.map(({ detail }) => detail).join('; ') || 'the folder holds no events of CloudTrail')
    }
    for (const { reason, detail, file } of problems) {
      for (const { kind } of KINDS) {
        context.gap({ kind, scope: scopeOf(file), class: 'fault', reason: `CloudTrail file: ${reason}`, detail })
      }
    }
    for (const gap of counter.gaps()) context.gap(gap)
    yield* counter.facts()
  },
}

async function countFile(
  file: TrailFile,
  counter: UsageCounter,
  context: ScanContext,
  problem: (problem: TrailProblem) => void,
): Promise<void> {
  context.progress(`CloudTrail ${file.path}`)
  const reference = loadIamActions()
  let foreign = 0
  let events = 0
  for await (const record of readRecords(file, context.signal, problem)) {
    const call = readCall(record, reference)
    if (call) {
      events++
      counter.add(call, file.path)
    } else if (!isCompanion(record)) foreign++
  }
  if (foreign > 0) problem({ reason: 'no events', detail: `${file.path}: ${foreign} records are no CloudTrail events` })
  else if (events === 0) context.progress(`CloudTrail ${file.path}: no events`)
}

/** What CloudTrail itself writes beside events: digests of its files, and unusual rates of calls. */
function isCompanion(record: Readonly<Record<string, unknown>>): boolean {
  if ('digestStartTime' in record || 'insightDetails' in record) return true
  // A file without events, or a page of them.
  return Array.isArray(record.Records) || Array.isArray(record.Events)
}

/** Files lie in a folder of their account: `AWSLogs/123456789012/`, or `AWSLogs/o-exampleorgid/123456789012/`. */
function scopeOf(file: TrailFile | undefined): string {
  const account = /(?:^|\/)AWSLogs\/(?:o-[a-z0-9]+\/)?(\d{12})\//.exec(file?.absolute.replaceAll('\\', '/') ?? '')?.[1]
  return `aws:${account ?? ''}`
}
