import { factKind } from '../model.ts'

/** A deployment environment. Source: GET /repos/{owner}/{repo}/environments. */
export const githubEnvironment = factKind({
  kind: 'github.environment',
  meaning: 'A deployment environment of a repository, with what a job must pass before it runs in it.',
  identity: ['repository', 'name'],
  fields: {
    repository: ['string', 'Owner and name', 'acme/shop'],
    name: ['string', 'Name of the environment', 'production'],
    reviewers: ['int', 'People and teams of whom one must approve', 1],
    preventsSelfReview: ['bool', 'Whether who started a run may not approve it', true],
    waitMinutes: ['int', 'Minutes that a job waits', 0],
    customRules: ['int', 'Protection rules of Apps', 0],
    branchPolicy: ['string', 'Which branches may deploy: none (each), protected, or custom (by pattern)', 'protected'],
    anyBranch: [
      'bool',
      'Whether a branch or tag of any name may deploy: no policy, a pattern for all, or one for protected branches where none is',
      false,
    ],
    patterns: ['list<string>', 'Branch patterns of a custom policy', []],
    tagPatterns: ['list<string>', 'Tag patterns of a custom policy', []],
    adminsCanBypass: ['bool', 'Whether administrators may skip what protects it', true],
    secrets: ['list<string>', 'Names of its secrets', []],
  },
})

/** Which environments a repository has, seen whole. Source: GET /repos/{owner}/{repo}/environments. */
export const githubEnvironmentList = factKind({
  kind: 'github.environment-list',
  meaning: 'The environments of a repository, all of them: what is not among them does not exist.',
  identity: ['repository'],
  fields: {
    repository: ['string', 'Owner and name', 'acme/shop'],
    names: ['list<string>', 'Names of its environments', ['production']],
  },
})

/** Derived: an environment, with the jobs of the audited files that deploy to it. */
export const githubDeploymentTarget = factKind({
  kind: 'github.deployment-target',
  meaning:
    'An environment of a repository, or one that a job names and that does not exist yet, with who deploys to it.',
  identity: ['repository', 'name'],
  derivedFrom: ['github.environment', 'github.environment-list'],
  fields: {
    repository: ['string', 'Owner and name', 'acme/shop'],
    name: ['string', 'Name of the environment', 'production'],
    exists: ['bool', 'Whether GitHub has it; if not, the first run makes it, with no protection', true],
    open: ['bool', 'Whether nobody must approve and a branch or tag of any name may deploy', true],
    secrets: ['list<string>', 'Names of its secrets', ['DEPLOY_KEY']],
    jobs: [
      'list<string>',
      'Jobs of the audited files that deploy to it, as `path: job`',
      ['.github/workflows/deploy.yml: deploy'],
    ],
    idToken: [
      'bool',
      'Whether one of these jobs may ask for an OpenID Connect token, which names the environment',
      false,
    ],
    trial: ['bool', 'Whether its name says that it is for trials: preview, dev, test, staging and the like', false],
    inWords: ['string', 'What is wrong with it, in words', 'any branch may deploy to it'],
  },
})

/**
 * How GitHub makes the `sub` claim of OpenID Connect tokens. Source: GET /repos/{owner}/{repo}/actions/oidc/customization/sub,
 * GET /orgs/{org}/actions/oidc/customization/sub.
 */
export const githubOidcSubject = factKind({
  kind: 'github.oidc-subject',
  meaning: 'How the subject of OpenID Connect tokens is made, in a repository or an organisation.',
  identity: ['source'],
  fields: {
    source: ['string', 'The repository (owner and name) or organisation that sets it', 'acme/shop'],
    owner: ['string', 'Organisation or person', 'acme'],
    repository: ['string', 'Owner and name; empty for what an organisation sets', 'acme/shop'],
    useDefault: [
      'bool',
      'Whether the repository has GitHub’s own form; if not, claimKeys hold, or if empty the organisation’s',
      true,
    ],
    claimKeys: ['list<string>', 'Claims that it is made of, in order; empty: not set', []],
    immutable: ['bool', 'Whether names in it have numbers: `repo:acme@123/shop@456:…`', false],
    prefix: ['string', 'How the subject begins, by GitHub’s own word; empty for an organisation', 'repo:acme/shop'],
  },
})
