import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { githubDeployKey, githubSecret } from '../../src/facts/github-credentials.ts'
import { githubEnvironment, githubOidcSubject } from '../../src/facts/github-deployment.ts'
import { githubBranchProtection, githubRepository, githubRuleset } from '../../src/facts/github-repository.ts'
import { githubActionsPolicy, githubRunnerGroup, githubWebhook } from '../../src/facts/github-settings.ts'
import type { GithubTarget } from '../../src/model.ts'
import { githubScanner } from '../../src/scanners/github/index.ts'
import { mfaGithubScanner } from '../../src/scanners/mfa/github.ts'
import { collect, NO_TARGETS } from '../support/context.ts'
import { forbidden, type GitHubServer, githubBody, githubUser, notFound, page, startGitHub } from './servers/github.ts'
import {
  acmeAnswers,
  deployKey,
  environment,
  hook,
  listed,
  listIn,
  notProtected,
  ruleset,
} from './servers/github-acme.ts'

const REPO = 'GET /repos/{owner}/{repo}'
const ORG = 'GET /orgs/{org}'
const TOKEN = ['ghp', 'y'.repeat(36)].join('_')

let server: GitHubServer
beforeEach(async () => {
  server = await startGitHub(acmeAnswers())
})
afterEach(async () => {
  expect(server.violations).toEqual([])
  await server.stop()
})

async function scan(target: Partial<GithubTarget> = {}, kinds?: readonly string[]) {
  const github = [{ owner: 'acme', url: server.url, token: TOKEN, ...target }]
  const seen = await collect(githubScanner, {
    targets: { ...NO_TARGETS, github },
    limits: { maxFileSize: 1, timeoutSeconds: 30 },
    ...(kinds && { wants: ({ kind }) => kinds.includes(kind) }),
  })
  expect(JSON.stringify([seen.facts, seen.gaps])).not.toContain(TOKEN)
  return seen
}
const faults = (gaps: readonly { kind: string; class: string; fields?: readonly string[] | undefined }[]) =>
  gaps.filter((gap) => gap.class === 'fault')

describe('an organisation whose owner asks', () => {
  it('is told whole', async () => {
    const { gaps, of } = await scan()
    expect(faults(gaps)).toEqual([])
    expect(gaps.map(({ kind, reason }) => [kind, reason])).toEqual([['github.token-grant', 'shown to Apps only']])
    expect(of(githubRepository).map(({ scope, data, unknown }) => [scope, data, unknown])).toEqual([
      [
        'github:acme/shop',
        expect.objectContaining({
          fullName: 'acme/shop',
          id: '456789',
          visibility: 'private',
          defaultTokenPermission: 'read',
          pushProtection: true,
          dependabotAlerts: true,
          securityUpdates: true,
          codeScanning: 'configured',
        }),
        [],
      ],
    ])
    expect(of(githubActionsPolicy).map(({ data }) => [data.holder, data.level])).toEqual([
      ['acme', 'organization'],
      ['acme/shop', 'repository'],
    ])
    expect(of(githubOidcSubject).map(({ data }) => [data.source, data.useDefault, data.prefix])).toEqual([
      ['acme', true, ''],
      ['acme/shop', true, 'repo:acme@1/shop@456789'],
    ])
    expect(of(githubSecret).map(({ data }) => [data.name, data.level, data.environment, data.ageDays])).toEqual([
      ['DEPLOY_KEY', 'environment', 'production', 31],
      ['NPM_TOKEN', 'repository', '', 31],
    ])
  })

  it('is asked nothing twice, by both scanners together', async () => {
    const targets = { ...NO_TARGETS, github: [{ owner: 'acme', url: server.url, token: TOKEN }] }
    await collect(mfaGithubScanner, { targets })
    await collect(githubScanner, { targets })
    expect(server.calls.get(ORG)).toBe(1)
    expect(server.calls.get(`${REPO}/rulesets/{ruleset_id}`)).toBe(1)
    expect(server.calls.get(`${REPO}/branches/{branch}/protection`)).toBe(1)
  })

  it('is asked no more than the rules need', async () => {
    await scan({}, ['github.deploy-key'])
    expect([...server.calls.keys()].sort()).toEqual([ORG, `${ORG}/repos`, `${REPO}/keys`])
  })

  it('has three pages of repositories, archived ones among them', async () => {
    const many = Array.from({ length: 250 }, (_, i) => listed(`r${i}`, { archived: i >= 120 }))
    server.answers[`${ORG}/repos`] = (request) => page(request, many)
    const { of } = await scan({}, ['github.actions-policy'])
    expect(server.calls.get(`${ORG}/repos`)).toBe(3)
    expect(of(githubActionsPolicy)).toHaveLength(121)
  })

  it('sends no more than four requests at a time', async () => {
    let running = 0
    let most = 0
    const many = Array.from({ length: 20 }, (_, i) => listed(`r${i}`))
    server.answers[`${ORG}/repos`] = (request) => page(request, many)
    server.answers[`${REPO}/keys`] = async (request) => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 5))
      running--
      return page(request, [])
    }
    await scan({}, ['github.deploy-key'])
    expect(most).toBe(4)
  })
})

