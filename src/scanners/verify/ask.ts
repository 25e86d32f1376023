import { Buffer } from 'node:buffer'
import { type Agent, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { proxyFor } from '../../sources/proxy.ts'
import type { Answer } from './answer.ts'

/** One call. The secret stands in its headers only: addresses come to logs. */
export interface Call {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** Answers of these calls are some hundred bytes; what is longer is another thing. */
const LARGEST_ANSWER = 64 << 10

/**
 * Sends one call, once. Redirects are not followed: a secret goes to the host that was named and to no other. A proxy of the
 * environment is used (HTTPS_PROXY, NO_PROXY). Gives the answer, or why there is none, in words that hold nothing of the call.
 */
export async function send(call: Call, signal: AbortSignal): Promise<Answer | string> {
  const url = new URL(call.url)
  const agent = await agentFor(call.url)
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  const options = {
    method: call.method,
    headers: { 'user-agent': 'zt-audit', accept: 'application/json', ...call.headers },
    signal,
    ...(agent && { agent }),
  }
  return new Promise((resolve) => {
    const fail = (error: Error) => resolve(describeFailure(error, signal))
    const sent = request(url, options, (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('error', fail)
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size <= LARGEST_ANSWER) chunks.push(chunk)
        else {
          resolve('the answer is too long')
          sent.destroy()
        }
      })
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      )
    })
    sent.on('error', fail)
    sent.end(call.body)
  })
}

/** An agent that goes through the proxy of the environment; undefined where there is none. */
export async function agentFor(url: string): Promise<Agent | undefined> {
  const proxy = proxyFor(url, process.env)
  if (proxy === undefined) return undefined
  const { HttpProxyAgent, HttpsProxyAgent } = await import('hpagent')
  return url.startsWith('https:') ? new HttpsProxyAgent({ proxy }) : new HttpProxyAgent({ proxy })
}

/** The code of an error alone: messages quote addresses, and a proxy's address may hold a password. */
export function describeFailure(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'no answer in time'
  const { code } = error as NodeJS.ErrnoException
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code) ? `not reached (${code})` : 'not reached'
}
