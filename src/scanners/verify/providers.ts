import { Buffer } from 'node:buffer'
import { type Answer, failed, live, revoked, undecided, type Verdict } from './answer.ts'
import type { Call } from './ask.ts'

/** A provider that one harmless call can ask. */
export interface Provider {
  /** Where secrets of this provider are sent, unless --verify-endpoint names another place. */
  readonly base: string
  /** Rules whose secrets it made. */
  readonly rules: readonly string[]
  /** The call, or why a secret of this form cannot be asked for. */
  call(value: string, base: string): Call | string
  /** What an answer means that is neither a redirect, nor a rate limit, nor an outage. */
  judge(answer: Answer, body: Body): Verdict
}

/** The parsed body; empty if it is no JSON object. */
export type Body = Readonly<Record<string, unknown>>

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const get = (url: string, headers: Readonly<Record<string, string>>): Call => ({ method: 'GET', url, headers })

/** https://docs.github.com/en/rest/users/users#get-the-authenticated-user; tokens of installations have no user. */
const github: Provider = {
  base: 'https://api.github.com',
  rules: ['secrets/github-token', 'secrets/github-fine-grained-token'],
  call(token, base) {
    if (token.startsWith('ghr_')) return 'a refresh token cannot be asked for without using it up'
    return get(`${base}/${token.startsWith('ghs_') ? 'rate_limit' : 'user'}`, bearer(token))
  },
  judge({ status }, { login, resources }) {
    if (status === 200 && (typeof login === 'string' || resources !== undefined)) return live(login)
    if (status === 401) return revoked()
    return unexpected(status)
  },
}

/**
 * https://docs.gitlab.com/api/personal_access_tokens/#get-details-on-a-personal-access-token. A plain 401 only says that this
 * GitLab does not know the token: tokens of self-managed ones look the same.
 */
const gitlab: Provider = {
  base: 'https://gitlab.com',
  rules: ['secrets/gitlab-token'],
  call(token, base) {
    if (!token.startsWith('glpat-')) return 'only access tokens (glpat-) can be asked for'
    return get(`${base}/api/v4/personal_access_tokens/self`, { 'private-token': token })
  },
  judge({ status }, { active, user_id: user, error, error_description: detail }) {
    if (status === 200 && active === true) return live(user === undefined ? '' : `user ${String(user)}`)
    if (status === 200 && active === false) return revoked()
    if (status === 401 && error === 'invalid_token')
      return revoked(/expired/i.test(String(detail)) ? 'expired' : undefined)
    if (status === 401) return undecided('not known there; it may belong to another GitLab')
    if (status === 403 && error === 'insufficient_scope') return live()
    return unexpected(status)
  },
}

const SLACK_ENDED = new Set(['token_revoked', 'token_expired', 'account_inactive', 'user_removed_from_team'])

/** https://docs.slack.dev/reference/methods/auth.test/ */
const slack: Provider = {
  base: 'https://slack.com',
  rules: ['secrets/slack-token'],
  call(token, base) {
    if (/^xox[abops]-|^xoxe\.xox[bp]-/.test(token))
      return { method: 'POST', url: `${base}/api/auth.test`, headers: { ...bearer(token), 'content-length': '0' } }
    return token.startsWith('xapp-')
      ? 'an app token cannot be asked for'
      : 'a refresh token cannot be asked for without using it up'
  },
  judge({ status }, { ok, user, team, error }) {
    if (ok === true) return live(typeof user === 'string' && typeof team === 'string' ? `${user} of ${team}` : '')
    if (ok === false && SLACK_ENDED.has(String(error))) return revoked(String(error).replaceAll('_', ' '))
    // By Slack's own word either a bad token, or a good one from an address that is not allowed.
    if (ok === false && error === 'invalid_auth') return undecided('refused: not valid, or not from this address')
    return unexpected(status)
  },
}

/** https://docs.stripe.com/api/accounts/retrieve, https://docs.stripe.com/error-codes */
const stripe: Provider = {
  base: 'https://api.stripe.com',
  rules: ['secrets/stripe-key'],
  call(key, base) {
    if (/^[sr]k_test_/.test(key)) return 'a test key reaches test data only'
    return get(`${base}/v1/account`, bearer(key))
  },
  judge({ status }, { id, error }) {
    if (status === 200 && typeof id === 'string') return live(id)
    if (status === 401 && isObject(error)) return revoked(error.code === 'api_key_expired' ? 'expired' : undefined)
    // A restricted key without the right to read the account.
    if (status === 403 && isObject(error) && error.type === 'invalid_request_error') return live()
    return unexpected(status)
  },
}

