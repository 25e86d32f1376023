import { factKind } from '../model.ts'

/** A pipeline as a file declares it. Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax */
export const ciWorkflow = factKind({
  kind: 'ci.workflow',
  meaning:
    'A pipeline that a file declares: a workflow of GitHub Actions, a composite action, or a configuration of GitLab CI.',
  identity: ['workflow'],
  fields: {
    workflow: ['string', 'Path of its file', '.github/workflows/ci.yml'],
    name: ['string', 'How people call it', 'CI'],
    platform: ['string', 'github or gitlab', 'github'],
    form: ['string', 'workflow, or action: a composite action, whose steps run in the jobs of others', 'workflow'],
    triggers: ['list<string>', 'Events that start it, as written; workflow_call for a reusable one', ['push']],
  },
})

/** One event that starts a workflow. */
export const ciTrigger = factKind({
  kind: 'ci.trigger',
  meaning: 'An event that starts a workflow, with its filters.',
  identity: ['workflow', 'event'],
  fields: {
    workflow: ['string', 'Path of its file', '.github/workflows/ci.yml'],
    event: ['string', 'Name of the event', 'push'],
    types: ['list<string>', 'Activities that count; empty: GitHub’s default', []],
    branches: ['list<string>', 'Filter on branches, patterns with ! among them; empty: none', []],
    ignoredBranches: ['list<string>', 'Branches left out', []],
    tags: ['list<string>', 'Filter on tags; empty: none', []],
    workflows: ['list<string>', 'For workflow_run: names of the workflows that it follows', []],
  },
})

/** A job of a pipeline. */
export const ciJob = factKind({
  kind: 'ci.job',
  meaning: 'A job of a pipeline, with what is written of its permissions, runner and environment.',
  identity: ['workflow', 'job'],
  fields: {
    workflow: ['string', 'Path of its file', '.github/workflows/ci.yml'],
    job: ['string', 'Its key', 'build'],
    name: ['string', 'How people call it', 'build'],
    triggers: ['list<string>', 'Events that start its workflow', ['push']],
    condition: ['string', 'Its `if`, as written; empty without one', ''],
    needs: ['list<string>', 'Jobs that it waits for', []],
    environment: ['string', 'Deployment environment; empty without one', ''],
    runners: ['list<string>', 'Labels and group of its runner, as written', ['ubuntu-latest']],
    selfHosted: ['bool', 'Whether its runner is one of the owner’s own', false],
    calls: ['string', 'The reusable workflow that it calls, as written; empty if it has steps', ''],
    permissionsAt: ['string', 'Where its permissions are written: job, workflow or none', 'workflow'],
    permissions: [
      'list<string>',
      'What is written, as `scope: access`; `read-all` or `write-all` stand for all',
      ['contents: read'],
    ],
    idToken: ['bool', 'Whether its permissions, as written, let it ask for an OpenID Connect token', false],
  },
})

/** A step of a job or of a composite action. */
export const ciStep = factKind({
  kind: 'ci.step',
  meaning: 'A step of a job or of a composite action.',
  identity: ['workflow', 'job', 'step'],
  fields: {
    workflow: ['string', 'Path of its file', '.github/workflows/ci.yml'],
    job: ['string', 'Key of its job; empty in a composite action', 'build'],
    step: ['string', 'Its id, name, action or first line', 'actions/checkout'],
    action: ['string', 'What it uses, without the version; empty for a script', 'actions/checkout'],
    version: ['string', 'Behind the @; empty without one', 'v5'],
    condition: ['string', 'Its `if`, as written; empty without one', ''],
  },
})
