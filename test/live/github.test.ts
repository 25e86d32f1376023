import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { githubMember, githubOrganization } from '../../src/facts/github.ts'
import { mfaGithubScanner } from '../../src/scanners/mfa/github.ts'
import { judge } from '../scanners/iam/judge.ts'
import { collect, NO_TARGETS } from '../support/context.ts'
import {
  forbidden,
  type GitHubRequest,
  type GitHubServer,
  githubUser,
  htmlError,
  githubOrganization as organization,
  page,
  startGitHub,
  tooManyRequests,
} from './servers/github.ts'
import { HANG } from './servers/http-server.ts'

const MEMBERS = 'GET /orgs/{org}/members'
const OUTSIDE = 'GET /orgs/{org}/outside_collaborators'
const TOKEN = ['ghp', 'x'.repeat(36)].join('_')

let server: GitHubServer
beforeEach(async () => {
  server = await startGitHub({
    'GET /orgs/{org}': () => ({ body: organization({ login: 'acme', two_factor_requirement_enabled: false }) }),
    [MEMBERS]: (request) =>
      page(
        request,
        people(request, {
          admin: ['olga'],
          member: ['amy', 'ben', 'cleo'],
          '2fa_disabled': ['ben'],
          '2fa_insecure': ['cleo'],
        }),
      ),
    [OUTSIDE]: (request) =>
      page(request, people(request, { all: ['dan', 'eve'], '2fa_disabled': ['eve'], '2fa_insecure': [] })),
  })
})
afterEach(async () => {
  expect(server.violations).toEqual([])
  await server.stop()
})

/** The users of the list that a request asks for, by its role or filter. */
function people(request: GitHubRequest, lists: Record<string, string[]>) {
  const filter = request.query.get('filter')
  const key = filter && filter !== 'all' ? filter : (request.query.get('role') ?? 'all')
  return (lists[key] ?? []).map((login) => githubUser(login))
}

async function scan(owner = 'acme', timeoutSeconds = 30) {
  const seen = await collect(mfaGithubScanner, {
    targets: { ...NO_TARGETS, github: [{ owner, url: server.url, token: TOKEN }] },
    limits: { maxFileSize: 1, timeoutSeconds },
  })
  expect(JSON.stringify([seen.facts, seen.gaps])).not.toContain(TOKEN)
  return { ...seen, organizations: seen.of(githubOrganization), members: seen.of(githubMember) }
}

describe('an organisation that lets its owner ask', () => {
  it('is told whole', async () => {
    const { facts, gaps, organizations, members } = await scan()
    expect(gaps).toEqual([])
    expect(organizations.map(({ scope, data }) => [scope, data])).toEqual([
      ['github:acme', { login: 'acme', requiresTwoFactor: false, members: 4 }],
    ])
    expect(members.map(({ data }) => [data.login, data.role, data.hasTwoFactor, data.twoFactor])).toEqual([
      ['olga', 'owner', true, 'enabled'],
      ['amy', 'member', true, 'enabled'],
      ['ben', 'member', false, 'disabled'],
      ['cleo', 'member', true, 'insecure'],
      ['dan', 'collaborator', true, 'enabled'],
      ['eve', 'collaborator', false, 'disabled'],
    ])
    const { fired } = await judge(facts, gaps)
    expect(fired).toEqual([
      'mfa/collaborator-without-2fa',
      'mfa/insecure-2fa',
      'mfa/member-without-2fa',
      'mfa/organization-not-required',
    ])
  })

  it('has three pages of members', async () => {
    const many = Array.from({ length: 250 }, (_, i) => `user-${i}`)
    server.answers[MEMBERS] = (request) =>
      page(request, people(request, { admin: ['olga'], member: many, '2fa_disabled': many.slice(120) }))
    const { gaps, members } = await scan()
    expect(gaps).toEqual([])
    expect(members.filter(({ data }) => data.hasTwoFactor === false && data.role === 'member')).toHaveLength(130)
  })
})

