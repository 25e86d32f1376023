import { ciJob, ciStep, ciTrigger, ciWorkflow } from '../../facts/pipeline.ts'
import { ciCloudLogin, ciExcludedEvent } from '../../facts/pipeline-cloud.ts'
import { type Fact, isFact } from '../../model.ts'
import { groupBy } from '../kubernetes/rbac.ts'
import type { Repository, Start, TokenJob } from './subjects.ts'

type Job = Fact<typeof ciJob>
type Login = Fact<typeof ciCloudLogin>

/** A job that can ask for a token, with all ways in which it starts and all logins of its steps. */
export interface Holder {
  readonly job: Job
  readonly runs: readonly TokenJob[]
  readonly logins: readonly Login[]
}

/** Reusable workflows call each other ten levels deep at most; a circle is an error of GitHub's. */
const MAX_DEPTH = 10

/** The jobs of one repository. */
export class TokenJobs {
  readonly #repository: Repository
  readonly #jobs: readonly Job[]
  readonly #starts: ReadonlyMap<string, readonly Start[]>
  readonly #names: ReadonlyMap<string, string>
  readonly #callers: ReadonlyMap<string, readonly Job[]>
  readonly #logins: ReadonlyMap<string, readonly Login[]>
  readonly #actions: ReadonlyMap<string, readonly string[]>
  /** Jobs that never run, with the events. */
  readonly #excluded: ReadonlySet<string>
  readonly #byPlace: ReadonlyMap<string, Job>
  readonly #mayRun = new Map<string, boolean>()

  constructor(facts: readonly Fact[], repository: Repository) {
    this.#repository = repository
    this.#jobs = facts.filter((each) => isFact(ciJob, each))
    const triggers = facts.filter((each) => isFact(ciTrigger, each))
    this.#starts = new Map(
      [...groupBy(triggers, ({ data }) => data.workflow ?? '')].map(([workflow, own]) => [workflow, own.map(startOf)]),
    )
    const workflows = facts.filter((each) => isFact(ciWorkflow, each))
    this.#names = new Map(workflows.map(({ data }) => [data.workflow ?? '', data.name ?? '']))
    const calling = this.#jobs.filter(({ data }) => data.calls?.startsWith('./'))
    this.#callers = groupBy(calling, ({ data }) => (data.calls ?? '').slice('./'.length))
    const excluded = facts.filter((each) => isFact(ciExcludedEvent, each))
    this.#excluded = new Set(excluded.map(({ data }) => `${placeOf(data.workflow, data.job)}\0${data.event}`))
    this.#byPlace = new Map(this.#jobs.map((job) => [placeOf(job.data.workflow, job.data.job), job]))
    const logins = facts.filter((each) => isFact(ciCloudLogin, each))
    this.#logins = groupBy(logins, ({ data }) => placeOf(data.workflow, data.job))
    const local = facts.filter((each) => isFact(ciStep, each)).filter(({ data }) => data.action?.startsWith('./'))
    this.#actions = new Map(
      [...groupBy(local, ({ data }) => placeOf(data.workflow, data.job))].map(([place, steps]) => [
        place,
        steps.map(({ data }) => (data.action ?? '').slice('./'.length).replace(/\/$/, '')),
      ]),
    )
  }

  /** Jobs that run by themselves, each with what its token may say. */
  holders(): Holder[] {
    return this.#jobs.flatMap((job) => {
      if (job.data.calls?.startsWith('./')) return []
      const runs = this.#runsOf(job, 0)
      return runs.length > 0 ? [{ job, runs, logins: this.#loginsOf(job) }] : []
    })
  }

  /** `id-token: write` is given by nobody's default; of a called workflow both sides must give it. */
  #runsOf(job: Job, depth: number): TokenJob[] {
    const { workflow = '', calls = '', idToken, permissionsAt, environment } = job.data
    const inherits = permissionsAt === 'none'
    if (!idToken && !inherits) return []
    const own = idToken ? this.#startsOf(workflow) : []
    const held = calls === '' || calls.startsWith('./') ? workflow : calls
    const runs = own.map((start): TokenJob => {
      const workflowName = this.#names.get(workflow) ?? ''
      return { platform: 'github', repository: this.#repository, workflowName, workflow: held, start, environment }
    })
    const callers = depth < MAX_DEPTH ? (this.#callers.get(workflow) ?? []) : []
    const called = callers.flatMap((caller) => this.#runsOf(caller, depth + 1))
    const all = [...runs, ...called.map((run) => ({ ...run, workflow: held, environment }))]
    return all.filter(({ start }) => this.#runsUnder(job, start.event))
  }

  /** Its own condition decides, and those of the jobs that it waits for, unless it runs after skipped ones, too. */
  #runsUnder({ data }: Job, event: string): boolean {
    const id = `${placeOf(data.workflow, data.job)}\0${event}`
    if (this.#excluded.has(id)) return false
    const known = this.#mayRun.get(id)
    if (known !== undefined) return known
    // Jobs that wait for each other are an error of GitHub's.
    this.#mayRun.set(id, true)
    const regardless = /\b(?:always|failure|cancelled)\s*\(/i.test(data.condition ?? '')
    const waited = (data.needs ?? []).flatMap((need) => this.#byPlace.get(placeOf(data.workflow, need)) ?? [])
    const runs = regardless || waited.every((each) => this.#runsUnder(each, event))
    this.#mayRun.set(id, runs)
    return runs
  }

  #startsOf(workflow: string): readonly Start[] {
    return (this.#starts.get(workflow) ?? []).filter(({ event }) => event !== 'workflow_call')
  }

  /** Of its own steps, and of the composite actions of the repository that they use. */
  #loginsOf({ data }: Job): Login[] {
    const place = placeOf(data.workflow, data.job)
    const found = [...(this.#logins.get(place) ?? [])]
    const seen = new Set<string>()
    for (let pending = [...(this.#actions.get(place) ?? [])]; pending.length > 0; ) {
      const folder = pending.pop() ?? ''
      if (seen.has(folder)) continue
      seen.add(folder)
      for (const file of ['action.yml', 'action.yaml'].map((name) => (folder === '' ? name : `${folder}/${name}`))) {
        found.push(...(this.#logins.get(placeOf(file, '')) ?? []))
        pending = [...pending, ...(this.#actions.get(placeOf(file, '')) ?? [])]
      }
    }
    return found
  }
}

function placeOf(workflow = '', job = ''): string {
  return `${workflow}\0${job}`
}

function startOf({ data }: Fact<typeof ciTrigger>): Start {
  const { event = '', branches = [], ignoredBranches = [], tags = [], ignoredTags = [] } = data
  return { event, branches, ignoredBranches, tags, ignoredTags }
}
