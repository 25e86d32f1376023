import type { Buffer } from 'node:buffer'
import { git } from './git.ts'

/** Objects of a repository as they are stored: no filter of the repository's config is run over them. */

/**
 * The contents of blobs by their names (object ids, `REF:PATH`); those that do not exist or are larger than the limit are left
 * out. Names hold no line breaks. The reason, if git fails.
 */
export async function readBlobs(
  root: string,
  names: readonly string[],
  maxSize: number,
  signal: AbortSignal,
): Promise<Map<string, Buffer> | string> {
  const blobs = new Map<string, Buffer>()
  if (names.length === 0) return blobs
  const sizes = await git(root, ['cat-file', '--batch-check=%(objecttype) %(objectsize)'], signal, lines(names))
  if (!sizes.ok) return sizes.reason
  const answers = sizes.stdout.toString('latin1').split('\n')
  const wanted = names.filter((_, i) => {
    const [type, size] = (answers[i] ?? '').split(' ')
    return type === 'blob' && Number(size) <= maxSize
  })
  if (wanted.length === 0) return blobs
  const contents = await git(root, ['cat-file', '--batch=%(objectsize)'], signal, lines(wanted))
  if (!contents.ok) return contents.reason
  let at = 0
  for (const name of wanted) {
    const end = contents.stdout.indexOf(10, at)
    const size = Number(contents.stdout.toString('latin1', at, end))
    if (end < 0 || Number.isNaN(size)) break
    blobs.set(name, contents.stdout.subarray(end + 1, end + 1 + size))
    at = end + 1 + size + 1
  }
  return blobs
}

function lines(names: readonly string[]): string {
  return names.map((name) => `${name}\n`).join('')
}
