import { type Need, needOf } from './action-permissions.ts'

/**
 * Which scope of the token a call of GitHub's REST API needs: the folder below `/repos/OWNER/NAME/`, with the access for reading and
 * for writing. The longest prefix wins.
 * Source: https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
 */
const ROUTES: readonly (readonly [prefix: string, scopes: string])[] = [
  ['', 'contents'],
  ['actions', 'actions'],
  ['attestations', 'attestations'],
  ['branches', 'contents'],
  ['check-runs', 'checks'],
  ['check-suites', 'checks'],
  ['code-scanning', 'security-events'],
  ['collaborators', 'contents'],
  ['commits', 'contents'],
  ['commits/*/check-runs', 'checks'],
  ['commits/*/check-suites', 'checks'],
  ['commits/*/status', 'statuses'],
  ['commits/*/statuses', 'statuses'],
  ['commits/*/pulls', 'pull-requests'],
  ['compare', 'contents'],
  ['contents', 'contents'],
  ['dependency-graph', 'contents'],
  ['deployments', 'deployments'],
  ['discussions', 'discussions'],
  ['dispatches', 'contents'],
  ['environments', 'actions'],
  ['git', 'contents'],
  ['issues', 'issues|pull-requests'],
  ['labels', 'issues|pull-requests'],
  ['merges', 'contents'],
  ['milestones', 'issues|pull-requests'],
  ['pages', 'pages'],
  ['pulls', 'pull-requests'],
  ['pulls/*/merge', 'contents'],
  ['releases', 'contents'],
  ['statuses', 'statuses'],
  ['tags', 'contents'],
  ['tarball', 'contents'],
  ['zipball', 'contents'],
]
/** Settings and people: no scope of GITHUB_TOKEN opens them, so a call needs another token. */
const NOT_FOR_THE_TOKEN =
  /^(?:hooks|keys|secret-scanning|rulesets|teams|transfer|vulnerability-alerts|automated-security-fixes)\b/

