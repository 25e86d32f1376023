import { ciBotGate, ciRunnerExposure } from '../../facts/pipeline-untrusted.ts'
import { type Fact, fact, UNKNOWN } from '../../model.ts'
import type { Analysis } from './injection.ts'
import type { PipelineFile } from './untrusted-files.ts'
import { ofJob, ofStep } from './untrusted-index.ts'
import { isOutside, isPrivileged } from './untrusted-reach.ts'

/** Conditions that ask who acted last, where that lets something with rights run. */
export function botGatesOf(file: PipelineFile, { reaches }: Analysis): Fact<typeof ciBotGate>[] {
  const places = new Map<string, Fact<typeof ciBotGate>>()
  for (const gate of file.gates) {
    const { job = '', step = '', event = '', bot = '' } = gate.data
    if (bot === '' || !isOutside(event)) continue
    const reach = (step === '' ? reaches.ofJob(file, job) : reaches.ofStep(file, job, step)).find(
      (each) => each.event === event,
    )
    // Something else stands in the way that a stranger cannot bring about.
    if (!reach || reach.guards.some((guard) => guard !== 'bot')) continue
    const key = `${job}#${step}`
    const known = places.get(key)
    const condition = conditionOf(file, job, step)
    places.set(
      key,
      fact(ciBotGate, gate.scope, gate.at, {
        workflow: file.path,
        job,
        step,
        condition,
        bot,
        events: [...new Set([...(known?.data.events ?? []), event])].sort(),
        privileged: isPrivileged(event) || known?.data.privileged === true,
      }),
    )
  }
  return [...places.values()]
}

function conditionOf(file: PipelineFile, job: string, step: string): string {
  const [place] = step === '' ? ofJob(file.jobs, job) : ofStep(file.steps, job, step)
  const written = place?.data.condition ?? ''
  return written.replace(/\s+/g, ' ').trim()
}

/** Jobs on runners of the owner that run for pull requests. */
export function exposuresOf(file: PipelineFile, { reaches }: Analysis): Fact<typeof ciRunnerExposure>[] {
  return file.jobs.flatMap((job) => {
    const { selfHosted, runners = [] } = job.data
    if (selfHosted === false) return []
    const reach = reaches
      .ofJob(file, job.data.job ?? '')
      .filter(({ event }) => isOutside(event) && event.startsWith('pull_request'))
    const [first] = reach.toSorted((a, b) => a.guards.length - b.guards.length)
    if (!first) return []
    return fact(ciRunnerExposure, job.scope, job.at, {
      workflow: file.path,
      job: job.data.job ?? '',
      runners,
      selfHosted: selfHosted ?? UNKNOWN,
      events: reach.map(({ event }) => event).sort(),
      guards: first.guards,
      assumptions: ['the repository is public'],
    })
  })
}
