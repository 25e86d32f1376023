import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { githubDeployKey } from '../../src/facts/github-credentials.ts'
import { githubEnvironment } from '../../src/facts/github-deployment.ts'
import { githubBranchProtection } from '../../src/facts/github-repository.ts'
import type { GithubTarget } from '../../src/model.ts'
import { githubScanner } from '../../src/scanners/github/index.ts'
import { collect, NO_TARGETS } from '../support/context.ts'
import { forbidden, type GitHubServer, page, startGitHub } from './servers/github.ts'
import { acmeAnswers, activeRule, deployKey, environment, listed, listIn, ruleset } from './servers/github-acme.ts'

// Answers that GitHub does not describe, or that mean another thing than they seem to. The server's own check is not asked here.

const REPO = 'GET /repos/{owner}/{repo}'
const ORG = 'GET /orgs/{org}'
const TOKEN = ['ghp', 'q'.repeat(36)].join('_')

let server: GitHubServer
beforeEach(async () => {
  server = await startGitHub(acmeAnswers())
})
afterEach(() => server.stop())

async function scan(kinds: readonly string[], target: Partial<GithubTarget> = {}) {
  const github = [{ owner: 'acme', url: server.url, token: TOKEN, ...target }]
  return collect(githubScanner, {
    targets: { ...NO_TARGETS, github },
    limits: { maxFileSize: 1, timeoutSeconds: 30 },
    wants: ({ kind }) => kinds.includes(kind),
  })
}

describe('an answer that is none', () => {
  it('is a fault: JSON that was cut', async () => {
    server.answers[`${REPO}/actions/permissions`] = () => ({ body: '{"enabled":true,"allo' })
    const { gaps } = await scan(['github.actions-policy'])
    expect(gaps).toMatchObject([{ kind: 'github.actions-policy', class: 'fault', scope: 'github:acme/shop' }])
    expect(gaps[0]?.detail).toMatch(/actions\/permissions: the answer is no JSON/)
  })

  it('is a fault: a page of a proxy, which is no protection of a branch', async () => {
    server.answers[`${REPO}/branches/{branch}/protection`] = () => ({ body: '<!DOCTYPE html><p>Sign in</p>' })
    server.answers[`${REPO}/rules/branches/{branch}`] = (request) => page(request, [])
    const { of, gaps } = await scan(['github.branch-protection'])
    expect(of(githubBranchProtection)[0]?.unknown).toContain('allowsForcePush')
    expect(gaps).toMatchObject([{ kind: 'github.branch-protection', class: 'fault' }])
  })

  it('is a fault: null in a list, beside what is whole', async () => {
    server.answers[`${REPO}/keys`] = () => ({ body: [null, deployKey({ id: 1 }), 7] })
    const { of, gaps } = await scan(['github.deploy-key'])
    expect(of(githubDeployKey).map(({ data }) => data.id)).toEqual(['1'])
    expect(gaps).toMatchObject([{ kind: 'github.deploy-key', class: 'fault', reason: 'call failed' }])
  })

  it('is a fault: pages that have no end', async () => {
    server.answers[`${REPO}/keys`] = ({ url }) => ({
      body: [deployKey({ id: 1 })],
      headers: { link: `<${url}>; rel="next"` },
    })
    const { gaps } = await scan(['github.deploy-key'])
    expect(gaps).toMatchObject([{ detail: expect.stringContaining('page 2 is the one before again') }])
    expect(server.calls.get(`${REPO}/keys`)).toBe(2)
  })
})

it('never shows a token that no header can hold', async () => {
  const token = `${TOKEN}\n${'s'.repeat(12)}`
  const { gaps } = await scan(['github.deploy-key'], { token })
  expect(gaps).toMatchObject([
    { reason: 'token refused', detail: expect.stringContaining('a character that no token') },
  ])
  expect(JSON.stringify(gaps)).not.toContain(TOKEN.slice(4))
  expect(server.calls.size).toBe(0)
  // An end of a line behind it is a habit of files.
  expect((await scan(['github.deploy-key'], { token: `${TOKEN}\n` })).gaps).toEqual([])
})

