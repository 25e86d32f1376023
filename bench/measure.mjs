// Measuring of commands, by the operating system's own accounting of a child; needs python3.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const ACCOUNT = `
import os, sys, time
start = time.time()
pid = os.fork()
if pid == 0:
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0); os.dup2(null, 1)
    os.execvp(sys.argv[1], sys.argv[1:])
_, status, use = os.wait4(pid, 0)
print(os.waitstatus_to_exitcode(status), use.ru_utime + use.ru_stime, time.time() - start, use.ru_maxrss)
`

export const smoke = process.argv.includes('--smoke')
const named = process.argv.indexOf('--runs')
const runs = smoke ? 1 : named > 0 ? Number(process.argv[named + 1]) : 5

/** Runs commands in turn, A B C A B C …, after one round that does not count; medians of each. */
export function alternate(commands, options = {}) {
  const measured = commands.map(() => [])
  for (let round = smoke ? 1 : 0; round <= runs; round++) {
    for (const [i, command] of commands.entries()) {
      const result = measure(command, options)
      if (round > 0) measured[i].push(result)
    }
  }
  return measured.map((list) => ({
    cpu: median(list.map((m) => m.cpu)),
    wall: median(list.map((m) => m.wall)),
    rss: Math.max(...list.map((m) => m.rss)),
  }))
}

/**
 * CPU and wall seconds and peak memory (MB) of one process with its children, beside others; `codes` are the exit codes
 * that mean success. Rejects on any other.
 */
export function measureBeside(command, { cwd, env, codes = [0] } = {}) {
  return new Promise((resolve, reject) => {
    const settings = { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] }
    const child = spawn('python3', ['-c', ACCOUNT, ...command], settings)
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      stderr = (stderr + chunk).slice(-2000)
    })
    child.on('error', reject)
    child.on('close', (status) => {
      const [code, cpu, wall, rss] = stdout.trim().split(' ').map(Number)
      if (status === 0 && codes.includes(code)) resolve({ cpu, wall, rss: rss / 1024 })
      else reject(new Error(`${command.join(' ')} ended with ${status === 0 ? code : status}: ${stderr}`))
    })
  })
}

/** CPU and wall seconds and peak memory (MB) of one process with its children. */
function measure(command, { cwd, env, codes = [0] }) {
  const settings = { encoding: 'utf8', cwd, env: { ...process.env, ...env } }
  const { stdout, stderr, status } = spawnSync('python3', ['-c', ACCOUNT, ...command], settings)
  if (status !== 0) throw new Error(`cannot measure ${command.join(' ')}: ${stderr}`)
  const [code, cpu, wall, rss] = stdout.trim().split(' ').map(Number)
  if (!codes.includes(code)) throw new Error(`${command.join(' ')} ended with ${code}: ${stderr}`)
  return { cpu, wall, rss: rss / 1024 }
}

/** A program on PATH, in a folder of BENCH_TOOLS, or (gitleaks) where Go installs it; undefined if it is nowhere. */
export function findProgram(name) {
  const folders = [...(process.env.BENCH_TOOLS ?? '').split(delimiter), ...(process.env.PATH ?? '').split(delimiter)]
  const go = spawnSync('go', ['env', 'GOPATH'], { encoding: 'utf8' })
  if (go.status === 0) folders.push(join(go.stdout.trim(), 'bin'))
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(existsSync)
}

export function ms(seconds) {
  return `${(seconds * 1000).toFixed(0)} ms CPU`
}

export function print(name, { cpu, wall, rss }, note = '') {
  console.log(
    `${name.padEnd(36)} ${cpu.toFixed(3)} CPU s  ${wall.toFixed(3)} s  ${rss.toFixed(0)} MB${note && `  (${note})`}`,
  )
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
}
