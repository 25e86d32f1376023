import { accessKeyOf, iamActionOf, regionOf } from './aws-actions.ts'
import { type Answer, HANG, type LoopbackServer, sendAnswer, startHttpServer } from './http-server.ts'
import { awsError, forward } from './proxy.ts'

/** A call as an answer sees it. */
export interface StandInCall {
  /** The IAM action: `iam:ListUsers`. */
  readonly action: string
  readonly region: string
  readonly accessKey: string
  /** Of the query protocol. */
  readonly params: URLSearchParams
  /** Of JSON protocols. */
  readonly json: Record<string, unknown>
  readonly path: string
  /** Which call of the action it is, from 1. */
  readonly count: number
}
/** Decides call by call: an answer, or `HANG`; undefined forwards. */
export type StandInAnswer = (call: StandInCall) => Answer | typeof HANG | undefined

export interface AwsStandIn extends LoopbackServer {
  /** Calls by IAM action, in the order of the first ones. */
  readonly calls: Map<string, number>
  /** May be changed while it runs. */
  readonly answers: Map<string, StandInAnswer>
}

/**
 * A loopback server that answers for AWS what moto does not do. Without an answer of its own a call goes to `target` (moto's
 * address), or is denied where there is none.
 */
export async function startAwsStandIn(answers: Record<string, StandInAnswer>, target?: string): Promise<AwsStandIn> {
  const calls = new Map<string, number>()
  const answerOf = new Map(Object.entries(answers))
  const server = await startHttpServer(async (request, body, response) => {
    const text = body.toString('utf8')
    const { method = 'GET', url = '/', headers } = request
    const action = iamActionOf({ method, url, headers, body: text })
    const count = (calls.get(action) ?? 0) + 1
    calls.set(action, count)
    const answer = answerOf.get(action)?.({
      action,
      count,
      region: regionOf(headers),
      accessKey: accessKeyOf(headers),
      params: new URLSearchParams(text),
      json: text.startsWith('{') ? JSON.parse(text) : {},
      path: url,
    })
    if (answer === HANG) return
    if (answer === undefined && target) return forward(target, request, body, response)
    sendAnswer(response, answer ?? denied(action))
  })
  return { ...server, calls, answers: answerOf }
}

const QUERY_SERVICES = /^(?:iam|sts|sns):/

/** A denial in the words of the service's protocol. */
export function denied(action: string): Answer {
  const message = `User: arn:aws:iam::123456789012:user/auditor is not authorized to perform: ${action}`
  if (QUERY_SERVICES.test(action)) return awsError(403, 'AccessDenied', message)
  if (action.startsWith('s3:')) {
    const body = `<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`
    return { status: 403, headers: { 'content-type': 'application/xml' }, body }
  }
  return jsonError(400, 'AccessDeniedException', message)
}

/** An error of JSON protocols. */
export function jsonError(status: number, type: string, message: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': type },
    body: JSON.stringify({ __type: type, message }),
  }
}

/** An answer of the query protocol: lists become `member` elements. */
export function queryAnswer(action: string, result: Readonly<Record<string, unknown>>): Answer {
  const name = action.slice(action.indexOf(':') + 1)
  const namespace = action.startsWith('sts:')
    ? 'https://sts.amazonaws.com/doc/2011-06-15/'
    : 'https://iam.amazonaws.com/doc/2010-05-08/'
  const body = `<${name}Response xmlns="${namespace}"><${name}Result>${xmlOf(result)}</${name}Result></${name}Response>`
  return { headers: { 'content-type': 'text/xml' }, body }
}

function xmlOf(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `<member>${xmlOf(item)}</member>`).join('')
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([key, item]) => `<${key}>${xmlOf(item)}</${key}>`)
      .join('')
  return String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

/** An answer of JSON protocols. */
export function jsonAnswer(body: unknown): Answer {
  return { headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) }
}
