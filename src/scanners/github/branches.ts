import { githubBranchProtection } from '../../facts/github-repository.ts'
import { type Fact, fact, UNKNOWN } from '../../model.ts'
import { field, flagOf, listOf, switchOf } from './body.ts'
import { type GithubReader, hiddenGap, isNotInPlan } from './reader.ts'
import type { GithubRepo } from './repository.ts'
import type { Bypassers, RulesetReader } from './rulesets.ts'

type Flag = boolean | typeof UNKNOWN
/** What one source asks of a branch. A `true` is stricter, so that of two sources the `true` holds. */
interface Demands {
  readonly by: readonly string[]
  readonly pullRequest: Flag
  readonly approvals: number | typeof UNKNOWN
  readonly noForcePush: Flag
  readonly noDeletion: Flag
  readonly statusChecks: Flag
  readonly signatures: Flag
  readonly staleDismissed: Flag
  readonly codeOwners: Flag
  readonly lastPush: Flag
  readonly locked: Flag
  /** For each part of it that asks for pull requests: who need not make one. */
  readonly bypassers: readonly Bypassers[]
}
const NOTHING: Demands = {
  by: [],
  pullRequest: false,
  approvals: 0,
  noForcePush: false,
  noDeletion: false,
  statusChecks: false,
  signatures: false,
  staleDismissed: false,
  codeOwners: false,
  lastPush: false,
  locked: false,
  bypassers: [],
}
const UNSEEN: Demands = {
  ...NOTHING,
  pullRequest: UNKNOWN,
  approvals: UNKNOWN,
  noForcePush: UNKNOWN,
  noDeletion: UNKNOWN,
  statusChecks: UNKNOWN,
  signatures: UNKNOWN,
  staleDismissed: UNKNOWN,
  codeOwners: UNKNOWN,
  lastPush: UNKNOWN,
  locked: UNKNOWN,
  bypassers: [UNKNOWN],
}
const ADMINISTRATORS = 'administrators'

/** What protects the default branch, classic protection and active rulesets together. Empty if there is no such branch yet. */
export async function readBranchProtection(
  reader: GithubReader,
  repo: GithubRepo,
  rulesets: RulesetReader,
): Promise<Fact[]> {
  if (!reader.context.wants(githubBranchProtection)) return []
  const branch = field(repo.body, 'default_branch')
  if (typeof branch !== 'string') return []
  const [classic, rules] = await Promise.all([
    classicDemands(reader, repo, branch),
    rulesetDemands(reader, repo, branch, rulesets),
  ])
  if (classic === 'no branch') return []
  const available = classic !== 'not in plan'
  return [protectionFact(repo, branch, available, [available ? classic : NOTHING, rules])]
}

function protectionFact(
  repo: GithubRepo,
  branch: string,
  available: boolean,
  [classic, rules]: readonly [Demands, Demands],
): Fact {
  const either = (name: keyof Demands) => strict(classic[name] as Flag, rules[name] as Flag)
  const not = (flag: Flag) => (flag === UNKNOWN ? UNKNOWN : !flag)
  const bypassers = everywhere([...classic.bypassers, ...rules.bypassers])
  const pullRequest = either('pullRequest')
  return fact(
    githubBranchProtection,
    repo.scope,
    { resource: `github://${repo.fullName}/branches/${branch}` },
    {
      repository: repo.fullName,
      branch,
      visibility: field(repo.body, 'private') === false ? 'public' : 'private',
      fork: flagOf(repo.body, 'fork'),
      available,
      by: [...classic.by, ...rules.by],
      requiresPullRequest: pullRequest,
      approvals: most(classic.approvals, rules.approvals),
      allowsForcePush: not(either('noForcePush')),
      allowsDeletion: not(either('noDeletion')),
      requiresStatusChecks: either('statusChecks'),
      requiresSignatures: either('signatures'),
      dismissesStaleReviews: either('staleDismissed'),
      requiresCodeOwners: either('codeOwners'),
      requiresLastPushApproval: either('lastPush'),
      holdsForAdmins: pullRequest === true ? holdsForAdmins(bypassers) : pullRequest,
      bypassers,
      locked: either('locked'),
    },
  )
}

function holdsForAdmins(bypassers: Bypassers): Flag {
  if (bypassers === UNKNOWN) return UNKNOWN
  return !bypassers.some((name) => name === ADMINISTRATORS || name === 'role admin')
}

function strict(a: Flag, b: Flag): Flag {
  if (a === true || b === true) return true
  return a === UNKNOWN || b === UNKNOWN ? UNKNOWN : false
}

/** At least this many, where one of two was not seen: what is above none is enough to know. */
function most(a: number | typeof UNKNOWN, b: number | typeof UNKNOWN): number | typeof UNKNOWN {
  const seen = [a, b].filter((each): each is number => each !== UNKNOWN)
  const highest = Math.max(0, ...seen)
  return seen.length < 2 && highest === 0 ? UNKNOWN : highest
}

/** Who is left out by each source that asks for pull requests is left out; one source that was not seen may let in nobody. */
function everywhere(lists: readonly Bypassers[]): Bypassers {
  const seen = lists.filter((list) => list !== UNKNOWN)
  const common = seen.slice(1).reduce((rest, list) => rest.filter((name) => list.includes(name)), seen[0] ?? [])
  return seen.length < lists.length && (common.length > 0 || seen.length === 0) ? UNKNOWN : [...common].sort()
}

