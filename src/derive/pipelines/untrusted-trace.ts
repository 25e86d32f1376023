import { kindOfOutput } from '../../reference/untrusted-actions.ts'
import { outsiderCommit, outsiderText } from '../../reference/workflow-events.ts'
import { actionOf, type PipelineFile, type PipelineFiles, stepsOfJob } from './untrusted-files.ts'

/** Something in a value that others write. */
export interface Taint {
  /** What they write: a path of a context, or the output of an action. */
  readonly source: string
  /** How it gets into the value, from the value on; empty if it stands there itself. */
  readonly way: readonly string[]
  /** `commit`, `branch`: no text, but what names a commit that they made. */
  readonly form: 'free' | 'line' | 'ref' | 'mail' | 'object' | 'commit' | 'branch'
  /** `event`: whoever caused the event; `writers`: who may start a workflow by hand; `callers`: those that were not seen. */
  readonly by: 'event' | 'writers' | 'callers'
}
/** Where a value is read. `step` empty: in something of the job itself. */
export interface Spot {
  readonly file: PipelineFile
  readonly job: string
  readonly step: string
}

const MOST_HOPS = 12

/** Follows values back to where they come from. */
export class Tracer {
  readonly #files: PipelineFiles

  constructor(files: PipelineFiles) {
    this.#files = files
  }

