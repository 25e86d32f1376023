import { describe, expect, it } from 'vitest'
import { VERIFIABLE } from '../../../src/cli/options.ts'
import { judgeAnswer, type Provider, providers } from '../../../src/scanners/verify/providers.ts'
import { detectSources } from '../../support/detection.ts'

const provider = (name: string): Provider => {
  const found = providers[name]
  if (!found) throw new Error(`no provider ${name}`)
  return found
}
const judge = (name: string, status: number, body: unknown, headers = {}) =>
  judgeAnswer(provider(name), { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) })

describe('providers', () => {
  it('are those that the command line names', () => {
    expect(['aws', ...Object.keys(providers)].sort()).toEqual(VERIFIABLE)
  })
  it('speak of rules that there are, each of its own', () => {
    const rules = Object.values(providers).flatMap((each) => each.rules)
    expect(new Set(rules).size).toBe(rules.length)
    for (const rule of rules) expect(detectSources.has(rule)).toBe(true)
  })
  it('get secrets in headers, never in an address or a body, over https', () => {
    for (const { base, call } of Object.values(providers)) {
      expect(base).toMatch(/^https:\/\//)
      const asked = call(['gl', 'pat-', 'value'].join(''), base)
      if (typeof asked === 'string') continue
      expect(`${asked.url} ${asked.body}`).not.toContain('value')
      expect(asked.url.startsWith(`${base}/`)).toBe(true)
    }
  })
})

describe('forms that cannot be asked for', () => {
  it.each([
    ['github', 'ghr_', 'refresh token'],
    ['gitlab', 'glrt-', 'only access tokens'],
    ['slack', 'xapp-', 'app token'],
    ['slack', 'xoxe-1-', 'refresh token'],
    ['stripe', 'sk_test_', 'test data'],
    ['digitalocean', 'dor_v1_', 'refresh token'],
    ['pypi', 'pypi-AgENdGVzdC5weXBpLm9yZw', 'test.pypi.org'],
  ])('%s %s', (name, prefix, reason) => {
    expect(provider(name).call(`${prefix}x`, 'https://host')).toContain(reason)
  })
  it('tokens of installations are asked where they have an answer', () => {
    expect(provider('github').call('ghs_x', 'https://host')).toMatchObject({ url: 'https://host/rate_limit' })
    expect(judge('github', 200, { resources: {}, rate: {} })).toMatchObject({ status: 'live', identity: '' })
  })
})

describe('answers', () => {
  it.each([
    ['gitlab', 200, { active: false, revoked: true }, 'revoked'],
    ['gitlab', 401, { error: 'invalid_token', error_description: 'Token is expired.' }, 'revoked'],
    ['gitlab', 403, { error: 'insufficient_scope' }, 'live'],
    ['gitlab', 403, { message: '403 Forbidden' }, 'unknown'],
    ['github', 403, { message: 'organization forbids' }, 'unknown'],
    ['stripe', 403, { error: { type: 'invalid_request_error' } }, 'live'],
    ['stripe', 401, { error: { code: 'api_key_expired' } }, 'revoked'],
    ['stripe', 401, {}, 'unknown'],
    ['slack', 200, { ok: false, error: 'invalid_auth' }, 'unknown'],
    ['slack', 200, { ok: false, error: 'account_inactive' }, 'revoked'],
    ['digitalocean', 403, { id: 'forbidden' }, 'live'],
    ['pypi', 403, '403 New uploads are temporarily disabled.', 'unknown'],
    ['pypi', 400, 'Bad Request', 'unknown'],
    ['pypi', 200, '', 'unknown'],
    ['npm', 403, {}, 'unknown'],
    ['huggingface', 200, [], 'unknown'],
    ['sendgrid', 403, { errors: [] }, 'unknown'],
  ] as const)('%s %i %o is %s', (name, status, body, verdict) => {
    expect(judge(name, status, body).status).toBe(verdict)
  })
  it('403 with the sign of a limit is one', () => {
    expect(judge('github', 403, { message: 'x' }, { 'x-ratelimit-remaining': '0' }).reason).toBe('rate limited')
  })
  it('names that could play with a terminal are shown on one line', () => {
    const { identity } = judge('npm', 200, { username: `a\u001b[2J\nb\u202ec${'d'.repeat(500)}` })
    expect(identity).toMatch(/^a \[2J b cd+$/)
    expect(identity.length).toBe(120)
  })
})
