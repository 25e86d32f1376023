import { factKind } from '../model.ts'

/** The repository that a tree is. Source: the git remote `origin`; `--github OWNER/REPO`. */
export const sourceRepository = factKind({
  kind: 'source.repository',
  meaning: 'The repository at its host that an audited folder is.',
  identity: ['tree'],
  fields: {
    tree: ['string', 'Scope of the folder', 'repo:.'],
    host: ['string', 'Name of the host', 'github.com'],
    owner: ['string', 'Owner; for GitLab the groups, with slashes', 'acme'],
    name: ['string', 'Name', 'shop'],
    from: ['string', 'origin (the git remote) or option (--github)', 'origin'],
  },
})

/** A step that trades the pipeline's own token for an identity of a cloud. */
export const ciCloudLogin = factKind({
  kind: 'ci.cloud-login',
  meaning: 'A step that logs in to a cloud with the OpenID Connect token of its job.',
  identity: ['workflow', 'job', 'step', 'cloud'],
  fields: {
    workflow: ['string', 'Path of its file', '.github/workflows/deploy.yml'],
    job: ['string', 'Key of its job; empty in a composite action', 'deploy'],
    step: ['string', 'As in ci.step', 'aws-actions/configure-aws-credentials'],
    cloud: ['string', 'aws, gcp, azure or vault', 'aws'],
    identity: [
      'string',
      'ARN of the role, email of the Google service account or its pool provider, client id of Azure, role of Vault; not seen if only a run knows it',
      'arn:aws:iam::123456789012:role/deploy',
    ],
    roleName: ['string', 'Name of the role of AWS, which may be written where its account is not', 'deploy'],
    source: ['string', 'What a run fills in: variables, secrets and inputs; empty if all of it is written', ''],
    audience: ['string', 'Audience of the token; not seen if only a run knows it', 'sts.amazonaws.com'],
  },
})

/** Derived: an identity of a cloud that a job can take with its token, both sides heeded. */
export const ciCloudAccess = factKind({
  kind: 'ci.cloud-access',
  meaning: 'An identity of a cloud that a job of a pipeline can take with its token, and what it amounts to there.',
  identity: ['workflow', 'job', 'identity'],
  derivedFrom: ['ci.job', 'ci.cloud-login'],
  fields: {
    workflow: ['string', 'Path of its file', '.github/workflows/deploy.yml'],
    job: ['string', 'Key of the job that gets it', 'deploy'],
    provider: ['string', 'aws, gcp, azure or vault', 'aws'],
    identity: [
      'string',
      'ARN of the role, its `file:PATH#ADDRESS`, or as in ci.cloud-login',
      'arn:aws:iam::123456789012:role/deploy',
    ],
    identityName: ['string', 'How people call it, with what it is', 'AWS role deploy'],
    via: ['string', 'login: a step of the job takes it; trust: no step is seen to, yet it would be let in', 'login'],
    events: ['list<string>', 'Events whose token the identity takes', ['push']],
    subjects: [
      'list<string>',
      'What the tokens that it takes say, as patterns',
      ['repo:acme/shop:ref:refs/heads/main'],
    ],
    how: ['string', 'How the job gets there, between two arrows of a chain', 'push to main'],
    trusted: ['bool', 'Whether the identity takes a token that the job can get', true],
    privileged: ['bool', 'Whether the identity is administrator in its cloud, or can become it', true],
    because: ['string', 'Why, as the end of a sentence', 'is administrator by AdministratorAccess'],
    policy: [
      'string',
      'The document that makes it so; empty if it is not',
      'arn:aws:iam::aws:policy/AdministratorAccess',
    ],
    reach: [
      'string',
      'Who can have such a token made: any-branch (whoever may push some branch), tag (push some tag), branch (push one of the branches named), environment (deploy to it), workflow (only the workflow as it is)',
      'branch',
    ],
    who: ['string', 'The same for people, as the end of a sentence', 'whoever may push to main'],
    guard: ['string', 'What was seen to stand before it, as in "1 reviewer of environment prod"; empty if nothing', ''],
    assumptions: ['list<string>', 'What the judgement rests on that this run does not see', []],
  },
})

/** That a job does not run under an event of its workflow. */
export const ciExcludedEvent = factKind({
  kind: 'ci.excluded-event',
  meaning: 'An event under which the condition of a job never holds, whoever caused it.',
  identity: ['workflow', 'job', 'event'],
  fields: {
    workflow: ['string', 'Path of its file', '.github/workflows/deploy.yml'],
    job: ['string', 'Its key', 'deploy'],
    event: ['string', 'The event', 'pull_request'],
  },
})

/** Derived, for chains: what a stranger gets whose code runs in a job. */
export const ciOutsiderGain = factKind({
  kind: 'ci.outsider-gain',
  meaning: 'An identity of a cloud or a secret that a job has in which a stranger can run code of his own.',
  identity: ['workflow', 'job', 'gain'],
  derivedFrom: ['ci.takeover', 'ci.cloud-access'],
  fields: {
    workflow: ['string', 'Path of its file', '.github/workflows/preview.yml'],
    job: ['string', 'Key of the job', 'preview'],
    how: [
      'string',
      'How his code gets there, as in ci.takeover',
      'the title of an issue is pasted into the script of Greet',
    ],
    events: ['list<string>', 'Events by which he gets it', ['pull_request_target']],
    gain: ['string', 'ARN of the role, or names of the secrets', 'arn:aws:iam::123456789012:role/deploy'],
    gainName: ['string', 'The same for people', 'AWS role deploy'],
    form: ['string', 'role, key (a long-lived key of a cloud) or secret', 'role'],
    privileged: ['bool', 'Whether it makes him administrator of the cloud', false],
    certain: ['bool', 'Whether he gets it for sure: code of his runs, and the identity takes the token', true],
    executes: ['bool', 'Whether his code runs; false if it is only fetched', true],
    guards: ['list<string>', 'What stands in his way without closing it, as in ci.takeover', []],
    assumptions: ['list<string>', 'What the judgement rests on that this run does not see', []],
  },
})
