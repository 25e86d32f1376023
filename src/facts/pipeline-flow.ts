import { factKind } from '../model.ts'

/** How values, code and files flow through pipelines, as the files of a tree say it. */
const workflow = ['string', 'Path of its file', '.github/workflows/ci.yml'] as const
const job = [
  'string',
  'Key of its job; empty in a composite action, or for what holds for a whole workflow',
  'build',
] as const
const step = ['string', 'Its id, name, action or first line; empty for what belongs to a job', 'Greet'] as const

/** An expression whose value becomes part of a text. */
export const ciExpression = factKind({
  kind: 'ci.expression',
  meaning: 'An expression of a pipeline whose value becomes part of a text. Conditions and comparisons give no text.',
  identity: ['workflow', 'job', 'step', 'place', 'expression'],
  fields: {
    workflow,
    job,
    step,
    place: [
      'string',
      'Where it stands: run, with.NAME, env.NAME, outputs.NAME, matrix.NAME, default.NAME (of an input)',
      'run',
    ],
    expression: ['string', 'As written, without the braces', 'github.event.issue.title'],
    references: ['list<string>', 'What of contexts passes into the value', ['github.event.issue.title']],
  },
})

/** Whether a stranger gets past the conditions of a job or step. */
export const ciGate = factKind({
  kind: 'ci.gate',
  meaning: 'What the conditions of a job or step let through, by event, if a stranger caused it.',
  identity: ['workflow', 'job', 'step', 'event'],
  fields: {
    workflow,
    job,
    step,
    event: ['string', 'The event', 'pull_request_target'],
    open: ['bool', 'Whether its condition can hold when a stranger caused the event', true],
    guards: [
      'list<string>',
      'What the stranger needs for it: label, merge, bot, or output:PATH for the output of a step or job',
      [],
    ],
    always: ['bool', 'Whether it runs though jobs or steps before it were skipped or failed', false],
    bot: ['string', 'The bot whose name as the last actor opens it; empty: none', ''],
  },
})

/** A checkout of code into the folder of a job. */
export const ciCheckout = factKind({
  kind: 'ci.checkout',
  meaning: 'A step fetches code by git: an action for it, or a command in a script.',
  identity: ['workflow', 'job', 'step'],
  fields: {
    workflow,
    job,
    step,
    by: ['string', 'The action, or the command', 'actions/checkout'],
    ref: ['string', 'What is checked out, as written; empty: the default of the event', ''],
    repository: ['string', 'Repository, as written; empty: that of the workflow', ''],
    references: [
      'list<string>',
      'What of contexts names the commit or repository; `pull` for refs of pull requests, `pull.head` for what the API tells of one',
      [],
    ],
    ofFork: ['bool', 'Whether the repository is named by what a pull request says, not the workflow’s own', false],
    refuses: [
      'bool',
      'Whether this version refuses the code of forks under pull_request_target and workflow_run',
      false,
    ],
    path: ['string', 'Folder; empty: that of the job', ''],
    persists: ['bool', 'Whether it leaves its token for later steps', true],
    ownToken: ['bool', 'Whether it is given a token other than the job’s', false],
    tokenPlace: [
      'string',
      'Where the token is left: git (in .git/config) or temp (outside of the folder, since version 6)',
      'git',
    ],
  },
})

/** A step that runs code which lies in the folder. */
export const ciExecution = factKind({
  kind: 'ci.execution',
  meaning: 'A step runs code or configuration that lies in the folder of its job.',
  identity: ['workflow', 'job', 'step', 'what'],
  fields: {
    workflow,
    job,
    step,
    what: ['string', 'The command or action', 'npm ci'],
    folder: ['string', 'Where it runs; empty: the folder of the job', ''],
  },
})

/** Files that leave or enter a job. */
export const ciTransfer = factKind({
  kind: 'ci.transfer',
  meaning: 'A step uploads or downloads an artifact.',
  identity: ['workflow', 'job', 'step'],
  fields: {
    workflow,
    job,
    step,
    direction: ['string', 'upload or download', 'upload'],
    paths: ['list<string>', 'What is uploaded, or where it goes', ['.']],
    hidden: ['bool', 'Whether hidden files such as .git are part of an upload', false],
    otherRun: ['bool', 'Whether the download is of another run', false],
  },
})

/** A write to one of the files by which a step speaks to later ones. */
export const ciWrite = factKind({
  kind: 'ci.write',
  meaning: 'A script writes to GITHUB_ENV, GITHUB_PATH or GITHUB_OUTPUT.',
  identity: ['workflow', 'job', 'step', 'file', 'name'],
  fields: {
    workflow,
    job,
    step,
    file: ['string', 'env, path or output', 'output'],
    name: ['string', 'What it sets; empty if it is not written', 'title'],
    references: ['list<string>', 'What of contexts is in the value; env.NAME for a variable of the shell', []],
    content: [
      'string',
      'text; command: what some command prints; file: the content of a file; unread: a script in a language that is not read',
      'text',
    ],
    command: ['string', 'The command whose output it is; empty for a text', ''],
  },
})

/** A look at the rights of whoever acted. */
export const ciPermissionCheck = factKind({
  kind: 'ci.permission-check',
  meaning: 'A step asks which rights the account has that caused the run.',
  identity: ['workflow', 'job', 'step'],
  fields: { workflow, job, step },
})

/** A declared input. */
export const ciInput = factKind({
  kind: 'ci.input',
  meaning: 'An input that a workflow declares, by hand (workflow_dispatch) or for callers (workflow_call).',
  identity: ['workflow', 'trigger', 'name'],
  fields: {
    workflow,
    trigger: ['string', 'workflow_dispatch or workflow_call', 'workflow_dispatch'],
    name: ['string', 'Its name', 'version'],
    free: ['bool', 'Whether it takes any text; not for booleans, numbers, choices and environments', true],
  },
})

/** A step that may need the token that a checkout left. */
export const ciGitUse = factKind({
  kind: 'ci.git-use',
  meaning: 'A step talks to the repository’s server by git, or may do so: a push, a fetch, an action that commits.',
  identity: ['workflow', 'job', 'step'],
  fields: { workflow, job, step },
})
