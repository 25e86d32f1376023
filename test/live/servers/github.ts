import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { checkAnswer, checkRequest, isOperation, matchOperation } from './github-contract.ts'
import { type Answer, HANG, type LoopbackServer, sendAnswer, startHttpServer } from './http-server.ts'

export { githubBody, githubOrganization, githubRepository, githubUser } from './github-bodies.ts'

/** A request as an answer function sees it. */
export interface GitHubRequest {
  /** Path parameters by name, decoded. */
  params: Record<string, string>
  query: URLSearchParams
  headers: IncomingHttpHeaders
  /** The server's own address and the path, for `Link` headers. */
  url: URL
  /** How often this operation was asked for, this time included. */
  count: number
}

export type GitHubAnswer = Answer | typeof HANG

/** By operation: `'GET /orgs/{org}/members': (request) => ({ body: [githubUser('amy')] })`. */
export type GitHubAnswers = Record<string, (request: GitHubRequest) => GitHubAnswer | Promise<GitHubAnswer>>

export interface GitHubServer extends LoopbackServer {
  /** What client or test did against GitHub's published description; empty at the end of a good test. */
  violations: string[]
  /** Calls per operation. */
  calls: Map<string, number>
  /** May be changed while the server runs. */
  answers: GitHubAnswers
}

/**
 * Starts a server that holds both sides to GitHub's OpenAPI description: requests, and the answers that the test gives. An operation
 * without an answer is 404, as GitHub answers for what a token may not see. Throws for an answer to an operation not described.
 */
export async function startGitHub(answers: GitHubAnswers = {}): Promise<GitHubServer> {
  for (const name of Object.keys(answers)) {
    if (!isOperation(name)) throw new Error(`${name} is not in test/fixtures/github/openapi-subset.json`)
  }
  const violations: string[] = []
  const calls = new Map<string, number>()
  const github = { violations, calls, answers }

  const server = await startHttpServer(async (request, _body, response) => {
    const answer = await answerOf(github, request)
    if (answer !== HANG) sendAnswer(response, answer)
  })
  return { ...server, ...github }
}

async function answerOf(
  github: Omit<GitHubServer, keyof LoopbackServer>,
  request: IncomingMessage,
): Promise<GitHubAnswer> {
  const { violations, calls, answers } = github
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
  const matched = matchOperation(request.method ?? '', url.pathname)
  if (matched === undefined) {
    violations.push(`${request.method} ${url.pathname}: no such operation`)
    return notFound()
  }
  // GitHub refuses requests without one.
  if (!request.headers['user-agent']) violations.push(`${matched.name}: no user-agent`)
  violations.push(...checkRequest(matched, url.searchParams))
  const count = (calls.get(matched.name) ?? 0) + 1
  calls.set(matched.name, count)

  const { headers } = request
  const give = answers[matched.name] ?? notFound
  const answer = await give({ params: matched.params, query: url.searchParams, headers, url, count })
  if (answer !== HANG) violations.push(...checkAnswer(matched, answer.status ?? 200, answer.body))
  return answer
}

/** The page of `items` that the request asks for (30 a page by default), with a `Link` header to the next. */
export function page(request: GitHubRequest, items: unknown[]): Answer {
  const size = Number(request.query.get('per_page') ?? 30)
  const number = Number(request.query.get('page') ?? 1)
  const body = items.slice((number - 1) * size, number * size)
  if (number * size >= items.length) return { body }
  const next = new URL(request.url)
  next.searchParams.set('page', String(number + 1))
  return { body, headers: { link: `<${next}>; rel="next"` } }
}

export function notFound(): Answer {
  return error(404, 'Not Found')
}

/** A token without the right, or the scope, for what it asks. */
export function forbidden(message = 'Resource not accessible by personal access token'): Answer {
  return error(403, message)
}

/** The hourly limit is used up: 403, and when it starts anew (seconds since 1970). */
export function rateLimited(resetAt = Math.floor(Date.now() / 1000) + 3600): Answer {
  const headers = { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(resetAt) }
  return { ...error(403, 'API rate limit exceeded for user ID 1.'), headers }
}

/** The secondary limit: too much at once. */
export function tooManyRequests(retryAfterSeconds: number): Answer {
  const answer = error(429, 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.')
  return { ...answer, headers: { 'retry-after': String(retryAfterSeconds) } }
}

/** GitHub's pages for outages are HTML, whatever was asked for. */
export function htmlError(status = 500): Answer {
  return { status, body: '<!DOCTYPE html><html><head><title>Unicorn!</title></head><body></body></html>' }
}

function error(status: number, message: string): Answer {
  const documentation_url = 'https://docs.github.com/rest'
  return { status, body: { message, documentation_url, status: String(status) } }
}