describe('what is not told is a gap', () => {
  it('null for the requirement', async () => {
    server.answers['GET /orgs/{org}'] = () => ({
      body: organization({ login: 'acme', two_factor_requirement_enabled: null }),
    })
    const { facts, gaps, organizations } = await scan()
    expect(organizations.map(({ unknown }) => unknown)).toEqual([['requiresTwoFactor']])
    expect(gaps).toMatchObject([
      { kind: 'github.organization', scope: 'github:acme', fields: ['requiresTwoFactor'], class: 'fault' },
    ])
    const { undetermined, fired } = await judge(facts, gaps)
    expect(fired).not.toContain('mfa/organization-not-required')
    expect(undetermined.filter(({ rule }) => rule.id === 'mfa/organization-not-required')).toMatchObject([{ rows: 1 }])
  })

  it.each([
    [403, () => forbidden('You must be an owner')],
    [422, () => ({ status: 422, body: { message: 'Only owners can use this filter.', documentation_url: 'x' } })],
  ])('%i for the filters', async (status, answer) => {
    const all = server.answers[MEMBERS]
    server.answers[MEMBERS] = (request) => (request.query.get('filter') ? answer() : (all?.(request) ?? forbidden()))
    const { facts, gaps, members } = await scan()
    const ofMembers = members.filter(({ data }) => data.role !== 'collaborator')
    expect(ofMembers.map(({ unknown }) => unknown)).toEqual(Array(4).fill(['hasTwoFactor', 'twoFactor']))
    expect(gaps.map((gap) => [gap.kind, gap.class, gap.fields])).toEqual([
      ['github.member', 'fault', ['hasTwoFactor', 'twoFactor']],
      ['github.member', 'fault', ['twoFactor']],
    ])
    expect(gaps[0]?.detail).toMatch(new RegExp(`filter=2fa_disabled: HTTP ${status}; only owners .* admin:org`))
    const { fired, undetermined } = await judge(facts, gaps)
    expect(fired).not.toContain('mfa/member-without-2fa')
    expect(undetermined.map(({ rule }) => rule.id)).toContain('mfa/member-without-2fa')
  })

  it('an HTML page for outages', async () => {
    server.answers[OUTSIDE] = () => htmlError(500)
    const { gaps, members } = await scan()
    expect(members.map(({ data }) => data.login)).toEqual(['olga', 'amy', 'ben', 'cleo'])
    expect(gaps.map((gap) => [gap.reason, gap.fields])).toContainEqual(['call failed', undefined])
  })

  it('an organisation that the token may not see', async () => {
    delete server.answers['GET /orgs/{org}']
    const { facts, gaps } = await scan()
    expect(facts.filter((fact) => fact.kind === 'github.organization')).toEqual([])
    expect(gaps).toContainEqual(
      expect.objectContaining({
        kind: 'github.organization',
        class: 'fault',
        detail: expect.stringContaining('HTTP 404'),
      }),
    )
  })

  it('a token that GitHub refuses', async () => {
    server.answers['GET /orgs/{org}'] = () => ({ status: 401, body: { message: 'Bad credentials' } })
    const { facts, gaps } = await scan()
    expect(facts).toEqual([])
    expect(gaps.map((gap) => [gap.kind, gap.class, gap.reason])).toEqual([
      ['github.organization', 'fault', 'token refused'],
      ['github.member', 'fault', 'token refused'],
    ])
  })

  it('a server that is not there', async () => {
    const seen = await collect(mfaGithubScanner, {
      targets: { ...NO_TARGETS, github: [{ owner: 'acme', url: 'http://127.0.0.1:9', token: TOKEN }] },
    })
    expect(seen.gaps.map((gap) => [gap.kind, gap.reason])).toEqual([
      ['github.organization', 'not reached'],
      ['github.member', 'not reached'],
    ])
  })
})

it('waits as long as Retry-After says, and no longer than the time that it has', async () => {
  let asked = 0
  const all = server.answers[OUTSIDE]
  server.answers[OUTSIDE] = (request) => (asked++ === 0 ? tooManyRequests(1) : (all?.(request) ?? forbidden()))
  const started = Date.now()
  expect((await scan()).gaps).toEqual([])
  expect(Date.now() - started).toBeGreaterThanOrEqual(1000)

  server.answers[OUTSIDE] = () => tooManyRequests(3600)
  const { gaps } = await scan()
  expect(gaps[0]).toMatchObject({ kind: 'github.member', class: 'fault', reason: 'rate limited' })
})

it('says that a person is no organisation', async () => {
  delete server.answers['GET /orgs/{org}']
  server.answers['GET /users/{username}'] = () => ({ body: { ...githubUser('amy'), ...PUBLIC_USER } })
  const { facts, gaps } = await scan('amy')
  expect(facts).toEqual([])
  expect(gaps.map((gap) => [gap.kind, gap.class, gap.reason])).toEqual([
    ['github.organization', 'limit', 'no organisation'],
    ['github.member', 'limit', 'no organisation'],
  ])
})

/** What a public profile has and a list of members has not. */
const PUBLIC_USER = {
  name: null,
  company: null,
  blog: null,
  location: null,
  email: null,
  hireable: null,
  bio: null,
  public_repos: 0,
  public_gists: 0,
  followers: 0,
  following: 0,
  created_at: '2024-01-01T00:00:00Z',
  updated_at: '2024-01-01T00:00:00Z',
}

it('ends when the run does, though a request hangs', async () => {
  server.answers[MEMBERS] = () => HANG
  const context = {
    targets: { ...NO_TARGETS, github: [{ owner: 'acme', url: server.url }] },
    signal: AbortSignal.timeout(500),
  }
  await expect(collect(mfaGithubScanner, context)).rejects.toThrow()
})
