import type { ciWrite } from '../../facts/pipeline-flow.ts'
import type { Fact } from '../../model.ts'
import { kindOfOutput } from '../../reference/untrusted-actions.ts'
import { outsiderCommit, outsiderText } from '../../reference/workflow-events.ts'
import type { PipelineFile, PipelineFiles } from './untrusted-files.ts'
import { actionOf, ofJob, ofStep, positionOf } from './untrusted-index.ts'

/** Something in a value that others write. */
export interface Taint {
  /** What they write: a path of a context, or the output of an action. */
  readonly source: string
  /** How it gets into the value, from the value on; empty if it stands there itself. */
  readonly way: readonly string[]
  /** `commit`, `branch`: no text, but what names a commit that they made. */
  readonly form: 'free' | 'line' | 'ref' | 'mail' | 'object' | 'commit' | 'branch'
  /** `event`: whoever caused the event; `contributors`: whoever had a change merged; `writers`: who may start a workflow by hand; `callers`: those that were not seen. */
  readonly by: 'event' | 'contributors' | 'writers' | 'callers'
}
/** Where a value is read. `step` empty: in something of the job itself. */
export interface Spot {
  readonly file: PipelineFile
  readonly job: string
  readonly step: string
}

/** Hops that are told, and that are followed: files could make the stack as deep as they like. */
const MOST_HOPS = 12
const DEEPEST = 100

/** Follows values back to where they come from. */
export class Tracer {
  readonly #files: PipelineFiles
  readonly #writes = new Map<PipelineFile, Map<string, Fact<typeof ciWrite>[]>>()
  /** What was found out, by place, reference and event. */
  readonly #known = new Map<string, readonly Taint[]>()

  constructor(files: PipelineFiles) {
    this.#files = files
  }

  /** What others write of a reference, if this event caused the run. */
  trace(reference: string, spot: Spot, event: string, depth = 0): readonly Taint[] {
    const key = `${spot.file.scope}#${spot.job}#${spot.step}#${reference}#${event}`
    const known = this.#known.get(key)
    if (known) return known
    if (depth > DEEPEST) return []
    // A circle brings nothing.
    this.#known.set(key, [])
    const found = distinct(this.#trace(reference, spot, event, depth + 1))
    this.#known.set(key, found)
    return found
  }

  #trace(reference: string, spot: Spot, event: string, next: number): readonly Taint[] {
    const [context = '', name = '', part = '', last = ''] = reference.split('.')
    if (reference === 'git.message') return isFromOthers(event) ? [MESSAGE] : []
    if (reference === 'pull' || reference === 'pull.head' || context === 'github')
      return this.#ofEvent(reference, spot, event, next)
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

  #ofEvent(path: string, spot: Spot, event: string, depth: number): Taint[] {
    if (path.startsWith('github.event.inputs.'))
      return this.#ofInput(path.slice('github.event.inputs.'.length), spot, event, depth)
    const text = outsiderText(path, event)
    const by = event === 'workflow_call' ? 'callers' : 'event'
    const texts: Taint[] = text ? [{ source: path, way: [], form: text.form, by }] : []
    const form = outsiderCommit(path, event)
    return form ? [...texts, { source: path, way: [], form, by }] : texts
  }