  /** What others write of a reference, if this event caused the run. */
  trace(reference: string, spot: Spot, event: string, seen: readonly string[] = []): Taint[] {
    const key = `${spot.file.scope}#${spot.job}#${spot.step}#${reference}`
    if (seen.length > MOST_HOPS || seen.includes(key)) return []
    const next = [...seen, key]
    const [context = '', name = '', part = '', last = ''] = reference.split('.')
    if (reference === 'pull' || context === 'github') return this.#ofEvent(reference, spot, event, next)
    if (context === 'env') return this.#ofVariable(name, spot, event, next)
    if (context === 'steps' && part === 'outputs') return this.#ofStepOutput(name, last, spot, event, next)
    if ((context === 'needs' || context === 'jobs') && part === 'outputs')
      return this.#ofJobOutput(name, last, spot.file, event, next)
    if (context === 'inputs') return this.#ofInput(name, spot, event, next)
    if (context === 'matrix')
      return this.#ofPlaces(
        spot.file,
        spot.job,
        '',
        (place) => place === 'matrix' || (name === '' ? place.startsWith('matrix.') : place === `matrix.${name}`),
        event,
        next,
        `matrix.${name}`,
      )
    return []
  }

  #ofEvent(path: string, spot: Spot, event: string, seen: readonly string[]): Taint[] {
    if (path.startsWith('github.event.inputs.'))
      return this.#ofInput(path.slice('github.event.inputs.'.length), spot, event, seen)
    const text = outsiderText(path, event)
    const by = event === 'workflow_call' ? 'callers' : 'event'
    const texts: Taint[] = text ? [{ source: path, way: [], form: text.form, by }] : []
    const form = outsiderCommit(path, event)
    return form ? [...texts, { source: path, way: [], form, by }] : texts
  }

  /** The step's own, else what earlier steps set, the job's, the workflow's. */
  #ofVariable(name: string, { file, job, step }: Spot, event: string, seen: readonly string[]): Taint[] {
    const isIt = (place: string) => place.toLowerCase() === `env.${name}`
    const label = `env.${name}`
    const own =
      step === ''
        ? []
        : file.expressions.filter(({ data }) => data.job === job && data.step === step && isIt(data.place ?? ''))
    if (own.length > 0) return this.#ofPlaces(file, job, step, isIt, event, seen, label)
    const set = this.#ofWrites({ file, job, step }, 'env', name, event, seen, label)
    const ofJob = job === '' ? [] : this.#ofPlaces(file, job, '', isIt, event, seen, label)
    const ofFile = this.#ofPlaces(file, '', '', isIt, event, seen, label)
    const callers = file.form === 'action' ? this.#files.callersOf(file) : []
    return [...set, ...ofJob, ...ofFile, ...callers.flatMap((caller) => this.trace(label, caller, event, seen))]
  }

  #ofWrites(spot: Spot, target: string, name: string, event: string, seen: readonly string[], label: string): Taint[] {
    const { file, job } = spot
    const order = stepsOfJob(file, job)
    const at = spot.step === '' ? order.length : order.indexOf(spot.step)
    return file.writes
      .filter(
        ({ data }) =>
          data.job === job &&
          data.file === target &&
          data.name?.toLowerCase() === name &&
          order.indexOf(data.step ?? '') < at,
      )
      .flatMap(({ data }) =>
        (data.references ?? []).flatMap((reference) =>
          through(
            this.trace(reference, { file, job, step: data.step ?? '' }, event, seen),
            `${label}, which the step ${data.step} sets`,
          ),
        ),
      )
  }

  #ofStepOutput(id: string, output: string, { file, job }: Spot, event: string, seen: readonly string[]): Taint[] {
    const step = stepsOfJob(file, job).find((label) => label.toLowerCase() === id)
    if (step === undefined) return []
    const label = `steps.${id}.outputs.${output}`
    const action = actionOf(file, job, step)
    const callee = this.#files.called(file, action)
    if (callee)
      return through(
        this.#ofPlaces(callee, '', '', (place) => place.toLowerCase() === `outputs.${output}`, event, seen, ''),
        label,
      )
    const kind = kindOfOutput(action, output)
    // Who wrote the files and branches: whoever caused the event.
    if (kind !== undefined) return this.#ofAction(kind, action, label, event)
    const writes = file.writes.filter(
      ({ data }) => data.job === job && data.step === step && data.file === 'output' && isNamed(data.name ?? '', output),
    )
    return writes.flatMap(({ data }) => {
      const told = (data.references ?? []).flatMap((each) => this.trace(each, { file, job, step }, event, seen))
      const read = data.content === 'text' ? [] : this.#ofArtifact(file, job, step, data.command ?? '', event)
      return through([...told, ...read], label)
    })
  }

  /** What a command reads where an artifact of a stranger's run lies. */
  #ofArtifact(file: PipelineFile, job: string, step: string, command: string, event: string): Taint[] {
    if (event !== 'workflow_run' || !/^(?:cat|head|tail|jq|yq|grep|sed|awk|node|python3?)\b|^</.test(command)) return []
    const order = stepsOfJob(file, job)
    const before = (each: string) => order.indexOf(each) <= order.indexOf(step)
    const own = file.transfers.some(({ data }) => data.job === job && data.otherRun === true && before(data.step ?? ''))
    const called = file.steps.some(({ data }) => {
      const callee = data.job === job && before(data.step ?? '') && this.#files.called(file, data.action ?? '')
      return callee && callee.transfers.some((each) => each.data.otherRun === true)
    })
    if (!own && !called) return []
    const common = { source: 'a file of an artifact', way: [], by: 'event' } as const
    return [
      { ...common, form: 'free' },
      { ...common, form: 'commit' },
    ]
  }

  #ofAction(kind: 'text' | 'ref' | 'head', action: string, label: string, event: string): Taint[] {
    const caused = event === 'workflow_call' ? 'callers' : 'event'
    if (!/^(?:pull_request|issue|workflow_run|discussion|workflow_call|push)/.test(event)) return []
    const common = { source: `what ${action} tells`, way: [label], by: caused } as const
    if (kind === 'head') return [{ ...common, form: 'commit' }]
    return kind === 'ref' && event !== 'push'
      ? [
          { ...common, form: 'ref' },
          { ...common, form: 'branch' },
        ]
      : [{ ...common, form: 'line' }]
  }

  #ofJobOutput(job: string, output: string, file: PipelineFile, event: string, seen: readonly string[]): Taint[] {
    const declared = file.jobs.find(({ data }) => data.job?.toLowerCase() === job)?.data
    if (!declared) return []
    const label = `needs.${job}.outputs.${output}`
    const isIt = (place: string) => place.toLowerCase() === `outputs.${output}`
    const callee = this.#files.called(file, declared.calls ?? '')
    const found = callee
      ? this.#ofPlaces(callee, '', '', isIt, event, seen, '')
      : this.#ofPlaces(file, declared.job ?? '', '', isIt, event, seen, '')
    return through(found, label)
  }

  /** What the callers in the tree pass; without any, whoever calls. */
  #ofInput(name: string, { file }: Spot, event: string, seen: readonly string[]): Taint[] {
    const label = `inputs.${name}`
    const takesText = (trigger: string) =>
      file.inputs.find(({ data }) => data.trigger === trigger && data.name?.toLowerCase() === name)?.data.free !== false
    const starts = (trigger: string) => file.triggers.some(({ data }) => data.event === trigger)
    const byHand = event === 'workflow_dispatch' && starts(event) && takesText(event)
    const own: Taint[] = byHand ? [{ source: label, way: [], form: 'free', by: 'writers' }] : []
    // GitHub lets nothing but a number or a boolean through.
    if (starts('workflow_call') && !takesText('workflow_call')) return own
    const callers = this.#files.callersOf(file)
    if (callers.length === 0) {
      const unseen = event === 'workflow_call' || file.form === 'action'
      return unseen ? [{ source: label, way: [], form: 'free', by: 'callers' }] : own
    }
    const isIt = (place: string) => place.toLowerCase() === `with.${name}`
    const called = callers.flatMap(({ file: caller, job, step }) => {
      const passed = this.#ofPlaces(caller, job, step, isIt, event, seen, `${label} of ${file.path}`)
      const preset = this.#ofPlaces(
        file,
        '',
        '',
        (place) => place.toLowerCase() === `default.${name}`,
        event,
        seen,
        label,
      )
      return [...passed, ...preset]
    })
    return [...own, ...called]
  }

  #ofPlaces(
    file: PipelineFile,
    job: string,
    step: string,
    isIt: (place: string) => boolean,
    event: string,
    seen: readonly string[],
    label: string,
  ): Taint[] {
    return file.expressions
      .filter(({ data }) => data.job === job && data.step === step && isIt(data.place ?? ''))
      .flatMap(({ data }) =>
        (data.references ?? []).flatMap((reference) =>
          through(this.trace(reference, { file, job, step }, event, seen), label),
        ),
      )
  }
}

/** A name that a script makes up may be any. */
function isNamed(written: string, name: string): boolean {
  return written === '' || written.toLowerCase() === name
}

function through(taints: readonly Taint[], label: string): Taint[] {
  return label === '' ? [...taints] : taints.map((taint) => ({ ...taint, way: [label, ...taint.way] }))
}
