import { ciBotGate, ciLeftToken, ciRunnerExposure } from '../../facts/pipeline-untrusted.ts'
import { type Fact, fact, UNKNOWN } from '../../model.ts'
import type { Analysis } from './injection.ts'
import { executionAfter, type Fetch } from './untrusted-code.ts'
import { type PipelineFile, stepsOfJob } from './untrusted-files.ts'
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
  const all = step === '' ? file.jobs.map(({ data }) => ({ ...data, step: '' })) : file.steps.map(({ data }) => data)
  const written = all.find((each) => each.job === job && each.step === step)?.condition ?? ''
  return written.replace(/\s+/g, ' ').trim()
}

/** Tokens that a checkout leaves where an artifact or a stranger's code gets them. */
export function leftTokensOf(
  file: PipelineFile,
  fetches: readonly Fetch[],
  { reaches }: Analysis,
): Fact<typeof ciLeftToken>[] {
  return file.checkouts.flatMap((checkout) => {
    const { job = '', step = '', persists, ownToken, tokenPlace, path = '' } = checkout.data
    const declared = file.jobs.find(({ data }) => data.job === job)?.data
    if (persists === false || !declared) return []
    const mayWrite = ownToken ? true : writes(declared)
    if (mayWrite === false) return []
    const order = stepsOfJob(file, job)
    const later = (other: string) => order.indexOf(other) > order.indexOf(step)
    const known: boolean | typeof UNKNOWN = persists === undefined ? UNKNOWN : mayWrite
    const common = { workflow: file.path, job, step }
    const upload = file.transfers.find(
      ({ data }) =>
        data.job === job &&
        data.direction === 'upload' &&
        data.hidden &&
        later(data.step ?? '') &&
        takesAlong(data.paths ?? [], path),
    )
    if (upload && tokenPlace !== 'temp')
      return fact(ciLeftToken, checkout.scope, checkout.at, {
        ...common,
        mayWrite: known,
        reader: `the artifact of ${upload.data.step}`,
        form: 'artifact',
        events: reaches.ofJob(file, job).map(({ event }) => event),
      })
    // Code of strangers that was there before this checkout has run already.
    const after = (fetch: Fetch) => order.indexOf(fetch.step) >= order.indexOf(step)
    const taken = fetches.find((fetch) => fetch.job === job && after(fetch) && executionAfter(file, fetch) !== '')
    if (taken)
      return fact(ciLeftToken, checkout.scope, checkout.at, {
        ...common,
        mayWrite: known,
        reader: executionAfter(file, taken),
        form: 'code',
        events: taken.events,
      })
    if (!isWorthwhile(declared, ownToken === true)) return []
    const builds = file.executions.find(({ data }) => data.job === job && later(data.step ?? ''))
    // Who talks to the server later needs the token.
    if (!builds || file.gitUses.some(({ data }) => data.job === job && later(data.step ?? ''))) return []
    return fact(ciLeftToken, checkout.scope, checkout.at, {
      ...common,
      mayWrite: known,
      reader: `${builds.data.what}, which needs none`,
      form: 'build',
      events: reaches.ofJob(file, job).map(({ event }) => event),
    })
  })
}

/** The token by default is a setting that files do not show. */
function writes(job: {
  readonly permissionsAt?: string
  readonly permissions?: readonly string[]
}): boolean | typeof UNKNOWN {
  if (job.permissionsAt === 'none') return UNKNOWN
  return (job.permissions ?? []).some((each) => each === 'write-all' || each.endsWith(': write'))
}

/** Rights with which a dependency that turned bad changes code, releases or what others install. */
function isWorthwhile(job: { readonly permissions?: readonly string[] }, ownToken: boolean): boolean {
  return (
    ownToken || (job.permissions ?? []).some((each) => /^(?:write-all|(?:contents|packages|actions): write)$/.test(each))
  )
}

/** Whether an upload has the folder `.git` of a checkout in it. */
function takesAlong(paths: readonly string[], checkout: string): boolean {
  const folder = checkout.replace(/^\.\/|\/$/g, '')
  const plain = paths.map((path) => path.replace(/\$\{\{\s*github\.workspace\s*\}\}/, '.').replace(/^\.\/|\/$/g, ''))
  if (plain.some((path) => /^!.*\.git/.test(path))) return false
  return plain.some(
    (path) => path === '.' || path === '' || path === '**' || path === '*' || (folder !== '' && path === folder),
  )
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
