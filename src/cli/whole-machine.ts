import { existsSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { parse } from 'node:path'
import { UsageError } from '../errors.ts'
import { isBelow } from '../paths.ts'
import type { ScanOptions } from './options.ts'

/**
 * A bare `zt-audit` in the home folder, or above it, would read everything that somebody has. Whoever wants that names it, as `.`; a
 * home that is a repository is one, and with a live target that is what was asked for. Throws UsageError.
 */
export function refuseWholeMachine(path: string | undefined, options: ScanOptions): void {
  const { repo, aws, awsAccounts, k8s, k8sDump, github } = options
  if (path !== undefined || [repo, aws, awsAccounts, k8s, k8sDump, github].some((named) => named.length > 0)) return
  const here = realpathSync('.')
  const home = existsSync(homedir()) ? realpathSync(homedir()) : undefined
  const holdsHome = home !== undefined && isBelow(home, here)
  if (existsSync('.git') || (here !== parse(here).root && !holdsHome)) return
  const what = here === home ? 'your home folder' : `${here}, which holds more than a project`
  throw new UsageError(
    `this is ${what}: go to a repository, or name one (zt-audit ~/src/app). zt-audit . reads everything here`,
  )
}
