/**
 * What starts a workflow of GitHub Actions: who can cause it, with which rights it runs, and which texts of it strangers write.
 *
 * Sources: https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows (whose code runs, forks),
 * https://docs.github.com/en/actions/reference/security/secure-use (untrusted input),
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads (the payloads behind `github.event`).
 */
export interface WorkflowEvent {
  /**
   * Who can cause it in a public repository. `anybody`: every account of GitHub; `writers`: people who may push or triage; `machine`: a
   * clock or GitHub itself; `caller`: whoever starts the workflow that calls this one.
   */
  readonly by: 'anybody' | 'writers' | 'machine' | 'caller'
  /** Secrets and a token that may write are within its reach even if a stranger caused it. */
  readonly privileged: boolean
  /** Which commit `github.sha` is. */
  readonly runs: 'merge of the pull request' | 'base branch' | 'default branch' | 'what was pushed' | 'chosen ref'
}

const ANYBODY: WorkflowEvent = { by: 'anybody', privileged: true, runs: 'default branch' }
const WRITERS: WorkflowEvent = { by: 'writers', privileged: true, runs: 'default branch' }
/** From forks: a token that may only read, no secrets but Dependabot's own, no OpenID Connect token. */
const FORK: WorkflowEvent = { by: 'anybody', privileged: false, runs: 'merge of the pull request' }

export const WORKFLOW_EVENTS: ReadonlyMap<string, WorkflowEvent> = new Map<string, WorkflowEvent>([
  ['pull_request', FORK],
  // The events of reviews run like pull_request: without secrets for forks.
  ['pull_request_review', FORK],
  ['pull_request_review_comment', FORK],
  ['pull_request_target', { by: 'anybody', privileged: true, runs: 'base branch' }],
  // Runs with secrets, whoever caused the workflow that it follows.
  ['workflow_run', ANYBODY],
  ['issue_comment', ANYBODY],
  ['issues', ANYBODY],
  ['discussion', ANYBODY],
  ['discussion_comment', ANYBODY],
  ['fork', ANYBODY],
  ['watch', ANYBODY],
  // Wikis are writable by everybody only where the owner allows it; GitHub's guide counts page names among untrusted input.
  ['gollum', ANYBODY],
  ['branch_protection_rule', WRITERS],
  ['check_run', WRITERS],
  ['check_suite', WRITERS],
  ['create', { ...WRITERS, runs: 'what was pushed' }],
  ['delete', WRITERS],
  ['deployment', { ...WRITERS, runs: 'chosen ref' }],
  ['deployment_status', { ...WRITERS, runs: 'chosen ref' }],
  ['image_version', WRITERS],
  ['label', WRITERS],
  ['milestone', WRITERS],
  ['page_build', WRITERS],
  ['project', WRITERS],
  ['project_card', WRITERS],
  ['project_column', WRITERS],
  ['public', WRITERS],
  ['registry_package', { ...WRITERS, runs: 'what was pushed' }],
  ['release', { ...WRITERS, runs: 'what was pushed' }],
  ['status', WRITERS],
  ['push', { ...WRITERS, runs: 'what was pushed' }],
  // The title and the branch of a pull request reach it through its merge message, after review.
  ['merge_group', { ...WRITERS, runs: 'what was pushed' }],
  ['repository_dispatch', WRITERS],
  ['workflow_dispatch', { ...WRITERS, runs: 'chosen ref' }],
  ['schedule', { by: 'machine', privileged: true, runs: 'default branch' }],
  ['workflow_call', { by: 'caller', privileged: true, runs: 'chosen ref' }],
])

/** Activities of an event that need a person with write or triage access, whoever wrote the issue or pull request. */
export const WRITERS_ACTIVITIES: ReadonlySet<string> = new Set([
  'labeled',
  'unlabeled',
  'assigned',
  'unassigned',
  'milestoned',
  'demilestoned',
  'locked',
  'unlocked',
  'pinned',
  'unpinned',
  'transferred',
  'review_requested',
  'review_request_removed',
  'auto_merge_enabled',
  'auto_merge_disabled',
  'enqueued',
  'dequeued',
  'answered',
  'unanswered',
  'category_changed',
])

