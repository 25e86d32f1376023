import { factKind } from '../model.ts'

/** A place of `permissions:`, written or not. */
export const ciPermissionBlock = factKind({
  kind: 'ci.permission-block',
  meaning: 'What a workflow, or a job of its own, lets its token do; also where nothing is written.',
  identity: ['workflow', 'job'],
  fields: {
    workflow: ['string', 'Path of its file', '.github/workflows/ci.yml'],
    job: ['string', 'Key of its job; empty for the workflow', ''],
    form: ['string', 'absent, read-all, write-all, map, or other: not what GitHub takes', 'map'],
    permissions: ['list<string>', 'Of a map: `scope: access`', ['contents: read']],
    line: ['int', 'First line of the block; without one, the line before which it would stand', 3],
    lines: ['list<string>', 'The lines of the block, as they stand in the file', ['permissions:', '  contents: read']],
    before: ['list<string>', 'Up to three lines before it', ['on: push']],
    after: ['list<string>', 'Up to three lines behind it', ['jobs:']],
    indent: ['int', 'Spaces before its key', 0],
  },
})

/** What a step does with the token of its job. */
export const ciTokenUse = factKind({
  kind: 'ci.token-use',
  meaning: 'What a step needs of the job’s GITHUB_TOKEN, by the table of well-known actions, routes and commands.',
  identity: ['workflow', 'job', 'step'],
  fields: {
    workflow: ['string', 'Path of its file', '.github/workflows/ci.yml'],
    job: ['string', 'Key of its job; empty in a composite action', 'build'],
    step: ['string', 'Its name; empty where a job calls a reusable workflow', 'actions/checkout'],
    needs: [
      'list<string>',
      '`scope: access`; `a|b` where either will do; access is read, write, any (one of both) or kept (may be of use)',
      ['contents: read'],
    ],
    open: [
      'list<string>',
      'Scopes that it may need besides, for all that is known; `*` for any of them. Empty: all is known',
      [],
    ],
    because: ['string', 'What is not known of it, as "what X needs"; empty if nothing', ''],
    calls: ['string', 'The action or reusable workflow of the same tree whose steps count, as written', ''],
    assumes: [
      'bool',
      'Whether it is taken from the name of a script of the tree that it does not use the token',
      false,
    ],
  },
})

/** Permissions that an App's token is asked for. */
export const ciAppToken = factKind({
  kind: 'ci.app-token',
  meaning: 'A step that makes a token of a GitHub App, with what the token may do.',
  identity: ['workflow', 'job', 'step'],
  fields: {
    workflow: ['string', 'Path of its file', '.github/workflows/release.yml'],
    job: ['string', 'Key of its job; empty in a composite action', 'release'],
    step: ['string', 'Its name', 'actions/create-github-app-token'],
    action: ['string', 'The action that makes it', 'actions/create-github-app-token'],
    scoped: ['bool', 'Whether the step says what the token may do', false],
    repositories: [
      'string',
      'Where it may: own (the repository of the run), named, or all that the App is installed in',
      'own',
    ],
  },
})

/** The smallest `permissions:` for a place, as far as that can be told. */
export const ciPermissionProposal = factKind({
  kind: 'ci.permission-proposal',
  meaning: 'What the steps below a `permissions:` block need, against what it gives.',
  identity: ['workflow', 'job'],
  derivedFrom: ['ci.permission-block', 'ci.token-use', 'ci.job'],
  fields: {
    workflow: ['string', 'Path of its file', '.github/workflows/ci.yml'],
    job: ['string', 'Key of the job; empty for the workflow', ''],
    form: ['string', 'absent, read-all, write-all or map', 'map'],
    jobs: ['list<string>', 'The jobs that it holds for: those without permissions of their own', ['build']],
    needed: ['list<string>', 'What their steps need, as `scope: access`; unknown if a step is not understood', []],
    excess: [
      'list<string>',
      'What is given and needed by none of them; what is certain stands here, also beside open steps',
      ['issues: write'],
    ],
    misplaced: ['list<string>', 'What is given to all of them and needed by some of them only', []],
    excessive: [
      'bool',
      'Whether it gives write access that a job does not need; unknown if that hangs on steps that are not understood',
      true,
    ],
    shared: [
      'list<string>',
      'Write access that a workflow gives to several jobs, where it is open which of them need it',
      [],
    ],
    certain: ['bool', 'Whether something is too much for certain', true],
    inWords: ['string', 'What is too much, for a message', 'issues: write of job build, which no step of it needs'],
    suggested: ['string', 'The smallest block; empty if a step is not understood', 'permissions:\n  contents: read'],
    fix: ['string', 'Unified diff that writes it; empty where it cannot be written', ''],
    assumptions: ['list<string>', 'What the judgement rests on', []],
    assumed: ['bool', 'Whether it rests on names of scripts', false],
    tokenDefault: [
      'string',
      'What the settings of the repository give where nothing is written: read or write; empty if they were not read',
      '',
    ],
    byCaller: ['bool', 'Whether it is a workflow that only other workflows call', false],
  },
})
