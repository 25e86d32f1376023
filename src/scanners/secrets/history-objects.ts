import { Buffer } from 'node:buffer'
import { git, gitStream } from '../../sources/git.ts'
import { type GitObject, readObjects } from '../../sources/git-objects.ts'
import { cutExcerpt } from './excerpt.ts'
import { COMMIT_MESSAGE } from './history-messages.ts'
import type { HistoryReading } from './history-reading.ts'
import { toText } from './read.ts'
import { recordLimits } from './tree-matches.ts'

/** The messages of annotated tags. A tag may be of a tag. */
export async function scanTagMessages(reading: HistoryReading): Promise<void> {
  const { tree, context, gap } = reading
  const format = '--format=%(objecttype) %(objectname) %(refname)'
  const refs = await git(tree.root, ['for-each-ref', format], context.signal)
  if (!refs.ok) return gap('fault', 'git failed', `git for-each-ref: ${refs.reason}`)
  const names = new Map<string, string>()
  for (const line of refs.stdout.toString('utf8').split('\n')) {
    const [, id, name] = /^tag (\S+) (.*)$/.exec(line) ?? []
    if (id !== undefined && name !== undefined) names.set(id, name)
  }
  const seen = new Set<string>()
  while (names.size > 0) {
    const ids = [...names.keys()]
    const inner = new Map<string, string>()
    await readAll(reading, ids, (tag, content) => {
      const name = names.get(tag.id) ?? tag.id
      seen.add(tag.id)
      const tagged = addMessage(tag, content, `.git/${name}`, reading)
      if (tagged.type === 'tag' && !seen.has(tagged.object)) inner.set(tagged.object, name)
    })
    names.clear()
    for (const [id, name] of inner) names.set(id, name)
  }
}

/**
 * Whatever no ref and no reflog leads to: commits that were dropped, blobs that were staged and never committed. `readCommits`
 * gets the commits, so that their files are read with their names; what was not found in these is read object by object.
 */
export async function scanUnreachable(
  reading: HistoryReading,
  readCommits: (ids: readonly string[]) => Promise<void>,
): Promise<void> {
  const { tree, context, gap } = reading
  context.progress('secrets: history, looking for unreachable objects')
  const objects: { type: string; id: string }[] = []
  let faults = 0
  const readLine = lineReader((line) => {
    const [, what, type = '', id = ''] = /^(\w+) (\w+) ([0-9a-f]{40,64})$/.exec(line) ?? []
    if (what === 'unreachable') objects.push({ type, id })
    else if (what === 'missing') faults++
  })
  const args = ['fsck', '--unreachable', '--no-dangling', '--connectivity-only', '--no-progress']
  const failure = await gitStream(tree.root, args, readLine, { signal: context.signal })
  if (failure !== undefined)
    gap('fault', 'git failed', `git fsck: ${faults > 0 ? `${faults} objects are missing` : failure}`)
  const idsOf = (...types: string[]) => objects.filter(({ type }) => types.includes(type)).map(({ id }) => id)
  const commits = idsOf('commit')
  if (commits.length > 0) await readCommits(commits)
  const staged = await stagedBlobs(reading)
  const wanted = [...new Set([...idsOf('commit', 'tag', 'blob'), ...staged])]
  let binary = 0
  await readAll(reading, wanted, (object, content) => {
    if (object.type !== 'blob')
      addMessage(object, content, object.type === 'commit' ? COMMIT_MESSAGE : pathOf(object), reading)
    else if (!addBlob(object, content, reading)) {
      binary++
      context.skip({ scope: tree.scope, path: pathOf(object), reason: 'binary in history' })
    }
  })
  if (binary > 0) gap('limit', 'binary files in history', `${binary} binary of what no commit names was not read`)
}

