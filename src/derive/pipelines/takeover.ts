import {
  type ciEnvironmentInjection,
  type ciInjection,
  ciTakeover,
  type ciUntrustedCode,
} from '../../facts/pipeline-untrusted.ts'
import { type Fact, fact } from '../../model.ts'
import type { PipelineFile, PipelineFiles } from './untrusted-files.ts'
import { ofJob } from './untrusted-index.ts'
import { isPrivileged, type Reaches } from './untrusted-reach.ts'

/** A way in, where it is. */
interface Way {
  readonly file: PipelineFile
  readonly job: string
  readonly step: string
  readonly how: string
  readonly events: readonly string[]
  readonly executes: boolean
  readonly guards: readonly string[]
}

/** The ways in that a file has. */
export function waysOf(
  file: PipelineFile,
  injections: readonly Fact<typeof ciInjection>[],
  environment: readonly Fact<typeof ciEnvironmentInjection>[],
  code: readonly Fact<typeof ciUntrustedCode>[],
): Way[] {
  const place = ({ job = '', step = '', events = [], guards = [] }: Omit<Partial<Way>, 'file'>) => ({
    file,
    job,
    step,
    events,
    guards,
  })
  return [
    ...injections
      .filter(({ data }) => data.audience === 'anybody')
      .map(({ data }) => ({
        ...place(data),
        executes: true,
        how: `${data.source} is pasted into the code of ${data.step}`,
      })),
    ...environment.map(({ data }) => ({
      ...place(data),
      executes: true,
      how: `${data.source} is written to GITHUB_${data.file?.toUpperCase()} by ${data.step}`,
    })),
    ...code.map(({ data }) => ({
      ...place(data),
      executes: data.executedBy !== '',
      how:
        data.executedBy === ''
          ? `${data.fetched} is checked out by ${data.step}`
          : `${data.fetched} is fetched by ${data.step} and run by ${data.executedBy}`,
    })),
  ]
}

/** Jobs in which strangers run code. What happens in something that is called happens in the jobs that call it, too. */
export function takeoversOf(ways: readonly Way[], files: PipelineFiles, reaches: Reaches): Fact<typeof ciTakeover>[] {
  const byJob = new Map<string, { file: PipelineFile; job: string; ways: Way[] }>()
  const add = (file: PipelineFile, job: string, way: Way, depth = 0): void => {
    if (depth > 10) return
    if (job !== '') {
      const key = `${file.scope}#${job}`
      const entry = byJob.get(key) ?? { file, job, ways: [] }
      byJob.set(key, entry)
      if (!entry.ways.includes(way)) entry.ways.push(way)
    }
    for (const caller of files.callersOf(file)) {
      const events = reaches.ofJob(caller.file, caller.job).map(({ event }) => event)
      if (caller.job === '' || way.events.some((event) => events.includes(event)))
        add(caller.file, caller.job, way, depth + 1)
    }
  }
  for (const way of ways) add(way.file, way.job, way)
  return [...byJob.values()].flatMap(({ file, job, ways: found }) => takeover(file, job, found, reaches))
}

function takeover(file: PipelineFile, job: string, ways: readonly Way[], reaches: Reaches): Fact<typeof ciTakeover>[] {
  const declared = ofJob(file.jobs, job)[0]
  const [best] = ways.toSorted((a, b) => weight(a) - weight(b))
  if (!declared || !best) return []
  const own = reaches.ofJob(file, job).map(({ event }) => event)
  const events = best.events.filter((event) => own.includes(event))
  if (events.length === 0) return []
  return [
    fact(ciTakeover, declared.scope, declared.at, {
      workflow: file.path,
      job,
      how: best.file === file ? best.how : `${best.how} in ${best.file.path}`,
      steps: [...new Set(ways.map(({ step }) => step))],
      events,
      privileged: events.some(isPrivileged),
      executes: best.executes,
      guards: best.guards,
      certain: true,
    }),
  ]
}

function weight({ executes, events, guards }: Way): number {
  return (executes ? 0 : 4) + (events.some(isPrivileged) ? 0 : 8) + Math.min(guards.length, 3)
}
