import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface RunningProcess {
  /** Throws, with the last of what the program printed, if it has ended by itself. */
  assertRunning(): void
  /** SIGTERM, after `graceMs` SIGKILL; resolves when it is gone. */
  stop(graceMs?: number): Promise<void>
}

const children = new Set<ChildProcess>()
const folders = new Set<string>()
let watching = false

/** Starts a server program that lives until `stop`, at the longest as long as this process. */
export function startProcess(command: string, args: string[], env: NodeJS.ProcessEnv = process.env): RunningProcess {
  cleanUpOnExit()
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  children.add(child)
  let output = ''
  let failure: Error | undefined
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4000)
    })
  }
  child.on('error', (error) => {
    failure = error
  })
  child.on('close', () => children.delete(child))
  const hasEnded = () => failure !== undefined || child.exitCode !== null || child.signalCode !== null

  return {
    assertRunning() {
      if (hasEnded()) throw new Error(`${command} ended:\n${output}`, { cause: failure })
    },
    async stop(graceMs = 10_000) {
      if (hasEnded()) return
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
      await closed
      clearTimeout(timer)
    },
  }
}

/** A temporary folder that is gone when this process is; `remove` it earlier. */
export function temporaryFolder(name: string): { path: string; remove(): void } {
  cleanUpOnExit()
  const path = mkdtempSync(join(tmpdir(), `zt-audit-${name}-`))
  folders.add(path)
  return {
    path,
    remove() {
      rmSync(path, { recursive: true, force: true })
      folders.delete(path)
    },
  }
}

/** Different free loopback ports: all are held open until the last is found. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

/** Polls until `isReady` gives true. An exception of it (a refused connection) counts as not yet. */
export async function waitUntil(what: string, isReady: () => Promise<boolean>, running: RunningProcess[], ms = 60_000) {
  const deadline = Date.now() + ms
  let last: unknown
  for (;;) {
    for (const process of running) process.assertRunning()
    try {
      if (await isReady()) return
    } catch (error) {
      last = error
    }
    if (Date.now() > deadline) throw new Error(`${what}: not after ${ms / 1000} s`, { cause: last })
    await sleep(50)
  }
}

/** Node runs no `exit` listener when a signal ends it, and vitest ends a worker that hangs by a signal. */
function cleanUpOnExit(): void {
  if (watching) return
  watching = true
  process.once('exit', cleanUp)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      cleanUp()
      process.kill(process.pid, signal)
    })
  }
}

function cleanUp(): void {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}
