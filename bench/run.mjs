// Benchmarks, each against its peer on the same work in the same run: alternating runs, medians, ratios, peak memory.
//   npm run bench                     all, on a tree that is composed for it
//   npm run bench -- --tree FOLDER    the scan of a real tree
//   npm run bench -- --smoke          everything once, on little: shows that the benchmarks work
// Needs python3 (the operating system's own accounting of a child) and, for the comparison, gitleaks on PATH or in GOPATH/bin.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { composeTree } from './compose-tree.mjs'

// A child's whole cost, by the operating system's account of it.
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

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const smoke = process.argv.includes('--smoke')
const runs = smoke ? 1 : 5
const scratch = mkdtempSync(join(tmpdir(), 'zt-bench-'))
const program = [process.execPath, 'bin/zt-audit.js']

try {
  startUp()
  scanTree()
  await joins()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

function startUp() {
  const empty = join(scratch, 'empty.mjs')
  writeFileSync(empty, '')
  const folder = join(scratch, 'empty-repository')
  execFileSync('git', ['init', '-q', folder])
  const [node, version, repository] = alternate([
    [process.execPath, empty],
    [...program, '--version'],
    [...program, folder],
  ])
  print('empty node program', node)
  print('--version', version, `${ms(version.cpu - node.cpu)} over an empty node program`)
  print('scan of an empty repository', repository)
}

function scanTree() {
  const named = process.argv.indexOf('--tree')
  const tree = named > 0 ? process.argv[named + 1] : composeTree(join(scratch, 'tree'), smoke ? 5 : 100)
  const ours = [
    ...program,
    tree,
    '--only',
    'secrets',
    '--format',
    'json',
    '--output',
    `json=${join(scratch, 'out.json')}`,
    '--exit-zero',
  ]
  const peer = findGitleaks()
  if (!peer) {
    print(
      'scan of a tree',
      alternate([ours])[0],
      'gitleaks is not installed: go install github.com/zricethezav/gitleaks/v8@latest',
    )
    return
  }
  const [a, b] = alternate([
    ours,
    [
      peer,
      'dir',
      tree,
      '--no-banner',
      '--log-level',
      'error',
      '--exit-code',
      '0',
      '--report-path',
      join(scratch, 'peer.json'),
    ],
  ])
  print('zt-audit, secrets of a tree', a)
  print(
    'gitleaks dir on the same tree',
    b,
    `${(b.cpu / a.cpu).toFixed(1)} times the CPU of zt-audit, ${(b.rss / a.rss).toFixed(1)} times its memory`,
  )
}

async function joins() {
  const outfile = join(scratch, 'engine.mjs')
  await build({
    entryPoints: ['bench/engine.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'warning',
    // Some dependencies are CommonJS and call require.
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  })
  const env = { ...process.env, BENCH_FACTS: smoke ? '1000' : '50000' }
  process.stdout.write(execFileSync(process.execPath, [outfile], { env }))
}

/** Runs commands in turn, A B C A B C …, after one round that does not count; medians of each. */
function alternate(commands) {
  const measured = commands.map(() => [])
  for (let round = smoke ? 1 : 0; round <= runs; round++) {
    for (const [i, command] of commands.entries()) {
      const result = measure(command)
      if (round > 0) measured[i].push(result)
    }
  }
  return measured.map((list) => ({
    cpu: median(list.map((m) => m.cpu)),
    wall: median(list.map((m) => m.wall)),
    rss: Math.max(...list.map((m) => m.rss)),
  }))
}

/** CPU and wall seconds and peak memory (MB) of one process with its children. */
function measure(command) {
  const { stdout, stderr, status } = spawnSync('python3', ['-c', ACCOUNT, ...command], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`cannot measure ${command.join(' ')}: ${stderr}`)
  const [code, cpu, wall, rss] = stdout.trim().split(' ').map(Number)
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${stderr}`)
  return { cpu, wall, rss: rss / 1024 }
}

function findGitleaks() {
  const paths = (process.env.PATH ?? '').split(':').map((folder) => join(folder, 'gitleaks'))
  const go = spawnSync('go', ['env', 'GOPATH'], { encoding: 'utf8' })
  if (go.status === 0) paths.push(join(go.stdout.trim(), 'bin', 'gitleaks'))
  return paths.find(existsSync)
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
}
function ms(seconds) {
  return `${(seconds * 1000).toFixed(0)} ms CPU`
}
function print(name, { cpu, wall, rss }, note = '') {
  console.log(
    `${name.padEnd(32)} ${cpu.toFixed(3)} CPU s  ${wall.toFixed(3)} s  ${rss.toFixed(0)} MB${note && `  (${note})`}`,
  )
}
