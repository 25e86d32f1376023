import type { FactKind, ScanContext, Tree, TreeFile } from '../../../model.ts'
import { SourceFile } from '../../../sources/source-file.ts'
import type { ValueNode } from '../../../sources/value-node.ts'
import { parseYaml, YamlError } from '../../../sources/yaml-values.ts'
import { NESTED, tellUnseen, textFor } from '../readers.ts'
import { type GitlabFile, type Include, readGitlabFile } from './configuration.ts'

/** Where GitLab looks unless the project's settings say otherwise. */
export const GITLAB_ROOT = '.gitlab-ci.yml'
/** GitLab's own limit on includes. */
const MAX_FILES = 150

/**
 * The files of a configuration of GitLab CI: the root and what it includes from the same repository, in the order in which they take
 * effect, last first. What comes from elsewhere is a gap.
 */
export function readGitlabFiles(tree: Tree, kinds: readonly FactKind[], context: ScanContext): GitlabFile[] {
  const byPath = new Map(tree.files().map((file) => [file.path, file]))
  const root = byPath.get(GITLAB_ROOT)
  const files: GitlabFile[] = []
  const pending = root ? [root] : []
  const seen = new Set(pending)
  for (let file = pending.shift(); file; file = pending.shift()) {
    context.signal.throwIfAborted()
    const read = readOne(tree, file, kinds, context)
    if (!read) continue
    files.push(read)
    for (const include of read.includes) {
      const found = include.by === 'local' ? localFiles(include.what, byPath) : []
      if (found.length === 0) elsewhere(read, include, kinds, context)
      for (const each of found) {
        if (seen.has(each)) continue
        if (seen.size >= MAX_FILES) {
          elsewhere(read, include, kinds, context, 'too many includes')
          break
        }
        seen.add(each)
        pending.push(each)
      }
    }
  }
  return files
}

function localFiles(path: string, byPath: ReadonlyMap<string, TreeFile>): TreeFile[] {
  const wanted = path.replace(/^\/+/, '')
  if (!wanted.includes('*')) return [byPath.get(wanted) ?? []].flat()
  const pattern = pathPattern(wanted)
  return [...byPath].filter(([name]) => pattern.test(name)).map(([, file]) => file)
}

/** `*` stays in its folder, `**` does not. Source: https://docs.gitlab.com/ci/yaml/includes/#use-includelocal-with-wildcard-file-paths */
function pathPattern(glob: string): RegExp {
  const parts = glob.split(/(\*\*\/?|\*)/).map((part) => {
    if (part.startsWith('**')) return '.*'
    return part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${parts.join('')}$`)
}

function elsewhere(
  file: GitlabFile,
  include: Include,
  kinds: readonly FactKind[],
  context: ScanContext,
  reason = include.by === 'local' ? 'include not found' : 'included from elsewhere',
): void {
  const detail = `what ${include.by} ${include.what} adds to the pipeline was not read`
  tellUnseen(file.source, kinds, { class: 'limit', reason, detail, offset: include.node.start }, context)
}

function readOne(tree: Tree, file: TreeFile, kinds: readonly FactKind[], context: ScanContext): GitlabFile | undefined {
  const text = textFor(tree, file, kinds)
  if (text === undefined) return undefined
  const source = new SourceFile(tree.scope, file.path, text)
  const problem = (detail: string, offset = 0) =>
    tellUnseen(source, kinds, { class: 'fault', reason: 'not readable', detail, offset }, context)
  try {
    // A header (`spec:`) is a document of its own before the configuration.
    const node = parseYaml(text).findLast((document) => document.type === 'map')
    const read: GitlabFile | undefined = node && readGitlabFile(node satisfies ValueNode, source)
    if (!read && text.trim() !== '') problem('is no configuration of GitLab CI')
    return read
  } catch (error) {
    if (error instanceof YamlError) problem(error.message, error.offset)
    else if (error instanceof RangeError) tellUnseen(source, kinds, NESTED, context)
    else throw error
    return undefined
  }
}
