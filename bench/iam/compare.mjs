// What zt-audit and checkov report of AWS policies, trust and identities in folders of Terraform files, block by block:
//   node bench/iam/compare.mjs FOLDER … [--differences FILE] [--reports DIR] [--runs N]
//     --differences FILE   writes what only one of them reports, a JSON object a line, for people who judge it
//     --reports DIR        keeps checkov's reports there, which take minutes, and uses those that are there
//     --runs N             measures CPU and memory: N runs of each in turn, after one that does not count (default: none)
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { alternate, print } from '../measure.mjs'
import { checkovCommand, checkovPlaces, peer } from './peers.mjs'
import { checksLike, SAME } from './topics.mjs'
import { audit, auditCommand, CODES, placesOf } from './zt-audit.mjs'

const { values: options, positionals: folders } = parseArgs({
  allowPositionals: true,
  options: {
    differences: { type: 'string' },
    reports: { type: 'string' },
    smoke: { type: 'boolean' },
    runs: { type: 'string' },
  },
})
const checkov = peer('checkov')
if (folders.length === 0 || !checkov) {
  console.error('name folders with Terraform files, and install checkov (docs/benchmarks.md)')
  process.exit(2)
}
const differences = folders.flatMap((folder) => compare(resolve(folder)))
if (options.differences)
  writeFileSync(options.differences, differences.map((each) => `${JSON.stringify(each)}\n`).join(''))

function compare(folder) {
  const name = basename(folder)
  const { report } = audit(folder)
  const ours = report.findings.map((finding) => ({
    rule: finding.ruleId,
    severity: finding.severity,
    message: finding.message,
    places: placesOf(finding),
  }))
  const theirs = checkovPlaces(checkovReport(folder))
  const blocks = new Map(theirs.map((place) => [`${place.file}:${place.line}`, place]))
  console.log(
    `\n${name}: zt-audit ${ours.length} findings, ${report.gaps.length} gaps; checkov ${theirs.length} in ${blocks.size} blocks`,
  )
  const onlyTheirs = theirs.filter(
    (place) => !ours.some((finding) => SAME[place.rule].includes(finding.rule) && touches(finding, place)),
  )
  const onlyOurs = ours.filter(
    (finding) => !theirs.some((place) => checksLike(finding.rule).includes(place.rule) && touches(finding, place)),
  )
  table('checkov', theirs, onlyTheirs)
  table('zt-audit', ours, onlyOurs)
  if (options.runs) measure(folder)
  return [
    ...onlyTheirs.map((place) => ({ folder: name, only: 'checkov', ...place, gaps: gapsAt(report, place) })),
    ...onlyOurs.map(({ places: [at], ...finding }) => ({
      folder: name,
      only: 'zt-audit',
      ...finding,
      file: at?.file,
      line: at?.line,
      block: [...blocks.values()].some(
        (place) => at?.file === place.file && at.line >= place.line && at.line <= place.endLine,
      ),
    })),
  ]
}

function touches(finding, { file, line, endLine }) {
  return finding.places.some((at) => at.file === file && at.line <= endLine && (at.endLine ?? at.line) >= line)
}

/** What zt-audit says that it did not see of a block. */
function gapsAt(report, { file, line, endLine }) {
  return report.gaps
    .map(({ detail = '', reason }) => ({ place: /^(.*?):(\d+):/.exec(detail), reason }))
    .filter(({ place }) => place?.[1] === file && Number(place[2]) >= line && Number(place[2]) <= endLine)
    .map(({ reason }) => reason)
}

function table(title, all, alone) {
  for (const rule of [...new Set(all.map((each) => each.rule))].sort(
    new Intl.Collator('en', { numeric: true }).compare,
  )) {
    const count = (list) => String(list.filter((each) => each.rule === rule).length)
    console.log(`  ${title.padEnd(9)} ${rule.padEnd(44)} ${count(all).padStart(4)}  alone ${count(alone).padStart(4)}`)
  }
}

function measure(folder) {
  const [a, b] = alternate([auditCommand(folder), checkovCommand(checkov, folder)], { codes: CODES })
  print('  zt-audit', a)
  print('  checkov', b, `${(b.cpu / a.cpu).toFixed(1)} times the CPU of zt-audit`)
}

function checkovReport(folder) {
  const kept = options.reports && join(options.reports, `${basename(folder)}.json`)
  if (kept && existsSync(kept)) return readFileSync(kept, 'utf8')
  const report = run(checkovCommand(checkov, folder))
  if (kept) writeFileSync(kept, report)
  return report
}

function run([program, ...args]) {
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 30 })
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr.slice(-2000)}`)
  return stdout
}
