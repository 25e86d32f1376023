import { readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { withSlashes } from '../paths.ts'
import { openUnpacked } from './unpacked.ts'

/** What could not be read of a log file: the rest was. */
export interface TrailProblem {
  readonly reason: 'unreadable' | 'corrupt' | 'broken record' | 'no events'
  /** Names the file; never quotes it. */
  readonly detail: string
}
export interface TrailFile {
  readonly absolute: string
  /** Below the folder, with slashes. */
  readonly path: string
}

/** Files that CloudTrail delivers beside events: signatures of the files, and unusual rates of calls. */
const NO_EVENTS = /(?:^|\/)CloudTrail-(?:Digest|Insight)\/|_CloudTrail-(?:Digest|Insight)_/
const EVENT_FILE = /\.json(?:\.gz)?$/i

/**
 * The event files of a folder as CloudTrail delivers them to S3 (`AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/*.json.gz`), in
 * order; a file may be named, too. Symbolic links are not followed. Throws what the file system throws.
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
 */
export async function* trailFiles(folder: string): AsyncGenerator<TrailFile> {
  if ((await stat(folder)).isFile()) {
    yield { absolute: folder, path: withSlashes(folder) }
    return
  }
  yield* filesBelow(folder, folder)
}

async function* filesBelow(folder: string, root: string): AsyncGenerator<TrailFile> {
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const absolute = join(folder, entry.name)
    const path = withSlashes(relative(root, absolute))
    if (entry.isDirectory()) yield* filesBelow(absolute, root)
    else if (entry.isFile() && EVENT_FILE.test(path) && !NO_EVENTS.test(path)) yield { absolute, path }
  }
}

/** An event is at most 256 KB; several times that with everything escaped. */
const LONGEST_RECORD = 4 << 20

/**
 * The records of one file: `{"Records":[…]}` as delivered, `{"Events":[…]}` as `aws cloudtrail lookup-events` prints it, a plain
 * list, or one record a line. A file is one document of up to some 100 MB, so it is cut into records as it streams by: memory
 * does not grow with it. What goes wrong goes to `problem`, and what was read before has been given already.
 */
export async function* readRecords(
  file: TrailFile,
  signal: AbortSignal,
  problem: (problem: TrailProblem) => void,
): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const cutter = new RecordCutter()
  let broken = 0
  let given = 0
  try {
    for await (const chunk of await openUnpacked(file.absolute, signal)) {
      for (const text of cutter.push(chunk as Buffer)) {
        const record = parseRecord(text)
        if (!record) broken++
        else {
          given++
          yield record
        }
      }
    }
  } catch (error) {
    signal.throwIfAborted()
    const { code = '', message } = error as NodeJS.ErrnoException
    const corrupt = code.startsWith('Z_')
    const why = corrupt ? 'the compressed data is damaged or ends early' : message
    problem({ reason: corrupt ? 'corrupt' : 'unreadable', detail: `${file.path}: ${why}, after ${given} events` })
    return
  }
  broken += cutter.tooLong
  if (cutter.isBroken)
    problem({ reason: 'corrupt', detail: `${file.path}: the JSON ends early, after ${given} events` })
  else if (cutter.isForeign) problem({ reason: 'corrupt', detail: `${file.path}: no JSON` })
  if (broken > 0) problem({ reason: 'broken record', detail: `${file.path}: ${broken} events cannot be read` })
}

/** Undefined for what is no JSON; its parser's message would quote it. */
function parseRecord(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    // lookup-events hands each event out as a text within its own summary.
    if (typeof value.CloudTrailEvent === 'string') return parseRecord(value.CloudTrailEvent)
    return value
  } catch {
    return undefined
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
/** The members of a document that hold its records. */
const LISTS = new Set(['Records', 'Events'])

/**
 * Cuts a stream of JSON into the texts of its records, by brackets and quotes alone. A record is an object in a list at the top
 * or in a member `Records` or `Events` of the document, or a document without such a member.
 */
class RecordCutter {
  tooLong = 0
  #depth = 0
  #inString = false
  #escaped = false
  /** Depth at which records lie; undefined until it shows. */
  #recordDepth: number | undefined
  /** Parts of the record that is being read; undefined between records. */
  #parts: Buffer[] | undefined
  #size = 0
  /** The text of the last string at depth 1: a member's name, if a list follows. */
  #name: number[] = []
  #sawAny = false
  #sawForeign = false

  /** Whether the input ended within a document. */
  get isBroken(): boolean {
    return this.#depth !== 0 || this.#inString
  }

  /** Whether something else than a document stands in the input. */
  get isForeign(): boolean {
    return this.#sawForeign && !this.#sawAny
  }

  *push(chunk: Buffer): Generator<string> {
    let start = 0
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] as number
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (byte === BACKSLASH) this.#escaped = true
        else if (byte === QUOTE) this.#inString = false
        else if (this.#depth === 1 && this.#name.length < 16) this.#name.push(byte)
        continue
      }
      if (byte === QUOTE) {
        this.#inString = true
        if (this.#depth === 1) this.#name = []
      } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        if (this.#opens(byte)) {
          start = i
          this.#parts = []
          this.#size = 0
        }
        this.#depth++
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        this.#depth--
        if (this.#parts && this.#depth === (this.#recordDepth ?? 0)) {
          const text = this.#take(chunk.subarray(start, i + 1))
          if (text !== undefined) yield text
        }
        if (this.#depth === 0) this.#recordDepth = undefined
      } else if (this.#depth === 0 && byte > 0x20 && byte < 0x7f) this.#sawForeign = true
    }
    if (this.#parts) this.#keep(chunk.subarray(start))
  }

  /** Whether a record begins with this bracket. A document is one until a list of records shows in it. */
  #opens(byte: number): boolean {
    this.#sawAny = true
    if (byte === OPEN_LIST) {
      const top = this.#depth === 0
      if (!top && !(this.#depth === 1 && this.#recordDepth === undefined && this.#namesRecords())) return false
      this.#recordDepth = this.#depth + 1
      this.#parts = undefined
      return false
    }
    return this.#parts === undefined && this.#depth === (this.#recordDepth ?? 0)
  }

  #namesRecords(): boolean {
    return LISTS.has(String.fromCharCode(...this.#name))
  }

  #keep(part: Buffer): void {
    this.#size += part.length
    // A copy: the stream uses its buffer again. What is too long is counted when it ends.
    if (this.#size <= LONGEST_RECORD) this.#parts?.push(Buffer.from(part))
    else this.#parts = []
  }

  #take(last: Buffer): string | undefined {
    const parts = this.#parts ?? []
    this.#size += last.length
    const long = this.#size > LONGEST_RECORD
    this.#parts = undefined
    if (long) {
      this.tooLong++
      return undefined
    }
    return parts.length === 0 ? last.toString('utf8') : Buffer.concat([...parts, last]).toString('utf8')
  }
}
