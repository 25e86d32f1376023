import { ciUntrustedCode } from '../../facts/pipeline-untrusted.ts'
import { type Fact, fact } from '../../model.ts'
import { type Analysis, eventsOf, type Hit, hitsOf, strongest } from './injection.ts'
import type { PipelineFile, PipelineFiles } from './untrusted-files.ts'
import { ofJob, ofStep, positionOf } from './untrusted-index.ts'
import { isPrivileged, type Reach } from './untrusted-reach.ts'
import type { Taint } from './untrusted-trace.ts'

/** A step that brings what strangers made into the folder of a job that has rights. */
export interface Fetch {
  readonly job: string
  readonly step: string
  readonly form: 'checkout' | 'artifact'
  readonly what: string
  /** Folder; empty: that of the job. */
  readonly path: string
  readonly best: Hit | { readonly reach: Reach }
  readonly events: readonly string[]
  readonly fact: Fact
}

/** Checkouts of commits that strangers made, and artifacts of runs that they caused, under events that come with rights. */
export function fetchesOf(file: PipelineFile, analysis: Analysis): Fetch[] {
  const checkouts = file.checkouts.flatMap((each): Fetch[] => {
    const { job = '', step = '', references = [], ref = '', path = '', ofFork, refuses } = each.data
    const hits = hitsOf(references, { file, job, step }, analysis).filter(({ taint, reach }) => {
      if (taint.by !== 'event' || !isPrivileged(reach.event)) return false
      // The name of a stranger's branch is nobody's in this repository.
      if (taint.form === 'branch' && !ofFork) return false
      return (taint.form === 'commit' || taint.form === 'branch') && !(refuses && isRefused(taint, reach.event))
    })
    const found = strongest(hits)
    if (!found) return []
    return [
      {
        job,
        step,
        form: 'checkout',
        what: ref,
        path: folderOf(path),
        best: found.best,
        events: eventsOf(found.same),
        fact: each,
      },
    ]
  })
  const artifacts = file.transfers.flatMap((each): Fetch[] => {
    const { job = '', step = '', direction, otherRun, paths = [] } = each.data
    if (direction !== 'download' || !otherRun) return []
    const [reach] = analysis.reaches.ofStep(file, job, step).filter(({ event }) => event === 'workflow_run')
    if (!reach) return []
    const path = folderOf(paths[0] ?? '')
    return [
      {
        job,
        step,
        form: 'artifact',
        what: 'an artifact of the run before',
        path,
        best: { reach },
        events: ['workflow_run'],
        fact: each,
      },
    ]
  })
  return [...checkouts, ...artifacts]
}

/** Newer versions of actions/checkout compare with what the event says of the fork: another commit of it, such as the newest that the API tells, passes. */
function isRefused({ source }: Taint, event: string): boolean {
  return (event === 'pull_request_target' || event === 'workflow_run') && /^(?:pull$|github\.)/.test(source)
}

/** A path outside of the folder is told by its first character, or by what names it. */
function folderOf(path: string): string {
  const plain = path
    .trim()
    .replace(/^\.\/?/, '')
    .replace(/\/$/, '')
  return /^\$\{\{\s*github\.workspace\s*\}\}$/.test(plain) ? '' : plain
}

/** One for each job: what is mended there mends the rest. An action is left to the jobs that fetch the same before they use it. */
export function untrustedCodeOf(
  file: PipelineFile,
  fetches: readonly Fetch[],
  files: PipelineFiles,
  all: ReadonlyMap<PipelineFile, readonly Fetch[]>,
): Fact<typeof ciUntrustedCode>[] {
  const byJob = new Map<string, Fact<typeof ciUntrustedCode>>()
  for (const fetch of fetches) {
    if (file.form === 'action' && isToldByCaller(file, files, all)) continue
    const executedBy = executionAfter(file, fetch) || executionAtCallers(file, fetch, files)
    // Data of another run that nothing executes is data.
    if (fetch.form === 'artifact' && executedBy === '') continue
    const known = byJob.get(fetch.job)
    if (known && (known.data.executedBy !== '' || executedBy === '')) continue
    byJob.set(fetch.job, codeFact(file, fetch, executedBy))
  }
  return [...byJob.values()]
}

