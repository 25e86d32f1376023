// What zt-audit and zizmor say of the same checkouts, rule by rule, and what that costs each.
//   node bench/pipelines/compare.mjs CHECKOUT … [--list] [--no-time] [--runs N] [--smoke]
// --list prints the places as well, in the form "rule | who | place". Both run without network; zizmor as by default (persona regular),
// without configuration files of its own, so that both see the same.
import { spawnSync } from 'node:child_process'
import { basename, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { alternate, findProgram, print } from '../measure.mjs'
import { placesOf, placesOfZizmor, ROWS } from './findings.mjs'

const PROGRAM = fileURLToPath(new URL('../../bin/zt-audit.js', import.meta.url))
const OURS = (folder) => [process.execPath, PROGRAM, folder, '--only', 'ci', '--format', 'json', '--no-progress']
const ZIZMOR = ['--offline', '--no-online-audits', '--no-config', '--persona', 'regular', '--no-progress', '--quiet']
/** 1 and 3: findings, gaps; 10 to 14: zizmor's, by the highest severity that it found. */
const CODES = [0, 1, 3, 10, 11, 12, 13, 14]

const { values: options, positionals: folders } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: 'boolean', default: false },
    'no-time': { type: 'boolean', default: false },
    runs: { type: 'string' },
    smoke: { type: 'boolean' },
  },
})
const zizmor = findProgram('zizmor')
if (!zizmor) throw new Error('zizmor is not on PATH, nor in a folder of BENCH_TOOLS (pip install zizmor)')
console.log(`${run([zizmor, '--version']).trim()}, zt-audit ${run([process.execPath, PROGRAM, '--version']).trim()}`)

for (const folder of folders.map((each) => resolve(each))) {
  console.log(`\n${basename(folder)}`)
  const ours = placesOf(JSON.parse(run(OURS(folder))), folder)
  const theirs = placesOfZizmor(JSON.parse(run(peerCommand(folder))), folder)
  for (const row of ROWS) counts(row, ours, theirs)
  rest(
    'zt-audit alone has a rule',
    ours,
    ROWS.flatMap((row) => row.ours),
  )
  rest(
    'zizmor alone has a rule',
    theirs,
    ROWS.flatMap((row) => row.theirs),
  )
  if (!options['no-time']) times(folder)
}

/** One line for rules that mean the same: how many places each names, and how many both. */
function counts(row, ours, theirs) {
  const [a, b] = [places(ours, row.ours), places(theirs, row.theirs)]
  if (a.size + b.size === 0) return
  const both = [...a].filter((place) => b.has(place))
  console.log(`  ${row.name.padEnd(34)} zt-audit ${a.size}, zizmor ${b.size}, both ${both.length}`)
  if (!options.list) return
  for (const place of a) console.log(`    ${row.name} | ${b.has(place) ? 'both' : 'zt-audit'} | ${place}`)
  for (const place of b) if (!a.has(place)) console.log(`    ${row.name} | zizmor | ${place}`)
}

function rest(title, found, compared) {
  const others = found.filter(({ rule }) => !compared.includes(rule))
  const rules = [...new Set(others.map(({ rule }) => rule))].sort()
  const words = rules.map((rule) => `${rule} ${others.filter((one) => one.rule === rule).length}`)
  console.log(`  ${title}: ${words.join(', ') || 'nothing'}`)
  if (options.list) for (const { rule, place } of others) console.log(`    ${rule} | alone | ${place}`)
}

/** The two tools point at different lines of the same step or job: a place is the step, job or file of a line. */
function places(found, rules) {
  return new Set(found.filter(({ rule }) => rules.includes(rule)).map(({ place }) => place))
}

function times(folder) {
  const [ours, theirs] = alternate([OURS(folder), peerCommand(folder)], { codes: CODES })
  print('  zt-audit', ours)
  print('  zizmor', theirs, `zt-audit takes ${(ours.wall / theirs.wall).toFixed(1)} times as long`)
}

function peerCommand(folder) {
  return [zizmor, ...ZIZMOR, '--format', 'json-v1', folder]
}

function run([program, ...args]) {
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 30 })
  if (!CODES.includes(status)) throw new Error(`${program} ended with ${status}: ${stderr.slice(-2000)}`)
  return stdout
}
