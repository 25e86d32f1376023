import type { GithubTarget } from '../model.ts'
import { pause } from './pause.ts'

/** Why a request gave nothing. */
export interface GithubFailure {
  readonly status: number | undefined
  readonly reason: string
  /** Names the request, and what would help. Holds no token. */
  readonly detail: string
}
export type GithubOutcome<T> = { readonly value: T } | { readonly failure: GithubFailure }
export interface GithubPages<T> {
  readonly items: readonly T[]
  readonly failure?: GithubFailure
}
type Parameters = Readonly<Record<string, string | number>>

/** Requests to GitHub's REST API. What goes wrong is a value; only the end of the run is thrown. */
export interface GithubClient {
  get(route: string, parameters: Parameters, needs: string): Promise<GithubOutcome<unknown>>
  /** All pages of a list, a hundred items each. */
  list(route: string, parameters: Parameters, needs: string): Promise<GithubPages<unknown>>
  /** The scopes of a classic token, by GitHub's own word; undefined for other kinds of tokens, which have none. */
  scopes(): Promise<GithubOutcome<readonly string[] | undefined>>
}
interface GithubResponse {
  readonly data: unknown
  readonly headers: { readonly link?: string | undefined; readonly 'x-oauth-scopes'?: string | number | undefined }
}

const RATE_LIMIT_RETRIES = 3
const OUTAGE_RETRIES = 1
/** Where GitHub does not say how long to wait. */
const PAUSE_MILLISECONDS = 1000
/** One request; GitHub itself gives up after ten seconds. */
const REQUEST_TIMEOUT = 30_000
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

/** Opens a target. `deadline` (as Date.now() gives it) limits how long a rate limit is waited out. */
export async function openGithub(target: GithubTarget, signal: AbortSignal, deadline: number): Promise<GithubClient> {
  const { Octokit } = await import('@octokit/rest')
  const octokit = new Octokit({
    userAgent: 'zt-audit',
    log: silent,
    ...(target.token !== undefined && { auth: target.token }),
    ...(target.url !== undefined && { baseUrl: target.url.replace(/\/+$/, '') }),
  })
  const send = async (route: string, parameters: Parameters): Promise<GithubResponse> => {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT)])
    return octokit.request(route, { ...parameters, request: { signal: limited } })
  }
  const attempt = async (
    route: string,
    parameters: Parameters,
    needs: string,
  ): Promise<GithubOutcome<GithubResponse>> => {
    for (let tries = 0; ; tries++) {
      signal.throwIfAborted()
      try {
        return { value: await send(route, parameters) }
      } catch (error) {
        signal.throwIfAborted()
        const wait = waitFor(error)
        const most = isRateLimit(error) ? RATE_LIMIT_RETRIES : OUTAGE_RETRIES
        const retry = wait !== undefined && tries < most && Date.now() + wait < deadline
        if (!retry) return { failure: explainGithub(error, route, needs) }
        await pause(wait, signal)
      }
    }
  }
  return {
    async scopes() {
      // Costs nothing of the limit that it tells of.
      const outcome = await attempt('GET /rate_limit', {}, 'the token is not accepted here')
      if ('failure' in outcome) return outcome
      const listed = outcome.value.headers['x-oauth-scopes']
      return {
        value:
          listed === undefined
            ? undefined
            : String(listed)
                .split(',')
                .map((scope) => scope.trim())
                .filter((scope) => scope !== ''),
      }
    },
    async get(route, parameters, needs) {
      const outcome = await attempt(route, parameters, needs)
      return 'failure' in outcome ? outcome : { value: outcome.value.data }
    },
    async list(route, parameters, needs) {
      const items: unknown[] = []
      for (let page = 1; ; page++) {
        const outcome = await attempt(route, { ...parameters, per_page: 100, page }, needs)
        if ('failure' in outcome) return { items, failure: outcome.failure }
        const { data, headers } = outcome.value
        if (!Array.isArray(data)) {
          return { items, failure: { status: 200, reason: 'call failed', detail: `${route}: the answer is no list` } }
        }
        items.push(...data)
        if (data.length === 0 || !headers.link?.includes('rel="next"')) return { items }
      }
    },
  }
}

interface RequestFailure {
  readonly status?: number
  readonly message?: string
  readonly response?: { readonly headers?: Readonly<Record<string, string | number | undefined>> }
}

/** Milliseconds to wait before another try; undefined if another try would give the same. */
function waitFor(error: unknown): number | undefined {
  const { status = 0, response } = error as RequestFailure
  const headers = response?.headers ?? {}
  if (isRateLimit(error)) {
    const retryAfter = Number(headers['retry-after'])
    if (headers['retry-after'] !== undefined && Number.isFinite(retryAfter)) return retryAfter * 1000
    const reset = Number(headers['x-ratelimit-reset'])
    return Number.isFinite(reset) ? Math.max(0, reset * 1000 - Date.now()) : 60_000
  }
  return status >= 500 && response !== undefined ? PAUSE_MILLISECONDS : undefined
}

/** 429, or 403 with the sign of a limit; a plain 403 is a missing right. */
function isRateLimit(error: unknown): boolean {
  const { status, message = '', response } = error as RequestFailure
  const headers = response?.headers ?? {}
  if (status === 429) return true
  if (status !== 403) return false
  return (
    headers['retry-after'] !== undefined ||
    String(headers['x-ratelimit-remaining']) === '0' ||
    /rate limit/i.test(message)
  )
}

function explainGithub(error: unknown, route: string, needs: string): GithubFailure {
  const { status, message = '', response } = error as RequestFailure
  if (response === undefined) {
    const timedOut = (error as Error).name === 'TimeoutError' || /timeout|aborted/i.test(message)
    return {
      status: undefined,
      reason: timedOut ? 'no answer in time' : 'not reached',
      detail: `${route}: ${firstLine(message)}`,
    }
  }
  if (isRateLimit(error))
    return {
      status,
      reason: 'rate limited',
      detail: `${route}: GitHub's limit lasts longer than --timeout; try again later`,
    }
  if (status === 401)
    return { status, reason: 'token refused', detail: `${route}: the token is expired or not valid here` }
  if (status === 403 || status === 404 || status === 422) {
    return { status, reason: 'access denied', detail: `${route}: HTTP ${status}; ${needs}` }
  }
  return { status, reason: 'call failed', detail: `${route}: HTTP ${status}` }
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').slice(0, 200)
}
