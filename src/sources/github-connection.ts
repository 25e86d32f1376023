import type { GithubTarget } from '../model.ts'
import { appToken, installationTokens } from './github-app.ts'
import { BrokenAnswer, explainGithub, type GithubFailure, isRateLimit, waitFor } from './github-failure.ts'
import { pause } from './pause.ts'

export type GithubOutcome<T> = { readonly value: T } | { readonly failure: GithubFailure }
export type GithubParameters = Readonly<Record<string, string | number | boolean>>
export interface GithubResponse {
  readonly status: number
  readonly data: unknown
  readonly headers: { readonly link?: string | undefined; readonly 'x-oauth-scopes'?: string | number | undefined }
}
export interface SendLimits {
  readonly signal: AbortSignal
  /** As Date.now() gives it: no limit is waited out beyond. */
  readonly deadline: number
}

/** One server with one credential: what is asked once is not asked again, and no more than four requests are under way. */
export interface GithubConnection {
  send(
    route: string,
    parameters: GithubParameters,
    needs: string,
    limits: SendLimits,
  ): Promise<GithubOutcome<GithubResponse>>
  /** Whether nothing can be asked before the deadline any more, because of a rate limit or the time itself. */
  isSpent(deadline: number): boolean
}

const RATE_LIMIT_RETRIES = 3
const OUTAGE_RETRIES = 1
/** One request; GitHub itself gives up after ten seconds. */
const REQUEST_TIMEOUT = 30_000
/** GitHub allows a hundred; its advice is to send them one after the other. */
const AT_A_TIME = 4
/** What HTTP allows in a header; a token with anything else would come back within the message of an error. */
const SENDABLE = /^[\x21-\x7e]+$/
const NO_CONTENT = new Set([202, 204, 205])
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

const UNSENDABLE = 'the token has a character that no token has, such as a space or the end of a line'

/** Where an App is installed, told to the App itself: the first hundred. */
export async function appInstallations(
  app: NonNullable<GithubTarget['app']>,
  url: string | undefined,
  signal: AbortSignal,
): Promise<GithubOutcome<unknown>> {
  const { Octokit } = await import('@octokit/rest')
  const route = 'GET /app/installations'
  try {
    const octokit = new Octokit(baseOf(url))
    const headers = bearer(appToken(app, Date.now()))
    return { value: (await octokit.request(route, { per_page: 100, headers, request: { signal } })).data }
  } catch (error) {
    return {
      failure: explainGithub(error, route, 'the id and the key do not belong together', isEnterpriseServer(url)),
    }
  }
}

function baseOf(url: string | undefined) {
  return { userAgent: 'zt-audit', log: silent, ...(url && { baseUrl: url.replace(/\/+$/, '') }) }
}

/** Opens a connection; nothing is sent yet. */
export async function connectGithub(target: GithubTarget): Promise<GithubConnection> {
  const { Octokit } = await import('@octokit/rest')
  const base = baseOf(target.url)
  const token = target.app ? undefined : target.token?.trim()
  const isSendable = !token || SENDABLE.test(token)
  const octokit = new Octokit({ ...base, ...(token && isSendable && { auth: token }) })
  const tokens =
    target.app &&
    installationTokens(target.app, target.owner, async (route, parameters, jwt) => {
      const request = { signal: AbortSignal.timeout(REQUEST_TIMEOUT) }
      return (await octokit.request(route, { ...parameters, headers: bearer(jwt), request })).data
    })
  const gate = new Gate(AT_A_TIME)
  const answers = new Map<string, Promise<GithubOutcome<GithubResponse>>>()
  let limitedUntil = 0

  const once = async (route: string, parameters: GithubParameters, signal: AbortSignal): Promise<GithubResponse> => {
    const headers = tokens && bearer(await tokens())
    const limited = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT)])
    const sent = { ...parameters, ...(headers && { headers }), request: { signal: limited } }
    const response = await octokit.request(route, sent)
    const isBody = typeof response.data === 'object' && response.data !== null
    if (!isBody && !NO_CONTENT.has(response.status)) throw new BrokenAnswer(response.status)
    return response
  }
  const attempt: GithubConnection['send'] = async (route, parameters, needs, { signal, deadline }) => {
    let last: unknown
    for (let tries = 0; ; tries++) {
      signal.throwIfAborted()
      const rest = limitedUntil - Date.now()
      if (rest > 0) {
        if (limitedUntil >= deadline) return { failure: explain(last ?? limited(), route, needs) }
        await pause(rest, signal)
      }
      if (Date.now() >= deadline)
        return { failure: { status: undefined, reason: 'out of time', detail: `${route}: --timeout` } }
      try {
        return { value: await once(route, parameters, signal) }
      } catch (error) {
        signal.throwIfAborted()
        last = error
        const wait = waitFor(error)
        if (wait !== undefined && isRateLimit(error)) limitedUntil = Math.max(limitedUntil, Date.now() + wait)
        const most = isRateLimit(error) ? RATE_LIMIT_RETRIES : OUTAGE_RETRIES
        const retry = wait !== undefined && tries < most && Date.now() + wait < deadline
        if (!retry) return { failure: explain(error, route, needs) }
        await pause(wait, signal)
      }
    }
  }
  const explain = (error: unknown, route: string, needs: string) =>
    explainGithub(error, route, needs, isEnterpriseServer(target.url))
  return {
    isSpent: (deadline) => Date.now() >= deadline || limitedUntil >= deadline,
    async send(route, parameters, needs, limits) {
      if (!isSendable) return { failure: { status: 401, reason: 'token refused', detail: `${route}: ${UNSENDABLE}` } }
      const key = JSON.stringify([route, Object.entries(parameters).sort()])
      const known = answers.get(key)
      if (known) return known
      const asked = gate.run(() => attempt(route, parameters, needs, limits))
      answers.set(key, asked)
      try {
        const outcome = await asked
        if ('failure' in outcome && isPassing(outcome.failure)) answers.delete(key)
        return outcome
      } catch (error) {
        answers.delete(key)
        throw error
      }
    },
  }
}

/** A limit that another request met: it is not asked again. */
function limited() {
  return { status: 429, message: 'rate limit', response: { headers: {} } }
}

function bearer(token: string) {
  return { authorization: `Bearer ${token}` }
}

/** What may be another time is asked another time. */
function isPassing({ status, reason }: GithubFailure): boolean {
  return status === undefined || status >= 500 || reason === 'rate limited'
}

/** GitHub.com and GitHub Enterprise Cloud (`api.SUBDOMAIN.ghe.com`) are always of the newest version. */
function isEnterpriseServer(url: string | undefined): boolean {
  if (url === undefined || !URL.canParse(url)) return false
  const { hostname } = new URL(url)
  return hostname !== 'api.github.com' && !hostname.endsWith('.ghe.com')
}

/** Lets a number of tasks run at a time, in the order in which they came. */
class Gate {
  readonly #most: number
  readonly #waiting: (() => void)[] = []
  #running = 0
  constructor(most: number) {
    this.#most = most
  }
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#most) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running++
    try {
      return await task()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }
}
