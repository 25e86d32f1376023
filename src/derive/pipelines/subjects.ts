import { type RefOrigin, refOriginOf } from '../../reference/workflow-subjects.ts'
import { EVERY_REF, type RefFilter } from './ref-filter.ts'

/** A repository whose pipelines ask for tokens; undefined parts were not seen. */
export interface Repository {
  readonly host: string | undefined
  readonly owner: string | undefined
  readonly name: string | undefined
  /** How subjects of its tokens begin, where GitHub tells it: `repo:acme@123/shop@456`. */
  readonly prefix?: string | undefined
}

/** One way to start a job, with the filters of its trigger. */
export interface Start {
  readonly event: string
  readonly branches: readonly string[]
  readonly ignoredBranches: readonly string[]
  readonly tags: readonly string[]
  readonly ignoredTags: readonly string[]
  /** False where more than the filters decides which refs it is. */
  readonly certain?: boolean | undefined
  /** Said where it matters. */
  readonly assumption?: string
}

/** A job that can ask for a token. */
export interface TokenJob {
  readonly platform: 'github' | 'gitlab'
  readonly repository: Repository
  /** File of the workflow that runs: the caller's, where the job is in a reusable one. */
  readonly workflowName: string
  /** File that holds the job: what `job_workflow_ref` names. */
  readonly workflow: string
  readonly start: Start
  /** Empty without one; undefined if only a run knows it. */
  readonly environment: string | undefined
}

/**
 * Tokens of one form that a job can get. Whoever starts the job chooses among the names that `names` lets through; where there is
 * nothing to choose it is undefined.
 */
export interface TokenForm {
  readonly job: TokenJob
  /** What follows the repository in `sub`, up to the name: `ref:refs/heads/`, `pull_request`, `environment:prod`. */
  readonly context: string
  /** Names of branches or tags that end the context, or the ref where an environment takes its place. */
  readonly names: RefFilter | undefined
  /** `refs/heads/`, `refs/tags/`, or a whole ref where there are no names. */
  readonly refPrefix: string
  /** What stands before the name in a subject, whichever wildcards come before that. */
  readonly beforeName: string
  /** Whether the name ends `sub`, not only the claim `ref`. */
  readonly named: boolean
  /** Whether a choice is left to whoever starts the job; else it is one of the names, which one is not known. */
  readonly certain: boolean
  /** Tokens have one of the forms of this name, which one is not known; empty: they have this one. */
  readonly either: string
  /** Said where it matters. */
  readonly assumption: string
  /** For people: `push to main`. */
  readonly how: string
}

const DEFAULT_BRANCHES: RefFilter = { patterns: ['main', 'master'], ignored: [] }
const DEFAULT_BRANCH = 'the branch that the trust names is the default branch'
const PULL_REQUEST_REF = 'refs/pull/1/merge'

interface RefForm {
  readonly context: string
  readonly names: RefFilter | undefined
  readonly refPrefix: string
  readonly either?: string
  readonly assumption?: string
  readonly how: string
}

/** The forms of a job's tokens by the default template of its platform. */
export function tokenForms(job: TokenJob): TokenForm[] {
  return job.platform === 'gitlab' ? gitlabForms(job) : githubForms(job)
}

/** `project_path:GROUP/PROJECT:ref_type:branch:ref:main`; an environment changes nothing there. */
function gitlabForms(job: TokenJob): TokenForm[] {
  const { start } = job
  if (start.event !== 'push') return []
  return pushed(start).map((each) => ({
    either: '',
    ...each,
    assumption: start.assumption ?? '',
    ...(start.assumption && { how: 'push to the default branch' }),
    job,
    context: `ref_type:${each.refPrefix === 'refs/tags/' ? 'tag' : 'branch'}:ref:`,
    beforeName: ':ref:',
    named: true,
    certain: start.certain !== false,
  }))
}

