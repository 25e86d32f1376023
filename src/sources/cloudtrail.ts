import { readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { withSlashes } from '../paths.ts'
import { ElementCutter } from './json-elements.ts'
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
/** The members of a document that hold its records. */
const LISTS = new Set(['Records', 'Events'])
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

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
  let texts: string[] = []
  const cutter = new ElementCutter(LISTS, LONGEST_RECORD, (text) => texts.push(text))
  let isBegin = true
  let broken = 0
  let given = 0
  try {
    for await (const chunk of await openUnpacked(file.absolute, signal)) {
      const bytes = chunk as Buffer
      const marked = isBegin && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK)
      isBegin = false
      texts = []
      cutter.push(marked ? bytes.subarray(3) : bytes)
      for (const text of texts) {
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
  if (cutter.isOpen) problem({ reason: 'corrupt', detail: `${file.path}: the JSON ends early, after ${given} events` })
  else if (cutter.isForeign)
    problem({ reason: 'corrupt', detail: `${file.path}: text that is no JSON beside ${given} events` })
  if (broken > 0) problem({ reason: 'broken record', detail: `${file.path}: ${broken} events cannot be read` })
}

/** Undefined for what is no JSON; its parser's message would quote it. */
function parseRecord(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    // lookup-events hands each event out as a text within its own summary.
    if (typeof value.CloudTrailEvent === 'string') return parseRecord(value.CloudTrailEvent)
    return value
  } catch {
    return undefined
  }
}
