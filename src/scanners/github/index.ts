import { githubMemberPrivileges } from '../../facts/github.ts'
import { githubCollaborator, githubDeployKey, githubSecret, githubTokenGrant } from '../../facts/github-credentials.ts'
import { githubEnvironment, githubEnvironmentList, githubOidcSubject } from '../../facts/github-deployment.ts'
import { githubBranchProtection, githubRepository, githubRuleset } from '../../facts/github-repository.ts'
import {
  githubActionsPolicy,
  githubAppInstallation,
  githubRunner,
  githubRunnerGroup,
  githubWebhook,
} from '../../facts/github-settings.ts'
import type { Fact, FactKind, GithubTarget, Scanner } from '../../model.ts'
import { openGithub } from '../../sources/github-client.ts'
import { gapFor } from '../gap-for.ts'
import { someOf } from '../some-of.ts'
import type { ActionsPolicy } from './actions.ts'
import { readBranchProtection } from './branches.ts'
import { readCredentials } from './credentials.ts'
import { readDeployment } from './deployment.ts'
import { organizationPolicy, readOrganization } from './organization.ts'
import { ownerOf } from './owner.ts'
import { type GithubReader, githubReader } from './reader.ts'
import { listRepositories } from './repositories.ts'
import { type GithubRepo, readRepository } from './repository.ts'
import { RulesetReader } from './rulesets.ts'

const OF_ORGANIZATIONS: readonly FactKind[] = [
  githubMemberPrivileges,
  githubAppInstallation,
  githubRunnerGroup,
  githubTokenGrant,
]
const OF_REPOSITORIES: readonly FactKind[] = [
  githubRepository,
  githubBranchProtection,
  githubRuleset,
  githubEnvironment,
  githubEnvironmentList,
  githubOidcSubject,
  githubActionsPolicy,
  githubDeployKey,
  githubSecret,
  githubWebhook,
  githubRunner,
  githubCollaborator,
]
/** Repositories that are read at a time; requests are limited further down. */
const AT_A_TIME = 4

/** Reads settings of an organisation and of its repositories: who may change what runs, and what opens it. */
export const githubScanner: Scanner = {
  id: 'github',
  emits: [...OF_ORGANIZATIONS, ...OF_REPOSITORIES],
  needs: [
    'GET /orgs/{org}',
    'GET /orgs/{org}/actions/oidc/customization/sub',
    'GET /orgs/{org}/actions/permissions',
    'GET /orgs/{org}/actions/permissions/workflow',
    'GET /orgs/{org}/actions/runner-groups',
    'GET /orgs/{org}/actions/runner-groups/{runner_group_id}/runners',
    'GET /orgs/{org}/actions/secrets',
    'GET /orgs/{org}/hooks',
    'GET /orgs/{org}/installations',
    'GET /orgs/{org}/personal-access-token-requests',
    'GET /orgs/{org}/personal-access-tokens',
    'GET /orgs/{org}/repos',
    'GET /repos/{owner}/{repo}',
    'GET /repos/{owner}/{repo}/actions/oidc/customization/sub',
    'GET /repos/{owner}/{repo}/actions/permissions',
    'GET /repos/{owner}/{repo}/actions/permissions/workflow',
    'GET /repos/{owner}/{repo}/actions/runners',
    'GET /repos/{owner}/{repo}/actions/secrets',
    'GET /repos/{owner}/{repo}/automated-security-fixes',
    'GET /repos/{owner}/{repo}/branches',
    'GET /repos/{owner}/{repo}/branches/{branch}',
    'GET /repos/{owner}/{repo}/branches/{branch}/protection',
    'GET /repos/{owner}/{repo}/code-scanning/default-setup',
    'GET /repos/{owner}/{repo}/collaborators',
    'GET /repos/{owner}/{repo}/environments',
    'GET /repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies',
    'GET /repos/{owner}/{repo}/environments/{environment_name}/deployment_protection_rules',
    'GET /repos/{owner}/{repo}/environments/{environment_name}/secrets',
    'GET /repos/{owner}/{repo}/hooks',
    'GET /repos/{owner}/{repo}/keys',
    'GET /repos/{owner}/{repo}/rules/branches/{branch}',
    'GET /repos/{owner}/{repo}/rulesets',
    'GET /repos/{owner}/{repo}/rulesets/{ruleset_id}',
    'GET /repos/{owner}/{repo}/vulnerability-alerts',
    'GET /user',
    'GET /user/repos',
    'GET /users/{username}',
    'GET /users/{username}/repos',
  ],
  timesTargets: true,
  requested: (context) => context.targets.github.length > 0,
  async *scan(context) {
    const read = new Set<string>()
    const organizations = new Map<string, ActionsPolicy | undefined>()
    for (const target of context.targets.github) {
      const deadline = Date.now() + context.limits.timeoutSeconds * 1000
      const client = await openGithub(target, context.signal, deadline, context.targets)
      yield* readTarget(githubReader(client, target, context), read, organizations)
    }
  },
}