describe('a plan without protection for private repositories', () => {
  it('has no rulesets, and nothing is denied', async () => {
    server.answers[`${REPO}/rulesets`] = () =>
      forbidden('Upgrade to GitHub Pro or make this repository public to enable this feature.')
    const { facts, gaps } = await scan(['github.ruleset'])
    expect([facts, gaps]).toEqual([[], []])
  })
})

describe('a branch that only those may push to who may bypass a ruleset', () => {
  const locked = async (bypass_actors?: object[]) => {
    server.answers[`${REPO}/rules/branches/{branch}`] = (request) => page(request, [activeRule('update')])
    server.answers[`${REPO}/rulesets/{ruleset_id}`] = () => ({
      body: ruleset({ ...(bypass_actors && { bypass_actors }) }),
    })
    const { of } = await scan(['github.branch-protection'])
    const [{ data, unknown } = { data: {}, unknown: [] as readonly string[] }] = of(githubBranchProtection)
    return unknown.includes('locked') ? 'not seen' : (data as { locked?: boolean }).locked
  }
  it('is locked if these are few, and open if everybody who writes is among them', async () => {
    expect(await locked([{ actor_id: 7, actor_type: 'Integration', bypass_mode: 'always' }])).toBe(true)
    expect(await locked([{ actor_id: 4, actor_type: 'RepositoryRole', bypass_mode: 'always' }])).toBe(false)
    expect(await locked()).toBe('not seen')
  })
})

it('takes a pattern for all tags for what it is: everybody who may push makes one', async () => {
  const policies = `${REPO}/environments/{environment_name}/deployment-branch-policies`
  const policy = { protected_branches: false, custom_branch_policies: true }
  server.answers[`${REPO}/environments`] = listIn('environments', [environment('production', { policy })])
  server.answers[`${REPO}/environments/{environment_name}/deployment_protection_rules`] = () => ({
    body: { total_count: 0, custom_deployment_protection_rules: [] },
  })
  const any = async (name: string) => {
    server.answers[policies] = listIn('branch_policies', [{ id: 2, node_id: 'x', name, type: 'tag' }])
    return (await scan(['github.environment'])).of(githubEnvironment)[0]?.data.anyBranch
  }
  expect([await any('*'), await any('**/*'), await any('v*')]).toEqual([true, true, false])
})

describe('names', () => {
  it('are those of GitHub, however they were asked for', async () => {
    const { of, gaps } = await scan(['github.deploy-key', 'github.token-grant'], { owner: 'ACME' })
    expect(gaps.map(({ scope }) => scope)).toEqual(['github:acme'])
    expect(of(githubDeployKey)).toEqual([])
    expect(server.calls.get(`${ORG}/repos`)).toBe(1)
  })

  it('follow a repository that was moved to another owner', async () => {
    server.answers[REPO] = () => ({ body: { ...listed('shop'), full_name: 'beta/shop', owner: { login: 'beta' } } })
    server.answers[`${REPO}/keys`] = (request) => page(request, [deployKey({ id: 1 })])
    const { of } = await scan(['github.deploy-key'], { repository: 'shop' })
    expect(of(githubDeployKey).map(({ scope, data }) => [scope, data.repository])).toEqual([
      ['github:beta/shop', 'beta/shop'],
    ])
  })
})

it('asks for what a list leaves out only where a rule needs it, and not of those who would not see it', async () => {
  const bare = { security_and_analysis: undefined }
  const reader = { ...bare, permissions: { admin: false, push: true, pull: true } }
  server.answers[`${ORG}/repos`] = (request) => page(request, [listed('a', bare), listed('b', reader)])
  await scan(['github.deploy-key'])
  expect(server.calls.get(REPO)).toBeUndefined()
  await scan(['github.repository'])
  expect(server.calls.get(REPO)).toBe(1)
})
