import { Buffer } from 'node:buffer'
import { unquotePath } from '../../sources/git-path.ts'

/** Marks the line of a commit in git's output: `\0`, its id, a blank, the author's date in seconds. */
export const COMMIT_FORMAT = '%x00%H %at'

/** What one commit added to one file. Valid until the next one: the buffer is reused. */
export interface AddedLines {
  readonly commit: string
  /** Author's date, seconds since 1970. */
  readonly time: number
  readonly path: string
  readonly buffer: Buffer
  readonly length: number
  /** `[line of the buffer, line of the file]`, 1-based, for the first added line of each hunk, ascending. */
  readonly hunks: readonly (readonly [added: number, actual: number])[]
}

export interface HistoryEvents {
  readonly added: (lines: AddedLines) => void
  /** git takes the file for binary and shows nothing of it. */
  readonly binary: (path: string) => void
  /** What was added is more than the limit. */
  readonly tooLarge: (path: string, commit: string) => void
}

const NEWLINE = 10
const PLUS = 43

/**
 * Reads the stream of `git log -p -U0` piece by piece. Lines are looked at as bytes and only added ones are copied, into
 * one buffer: memory stays flat however long the history is.
 */
export class HistoryParser {
  readonly #events: HistoryEvents
  readonly #maxSize: number
  #rest: Buffer = Buffer.alloc(0)
  #commit = ''
  #time = 0
  #path = ''
  /** Number of parents that a hunk compares with; 0 outside of hunks. */
  #parents = 0
  #hunks: [number, number][] = []
  #added = Buffer.allocUnsafeSlow(1 << 20)
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
    const data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    let start = 0
    for (let end = data.indexOf(NEWLINE, start); end >= 0; end = data.indexOf(NEWLINE, start)) {
      this.#line(data, start, end)
      start = end + 1
    }
    this.#rest = Buffer.from(data.subarray(start))
    // A line without end: what is beyond the limit is not kept.
    if (this.#rest.length > this.#maxSize + 1024) {
      this.#tooLarge()
      this.#rest = this.#rest.subarray(0, 1024)
    }
  }

  end(): void {
    if (this.#rest.length > 0) this.#line(this.#rest, 0, this.#rest.length)
    this.#rest = Buffer.alloc(0)
    this.#flush()
  }

  #line(data: Buffer, start: number, end: number): void {
    const first = data[start]
    if (this.#parents > 0 && first !== 0 && first !== 100 /* d */ && first !== 64 /* @ */) {
      this.#hunkLine(data, start, end)
    } else if (first === 0) this.#startCommit(data.toString('latin1', start + 1, end))
    else if (first === 64) this.#startHunk(data.toString('latin1', start, Math.min(end, start + 200)))
    else if (first === 100) this.#startFile(data, start)
    else if (first === PLUS && data.toString('latin1', start, start + 4) === '+++ ') this.#setPath(data, start + 4, end)
    else if (first === 66 /* B */) this.#binaryFile(data.toString('latin1', start, end))
  }

  /** In a merge only what is in no parent is new: a plus for each of them. */
  #hunkLine(data: Buffer, start: number, end: number): void {
    if (this.#skip) return
    for (let i = 0; i < this.#parents; i++) if (data[start + i] !== PLUS) return
    const from = start + this.#parents
    const size = end - from + 1
    if (this.#length + size > this.#maxSize) {
      this.#tooLarge()
      return
    }
    if (this.#length + size > this.#added.length) this.#grow(size)
    data.copy(this.#added, this.#length, from, end)
    this.#length += size
    this.#added[this.#length - 1] = NEWLINE
    this.#lines++
  }

  #grow(size: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#added.length * 2, this.#length + size))
    this.#added.copy(larger, 0, 0, this.#length)
    this.#added = larger
  }

  #startCommit(text: string): void {
    this.#flush()
    const [id = '', time = '0'] = text.split(' ')
    this.#commits++
    this.#commit = id
    this.#time = Number(time)
    this.#parents = 0
    this.#skip = true
  }

  #startFile(data: Buffer, start: number): void {
    if (data.toString('latin1', start, start + 5) !== 'diff ') return
    this.#flush()
    this.#parents = 0
    this.#skip = true
  }

  #setPath(data: Buffer, start: number, end: number): void {
    const raw = data.subarray(start, end)
    if (raw.toString('latin1') === '/dev/null') return
    this.#path = unquotePath(raw)
    this.#skip = false
  }

  /** `@@ -1,2 +3,4 @@`, in merges `@@@ -1 -1 +3,4 @@@`. */
  #startHunk(header: string): void {
    const match = /^(@@+) .*?\+(\d+)(?:,\d+)? @@/.exec(header)
    if (!match) return
    this.#parents = (match[1] ?? '').length - 1
    this.#hunks.push([this.#lines + 1, Number(match[2])])
  }

  /** `Binary files a/old.png and b/new.png differ`. */
  #binaryFile(line: string): void {
    const match = /^Binary files .* and (.*) differ$/.exec(line)
    if (match?.[1] !== undefined && match[1] !== '/dev/null')
      this.#events.binary(unquotePath(Buffer.from(match[1], 'latin1')))
  }

  #tooLarge(): void {
    if (!this.#skip) this.#events.tooLarge(this.#path, this.#commit)
    this.#skip = true
    this.#length = 0
  }

  #flush(): void {
    if (this.#length > 0 && !this.#skip) {
      this.#events.added({
        commit: this.#commit,
        time: this.#time,
        path: this.#path,
        buffer: this.#added,
        length: this.#length,
        hunks: this.#hunks,
      })
    }
    this.#length = 0
    this.#lines = 0
    this.#hunks = []
  }
}
