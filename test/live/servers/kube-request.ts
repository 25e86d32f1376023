import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'

export interface KubeRequestOptions {
  token?: string
  /** An object goes out as JSON. */
  body?: unknown
  /** Of the body; default `application/json`. */
  contentType?: string
  /** A list becomes a repeated header, as `Impersonate-Group` is. */
  headers?: Record<string, string | string[]>
}

export interface KubeResponse {
  status: number
  /** Parsed if it is JSON, else the text. */
  body: unknown
}

/** One call by `node:https`, since `fetch` can neither take a certificate authority nor upgrade a connection. */
export function kubeRequest(
  server: string,
  ca: Buffer,
  method: string,
  path: string,
  options: KubeRequestOptions = {},
): Promise<KubeResponse> {
  const { token, body, contentType = 'application/json', headers = {} } = options
  const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const sent: Record<string, string | string[]> = { ...headers }
  if (token !== undefined) sent.authorization = `Bearer ${token}`
  if (payload !== undefined) sent['content-type'] = contentType
  return new Promise((resolve, reject) => {
    const call = request(new URL(path, server), { method, ca, headers: sent, agent: false, timeout: 30_000 })
    call.on('response', (response) => read(response).then(resolve, reject))
    call.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve({ status: response.statusCode ?? 0, body: '' })
    })
    call.on('timeout', () => call.destroy(new Error(`${method} ${path}: no answer in 30 s`)))
    call.on('error', reject)
    call.end(payload)
  })
}

async function read(response: IncomingMessage): Promise<KubeResponse> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  return { status: response.statusCode ?? 0, body: parse(text) }
}

/** A watch is several JSON documents: that is text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
