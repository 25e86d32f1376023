import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LONGEST_RECORD, LogSplitter, type TakeRecord } from './log-splitter.ts'
import { openUnpacked } from './unpacked.ts'

/** What could not be read of a log: the rest was. */
export interface LogProblem {
  readonly reason: 'not an audit log' | 'broken line' | 'line too long' | 'truncated' | 'corrupt' | 'unreadable'
  /** Names the file and line; never quotes it. */
  readonly detail: string
}

/**
 * The files of a folder and of the folders below it in the order of their paths, which is the order of time where names are
 * dates, as the API server's rotated files and the exports of the clouds have them; a file stands for itself. Symbolic links in
 * folders are not followed. Throws what the file system throws.
 */
export async function* logFiles(path: string): AsyncGenerator<string> {
  if (!(await stat(path)).isDirectory()) {
    yield path
    return
  }
  const entries = await readdir(path, { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.isDirectory()) yield* logFiles(join(path, entry.name))
    else if (entry.isFile()) yield join(path, entry.name)
  }
}

/** First bytes of what is compressed otherwise than by gzip. */
const PACKED: readonly (readonly [magic: string, name: string])[] = [
  ['28b52ffd', 'zstd'],
  ['fd377a585a', 'xz'],
  ['425a68', 'bzip2'],
  ['504b0304', 'zip'],
]

const NAMED = 3

/**
 * Gives the records of a file, plain or gzip, to `take` as they stream by. What goes wrong on the way goes to `problem`, and what was
 * read before it has been given already; so has what was read until `signal` was aborted.
 */
export async function readLog(
  file: string,
  signal: AbortSignal,
  take: TakeRecord,
  problem: (problem: LogProblem) => void,
): Promise<void> {
  const splitter = new LogSplitter(take)
  const what = () => (splitter.isDocument ? 'entries' : 'lines')
  try {
    await pass(file, signal, splitter)
  } catch (error) {
    if (signal.aborted) return
    const { code = '', message } = error as NodeJS.ErrnoException
    const kind = PROBLEMS[code]
    const [reason, why] = kind ?? [splitter.count > 0 ? 'truncated' : 'unreadable', message]
    // A line that was cut off with the file is a part of this.
    problem({
      reason,
      detail: `${file}: ${why}${reason === 'unreadable' ? '' : `, after ${splitter.count} ${what()}`}`,
    })
    return
  } finally {
    if (splitter.tooLong.length > 0) problem({ reason: 'line too long', detail: `${file}${describeLong(splitter)}` })
  }
}

const PROBLEMS: Readonly<Record<string, readonly [LogProblem['reason'], string]>> = {
  Z_BUF_ERROR: ['truncated', 'the compressed file ends early'],
  Z_DATA_ERROR: ['corrupt', 'the compressed data is damaged'],
  OPEN_DOCUMENT: ['truncated', 'the JSON document ends early or is damaged'],
  BINARY: ['not an audit log', 'binary'],
}

function describeLong({ tooLong, isDocument }: LogSplitter): string {
  const limit = `over ${LONGEST_RECORD >> 20} MiB`
  if (isDocument) return `: ${tooLong.length} entries ${limit}`
  const more = tooLong.length > NAMED ? ` and ${tooLong.length - NAMED} more` : ''
  return `:${tooLong.slice(0, NAMED).join(', ')}${more}: ${limit}`
}

/** Chunks are taken as they come, so that nothing that came before an error is lost in a buffer. */
async function pass(file: string, signal: AbortSignal, splitter: LogSplitter): Promise<void> {
  const stream = await openUnpacked(file, signal)
  let decode: ((chunk: Buffer) => Buffer) | undefined
  await new Promise<void>((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      try {
        decode ??= decoderOf(chunk)
        splitter.push(decode(chunk))
      } catch (error) {
        stream.destroy(error as Error)
      }
    })
    stream.on('end', resolve)
    stream.on('error', reject)
  })
  if (splitter.end()) throw Object.assign(new Error('open'), { code: 'OPEN_DOCUMENT' })
}

/** By the first bytes of a file: PowerShell writes UTF-16. Throws if it is no text. */
function decoderOf(first: Buffer): (chunk: Buffer) => Buffer {
  const magic = first.toString('hex', 0, 8)
  const packed = PACKED.find(([start]) => magic.startsWith(start))
  if (packed) throw Object.assign(new Error(`compressed by ${packed[1]}: unpack it first`), { code: 'PACKED' })
  if (magic.startsWith('fffe')) {
    const decoder = new TextDecoder('utf-16le')
    return (chunk) => Buffer.from(decoder.decode(chunk, { stream: true }))
  }
  if (first.subarray(0, 4096).includes(0)) throw Object.assign(new Error('binary'), { code: 'BINARY' })
  if (!magic.startsWith('efbbbf')) return (chunk) => chunk
  let isFirst = true
  return (chunk) => {
    const bytes = isFirst ? chunk.subarray(3) : chunk
    isFirst = false
    return bytes
  }
}
