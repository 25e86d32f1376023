import { accessSync, constants, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { describe } from 'vitest'

/** What the live servers run, shells that completion is for, what starts us and what we start. `moto` is moto's server mode. */
export type Program =
  | 'etcd'
  | 'kube-apiserver'
  | 'moto'
  | 'bash'
  | 'zsh'
  | 'fish'
  | 'pre-commit'
  | 'helm'
  | 'kubectl'
  | 'chromium'

export const INSTALL_COMMAND = 'bash test/live/install.sh'

const ROOT = resolve(import.meta.dirname, '../../..')

/** A program that a server needs is not on this machine. */
export class NotInstalled extends Error {
  override name = 'NotInstalled'

  constructor(programs: Program[]) {
    super(`${programs.join(' and ')} not installed, install with: ${INSTALL_COMMAND}`)
  }
}

/** The path of an installed program; throws {@link NotInstalled}. */
export function requireInstalled(program: Program): string {
  const path = candidates(program).find(isExecutable)
  if (path === undefined) throw new NotInstalled([program])
  return path
}

/**
 * `describe` for a suite that needs programs. Where one is missing the suite is skipped and stderr says so, but in continuous
 * integration (`CI=true`) a missing program throws {@link NotInstalled}: a suite that silently never runs there proves nothing.
 */
export function liveOrSkip(suite: string, programs: Program[], tests: () => void): void {
  const missing = programs.filter((program) => !candidates(program).some(isExecutable))
  if (missing.length === 0) {
    describe(suite, tests)
    return
  }
  if (process.env.CI === 'true') throw new NotInstalled(missing)
  console.error(`skipped: ${suite} needs ${missing.join(' and ')}, install with: ${INSTALL_COMMAND}`)
  describe.skip(suite, tests)
}

function candidates(program: Program): string[] {
  if (program === 'moto') return [join(ROOT, '.live/moto/bin/moto_server')]
  if (program === 'pre-commit') return [join(ROOT, '.live/pre-commit/bin/pre-commit')]
  // Of one version: what a machine has may be older, or a wrapper.
  if (program === 'helm' || program === 'kubectl') return [join(ROOT, '.live/kubectl-layer', program, program)]
  const assets = process.env.KUBEBUILDER_ASSETS
  const given = assets ? [join(assets, program)] : []
  if (program === 'kube-apiserver') return [...given, join(cacheFolder(), program)]
  return [...given, ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, program))]
}

/** Where install.sh leaves the API server; the version stands there only. */
function cacheFolder(): string {
  const script = readFileSync(join(ROOT, 'test/live/install.sh'), 'utf8')
  const version = /^KUBERNETES_VERSION=(\S+)/m.exec(script)?.[1]
  if (version === undefined) throw new Error('test/live/install.sh names no KUBERNETES_VERSION')
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'zt-audit', `kube-apiserver-v${version}`)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
