import { githubSecret } from '../../facts/github-credentials.ts'
import { githubEnvironment, githubEnvironmentList, githubOidcSubject } from '../../facts/github-deployment.ts'
import { type Fact, fact, UNKNOWN } from '../../model.ts'
import { field, flagOf, listOf, namesOf, textOf } from './body.ts'
import { secretFact } from './credentials.ts'
import { type GithubReader, getOrGap, listOrGap } from './reader.ts'
import type { GithubRepo } from './repository.ts'

const LIST = 'GET /repos/{owner}/{repo}/environments'
const SECRETS = 'GET /repos/{owner}/{repo}/environments/{environment_name}/secrets'
const POLICIES = 'GET /repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies'
const RULES = 'GET /repos/{owner}/{repo}/environments/{environment_name}/deployment_protection_rules'
const BRANCHES = 'GET /repos/{owner}/{repo}/branches'
const PROTECTION = 'GET /repos/{owner}/{repo}/branches/{branch}/protection'
/** Who may push at all can make a branch, or a tag, of a name that it takes. */
const TAKES_ALL = /^[*/]+$/
const SUBJECT = 'GET /repos/{owner}/{repo}/actions/oidc/customization/sub'

/** Where a repository deploys to, and as whom. */
export async function readDeployment(reader: GithubReader, repo: GithubRepo): Promise<Fact[]> {
  const { context } = reader
  const environments = [githubEnvironment, githubEnvironmentList, githubSecret].some((kind) => context.wants(kind))
  const parts = [
    environments ? readEnvironments(reader, repo) : [],
    context.wants(githubOidcSubject) ? oidcSubject(reader, repo) : [],
  ]
  return (await Promise.all(parts)).flat()
}

async function readEnvironments(reader: GithubReader, repo: GithubRepo): Promise<Fact[]> {
  const parameters = { owner: repo.owner, repo: repo.name }
  const kinds = [githubEnvironment, githubEnvironmentList, githubSecret]
  const { items, complete } = await listOrGap(reader, repo.scope, kinds, [LIST, parameters, 'environments'])
  const facts = (await Promise.all(items.map((item) => environmentFacts(reader, repo, item)))).flat()
  if (!complete || !reader.context.wants(githubEnvironmentList)) return facts
  const at = { resource: `github://${repo.fullName}/environments` }
  const names = items.map((item) => String(field(item, 'name'))).sort()
  return [...facts, fact(githubEnvironmentList, repo.scope, at, { repository: repo.fullName, names })]
}

async function environmentFacts(reader: GithubReader, repo: GithubRepo, item: unknown): Promise<Fact[]> {
  const { context } = reader
  const name = field(item, 'name')
  if (typeof name !== 'string') return []
  const scope = repo.scope
  const ofEnvironment = { owner: repo.owner, repo: repo.name, environment_name: name }
  const secrets = await listOrGap(reader, scope, [githubSecret], [SECRETS, ofEnvironment, 'secrets'])
  if (!secrets.complete) {
    // The same denied call, told of the environment, too: not asked again.
    await listOrGap(reader, scope, [githubEnvironment], [SECRETS, ofEnvironment, 'secrets'], ['secrets'])
  }
  const facts = context.wants(githubSecret)
    ? secrets.items.map((each) => secretFact(each, repo, name, context.now))
    : []
  if (!context.wants(githubEnvironment)) return facts

  const rules = listOf(item, 'protection_rules')
  const review = rules.find((rule) => field(rule, 'type') === 'required_reviewers')
  const wait = rules.find((rule) => field(rule, 'type') === 'wait_timer')
  const reviewers = listOf(review, 'reviewers').length
  const branches = await branchPolicy(reader, repo, item, ofEnvironment)
  const minutes = field(wait, 'wait_timer')
  facts.push(
    fact(
      githubEnvironment,
      scope,
      { resource: `github://${repo.fullName}/environments/${name}` },
      {
        repository: repo.fullName,
        name,
        reviewers,
        preventsSelfReview: field(review, 'prevent_self_review') === true,
        waitMinutes: typeof minutes === 'number' ? minutes : 0,
        customRules: reviewers > 0 ? 0 : await customRules(reader, repo, ofEnvironment),
        ...branches,
        adminsCanBypass: flagOf(item, 'can_admins_bypass'),
        secrets: secrets.complete ? secrets.items.map((each) => String(field(each, 'name'))).sort() : UNKNOWN,
      },
    ),
  )
  return facts
}

