import { githubRepository } from '../../facts/github-repository.ts'
import { githubActionsPolicy } from '../../facts/github-settings.ts'
import { type Fact, fact, UNKNOWN } from '../../model.ts'
import { type ActionsPolicy, actionsPolicy } from './actions.ts'
import { field, flagOf, switchOf, textOf } from './body.ts'
import { type GithubReader, getOrGap, hiddenGap } from './reader.ts'

/** A repository as the readers of its parts need it. */
export interface GithubRepo {
  readonly owner: string
  readonly name: string
  readonly fullName: string
  readonly scope: string
  /** What GET /repos/{owner}/{repo} answered, or a list with as much. */
  readonly body: unknown
  /** Whether the token's owner is administrator: to others a 404 may mean "not for you". */
  readonly isAdmin: boolean
}

/** Undefined for a body that names no repository. */
export function repoOf(body: unknown, owner: string, client: GithubReader['client']): GithubRepo | undefined {
  const name = field(body, 'name')
  if (typeof name !== 'string') return undefined
  // GitHub leads from the old name of one that was renamed or moved to the new.
  const login = field(field(body, 'owner'), 'login')
  const holder = typeof login === 'string' ? login : owner
  const fullName = `${holder}/${name}`
  // What an App may do is told by 403 alone.
  const isAdmin = client.credential === 'app' || field(field(body, 'permissions'), 'admin') === true
  return { owner: holder, name, fullName, scope: `github:${fullName}`, body, isAdmin }
}

/** The repository's own facts: its settings, and what it sets for GitHub Actions beside what its organisation does. */
export async function readRepository(
  reader: GithubReader,
  repo: GithubRepo,
  organization: ActionsPolicy | undefined,
): Promise<Fact[]> {
  const { context } = reader
  const wanted = context.wants(githubRepository)
  if (!wanted && !context.wants(githubActionsPolicy)) return []
  const parameters = { owner: repo.owner, repo: repo.name }
  const [policy, security] = await Promise.all([
    actionsPolicy(reader, repo.scope, ['GET /repos/{owner}/{repo}/actions/permissions', parameters]),
    wanted ? securitySettings(reader, repo) : undefined,
  ])
  const facts: Fact[] = []
  if (security) facts.push(repositoryFact(repo, policy, security))
  if (context.wants(githubActionsPolicy)) facts.push(policyFact(repo, policy, organization))
  return facts
}

function repositoryFact(repo: GithubRepo, policy: ActionsPolicy, security: Security): Fact {
  const { body, owner, name, fullName, scope } = repo
  const isPrivate = field(body, 'private')
  const visibility = field(body, 'visibility')
  const told = typeof isPrivate === 'boolean' ? (isPrivate ? 'private' : 'public') : UNKNOWN
  return fact(
    githubRepository,
    scope,
    { resource: `github://${fullName}` },
    {
      fullName,
      owner,
      name,
      id: textOf(body, 'id'),
      ownerId: textOf(field(body, 'owner'), 'id'),
      // Old versions of GitHub Enterprise Server tell only whether it is private.
      visibility: typeof visibility === 'string' ? visibility : told,
      fork: flagOf(body, 'fork'),
      defaultBranch: textOf(body, 'default_branch'),
      createdAt: textOf(body, 'created_at'),
      actionsEnabled: policy.enabled,
      allowedActions: policy.allowedActions,
      actionsPinned: policy.actionsPinned,
      defaultTokenPermission: policy.defaultTokenPermission,
      actionsCanApprove: policy.actionsCanApprove,
      ...security,
    },
  )
}

function policyFact(repo: GithubRepo, policy: ActionsPolicy, organization: ActionsPolicy | undefined): Fact {
  const known = (value: string | typeof UNKNOWN | undefined) => (typeof value === 'string' ? value : '')
  const approves = organization?.actionsCanApprove
  return fact(
    githubActionsPolicy,
    repo.scope,
    { resource: `github://${repo.fullName}/settings/actions` },
    {
      holder: repo.fullName,
      level: 'repository',
      ...policy,
      ownerTokenPermission: known(organization?.defaultTokenPermission),
      ownerCanApprove: approves === true ? 'yes' : approves === false ? 'no' : '',
      ownerAllowedActions: known(organization?.allowedActions),
    },
  )
}

type Security = Readonly<
  Record<'secretScanning' | 'pushProtection' | 'dependabotAlerts' | 'securityUpdates', boolean | typeof UNKNOWN>
> & { readonly codeScanning: string | typeof UNKNOWN }

async function securitySettings(reader: GithubReader, repo: GithubRepo): Promise<Security> {
  const analysis = await securityAnalysis(reader, repo)
  const secretScanning = switchOf(analysis, 'secret_scanning')
  const pushProtection = switchOf(analysis, 'secret_scanning_push_protection')
  if (pushProtection === UNKNOWN) {
    const detail =
      'GET /repos/{owner}/{repo} does not tell of secret scanning: only administrators see it (scope repo; fine-grained: repository permission Administration: read), and old versions of GitHub Enterprise Server have none'
    hiddenGap(reader, githubRepository, repo.scope, ['secretScanning', 'pushProtection'], detail)
  }
  const [dependabotAlerts, updates, codeScanning] = await Promise.all([
    onOrOff(reader, repo, 'GET /repos/{owner}/{repo}/vulnerability-alerts', 'dependabotAlerts'),
    onOrOff(reader, repo, 'GET /repos/{owner}/{repo}/automated-security-fixes', 'securityUpdates'),
    defaultSetup(reader, repo),
  ])
  return { secretScanning, pushProtection, dependabotAlerts, securityUpdates: updates, codeScanning }
}

/** Lists do not always tell it; to who is no administrator the repository itself does not, either. */
async function securityAnalysis(reader: GithubReader, { owner, name, body, isAdmin }: GithubRepo): Promise<unknown> {
  const listed = field(body, 'security_and_analysis')
  if (typeof listed === 'object' || !isAdmin) return listed
  const outcome = await reader.get('GET /repos/{owner}/{repo}', { owner, repo: name })
  return 'value' in outcome ? field(outcome.value, 'security_and_analysis') : undefined
}

/** 404 is "off" to an administrator, and "not for you" to others. */
async function onOrOff(
  reader: GithubReader,
  repo: GithubRepo,
  route: string,
  name: 'dependabotAlerts' | 'securityUpdates',
): Promise<boolean | typeof UNKNOWN> {
  const outcome = await reader.get(route, { owner: repo.owner, repo: repo.name })
  if ('value' in outcome) return field(outcome.value, 'enabled') !== false
  if (outcome.failure.status === 404 && repo.isAdmin) return false
  hiddenGap(reader, githubRepository, repo.scope, [name], outcome.failure.detail)
  return UNKNOWN
}

/** Code scanning that GitHub sets up by itself leaves no workflow file. */
async function defaultSetup(reader: GithubReader, repo: GithubRepo): Promise<string | typeof UNKNOWN> {
  const route = 'GET /repos/{owner}/{repo}/code-scanning/default-setup'
  const parameters = { owner: repo.owner, repo: repo.name }
  const outcome = await reader.get(route, parameters)
  if ('value' in outcome) return textOf(outcome.value, 'state')
  // Private repositories without the licence for it are told so.
  if (/must be enabled|not enabled|not available/i.test(outcome.failure.message ?? '')) return 'not-configured'
  return textOf(await getOrGap(reader, repo.scope, [githubRepository], [route, parameters], ['codeScanning']), 'state')
}
