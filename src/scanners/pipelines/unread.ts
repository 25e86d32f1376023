import { ciWorkflow } from '../../facts/pipeline.ts'
import { ciCheckout } from '../../facts/pipeline-flow.ts'
import { ciRelease, ciRepository, ciSigning } from '../../facts/pipeline-uses.ts'
import type { FactKind, ScanContext, Tree } from '../../model.ts'
import { GITLAB_ROOT, readGitlabFiles } from './gitlab/files.ts'
import { gitlabScanner } from './gitlab/index.ts'
import { WORKFLOW } from './repository.ts'
import { describeUnread, type UnreadPipelines, unreadPipelines } from './unread-systems.ts'

/** What a pipeline may hold whoever runs it. */
const ANYWHERE: readonly FactKind[] = [...gitlabScanner.emits, ciCheckout, ciRelease, ciSigning]

/** Pipelines of a tree that are not read; where only what changed is judged, those that changed. */
export function unreadOf(tree: Tree, context: ScanContext): UnreadPipelines[] {
  const found = unreadPipelines(tree.files().map(({ path }) => path))
  const included = found.some(({ paths }) => paths.some(isGitlab)) ? gitlabPaths(tree, context) : new Set()
  const counts = (path: string) => !included.has(path) && (tree.changes?.files.has(path) ?? true)
  return found.map((each) => ({ ...each, paths: each.paths.filter(counts) })).filter(({ paths }) => paths.length > 0)
}

const isGitlab = (path: string) => path.endsWith(`/${GITLAB_ROOT}`)

/** The configuration of a folder is read where that of the root includes it. Its own gaps are told by who reads it. */
function gitlabPaths(tree: Tree, context: ScanContext): ReadonlySet<string> {
  const files = readGitlabFiles(tree, [ciWorkflow], { ...context, gap: () => undefined })
  return new Set(files.map(({ source }) => source.path))
}

/**
 * Tells in one line what is not read. A gap stands at the first file of each system, where no fact ever is: what was found in
 * pipelines that are read stands, and no rule passes for those that are not.
 */
export function tellUnread(tree: Tree, actionKinds: readonly FactKind[], context: ScanContext): void {
  const unread = unreadOf(tree, context)
  // A repository with workflows has its fact, which says what these show.
  const ofRepository = unread.length > 0 && !tree.files().some(({ path }) => WORKFLOW.test(path)) ? [ciRepository] : []
  const detail = `${describeUnread(unread)}; in these only secrets are looked for`
  for (const { paths, likeActions } of unread) {
    const scope = `${tree.scope}/${paths[0]}`
    for (const kind of new Set([...ANYWHERE, ...(likeActions ? actionKinds : []), ...ofRepository])) {
      if (context.wants(kind))
        context.gap({ kind: kind.kind, scope, class: 'limit', reason: 'pipelines not judged', detail })
    }
  }
}
