import { factKind } from '../model.ts'
import { ciJob, ciStep, ciTrigger, ciWorkflow } from './pipeline.ts'
import {
  ciCheckout,
  ciExecution,
  ciExpression,
  ciGate,
  ciGitUse,
  ciInput,
  ciPermissionCheck,
  ciTransfer,
  ciWrite,
} from './pipeline-flow.ts'

/** What follows from the files of a tree for people who may not write to it. */
export const UNTRUSTED_SOURCES = [
  ciWorkflow,
  ciTrigger,
  ciJob,
  ciStep,
  ciExpression,
  ciGate,
  ciCheckout,
  ciExecution,
  ciGitUse,
  ciInput,
  ciPermissionCheck,
  ciTransfer,
  ciWrite,
]
const derivedFrom = UNTRUSTED_SOURCES.map(({ kind }) => kind)

const workflow = ['string', 'Path of the file', '.github/workflows/ci.yml'] as const
const job = ['string', 'Key of the job; empty in a composite action', 'build'] as const
const step = ['string', 'The step', 'Greet'] as const
const events = ['list<string>', 'Events by which a stranger gets there', ['pull_request_target']] as const
const privileged = [
  'bool',
  'Whether one of these events gives secrets or a token that may write to a job that a stranger caused',
  true,
] as const
const guards = [
  'list<string>',
  'What stands in the way, without closing it: label, permission, environment, merge, bot, types',
  [] as string[],
] as const

/** For chains: an outsider's code runs in a job. */
export const ciTakeover = factKind({
  kind: 'ci.takeover',
  meaning:
    'An outsider can run code of his own in a job: by an injection, or by a checkout or artifact of his that a later step executes.',
  identity: ['workflow', 'job'],
  derivedFrom,
  fields: {
    workflow,
    job,
    how: ['string', 'How, in a sentence without its end', 'the title of an issue is pasted into the script of Greet'],
    steps: ['list<string>', 'The steps where it happens', ['Greet']],
    events,
    privileged,
    executes: ['bool', 'Whether the code runs; false if it is only checked out', true],
    guards,
    certain: ['bool', 'Whether all of the way was seen; false where it hangs on callers that were not', true],
  },
})

/** A text of a stranger that is pasted into code. */
export const ciInjection = factKind({
  kind: 'ci.injection',
  meaning: 'An expression whose value others write is pasted into a script before it runs.',
  identity: ['workflow', 'job', 'step', 'place'],
  derivedFrom,
  fields: {
    workflow,
    job,
    step,
    place: ['string', 'Where it stands: run, or with.NAME for code that an action takes', 'run'],
    expression: ['string', 'As written, without the braces', 'github.event.issue.title'],
    source: ['string', 'What of it others write', 'github.event.issue.title'],
    way: ['string', 'How the value gets there, as `, by …`; empty if it stands there itself', ''],
    audience: [
      'string',
      'Who writes the value: anybody, contributors (after their change was merged), writers (people who may start the workflow by hand), callers (that were not seen)',
      'anybody',
    ],
    events,
    privileged,
    guards,
  },
})

/** Code of a stranger in a job that has rights. */
export const ciUntrustedCode = factKind({
  kind: 'ci.untrusted-code',
  meaning: 'A job that has secrets or a token that may write fetches code or files that a stranger wrote.',
  identity: ['workflow', 'job', 'step'],
  derivedFrom,
  fields: {
    workflow,
    job,
    step,
    form: ['string', 'checkout or artifact', 'checkout'],
    powers: [
      'list<string>',
      'What the job has that is worth having: write, unknown (token by default), secrets, id-token',
      ['write'],
    ],
    told: ['string', 'What becomes of it, in words', 'npm ci runs it'],
    fetched: ['string', 'What it fetches, as written', 'github.event.pull_request.head.sha'],
    events,
    executedBy: ['string', 'What runs it, and the step; empty if none is seen to', 'npm ci'],
    guards,
  },
})

/** Text of a stranger in a file that the runner reads. */
export const ciEnvironmentInjection = factKind({
  kind: 'ci.environment-injection',
  meaning:
    'A step writes what a stranger can shape into GITHUB_ENV or GITHUB_PATH, which set variables and programs of later steps.',
  identity: ['workflow', 'job', 'step', 'file', 'name'],
  derivedFrom,
  fields: {
    workflow,
    job,
    step,
    file: ['string', 'env or path', 'env'],
    name: ['string', 'The variable that it sets; empty if it is not written', 'TITLE'],
    source: ['string', 'What strangers write of it', 'github.event.issue.title'],
    way: ['string', 'How the value gets there, as `, by …`; empty if it stands there itself', ''],
    events,
    privileged,
    guards,
  },
})

/** A check for a bot that asks who acted last, instead of whose change it is. */
export const ciBotGate = factKind({
  kind: 'ci.bot-gate',
  meaning:
    'A condition lets a job or step with rights run because the account that acted last is a bot, which strangers can bring about.',
  identity: ['workflow', 'job', 'step'],
  derivedFrom,
  fields: {
    workflow,
    job,
    step: ['string', 'The step; empty for the condition of a job', ''],
    condition: ['string', 'As written', "github.actor == 'dependabot[bot]'"],
    bot: ['string', 'The account', 'dependabot[bot]'],
    events,
    privileged,
  },
})

/** A token that a checkout leaves where later steps or an artifact have it. */
export const ciLeftToken = factKind({
  kind: 'ci.left-token',
  meaning:
    'A checkout keeps a token that may write, and code that others wrote runs after it or an artifact takes it along.',
  identity: ['workflow', 'job', 'step'],
  derivedFrom,
  fields: {
    workflow,
    job,
    step,
    reader: ['string', 'What gets at it: a step, or an artifact', 'upload of .'],
    form: [
      'string',
      'artifact: it leaves the job; code: code of strangers runs after it; build: dependencies and tools run after it that need no token',
      'artifact',
    ],
    mayWrite: ['bool', 'Whether the token may write', true],
    events,
  },
})

/** A runner of one's own that runs what pull requests bring. */
export const ciRunnerExposure = factKind({
  kind: 'ci.runner-exposure',
  meaning: 'A job on a runner of the owner runs what strangers propose in pull requests.',
  identity: ['workflow', 'job'],
  derivedFrom,
  fields: {
    workflow,
    job,
    runners: ['list<string>', 'Labels of the runner', ['self-hosted']],
    selfHosted: ['bool', 'Whether the runner is one of the owner’s own', true],
    events,
    guards,
    assumptions: ['list<string>', 'What the judgement rests on', []],
  },
})
