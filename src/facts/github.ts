import { factKind } from '../model.ts'

/** A GitHub organisation. Source: GET /orgs/{org}. */
export const githubOrganization = factKind({
  kind: 'github.organization',
  meaning: 'A GitHub organisation and its account-wide settings.',
  identity: ['login'],
  fields: {
    login: ['string', 'Name of the organisation', 'acme'],
    requiresTwoFactor: ['bool', 'Whether members must have two-factor authentication', true],
    members: ['int', 'Number of members that were listed', 1],
  },
})

/** What members of an organisation may do without being asked for. Source: GET /orgs/{org}. */
export const githubMemberPrivileges = factKind({
  kind: 'github.member-privileges',
  meaning: 'What each member of a GitHub organisation may do, and what new repositories begin with.',
  identity: ['organization'],
  fields: {
    organization: ['string', 'Name of the organisation', 'acme'],
    basePermission: ['string', 'What members may do in every repository: none, read, write or admin', 'read'],
    createPublic: ['bool', 'Whether they may make public repositories', false],
    changeVisibility: ['bool', 'Whether administrators of a repository may make it public', false],
    inviteOutsiders: ['bool', 'Whether administrators of a repository may invite outside collaborators', false],
    deployKeys: ['bool', 'Whether repositories may have deploy keys', true],
    newSecretScanning: ['bool', 'Whether new repositories have secret scanning', true],
    newPushProtection: ['bool', 'Whether new repositories refuse pushes with secrets', true],
    newDependabotAlerts: ['bool', 'Whether new repositories report vulnerable dependencies', true],
  },
})

/** A person with access to the organisation. Source: GET /orgs/{org}/members and outside_collaborators with their 2fa filters. */
export const githubMember = factKind({
  kind: 'github.member',
  meaning: 'A member or outside collaborator of a GitHub organisation.',
  identity: ['organization', 'login'],
  fields: {
    organization: ['string', 'Name of the organisation', 'acme'],
    login: ['string', 'User name', 'amy'],
    role: ['string', 'owner, member or collaborator', 'member'],
    hasTwoFactor: ['bool', 'Whether any second factor is set up, secure or not', true],
    twoFactor: ['string', 'enabled, disabled or insecure (SMS)', 'enabled'],
  },
})
