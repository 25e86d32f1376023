import { Buffer } from 'node:buffer'
import { unquotePath } from '../../sources/git-path.ts'

/**
 * How git's output tells of a commit: a line of `\0`, its id, the author's date in seconds and the ref that led there, then the
 * message as it was written, then a line of `\0`. No message holds a NUL: git itself ends it there.
 */
export const COMMIT_FORMAT = '%x00%H %at %S%n%B%n%x00'

/** A commit, as far as it counts here. */
export interface Commit {
  readonly id: string
  /** Author's date, seconds since 1970. */
  readonly time: number
  /** The ref by which git came to it. */
  readonly source: string
}

/** Lines of text. Valid until the next ones: the buffer is reused. */
interface Lines {
  readonly commit: Commit
  readonly buffer: Buffer
  readonly length: number
}

/** What one commit added to one file. */
export interface AddedLines extends Lines {
  readonly path: string
  /** `[line of the buffer, line of the file]`, 1-based, for the first added line of each hunk, ascending. */
  readonly hunks: readonly (readonly [added: number, actual: number])[]
}

export interface HistoryEvents {
  readonly added: (lines: AddedLines) => void
  readonly message: (lines: Lines) => void
  /** Whether a file is looked into at all. */
  readonly wanted: (path: string) => boolean
  /** git takes the file for binary and shows nothing of it. */
  readonly binary: (path: string) => void
  /** What was added, or the message if there is no path, is more than the limit. */
  readonly tooLarge: (path: string | undefined, commit: Commit) => void
}

const NEWLINE = 10
const SPACE = 32
const PLUS = 43
const MINUS = 45
/** Lines of git's own are short: paths are limited by the file system. */
const LONGEST_HEADER = 64 << 10

/** Where in a line the parser is. */
const START = 0
const PREFIX = 1
const COPY = 2
const SKIP = 3
const HEADER = 4

/**
 * Reads the stream of `git log -p -U0` piece by piece. Of each line only its first bytes decide: added ones are copied into one
 * buffer while their end is looked for, others are passed over, so that memory stays flat however long history or lines are.
 */
export class HistoryParser {
  readonly #events: HistoryEvents
  readonly #maxSize: number
  #state = START
  #header = ''
  #inMessage = false
  #commit: Commit = { id: '', time: 0, source: '' }
  #path = ''
  /** Number of parents that a hunk compares with; 0 outside of hunks. */
  #parents = 0
  /** How many of a line's marks were pluses so far. */
  #pluses = 0
  #hunks: [number, number][] = []
  #text = Buffer.allocUnsafeSlow(1 << 18)
  #length = 0
  #lines = 0
  #skip = true
  #commits = 0

  constructor(events: HistoryEvents, maxSize: number) {
    this.#events = events
    this.#maxSize = maxSize
  }

