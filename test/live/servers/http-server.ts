import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An answer as a test writes it: a string body goes out as it is (HTML unless a header says otherwise), the rest as JSON. */
export interface Answer {
  status?: number
  headers?: Record<string, string>
  body?: unknown
}

/** Instead of an answer: the request stays open until the client gives up or the server stops. */
export const HANG = 'hang'

export interface LoopbackServer {
  url: string
  stop(): Promise<void>
}

/** A loopback HTTP server on a free port. What `handle` throws becomes status 500 with the message, so that a test sees it. */
export async function startHttpServer(
  handle: (request: IncomingMessage, body: Buffer, response: ServerResponse) => Promise<void>,
): Promise<LoopbackServer> {
  const server = createServer(async (request, response) => {
    try {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      await handle(request, Buffer.concat(chunks), response)
    } catch (error) {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' })
      response.end(`test server: ${error instanceof Error ? error.stack : error}`)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      const closed = once(server.close(), 'close')
      server.closeAllConnections()
      await closed
    },
  }
}

export function sendAnswer(response: ServerResponse, answer: Answer): void {
  const { status = 200, headers = {}, body } = answer
  const isText = typeof body === 'string'
  const type = isText ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8'
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')
  response.writeHead(status, hasType || body === undefined ? headers : { 'content-type': type, ...headers })
  response.end(body === undefined || isText ? body : JSON.stringify(body))
}
