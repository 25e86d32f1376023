import { githubMemberPrivileges } from '../../facts/github.ts'
import { githubSecret } from '../../facts/github-credentials.ts'
import { githubOidcSubject } from '../../facts/github-deployment.ts'
import {
  githubActionsPolicy,
  githubAppInstallation,
  githubRunnerGroup,
  githubWebhook,
} from '../../facts/github-settings.ts'
import { type Fact, type FactKind, fact, type Seen, UNKNOWN } from '../../model.ts'
import { type ActionsPolicy, actionsPolicy } from './actions.ts'
import { daysSince, field, flagOf, listOf, namesOf, permissionsOf, textOf } from './body.ts'
import { webhookFact } from './credentials.ts'
import { type GithubReader, hiddenGap, listOrGap } from './reader.ts'
import { tokenGrants } from './token-grants.ts'

/** What is read of an organisation itself. */
export const ORGANIZATION_KINDS: readonly FactKind[] = [
  githubMemberPrivileges,
  githubAppInstallation,
  githubRunnerGroup,
]

/** Settings and credentials of an organisation. `body`: what GET /orgs/{org} answered. */
export async function readOrganization(
  reader: GithubReader,
  body: unknown,
  policy: ActionsPolicy | undefined,
): Promise<Fact[]> {
  const { context } = reader
  const parts: Promise<Fact[]>[] = []
  if (context.wants(githubMemberPrivileges)) parts.push(memberPrivileges(reader, body))
  if (policy) parts.push(Promise.resolve([policyFact(reader, policy)]))
  if (context.wants(githubWebhook)) parts.push(webhooks(reader))
  if (context.wants(githubAppInstallation)) parts.push(installations(reader))
  if (context.wants(githubRunnerGroup)) parts.push(runnerGroups(reader))
  if (context.wants(githubSecret)) parts.push(secrets(reader))
  if (context.wants(githubOidcSubject)) parts.push(oidcSubject(reader))
  parts.push(tokenGrants(reader))
  return (await Promise.all(parts)).flat()
}

/** What the organisation sets for GitHub Actions; undefined if no rule asks. */
export async function organizationPolicy(reader: GithubReader): Promise<ActionsPolicy | undefined> {
  if (!reader.context.wants(githubActionsPolicy)) return undefined
  const { owner } = reader
  return actionsPolicy(reader, `github:${owner}`, ['GET /orgs/{org}/actions/permissions', { org: owner }])
}

function policyFact({ owner }: GithubReader, policy: ActionsPolicy): Fact {
  const none = { ownerTokenPermission: '', ownerCanApprove: '', ownerAllowedActions: '' }
  const at = { resource: `github://${owner}/settings/actions` }
  return fact(githubActionsPolicy, `github:${owner}`, at, { holder: owner, level: 'organization', ...policy, ...none })
}

async function memberPrivileges(reader: GithubReader, body: unknown): Promise<Fact[]> {
  const { owner } = reader
  const scope = `github:${owner}`
  const seen: Omit<Seen<typeof githubMemberPrivileges>, 'organization'> = {
    basePermission: textOf(body, 'default_repository_permission'),
    createPublic: flagOf(body, 'members_can_create_public_repositories'),
    changeVisibility: flagOf(body, 'members_can_change_repo_visibility'),
    inviteOutsiders: flagOf(body, 'members_can_invite_outside_collaborators'),
    deployKeys: flagOf(body, 'deploy_keys_enabled_for_repositories'),
    newSecretScanning: flagOf(body, 'secret_scanning_enabled_for_new_repositories'),
    newPushProtection: flagOf(body, 'secret_scanning_push_protection_enabled_for_new_repositories'),
    newDependabotAlerts: flagOf(body, 'dependabot_alerts_enabled_for_new_repositories'),
  }
  if (seen.basePermission === UNKNOWN) {
    const hidden = Object.entries(seen).flatMap(([name, value]) => (value === UNKNOWN ? [name] : []))
    const detail =
      'GET /orgs/{org} does not tell what members may do: only owners see it (scope admin:org; fine-grained: organisation permission Administration: read)'
    hiddenGap(reader, githubMemberPrivileges, scope, hidden, detail)
  }
  return [fact(githubMemberPrivileges, scope, { resource: `github://${owner}` }, { organization: owner, ...seen })]
}

