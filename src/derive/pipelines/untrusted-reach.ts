import { WORKFLOW_EVENTS, WRITERS_ACTIVITIES } from '../../reference/workflow-events.ts'
import type { PipelineFile, PipelineFiles } from './untrusted-files.ts'
import { ofJob, ofStep, positionOf } from './untrusted-index.ts'

/** An event by which a job or step comes to run, and what stands in a stranger's way: label, permission, environment, merge, bot. */
export interface Reach {
  readonly event: string
  readonly guards: readonly string[]
}

/** Which events bring a job or step to run. Remembers what it has found out. */
export class Reaches {
  readonly #files: PipelineFiles
  readonly #jobs = new Map<string, readonly Reach[]>()

  constructor(files: PipelineFiles) {
    this.#files = files
  }

  /** A job; for a composite action (`job` is empty), the steps that use it. */
  ofJob(file: PipelineFile, job: string): readonly Reach[] {
    const key = `${file.scope}#${job}`
    const known = this.#jobs.get(key)
    if (known) return known
    // A circle of calls brings nothing.
    this.#jobs.set(key, [])
    const reaches = easiest(job === '' ? this.#ofCallers(file) : this.#ofWorkflowJob(file, job))
    this.#jobs.set(key, reaches)
    return reaches
  }

  ofStep(file: PipelineFile, job: string, step: string): readonly Reach[] {
    const at = positionOf(file, job, step)
    const checked = ofJob(file.checks, job).some(({ data }) => positionOf(file, job, data.step ?? '') < at)
    return this.ofJob(file, job).flatMap((reach) => {
      const passed = this.#pass(file, job, step, reach)
      return passed ? [checked ? withGuards(passed, ['permission']) : passed] : []
    })
  }

  #ofCallers(file: PipelineFile): readonly Reach[] {
    return this.#files
      .callersOf(file)
      .flatMap(({ file: caller, job, step }) =>
        step === '' ? this.ofJob(caller, job) : this.ofStep(caller, job, step),
      )
  }

  #ofWorkflowJob(file: PipelineFile, job: string): readonly Reach[] {
    const declared = ofJob(file.jobs, job)[0]
    if (!declared) return []
    // An environment may ask for a reviewer; which ones do is a setting that files do not show.
    const environment =
      declared.unknown.includes('environment') || declared.data.environment !== '' ? ['environment'] : []
    return this.#starts(file).flatMap((start) => {
      const passed = this.#pass(file, job, '', withGuards(start, environment))
      return passed ? this.#afterNeeds(file, declared.data.needs ?? [], job, passed) : []
    })
  }

  /** A job that is skipped takes those along that wait for it, unless their condition says otherwise. */
  #afterNeeds(file: PipelineFile, needs: readonly string[], job: string, reach: Reach): Reach[] {
    const always = ofStep(file.gates, job, '').some(({ data }) => data.event === reach.event && data.always)
    let result = reach
    for (const need of needs) {
      const before = this.ofJob(file, need).find(({ event }) => event === reach.event)
      if (always) continue
      if (!before) return []
      const checked = ofJob(file.checks, need).length > 0 ? ['permission'] : []
      result = withGuards(result, [...before.guards, ...checked])
    }
    return [result]
  }

  #starts(file: PipelineFile): readonly Reach[] {
    return file.triggers.flatMap(({ data }): readonly Reach[] => {
      const event = data.event ?? ''
      if (event === 'workflow_call')
        return [...this.#ofCallers(file), ...(this.#files.callersOf(file).length === 0 ? [{ event, guards: [] }] : [])]
      const types = data.types ?? []
      const guards = types.length > 0 && types.every((type) => WRITERS_ACTIVITIES.has(type)) ? ['label'] : []
      if (event === 'workflow_run' && !this.#mayFollowPull(file, data.workflows ?? [])) return []
      return [{ event, guards }]
    })
  }

  /** Whether one of the workflows that are followed runs for pull requests, or cannot be seen here. */
  #mayFollowPull(file: PipelineFile, names: readonly string[]): boolean {
    return names.some((name) => {
      const followed = this.#files.all.filter(
        (each) => each.root === file.root && each.form === 'workflow' && each.name === name,
      )
      return (
        followed.length === 0 ||
        followed.some(({ triggers }) => triggers.some(({ data }) => data.event?.startsWith('pull_request')))
      )
    })
  }

  /** The condition of a job or step; undefined if it is closed to strangers. */
  #pass(file: PipelineFile, job: string, step: string, reach: Reach): Reach | undefined {
    const gate = ofStep(file.gates, job, step).find(({ data }) => data.event === reach.event)
    if (!gate) return reach
    if (gate.data.open === false) return undefined
    const guards = (gate.data.guards ?? []).flatMap((guard) => this.#meaning(file, job, guard))
    return withGuards(reach, guards)
  }

  /** An output in a condition stands in the way only if it tells of rights. */
  #meaning(file: PipelineFile, job: string, guard: string): string[] {
    if (guard.startsWith('bot:')) return ['bot']
    const [, where, name] = /^output:(needs|steps)\.([^.]+)/.exec(guard) ?? []
    if (name === undefined) return [guard]
    const checks = (each: PipelineFile, inJob: string, step?: string) =>
      each.checks.some(
        ({ data }) =>
          (inJob === '*' || data.job?.toLowerCase() === inJob.toLowerCase()) &&
          (step === undefined || data.step?.toLowerCase() === step),
      )
    if (where === 'needs') {
      const called = file.jobs.find(({ data }) => data.job?.toLowerCase() === name)?.data.calls ?? ''
      const callee = this.#files.called(file, called)
      return checks(file, name) || (callee && checks(callee, '*')) ? ['permission'] : []
    }
    const action = ofJob(file.steps, job).find(({ data }) => data.step?.toLowerCase() === name)?.data.action ?? ''
    const callee = this.#files.called(file, action)
    return checks(file, job, name) || (callee && checks(callee, '*')) ? ['permission'] : []
  }
}

function withGuards(reach: Reach, guards: readonly string[]): Reach {
  return guards.length === 0 ? reach : { event: reach.event, guards: [...new Set([...reach.guards, ...guards])].sort() }
}

/** One way for each event: that with the least in the way. */
function easiest(reaches: readonly Reach[]): readonly Reach[] {
  const best = new Map<string, Reach>()
  for (const reach of reaches) {
    const known = best.get(reach.event)
    if (!known || reach.guards.length < known.guards.length) best.set(reach.event, reach)
  }
  return [...best.values()]
}

/** Whether strangers cause an event. */
export function isOutside(event: string): boolean {
  return WORKFLOW_EVENTS.get(event)?.by === 'anybody'
}

/** Whether a stranger's event comes with secrets or a token that may write. */
export function isPrivileged(event: string): boolean {
  return isOutside(event) && WORKFLOW_EVENTS.get(event)?.privileged === true
}
