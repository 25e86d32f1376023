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
