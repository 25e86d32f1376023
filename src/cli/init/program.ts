import { existsSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join, sep } from 'node:path'

/** How hooks of a repository start zt-audit. */
export interface Program {
  readonly command: string
  /** Whether it is where the command looks for it, as far as can be told here. */
  readonly found: boolean
}

/**
 * As the program that runs now is started: out of the repository if it is a dependency of that, else from PATH. No version of npm is
 * named: what runs may be a clone of one that npm does not have, and a name without its package is anybody's to take.
 */
export function programFor(
  folder: string,
  { running = process.argv[1] ?? '', path = process.env.PATH ?? '' } = {},
): Program {
  // Not the program itself: npm and pnpm make links of packages that lie elsewhere.
  const here = existsSync(running) ? join(realpathSync(dirname(running)), sep) : running
  if (here.startsWith(join(folder, 'node_modules', sep))) return { command: 'npx --no-install zt-audit', found: true }
  const names = process.platform === 'win32' ? ['zt-audit.cmd', 'zt-audit.exe'] : ['zt-audit']
  // What npx and scripts of npm put on PATH is there as long as they run.
  const folders = path.split(delimiter).filter((each) => each !== '' && !each.split(sep).includes('node_modules'))
  return { command: 'zt-audit', found: folders.some((each) => names.some((name) => existsSync(join(each, name)))) }
}
