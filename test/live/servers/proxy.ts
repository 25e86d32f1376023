import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, HANG, type LoopbackServer, sendAnswer, startHttpServer } from './http-server.ts'

/**
 * What happens to the calls of one AWS action:
 * `denied` as IAM denies, `htmlError` as a load balancer fails, `hang`: never an answer; `throttled`: so many times, then the
 * call passes. A function decides call by call; `undefined` from it forwards.
 */
export type ProxyRule =
  | 'denied'
  | 'htmlError'
  | 'hang'
  | ThrottleRule
  | ((params: URLSearchParams) => Answer | undefined)

/** `status` is 400 by default, as IAM's; `Retry-After` 0. */
export interface ThrottleRule {
  throttled: number
  status?: 400 | 429
  retryAfterSeconds?: number
}

export interface AwsProxy extends LoopbackServer {
  /** Calls per action, answered here or forwarded; a call without `Action` counts as `METHOD /path`. */
  calls: Map<string, number>
  /** The rules by action; may be changed while the proxy runs. */
  rules: Map<string, ProxyRule>
}

/** Stands between a client and a server of AWS's query protocol (IAM, STS) and answers some of the actions itself. */
export async function startProxy(target: string, rules: Record<string, ProxyRule> = {}): Promise<AwsProxy> {
  const calls = new Map<string, number>()
  const ruleOf = new Map(Object.entries(rules))
  const throttledSoFar = new WeakMap<ThrottleRule, number>()

  const server = await startHttpServer(async (request, body, response) => {
    const params = new URLSearchParams(body.toString('utf8'))
    const action = params.get('Action') ?? `${request.method} ${request.url}`
    calls.set(action, (calls.get(action) ?? 0) + 1)
    const answer = answerOf(action, params, ruleOf.get(action), throttledSoFar)
    if (answer === HANG) return
    if (answer === undefined) await forward(target, request, body, response)
    else sendAnswer(response, answer)
  })
  return { ...server, calls, rules: ruleOf }
}

function answerOf(
  action: string,
  params: URLSearchParams,
  rule: ProxyRule | undefined,
  throttledSoFar: WeakMap<ThrottleRule, number>,
): Answer | typeof HANG | undefined {
  if (rule === undefined || rule === HANG) return rule
  if (typeof rule === 'function') return rule(params)
  if (rule === 'denied') return accessDenied(action)
  if (rule === 'htmlError') return { status: 500, body: '<html><body><h1>500 Internal Server Error</h1></body></html>' }
  const soFar = throttledSoFar.get(rule) ?? 0
  if (soFar >= rule.throttled) return undefined
  throttledSoFar.set(rule, soFar + 1)
  return awsError(rule.status ?? 400, 'Throttling', 'Rate exceeded', {
    'retry-after': String(rule.retryAfterSeconds ?? 0),
  })
}

/** IAM's own words for a denied action. */
export function accessDenied(action: string): Answer {
  const user = 'arn:aws:iam::123456789012:user/auditor'
  const reason = `because no identity-based policy allows the iam:${action} action`
  return awsError(
    403,
    'AccessDenied',
    `User: ${user} is not authorized to perform: iam:${action} on resource: * ${reason}`,
  )
}

/** An error of the query protocol; neither code nor message may need escaping in XML. */
export function awsError(status: number, code: string, message: string, headers: Record<string, string> = {}): Answer {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`
  const id = '<RequestId>00000000-0000-4000-8000-000000000000</RequestId>'
  const body = `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">${error}${id}</ErrorResponse>`
  return { status, headers: { 'content-type': 'text/xml', ...headers }, body }
}

export async function forward(
  target: string,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) {
    // `fetch` sets these itself; moto finds service and region in the signature, not in the host.
    if (['host', 'connection', 'content-length', 'transfer-encoding', 'expect'].includes(name)) continue
    headers.set(name, Array.isArray(value) ? value.join(', ') : (value ?? ''))
  }
  const method = request.method ?? 'GET'
  const answer = await fetch(new URL(request.url ?? '/', target), { method, headers, ...(body.length > 0 && { body }) })
  const bytes = Buffer.from(await answer.arrayBuffer())
  const received = Object.fromEntries(answer.headers)
  // `fetch` has unpacked the body already.
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding', 'connection']) delete received[name]
  response.writeHead(answer.status, received).end(bytes)
}