/** `read`: repositories that another target named before; `organizations`: what was seen of their settings for Actions. */
async function* readTarget(
  asked: GithubReader,
  read: Set<string>,
  organizations: Map<string, ActionsPolicy | undefined>,
): AsyncGenerator<Fact> {
  const { context, target } = asked
  context.progress(`GitHub: settings of ${target.owner}`)
  const found = await ownerOf(asked)
  const owner = 'failure' in found ? target.owner : found.login
  const reader = { ...asked, owner }
  if ('failure' in found) {
    const scope = target.repository ? `github:${owner}/${target.repository}` : `github:${owner}`
    gapFor(OF_ORGANIZATIONS, `github:${owner}`, found.failure, context)
    gapFor(OF_REPOSITORIES, scope, found.failure, context)
    return
  }
  const key = keyOf(target, owner)
  if (found.type === 'organization' && !organizations.has(key)) {
    const policy = await organizationPolicy(reader)
    organizations.set(key, policy)
    yield* await readOrganization(reader, found.body, policy)
  }
  const { repositories, failure } = await listRepositories(reader, found)
  if (failure) {
    const scope = target.repository ? `github:${owner}/${target.repository}` : `github:${owner}`
    gapFor(OF_REPOSITORIES, scope, failure, context)
  }
  const fresh = repositories.filter(({ fullName }) => !read.has(keyOf(target, fullName)))
  for (const { fullName } of fresh) read.add(keyOf(target, fullName))
  yield* readAll(reader, fresh, organizations.get(key))
}

function keyOf({ url = '' }: GithubTarget, name: string): string {
  return `${url} ${name.toLowerCase()}`
}

async function* readAll(
  reader: GithubReader,
  repositories: readonly GithubRepo[],
  organization: ActionsPolicy | undefined,
): AsyncGenerator<Fact> {
  const { context, owner, client } = reader
  const rulesets = new RulesetReader(reader)
  const missed: string[] = []
  for (let next = 0; next < repositories.length; next += AT_A_TIME) {
    const some = repositories.slice(next, next + AT_A_TIME)
    if (client.isSpent()) {
      missed.push(...some.map(({ fullName }) => fullName))
      continue
    }
    context.progress(`GitHub: ${some[0]?.fullName} (${next + 1} of ${repositories.length})`)
    const facts = await Promise.all(
      some.map((repo) => readAllOf(reader, repo, repo.owner === owner ? organization : undefined, rulesets)),
    )
    yield* facts.flat()
  }
  if (missed.length === 0) return
  const detail = `${missed.length} of ${repositories.length} repositories were not read: ${someOf(missed)}; a longer --timeout, or --github OWNER/REPO, reads them`
  gapFor(OF_REPOSITORIES, `github:${owner}`, { reason: 'out of time', detail }, context)
}

async function readAllOf(
  reader: GithubReader,
  repo: GithubRepo,
  organization: ActionsPolicy | undefined,
  rulesets: RulesetReader,
): Promise<Fact[]> {
  const parts = await Promise.all([
    readRepository(reader, repo, organization),
    readBranchProtection(reader, repo, rulesets),
    rulesets.read(repo),
    readDeployment(reader, repo),
    readCredentials(reader, repo),
  ])
  return parts.flat()
}
