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
