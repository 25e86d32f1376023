import type { Detection } from '../../detect/detect.ts'
import type { Match } from '../../detect/match.ts'
import { secretMatch } from '../../facts/secret.ts'
import type { FileLocation, Gap, ScanContext, Tree } from '../../model.ts'
import { git, gitStream } from '../../sources/git.ts'
import { someOf } from '../some-of.ts'
import { cutExcerpt, type ExcerptSource } from './excerpt.ts'
import { recordMissingHistory } from './history-gaps.ts'
import { COMMIT_MESSAGE, MessageBatch } from './history-messages.ts'
import { scanTagMessages, scanUnreachable } from './history-objects.ts'
import { type AddedLines, COMMIT_FORMAT, HistoryParser } from './history-parser.ts'
import type { HistoryReading } from './history-reading.ts'
import type { Occurrences, Origin } from './occurrences.ts'
import { recordLimits } from './tree-matches.ts'

/**
 * Of each commit what it added and nothing else; of merges what is in none of the parents. Whatever the repository's config
 * says of the form of diffs is overridden. Renames are not looked for (what moved was seen where it came from, and what is
 * equal is found again cheaper than likeness is judged), nor is what was deleted read once more.
 */
const LOG = [
  'log',
  '-p',
  '-U0',
  '--full-history',
  '--cc',
  '--no-renames',
  '--irreversible-delete',
  '--no-textconv',
  '--no-ext-diff',
  '--no-color',
  '--no-notes',
  '--no-mailmap',
  '--no-show-signature',
  '--submodule=short',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--inter-hunk-context=0',
  '--diff-algorithm=myers',
  '--no-indent-heuristic',
  '--encoding=UTF-8',
  `--format=${COMMIT_FORMAT}`,
]
/** A broken object ends git; what is older is read from behind it, so many times. */
const MOST_STARTS = 20
/** Paths whose filters are remembered. */
const REMEMBERED = 10_000

/** Reads a repository's history; secrets go into `occurrences`. False if there is none to read. */
export async function scanHistory(
  tree: Tree,
  detection: Detection,
  context: ScanContext,
  occurrences: Occurrences,
): Promise<boolean> {
  const gap = (gapClass: Gap['class'], reason: string, detail: string) => {
    if (!context.signal.aborted)
      context.gap({ kind: secretMatch.kind, scope: tree.scope, class: gapClass, reason, detail })
  }
  if (!tree.isGit) {
    gap('limit', 'no git repository', '--history reads git repositories only; the files were read')
    return false
  }
  const messages = new MessageBatch(detection, occurrences, (inspection, file) =>
    recordLimits(inspection, tree.scope, file, context),
  )
  const reading: HistoryReading = { tree, detection, context, occurrences, messages, gap }
  const base = tree.changes?.base
  await recordMissingHistory(reading, base)
  if (base !== undefined) {
    // Of what changed since a ref: the commits since then.
    await readLog(reading, ['HEAD', `^${base}`])
  } else if (context.targets.history === 'deep') {
    await readLog(reading, ['--all', '--reflog'])
    await scanTagMessages(reading)
    await scanUnreachable(reading, (commits) => readLog(reading, ['--not', '--all', '--reflog'], commits))
  } else {
    await readLog(reading, ['--all'], await stashes(reading))
    await scanTagMessages(reading)
  }
  messages.flush()
  return true
}

/** A ref knows the newest stash only; the others stand in its reflog. */
async function stashes({ tree, context, gap }: HistoryReading): Promise<string[]> {
  const exists = await git(tree.root, ['show-ref', '--verify', '--quiet', 'refs/stash'], context.signal)
  if (!exists.ok) return []
  const list = await git(tree.root, ['log', '-g', '--format=%H', 'refs/stash', '--'], context.signal)
  if (list.ok)
    return list.stdout
      .toString('latin1')
      .split('\n')
      .filter((id) => id !== '')
  gap('fault', 'git failed', `git log -g refs/stash: ${list.reason}`)
  return []
}

/**
 * Reads what the commits of some revisions added, and their messages; `ids` are further commits. With a `--not` they are the
 * unreachable ones, whose ancestors may be gone for good: that is no fault, since every object that is there is read by itself.
 */
