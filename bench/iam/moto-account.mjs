// An account with thousands of users, policies and roles on a moto server: how long zt-audit takes to audit it, and where that goes;
// beside it, on the same server, Prowler's checks of IAM, and cloudsplaining's download and scan.
//   node bench/iam/moto-account.mjs [--users N] [--policies N] [--roles N] [--runs N] [--peers] [--limit SECONDS]
//     --peers           runs them, once each; who is not done after --limit (480 s) is ended
// Needs moto_server on PATH or in a folder of BENCH_TOOLS.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { runBundled } from '../bundled.mjs'
import { findProgram, measureBeside, print } from '../measure.mjs'
import { fillAccount } from './compose-account.mjs'
import { auditCommand, CODES } from './zt-audit.mjs'

const { values: options } = parseArgs({
  options: {
    users: { type: 'string', default: '2000' },
    policies: { type: 'string', default: '1500' },
    roles: { type: 'string', default: '200' },
    runs: { type: 'string', default: '3' },
    limit: { type: 'string', default: '480' },
    peers: { type: 'boolean', default: false },
  },
})
const moto = findProgram('moto_server')
if (!moto) {
  console.error("moto_server is not installed (docs/benchmarks.md): pip install 'moto[server]'")
  process.exit(2)
}
const scratch = mkdtempSync(join(tmpdir(), 'zt-bench-'))
const port = await freePort()
const url = `http://127.0.0.1:${port}`
const env = {
  ...{ AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none', AWS_REGION: 'us-east-1' },
  ...{ AWS_DEFAULT_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true', HOME: scratch },
}
const server = spawn(moto, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
try {
  await answering()
  const size = { users: Number(options.users), policies: Number(options.policies), roles: Number(options.roles) }
  const start = performance.now()
  const calls = await fillAccount(url, size)
  const took = (performance.now() - start) / 1000
  console.log(`${JSON.stringify(size)}: ${calls} calls to make it, ${took.toFixed(0)} s`)
  await ours()
  console.log('its parts:')
  await runBundled('bench/iam/account.ts', [url], env)
  if (options.peers) await peers()
} finally {
  server.kill()
  rmSync(scratch, { recursive: true, force: true })
}

async function ours() {
  const empty = join(scratch, 'empty')
  mkdirSync(empty)
  const command = auditCommand(empty, ['--aws', '--aws-endpoint', url, '--timeout', options.limit])
  for (let run = 0; run < Number(options.runs); run++) await measured('zt-audit --aws', command)
}

async function peers() {
  const [prowler, cloudsplaining] = ['prowler', 'cloudsplaining'].map((name) => {
    const program = findProgram(name)
    if (!program) console.log(`${name} is not installed (on PATH, or in a folder of BENCH_TOOLS): left out`)
    return program
  })
  if (cloudsplaining) {
    const folder = join(scratch, 'cloudsplaining')
    mkdirSync(folder)
    await measured('cloudsplaining download', limited([cloudsplaining, 'download', '--output', folder]))
    nameThePolicies(join(folder, 'default.json'))
    const input = ['--input-file', join(folder, 'default.json'), '--output', folder, '--skip-open-report']
    await measured('cloudsplaining scan', limited([cloudsplaining, 'scan', ...input]))
  }
  if (prowler) {
    const output = ['--output-directory', join(scratch, 'prowler'), '--output-formats', 'json-ocsf', '--no-banner']
    await measured(
      'prowler --service iam',
      limited([prowler, 'aws', '--service', 'iam', '--region', 'us-east-1', ...output]),
    )
  }
}

/** Moto's account authorization details leave names and ids of policies out, which cloudsplaining does not survive. */
function nameThePolicies(file) {
  if (!existsSync(file)) return
  const details = JSON.parse(readFileSync(file, 'utf8'))
  for (const policy of details.Policies) {
    policy.PolicyName ??= policy.Arn.slice(policy.Arn.lastIndexOf('/') + 1)
    policy.PolicyId ??= policy.PolicyName
  }
  writeFileSync(file, JSON.stringify(details))
}

function limited(command) {
  return ['timeout', '-k', '5', options.limit, ...command]
}

/** One run, with what the server used of the processor meanwhile. Exit code 124 is the end of `timeout`. */
async function measured(name, command) {
  const before = serverSeconds()
  try {
    const used = await measureBeside(command, { env, cwd: scratch, codes: [...CODES, 124, 137] })
    const over = used.wall >= Number(options.limit) ? `, ended after ${options.limit} s` : ''
    print(name, used, `moto itself ${(serverSeconds() - before).toFixed(0)} CPU s${over}`)
  } catch (error) {
    console.log(`${name} failed: ${error.message}`)
  }
}

/** CPU seconds of the server so far, as `ps` prints them: [[dd-]hh:]mm:ss. */
function serverSeconds() {
  const text = execFileSync('ps', ['-o', 'time=', '-p', String(server.pid)], { encoding: 'utf8' }).trim()
  return text
    .split(/[:-]/)
    .map(Number)
    .reduce((sum, part) => sum * 60 + part, 0)
}

async function answering() {
  for (let attempt = 0; attempt < 300; attempt++) {
    const up = await fetch(`${url}/moto-api/data.json`).then(
      (answer) => answer.ok,
      () => false,
    )
    if (up) return
    await sleep(200)
  }
  throw new Error('moto does not answer')
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}