describe('protection of the default branch', () => {
  const protection = async () => {
    const seen = await scan({}, ['github.branch-protection'])
    const [only] = seen.of(githubBranchProtection)
    return { ...seen, data: only?.data, unknown: only?.unknown }
  }

  it('is that of active rulesets', async () => {
    const { data, gaps } = await protection()
    expect(gaps).toEqual([])
    expect(data).toMatchObject({
      branch: 'main',
      by: ['ruleset 42 of acme'],
      approvals: 1,
      allowsForcePush: false,
      allowsDeletion: false,
      holdsForAdmins: true,
      bypassers: [],
    })
  })

  it('is the stricter of classic protection and rulesets', async () => {
    server.answers[`${REPO}/branches/{branch}/protection`] = () => ({
      body: {
        url: 'https://api.github.invalid/p',
        required_pull_request_reviews: {
          url: 'https://api.github.invalid/r',
          dismiss_stale_reviews: false,
          require_code_owner_reviews: true,
          required_approving_review_count: 2,
        },
        enforce_admins: { url: 'https://api.github.invalid/a', enabled: false },
        allow_force_pushes: { enabled: true },
      },
    })
    const { data } = await protection()
    expect(data).toMatchObject({
      by: ['classic', 'ruleset 42 of acme'],
      approvals: 2,
      requiresCodeOwners: true,
      dismissesStaleReviews: true,
      allowsForcePush: false,
      // Administrators need not follow the classic one, but the ruleset.
      bypassers: [],
      holdsForAdmins: true,
    })
  })

  it('is none where GitHub says that the branch has none', async () => {
    server.answers[`${REPO}/rules/branches/{branch}`] = (request) => page(request, [])
    const { data, gaps } = await protection()
    expect(gaps).toEqual([])
    expect(data).toMatchObject({ by: [], requiresPullRequest: false, approvals: 0, allowsForcePush: true })
  })

  it('is not seen where 404 may mean that the token may not see it', async () => {
    server.answers[`${REPO}/branches/{branch}/protection`] = notFound
    server.answers[`${REPO}/branches/{branch}`] = () => ({ body: branchBody(true) })
    server.answers[`${REPO}/rules/branches/{branch}`] = (request) => page(request, [])
    const { data, unknown, gaps } = await protection()
    expect(data).not.toHaveProperty('approvals')
    expect(unknown).toContain('allowsForcePush')
    expect(gaps).toMatchObject([{ kind: 'github.branch-protection', class: 'fault', scope: 'github:acme/shop' }])
    expect(gaps[0]?.detail).toMatch(/branches\/\{branch\}\/protection: HTTP 404; needs .* repo.* Administration: read/)
  })

  it('is none for certain where everybody may see that the branch is not protected', async () => {
    server.answers[`${REPO}/branches/{branch}/protection`] = notFound
    server.answers[`${REPO}/branches/{branch}`] = () => ({ body: branchBody(false) })
    server.answers[`${REPO}/rules/branches/{branch}`] = (request) => page(request, [])
    const { data, gaps } = await protection()
    expect(gaps).toEqual([])
    expect(data).toMatchObject({ approvals: 0, allowsForcePush: true })
  })

  it('is none where the plan has none', async () => {
    const upgrade = () => forbidden('Upgrade to GitHub Pro or make this repository public to enable this feature.')
    server.answers[`${REPO}/branches/{branch}/protection`] = upgrade
    server.answers[`${REPO}/rules/branches/{branch}`] = upgrade
    const { data, gaps } = await protection()
    expect(gaps).toEqual([])
    expect(data).toMatchObject({ available: false, approvals: 0 })
  })

  it('is not asked of where there is no branch yet', async () => {
    server.answers[`${REPO}/branches/{branch}/protection`] = () => ({
      ...notProtected(),
      body: { message: 'Branch not found', documentation_url: 'x', status: '404' },
    })
    const { facts, gaps } = await protection()
    expect([facts, gaps]).toEqual([[], []])
  })
})