function isToldByCaller(
  file: PipelineFile,
  files: PipelineFiles,
  all: ReadonlyMap<PipelineFile, readonly Fetch[]>,
  depth = 0,
): boolean {
  if (depth > 10) return false
  return files
    .callersOf(file)
    .some(
      (caller) =>
        (all.get(caller.file) ?? []).some(({ job, form }) => job === caller.job && form === 'checkout') ||
        (caller.job === '' && isToldByCaller(caller.file, files, all, depth + 1)),
    )
}

function codeFact(file: PipelineFile, fetch: Fetch, executedBy: string): Fact<typeof ciUntrustedCode> {
  return fact(ciUntrustedCode, fetch.fact.scope, fetch.fact.at, {
    workflow: file.path,
    job: fetch.job,
    step: fetch.step,
    form: fetch.form,
    fetched: fetch.what,
    events: fetch.events,
    executedBy,
    told: executedBy === '' ? 'nothing is seen to run it' : `${executedBy} runs it`,
    powers: powersOf(file, fetch.job),
    guards: fetch.best.reach.guards,
  })
}

/** The first step behind a fetch that runs what lies there: `STEP: COMMAND`; empty without one. */
export function executionAfter(file: PipelineFile, fetch: Fetch): string {
  const { job } = fetch
  const at = ({ data }: { data: { step?: string } }) => positionOf(file, job, data.step ?? '')
  const from = positionOf(file, job, fetch.step)
  const checkouts = ofJob(file.checkouts, job)
  // The next checkout into the same folder brings back what is trusted.
  const replaced = checkouts
    .filter((each) => each.data.by !== 'script' && at(each) > from)
    .find(({ data }) => folderOf(data.path ?? '') === fetch.path && (data.references ?? []).length === 0)
  const to = replaced ? at(replaced) : Number.POSITIVE_INFINITY
  const others = checkouts
    .filter(({ data }) => data.step !== fetch.step && (data.references ?? []).length === 0)
    .map(({ data }) => folderOf(data.path ?? ''))
    .filter((path) => path !== '')
  const own = fetch.fact.kind === 'ci.checkout' && fetch.what !== '' && isScript(file, fetch) ? from : from + 1
  const found = ofJob(file.executions, job).find((each) => {
    const { folder = '', what = '' } = each.data
    return at(each) >= own && at(each) < to && isIn(fetch.path, others, folder, what)
  })
  if (!found) return ''
  const { step = '', what = '' } = found.data
  return step === what || what.startsWith(step) ? what : `${what} (${step})`
}

/** What a composite action fetched lies in the folder of the jobs that use it. */
function executionAtCallers(file: PipelineFile, fetch: Fetch, files: PipelineFiles): string {
  if (file.form !== 'action') return ''
  const found = files
    .callersOf(file)
    .map(({ file: caller, job, step }) => executionAfter(caller, { ...fetch, job, step }))
  return found.find((each) => each !== '') ?? ''
}

function isScript(file: PipelineFile, { job, step }: Fetch): boolean {
  return ofStep(file.checkouts, job, step).some(({ data }) => data.by === 'script')
}

/** Whether what is run lies in a folder, and not in one that another checkout fills. */
function isIn(path: string, others: readonly string[], folder: string, what: string): boolean {
  const begins = (base: string) => folder === base || folder.startsWith(`${base}/`) || what.includes(`${base}/`)
  if (path === '') return !others.some(begins)
  return begins(path)
}

/** What makes a job worth taking over. */
export function powersOf(file: PipelineFile, job: string): string[] {
  const declared = ofJob(file.jobs, job)[0]?.data
  const permissions = declared?.permissions ?? []
  const powers: string[] = []
  if (declared?.idToken) powers.push('id-token')
  if (permissions.some((each) => each === 'write-all' || (/: write$/.test(each) && each !== 'id-token: write')))
    powers.push('write')
  if (!declared || declared.permissionsAt === 'none') powers.push('unknown')
  const expressions = job === '' ? [] : ofJob(file.expressions, '')
  const secret = [...ofJob(file.expressions, job), ...expressions].some(({ data }) =>
    (data.references ?? []).some(
      (each) => each === 'secrets' || (each.startsWith('secrets.') && each !== 'secrets.github_token'),
    ),
  )
  if (secret) powers.push('secrets')
  return powers.sort()
}
