/** What a token needs for one request, by kind of token. Source: the page of each request under https://docs.github.com/en/rest. */
export interface GithubPermission {
  readonly level: 'repository' | 'organization'
  /** Its key in the manifest of an App. */
  readonly key: string
  /** Its name where fine-grained tokens and Apps are made. */
  readonly name: string
  readonly access: 'read' | 'write'
  /** Scope of a classic token; empty if it needs none. */
  readonly classic: string
  /** What is read with it: without it, this is what is not seen. */
  readonly shows: string
  /** Whether GitHub answers Apps only. */
  readonly appOnly?: boolean
}

const repository = (key: string, name: string, shows: string, classic = 'repo'): GithubPermission => ({
  level: 'repository',
  key,
  name,
  access: 'read',
  classic,
  shows,
})
const organization = (key: string, name: string, shows: string, classic = 'admin:org'): GithubPermission => ({
  level: 'organization',
  key,
  name,
  access: 'read',
  classic,
  shows,
})

const METADATA = repository('metadata', 'Metadata', 'repositories, active rules of branches, rulesets, collaborators')
const ADMINISTRATION = repository(
  'administration',
  'Administration',
  'settings of Actions, branch protection, deploy keys, runners, security settings of repositories',
)
const CONTENTS = repository('contents', 'Contents', 'which branches are protected at all')
const ENVIRONMENTS = repository(
  'actions',
  'Actions',
  'environments with reviewers and branch rules, the form of OIDC subjects',
)
const REPOSITORY_SECRETS = repository('secrets', 'Secrets', 'names and ages of secrets of repositories')
const ORGANIZATION = organization(
  'organization_administration',
  'Administration',
  'settings of the organisation and of its Actions, installed Apps',
)
const MEMBERS = organization('members', 'Members', 'members and outside collaborators, and who has no second factor')
const RUNNERS = organization('organization_self_hosted_runners', 'Self-hosted runners', 'groups of runners')

/** By request, as scanners declare it: `GET /orgs/{org}/hooks`. A test joins the two. */
export const GITHUB_PERMISSIONS: Readonly<Record<string, GithubPermission>> = {
  'GET /orgs/{org}': ORGANIZATION,
  'GET /orgs/{org}/actions/oidc/customization/sub': { ...ORGANIZATION, classic: 'read:org' },
  'GET /orgs/{org}/actions/permissions': ORGANIZATION,
  'GET /orgs/{org}/actions/permissions/workflow': ORGANIZATION,
  'GET /orgs/{org}/actions/runner-groups': RUNNERS,
  'GET /orgs/{org}/actions/runner-groups/{runner_group_id}/runners': RUNNERS,
  'GET /orgs/{org}/actions/secrets': organization(
    'organization_secrets',
    'Secrets',
    'names and ages of secrets of the organisation',
  ),
  'GET /orgs/{org}/hooks': organization(
    'organization_hooks',
    'Webhooks',
    'webhooks of the organisation',
    'admin:org_hook',
  ),
  'GET /orgs/{org}/installations': ORGANIZATION,
  'GET /orgs/{org}/members': MEMBERS,
  'GET /orgs/{org}/outside_collaborators': MEMBERS,
  'GET /orgs/{org}/personal-access-token-requests': {
    ...organization(
      'organization_personal_access_token_requests',
      'Personal access token requests',
      'tokens that wait',
      '',
    ),
    appOnly: true,
  },
  'GET /orgs/{org}/personal-access-tokens': {
    ...organization(
      'organization_personal_access_tokens',
      'Personal access tokens',
      'fine-grained tokens of members',
      '',
    ),
    appOnly: true,
  },
  'GET /orgs/{org}/repos': METADATA,
  'GET /repos/{owner}/{repo}': METADATA,
  'GET /repos/{owner}/{repo}/actions/oidc/customization/sub': ENVIRONMENTS,
  'GET /repos/{owner}/{repo}/actions/permissions': ADMINISTRATION,
  'GET /repos/{owner}/{repo}/actions/permissions/workflow': ADMINISTRATION,
  'GET /repos/{owner}/{repo}/actions/runners': ADMINISTRATION,
  'GET /repos/{owner}/{repo}/actions/secrets': REPOSITORY_SECRETS,
  'GET /repos/{owner}/{repo}/automated-security-fixes': ADMINISTRATION,
  'GET /repos/{owner}/{repo}/branches': CONTENTS,
  'GET /repos/{owner}/{repo}/branches/{branch}': CONTENTS,
  'GET /repos/{owner}/{repo}/branches/{branch}/protection': ADMINISTRATION,
  'GET /repos/{owner}/{repo}/code-scanning/default-setup': ADMINISTRATION,
  'GET /repos/{owner}/{repo}/collaborators': METADATA,
  'GET /repos/{owner}/{repo}/environments': ENVIRONMENTS,
  'GET /repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies': ENVIRONMENTS,
  'GET /repos/{owner}/{repo}/environments/{environment_name}/deployment_protection_rules': ENVIRONMENTS,
  'GET /repos/{owner}/{repo}/environments/{environment_name}/secrets': repository(
    'environments',
    'Environments',
    'names and ages of secrets of environments',
  ),
  'GET /repos/{owner}/{repo}/hooks': repository('repository_hooks', 'Webhooks', 'webhooks of repositories'),
  'GET /repos/{owner}/{repo}/keys': ADMINISTRATION,
  'GET /repos/{owner}/{repo}/rules/branches/{branch}': METADATA,
  'GET /repos/{owner}/{repo}/rulesets': METADATA,
  'GET /repos/{owner}/{repo}/rulesets/{ruleset_id}': METADATA,
  'GET /repos/{owner}/{repo}/vulnerability-alerts': ADMINISTRATION,
  'GET /user': METADATA,
  'GET /user/repos': METADATA,
  'GET /users/{username}': METADATA,
  'GET /users/{username}/repos': METADATA,
}

/** What a token must have for a request, in words, for a gap. */
export function githubNeeds(route: string): string {
  const permission = GITHUB_PERMISSIONS[route]
  if (!permission) return ''
  const { level, name, access, classic, appOnly } = permission
  const fine = `${level === 'organization' ? 'organisation' : 'repository'} permission ${name}: ${access}`
  if (appOnly) return `only a GitHub App may ask, with ${fine}`
  const who = level === 'organization' ? 'an owner’s' : 'an administrator’s'
  return `needs ${who} token with the scope ${classic}, or a fine-grained token or App with ${fine}`
}