function branchBody(isProtected: boolean) {
  return githubBody('branch-with-protection', { name: 'main', protected: isProtected })
}

describe('rulesets', () => {
  it('tell who may bypass them', async () => {
    server.answers[`${REPO}/rulesets/{ruleset_id}`] = () => ({
      body: ruleset({
        bypass_actors: [
          { actor_id: 4, actor_type: 'RepositoryRole', bypass_mode: 'always' },
          { actor_id: 5, actor_type: 'RepositoryRole', bypass_mode: 'pull_request' },
          { actor_id: null, actor_type: 'DeployKey', bypass_mode: 'always' },
        ],
      }),
    })
    const { of, gaps } = await scan({}, ['github.ruleset'])
    expect(gaps).toEqual([])
    expect(
      of(githubRuleset).map(({ scope, data }) => [scope, data.enforcement, data.bypassers, data.broadBypassers]),
    ).toEqual([['github:acme', 'active', ['deploy keys', 'role write'], ['deploy keys', 'role write']]])
  })

  it('hide it from those who may not change them: a gap', async () => {
    server.answers[`${REPO}/rulesets/{ruleset_id}`] = () => ({ body: ruleset({}) })
    const { of, gaps } = await scan({}, ['github.ruleset'])
    expect(of(githubRuleset)[0]?.unknown).toEqual(['bypassers', 'broadBypassers'])
    expect(gaps).toMatchObject([
      { kind: 'github.ruleset', scope: 'github:acme', class: 'limit', fields: ['bypassers', 'broadBypassers'] },
    ])
  })
})

describe('environments', () => {
  const environments = async (...items: object[]) => {
    server.answers[`${REPO}/environments`] = listIn('environments', items)
    server.answers[`${REPO}/environments/{environment_name}/deployment_protection_rules`] = () => ({
      body: { total_count: 0, custom_deployment_protection_rules: [] },
    })
    const seen = await scan({}, ['github.environment'])
    return { ...seen, data: seen.of(githubEnvironment)[0]?.data, unknown: seen.of(githubEnvironment)[0]?.unknown }
  }

  it('take branches by pattern', async () => {
    server.answers[`${REPO}/environments/{environment_name}/deployment-branch-policies`] = listIn('branch_policies', [
      { id: 1, node_id: 'x', name: 'release/*', type: 'branch' },
      { id: 2, node_id: 'x', name: 'v*', type: 'tag' },
    ])
    const { data } = await environments(
      environment('production', { policy: { protected_branches: false, custom_branch_policies: true } }),
    )
    expect(data).toMatchObject({
      branchPolicy: 'custom',
      anyBranch: false,
      patterns: ['release/*'],
      tagPatterns: ['v*'],
      secrets: ['DEPLOY_KEY'],
    })
  })

  it('take every branch where only protected ones may deploy and none is protected', async () => {
    const policy = { protected_branches: true, custom_branch_policies: false }
    server.answers[`${REPO}/branches`] = (request) => page(request, [])
    expect((await environments(environment('production', { policy }))).data).toMatchObject({ anyBranch: true })
    server.answers[`${REPO}/branches`] = (request) =>
      page(request, [githubBody('short-branch', { name: 'main', protected: true })])
    expect((await environments(environment('production', { policy }))).data).toMatchObject({ anyBranch: false })
  })

  it('whose secrets may not be seen are no environments without secrets', async () => {
    server.answers[`${REPO}/environments/{environment_name}/secrets`] = () => forbidden()
    const { unknown, gaps } = await environments(environment('production'))
    expect(unknown).toContain('secrets')
    expect(gaps).toMatchObject([{ kind: 'github.environment', fields: ['secrets'], class: 'fault' }])
    expect(gaps[0]?.detail).toContain('Environments: read')
  })
})

it('keeps of a webhook no more than its host', async () => {
  const address = `https://hooks.example.com/T0/${'k'.repeat(24)}`
  server.answers[`${REPO}/hooks`] = (request) =>
    page(request, [
      hook({ url: address, insecure_ssl: '1' }),
      hook({ url: 'http://ci.example.com/x', secret: '********' }, { id: 10 }),
    ])
  const { of, facts } = await scan({}, ['github.webhook'])
  expect(JSON.stringify(facts)).not.toContain('kkkk')
  expect(of(githubWebhook).map(({ data }) => [data.host, data.scheme, data.verifiesTls, data.hasSecret])).toEqual([
    ['hooks.example.com', 'https', false, false],
    ['ci.example.com', 'http', true, true],
  ])
})