/** An environment takes the place of the ref. */
function githubForms(job: TokenJob): TokenForm[] {
  const refs = refForms(job.start).map((each) => ({
    either: '',
    assumption: '',
    ...each,
    job,
    beforeName: each.refPrefix,
    certain: true,
  }))
  const byRef = refs.map((each) => ({ ...each, named: each.names !== undefined }))
  if (job.environment === '') return byRef
  const inEnvironment = refs.map((each) => ({
    ...each,
    context: `environment:${job.environment === undefined ? '*' : escaped(job.environment)}`,
    named: false,
    // Whether it would say `pull_request` is of no matter here.
    either: job.environment === undefined ? each.how : '',
    how: job.environment === undefined ? each.how : `${each.how}, environment ${job.environment}`,
  }))
  // An expression may come to nothing: then there is no environment.
  const without = byRef.map((each) => ({ ...each, either: each.how }))
  return job.environment === undefined ? [...inEnvironment, ...without] : inEnvironment
}

/** A colon separates the parts of a subject. */
function escaped(value: string): string {
  return value.replaceAll(':', '%3A')
}

function refForms(start: Start): RefForm[] {
  return FORMS[refOriginOf(start.event)](start)
}

const FORMS: Readonly<Record<RefOrigin, (start: Start) => RefForm[]>> = {
  pushed: (start) => pushed(start),
  chosen: ({ event }) => [heads(EVERY_REF, event), tags(EVERY_REF, event)],
  tag: ({ event }) => [tags(EVERY_REF, event)],
  'default-branch': ({ event }) => [{ ...heads(DEFAULT_BRANCHES, event), assumption: DEFAULT_BRANCH }],
  'pull-request': ({ event }) => [pullRequest(event, '')],
  'pull-request-target': (start) => [
    pullRequest(start.event, start.event),
    { ...heads(branchesOf(start), start.event), either: start.event },
  ],
  'merge-queue': ({ event, branches }) => [
    {
      context: 'ref:refs/heads/gh-readonly-queue/',
      refPrefix: 'refs/heads/gh-readonly-queue/',
      names: { patterns: (branches.length > 0 ? branches : ['**']).map((each) => `${each}/pr-**`), ignored: [] },
      how: event,
    },
  ],
  // Whoever calls it is looked at instead.
  caller: () => [],
}

function heads(names: RefFilter, how: string): RefForm {
  return { context: 'ref:refs/heads/', refPrefix: 'refs/heads/', names, how }
}

function tags(names: RefFilter, how: string): RefForm {
  return { context: 'ref:refs/tags/', refPrefix: 'refs/tags/', names, how }
}

function pullRequest(how: string, either: string): RefForm {
  return { context: 'pull_request', refPrefix: PULL_REQUEST_REF, names: undefined, either, how }
}

function branchesOf({ branches, ignoredBranches }: Start): RefFilter {
  return { patterns: branches, ignored: ignoredBranches }
}

/** A filter on branches alone leaves out tags, and the other way round. */
function pushed(start: Start): RefForm[] {
  const { event } = start
  const onBranches = branchesOf(start)
  const onTags = { patterns: start.tags, ignored: start.ignoredTags }
  const [filtersBranches, filtersTags] = [onBranches, onTags].map(
    ({ patterns, ignored }) => patterns.length + ignored.length > 0,
  )
  const named = (what: string, { patterns }: RefFilter) =>
    patterns.some((each) => each !== '**')
      ? `${event} to ${what}${patterns.join(', ')}`
      : `${event} to any ${what.trim() || 'branch'}`
  const forms: RefForm[] = []
  if (filtersBranches || !filtersTags) forms.push(heads(onBranches, named('', onBranches)))
  if (filtersTags || !filtersBranches) forms.push(tags(onTags, named('tag ', onTags)))
  return forms
}

/** The subject of a token, as people know it: a pattern where there is a choice. */
export function subjectText({ job, context, names, named }: TokenForm): string {
  const choice = !named ? '' : names?.patterns.length === 1 ? (names.patterns[0] ?? '*') : '*'
  const begin = job.platform === 'gitlab' ? 'project_path' : 'repo'
  return `${begin}:${job.repository.owner ?? '?'}/${job.repository.name ?? '?'}:${context}${choice}`
}