/** What strangers write into the context `github`, and how free they are. */
export interface OutsiderText {
  /** A dotted path in lower case; `*` stands for one name, an index or a filter. All below it counts, but for HARMLESS names. */
  readonly path: string
  /** Events that have it; empty: all whose cause is anybody. */
  readonly events: readonly string[]
  /**
   * `free`: any text, in lines. `line`: any text without a line break. `ref`: a name of a branch: no spaces, yet `$(…)`, backquotes, quotes and `;` are allowed. `mail`: a local part of an
   * address, which may hold backquotes and `$(…)`. `object`: a structure with free text in it.
   */
  readonly form: 'free' | 'line' | 'ref' | 'mail' | 'object'
}

const PULL_REQUEST = ['pull_request', 'pull_request_target', 'pull_request_review', 'pull_request_review_comment']
const REVIEW = ['pull_request_review']
const COMMENTS = ['issue_comment', 'pull_request_review_comment', 'discussion_comment']
const ISSUES = ['issues', 'issue_comment']
const DISCUSSIONS = ['discussion', 'discussion_comment']
const RUN = ['workflow_run']

export const OUTSIDER_TEXTS: readonly OutsiderText[] = [
  { path: 'github', events: [], form: 'object' },
  { path: 'github.event', events: [], form: 'object' },
  { path: 'github.head_ref', events: ['pull_request', 'pull_request_target'], form: 'ref' },
  { path: 'github.event.pull_request', events: PULL_REQUEST, form: 'object' },
  { path: 'github.event.pull_request.title', events: PULL_REQUEST, form: 'line' },
  { path: 'github.event.pull_request.body', events: PULL_REQUEST, form: 'free' },
  { path: 'github.event.pull_request.head', events: PULL_REQUEST, form: 'object' },
  { path: 'github.event.pull_request.head.ref', events: PULL_REQUEST, form: 'ref' },
  // `owner:branch`.
  { path: 'github.event.pull_request.head.label', events: PULL_REQUEST, form: 'ref' },
  { path: 'github.event.pull_request.head.repo', events: PULL_REQUEST, form: 'object' },
  { path: 'github.event.pull_request.head.repo.default_branch', events: PULL_REQUEST, form: 'ref' },
  { path: 'github.event.pull_request.head.repo.description', events: PULL_REQUEST, form: 'line' },
  { path: 'github.event.pull_request.head.repo.homepage', events: PULL_REQUEST, form: 'line' },
  { path: 'github.event.changes', events: [...PULL_REQUEST, ...ISSUES], form: 'object' },
  { path: 'github.event.review', events: REVIEW, form: 'object' },
  { path: 'github.event.review.body', events: REVIEW, form: 'free' },
  { path: 'github.event.comment', events: COMMENTS, form: 'object' },
  { path: 'github.event.comment.body', events: COMMENTS, form: 'free' },
  { path: 'github.event.issue', events: ISSUES, form: 'object' },
  { path: 'github.event.issue.title', events: ISSUES, form: 'line' },
  { path: 'github.event.issue.body', events: ISSUES, form: 'free' },
  { path: 'github.event.discussion', events: DISCUSSIONS, form: 'object' },
  { path: 'github.event.discussion.title', events: DISCUSSIONS, form: 'line' },
  { path: 'github.event.discussion.body', events: DISCUSSIONS, form: 'free' },
  { path: 'github.event.pages', events: ['gollum'], form: 'object' },
  { path: 'github.event.pages.*.page_name', events: ['gollum'], form: 'line' },
  { path: 'github.event.pages.*.title', events: ['gollum'], form: 'line' },
  { path: 'github.event.pages.*.summary', events: ['gollum'], form: 'free' },
  { path: 'github.event.workflow_run', events: RUN, form: 'object' },
  { path: 'github.event.workflow_run.head_branch', events: RUN, form: 'ref' },
  // The title of the pull request or the first line of the commit.
  { path: 'github.event.workflow_run.display_title', events: RUN, form: 'line' },
  { path: 'github.event.workflow_run.head_commit', events: RUN, form: 'object' },
  { path: 'github.event.workflow_run.head_commit.message', events: RUN, form: 'free' },
  { path: 'github.event.workflow_run.head_commit.author', events: RUN, form: 'object' },
  { path: 'github.event.workflow_run.head_commit.author.name', events: RUN, form: 'line' },
  { path: 'github.event.workflow_run.head_commit.author.email', events: RUN, form: 'mail' },
  { path: 'github.event.workflow_run.head_commit.committer.name', events: RUN, form: 'line' },
  { path: 'github.event.workflow_run.head_commit.committer.email', events: RUN, form: 'mail' },
  { path: 'github.event.workflow_run.head_repository', events: RUN, form: 'object' },
  { path: 'github.event.workflow_run.head_repository.description', events: RUN, form: 'line' },
  { path: 'github.event.workflow_run.pull_requests.*.head.ref', events: RUN, form: 'ref' },
  { path: 'github.event.forkee.description', events: ['fork'], form: 'line' },
  // Pushed by people who may write, but the text is whatever the merged commits of strangers say.
  { path: 'github.event.head_commit.message', events: ['push'], form: 'free' },
  { path: 'github.event.head_commit.author.name', events: ['push'], form: 'line' },
  { path: 'github.event.head_commit.author.email', events: ['push'], form: 'mail' },
  { path: 'github.event.commits', events: ['push'], form: 'object' },
  { path: 'github.event.commits.*.message', events: ['push'], form: 'free' },
  { path: 'github.event.commits.*.author.name', events: ['push'], form: 'line' },
  { path: 'github.event.commits.*.author.email', events: ['push'], form: 'mail' },
]