/** https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md: what `npm whoami` asks. */
const npm: Provider = {
  base: 'https://registry.npmjs.org',
  rules: ['secrets/npm-token'],
  call: (token, base) => get(`${base}/-/whoami`, bearer(token)),
  judge({ status }, { username }) {
    if (status === 200 && typeof username === 'string') return live(username)
    return status === 401 ? revoked() : unexpected(status)
  },
}

/** How a macaroon of test.pypi.org begins. */
const TEST_PYPI = 'pypi-AgENdGVzdC5weXBpLm9yZw'

/**
 * PyPI has nothing to read with a token. An upload without a file, in a protocol that there is not, cannot succeed: who is not
 * authenticated is turned away before the form is read (403), everybody else for the form (400).
 * https://docs.pypi.org/api/upload/, warehouse/forklift/legacy.py
 */
const pypi: Provider = {
  base: 'https://upload.pypi.org',
  rules: ['secrets/pypi-token'],
  call(token, base) {
    if (token.startsWith(TEST_PYPI)) return 'a token of test.pypi.org, which is not asked'
    return {
      method: 'POST',
      url: `${base}/legacy/`,
      headers: {
        authorization: `Basic ${Buffer.from(`__token__:${token}`, 'latin1').toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
        accept: '*/*',
      },
      body: '%3Aaction=file_upload&protocol_version=0',
    }
  },
  judge({ status, body }) {
    if (status === 400 && /protocol.version/i.test(body)) return live()
    if (status === 401) return revoked()
    if (status === 403 && /invalid or non-existent authentication|invalid api token/i.test(body)) return revoked()
    return unexpected(status)
  },
}

/** https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions: the scopes of the key itself. */
const sendgrid: Provider = {
  base: 'https://api.sendgrid.com',
  rules: ['secrets/sendgrid-key'],
  call: (key, base) => get(`${base}/v3/scopes`, bearer(key)),
  judge({ status }, { scopes }) {
    if (status === 200 && Array.isArray(scopes)) return live()
    return status === 401 ? revoked() : unexpected(status)
  },
}

/** https://docs.digitalocean.com/reference/api/digitalocean/#tag/Account; 403: a token with scopes, but not that one. */
const digitalocean: Provider = {
  base: 'https://api.digitalocean.com',
  rules: ['secrets/digitalocean-token'],
  call(token, base) {
    if (token.startsWith('dor_')) return 'a refresh token cannot be asked for without using it up'
    return get(`${base}/v2/account`, bearer(token))
  },
  judge({ status }, { account, id }) {
    if (status === 200 && isObject(account)) return live(isObject(account.team) ? account.team.name : account.uuid)
    if (status === 401) return revoked()
    return status === 403 && id === 'forbidden' ? live() : unexpected(status)
  },
}

/** https://huggingface.co/docs/hub/api: what `hf auth whoami` asks. */
const huggingface: Provider = {
  base: 'https://huggingface.co',
  rules: ['secrets/huggingface-token'],
  call: (token, base) => get(`${base}/api/whoami-v2`, bearer(token)),
  judge({ status }, { name }) {
    if (status === 200 && typeof name === 'string') return live(name)
    return status === 401 ? revoked() : unexpected(status)
  },
}

export const providers: Readonly<Record<string, Provider>> = {
  digitalocean,
  github,
  gitlab,
  huggingface,
  npm,
  pypi,
  sendgrid,
  slack,
  stripe,
}

/** Whoever hears it asks no more. */
export const RATE_LIMITED = 'rate limited'

/** What an answer says of the secret that was sent with it. */
export function judgeAnswer(provider: Provider, answer: Answer): Verdict {
  const { status, headers } = answer
  const exhausted = headers['retry-after'] !== undefined || headers['x-ratelimit-remaining'] === '0'
  if (status === 429 || (status === 403 && exhausted)) return failed(RATE_LIMITED)
  if (status >= 300 && status < 400) return failed(`redirected (HTTP ${status}), which is not followed`)
  if (status >= 500) return failed(`the provider is out of order (HTTP ${status})`)
  // A portal or a proxy on the way, which knows nothing of the secret.
  if (status === 401 && /^\s*</.test(answer.body)) return unexpected(status)
  return provider.judge(answer, parse(answer.body))
}

function parse(text: string): Body {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : {}
  } catch {
    // No JSON: what it means hangs on its status alone.
    return {}
  }
}

function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const unexpected = (status: number): Verdict => failed(`the answer is not understood (HTTP ${status})`)
