import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Answer, answerOf, type DemoAccount } from './account.ts'

/** A made-up account that answers on this machine only. */
export interface Replay {
  /** For --aws-endpoint. */
  readonly url: string
  stop(): void
}

/**
 * Answers calls of AWS's Query API from a made-up account, on a free port of 127.0.0.1, so that the audit's own client asks its
 * own questions and reads the answers as it would AWS's. What was sent with a call is not kept. Throws if no port can be opened.
 */
export async function replay(account: () => DemoAccount): Promise<Replay> {
  const server = createServer((request, response) => {
    bodyOf(request)
      .then((body) => {
        const target = String(request.headers['x-amz-target'] ?? '')
        if (target !== '') {
          // The only service of the JSON protocol that is asked here is Organizations: the account is in none.
          response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' })
          response.end(JSON.stringify({ __type: 'AWSOrganizationsNotInUseException' }))
          return
        }
        const parameters = new URLSearchParams(body)
        const action = parameters.get('Action') ?? ''
        const answer = answerOf(account(), action, parameters)
        response.writeHead('error' in answer ? answer.status : 200, { 'content-type': 'text/xml' })
        response.end(toXml(action, answer))
      })
      .catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  server.unref()
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  return body
}

function toXml(action: string, answer: Answer): string {
  if ('error' in answer)
    return `<ErrorResponse><Error><Type>Sender</Type><Code>${answer.error}</Code><Message>the made-up account of the demo does not know ${escapeXml(action)}</Message></Error></ErrorResponse>`
  return `<${action}Response><${action}Result>${element(answer.result)}</${action}Result></${action}Response>`
}

/** https://smithy.io/2.0/aws/protocols/aws-query-protocol.html: lists as members, maps as entries. */
function element(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `<member>${element(item)}</member>`).join('')
  if (value instanceof Map)
    return [...value].map(([key, item]) => `<entry><key>${key}</key><value>${element(item)}</value></entry>`).join('')
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([name, item]) => `<${name}>${element(item)}</${name}>`)
      .join('')
  return escapeXml(String(value))
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
