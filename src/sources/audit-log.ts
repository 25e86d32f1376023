import { openUnpacked } from './unpacked.ts'

/** What could not be read of a log: the rest was. */
export interface LogProblem {
  readonly reason: 'not an audit log' | 'broken line' | 'line too long' | 'truncated' | 'unreadable'
  /** Names the file and line; never quotes it. */
  readonly detail: string
}

/** Longer than any event that the API server writes (request and response bodies are at most 1.5 MiB each in etcd). */
const LONGEST_LINE = 32 << 20
const NEWLINE = 10

/**
 * The lines of a file, plain or gzip, read as a stream: memory does not grow with the file. What goes wrong on the way goes
 * to `problem`, and what was read before it has been given already.
 */
export async function* readLines(
  file: string,
  signal: AbortSignal,
  problem: (problem: LogProblem) => void,
): AsyncGenerator<{ readonly text: string; readonly line: number; readonly last: boolean }> {
  let pending: Buffer[] = []
  let size = 0
  let line = 0
  let skipping = false
  const take = (end?: Buffer) => {
    line++
    const text = skipping ? undefined : Buffer.concat(end ? [...pending, end] : pending).toString('utf8')
    if (skipping) problem({ reason: 'line too long', detail: `${file}:${line}: over ${LONGEST_LINE >> 20} MiB` })
    pending = []
    size = 0
    skipping = false
    return text
  }
  try {
    for await (const chunk of await openUnpacked(file, signal)) {
      const bytes = chunk as Buffer
      let start = 0
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
        const text = take(bytes.subarray(start, end))
        start = end + 1
        if (text?.trim()) yield { text, line, last: false }
      }
      size += bytes.length - start
      skipping ||= size > LONGEST_LINE
      // A copy: the stream's chunk is larger than the rest of it that must be kept.
      pending = skipping ? [] : [...pending, Buffer.from(bytes.subarray(start))]
    }
  } catch (error) {
    signal.throwIfAborted()
    const { code, message } = error as NodeJS.ErrnoException
    const truncated = code === 'Z_BUF_ERROR'
    problem({
      reason: truncated || line > 0 ? 'truncated' : 'unreadable',
      detail: `${file}: ${truncated ? 'the compressed file ends early' : message}, after ${line} lines`,
    })
    return
  }
  const rest = take()
  if (rest?.trim()) yield { text: rest, line, last: true }
}
