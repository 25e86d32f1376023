// How the benchmarks of Kubernetes call zt-audit.
import { fileURLToPath } from 'node:url'

export const PROGRAM = fileURLToPath(new URL('../../bin/zt-audit.js', import.meta.url))

/** Exit codes that mean that the report is there: 1 for findings, 3 for gaps. */
export const CODES = [0, 1, 3]

/** What audits Kubernetes in a folder, as it is run by default. */
export function auditCommand(folder, more = []) {
  return [process.execPath, PROGRAM, folder, '--only', 'k8s', '--format', 'json', '--no-progress', ...more]
}
