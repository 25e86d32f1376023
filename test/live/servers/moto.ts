import { requireInstalled } from './installed.ts'
import { freePorts, startProcess, waitUntil } from './process.ts'

export interface MotoServer {
  /** The endpoint of every AWS service; any credentials do. */
  url: string
  /** Forgets all resources of all accounts. */
  reset(): Promise<void>
  stop(): Promise<void>
}

/** Starts moto, a server that behaves like AWS, with no resources. Throws `NotInstalled`. */
export async function startMoto(): Promise<MotoServer> {
  const program = requireInstalled('moto')
  const [port = 0] = await freePorts(1)
  const url = `http://127.0.0.1:${port}`
  const moto = startProcess(program, ['-H', '127.0.0.1', '-p', String(port)])
  try {
    await waitUntil('moto', async () => (await fetch(`${url}/moto-api/data.json`)).ok, [moto])
  } catch (error) {
    await moto.stop()
    throw error
  }
  return {
    url,
    async reset() {
      await fetch(`${url}/moto-api/reset`, { method: 'POST' })
    },
    stop: () => moto.stop(),
  }
}
