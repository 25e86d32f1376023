import { factKind } from '../model.ts'

/** A repository on GitHub with the settings that judge who may change what runs. Source: GET /repos/{owner}/{repo} and its Actions settings. */
export const githubRepository = factKind({
  kind: 'github.repository',
  meaning: 'A repository on GitHub, with its settings for Actions and for security.',
  identity: ['fullName'],
  fields: {
    fullName: ['string', 'Owner and name', 'acme/shop'],
    owner: ['string', 'Its organisation or person', 'acme'],
    name: ['string', 'Its name', 'shop'],
    id: ['string', 'Its number, which a rename leaves', '456789'],
    ownerId: ['string', 'Number of its owner', '123456'],
    visibility: ['string', 'public, private or internal', 'private'],
    fork: ['bool', 'Whether it is a fork', false],
    defaultBranch: ['string', 'Its default branch', 'main'],
    createdAt: ['string', 'When it was created, ISO 8601', '2024-01-01T00:00:00Z'],
    actionsEnabled: ['bool', 'Whether GitHub Actions may run', true],
    allowedActions: ['string', 'Actions that workflows may use: all, local_only or selected', 'selected'],
    actionsPinned: ['bool', 'Whether actions must be pinned to a commit', false],
    defaultTokenPermission: [
      'string',
      'What GITHUB_TOKEN may do where a workflow names no permissions: read or write',
      'read',
    ],
    actionsCanApprove: ['bool', 'Whether workflows may create and approve pull requests', false],
    secretScanning: ['bool', 'Whether secrets in it are looked for', true],
    pushProtection: ['bool', 'Whether pushes with secrets are refused', true],
    dependabotAlerts: ['bool', 'Whether known vulnerabilities of dependencies are reported', true],
    securityUpdates: ['bool', 'Whether Dependabot proposes fixes for them', true],
    codeScanning: ['string', 'Default setup of code scanning: configured or not-configured', 'configured'],
  },
})

/**
 * What protects the default branch: classic protection and rulesets that are active, taken together, the stricter of both. Source:
 * GET /repos/{owner}/{repo}/branches/{branch}/protection and GET /repos/{owner}/{repo}/rules/branches/{branch}.
 */
export const githubBranchProtection = factKind({
  kind: 'github.branch-protection',
  meaning: 'What protects the default branch of a repository, by classic protection and active rulesets together.',
  identity: ['repository', 'branch'],
  fields: {
    repository: ['string', 'Owner and name', 'acme/shop'],
    branch: ['string', 'Name of the branch', 'main'],
    visibility: ['string', 'Visibility of its repository', 'private'],
    fork: ['bool', 'Whether its repository is a fork', false],
    available: ['bool', 'Whether the plan of the owner offers protection of branches', true],
    by: [
      'list<string>',
      'Where it comes from: `classic` and names of rulesets; empty if nothing protects it',
      ['classic'],
    ],
    requiresPullRequest: ['bool', 'Whether changes must come as a pull request', true],
    approvals: ['int', 'Reviews that approve a change before it is merged', 1],
    allowsForcePush: ['bool', 'Whether history can be rewritten', false],
    allowsDeletion: ['bool', 'Whether it can be deleted', false],
    requiresStatusChecks: ['bool', 'Whether checks must pass', true],
    requiresSignatures: ['bool', 'Whether commits must be signed', false],
    dismissesStaleReviews: ['bool', 'Whether a new push takes approvals back', true],
    requiresCodeOwners: ['bool', 'Whether owners of the code must review', false],
    requiresLastPushApproval: ['bool', 'Whether somebody else than who pushed last must approve', false],
    holdsForAdmins: ['bool', 'Whether reviews hold for administrators, too', true],
    bypassers: ['list<string>', 'Who need not follow what asks for reviews, whenever they push', []],
    locked: ['bool', 'Whether nobody may push but few who are named', false],
  },
})

/** A ruleset, of a repository or of its organisation. Source: GET /repos/{owner}/{repo}/rulesets/{ruleset_id}, GET /orgs/{org}/rulesets/{ruleset_id}. */
export const githubRuleset = factKind({
  kind: 'github.ruleset',
  meaning: 'A ruleset for branches, tags or pushes, of a repository or an organisation.',
  identity: ['source', 'id'],
  fields: {
    id: ['string', 'Its number', '42'],
    name: ['string', 'How people call it', 'protect main'],
    source: ['string', 'The repository or organisation that it belongs to', 'acme/shop'],
    owner: ['string', 'Organisation or person', 'acme'],
    target: ['string', 'branch, tag, push or repository', 'branch'],
    enforcement: ['string', 'active, evaluate (reports only, so that it protects nothing) or disabled', 'active'],
    includes: ['list<string>', 'Refs that it is for; ~DEFAULT_BRANCH and ~ALL among them', ['~DEFAULT_BRANCH']],
    excludes: ['list<string>', 'Refs that are left out', []],
    rules: ['list<string>', 'Sorts of rules in it', ['pull_request']],
    bypassers: [
      'list<string>',
      'Who may bypass it without a pull request, as `role admin` or `owners of the organisation`',
      [],
    ],
    broadBypassers: [
      'list<string>',
      'Those of them that are many or a machine: roles below administrator, deploy keys, by name',
      [],
    ],
  },
})