  /** The step's own, else what earlier steps set, the job's, the workflow's. */
  #ofVariable(name: string, { file, job, step }: Spot, event: string, depth: number): Taint[] {
    const isIt = (place: string) => place.toLowerCase() === `env.${name}`
    const label = `env.${name}`
    const own = step === '' ? [] : ofStep(file.expressions, job, step).filter(({ data }) => isIt(data.place ?? ''))
    if (own.length > 0) return this.#ofPlaces(file, job, step, isIt, event, depth, label)
    const set = this.#ofWrites({ file, job, step }, 'env', name, event, depth, label)
    const ofJob = job === '' ? [] : this.#ofPlaces(file, job, '', isIt, event, depth, label)
    const ofFile = this.#ofPlaces(file, '', '', isIt, event, depth, label)
    const callers = file.form === 'action' ? this.#files.callersOf(file) : []
    return [...set, ...ofJob, ...ofFile, ...callers.flatMap((caller) => this.trace(label, caller, event, depth))]
  }

  #ofWrites(spot: Spot, target: string, name: string, event: string, depth: number, label: string): Taint[] {
    const { file, job } = spot
    const at = spot.step === '' ? Number.POSITIVE_INFINITY : positionOf(file, job, spot.step)
    return this.#writesOf(file, job, `${target} ${name}`)
      .filter(({ data }) => positionOf(file, job, data.step ?? '') < at)
      .flatMap(({ data }) =>
        (data.references ?? []).flatMap((reference) =>
          through(
            this.trace(reference, { file, job, step: data.step ?? '' }, event, depth),
            `${label}, which the step ${data.step} sets`,
          ),
        ),
      )
  }

  /** What the steps of a job write under a name of one of the runner's files. */
  #writesOf(file: PipelineFile, job: string, name: string): readonly Fact<typeof ciWrite>[] {
    let index = this.#writes.get(file)
    if (!index) {
      index = new Map()
      this.#writes.set(file, index)
      for (const write of file.writes) {
        const key = `${write.data.job} ${write.data.file} ${write.data.name?.toLowerCase()}`
        const known = index.get(key)
        if (known) known.push(write)
        else index.set(key, [write])
      }
    }
    return index.get(`${job} ${name}`) ?? []
  }

  #ofStepOutput(id: string, output: string, { file, job }: Spot, event: string, depth: number): Taint[] {
    const step = ofJob(file.steps, job).find(({ data }) => data.step?.toLowerCase() === id)?.data.step
    if (step === undefined) return []
    const label = `steps.${id}.outputs.${output}`
    const action = actionOf(file, job, step)
    const callee = this.#files.called(file, action)
    if (callee)
      return through(
        this.#ofPlaces(callee, '', '', (place) => place.toLowerCase() === `outputs.${output}`, event, depth, ''),
        label,
      )
    const version = ofStep(file.steps, job, step)[0]?.data.version ?? ''
    const kind = kindOfOutput(action, version, output)
    // Who wrote the files and branches: whoever caused the event.
    if (kind !== undefined) return this.#ofAction(kind, action, label, event)
    const writes = ofStep(file.writes, job, step).filter(
      ({ data }) => data.file === 'output' && isNamed(data.name ?? '', output),
    )
    return writes.flatMap(({ data }) => {
      const told = (data.references ?? []).flatMap((each) => this.trace(each, { file, job, step }, event, depth))
      const read = data.content === 'text' ? [] : this.#ofArtifact(file, job, step, data.command ?? '', event)
      return through([...told, ...read], label)
    })
  }

  /** What a command reads where an artifact of a stranger's run lies. */
  #ofArtifact(file: PipelineFile, job: string, step: string, command: string, event: string): Taint[] {
    if (event !== 'workflow_run' || !/^(?:cat|head|tail|jq|yq|grep|sed|awk|node|python3?)\b|^</.test(command)) return []
    const at = positionOf(file, job, step)
    const before = (each: string) => positionOf(file, job, each) <= at
    const own = ofJob(file.transfers, job).some(({ data }) => data.otherRun === true && before(data.step ?? ''))
    const called = ofJob(file.steps, job).some(({ data }) => {
      const callee = before(data.step ?? '') && this.#files.called(file, data.action ?? '')
      return callee !== false && callee?.transfers.some((each) => each.data.otherRun === true)
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

  #ofJobOutput(job: string, output: string, file: PipelineFile, event: string, depth: number): Taint[] {
    const declared = file.jobs.find(({ data }) => data.job?.toLowerCase() === job)?.data
    if (!declared) return []
    const label = `needs.${job}.outputs.${output}`
    const isIt = (place: string) => place.toLowerCase() === `outputs.${output}`
    const callee = this.#files.called(file, declared.calls ?? '')
    const found = callee
      ? this.#ofPlaces(callee, '', '', isIt, event, depth, '')
      : this.#ofPlaces(file, declared.job ?? '', '', isIt, event, depth, '')
    return through(found, label)
  }

  /** What the callers in the tree pass; without any, whoever calls. */
  #ofInput(name: string, { file }: Spot, event: string, depth: number): Taint[] {
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
      const passed = this.#ofPlaces(caller, job, step, isIt, event, depth, `${label} of ${file.path}`)
      const preset = this.#ofPlaces(
        file,
        '',
        '',
        (place) => place.toLowerCase() === `default.${name}`,
        event,
        depth,
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
    depth: number,
    label: string,
  ): Taint[] {
    return ofStep(file.expressions, job, step)
      .filter(({ data }) => isIt(data.place ?? ''))
      .flatMap(({ data }) =>
        (data.references ?? []).flatMap((reference) =>
          through(this.trace(reference, { file, job, step }, event, depth), label),
        ),
      )
  }
}

const MESSAGE: Taint = { source: 'the message of a commit', way: [], form: 'free', by: 'contributors' }

/** Events after which the newest commit is what somebody proposed. */
function isFromOthers(event: string): boolean {
  return event === 'push' || event === 'merge_group' || event.startsWith('pull_request')
}

/** A name that a script makes up may be any. */
function isNamed(written: string, name: string): boolean {
  return written === '' || written.toLowerCase() === name
}

function through(taints: readonly Taint[], label: string): Taint[] {
  if (label === '') return [...taints]
  return taints.map((taint) => ({ ...taint, way: [label, ...taint.way.slice(0, MOST_HOPS)] }))
}

/** One way for each thing that others write: two are no more than one, and ways multiply with each hop. */
function distinct(taints: readonly Taint[]): readonly Taint[] {
  const found = new Map<string, Taint>()
  for (const taint of taints) {
    const key = `${taint.source} ${taint.form} ${taint.by}`
    if (!found.has(key)) found.set(key, taint)
  }
  return [...found.values()]
}