it('tells deploy keys by what they may do and when they were used', async () => {
  server.answers[`${REPO}/keys`] = (request) =>
    page(request, [
      deployKey({ id: 1, read_only: false, last_used: null, added_by: 'olga' }),
      deployKey({ id: 2, last_used: '2026-05-31T00:00:00Z' }),
    ])
  const { of } = await scan({}, ['github.deploy-key'])
  expect(
    of(githubDeployKey).map(({ data }) => [data.id, data.canWrite, data.ageDays, data.usedDays, data.addedBy]),
  ).toEqual([
    ['1', true, 151, -1, 'olga'],
    ['2', false, 151, 1, ''],
  ])
})

it('counts the machines of a group of runners', async () => {
  const group = githubBody('runner-groups-org', {
    id: 1,
    name: 'Default',
    visibility: 'all',
    allows_public_repositories: true,
  })
  server.answers[`${ORG}/actions/runner-groups`] = listIn('runner_groups', [group])
  server.answers[`${ORG}/actions/runner-groups/{runner_group_id}/runners`] = listIn('runners', [githubBody('runner')])
  const { of } = await scan({}, ['github.runner-group'])
  expect(of(githubRunnerGroup).map(({ data }) => [data.name, data.allowsPublic, data.runners])).toEqual([
    ['Default', true, 1],
  ])
})

describe('one repository', () => {
  it('is read alone', async () => {
    const { of } = await scan({ repository: 'shop' })
    expect(of(githubRepository)).toHaveLength(1)
    expect(server.calls.has(`${ORG}/repos`)).toBe(false)
  })

  it('is told of what a reader without its administration may see', async () => {
    const denied = [
      '/actions/permissions',
      '/actions/permissions/workflow',
      '/keys',
      '/hooks',
      '/actions/secrets',
      '/actions/runners',
      '/code-scanning/default-setup',
      '/automated-security-fixes',
    ]
    for (const part of denied) server.answers[`${REPO}${part}`] = () => forbidden()
    server.answers[`${REPO}/vulnerability-alerts`] = notFound
    server.answers[REPO] = () => ({
      body: listed('shop', { permissions: { admin: false, push: true, pull: true }, security_and_analysis: undefined }),
    })
    const { of, gaps } = await scan({ repository: 'shop' })
    const [repository] = of(githubRepository)
    expect(repository?.unknown).toEqual([
      'actionsEnabled',
      'allowedActions',
      'actionsPinned',
      'defaultTokenPermission',
      'actionsCanApprove',
      'secretScanning',
      'pushProtection',
      'dependabotAlerts',
      'securityUpdates',
      'codeScanning',
    ])
    const kinds = new Set(faults(gaps).map(({ kind }) => kind))
    expect([...kinds].sort()).toEqual([
      'github.actions-policy',
      'github.deploy-key',
      'github.repository',
      'github.runner',
      'github.secret',
      'github.webhook',
    ])
    for (const gap of faults(gaps))
      expect((gap as { detail?: string }).detail).toMatch(/scope repo|Administration: read/)
  })
})

it('reads repositories of a person, who has no organisation', async () => {
  server.answers[ORG] = notFound
  server.answers['GET /users/{username}'] = () => ({ body: githubBody('public-user', { login: 'amy', type: 'User' }) })
  server.answers['GET /user'] = () => ({ body: githubBody('public-user', { login: 'bob', type: 'User' }) })
  server.answers['GET /users/{username}/repos'] = (request) =>
    page(request, [listed('shop', { private: false, owner: githubUser('amy') })])
  const { of, gaps } = await scan({ owner: 'amy' }, ['github.actions-policy', 'github.app-installation'])
  expect(gaps).toEqual([])
  expect(of(githubActionsPolicy).map(({ data }) => [data.holder, data.ownerTokenPermission])).toEqual([
    ['amy/shop', ''],
  ])
})

it('takes a second factor of managed users for what their identity provider decides', async () => {
  server.answers[`${ORG}/members`] = (request) => page(request, [githubUser('amy_acme'), githubUser('ben_acme')])
  const seen = await collect(mfaGithubScanner, {
    targets: { ...NO_TARGETS, github: [{ owner: 'acme', url: server.url, token: TOKEN }] },
  })
  expect(seen.gaps).toMatchObject([{ kind: 'github.member', class: 'limit', reason: 'managed users' }])
  expect(seen.facts.filter(({ data }) => 'hasTwoFactor' in data)).toEqual([])
})
