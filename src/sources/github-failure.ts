import { GithubAppError } from './github-app.ts'

/** GitHub answers with objects and lists: whatever else came is of a proxy, or was cut on the way. */
export class BrokenAnswer extends Error {
  readonly status: number
  constructor(status: number) {
    super('the answer is no JSON')
    this.status = status
  }
}

/** Why a request gave nothing. */
export interface GithubFailure {
  readonly status: number | undefined
  readonly reason: string
  /** Names the request, and what would help. Holds no token. */
  readonly detail: string
  /** GitHub's own word, one line; some answers differ in nothing else. */
  readonly message?: string
}

export interface RequestFailure {
  readonly status?: number
  readonly message?: string
  readonly response?: { readonly headers?: Readonly<Record<string, string | number | undefined>> }
}

/** Where GitHub does not say how long to wait. */
const PAUSE_MILLISECONDS = 1000
/** GitHub's advice for a secondary limit without `Retry-After`. */
const SECONDARY_PAUSE_MILLISECONDS = 60_000

/**
 * Milliseconds to wait before another try; undefined if another try would give the same. Source:
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
export function waitFor(error: unknown): number | undefined {
  const { status = 0, response } = error as RequestFailure
  if (error instanceof BrokenAnswer) return PAUSE_MILLISECONDS
  const headers = response?.headers ?? {}
  if (isRateLimit(error)) {
    const retryAfter = retryAfterOf(headers['retry-after'])
    if (retryAfter !== undefined) return retryAfter
    const reset = Number(headers['x-ratelimit-reset'])
    const usedUp = String(headers['x-ratelimit-remaining']) === '0'
    return usedUp && Number.isFinite(reset) ? Math.max(0, reset * 1000 - Date.now()) : SECONDARY_PAUSE_MILLISECONDS
  }
  return status >= 500 && response !== undefined ? PAUSE_MILLISECONDS : undefined
}

/** Milliseconds; HTTP allows seconds and a date. Undefined for what is neither. */
function retryAfterOf(header: string | number | undefined): number | undefined {
  if (header === undefined) return undefined
  const seconds = Number(header)
  const until = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(String(header)) - Date.now()
  return Number.isNaN(until) ? undefined : Math.max(0, until)
}

/** 429, or 403 with the sign of a limit; a plain 403 is a missing right. */
export function isRateLimit(error: unknown): boolean {
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

/** What is told of a failed request. `needs`: what a token must have; `enterprise`: the server is somebody's own, maybe an old one. */
export function explainGithub(error: unknown, route: string, needs: string, enterprise: boolean): GithubFailure {
  if (error instanceof GithubAppError)
    return { status: 401, reason: 'App not accepted', detail: `${route}: ${error.message}` }
  if (error instanceof BrokenAnswer)
    return { status: error.status, reason: 'call failed', detail: `${route}: ${error.message}; is a proxy between?` }
  const { status, message = '', response } = error as RequestFailure
  if (response === undefined) {
    const timedOut = (error as Error).name === 'TimeoutError' || /timeout|aborted/i.test(message)
    const reason = timedOut ? 'no answer in time' : 'not reached'
    return { status: undefined, reason, detail: `${route}: ${firstLine(message)}` }
  }
  const told = { status, message: firstLine(message) }
  if (isRateLimit(error))
    return {
      ...told,
      reason: 'rate limited',
      detail: `${route}: GitHub's limit lasts longer than --timeout; try again later`,
    }
  if (status === 401)
    return { ...told, reason: 'token refused', detail: `${route}: the token is expired or not valid here` }
  if (status === 403 || status === 404 || status === 422) {
    const old = enterprise && status === 404 ? ', or this version of GitHub Enterprise Server has no such request' : ''
    return { ...told, reason: 'access denied', detail: `${route}: HTTP ${status}; ${needs}${old}` }
  }
  if (status === 451)
    return { ...told, reason: 'blocked for legal reasons', detail: `${route}: HTTP 451; GitHub shows it to nobody` }
  return { ...told, reason: 'call failed', detail: `${route}: HTTP ${status}` }
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').slice(0, 200)
}
