import { lstatSync } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { BASELINE_FILE, type Baseline, parseBaseline } from './baseline.ts'
import { type LoadedConfig, NO_CONFIG, parseConfig, readConfig } from './config.ts'
import { UsageError } from './errors.ts'
import { CONFIG_FILE } from './report.ts'
import type { AuditRequest } from './request.ts'
import { readBlobs } from './sources/blobs.ts'
import { git } from './sources/git.ts'

/** What is known before the audit: config and baseline, from the working tree, from a file named, or from another commit. */
export interface Settings {
  readonly config: LoadedConfig
  readonly baseline?: Baseline
  /** The commit that --config-from names. */
  readonly commit?: string
  /** Settings of other scanners, by name. */
  readonly foreign: ReadonlyMap<string, string>
}

/** Settings of other scanners that a repository may hold, at its root. */
const FOREIGN_FILES = ['.gitleaks.toml', '.gitleaksignore', '.secrets.baseline'] as const

const LARGEST_CONFIG = 1 << 20
const LARGEST_BASELINE = 64 << 20

type SettingsOptions = Pick<AuditRequest, 'config' | 'configFrom' | 'baseline' | 'trustTarget'>

/** Reads config and baseline. Throws UsageError or RuleError if one of them cannot be used. */
export async function readSettings(root: string, options: SettingsOptions): Promise<Settings> {
  if (options.configFrom !== undefined) return readAtCommit(root, options.configFrom, options)
  const baseline = await findBaseline(root, options)
  return {
    config: await findConfig(root, options),
    ...(baseline && { baseline }),
    foreign: await findForeign(root),
  }
}

/** Regular files only: a link could lead out of the repository. */
async function findForeign(root: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const name of FOREIGN_FILES) {
    const file = join(root, name)
    const status = lstatSync(file, { throwIfNoEntry: false })
    if (status?.isFile() && status.size <= LARGEST_BASELINE) found.set(name, await readFile(file, 'utf8'))
  }
  return found
}

/** The config named, else `zt-audit.yaml` in the audited repository, which is not trusted with everything. */
async function findConfig(root: string, options: SettingsOptions): Promise<LoadedConfig> {
  if (options.config === false) return NO_CONFIG
  if (options.config !== undefined) return readConfig(options.config, true)
  const own = join(root, CONFIG_FILE)
  return isOwnFile(own, LARGEST_CONFIG) ? readConfig(own, options.trustTarget ?? false) : NO_CONFIG
}

/** The baseline named, else `zt-audit.baseline.json` in the audited repository; `--no-baseline` leaves it out. */
async function findBaseline(root: string, options: SettingsOptions): Promise<Baseline | undefined> {
  if (options.baseline === false) return undefined
  const file = typeof options.baseline === 'string' ? options.baseline : join(root, BASELINE_FILE)
  if (typeof options.baseline !== 'string' && !isOwnFile(file, LARGEST_BASELINE)) return undefined
  return readBaseline(file)
}

/** Throws UsageError if it cannot be read or is no baseline. */
export async function readBaseline(file: string): Promise<Baseline> {
  try {
    return parseBaseline(file, await readFile(file, 'utf8'))
  } catch (error) {
    if (error instanceof UsageError) throw error
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw new UsageError(
      missing
        ? `there is no baseline ${file}; write it with zt-audit baseline create`
        : `cannot read the baseline ${file}: ${(error as Error).message}`,
    )
  }
}

/** A link could lead to a file of the machine, a pipe could hang: neither is a setting of this repository. */
function isOwnFile(file: string, largest: number): boolean {
  const status = lstatSync(file, { throwIfNoEntry: false })
  if (!status) return false
  if (status.isFile() && status.size <= largest) return true
  throw new UsageError(`${file} is no regular file of a size that it could have; remove it, or name another one`)
}

/**
 * Config and baseline as they are at another commit, for pull requests: what the change itself says of them does not count. A
 * config or baseline that is named is taken as it is.
 */
async function readAtCommit(path: string, ref: string, options: SettingsOptions): Promise<Settings> {
  const signal = new AbortController().signal
  const root = await realpath(path).catch(() => path)
  const found = await git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`], signal)
  if (!found.ok) throw new UsageError(`--config-from: there is no commit '${ref}' in ${path}; fetch it first?`)
  const commit = found.stdout.toString('latin1').trim()
  const names = { config: `${commit}:./${CONFIG_FILE}`, baseline: `${commit}:./${BASELINE_FILE}` }
  const others = FOREIGN_FILES.map((name) => [name, `${commit}:./${name}`] as const)
  const wanted = [...Object.values(names), ...others.map(([, blob]) => blob)]
  const blobs = await readBlobs(root, wanted, LARGEST_BASELINE, signal)
  if (typeof blobs === 'string') throw new UsageError(`--config-from: git cannot read ${ref}: ${blobs}`)
  const text = (name: string) => blobs.get(name)?.toString('utf8')
  const config = text(names.config)
  const baseline = text(names.baseline)
  const named = typeof options.baseline === 'string' ? await readBaseline(options.baseline) : undefined
  const atRef = options.baseline === undefined && baseline !== undefined
  const held = named ?? (atRef ? parseBaseline(`${ref}:${BASELINE_FILE}`, baseline) : undefined)
  return {
    config:
      options.config !== undefined
        ? await findConfig(root, options)
        : config === undefined
          ? NO_CONFIG
          : { ...parseConfig(`${ref}:${CONFIG_FILE}`, config, options.trustTarget ?? false), ref: commit },
    commit,
    foreign: new Map(others.flatMap(([name, blob]) => (blobs.has(blob) ? [[name, text(blob) ?? ''] as const] : []))),
    ...(held && { baseline: held }),
  }
}
