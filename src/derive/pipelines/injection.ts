import { ciEnvironmentInjection, ciInjection } from '../../facts/pipeline-untrusted.ts'
import { type Fact, fact, type Gap } from '../../model.ts'
import { languageOfInput } from '../../reference/untrusted-actions.ts'
import type { PipelineFile, PipelineFiles } from './untrusted-files.ts'
import { actionOf, positionOf } from './untrusted-index.ts'
import { isOutside, isPrivileged, type Reach, type Reaches } from './untrusted-reach.ts'
import type { Taint, Tracer } from './untrusted-trace.ts'

/** Something that others write, with the events by which it gets there. */
export interface Hit {
  readonly taint: Taint
  readonly reach: Reach
}

/** The strongest of what others write into a value: strangers with secrets in reach first. */
export function audienceOf({ taint, reach }: Hit): 'anybody' | 'contributors' | 'writers' | 'callers' {
  if (taint.by !== 'event') return taint.by
  return isOutside(reach.event) ? 'anybody' : 'contributors'
}

const STRENGTH = ['anybody', 'contributors', 'writers', 'callers']

function rank(hit: Hit): number {
  const audience = STRENGTH.indexOf(audienceOf(hit))
  return audience === 0 ? (isPrivileged(hit.reach.event) ? hit.reach.guards.length / 10 : 1) : audience + 1
}

/** The strongest hit, and those of the same sort. */
export function strongest(hits: readonly Hit[]): { best: Hit; same: readonly Hit[] } | undefined {
  const [best] = hits.toSorted((a, b) => rank(a) - rank(b))
  if (!best) return undefined
  const same = hits.filter(
    (hit) => audienceOf(hit) === audienceOf(best) && isPrivileged(hit.reach.event) === isPrivileged(best.reach.event),
  )
  return { best, same }
}

export function eventsOf(hits: readonly Hit[]): string[] {
  return [...new Set(hits.map(({ reach }) => reach.event))].sort()
}

/** All that others write of some references, by each event that runs the step. */
export function hitsOf(
  references: readonly string[],
  spot: { file: PipelineFile; job: string; step: string },
  { reaches, tracer }: Omit<Analysis, 'files'>,
): Hit[] {
  return reaches
    .ofStep(spot.file, spot.job, spot.step)
    .flatMap((reach) =>
      references.flatMap((reference) => tracer.trace(reference, spot, reach.event).map((taint) => ({ taint, reach }))),
    )
}

export interface Analysis {
  readonly files: PipelineFiles
  readonly reaches: Reaches
  readonly tracer: Tracer
}

/** Expressions in code whose values others write. */
export function injectionsOf(file: PipelineFile, analysis: Analysis): Fact<typeof ciInjection>[] {
  return file.expressions.flatMap((each) => {
    const { workflow = '', job = '', step = '', place = '', expression = '', references = [] } = each.data
    if (!isCode(file, job, step, place, expression)) return []
    const hits = hitsOf(references, { file, job, step }, analysis).filter(({ taint }) => isText(taint))
    const found = strongest(hits)
    if (!found) return []
    const { best, same } = found
    return fact(ciInjection, each.scope, each.at, {
      workflow,
      job,
      step,
      place,
      expression,
      source: best.taint.source,
      way: wayOf(best.taint, references),
      audience: audienceOf(best),
      events: eventsOf(same),
      privileged: isPrivileged(best.reach.event),
      guards: best.reach.guards,
    })
  })
}

function isText({ form }: Pick<Taint, 'form'>): boolean {
  return form !== 'commit' && form !== 'branch'
}

