import { Octokit } from '@octokit/rest'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  forbidden,
  type GitHubServer,
  githubBody,
  githubOrganization,
  githubRepository,
  githubUser,
  htmlError,
  page,
  rateLimited,
  startGitHub,
  tooManyRequests,
} from './github.ts'
import { checkBody, description } from './github-contract.ts'

describe('github', () => {
  let github: GitHubServer
  let octokit: Octokit

  beforeEach(async () => {
    github = await startGitHub({
      'GET /orgs/{org}': ({ params }) => ({ body: githubOrganization({ login: params.org }) }),
      'GET /orgs/{org}/members': (request) =>
        page(
          request,
          ['amy', 'bob', 'eve'].map((login) => githubUser(login)),
        ),
      'GET /repos/{owner}/{repo}': ({ params }) => ({
        body: githubRepository(params.owner ?? '', params.repo ?? ''),
      }),
    })
    const silent = () => undefined
    const log = { debug: silent, info: silent, warn: silent, error: silent }
    octokit = new Octokit({ baseUrl: github.url, auth: 'test', log })
  })
  afterEach(() => github.stop())

  it('serves a correct client without violations', async () => {
    expect((await octokit.rest.orgs.get({ org: 'acme' })).data.login).toBe('acme')
    expect((await octokit.rest.repos.get({ owner: 'acme', repo: 'app' })).data.full_name).toBe('acme/app')
    const members = await octokit.paginate(octokit.rest.orgs.listMembers, { org: 'acme', per_page: 2 })
    expect(members.map((member) => member.login)).toEqual(['amy', 'bob', 'eve'])
    expect(github.calls.get('GET /orgs/{org}/members')).toBe(2)
    expect(github.violations).toEqual([])
  })

  it('catches a wrong query', async () => {
    await fetch(`${github.url}/orgs/acme/members?filter=2fa_off&bogus=1&per_page=1000&page=two`)
    expect(github.violations).toEqual([
      'GET /orgs/{org}/members: query filter=2fa_off must be equal to one of the allowed values',
      'GET /orgs/{org}/members: unknown query parameter bogus',
      'GET /orgs/{org}/members: query page=two must be integer',
      'GET /orgs/{org}/members: query per_page is over 100',
    ])
  })

  it('catches a wrong answer', async () => {
    const { login: _, ...body } = githubOrganization({ created_at: 'yesterday', two_factor_required: true })
    github.answers['GET /orgs/{org}'] = () => ({ body })
    await fetch(`${github.url}/orgs/acme`)
    expect(github.violations).toEqual([
      "GET /orgs/{org}: answer 200 must have required property 'login'",
      'GET /orgs/{org}: answer 200/created_at must match format "date-time"',
      'GET /orgs/{org}: answer 200/two_factor_required is no documented field',
    ])
  })

  it('catches an undocumented status and an unknown operation', async () => {
    github.answers['GET /orgs/{org}'] = () => ({ status: 418 })
    await fetch(`${github.url}/orgs/acme`)
    await fetch(`${github.url}/orgs/acme`, { method: 'DELETE' })
    expect(github.violations).toEqual([
      'GET /orgs/{org}: status 418 is not documented',
      'DELETE /orgs/acme: no such operation',
    ])
  })

  it('refuses an answer to an operation that is not described', async () => {
    await expect(startGitHub({ 'GET /nothing': () => ({}) })).rejects.toThrow(/GET \/nothing/)
  })

  it('has every failure of the real one', async () => {
    const failures = [forbidden(), rateLimited(1), tooManyRequests(2), htmlError(), htmlError(502)]
    github.answers['GET /orgs/{org}'] = ({ count }) => failures[count - 1] ?? 'hang'
    const seen: string[] = []
    for (const _ of failures) {
      const answer = await fetch(`${github.url}/orgs/acme`)
      const header = answer.headers.get('retry-after') ?? answer.headers.get('x-ratelimit-reset')
      seen.push(`${answer.status} ${header} ${answer.headers.get('content-type')?.split(';')[0]}`)
    }
    expect(seen).toEqual([
      '403 null application/json',
      '403 1 application/json',
      '429 2 application/json',
      '500 null text/html',
      '502 null text/html',
    ])
    await expect(fetch(`${github.url}/orgs/acme`, { signal: AbortSignal.timeout(200) })).rejects.toThrow()
    expect(github.violations).toEqual([])
  })

  it.each(Object.keys(description.components.schemas))('composes a valid %s', (name) => {
    const schema = description.components.schemas[name]
    if (schema?.type !== 'object') return
    expect(checkBody(name, githubBody(name))).toEqual([])
  })
})
