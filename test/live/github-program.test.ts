import { generateKeyPairSync, verify } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { folderWith, run } from '../support/program.ts'
import {
  forbidden,
  type GitHubServer,
  githubBody,
  githubOrganization,
  githubUser,
  notFound,
  page,
  rateLimited,
  startGitHub,
  tooManyRequests,
} from './servers/github.ts'
import { acmeAnswers, deployKey, listed } from './servers/github-acme.ts'

// The program as a user runs it: what it prints, and how it ends.

const REPO = 'GET /repos/{owner}/{repo}'
const ORG = 'GET /orgs/{org}'
const TOKEN = ['ghp', 'z'.repeat(36)].join('_')
const NO_APP = 'shown to Apps only'

let root = ''
let server: GitHubServer
beforeAll(() => {
  root = folderWith({ 'README.md': '# nothing\n' })
})
beforeEach(async () => {
  server = await startGitHub(acmeAnswers())
})
afterEach(async () => {
  expect(server.violations).toEqual([])
  await server.stop()
})

interface Report {
  findings: { ruleId: string; message: string; severity: string }[]
  gaps: { kind: string; class: string; reason: string; detail: string }[]
  undetermined: { rule: string }[]
}

async function audit(args: string[] = [], env: Record<string, string> = { GITHUB_TOKEN: TOKEN }) {
  const options = ['--github', 'acme', '--github-url', server.url, '--format', 'json', ...args]
  const { code, stdout, stderr } = await run([root, ...options], { env })
  expect(stdout + stderr).not.toContain(TOKEN)
  const report = JSON.parse(stdout) as Report
  const ids = report.findings.map(({ ruleId }) => ruleId).sort()
  return { code, report, ids, faults: report.gaps.filter((gap) => gap.class === 'fault'), stderr }
}

describe('an organisation', () => {
  it('that is well kept has no findings', async () => {
    const { code, ids, report } = await audit()
    expect(ids).toEqual([])
    expect(report.gaps.map(({ reason }) => reason)).toEqual([NO_APP])
    expect(code).toBe(0)
  })

  it('with three pages of members shows who has no second factor', async () => {
    const many = Array.from({ length: 250 }, (_, i) => githubUser(`user-${i}`))
    server.answers[`${ORG}/members`] = (request) => {
      const { role, filter } = Object.fromEntries(request.query)
      return page(request, filter === '2fa_disabled' ? many.slice(240) : filter || role === 'admin' ? [] : many)
    }
    const { code, ids } = await audit(['--only', 'mfa'])
    expect(ids).toEqual(Array(10).fill('mfa/member-without-2fa'))
    expect(server.calls.get(`${ORG}/members`)).toBe(6)
    expect(code).toBe(1)
  })

  it('shows what its settings let happen', async () => {
    server.answers[`${ORG}/actions/permissions/workflow`] = () => ({
      body: { default_workflow_permissions: 'write', can_approve_pull_request_reviews: true },
    })
    server.answers[`${REPO}/actions/permissions/workflow`] =
      server.answers[`${ORG}/actions/permissions/workflow`] ?? notFound
    server.answers[`${REPO}/rules/branches/{branch}`] = (request) => page(request, [])
    server.answers[`${REPO}/keys`] = (request) => page(request, [deployKey({ read_only: false })])
    const { code, report } = await audit(['--only', 'ci'])
    // The repository has the organisation's setting: one finding, not two.
    expect(report.findings.map(({ ruleId, severity }) => `${ruleId} ${severity}`).sort()).toEqual([
      'ci/actions-can-approve medium',
      'ci/default-token-write high',
      'ci/unprotected-default-branch high',
      'ci/write-deploy-key medium',
    ])
    expect(code).toBe(1)
  })
})