function isCode(file: PipelineFile, job: string, step: string, place: string, expression: string): boolean {
  if (place === 'run') return true
  if (step === '' || !place.startsWith('with.')) return false
  const language = languageOfInput(actionOf(file, job, step), place.slice('with.'.length))
  // JSON is a literal of JavaScript; a shell reads it otherwise.
  return language !== undefined && !(language === 'javascript' && /^tojson\(/i.test(expression))
}

/** The hops between the expression and its source; the first is the expression itself. */
export function wayOf({ way, source }: Taint, references: readonly string[]): string {
  const hops = way.filter((hop, i) => !(i === 0 && references.length === 1 && hop === references[0]) && hop !== source)
  return hops.length === 0 ? '' : `, by ${hops.join(' ← ')}`
}

/** Text of others in GITHUB_ENV and GITHUB_PATH. */
export function environmentInjectionsOf(
  file: PipelineFile,
  analysis: Analysis,
  fetched: (job: string) => readonly { step: string; reach: Reach; what: string }[],
): Fact<typeof ciEnvironmentInjection>[] {
  return file.writes.flatMap((each) => {
    const { workflow = '', job = '', step = '', file: target = '', name = '', references = [], content } = each.data
    if ((target !== 'env' && target !== 'path') || content === 'unread') return []
    const hits = hitsOf(references, { file, job, step }, analysis).filter(
      (hit) => audienceOf(hit) === 'anybody' && mayAddLines(hit.taint, target),
    )
    const found = strongest(hits)
    const common = { workflow, job, step, file: target, name }
    if (found)
      return fact(ciEnvironmentInjection, each.scope, each.at, {
        ...common,
        source: found.best.taint.source,
        way: wayOf(found.best.taint, references),
        events: eventsOf(found.same),
        privileged: isPrivileged(found.best.reach.event),
        guards: found.best.reach.guards,
      })
    if (content === 'text') return []
    // What a command prints, or a file holds, is theirs if the folder is.
    const at = positionOf(file, job, step)
    const before = fetched(job).filter((fetch) => positionOf(file, job, fetch.step) <= at)
    const events = analysis.reaches.ofStep(file, job, step)
    const [first] = before.filter(({ reach }) => events.some(({ event }) => event === reach.event))
    if (!first || !readsFolder(each.data.command ?? '')) return []
    return fact(ciEnvironmentInjection, each.scope, each.at, {
      ...common,
      source: `${each.data.command}, run on ${first.what}`,
      way: '',
      events: [first.reach.event],
      privileged: true,
      guards: first.reach.guards,
    })
  })
}

/** Scripts that are not read, have text of strangers at hand and write to GITHUB_ENV or GITHUB_PATH: nobody knows what. */
export function unreadOf(file: PipelineFile, analysis: Analysis): Gap[] {
  return file.writes.flatMap(({ scope, data }) => {
    const { job = '', step = '', file: target = '', references = [], content, command = '' } = data
    const mayBe = (hit: Hit) =>
      audienceOf(hit) === 'anybody' && isPrivileged(hit.reach.event) && mayAddLines(hit.taint, target)
    const best = content === 'unread' && hitsOf(references, { file, job, step }, analysis).find(mayBe)
    if (!best) return []
    const detail = `${step} of job ${job} has ${best.taint.source} at hand and writes to GITHUB_${target.toUpperCase()} in ${command}`
    const reason = 'script in a language that is not read'
    return { kind: ciEnvironmentInjection.kind, scope, class: 'limit' as const, reason, detail }
  })
}

/** A line break in a value of GITHUB_ENV starts another variable; each line of GITHUB_PATH is a folder of programs. */
function mayAddLines({ form }: Pick<Taint, 'form'>, target: string): boolean {
  return target === 'path' ? isText({ form }) : form === 'free'
}

/** Commands that tell of the machine, the clock or git’s own numbers read nothing that strangers shape. */
function readsFolder(command: string): boolean {
  return !/^(?:date|uname|hostname|whoami|id|pwd|mktemp|uuidgen|openssl|nproc|which|command|realpath|dirname|basename|go env|npm config|yarn cache|pnpm store|git (?:rev-parse|rev-list|merge-base|config)|gh |curl |aws |seq|shuf|brew|rustc|node -v|node --version|python --version)/.test(
    command,
  )
}