async function classicDemands(
  reader: GithubReader,
  repo: GithubRepo,
  branch: string,
): Promise<Demands | 'no branch' | 'not in plan'> {
  const parameters = { owner: repo.owner, repo: repo.name, branch }
  const outcome = await reader.get('GET /repos/{owner}/{repo}/branches/{branch}/protection', parameters)
  if ('value' in outcome) return classicOf(outcome.value)
  const { failure } = outcome
  const { message = '' } = failure
  if (failure.status === 404 && /branch not found/i.test(message)) return 'no branch'
  if (failure.status === 404 && /branch not protected/i.test(message)) return NOTHING
  if (isNotInPlan(failure)) return 'not in plan'
  // Everybody who may read the code is told whether there is any.
  const plain = await reader.get('GET /repos/{owner}/{repo}/branches/{branch}', parameters)
  if ('value' in plain && field(plain.value, 'protected') === false) return NOTHING
  if ('failure' in plain && /branch not found/i.test(plain.failure.message ?? '')) return 'no branch'
  hiddenGap(reader, githubBranchProtection, repo.scope, FIELDS, failure.detail)
  return UNSEEN
}

const FIELDS = [
  'requiresPullRequest',
  'approvals',
  'allowsForcePush',
  'allowsDeletion',
  'requiresStatusChecks',
  'requiresSignatures',
  'dismissesStaleReviews',
  'requiresCodeOwners',
  'requiresLastPushApproval',
  'holdsForAdmins',
  'bypassers',
  'locked',
]

function classicOf(body: unknown): Demands {
  const reviews = field(body, 'required_pull_request_reviews')
  const asked = typeof reviews === 'object' && reviews !== null
  const allowances = field(reviews, 'bypass_pull_request_allowances')
  const named = (part: string, key: string) =>
    listOf(allowances, part).map((each) => `${part.slice(0, -1)} ${field(each, key)}`)
  const admins = switchOf(body, 'enforce_admins') === false ? [ADMINISTRATORS] : []
  const bypassers = [...named('users', 'login'), ...named('teams', 'slug'), ...named('apps', 'slug'), ...admins]
  const on = (name: string) => switchOf(body, name) === true
  return {
    by: ['classic'],
    pullRequest: asked,
    approvals: asked ? numberOf(reviews, 'required_approving_review_count') : 0,
    noForcePush: !on('allow_force_pushes'),
    noDeletion: !on('allow_deletions'),
    statusChecks:
      typeof field(body, 'required_status_checks') === 'object' && field(body, 'required_status_checks') !== null,
    signatures: on('required_signatures'),
    staleDismissed: field(reviews, 'dismiss_stale_reviews') === true,
    codeOwners: field(reviews, 'require_code_owner_reviews') === true,
    lastPush: field(reviews, 'require_last_push_approval') === true,
    locked: on('lock_branch'),
    bypassers: asked ? [bypassers] : [],
  }
}

function numberOf(value: unknown, name: string): number {
  const found = field(value, name)
  return typeof found === 'number' ? found : 0
}

async function rulesetDemands(
  reader: GithubReader,
  repo: GithubRepo,
  branch: string,
  rulesets: RulesetReader,
): Promise<Demands> {
  const route = 'GET /repos/{owner}/{repo}/rules/branches/{branch}'
  const { items, failure } = await reader.list(route, { owner: repo.owner, repo: repo.name, branch })
  if (failure) {
    if (isNotInPlan(failure)) return NOTHING
    hiddenGap(reader, githubBranchProtection, repo.scope, FIELDS, failure.detail)
    return UNSEEN
  }
  const of = (type: string) => items.filter((rule) => field(rule, 'type') === type)
  const reviews = of('pull_request')
  const asks = (name: string) => reviews.some((rule) => field(field(rule, 'parameters'), name) === true)
  const sourcesOf = (rules: readonly unknown[]) =>
    [...new Set(rules.map((rule) => field(rule, 'ruleset_id')))].filter((id) => typeof id === 'number')
  const lists = await Promise.all(sourcesOf(reviews).map((id) => rulesets.bypassers(repo, id)))
  const closed = await Promise.all(sourcesOf(of('update')).map((id) => rulesets.bypassers(repo, id)))
  const names = items.map((rule) => `ruleset ${field(rule, 'ruleset_id')} of ${field(rule, 'ruleset_source')}`)
  return {
    by: [...new Set(names)].sort(),
    pullRequest: reviews.length > 0,
    approvals: Math.max(
      0,
      ...reviews.map((rule) => numberOf(field(rule, 'parameters'), 'required_approving_review_count')),
    ),
    noForcePush: of('non_fast_forward').length > 0,
    noDeletion: of('deletion').length > 0,
    statusChecks: of('required_status_checks').length > 0,
    signatures: of('required_signatures').length > 0,
    staleDismissed: asks('dismiss_stale_reviews_on_push'),
    codeOwners: asks('require_code_owner_review'),
    lastPush: asks('require_last_push_approval'),
    locked: closed.map(({ broad }) => isClosedTo(broad)).reduce(strict, false),
    bypassers: lists.map(({ all }) => all),
  }
}

/** Nobody may push but those who may bypass it: where these are many, or a key, it is not closed. */
function isClosedTo(broad: Bypassers): Flag {
  return broad === UNKNOWN ? UNKNOWN : broad.length === 0
}
