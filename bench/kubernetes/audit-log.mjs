// Audit logs: how fast calls are counted, and in how much memory, by the operating system's own accounting (needs python3).
//   node bench/kubernetes/audit-log.mjs [--size MB] [--smoke]
// Composes a log of the size (default 200) as the API server writes it, the same packed by gzip, and the same as one document of
// CloudWatch, into a temporary folder (twice the size on disk); audits each with the objects of 50 of its 2,000 accounts.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { measureBeside, smoke } from '../measure.mjs'
import { composeDump, composeEks, composeGzip, composeNative } from './compose-audit-log.mjs'

const named = process.argv.indexOf('--size')
const megabytes = named > 0 ? Number(process.argv[named + 1]) : smoke ? 5 : 200
const program = fileURLToPath(new URL('../../bin/zt-audit.js', import.meta.url))

/** Measures all forms and prints a line for each. */
export async function auditLogs() {
  const scratch = mkdtempSync(join(tmpdir(), 'zt-bench-'))
  try {
    const tree = join(scratch, 'tree')
    mkdirSync(tree)
    const dump = join(scratch, 'objects.json')
    writeFileSync(dump, JSON.stringify(composeDump(50)))
    const without = await audit(tree, dump, [])
    for (const [form, compose] of [
      ['native', composeNative],
      ['gzip', composeGzip],
      ['EKS document', composeEks],
    ]) {
      const log = join(scratch, 'audit.log')
      const events = await compose(log, megabytes * 1e6)
      const { cpu, wall, rss } = await audit(tree, dump, ['--audit-log', log])
      const [rate, ofCpu] = [megabytes / (wall - without.wall), megabytes / (cpu - without.cpu)]
      console.log(
        `${`audit log, ${form}`.padEnd(36)} ${megabytes} MB, ${events} events: ${cpu.toFixed(1)} CPU s, ${wall.toFixed(1)} s, ${rate.toFixed(0)} MB/s (${ofCpu.toFixed(0)} MB a CPU second), ${rss.toFixed(0)} MB memory`,
      )
      rmSync(log)
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function audit(tree, dump, more) {
  return measureBeside([
    process.execPath,
    program,
    tree,
    '--k8s-dump',
    dump,
    '--only',
    'k8s',
    '--format',
    'json',
    '--exit-zero',
    ...more,
  ])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await auditLogs()
