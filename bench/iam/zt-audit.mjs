// How the benchmarks of AWS policies call zt-audit, and what they take from its report.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../../bin/zt-audit.js', import.meta.url))

/** Exit codes that mean that the report is there: 1 for findings, 3 for gaps. */
export const CODES = [0, 1, 3]

/** What audits AWS policies in a folder with everything that zt-audit has to say, also what it is less sure of. */
export function auditCommand(folder, more = []) {
  return [
    ...[process.execPath, PROGRAM, folder, '--only', 'iam', '--only', 'mfa'],
    ...['--format', 'json', '--min-confidence', 'low', '--no-progress', ...more],
  ]
}

/** The report on a folder, and what it said on stderr. Throws if the audit did not end well. */
export function audit(folder, more = [], env = {}) {
  const [program, ...args] = auditCommand(folder, more)
  const { stdout, stderr, status } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    env: { ...process.env, ...env },
  })
  if (!CODES.includes(status)) throw new Error(`zt-audit ended with ${status}: ${stderr.slice(-2000)}`)
  return { report: JSON.parse(stdout), stderr }
}

/** Every place that a finding names: its own, others of the same thing, and those of its evidence. */
export function placesOf({ location, otherLocations = [], evidence = {} }) {
  const facts = Object.values(evidence).flat()
  return [location, ...otherLocations, ...facts.map((fact) => fact.at)].filter((at) => at?.file !== undefined)
}