const PULLS = [...PULL_REQUEST, 'issue_comment', 'issues', 'workflow_run', 'discussion_comment']

/** What names a commit, branch or repository of a pull request, for a checkout. `pull`: a ref of GitHub's own for a pull request. */
export const OUTSIDER_COMMITS: readonly (Pick<OutsiderText, 'path' | 'events'> & { readonly branch?: true })[] = [
  { path: 'pull', events: PULLS },
  // The newest commit of a pull request, as the API tells it.
  { path: 'pull.head', events: PULLS },
  { path: 'github.head_ref', events: ['pull_request', 'pull_request_target'], branch: true },
  { path: 'github.event.pull_request.head.sha', events: PULL_REQUEST },
  { path: 'github.event.pull_request.head.ref', events: PULL_REQUEST, branch: true },
  { path: 'github.event.pull_request.head.label', events: PULL_REQUEST, branch: true },
  { path: 'github.event.pull_request.head.repo.full_name', events: PULL_REQUEST },
  { path: 'github.event.pull_request.head.repo.clone_url', events: PULL_REQUEST },
  { path: 'github.event.pull_request.head.repo.html_url', events: PULL_REQUEST },
  { path: 'github.event.pull_request.head.repo.ssh_url', events: PULL_REQUEST },
  { path: 'github.event.pull_request.merge_commit_sha', events: PULL_REQUEST },
  { path: 'github.event.workflow_run.head_sha', events: RUN },
  { path: 'github.event.workflow_run.head_branch', events: RUN, branch: true },
  { path: 'github.event.workflow_run.head_commit.id', events: RUN },
  { path: 'github.event.workflow_run.head_repository.full_name', events: RUN },
  { path: 'github.event.workflow_run.pull_requests.*.head.sha', events: RUN },
  { path: 'github.event.workflow_run.pull_requests.*.head.ref', events: RUN, branch: true },
]

/**
 * What strangers write of a path of the context, under an event; undefined if nothing. Below a structure only what is listed counts: the
 * rest is made by GitHub (numbers, hashes, logins, links) or by people with rights (labels, milestones).
 */
export function outsiderText(path: string, event: string): OutsiderText | undefined {
  return OUTSIDER_TEXTS.find((text) => isSame(text.path, path) && mayHave(text.events, event))
}

/**
 * Whether a path names a commit that strangers made; `branch`: only by the name of its branch, which is theirs in their repository and somebody
 * else’s, or nobody’s, in this one.
 */
export function outsiderCommit(path: string, event: string): 'commit' | 'branch' | undefined {
  const found = OUTSIDER_COMMITS.find((commit) => isSame(commit.path, path) && mayHave(commit.events, event))
  return found && (found.branch ? 'branch' : 'commit')
}

/** In a workflow that others call the event is theirs: any. */
function mayHave(events: readonly string[], event: string): boolean {
  return (
    event === 'workflow_call' ||
    (events.length === 0 ? WORKFLOW_EVENTS.get(event)?.by === 'anybody' : events.includes(event))
  )
}

function isSame(pattern: string, path: string): boolean {
  const parts = pattern.split('.')
  const names = path.split('.')
  return parts.length === names.length && parts.every((part, i) => part === '*' || part === names[i])
}
