import type { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { git, gitStream } from '../../sources/git.ts'
import type { HistoryReading } from './history-reading.ts'

/** Records what the repository itself does not hold. `base`: only what came after this commit is asked for. */
export async function recordMissingHistory(reading: HistoryReading, base: string | undefined): Promise<void> {
  await recordShallow(reading, base)
  await recordPartial(reading, base)
}

/** Commits before which a shallow clone is cut off hang in the air: a fault if they are among those that are asked for. */
async function recordShallow({ tree, context, gap }: HistoryReading, base: string | undefined): Promise<void> {
  const found = await git(tree.root, ['rev-parse', '--is-shallow-repository', '--git-path', 'shallow'], context.signal)
  if (!found.ok) return gap('fault', 'git failed', `git rev-parse: ${found.reason}`)
  const [shallow, file = ''] = found.stdout.toString('utf8').split('\n')
  if (shallow !== 'true') return
  if (base !== undefined) {
    const asked = await git(tree.root, ['rev-list', 'HEAD', `^${base}`], context.signal)
    const boundary = new Set(readFileSync(resolve(tree.root, file), 'latin1').split('\n'))
    if (
      asked.ok &&
      !asked.stdout
        .toString('latin1')
        .split('\n')
        .some((id) => id !== '' && boundary.has(id))
    )
      return
  }
  gap('fault', 'shallow clone', 'older commits are missing; run git fetch --unshallow')
}

/** A clone with a filter fetches what it lacks when it is needed, which is not done here. */
async function recordPartial({ tree, context, gap }: HistoryReading, base: string | undefined): Promise<void> {
  const setting = '^(extensions\\.partialclone|remote\\..*\\.(promisor|partialclonefilter))$'
  const partial = await git(tree.root, ['config', '--get-regexp', setting], context.signal)
  // 1: there is no such setting.
  if (!partial.ok && partial.code !== 1) return gap('fault', 'git failed', `git config: ${partial.reason}`)
  if (!partial.ok) return
  let missing = 0
  const range = base === undefined ? ['--all'] : ['HEAD', `^${base}`]
  const count = (piece: Buffer) => {
    for (let at = piece.indexOf('?'); at >= 0; at = piece.indexOf('?', at + 1)) missing++
  }
  const args = ['rev-list', '--objects', '--no-object-names', '--missing=print', ...range]
  const failure = await gitStream(tree.root, args, count, { signal: context.signal })
  if (failure === undefined && missing === 0) return
  const what = failure === undefined ? `${missing} objects are` : 'objects may be'
  gap('fault', 'partial clone', `${what} missing; run git fetch --refetch --no-filter`)
}
