import { Buffer } from 'node:buffer'
import { lstatSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import fastGlob from 'fast-glob'
import type { Gap, Skip } from '../model.ts'
import { readBlobs } from './blobs.ts'
import { git, gitWithoutFilters } from './git.ts'

/** A file or folder that no scanner gets to see; it may have held facts of any kind. */
export type UnseenFile = Omit<Gap, 'kind'>

/** What listing needs to know. */
export interface ListingOptions {
  readonly scope: string
  readonly signal: AbortSignal
  readonly gap: (gap: UnseenFile) => void
  readonly skip: (skip: Skip) => void
}

/**
 * The names of files below a root. Names need not be UTF-8: here they are bytes, one per character (`latin1`), which costs a
 * tenth of what buffers do; `readName` turns them into text.
 */
export interface Listing {
  readonly isGit: boolean
  readonly paths: readonly string[]
  /** Those that git does not track. */
  readonly loose: ReadonlySet<string>
  /** What git ignores and is not read; folders that are ignored as a whole end in a slash. */
  readonly ignored?: readonly string[]
  /** What stands in the index of files whose working copy is another, by path. */
  readonly contents?: ReadonlyMap<string, Buffer>
}

/** Files that git ignores are read only where they are known stores of credentials. */
const CREDENTIAL_STORES = [
  '**/.env',
  '**/.env.*',
  '**/*.env',
  '**/*.pem',
  '**/*.key',
  '**/*.p12',
  '**/*.pfx',
  '**/*.ppk',
  '**/.npmrc',
  '**/.pypirc',
  '**/.netrc',
  '**/.pgpass',
  '**/.git-credentials',
  '**/.dockercfg',
  '**/.docker/config.json',
  '**/*.tfstate',
  '**/*.tfstate.backup',
  '**/*.tfvars',
  '**/*.tfvars.json',
  '**/kubeconfig',
  '**/kubeconfig.y*ml',
  '**/.kube/config',
  '**/.aws/credentials',
  '**/credentials.json',
  '**/service-account*.json',
]

/** A single file that was named instead of a folder. */
export function listOne(file: string): Listing {
  return { isGit: false, paths: [toBytes(basename(file))], loose: new Set() }
}

/** Whether the folder is in a git repository that git can read. */
export async function isRepository(root: string, options: ListingOptions): Promise<boolean> {
  const inside = await git(root, ['rev-parse', '--is-inside-work-tree', '--show-prefix'], options.signal)
  if (!inside.ok) {
    // A folder that has a .git but that git refuses is worth a word; a plain folder is not.
    if (lstatSync(join(root, '.git'), { throwIfNoEntry: false })) {
      const detail = `git rev-parse: ${inside.reason}; the folder is read as plain files`
      options.gap({ scope: options.scope, class: 'limit', reason: 'git cannot read the repository', detail })
    }
    return false
  }
  const [isInside, prefix] = inside.stdout.toString('latin1').split('\n')
  if (isInside !== 'true') return false
  // A folder that the repository around it ignores is not of that repository: git would list nothing of it.
  return !prefix || !(await git(root, ['check-ignore', '-q', '--', root], options.signal)).ok
}

/**
 * What git tracks, what is new, and ignored files that are known stores of credentials; if asked to, also what else is
 * ignored, by name only.
 */
export async function listByGit(root: string, options: ListingOptions, namesIgnored: boolean): Promise<Listing> {
  const list = async (...args: string[]) => {
    const result = await git(root, ['ls-files', '-z', ...args], options.signal)
    if (result.ok) {
      for (const warning of result.warnings) reportWarning(warning, options)
      return result.stdout.toString('latin1').split('\0').slice(0, -1)
    }
    options.gap({
      scope: options.scope,
      class: 'fault',
      reason: 'git failed',
      detail: `git ls-files: ${result.reason}`,
    })
    return []
  }
  const tracked = await list('--cached')
  const untracked = await list('--others', '--exclude-standard')
  const ignored = namesIgnored
    ? list('--others', '--ignored', '--exclude-standard', '--directory')
    : Promise.resolve([])
  const stores = await fastGlob.glob(CREDENTIAL_STORES, {
    cwd: root,
    ...WALK,
    ignore: NOT_OURS,
  })
  const known = new Set([...tracked, ...untracked])
  const loose = [...untracked, ...stores.map(toBytes).filter((path) => !known.has(path))]
  // An unmerged file is listed once for each stage.
  const read = new Set(loose)
  return {
    isGit: true,
    paths: [...new Set([...tracked, ...loose])],
    loose: read,
    ignored: (await ignored).filter((path) => !read.has(path)),
  }
}

/** The files as they are staged. A staged file whose working copy is another is read from the index. */
export async function listByIndex(root: string, maxSize: number, options: ListingOptions): Promise<Listing> {
  const fail = (command: string, reason: string) => {
    options.gap({ scope: options.scope, class: 'fault', reason: 'git failed', detail: `git ${command}: ${reason}` })
  }
  const [index, dirty] = await Promise.all([
    git(root, ['ls-files', '--stage', '-z'], options.signal),
    gitWithoutFilters(
      root,
      ['diff-files', '--name-only', '--relative', '--ignore-submodules=all', '-z'],
      options.signal,
    ),
  ])
  if (!index.ok) fail('ls-files', index.reason)
  if (!dirty.ok) fail('diff-files', dirty.reason)
  const ids = new Map<string, string>()
  for (const entry of index.ok ? index.stdout.toString('latin1').split('\0') : []) {
    // A link or a submodule is no file.
    const [, id, path] = /^100\d{3} ([0-9a-f]+) \d\t([\s\S]*)$/.exec(entry) ?? []
    if (id !== undefined && path !== undefined) ids.set(path, id)
  }
  const changed = (dirty.ok ? dirty.stdout.toString('latin1').split('\0') : []).filter((path) => ids.has(path))
  const idOf = (path: string) => ids.get(path) ?? ''
  const blobs = await readBlobs(root, [...new Set(changed.map(idOf))], maxSize, options.signal)
  if (typeof blobs === 'string') fail('cat-file', blobs)
  const contents = new Map<string, Buffer>()
  for (const path of changed) {
    const content = typeof blobs === 'string' ? undefined : blobs.get(idOf(path))
    if (content) contents.set(path, content)
    else {
      const { path: name } = readName(path)
      const detail = `${name}: the staged content is over --max-file-size or cannot be read`
      options.gap({ scope: `${options.scope}/${name}`, class: 'limit', reason: 'file too large', detail })
      ids.delete(path)
    }
  }
  return { isGit: true, paths: [...ids.keys()], loose: new Set(), contents }
}

/** git goes on without a folder that it may not read; that is no reason to pass it. */
function reportWarning(warning: string, options: ListingOptions): void {
  const folder = /could not open directory '([^']*?)\/?'/.exec(warning)?.[1]
  const scope = folder === undefined ? options.scope : `${options.scope}/${folder}`
  options.gap({ scope, class: 'fault', reason: 'unreadable folder', detail: `git ls-files: ${warning}` })
}

