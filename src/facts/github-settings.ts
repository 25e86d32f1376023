import { factKind } from '../model.ts'

/** What GitHub Actions may do, as an organisation or a repository sets it. Source: …/actions/permissions and …/actions/permissions/workflow. */
export const githubActionsPolicy = factKind({
  kind: 'github.actions-policy',
  meaning: 'What GitHub Actions may do, as an organisation or one repository sets it.',
  identity: ['holder'],
  fields: {
    holder: ['string', 'The organisation, or owner and name of the repository, whose setting it is', 'acme/shop'],
    level: ['string', 'organization or repository', 'repository'],
    enabled: ['bool', 'Whether GitHub Actions may run', true],
    defaultTokenPermission: [
      'string',
      'What GITHUB_TOKEN may do where a workflow names no permissions: read or write',
      'read',
    ],
    actionsCanApprove: ['bool', 'Whether workflows may create and approve pull requests', false],
    allowedActions: ['string', 'Actions that workflows may use: all, local_only or selected', 'selected'],
    actionsPinned: ['bool', 'Whether actions must be pinned to a commit', false],
    ownerTokenPermission: [
      'string',
      'What the organisation of a repository sets for the token; empty if none or not seen',
      '',
    ],
    ownerCanApprove: ['string', 'yes or no by the organisation of a repository; empty if none or not seen', ''],
    ownerAllowedActions: ['string', 'What the organisation of a repository allows; empty if none or not seen', ''],
  },
})

/** A webhook. Source: GET /repos/{owner}/{repo}/hooks, GET /orgs/{org}/hooks. Addresses may hold tokens: only the host is kept. */
export const githubWebhook = factKind({
  kind: 'github.webhook',
  meaning: 'A webhook: events of a repository or an organisation that are sent elsewhere.',
  identity: ['source', 'id'],
  fields: {
    id: ['string', 'Its number', '7'],
    source: ['string', 'The repository (owner and name) or organisation that sends', 'acme/shop'],
    host: ['string', 'Host that it sends to', 'ci.example.com'],
    scheme: ['string', 'https or http', 'https'],
    active: ['bool', 'Whether it sends', true],
    events: ['list<string>', 'What it tells of', ['push']],
    verifiesTls: ['bool', 'Whether the certificate of the receiver is checked', true],
    hasSecret: ['bool', 'Whether what it sends is signed, so that the receiver can tell it from a forgery', true],
  },
})

/** A GitHub App that an organisation has installed. Source: GET /orgs/{org}/installations. */
export const githubAppInstallation = factKind({
  kind: 'github.app-installation',
  meaning: 'A GitHub App that is installed in an organisation, with what it may do.',
  identity: ['organization', 'app'],
  fields: {
    app: ['string', 'Its name in addresses', 'ci-bot'],
    id: ['string', 'Number of the installation', '11'],
    organization: ['string', 'Name of the organisation', 'acme'],
    repositorySelection: ['string', 'all, or selected repositories', 'selected'],
    permissions: ['list<string>', 'What it may do, as `contents: write`', ['contents: read']],
    suspended: ['bool', 'Whether it is suspended', false],
    ageDays: ['int', 'Days since it was installed', 100],
  },
})

/** A group of self-hosted runners. Source: GET /orgs/{org}/actions/runner-groups. */
export const githubRunnerGroup = factKind({
  kind: 'github.runner-group',
  meaning: 'A group of runners of an organisation, with who may use them.',
  identity: ['organization', 'id'],
  fields: {
    id: ['string', 'Its number', '1'],
    name: ['string', 'Its name', 'Default'],
    organization: ['string', 'Name of the organisation', 'acme'],
    visibility: ['string', 'Repositories that may use it: all, private or selected', 'selected'],
    allowsPublic: ['bool', 'Whether public repositories may use it', false],
    restrictedToWorkflows: ['bool', 'Whether only named workflows may use it', false],
    inherited: ['bool', 'Whether it belongs to the enterprise', false],
    runners: ['int', 'Self-hosted runners in it', 1],
  },
})

/** A self-hosted runner of one repository. Source: GET /repos/{owner}/{repo}/actions/runners. */
export const githubRunner = factKind({
  kind: 'github.runner',
  meaning: 'A self-hosted runner that is registered with one repository.',
  identity: ['repository', 'name'],
  fields: {
    repository: ['string', 'Owner and name', 'acme/shop'],
    name: ['string', 'Its name', 'build-1'],
    os: ['string', 'Its operating system', 'linux'],
    labels: ['list<string>', 'Labels by which jobs ask for it', ['self-hosted']],
    ephemeral: ['bool', 'Whether it takes one job only', false],
  },
})
