import { factKind } from '../model.ts'

/** A deploy key. Source: GET /repos/{owner}/{repo}/keys. */
export const githubDeployKey = factKind({
  kind: 'github.deploy-key',
  meaning: 'An SSH key that opens one repository, without a person behind it.',
  identity: ['repository', 'id'],
  fields: {
    id: ['string', 'Its number', '3'],
    repository: ['string', 'Owner and name', 'acme/shop'],
    title: ['string', 'How people call it', 'release'],
    canWrite: ['bool', 'Whether it may push', false],
    enabled: ['bool', 'Whether it can be used', true],
    addedBy: ['string', 'Who added it; empty if that is not known any more', 'amy'],
    ageDays: ['int', 'Days since it was added', 100],
    usedDays: ['int', 'Days since it was last used; -1 if never', 1],
  },
})

/** A secret for workflows: its name and age; GitHub never shows values. Source: …/actions/secrets, …/environments/{environment_name}/secrets. */
export const githubSecret = factKind({
  kind: 'github.secret',
  meaning: 'A secret that GitHub keeps for workflows: name and age, never its value.',
  identity: ['source', 'environment', 'name'],
  fields: {
    name: ['string', 'Its name', 'NPM_TOKEN'],
    level: ['string', 'organization, repository or environment', 'repository'],
    source: ['string', 'The repository (owner and name) or organisation that has it', 'acme/shop'],
    environment: ['string', 'The environment that it is for; empty if none', ''],
    visibility: ['string', 'Repositories that get it: all, private or selected; empty unless an organisation’s', ''],
    ageDays: ['int', 'Days since its value was set', 30],
  },
})

/**
 * A fine-grained token of a person with access to an organisation. Source: GET /orgs/{org}/personal-access-tokens and
 * …/personal-access-token-requests, which only Apps may ask for.
 */
export const githubTokenGrant = factKind({
  kind: 'github.token-grant',
  meaning: 'A fine-grained personal access token that an organisation lets in, or that waits for it.',
  identity: ['organization', 'id'],
  fields: {
    id: ['string', 'Number of the token', '21'],
    organization: ['string', 'Name of the organisation', 'acme'],
    name: ['string', 'How its owner calls it', 'laptop'],
    person: ['string', 'Whose it is', 'amy'],
    status: ['string', 'granted, or pending until an owner decides', 'granted'],
    repositorySelection: ['string', 'all, subset or none', 'subset'],
    permissions: ['list<string>', 'What it may do, as `contents: write`', ['contents: read']],
    expires: ['bool', 'Whether it has an end', true],
    expired: ['bool', 'Whether that has come', false],
    ageDays: ['int', 'Days since it was granted or asked for', 30],
    usedDays: ['int', 'Days since it was last used; -1 if never', 1],
  },
})

/** A person from outside, or with direct access, in one repository. Source: GET /repos/{owner}/{repo}/collaborators?affiliation=outside. */
export const githubCollaborator = factKind({
  kind: 'github.collaborator',
  meaning: 'An outside collaborator of a repository with the right to write or more.',
  identity: ['repository', 'login'],
  fields: {
    repository: ['string', 'Owner and name', 'acme/shop'],
    login: ['string', 'User name', 'dan'],
    role: ['string', 'admin, maintain, write, or the name of a custom role', 'write'],
  },
})
