import { Buffer } from 'node:buffer'
import { lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import fastGlob from 'fast-glob'
import type { FactKind, Gap, Tree, TreeFile } from '../model.ts'
import { git } from './git.ts'

/** What a tree needs to be opened. */
export interface TreeOptions {
  readonly root: string
  readonly scope: string
  readonly maxFileSize: number
  /** Whether a path is left out by the operator's or the tree's config. */
  readonly excluded: (path: string) => boolean
  readonly signal: AbortSignal
  /** A file or folder that no scanner gets to see; it may have held facts of any kind. */
  readonly gap: (gap: UnseenFile) => void
  /** What one scanner could not read. */
  readonly kindGap: (gap: Gap) => void
}
export type UnseenFile = Omit<Gap, 'kind'>

/** A tree with what was left out of it, for the summary. */
export interface OpenedTree extends Tree {
  /** Files that path filters left out. */
  readonly excludedPaths: readonly string[]
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

/**
 * Lists the files of a repository or folder. In a git repository: tracked files, untracked ones that are not ignored, and
 * ignored ones that are known stores of credentials; elsewhere everything. Symbolic links are never followed.
 */
export async function openTree(options: TreeOptions): Promise<OpenedTree> {
  const given = realpathSync(options.root)
  const single = lstatSync(given).isFile()
  const root = single ? dirname(given) : given
  const listed = single
    ? listOne(given)
    : ((await listByGit(root, options)) ?? {
        isGit: false,
        paths: listByWalk(root, options),
        untracked: new Set<string>(),
      })
  const excludedPaths: string[] = []
  const files: TreeFile[] = []
  for (const raw of listed.paths) {
    const file = describeFile(root, raw, listed.isGit && !listed.untracked.has(raw.toString('latin1')), options)
    if (!file) continue
    if (options.excluded(file.path)) excludedPaths.push(file.path)
    else files.push(file)
  }
  files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  return {
    root,
    scope: options.scope,
    isGit: listed.isGit,
    excludedPaths,
    files: () => files,
    text: (file, kind) => readText(file, kind, options),
  }
}

/** A single file that was named instead of a folder. */
function listOne(file: string): Listing {
  return { isGit: false, paths: [Buffer.from(basename(file))], untracked: new Set() }
}

interface Listing {
  readonly isGit: boolean
  readonly paths: readonly Buffer[]
  readonly untracked: ReadonlySet<string>
}

async function listByGit(root: string, options: TreeOptions): Promise<Listing | undefined> {
  const inside = await git(root, ['rev-parse', '--is-inside-work-tree'], options.signal)
  if (!inside.ok) {
    // A folder that has a .git but that git refuses is worth a word; a plain folder is not.
    if (lstatSync(join(root, '.git'), { throwIfNoEntry: false })) {
      const detail = `git rev-parse: ${inside.reason}; the folder is read as plain files`
      options.gap({ scope: options.scope, class: 'limit', reason: 'git cannot read the repository', detail })
    }
    return undefined
  }
  if (inside.stdout.toString('latin1').trim() !== 'true') return undefined
  const list = async (...args: string[]) => {
    const result = await git(root, ['ls-files', '-z', ...args], options.signal)
    if (result.ok) return splitAtNul(result.stdout)
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
  const stores = await fastGlob.glob(CREDENTIAL_STORES, {
    cwd: root,
    ...WALK,
    ignore: ['**/.git/**', '**/node_modules/**'],
  })
  const known = new Set([...tracked, ...untracked].map((path) => path.toString('latin1')))
  const ignored = stores.map((path) => Buffer.from(path)).filter((path) => !known.has(path.toString('latin1')))
  const loose = [...untracked, ...ignored]
  return {
    isGit: true,
    // An unmerged file is listed once for each stage.
    paths: [...new Map([...tracked, ...loose].map((path) => [path.toString('latin1'), path])).values()],
    untracked: new Set(loose.map((path) => path.toString('latin1'))),
  }
}

const WALK = { dot: true, onlyFiles: true, followSymbolicLinks: false, unique: true, suppressErrors: true } as const

/** Every file below a folder, names as bytes (they need not be UTF-8); a folder that cannot be read is named. */
function listByWalk(root: string, options: TreeOptions): Buffer[] {
  const paths: Buffer[] = []
  const pending: Buffer[] = [Buffer.alloc(0)]
  for (let folder = pending.pop(); folder; folder = pending.pop()) {
    options.signal.throwIfAborted()
    const prefix = folder.length > 0 ? Buffer.concat([folder, SLASH]) : folder
    try {
      for (const entry of readdirSync(Buffer.concat([Buffer.from(`${root}/`), folder]), {
        withFileTypes: true,
        encoding: 'buffer',
      })) {
        const path = Buffer.concat([prefix, entry.name])
        if (entry.isDirectory() && entry.name.toString('latin1') !== '.git') pending.push(path)
        else if (!entry.isDirectory()) paths.push(path)
      }
    } catch (error) {
      const shown = showPath(folder)
      options.gap({
        scope: shown === '' ? options.scope : `${options.scope}/${shown}`,
        class: 'fault',
        reason: 'unreadable folder',
        detail: `${shown || '.'}/: ${(error as Error).message}`,
      })
    }
  }
  return paths
}

const SLASH = Buffer.from('/')

function splitAtNul(buffer: Buffer): Buffer[] {
  const parts: Buffer[] = []
  let start = 0
  for (let end = buffer.indexOf(0); end >= 0; end = buffer.indexOf(0, start)) {
    parts.push(buffer.subarray(start, end))
    start = end + 1
  }
  return parts
}

/**
 * Undefined for what is no regular file. A submodule or a repository within the repository, and a link that leads out of
 * the tree, are things that were not seen; sockets and files that were deleted from the working tree are not.
 */
function describeFile(root: string, raw: Buffer, tracked: boolean, options: TreeOptions): TreeFile | undefined {
  const absolute = Buffer.concat([Buffer.from(`${root}/`), raw])
  const path = showPath(raw)
  const gap = (gapClass: Gap['class'], reason: string, detail: string) => {
    options.gap({ scope: `${options.scope}/${path}`, class: gapClass, reason, detail: `${path}: ${detail}` })
  }
  try {
    const status = lstatSync(absolute, { throwIfNoEntry: false })
    if (status?.isFile())
      return { path, absolute: isUtf8(raw) ? `${root}/${path}` : absolute, size: status.size, tracked }
    if (status?.isDirectory())
      gap('limit', 'submodule or nested repository', 'audit it by itself, or name it with --repo')
    if (status?.isSymbolicLink() && !leadsInto(root, absolute))
      gap('limit', 'link out of the tree', 'symbolic links are not followed')
  } catch (error) {
    gap('fault', 'unreadable', (error as Error).message)
  }
  return undefined
}

function leadsInto(root: string, link: Buffer): boolean {
  try {
    return `${realpathSync(link)}/`.startsWith(`${root}/`)
  } catch {
    // A dangling link or a loop leads nowhere: there is nothing behind it to be seen.
    return true
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function isUtf8(raw: Buffer): boolean {
  try {
    decoder.decode(raw)
    return true
  } catch {
    // Not UTF-8 is an answer here, not a failure.
    return false
  }
}

/** Bytes that are not UTF-8 are shown as `\xNN`, so that every path can be printed. */
function showPath(raw: Buffer): string {
  if (isUtf8(raw)) return raw.toString('utf8')
  return raw.toString('latin1').replace(/[\x80-\xff]/g, (c) => `\\x${c.charCodeAt(0).toString(16)}`)
}

function readText(file: TreeFile, kind: FactKind, options: TreeOptions): string | undefined {
  const fail = (gapClass: Gap['class'], reason: string, detail: string) => {
    options.kindGap({
      kind: kind.kind,
      scope: `${options.scope}/${file.path}`,
      class: gapClass,
      reason,
      detail: `${file.path}: ${detail}`,
    })
    return undefined
  }
  if (file.size > options.maxFileSize)
    return fail('limit', 'file too large', `${file.size} bytes, over --max-file-size`)
  let bytes: Buffer
  try {
    bytes = readFileSync(file.absolute)
  } catch (error) {
    return fail('fault', 'unreadable', (error as Error).message)
  }
  return decodeText(bytes) ?? fail('limit', 'binary file', 'holds NUL bytes')
}

/** UTF-8 or UTF-16 with a byte order mark; undefined for binary data. Invalid UTF-8 becomes U+FFFD, as editors show it. */
export function decodeText(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  if (bytes.subarray(0, 8192).includes(0)) return undefined
  return new TextDecoder('utf-8').decode(bytes)
}
