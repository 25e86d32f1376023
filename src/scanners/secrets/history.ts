import type { Buffer } from 'node:buffer'
import type { Detection, Match } from '../../detect/detect.ts'
import { secretMatch } from '../../facts/secret.ts'
import type { FileLocation, Gap, ScanContext, Tree } from '../../model.ts'
import { git, gitStream } from '../../sources/git.ts'
import { cutExcerpt, type ExcerptSource } from './excerpt.ts'
import { type AddedLines, COMMIT_FORMAT, HistoryParser } from './history-parser.ts'
import type { Occurrences } from './occurrences.ts'
import { recordLimits } from './working-tree.ts'

/**
 * Of each commit what it added and nothing else; of merges what is in none of the parents. Whatever the
 * repository's config says of the form of diffs is overridden.
 */
const LOG = [
  'log',
  '-p',
  '-U0',
  '--full-history',
  '--cc',
  '--relative',
  '--no-textconv',
  '--no-ext-diff',
  '--no-color',
  '--no-notes',
  '--no-show-signature',
  '--submodule=short',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--inter-hunk-context=0',
  '--diff-filter=tuxdb',
  `--format=${COMMIT_FORMAT}`,
]
const SECONDS_OF_DAY = 86_400
/** Names that a gap for many files lists. */
const NAMED = 5

/** Reads a repository's history; secrets go into `occurrences`. False if there is none to read. */
export async function scanHistory(
  tree: Tree,
  detection: Detection,
  context: ScanContext,
  occurrences: Occurrences,
): Promise<boolean> {
  const gap = (gapClass: Gap['class'], reason: string, detail: string) =>
    context.gap({ kind: secretMatch.kind, scope: tree.scope, class: gapClass, reason, detail })
  if (!tree.isGit) {
    gap('limit', 'no git repository', '--history reads git repositories only; the files were read')
    return false
  }
  await recordMissingHistory(tree, context, gap)
  const binary = new Set<string>()
  const now = Math.floor(context.now.getTime() / 1000)
  const parser = new HistoryParser(
    {
      added: (lines) => addLines(lines, tree, detection, context, occurrences, now),
      binary: (path) => binary.add(path),
      tooLarge: (path, commit) =>
        context.gap({
          kind: secretMatch.kind,
          scope: `${tree.scope}/${path}`,
          class: 'limit',
          reason: 'file too large',
          detail: `${path}: what commit ${commit} added is over --max-file-size`,
        }),
    },
    context.limits.maxFileSize,
  )
  const failure = await readLog(tree, parser, context)
  if (failure !== undefined && !context.signal.aborted) gap('fault', 'git failed', `git log: ${failure}`)
  if (binary.size > 0) {
    const named = [...binary].sort().slice(0, NAMED).join(', ')
    gap(
      'limit',
      'binary files in history',
      `${binary.size} not read: ${named}${binary.size > NAMED ? ' and more' : ''}`,
    )
  }
  return true
}

async function recordMissingHistory(
  tree: Tree,
  context: ScanContext,
  gap: (gapClass: Gap['class'], reason: string, detail: string) => void,
): Promise<void> {
  const shallow = await git(tree.root, ['rev-parse', '--is-shallow-repository'], context.signal)
  if (shallow.ok && shallow.stdout.toString('latin1').trim() === 'true')
    gap('limit', 'shallow clone', 'older commits are missing; run git fetch --unshallow')
  const partial = await git(
    tree.root,
    ['config', '--get-regexp', '^(extensions\\.partialclone|remote\\..*\\.promisor)$'],
    context.signal,
  )
  if (partial.ok && partial.stdout.length > 0)
    gap('limit', 'partial clone', 'old versions of files may be missing; run git fetch --refetch --no-filter')
}

/** Gives why git failed, if it did. */
async function readLog(tree: Tree, parser: HistoryParser, context: ScanContext): Promise<string | undefined> {
  // Of what changed since a ref: the commits since then.
  const range = tree.changes?.base === undefined ? '--all' : `${tree.changes.base}..HEAD`
  const stream = gitStream(tree.root, [...LOG, range], context.signal)
  try {
    let chunks = 0
    for await (const chunk of stream.stdout) {
      parser.push(chunk as Buffer)
      if (++chunks % 64 === 0) context.progress(`secrets: history, ${parser.commits} commits`)
    }
  } catch (error) {
    if (!context.signal.aborted) return (error as Error).message
  }
  parser.end()
  return stream.ended
}

function addLines(
  lines: AddedLines,
  tree: Tree,
  detection: Detection,
  context: ScanContext,
  occurrences: Occurrences,
  now: number,
): void {
  const { path, buffer, length, commit, time, hunks } = lines
  const inspection = detection.inspect(path, buffer, length)
  recordLimits(inspection, tree.scope, path, context)
  if (inspection.matches.length === 0) return
  const ageDays = Math.max(0, Math.floor((now - time) / SECONDS_OF_DAY))
  const place = { file: path, committed: true, commit: { id: commit, ageDays } }
  occurrences.add(
    inspection.matches,
    place,
    (match) => locate(match, lines),
    (match) => cutExcerpt(match, { buffer, ...inspection, ...hunkAround(match, hunks) }),
  )
}

function locate(match: Match, { path, commit, hunks }: AddedLines): FileLocation {
  const { shift } = hunkAround(match, hunks)
  const { line, column, endLine, endColumn } = match
  return { file: path, line: line + shift, column, endLine: endLine + shift, endColumn, commit }
}

/** The hunk that a match stands in: lines before and after it are not its neighbours in the file. */
function hunkAround(match: Match, hunks: AddedLines['hunks']): Required<Pick<ExcerptSource, 'lines' | 'shift'>> {
  const index = hunks.findLastIndex(([added]) => added <= match.line)
  const [added, actual] = hunks[index] ?? [1, 1]
  const next = hunks[index + 1]?.[0]
  return { lines: [added, next === undefined ? Number.POSITIVE_INFINITY : next - 1], shift: actual - added }
}