type OfEnvironment = { readonly owner: string; readonly repo: string; readonly environment_name: string }

async function branchPolicy(reader: GithubReader, repo: GithubRepo, item: unknown, ofEnvironment: OfEnvironment) {
  const policy = field(item, 'deployment_branch_policy')
  const none = { branchPolicy: 'none', anyBranch: true, patterns: [], tagPatterns: [] } as const
  if (field(policy, 'custom_branch_policies') === true) {
    const fields = ['anyBranch', 'patterns', 'tagPatterns']
    const { items, complete } = await listOrGap(
      reader,
      repo.scope,
      [githubEnvironment],
      [POLICIES, ofEnvironment, 'branch_policies'],
      fields,
    )
    const of = (type: string): readonly string[] | typeof UNKNOWN =>
      complete
        ? items.filter((each) => (field(each, 'type') ?? 'branch') === type).map((each) => String(field(each, 'name')))
        : UNKNOWN
    const anyBranch = complete ? items.some((each) => TAKES_ALL.test(String(field(each, 'name')))) : UNKNOWN
    return { branchPolicy: 'custom', anyBranch, patterns: of('branch'), tagPatterns: of('tag') } as const
  }
  if (field(policy, 'protected_branches') !== true) return none
  const branch = field(repo.body, 'default_branch')
  const ofBranch = { owner: repo.owner, repo: repo.name, branch: typeof branch === 'string' ? branch : '' }
  // One that is protected will do, and the default branch was asked for anyway.
  if (branch && 'value' in (await reader.get(PROTECTION, ofBranch)))
    return { ...none, branchPolicy: 'protected', anyBranch: false } as const
  const parameters = { owner: repo.owner, repo: repo.name, protected: true }
  const listed = await listOrGap(reader, repo.scope, [githubEnvironment], [BRANCHES, parameters], ['anyBranch'])
  const anyBranch = listed.complete ? listed.items.length === 0 : UNKNOWN
  return { branchPolicy: 'protected', anyBranch, patterns: [], tagPatterns: [] } as const
}

/** Protection rules of Apps stand in no list of environments. Asked only where nobody must approve. */
async function customRules(
  reader: GithubReader,
  repo: GithubRepo,
  ofEnvironment: OfEnvironment,
): Promise<number | typeof UNKNOWN> {
  const body = await getOrGap(reader, repo.scope, [githubEnvironment], [RULES, ofEnvironment], ['customRules'])
  if (body === undefined) return UNKNOWN
  return listOf(body, 'custom_deployment_protection_rules').filter((rule) => field(rule, 'enabled') !== false).length
}

async function oidcSubject(reader: GithubReader, repo: GithubRepo): Promise<Fact[]> {
  const { owner, name, fullName, scope } = repo
  const body = await getOrGap(reader, scope, [githubOidcSubject], [SUBJECT, { owner, repo: name }])
  if (body === undefined) return []
  const prefix = textOf(body, 'sub_claim_prefix')
  return [
    fact(
      githubOidcSubject,
      scope,
      { resource: `github://${fullName}/settings/actions/oidc` },
      {
        source: fullName,
        owner,
        repository: fullName,
        useDefault: flagOf(body, 'use_default'),
        claimKeys: namesOf(body, 'include_claim_keys'),
        immutable: flagOf(body, 'use_immutable_subject'),
        prefix,
      },
    ),
  ]
}
