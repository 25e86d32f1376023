// What zt-audit, parliament and cloudsplaining say of JSON policies, one file each:
//   node bench/iam/policies.mjs FOLDER [--expected FILE]
//     --expected FILE   what is true: {"file.json": {"rules": […]}}; without rules nothing is wrong with it (default:
//                       expected.json of the folder, if there)
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureBeside } from '../measure.mjs'
import { peer } from './peers.mjs'
import { audit, auditCommand, CODES, placesOf } from './zt-audit.mjs'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { expected: { type: 'string' } },
})
const [folder] = positionals
if (!folder) {
  console.error('name a folder of JSON policies (docs/benchmarks.md)')
  process.exit(2)
}
const given = options.expected ?? join(folder, 'expected.json')
const expected = existsSync(given) ? JSON.parse(readFileSync(given, 'utf8')) : {}
const files = readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'expected.json')
const scratch = mkdtempSync(join(tmpdir(), 'zt-bench-'))

/** Each peer judges one file a run; its output becomes a list of what it finds wrong. */
const PEERS = {
  parliament: {
    // It takes what is not a terminal on its standard input for the policy.
    command: (program, file, out) => ['sh', '-c', '"$0" --json < "$1" > "$2"', program, file, out],
    // MALFORMED: it reads identity policies only.
    read: (text) =>
      [...text.matchAll(/"issue": "(\w+)"/g)].map(([, issue]) => issue).filter((issue) => issue !== 'MALFORMED'),
  },
  cloudsplaining: {
    command: (program, file, out) => [
      ...['sh', '-c', '"$0" scan-policy-file --input-file "$1" > "$2" 2>/dev/null'],
      ...[program, file, out],
    ],
    read: (text) => [...text.matchAll(/Issue found: (.*?)(?:\u001b|$)/gm)].map(([, issue]) => issue.trim()),
  },
}

try {
  const judged = { 'zt-audit': await ours() }
  for (const name of Object.keys(PEERS)) {
    const program = peer(name)
    if (program) judged[name] = await theirs(PEERS[name], program)
  }
  for (const file of files) {
    console.log(`${file}${expected[file] ? `  (${isWrong(file) ? 'wrong' : 'right'})` : ''}`)
    for (const [tool, { found }] of Object.entries(judged))
      console.log(`  ${tool.padEnd(15)} ${[...new Set(found.get(file) ?? [])].join(', ') || '-'}`)
  }
  for (const [tool, { found, cpu }] of Object.entries(judged)) console.log(summary(tool, found, cpu))
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

async function ours() {
  const found = new Map()
  for (const finding of audit(folder).report.findings)
    for (const { file } of placesOf(finding)) found.set(file, [...(found.get(file) ?? []), finding.ruleId])
  return { found, cpu: (await measureBeside(auditCommand(folder), { codes: CODES })).cpu }
}

async function theirs({ command, read }, program) {
  const found = new Map()
  let cpu = 0
  for (const file of files) {
    const out = join(scratch, 'out')
    cpu += (await measureBeside(command(program, join(folder, file), out), { codes: [0, 1] })).cpu
    found.set(file, read(readFileSync(out, 'utf8')))
  }
  return { found, cpu }
}

function isWrong(file) {
  return expected[file].rules.length > 0
}

function summary(tool, found, cpu) {
  const flagged = files.filter((file) => (found.get(file) ?? []).length > 0)
  const labelled = files.filter((file) => expected[file])
  const wrong = labelled.filter(isWrong)
  const hits = flagged.filter((file) => wrong.includes(file)).length
  const alarms = flagged.filter((file) => labelled.includes(file) && !wrong.includes(file)).length
  const truth =
    labelled.length > 0
      ? `; of ${wrong.length} wrong ones ${hits}, of ${labelled.length - wrong.length} right ones ${alarms}`
      : ''
  return `${tool}: flags ${flagged.length} of ${files.length} policies${truth}; ${cpu.toFixed(2)} CPU s`
}