describe('what was not seen is not passed: exit code 3 for', () => {
  it('null instead of whether a second factor is required', async () => {
    server.answers[ORG] = () => ({
      body: githubOrganization({
        login: 'acme',
        two_factor_requirement_enabled: null,
        default_repository_permission: 'read',
      }),
    })
    const { code, faults, ids } = await audit()
    expect(ids).toEqual([])
    expect(faults).toMatchObject([{ kind: 'github.organization', reason: 'shown to owners only' }])
    expect(code).toBe(3)
  })

  it.each([
    ['403', () => forbidden()],
    ['404 for lack of scope', () => notFound()],
  ])('%s', async (_, answer) => {
    server.answers[`${REPO}/keys`] = answer
    const { code, faults, ids } = await audit()
    expect(ids).toEqual([])
    expect(faults).toMatchObject([{ kind: 'github.deploy-key', reason: 'access denied' }])
    expect(faults[0]?.detail).toMatch(/scope repo, .* repository permission Administration: read/)
    expect(code).toBe(3)
  })

  it('a limit that lasts too long, and asks no further', async () => {
    server.answers[`${ORG}/repos`] = (request) =>
      page(
        request,
        Array.from({ length: 40 }, (_, i) => listed(`r${i}`)),
      )
    server.answers[`${REPO}/keys`] = () => rateLimited()
    const { code, faults } = await audit(['--only', 'ci/write-deploy-key', '--timeout', '20'])
    expect(faults.map(({ reason }) => reason)).toContain('rate limited')
    expect(faults.map(({ detail }) => detail)).toContainEqual(
      expect.stringMatching(/^36 of 40 repositories were not read: acme\/r\d+, .* and 31 more; a longer --timeout/),
    )
    expect(server.calls.get(`${REPO}/keys`)).toBeLessThanOrEqual(4)
    expect(code).toBe(3)
  })

  it('a server that is not there', async () => {
    const url = ['--github-url', 'http://127.0.0.1:9']
    const { code, faults } = await audit(url)
    expect(new Set(faults.map(({ reason }) => reason))).toEqual(new Set(['not reached']))
    expect(code).toBe(3)
  })
})

it('waits out a secondary limit as long as Retry-After says', async () => {
  const all = server.answers[`${REPO}/keys`] ?? notFound
  server.answers[`${REPO}/keys`] = (request) => (request.count === 1 ? tooManyRequests(1) : all(request))
  const { code, faults } = await audit(['--only', 'ci/write-deploy-key'])
  expect([code, faults]).toEqual([0, []])
  expect(server.calls.get(`${REPO}/keys`)).toBe(2)
})

it('lists credentials of workflows in the inventory', async () => {
  const options = ['--github', 'acme', '--github-url', server.url, '--format', 'json', '--no-progress']
  const { code, stdout } = await run(['inventory', root, ...options], { env: { GITHUB_TOKEN: TOKEN } })
  const { tables, gaps } = JSON.parse(stdout) as {
    tables: { id: string; rows: Record<string, unknown>[] }[]
    gaps: { reason: string }[]
  }
  const rows = (id: string) => tables.find((table) => table.id === id)?.rows
  expect(rows('github-secrets')?.map(({ name, of, environment }) => [name, of, environment])).toEqual([
    ['DEPLOY_KEY', 'acme/shop', 'production'],
    ['NPM_TOKEN', 'acme/shop', ''],
  ])
  expect(rows('github-environments')).toMatchObject([{ name: 'production', reviewers: 1, secrets: ['DEPLOY_KEY'] }])
  expect(gaps).toMatchObject([{ reason: NO_APP }])
  expect(code).toBe(0)
}, 60_000)

