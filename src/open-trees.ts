import { realpathSync } from 'node:fs'
import type { LoadedConfig } from './config.ts'
import type { Gap, Revision, Targets } from './model.ts'
import { matchesGlob } from './path-filter.ts'
import { fileScanners } from './registry.ts'
import type { SkipLog } from './skip-log.ts'
import type { ChangeRequest } from './sources/changes.ts'
import type { UnseenFile } from './sources/listing.ts'
import { readRevision } from './sources/revision.ts'
import { type OpenedTree, openTree } from './sources/tree.ts'

/** A repository that was named, and its files if they can be listed. */
export interface NamedTree {
  /** As the operator wrote it. */
  readonly path: string
  readonly tree?: OpenedTree
  readonly revision?: Revision
  /** Why it could not be opened. */
  readonly reason?: string
}

/** What opening trees needs of an audit's options. */
export interface OpenOptions {
  readonly repositories: readonly string[]
  readonly targets: Targets
  readonly maxFileSize: number
  readonly changes?: ChangeRequest
  readonly signal: AbortSignal
}

/** Lists the files of each repository. One that cannot be read is a fault; the others are audited all the same. */
export async function openTrees(
  options: OpenOptions,
  config: LoadedConfig,
  gaps: Gap[],
  skips: SkipLog,
): Promise<NamedTree[]> {
  const exclude = config.config.exclude ?? []
  const trees: NamedTree[] = []
  const seen = new Set<string>()
  for (const [index, path] of options.repositories.entries()) {
    const scope = index === 0 ? 'repo:.' : `repo:${path}`
    try {
      const root = realpathSync(path)
      if (seen.has(root)) continue
      seen.add(root)
      const tree = await openTree({
        root: path,
        scope,
        maxFileSize: options.maxFileSize,
        ...(options.changes && { changes: options.changes }),
        // What an audited tree leaves out of itself it does not leave out of others.
        excluded: (file) => (index === 0 || config.trusted) && exclude.some((pattern) => matchesGlob(pattern, file)),
        signal: options.signal,
        gap: (gap) => void gaps.push(...unseenInTree(gap, options.targets)),
        skip: (skip) => skips.add(skip),
        kindGap: (gap) => void gaps.push(gap),
      })
      const revision = tree.isGit ? await readRevision(tree.root, options.signal) : undefined
      trees.push({ path, tree, ...(revision && { revision }) })
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === undefined) throw error
      const reason = code === 'ENOENT' ? 'no such file or folder' : message
      gaps.push(
        ...unseenInTree(
          { scope, class: 'fault', reason: 'not readable', detail: `${path}: ${reason}` },
          options.targets,
        ),
      )
      trees.push({ path, reason })
    }
  }
  return trees
}

/** Kinds that come from elsewhere than the tree: what a file holds says nothing of them. */
const NOT_FROM_TREES = new Set(['k8s.audit-log', 'k8s.calls'])

/** Whatever reads files might have seen something in a file that nobody gets to see. */
function unseenInTree(gap: UnseenFile, targets: Targets): Gap[] {
  const clusterAtHand = targets.kubernetes.length + targets.kubernetesDumps.length > 0
  const kinds = fileScanners
    .flatMap((scanner) => scanner.emits.map((kind) => kind.kind))
    .filter((kind) => !NOT_FROM_TREES.has(kind) && !(clusterAtHand && kind.startsWith('k8s.')))
  // Manifests are taken as one cluster: a file that was not seen may have declared anything in it.
  return kinds.map((kind) => ({ kind, ...gap, ...(kind.startsWith('k8s.') && { scope: 'k8s:-' }) }))
}
