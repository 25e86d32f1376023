import { ElementCutter } from './json-elements.ts'

/** Longer than any event that the API server writes (request and response bodies are at most 1.5 MiB each in etcd). */
export const LONGEST_RECORD = 32 << 20
/** As much is looked at to tell lines from a document; a native event is rarely over a few KB. */
const ENOUGH = 1 << 20
/** The first line of an indented document is as good as empty. */
const SHORT_LINE = 256
const NEWLINE = 10

/** The members of documents that hold entries: CloudWatch, subscriptions to it, Azure Event Hubs, Kubernetes lists. */
const LISTS = new Set(['events', 'logEvents', 'records', 'items'])

/** `line` is the line's number, or the entry's in a document; `last`: the input ended without a newline. */
export type TakeRecord = (text: string, line: number, last: boolean) => void

/**
 * Cuts a log into records as it streams by: lines, or the entries of a JSON document of any size (a list, or an object with one).
 * Which of the two it is shows in its beginning. Memory does not grow with the input.
 */
export class LogSplitter {
  /** Lines, or entries of a document, so far. */
  count = 0
  /** The first few records that were too long, by number, and how many there were. */
  readonly tooLong: number[] = []
  readonly #take: TakeRecord
  #undecided: Buffer[] | undefined = []
  #size = 0
  #cutter: ElementCutter | undefined
  #rest: Buffer[] = []
  #restSize = 0
  #skipping = false

  constructor(take: TakeRecord) {
    this.#take = take
  }

  /** Whether records are numbered as entries of a document. */
  get isDocument(): boolean {
    return this.#cutter !== undefined
  }

  push(chunk: Buffer): void {
    if (!this.#undecided) this.#pass(chunk)
    else {
      this.#undecided.push(Buffer.from(chunk))
      this.#size += chunk.length
      const form = formOf(Buffer.concat(this.#undecided), this.#size >= ENOUGH)
      if (form) this.#decide(form)
    }
  }

  /** Gives what is left. True if the input ended within a document or does not look like one after all. */
  end(): boolean {
    if (this.#undecided) this.#decide(formOf(Buffer.concat(this.#undecided), true) ?? 'lines')
    if (this.#cutter) {
      for (let i = 0; i < this.#cutter.tooLong; i++) this.tooLong.push(0)
      return this.#cutter.isOpen || this.#cutter.isForeign
    }
    if (this.#restSize > 0) this.#line(undefined, true)
    return false
  }

  #decide(form: 'lines' | 'document'): void {
    const seen = Buffer.concat(this.#undecided ?? [])
    this.#undecided = undefined
    if (form === 'document') {
      this.#cutter = new ElementCutter(LISTS, LONGEST_RECORD, (text) => this.#take(text, ++this.count, false))
    }
    this.#pass(seen)
  }

  #pass(chunk: Buffer): void {
    if (this.#cutter) this.#cutter.push(chunk)
    else this.#lines(chunk)
  }

  #lines(chunk: Buffer): void {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      if (this.#restSize > 0 || this.#skipping) this.#line(chunk.subarray(start, end), false)
      else if (end > start) this.#take(chunk.toString('utf8', start, end), ++this.count, false)
      else this.count++
      start = end + 1
    }
    if (start === chunk.length) return
    this.#restSize += chunk.length - start
    this.#skipping ||= this.#restSize > LONGEST_RECORD
    // A copy: the stream uses its buffer again.
    if (this.#skipping) this.#rest = []
    else this.#rest.push(Buffer.from(chunk.subarray(start)))
  }

  #line(end: Buffer | undefined, last: boolean): void {
    this.count++
    if (this.#skipping) this.tooLong.push(this.count)
    else this.#take(Buffer.concat(end ? [...this.#rest, end] : this.#rest).toString('utf8'), this.count, last)
    this.#rest = []
    this.#restSize = 0
    this.#skipping = false
  }
}

/** Undefined: more must be seen. */
function formOf(seen: Buffer, isAll: boolean): 'lines' | 'document' | undefined {
  let from = 0
  while (from < seen.length && (seen[from] as number) <= 0x20) from++
  const first = seen[from]
  if (first === undefined) return isAll ? 'lines' : undefined
  if (first === 0x5b) return 'document'
  if (first !== 0x7b) return 'lines'
  const newline = seen.indexOf(NEWLINE, from)
  if (newline < 0) return isAll ? 'document' : undefined
  const line = seen.toString('utf8', from, newline)
  if (isJson(line)) return 'lines'
  // A broken line of a log, or the beginning of an indented document, or several documents on a line.
  const texts: string[] = []
  const cutter = new ElementCutter(new Set(), LONGEST_RECORD, (text) => texts.push(text))
  cutter.push(Buffer.from(line))
  if (!cutter.isOpen && !cutter.isForeign) return texts.length > 1 && texts.every(isJson) ? 'document' : 'lines'
  return line.length < SHORT_LINE && cutter.isBetween ? 'document' : 'lines'
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
