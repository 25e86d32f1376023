import { readFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import { proxyFor } from './proxy.ts'

const CONNECT_TIMEOUT = 5_000

/** What the SDK's HTTP handler takes. */
export interface Transport {
  readonly connectionTimeout: number
  readonly httpsAgent?: Agent
}

/**
 * How calls leave the machine: HTTPS_PROXY unless NO_PROXY names the host, and the certificates of AWS_CA_BUNDLE instead of the
 * built-in ones, as AWS's own command line does. NODE_EXTRA_CA_CERTS works by itself. Throws if the bundle cannot be read.
 */
export async function transportOf(env: NodeJS.ProcessEnv): Promise<Transport> {
  const bundle = env.AWS_CA_BUNDLE
  const options = { keepAlive: true, maxSockets: 50, ...(bundle && { ca: await readFile(bundle, 'utf8') }) }
  const proxy = env.HTTPS_PROXY || env.https_proxy
  if (!proxy) return { connectionTimeout: CONNECT_TIMEOUT, ...(bundle && { httpsAgent: new Agent(options) }) }
  const { HttpsProxyAgent } = await import('hpagent')
  const agent = new HttpsProxyAgent({ ...options, proxy }) as unknown as Connecting
  const throughProxy = agent.createConnection
  // One agent serves every host: which of them are exempt is decided as each is connected to.
  agent.createConnection = (target, callback) => {
    const direct = proxyFor(`https://${target.host}`, env) === undefined
    const connect = direct ? (Agent.prototype as unknown as Connecting).createConnection : throughProxy
    return connect.call(agent, target, callback)
  }
  return { connectionTimeout: CONNECT_TIMEOUT, httpsAgent: agent as unknown as Agent }
}

/** The part of an agent that Node documents and its types leave out. */
interface Connecting {
  createConnection(target: { host?: string }, callback: unknown): unknown
}