/** What the index holds is taken for reachable by git, though no commit has it. */
async function stagedBlobs({ tree, context, gap }: HistoryReading): Promise<string[]> {
  const args = ['diff-index', '--cached', '--raw', '--no-abbrev', '--no-renames', '-z', '--diff-filter=d']
  const head = await git(tree.root, ['rev-parse', '--verify', '--quiet', 'HEAD'], context.signal)
  // Without a commit all of the index is new.
  const list = head.ok
    ? await git(tree.root, [...args, 'HEAD', '--'], context.signal)
    : await git(tree.root, ['ls-files', '--stage', '-z'], context.signal)
  if (!list.ok) {
    gap('fault', 'git failed', `the index cannot be read: ${list.reason}`)
    return []
  }
  const entry = head.ok ? /^:\d+ 100\d{3} [0-9a-f]+ ([0-9a-f]+) / : /^100\d{3} ([0-9a-f]+) /
  return list.stdout
    .toString('latin1')
    .split('\0')
    .flatMap((text) => entry.exec(text)?.[1] ?? [])
    .filter((id) => !/^0+$/.test(id))
}

async function readAll(
  { tree, context, gap }: HistoryReading,
  ids: readonly string[],
  take: (object: GitObject, content: Buffer) => void,
): Promise<void> {
  const { maxFileSize } = context.limits
  let large = 0
  let left = ids
  // A broken object ends git: the ones behind it are read by another.
  while (left.length > 0 && !context.signal.aborted) {
    let done = 0
    const events = {
      object: (object: GitObject) => {
        done++
        if (object.content) take(object, object.content)
        else large++
      },
      missing: (id: string) => {
        done++
        gap('fault', 'missing object', `${id} is not in the repository`)
      },
    }
    const failure = await readObjects(tree.root, left, maxFileSize, events, context.signal)
    if (failure === undefined) break
    gap('fault', 'corrupt object', `${left[done] ?? 'an object'}: git cat-file: ${failure}`)
    left = left.slice(done + 1)
  }
  if (large > 0) gap('limit', 'file too large', `${large} objects of the history are over --max-file-size`)
}

/** The message of a commit or tag, which follows its headers; gives what a tag is of. */
function addMessage(
  { id, type }: GitObject,
  content: Buffer,
  file: string,
  { messages }: HistoryReading,
): { type: string; object: string } {
  const blank = content.indexOf('\n\n')
  const headers = content.toString('latin1', 0, blank < 0 ? content.length : blank)
  const field = (name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(headers)?.[1] ?? ''
  const time = Number(/ (\d+) [+-]\d+$/.exec(field(type === 'tag' ? 'tagger' : 'author'))?.[1] ?? 0)
  const text = blank < 0 ? Buffer.alloc(0) : content.subarray(blank + 2)
  // The commit that a tag is of stands for it, since places in history are named by commits.
  const commit = type === 'tag' && field('type') === 'commit' ? field('object') : id
  if (text.length > 0) messages.add(text, text.length, { file, committed: true, commit: { id: commit, time } }, commit)
  return { type: field('type'), object: field('object') }
}

/** False if it is no text. */
function addBlob(object: GitObject, content: Buffer, reading: HistoryReading): boolean {
  const { tree, context, detection, occurrences } = reading
  const text = toText(content, content.length)
  if (!text.ok) return false
  const { buffer } = text
  const file = pathOf(object)
  const inspection = detection.inspect(file, buffer, text.length)
  recordLimits(inspection, tree.scope, file, context)
  if (inspection.matches.length === 0) return true
  occurrences.add(
    inspection.matches,
    { file, committed: false, commit: { id: '', time: 0 }, text: () => inspection.positions.text() },
    ({ line, column, endLine, endColumn }) => ({ file, line, column, endLine, endColumn, commit: object.id }),
    (match) => cutExcerpt(match, { buffer, ...inspection }),
  )
  return true
}

/** Where a loose object lies: what has no name is shown by its id. */
function pathOf({ id }: GitObject): string {
  return `.git/objects/${id.slice(0, 2)}/${id.slice(2)}`
}

function lineReader(take: (line: string) => void): (piece: Buffer) => void {
  let rest = ''
  return (piece) => {
    const lines = (rest + piece.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) take(line)
  }
}
