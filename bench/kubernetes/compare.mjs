// What zt-audit says of folders of manifests, and how many lines of a terminal it needs for that; beside it the checks of polaris and
// checkov that fail there.
//   node bench/kubernetes/compare.mjs FOLDER … [--peers]
import { spawnSync } from 'node:child_process'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { manifestPeers, peer } from './peers.mjs'
import { CODES, PROGRAM } from './zt-audit.mjs'

const { values: options, positionals: folders } = parseArgs({
  allowPositionals: true,
  options: { peers: { type: 'boolean', default: false } },
})
for (const folder of folders) {
  const text = run([process.execPath, PROGRAM, folder, '--only', 'k8s'])
  const report = JSON.parse(run([process.execPath, PROGRAM, folder, '--only', 'k8s', '--format', 'json']))
  const lines = text.trimEnd().split('\n').length
  const suppressed = report.findings.filter(({ suppressed }) => suppressed).length
  console.log(`${basename(folder)}: ${report.findings.length - suppressed} findings, ${lines} lines`)
  for (const { severity, ruleId: rule, message } of report.findings)
    console.log(`  ${severity.padEnd(8)} ${rule}  ${message}`)
  if (options.peers) peers(folder)
}

function peers(folder) {
  for (const { name, args, count } of manifestPeers(folder)) {
    const program = peer(name)
    if (!program) continue
    const counts = count(run([program, ...args]))
    const total = Object.values(counts).reduce((sum, each) => sum + each, 0)
    const words = Object.entries(counts).map(([check, times]) => `${check} ${times}`)
    console.log(`  ${name}: ${total} (${words.join(', ')})`)
  }
}

function run([program, ...args]) {
  const settings = { encoding: 'utf8', maxBuffer: 2 ** 30, env: { ...process.env, COLUMNS: '100' } }
  const { stdout, stderr, status } = spawnSync(program, args, settings)
  if (!CODES.includes(status)) throw new Error(`${program} ended with ${status}: ${stderr.slice(-2000)}`)
  return stdout
}