async function readLog(
  reading: HistoryReading,
  revisions: readonly string[],
  ids: readonly string[] = [],
): Promise<void> {
  const { context, gap } = reading
  const binary = new Set<string>()
  const parser = createParser(reading, binary)
  const { folder, log } = await withoutWorkTree(reading)
  let pieces = 0
  let failure: string | undefined
  for (let start = 0; start < MOST_STARTS && !context.signal.aborted; start++) {
    const before = parser.commits
    const skip = before > 0 ? [`--skip=${before}`] : []
    const ended = await gitStream(
      folder,
      // Where git runs lies a file HEAD: without the dashes the revision of that name would be ambiguous.
      [...log, ...skip, '--stdin', ...revisions, '--'],
      (piece) => {
        parser.push(piece)
        if (++pieces % 64 === 0) context.progress(`secrets: history, ${parser.commits} commits`)
      },
      { signal: context.signal, input: ids.map((id) => `${id}\n`) },
    )
    parser.end()
    failure ??= ended
    if (ended === undefined || parser.commits === before) break
  }
  if (failure !== undefined && !revisions.includes('--not'))
    gap('fault', 'git failed', `git log: ${failure}; what is missing or broken was not looked through`)
  if (binary.size === 0) return
  gap('limit', 'binary files in history', describeBinary(binary))
  for (const path of [...binary].sort()) context.skip({ scope: reading.tree.scope, path, reason: 'binary in history' })
}

/**
 * Where git runs, and the command, so that it does not see the working tree: attributes in there may call anything binary, which
 * git then does not show. Paths are those below the root all the same.
 */
async function withoutWorkTree({ tree, context, gap }: HistoryReading): Promise<{ folder: string; log: string[] }> {
  const found = await git(tree.root, ['rev-parse', '--absolute-git-dir', '--show-prefix'], context.signal)
  if (!found.ok) {
    gap('fault', 'git failed', `git rev-parse: ${found.reason}`)
    return { folder: tree.root, log: [...LOG, '--relative'] }
  }
  const [folder = '', prefix = ''] = found.stdout.toString('utf8').split('\n')
  return {
    folder,
    log: ['--git-dir=.', '--work-tree=.', ...LOG, ...(prefix === '' ? [] : [`--relative=${prefix}`])],
  }
}

function createParser(reading: HistoryReading, binary: Set<string>): HistoryParser {
  const { tree, context, messages } = reading
  const known = new Map<string, boolean>()
  const wanted = (path: string) => {
    let answer = known.get(path)
    if (answer !== undefined) return answer
    answer = !tree.leavesOut?.(path)
    if (known.size >= REMEMBERED) known.clear()
    known.set(path, answer)
    return answer
  }
  return new HistoryParser(
    {
      added: (lines) => addLines(lines, reading),
      message: ({ commit, buffer, length }) =>
        messages.add(buffer, length, { file: COMMIT_MESSAGE, committed: true, commit }, commit.id),
      wanted,
      binary: (path) => binary.add(path),
      tooLarge: (path = COMMIT_MESSAGE, commit) =>
        context.gap({
          kind: secretMatch.kind,
          scope: `${tree.scope}/${path}`,
          class: 'limit',
          reason: 'file too large',
          detail: `${path}: what commit ${commit.id} added is over --max-file-size`,
        }),
    },
    context.limits.maxFileSize,
  )
}

function describeBinary(paths: ReadonlySet<string>): string {
  return `${paths.size} not read: ${someOf([...paths].sort())}`
}

function addLines(lines: AddedLines, { tree, detection, context, occurrences }: HistoryReading): void {
  const { buffer, length, commit, hunks } = lines
  const path = placeOf(lines)
  const inspection = detection.inspect(path, buffer, length)
  if (inspection.limits.length > 0) recordLimits(inspection, tree.scope, path, context)
  if (inspection.matches.length === 0) return
  const origin: Origin = { id: commit.id, time: commit.time }
  occurrences.add(
    inspection.matches,
    { file: path, committed: true, commit: origin, text: () => inspection.positions.text() },
    (match) => locate(match, path, lines),
    (match) => cutExcerpt(match, { buffer, ...inspection, ...hunkAround(match, hunks) }),
  )
}

/** Notes lie in a tree of their own, in files named by what they are about: `12/3456…`. */
function placeOf({ path, commit: { source } }: AddedLines): string {
  if (!source.startsWith('refs/notes/') || !/^(?:[0-9a-f]{2}\/)*[0-9a-f]+$/.test(path)) return path
  return `.git/${source}/${path.replaceAll('/', '')}`
}

function locate(match: Match, file: string, { commit, hunks }: AddedLines): FileLocation {
  const { shift } = hunkAround(match, hunks)
  const { line, column, endLine, endColumn } = match
  return { file, line: line + shift, column, endLine: endLine + shift, endColumn, commit: commit.id }
}

/** The hunk that a match stands in: lines before and after it are not its neighbours in the file. */
function hunkAround(match: Match, hunks: AddedLines['hunks']): Required<Pick<ExcerptSource, 'lines' | 'shift'>> {
  const index = hunks.findLastIndex(([added]) => added <= match.line)
  const [added, actual] = hunks[index] ?? [1, 1]
  const next = hunks[index + 1]?.[0]
  return { lines: [added, next === undefined ? Number.POSITIVE_INFINITY : next - 1], shift: actual - added }
}
