// Benchmarks, each against its peer on the same work in the same run: alternating runs, medians, ratios, peak memory.
//   npm run bench                     all, on a tree that is composed for it
//   npm run bench -- --tree FOLDER    the scan of a real tree
//   npm run bench -- --smoke          everything once, on little: shows that the benchmarks work
// Accuracy and speed on real inputs have commands of their own, bench/secrets/*.mjs: docs/benchmarks.md.
// Needs python3 (the operating system's own accounting of a child). Peers that are compared where they are installed (on PATH, in
// folders of BENCH_TOOLS, in GOPATH/bin): gitleaks, and for the start zizmor, secretlint and semgrep.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { composeTree } from './compose-tree.mjs'
import { fuzzRules } from './fuzz-rules.mjs'
import { auditLogs } from './kubernetes/audit-log.mjs'
import { alternate, findProgram, print, smoke } from './measure.mjs'
import { composeInput } from './secrets/compose-input.mjs'
import { startUp } from './start-up.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const scratch = mkdtempSync(join(tmpdir(), 'zt-bench-'))
const program = [process.execPath, resolve('bin/zt-audit.js')]

try {
  startUp(program, scratch)
  scanTree()
  await joins()
  await auditLogs()
  if (smoke) accuracy()
  await fuzzRules(smoke)
} finally {
  rmSync(scratch, { recursive: true, force: true })
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
  const peer = findProgram('gitleaks')
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

/** Shows that the accuracy benchmark works; what it prints of two lines means nothing. */
function accuracy() {
  const inputs = composeInput(join(scratch, 'inputs'))
  process.stdout.write(execFileSync(process.execPath, ['bench/secrets/run.mjs', '--inputs', inputs]))
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
