import { Buffer } from 'node:buffer'
import { lstatSync, readFileSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { UsageError } from '../errors.ts'
import type { FactKind, Gap, SkipReason, Tree, TreeFile } from '../model.ts'
import { isBelow } from '../paths.ts'
import { type ChangeRequest, readChanges } from './changes.ts'
import {
  isRepository,
  type Listing,
  type ListingOptions,
  listByGit,
  listByIndex,
  listByWalk,
  listOne,
  readName,
} from './listing.ts'
import { decodeText } from './text-encoding.ts'

/** What a tree needs to be opened. */
export interface TreeOptions extends ListingOptions {
  readonly root: string
  readonly maxFileSize: number
  /** Whether a path is left out by the operator's or the tree's config. */
  readonly excluded: (path: string) => boolean
  /** Judge only what changed. */
  readonly changes?: ChangeRequest
  /** What one scanner could not read. */
  readonly kindGap: (gap: Gap) => void
}

/** A tree with what was left out of it, for the summary. */
export interface OpenedTree extends Tree {
  /** Files that path filters left out. */
  readonly excludedPaths: readonly string[]
}

/**
 * Lists the files of a repository or folder. In a git repository: tracked files, untracked ones that are not ignored, and
 * ignored ones that are known stores of credentials; elsewhere everything. Symbolic links are never followed.
 */
export async function openTree(options: TreeOptions): Promise<OpenedTree> {
  const given = realpathSync(options.root)
  const single = lstatSync(given).isFile()
  const root = single ? dirname(given) : given
  const listed = single ? listOne(given) : await list(root, options)
  if (options.changes && !listed.isGit)
    throw new UsageError(`${options.root} is no git repository: --since and --staged need one`)
  const changes = options.changes && (await readChanges(root, options.changes, options.signal))
  const leftOut = new Set<string>()
  const files: TreeFile[] = []
  for (const raw of listed.ignored ?? []) {
    const { path } = readName(raw)
    if (!options.excluded(path)) options.skip({ scope: options.scope, path, reason: 'ignored by git' })
  }
  for (const raw of listed.paths) {
    const content = listed.contents?.get(raw)
    const file = content
      ? stagedFile(root, raw, content)
      : describeFile(root, raw, listed.isGit && !listed.loose.has(raw), options)
    if (!file) continue
    if (options.excluded(file.path)) leftOut.add(file.path)
    else files.push(file)
  }
  files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  return {
    root,
    scope: options.scope,
    isGit: listed.isGit,
    ...(changes && { changes }),
    get excludedPaths() {
      return [...leftOut]
    },
    files: () => files,
    leavesOut: (path) => {
      if (!options.excluded(path)) return false
      leftOut.add(path)
      return true
    },
    text: (file, kind) => readText(file, kind, options),
  }
}

async function list(root: string, options: TreeOptions): Promise<Listing> {
  if (!(await isRepository(root, options))) return { isGit: false, paths: listByWalk(root, options), loose: new Set() }
  const staged = options.changes !== undefined && 'staged' in options.changes
  // What is ignored is no part of a change.
  return staged
    ? listByIndex(root, options.maxFileSize, options)
    : listByGit(root, options, options.changes === undefined)
}

function stagedFile(root: string, raw: string, content: Buffer): TreeFile {
  const { path } = readName(raw)
  return { path, absolute: `${root}/${path}`, size: content.length, tracked: true, content }
}

/**
 * Undefined for what is no regular file. A submodule or a repository within the repository, and a link that leads out of
 * the tree, are things that were not seen; sockets and files that were deleted from the working tree are not.
 */
function describeFile(root: string, raw: string, tracked: boolean, options: TreeOptions): TreeFile | undefined {
  const { path, exact } = readName(raw)
  const absolute = exact ? `${root}/${path}` : Buffer.concat([Buffer.from(`${root}/`), Buffer.from(raw, 'latin1')])
  const gap = (gapClass: Gap['class'], reason: string, detail: string) => {
    options.gap({ scope: `${options.scope}/${path}`, class: gapClass, reason, detail: `${path}: ${detail}` })
  }
  try {
    const status = lstatSync(absolute, { throwIfNoEntry: false })
    if (status?.isFile()) return { path, absolute, size: status.size, tracked }
    if (!status) return undefined
    const skip = (reason: SkipReason) => {
      if (!options.excluded(path)) options.skip({ scope: options.scope, path, reason })
    }
    if (status.isDirectory()) {
      skip('submodule or nested repository')
      gap('limit', 'submodule or nested repository', 'audit it by itself, or name it with --repo')
    } else if (status.isSymbolicLink()) {
      skip('symbolic link')
      if (!leadsInto(root, absolute)) gap('limit', 'link out of the tree', 'symbolic links are not followed')
    } else skip('special file')
  } catch (error) {
    options.skip({ scope: options.scope, path, reason: 'unreadable' })
    gap('fault', 'unreadable', (error as Error).message)
  }
  return undefined
}

function leadsInto(root: string, link: string | Buffer): boolean {
  try {
    return isBelow(realpathSync(link), root)
  } catch {
    // A dangling link or a loop leads nowhere: there is nothing behind it to be seen.
    return true
  }
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
    bytes = file.content ?? readFileSync(file.absolute)
  } catch (error) {
    return fail('fault', 'unreadable', (error as Error).message)
  }
  return decodeText(bytes) ?? fail('limit', 'binary file', 'holds NUL bytes')
}
