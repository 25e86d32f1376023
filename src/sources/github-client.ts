import type { GithubTarget } from '../model.ts'
import {
  connectGithub,
  type GithubConnection,
  type GithubOutcome,
  type GithubParameters,
  type SendLimits,
} from './github-connection.ts'
import type { GithubFailure } from './github-failure.ts'

export type { GithubOutcome, GithubParameters } from './github-connection.ts'
export type { GithubFailure } from './github-failure.ts'

export interface GithubPages<T> {
  readonly items: readonly T[]
  readonly failure?: GithubFailure
}

/** Requests to GitHub's REST API. What goes wrong is a value; only the end of the run is thrown. */
export interface GithubClient {
  /** `app`: some requests are for Apps only. */
  readonly credential: 'app' | 'token' | 'none'
  /** Whether nothing can be asked in time any more. */
  isSpent(): boolean
  get(route: string, parameters: GithubParameters, needs: string): Promise<GithubOutcome<unknown>>
  /** All pages of a list, a hundred items each. `field`: where the list stands in the answer, if the answer is none itself. */
  list(route: string, parameters: GithubParameters, needs: string, field?: string): Promise<GithubPages<unknown>>
  /** The scopes of a classic token, by GitHub's own word; undefined for other kinds of tokens, which have none. */
  scopes(): Promise<GithubOutcome<readonly string[] | undefined>>
}

/** Connections of a run: what one scanner asked, the next need not ask again. */
const connections = new WeakMap<object, Map<string, Promise<GithubConnection>>>()

/**
 * Opens a target. `deadline` (as Date.now() gives it) limits how long a rate limit is waited out. `run`: an object that is the same for
 * all who may share answers; without one nothing is shared.
 */
export async function openGithub(
  target: GithubTarget,
  signal: AbortSignal,
  deadline: number,
  run: object = {},
): Promise<GithubClient> {
  return clientOf(await connectionOf(target, run), target, { signal, deadline })
}

/** One for each server and credential; an App has another token for each owner. */
function connectionOf(target: GithubTarget, run: object): Promise<GithubConnection> {
  const open = connections.get(run) ?? new Map<string, Promise<GithubConnection>>()
  connections.set(run, open)
  const key = JSON.stringify([target.url, target.app?.id ?? target.token, target.app && target.owner])
  const connection = open.get(key) ?? connectGithub(target)
  open.set(key, connection)
  return connection
}

function clientOf(connection: GithubConnection, target: GithubTarget, limits: SendLimits): GithubClient {
  return {
    credential: target.app ? 'app' : target.token ? 'token' : 'none',
    isSpent: () => connection.isSpent(limits.deadline),
    async scopes() {
      // Costs nothing of the limit that it tells of.
      const outcome = await connection.send('GET /rate_limit', {}, 'the token is not accepted here', limits)
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
      const outcome = await connection.send(route, parameters, needs, limits)
      if ('failure' in outcome) return outcome
      const { data } = outcome.value
      return Array.isArray(data) ? broken(route, 'the answer is a list') : { value: data }
    },
    async list(route, parameters, needs, field) {
      const items: unknown[] = []
      let last = ''
      for (let page = 1; ; page++) {
        const outcome = await connection.send(route, { ...parameters, per_page: 100, page }, needs, limits)
        if ('failure' in outcome) return { items, failure: outcome.failure }
        const { data, headers } = outcome.value
        const list = field === undefined ? data : (data as Record<string, unknown> | null)?.[field]
        if (!Array.isArray(list)) return { items, ...broken(route, 'the answer is no list') }
        const text = JSON.stringify(list)
        if (list.length > 0 && text === last) return { items, ...broken(route, `page ${page} is the one before again`) }
        last = text
        const whole = list.filter((item) => typeof item === 'object' && item !== null)
        items.push(...whole)
        if (whole.length < list.length) return { items, ...broken(route, 'the list has items that are none') }
        if (list.length === 0 || !headers.link?.includes('rel="next"')) return { items }
      }
    },
  }
}

/** An answer that is not of the form that GitHub describes. */
function broken(route: string, what: string): { failure: GithubFailure } {
  return { failure: { status: 200, reason: 'call failed', detail: `${route}: ${what}` } }
}
