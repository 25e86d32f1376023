// Peers that judge AWS policies: how each is called, and what its report names. None calls out.
import { findProgram } from '../measure.mjs'
import { SAME } from './topics.mjs'

/** The program of a peer; undefined (and said so) if it is not installed. */
export function peer(name) {
  const program = findProgram(name)
  if (!program) console.log(`${name} is not installed (on PATH, or in a folder of BENCH_TOOLS): left out`)
  return program
}

/** checkov's checks of policies, trust and identities on the Terraform files of a folder; it prints its report. */
export function checkovCommand(program, folder) {
  return [
    ...[program, '-d', folder, '--framework', 'terraform', '--check', Object.keys(SAME).join(',')],
    ...['-o', 'json', '--quiet', '--compact', '--skip-download', '--soft-fail'],
  ]
}

/** What checkov's report names: each block once, however many module calls reach it. Checks that a comment waives are not run. */
export function checkovPlaces(text) {
  const report = JSON.parse(text || '{}')
  const failed = report.results?.failed_checks ?? []
  const places = new Map()
  for (const { check_id: rule, file_path: path, file_line_range: range, resource } of failed) {
    const file = path.replace(/^\//, '')
    places.set(`${rule} ${file}:${range[0]}`, { rule, file, line: range[0], endLine: range[1], address: resource })
  }
  return [...places.values()]
}
