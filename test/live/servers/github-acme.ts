import {
  type GitHubAnswers,
  type GitHubRequest,
  githubBody,
  githubOrganization,
  githubRepository,
  githubUser,
  page,
} from './github.ts'

const ok = (body: unknown) => () => ({ body })
/** A list within an object, `{ total_count, secrets: […] }`, page by page. */
export const listIn = (field: string, items: unknown[]) => (request: GitHubRequest) => {
  const { body, headers } = page(request, items)
  return { body: { total_count: items.length, [field]: body }, ...(headers && { headers }) }
}
const secret = (name: string, updated_at: string, more = {}) => ({ name, created_at: updated_at, updated_at, ...more })

const ENABLED = { status: 'enabled' }

export const RULESET = {
  id: 42,
  name: 'protect main',
  target: 'branch',
  source_type: 'Organization',
  source: 'acme',
  enforcement: 'active',
}
const PULL_REQUEST = {
  dismiss_stale_reviews_on_push: true,
  require_code_owner_review: false,
  require_last_push_approval: false,
  required_approving_review_count: 1,
  required_review_thread_resolution: false,
}
/** A rule that holds for a branch, as the list of them tells it. */
export function activeRule(type: string, parameters?: object) {
  const from = { ruleset_source_type: 'Organization', ruleset_source: 'acme', ruleset_id: 42 }
  return { type, ...(parameters && { parameters }), ...from }
}

/** A repository as an administrator's list holds it. */
export function listed(name: string, more: object = {}) {
  const { private: isPrivate = true, ...rest } = more as { private?: boolean }
  return githubRepository('acme', name, {
    id: 456789,
    private: isPrivate,
    visibility: isPrivate ? 'private' : 'public',
    security_and_analysis: { secret_scanning: ENABLED, secret_scanning_push_protection: ENABLED },
    permissions: { admin: true, push: true, pull: true },
    ...rest,
  })
}

/** An organisation with one repository, `acme/shop`, both well kept but for what a test changes. */
export function acmeAnswers(): GitHubAnswers {
  const org = '/orgs/{org}'
  const repo = '/repos/{owner}/{repo}'
  return {
    'GET /orgs/{org}': ok(
      githubOrganization({
        login: 'acme',
        two_factor_requirement_enabled: true,
        default_repository_permission: 'read',
      }),
    ),
    [`GET ${org}/members`]: (request) => page(request, request.query.get('filter') ? [] : [githubUser('olga')]),
    [`GET ${org}/outside_collaborators`]: (request) => page(request, []),
    [`GET ${org}/actions/permissions`]: ok({ enabled_repositories: 'all', allowed_actions: 'selected' }),
    [`GET ${org}/actions/permissions/workflow`]: ok({
      default_workflow_permissions: 'read',
      can_approve_pull_request_reviews: false,
    }),
    [`GET ${org}/actions/oidc/customization/sub`]: ok({ include_claim_keys: [] }),
    [`GET ${org}/actions/runner-groups`]: listIn('runner_groups', []),
    [`GET ${org}/actions/secrets`]: listIn('secrets', []),
    [`GET ${org}/hooks`]: (request) => page(request, []),
    [`GET ${org}/installations`]: listIn('installations', []),
    [`GET ${org}/repos`]: (request) => page(request, [listed('shop')]),
    [`GET ${repo}`]: ok(listed('shop')),
    [`GET ${repo}/actions/permissions`]: ok({ enabled: true, allowed_actions: 'selected' }),
    [`GET ${repo}/actions/permissions/workflow`]: ok({
      default_workflow_permissions: 'read',
      can_approve_pull_request_reviews: false,
    }),
    [`GET ${repo}/actions/oidc/customization/sub`]: ok({
      use_default: true,
      sub_claim_prefix: 'repo:acme@1/shop@456789',
    }),
    [`GET ${repo}/actions/runners`]: listIn('runners', []),
    [`GET ${repo}/actions/secrets`]: listIn('secrets', [secret('NPM_TOKEN', '2026-05-01T00:00:00Z')]),
    [`GET ${repo}/automated-security-fixes`]: ok({ enabled: true, paused: false }),
    [`GET ${repo}/branches/{branch}/protection`]: () => notProtected(),
    [`GET ${repo}/code-scanning/default-setup`]: ok({ state: 'configured' }),
    [`GET ${repo}/collaborators`]: (request) => page(request, []),
    [`GET ${repo}/environments`]: listIn('environments', [environment('production', { reviewers: 1 })]),
    [`GET ${repo}/environments/{environment_name}/secrets`]: listIn('secrets', [
      secret('DEPLOY_KEY', '2026-05-01T00:00:00Z'),
    ]),
    [`GET ${repo}/hooks`]: (request) => page(request, []),
    [`GET ${repo}/keys`]: (request) => page(request, []),
    [`GET ${repo}/rules/branches/{branch}`]: (request) =>
      page(request, [activeRule('pull_request', PULL_REQUEST), activeRule('non_fast_forward'), activeRule('deletion')]),
    [`GET ${repo}/rulesets`]: (request) => page(request, [RULESET]),
    [`GET ${repo}/rulesets/{ruleset_id}`]: ok(ruleset({ bypass_actors: [] })),
    [`GET ${repo}/vulnerability-alerts`]: () => ({ status: 204 }),
  }
}

/** The ruleset with its details; `more` may take the place of what is in it. */
export function ruleset(more: object) {
  return {
    ...RULESET,
    conditions: { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } },
    rules: [{ type: 'pull_request', parameters: PULL_REQUEST }, { type: 'non_fast_forward' }, { type: 'deletion' }],
    ...more,
  }
}

/** An environment with people who review, or a policy for branches. */
export function environment(name: string, { reviewers = 0, policy = null as object | null } = {}) {
  const person = { type: 'User', reviewer: githubUser('olga') }
  const review = { id: 1, node_id: 'x', type: 'required_reviewers', reviewers: Array(reviewers).fill(person) }
  return {
    id: 7,
    node_id: 'x',
    name,
    url: 'https://api.github.invalid/e',
    html_url: 'https://github.invalid/e',
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    protection_rules: reviewers > 0 ? [review] : [],
    deployment_branch_policy: policy,
  }
}

export function hook(config: object, more: object = {}) {
  return githubBody('hook', { id: 9, name: 'web', active: true, events: ['push'], config, ...more })
}

export function deployKey(more: object) {
  return githubBody('deploy-key', {
    id: 3,
    title: 'release',
    read_only: true,
    created_at: '2026-01-01T00:00:00Z',
    ...more,
  })
}

/** What GitHub says of a branch to those who may see that it has no protection. */
export function notProtected() {
  return {
    status: 404,
    body: { message: 'Branch not protected', documentation_url: 'https://docs.github.com/rest', status: '404' },
  }
}