/** Packages that were installed bring keys of their tests along. */
const NOT_OURS = ['.git', 'node_modules', 'site-packages', 'dist-packages', 'vendor', '.venv', 'venv'].map(
  (name) => `**/${name}/**`,
)

const WALK = { dot: true, onlyFiles: true, followSymbolicLinks: false, unique: true, suppressErrors: true } as const

/** Every file below a folder; a folder that cannot be read is named. */
export function listByWalk(root: string, options: ListingOptions): string[] {
  const paths: string[] = []
  const pending = ['']
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    options.signal.throwIfAborted()
    const prefix = folder === '' ? '' : `${folder}/`
    try {
      const absolute = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(folder, 'latin1')])
      for (const entry of readdirSync(absolute, { withFileTypes: true, encoding: 'latin1' })) {
        if (!entry.isDirectory()) paths.push(prefix + entry.name)
        else if (entry.name !== '.git') pending.push(prefix + entry.name)
        else options.skip({ scope: options.scope, path: `${readName(prefix).path}.git/`, reason: 'git folder' })
      }
    } catch (error) {
      const { path } = readName(folder)
      options.gap({
        scope: path === '' ? options.scope : `${options.scope}/${path}`,
        class: 'fault',
        reason: 'unreadable folder',
        detail: `${path || '.'}/: ${(error as Error).message}`,
      })
    }
  }
  return paths
}

function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** A name as text; bytes that are not UTF-8 are shown as `\\xNN`, so that every path can be printed, and `exact` is false. */
export function readName(raw: string): { path: string; exact: boolean } {
  if (!/[\x80-\xff]/.test(raw)) return { path: raw, exact: true }
  try {
    return { path: decoder.decode(Buffer.from(raw, 'latin1')), exact: true }
  } catch {
    // Not UTF-8 is an answer here, not a failure.
    return {
      path: raw.replace(/[\\\x80-\xff]/g, (c) => (c === '\\' ? '\\\\' : `\\x${c.charCodeAt(0).toString(16)}`)),
      exact: false,
    }
  }
}