describe('a GitHub App', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const installed = ['ghs', 'i'.repeat(36)].join('_')
  let asked: string[] = []
  beforeEach(() => {
    asked = []
    for (const [route, answer] of Object.entries(server.answers)) {
      server.answers[route] = (request) => {
        asked.push(String(request.headers.authorization))
        return answer(request)
      }
    }
    server.answers[`${ORG}/installation`] = (request) => {
      const [, token = ''] = String(request.headers.authorization).split(' ')
      const [head, claims, signature = ''] = token.split('.')
      const valid = verify(
        'RSA-SHA256',
        Buffer.from(`${head}.${claims}`),
        publicKey,
        Buffer.from(signature, 'base64url'),
      )
      return valid ? { body: githubBody('installation', { id: 77 }) } : { status: 401, body: { message: 'no' } }
    }
    server.answers['POST /app/installations/{installation_id}/access_tokens'] = (request) => ({
      status: request.params.installation_id === '77' ? 201 : 404,
      body: githubBody('installation-token', {
        token: installed,
        expires_at: new Date(Date.now() + 3_600_000).toISOString(),
      }),
    })
    for (const route of ['personal-access-tokens', 'personal-access-token-requests'])
      server.answers[`${ORG}/${route}`] = (request) => page(request, [])
  })

  it('reads with the token of its installation, which is made once', async () => {
    const env = {
      GITHUB_APP_ID: '123',
      GITHUB_APP_PRIVATE_KEY: privateKey.replaceAll('\n', '\\n'),
      GITHUB_TOKEN: TOKEN,
    }
    const { code, report, stderr } = await audit([], env)
    expect(report.gaps).toEqual([])
    expect(code).toBe(0)
    expect(new Set(asked)).toEqual(new Set([`Bearer ${installed}`]))
    expect(server.calls.get('POST /app/installations/{installation_id}/access_tokens')).toBeLessThanOrEqual(2)
    expect(JSON.stringify(report) + stderr).not.toContain(installed)
    expect(JSON.stringify(report) + stderr).not.toContain(privateKey.slice(40, 80))
  })

  it('that is not installed is a fault', async () => {
    server.answers[`${ORG}/installation`] = notFound
    const file = folderWith({ 'key.pem': privateKey })
    const { code, faults } = await audit([], {
      GITHUB_APP_ID: '123',
      GITHUB_APP_PRIVATE_KEY_FILE: join(file, 'key.pem'),
    })
    expect(faults[0]?.detail).toMatch(/the GitHub App is not installed for acme/)
    expect(code).toBe(3)
  })

  it('is told by doctor --online where it is installed, and what it lacks there', async () => {
    const installation = (login: string, more: object) =>
      githubBody('installation', {
        account: { ...githubUser(login), name: login, slug: login, created_at: null, updated_at: null },
        target_type: 'Organization',
        ...more,
      })
    const all = JSON.parse(/^\{[^}]*\{[^}]*\}\s*\}/m.exec((await run(['permissions', 'github'])).stdout)?.[0] ?? '')
    const { members: _, ...less } = all.default_permissions
    server.answers['GET /app/installations'] = () => ({
      body: [
        installation('acme', { permissions: all.default_permissions }),
        installation('beta', { permissions: less }),
      ],
    })
    const options = ['doctor', root, '--online', '--github-url', server.url, '--format', 'json']
    const env = { GITHUB_APP_ID: '123', GITHUB_APP_PRIVATE_KEY: privateKey }
    const { checks } = JSON.parse((await run(options, { env })).stdout) as {
      checks: { area: string; state: string; text: string }[]
    }
    expect(checks.filter(({ area }) => area === 'GitHub').map(({ state, text }) => `${state}: ${text}`)).toEqual([
      'ok: the GitHub App 123, its key from GITHUB_APP_PRIVATE_KEY',
      'ok: the App is installed for acme, with all permissions that are needed',
      'warning: the App is installed for beta, without members',
    ])
  })

  it('without a key is a mistake; with a wrong one a fault that does not show it', async () => {
    const none = await run([root, '--github', 'acme'], { env: { GITHUB_APP_ID: '123' } })
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('GITHUB_APP_PRIVATE_KEY_FILE')])
    const { code, report } = await audit([], { GITHUB_APP_ID: '123', GITHUB_APP_PRIVATE_KEY: 'no-key-at-all' })
    expect(JSON.stringify(report)).toContain('no key in PEM form')
    expect(JSON.stringify(report)).not.toContain('no-key-at-all')
    expect(code).toBe(3)
  })
})