/** What a call needs; `none` if any token may make it, undefined for a route that is not known. */
export function needOfRoute(method: string, route: string): Need | 'none' | undefined {
  const path = route
    .replace(/^https:\/\/api\.github\.com/i, '')
    .replace(/[?#].*$/, '')
    .replace(/^\/+/, '')
  if (
    /^(?:rate_limit|meta|octocat|zen|emojis|users?\b|orgs\/[^/]+(?:\/members\b.*)?$|search\/|licenses|gitignore)/.test(
      path,
    )
  )
    return method === 'GET' ? 'none' : undefined
  if (/^(?:orgs|users|user)\/(?:[^/]+\/)?packages\b/.test(path)) return needOf(`packages: ${accessOf(method)}`)
  // Expressions and variables stand for owner and name: `repos/${{ github.repository }}/…` or `repos/$GITHUB_REPOSITORY/…`.
  const rest =
    /^repos\/(?:\{owner\}\/\{repo\}|:owner\/:repo|\$\{?(?:GITHUB_REPOSITORY|GH_REPO|REPO|REPOSITORY)\}?|<repository>|[^/$]+\/[^/]+|\$\{?\w+\}?\/\$\{?\w+\}?)(?:\/(.*))?$/.exec(
      path,
    )
  if (!rest) return undefined
  const below = rest[1] ?? ''
  if (NOT_FOR_THE_TOKEN.test(below)) return 'none'
  const found = [...ROUTES].filter(([prefix]) => begins(below, prefix)).sort(([a], [b]) => b.length - a.length)[0]
  if (!found || (found[0] === '' && below !== '')) return undefined
  const comparing = found[0] === 'labels' || found[0] === 'milestones' ? 'issues|pull-requests' : found[1]
  return needOf(`${comparing}: ${accessOf(method)}`)
}

function accessOf(method: string): 'read' | 'write' {
  return method === 'GET' || method === 'HEAD' ? 'read' : 'write'
}

function begins(path: string, prefix: string): boolean {
  if (prefix === '') return true
  const parts = path.split('/')
  return prefix.split('/').every((part, i) => parts[i] !== undefined && (part === '*' || part === parts[i]))
}

/**
 * What commands of `gh` need; the first words decide, the longest prefix wins. An empty text: none.
 * Source: https://cli.github.com/manual/ and the routes that the commands call.
 */
const GH_COMMANDS: Readonly<Record<string, string>> = {
  alias: '',
  attestation: 'attestations:kept contents:kept',
  auth: '',
  'auth setup-git': '',
  'cache delete': 'actions:write',
  'cache list': 'actions:read',
  config: '',
  extension: '',
  'issue close': 'issues:write',
  'issue comment': 'issues:write',
  'issue create': 'issues:write',
  'issue delete': 'issues:write',
  'issue edit': 'issues:write',
  'issue list': 'issues:read',
  'issue lock': 'issues:write',
  'issue pin': 'issues:write',
  'issue reopen': 'issues:write',
  'issue unlock': 'issues:write',
  'issue view': 'issues:read',
  'label create': 'issues|pull-requests:write',
  'label delete': 'issues|pull-requests:write',
  'label edit': 'issues|pull-requests:write',
  'label list': 'issues|pull-requests:read',
  'pr checkout': 'contents:read pull-requests:read',
  'pr checks': 'checks:read pull-requests:read statuses:kept',
  'pr close': 'pull-requests:write',
  'pr comment': 'pull-requests:write',
  'pr create': 'pull-requests:write contents:kept',
  'pr diff': 'pull-requests:read contents:kept',
  'pr edit': 'pull-requests:write issues:kept repository-projects:kept',
  'pr list': 'pull-requests:read',
  'pr lock': 'pull-requests:write',
  'pr merge': 'contents:write pull-requests:write',
  'pr ready': 'pull-requests:write',
  'pr reopen': 'pull-requests:write',
  'pr review': 'pull-requests:write',
  'pr status': 'pull-requests:read',
  'pr update-branch': 'contents:write pull-requests:write',
  'pr view': 'pull-requests:read issues:kept checks:kept statuses:kept',
  'release create': 'contents:write discussions:kept',
  'release delete': 'contents:write',
  'release delete-asset': 'contents:write',
  'release download': 'contents:read',
  'release edit': 'contents:write',
  'release list': 'contents:read',
  'release upload': 'contents:write',
  'release verify': 'attestations:kept contents:read',
  'release view': 'contents:read',
  'repo clone': 'contents:read',
  'repo set-default': '',
  'repo view': 'contents:read',
  'run cancel': 'actions:write',
  'run delete': 'actions:write',
  'run download': 'actions:read',
  'run list': 'actions:read',
  'run rerun': 'actions:write',
  'run view': 'actions:read checks:kept',
  'run watch': 'actions:read checks:kept',
  search: 'issues:kept pull-requests:kept contents:kept',
  status: '',
  version: '',
  'workflow disable': 'actions:write',
  'workflow enable': 'actions:write',
  'workflow list': 'actions:read',
  'workflow run': 'actions:write',
  'workflow view': 'actions:read',
}

/** What `gh WORDS…` needs; undefined if the command is not known. `gh api` is {@link needOfRoute}'s. */
export function needsOfGh(words: readonly string[]): readonly Need[] | undefined {
  const [first = '', second = ''] = words
  const row = GH_COMMANDS[`${first} ${second}`] ?? GH_COMMANDS[first]
  return row === undefined ? undefined : row === '' ? [] : row.split(' ').map(needOf)
}

/**
 * What methods of Octokit need, by namespace, as far as one access is enough to tell: reading for names that begin with get, list,
 * check or compare, writing else. Source: https://octokit.github.io/rest.js and the routes behind it.
 */
const NAMESPACES: Readonly<Record<string, string>> = {
  actions: 'actions',
  checks: 'checks',
  codeScanning: 'security-events',
  dependencyGraph: 'contents',
  git: 'contents',
  issues: 'issues|pull-requests',
  pulls: 'pull-requests',
  repos: 'contents',
  reactions: 'issues|pull-requests',
}
const METHODS: Readonly<Record<string, string>> = {
  'actions.createWorkflowDispatch': 'actions:write',
  'pulls.merge': 'contents:write pull-requests:kept',
  'pulls.updateBranch': 'contents:write pull-requests:write',
  'repos.createCommitStatus': 'statuses:write',
  'repos.getCombinedStatusForRef': 'statuses:read',
  'repos.listCommitStatusesForRef': 'statuses:read',
  'repos.createDeployment': 'deployments:write contents:kept',
  'repos.createDeploymentStatus': 'deployments:write',
  'repos.deleteDeployment': 'deployments:write',
  'repos.listDeployments': 'deployments:read',
  'repos.listDeploymentStatuses': 'deployments:read',
  'repos.getDeployment': 'deployments:read',
  'repos.listPullRequestsAssociatedWithCommit': 'pull-requests:read',
  'repos.getCollaboratorPermissionLevel': 'contents:kept',
  'reactions.createForCommitComment': 'contents:write',
  'reactions.createForPullRequestReviewComment': 'pull-requests:write',
  'orgs.checkMembershipForUser': '',
  'orgs.checkPublicMembershipForUser': '',
  'teams.listMembersInOrg': '',
  'teams.getMembershipForUserInOrg': '',
  'rateLimit.get': '',
  'meta.get': '',
  'search.issuesAndPullRequests': 'issues:kept pull-requests:kept',
  'search.code': 'contents:kept',
  'search.commits': 'contents:kept',
  'users.getByUsername': '',
  'users.getAuthenticated': '',
}

/** What `github.rest.NAMESPACE.METHOD(…)` needs; undefined if it is not known. */
export function needsOfMethod(namespace: string, method: string): readonly Need[] | undefined {
  const row = METHODS[`${namespace}.${method}`]
  if (row !== undefined) return row === '' ? [] : row.split(' ').map(needOf)
  const scopes = NAMESPACES[namespace]
  if (!scopes) return undefined
  return [needOf(`${scopes}: ${/^(?:get|list|check(?!.*create)|compare|download)/.test(method) ? 'read' : 'write'}`)]
}