  /** Commits seen so far. */
  get commits(): number {
    return this.#commits
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#state === START) at = this.#start(chunk, at)
      else if (this.#state === PREFIX) at = this.#prefix(chunk, at)
      else if (this.#state === COPY) at = this.#copy(chunk, at)
      else if (this.#state === SKIP) at = this.#pass(chunk, at)
      else at = this.#collect(chunk, at)
    }
  }

  /** To be called when git has ended, and before its output begins anew. */
  end(): void {
    if (this.#state === HEADER) this.#readHeader()
    // A message that git did not end is looked at all the same.
    if (this.#inMessage) this.#endMessage()
    this.#flush()
    this.#state = START
    this.#parents = 0
    this.#header = ''
    this.#skip = true
  }

  /** The first byte of a line tells what it is. */
  #start(chunk: Buffer, at: number): number {
    const first = chunk[at]
    if (this.#inMessage && first !== 0) this.#state = this.#skip ? SKIP : COPY
    else if (this.#parents > 0 && (first === PLUS || first === MINUS || first === SPACE)) {
      this.#pluses = 0
      this.#state = this.#skip || first !== PLUS ? SKIP : PREFIX
    } else if (first === 92 /* \ No newline at end of file */) this.#state = SKIP
    else this.#state = HEADER
    return at
  }

  /** In a merge only what is in no parent is new: a plus for each of them. */
  #prefix(chunk: Buffer, at: number): number {
    if (chunk[at] !== PLUS) {
      this.#state = SKIP
      return at
    }
    if (++this.#pluses === this.#parents) this.#state = COPY
    return at + 1
  }

  #copy(chunk: Buffer, from: number): number {
    const { length: size } = chunk
    if (this.#length + size - from > this.#text.length) this.#grow(size - from)
    const text = this.#text
    let at = from
    let length = this.#length
    while (at < size) {
      const byte = chunk[at++] as number
      text[length++] = byte
      if (byte === NEWLINE) {
        this.#lines++
        this.#state = START
        break
      }
    }
    this.#length = length
    if (length > this.#maxSize) {
      this.#tooLarge()
      if (this.#state === COPY) this.#state = SKIP
    }
    return at
  }

  #grow(more: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#text.length * 2, this.#length + more))
    this.#text.copy(larger, 0, 0, this.#length)
    this.#text = larger
  }

  #pass(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(NEWLINE, at)
    if (end < 0) return chunk.length
    this.#state = START
    return end + 1
  }

  #collect(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(NEWLINE, at)
    const stop = end < 0 ? chunk.length : end
    const room = LONGEST_HEADER - this.#header.length
    this.#header += chunk.toString('latin1', at, Math.min(stop, at + room))
    if (end < 0) return stop
    this.#state = START
    this.#readHeader()
    return end + 1
  }

  /** A line of git's own; one byte per character. */
  #readHeader(): void {
    const line = this.#header
    this.#header = ''
    const first = line.charCodeAt(0)
    if (first === 0) this.#inMessage ? this.#endMessage() : this.#startCommit(line.slice(1))
    else if (first === 64 /* @ */) this.#startHunk(line)
    else if (line.startsWith('diff ')) this.#startFile()
    else if (line.startsWith('+++ ')) this.#setPath(line.slice(4))
    else if (first === 66 /* B */) this.#binaryFile(line)
  }

  #startCommit(text: string): void {
    this.#flush()
    const [id = '', time = '0', source = ''] = text.split(' ')
    this.#commits++
    this.#commit = { id, time: Number(time), source }
    this.#parents = 0
    this.#inMessage = true
    this.#skip = false
  }

  #endMessage(): void {
    // Line breaks of the format's own stand behind it.
    while (this.#length > 1 && this.#text[this.#length - 2] === NEWLINE) this.#length--
    if (this.#length > 1) this.#events.message({ commit: this.#commit, buffer: this.#text, length: this.#length })
    this.#inMessage = false
    this.#clear()
  }

  #startFile(): void {
    this.#flush()
    this.#parents = 0
  }

  #setPath(raw: string): void {
    if (raw === '/dev/null') return
    this.#path = unquotePath(Buffer.from(raw, 'latin1'))
    this.#skip = !this.#events.wanted(this.#path)
  }

  /** `@@ -1,2 +3,4 @@`, in merges `@@@ -1 -1 +3,4 @@@`. */
  #startHunk(header: string): void {
    const match = /^(@@+) [^+]*\+(\d+)/.exec(header)
    if (!match) return
    this.#parents = (match[1] ?? '').length - 1
    if (!this.#skip) this.#hunks.push([this.#lines + 1, Number(match[2])])
  }

  /** `Binary files a/old.png and b/new.png differ`, in merges without names. */
  #binaryFile(line: string): void {
    const match = /^Binary files .* and (.*) differ$/.exec(line)
    if (match?.[1] === undefined || match[1] === '/dev/null') return
    const path = unquotePath(Buffer.from(match[1], 'latin1'))
    if (this.#events.wanted(path)) this.#events.binary(path)
  }

  #tooLarge(): void {
    this.#events.tooLarge(this.#inMessage ? undefined : this.#path, this.#commit)
    this.#clear()
  }

  #flush(): void {
    if (this.#length > 0 && !this.#inMessage) {
      this.#events.added({
        commit: this.#commit,
        path: this.#path,
        buffer: this.#text,
        length: this.#length,
        hunks: this.#hunks,
      })
    }
    this.#clear()
  }

  #clear(): void {
    this.#length = 0
    this.#lines = 0
    this.#hunks = []
    this.#skip = true
  }
}