async function webhooks(reader: GithubReader): Promise<Fact[]> {
  const { owner } = reader
  const scope = `github:${owner}`
  const { items } = await listOrGap(reader, scope, [githubWebhook], ['GET /orgs/{org}/hooks', { org: owner }])
  return items.map((hook) => webhookFact(hook, owner, scope))
}

async function installations(reader: GithubReader): Promise<Fact[]> {
  const { owner, context } = reader
  const scope = `github:${owner}`
  const { items } = await listOrGap(
    reader,
    scope,
    [githubAppInstallation],
    ['GET /orgs/{org}/installations', { org: owner }, 'installations'],
  )
  return items.map((each) => {
    const app = textOf(each, 'app_slug')
    const selection = textOf(each, 'repository_selection')
    return fact(
      githubAppInstallation,
      scope,
      { resource: `github://${owner}/apps/${String(app)}` },
      {
        app,
        id: textOf(each, 'id'),
        organization: owner,
        repositorySelection: selection,
        permissions: permissionsOf(field(each, 'permissions')),
        suspended: typeof field(each, 'suspended_at') === 'string',
        ageDays: daysSince(field(each, 'created_at'), context.now),
      },
    )
  })
}

async function runnerGroups(reader: GithubReader): Promise<Fact[]> {
  const { owner } = reader
  const scope = `github:${owner}`
  const { items } = await listOrGap(
    reader,
    scope,
    [githubRunnerGroup],
    ['GET /orgs/{org}/actions/runner-groups', { org: owner }, 'runner_groups'],
  )
  return Promise.all(items.map((group) => runnerGroupFact(reader, group)))
}

async function runnerGroupFact(reader: GithubReader, group: unknown): Promise<Fact> {
  const { owner } = reader
  const scope = `github:${owner}`
  const id = field(group, 'id')
  const route = 'GET /orgs/{org}/actions/runner-groups/{runner_group_id}/runners'
  const listed =
    typeof id === 'number'
      ? await listOrGap(
          reader,
          scope,
          [githubRunnerGroup],
          [route, { org: owner, runner_group_id: id }, 'runners'],
          ['runners'],
        )
      : undefined
  const name = textOf(group, 'name')
  return fact(
    githubRunnerGroup,
    scope,
    { resource: `github://${owner}/runner-groups/${String(name)}` },
    {
      id: textOf(group, 'id'),
      name,
      organization: owner,
      visibility: textOf(group, 'visibility'),
      allowsPublic: flagOf(group, 'allows_public_repositories'),
      restrictedToWorkflows: field(group, 'restricted_to_workflows') === true,
      inherited: flagOf(group, 'inherited'),
      runners: listed?.complete ? listed.items.length : UNKNOWN,
    },
  )
}

async function secrets(reader: GithubReader): Promise<Fact[]> {
  const { owner, context } = reader
  const scope = `github:${owner}`
  const { items } = await listOrGap(
    reader,
    scope,
    [githubSecret],
    ['GET /orgs/{org}/actions/secrets', { org: owner }, 'secrets'],
  )
  return items.map((secret) => {
    const name = textOf(secret, 'name')
    return fact(
      githubSecret,
      scope,
      { resource: `github://${owner}/secrets/${String(name)}` },
      {
        name,
        level: 'organization',
        source: owner,
        environment: '',
        visibility: textOf(secret, 'visibility'),
        ageDays: daysSince(field(secret, 'updated_at'), context.now),
      },
    )
  })
}

async function oidcSubject(reader: GithubReader): Promise<Fact[]> {
  const { owner } = reader
  const scope = `github:${owner}`
  const route = 'GET /orgs/{org}/actions/oidc/customization/sub'
  const outcome = await reader.get(route, { org: owner })
  // Who sets none is told 404; so is who may not see it: what repositories say of themselves then counts.
  if ('failure' in outcome) {
    hiddenGap(reader, githubOidcSubject, scope, ['claimKeys', 'immutable'], outcome.failure.detail)
    return []
  }
  const keys = Array.isArray(field(outcome.value, 'include_claim_keys'))
  return [
    fact(
      githubOidcSubject,
      scope,
      { resource: `github://${owner}/settings/actions/oidc` },
      {
        source: owner,
        owner,
        repository: '',
        useDefault: listOf(outcome.value, 'include_claim_keys').length === 0,
        claimKeys: keys ? namesOf(outcome.value, 'include_claim_keys') : UNKNOWN,
        immutable: flagOf(outcome.value, 'use_immutable_subject'),
        prefix: '',
      },
    ),
  ]
}
