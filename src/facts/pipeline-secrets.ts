import { factKind } from '../model.ts'

/** Names only: values of secrets are never in a workflow. */
export const ciSecretUse = factKind({
  kind: 'ci.secret-use',
  meaning: 'A secret that a workflow, job or step takes.',
  identity: ['workflow', 'job', 'step', 'secret', 'place'],
  fields: {
    workflow: ['string', 'Path of its file', '.github/workflows/ci.yml'],
    job: ['string', 'Key of its job; empty at the workflow', ''],
    step: ['string', 'Its name; empty at a job or workflow', ''],
    secret: ['string', 'Name in upper case; * for all of them, ? where only a run knows', 'NPM_TOKEN'],
    place: ['string', 'env, with, run, if, secrets (for a called workflow) or other', 'env'],
    name: ['string', 'The variable or input that gets it; empty elsewhere', 'NODE_AUTH_TOKEN'],
    credential: [
      'bool',
      'Whether its name says that it opens something; addresses and user names are kept as secrets, too',
      true,
    ],
    readers: ['int', 'At a workflow or job: how many of its steps name the variable', 1],
    steps: ['int', 'At a workflow or job: how many steps get it', 4],
    maybe: ['int', 'At a workflow or job: steps that run an action of the repository, which may read it unnamed', 0],
  },
})

/** Derived: the secrets in the variables of one workflow or job. */
export const ciSharedSecret = factKind({
  kind: 'ci.shared-secret',
  meaning: 'Secrets in the variables of a workflow or job, so that steps have them that do not name them.',
  identity: ['workflow', 'job'],
  derivedFrom: ['ci.secret-use'],
  fields: {
    workflow: ['string', 'Path of its file', '.github/workflows/ci.yml'],
    job: ['string', 'Key of its job; empty at the workflow', ''],
    secrets: ['list<string>', 'Names of the secrets', ['NPM_TOKEN']],
    steps: ['int', 'How many steps have them', 4],
    likely: [
      'bool',
      'Whether one of them is a credential that every job has, and that most of the steps do not read',
      true,
    ],
    inWords: ['string', 'For a message', 'NPM_TOKEN (1 of them names it)'],
  },
})

/** `secrets: inherit`. */
export const ciSecretInheritance = factKind({
  kind: 'ci.secret-inheritance',
  meaning: 'A job that gives all secrets to the reusable workflow that it calls.',
  identity: ['workflow', 'local'],
  fields: {
    workflow: ['string', 'Path of its file', '.github/workflows/ci.yml'],
    job: ['string', 'Its key', 'deploy'],
    calls: ['string', 'The called workflow, as written', 'acme/shared/.github/workflows/deploy.yml@v1'],
    local: ['bool', 'Whether that is of the same repository and commit', false],
  },
})

/** A way by which a secret gets where others read it. */
export const ciSecretExposure = factKind({
  kind: 'ci.secret-exposure',
  meaning: 'A secret that gets into a log, an output or the hands of code that needs one of them only.',
  identity: ['workflow', 'job', 'step', 'how', 'secret'],
  fields: {
    workflow: ['string', 'Path of its file', '.github/workflows/ci.yml'],
    job: ['string', 'Key of its job; empty in a composite action', 'build'],
    step: ['string', 'Its name; empty at a job or workflow', 'Show'],
    secret: ['string', 'Its name; * for all of them', 'API_KEY'],
    how: ['string', 'all, dynamic (only a run knows which), encoded, printed, traced, part or output', 'printed'],
    inWords: ['string', 'For a message', 'echo writes the secret API_KEY to the log'],
  },
})

/** A long-lived credential of a cloud. */
export const ciCloudCredential = factKind({
  kind: 'ci.cloud-credential',
  meaning: 'A long-lived key of a cloud that a pipeline takes from its secrets.',
  identity: ['workflow', 'job', 'cloud'],
  fields: {
    workflow: ['string', 'Path of its file', '.github/workflows/deploy.yml'],
    job: ['string', 'Key of its job; empty at the workflow', 'deploy'],
    step: ['string', 'Its name; empty at a job or workflow', 'aws-actions/configure-aws-credentials'],
    cloud: ['string', 'AWS, Azure or Google Cloud', 'AWS'],
    secrets: ['list<string>', 'Names of the secrets', ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']],
    through: [
      'string',
      'The action, or the variable of the environment, that takes it',
      'aws-actions/configure-aws-credentials',
    ],
  },
})
