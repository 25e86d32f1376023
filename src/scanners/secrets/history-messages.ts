import { Buffer } from 'node:buffer'
import type { Detection, Inspection } from '../../detect/detect.ts'
import type { Match } from '../../detect/match.ts'
import type { FileLocation } from '../../model.ts'
import { cutExcerpt } from './excerpt.ts'
import type { Occurrences, Place } from './occurrences.ts'

/**
 * What people wrote about commits stands in no file; reports need a path, so that these name it. They are below `.git`, where no
 * tracked file can be.
 */
export const COMMIT_MESSAGE = '.git/commit-message'

/** Texts are gathered up to this many bytes: most messages are a line, and each inspection has its price. */
const BATCH = 128 << 10

/** Text that is gathered, with where it is from. */
interface Entry {
  /** Line of the batch in which it begins, 1-based. */
  readonly line: number
  readonly place: Place
  readonly id: string
}

type RecordLimits = (inspection: Inspection, file: string) => void

/** Looks through many short texts at once. */
export class MessageBatch {
  readonly #detection: Detection
  readonly #occurrences: Occurrences
  readonly #limits: RecordLimits
  readonly #buffer = Buffer.allocUnsafeSlow(BATCH)
  #length = 0
  #line = 1
  #entries: Entry[] = []

  constructor(detection: Detection, occurrences: Occurrences, limits: RecordLimits) {
    this.#detection = detection
    this.#occurrences = occurrences
    this.#limits = limits
  }

  /** `id`: of the commit, or of the object that holds the text. The text is copied. */
  add(text: Buffer, length: number, place: Place, id: string): void {
    if (length + 1 > BATCH) {
      this.flush()
      this.#inspect(text, length, [{ line: 1, place, id }])
      return
    }
    if (this.#length + length + 1 > BATCH || (this.#entries.length > 0 && this.#entries[0]?.place.file !== place.file))
      this.flush()
    this.#entries.push({ line: this.#line, place, id })
    text.copy(this.#buffer, this.#length, 0, length)
    for (let at = text.indexOf(10); at >= 0 && at < length; at = text.indexOf(10, at + 1)) this.#line++
    this.#length += length
    if (length > 0 && text[length - 1] === 10) return
    this.#buffer[this.#length++] = 10
    this.#line++
  }

  flush(): void {
    if (this.#entries.length > 0) this.#inspect(this.#buffer, this.#length, this.#entries)
    this.#length = 0
    this.#line = 1
    this.#entries = []
  }

  #inspect(buffer: Buffer, length: number, entries: readonly Entry[]): void {
    const file = entries[0]?.place.file ?? COMMIT_MESSAGE
    const inspection = this.#detection.inspect(file, buffer, length)
    this.#limits(inspection, file)
    const { matches, positions } = inspection
    const indexOf = (match: Match) => entries.findLastIndex(({ line }) => line <= match.line)
    for (const [index, entry] of entries.entries()) {
      // Partners are named by their index: matches of other texts stay where they are, and are left out.
      const own = (match: Match) => indexOf(match) === index
      if (!matches.some(own)) continue
      const shift = 1 - entry.line
      const last = (entries[index + 1]?.line ?? Number.POSITIVE_INFINITY) - 1
      this.#occurrences.add(
        matches,
        entry.place,
        (match): FileLocation => ({
          file,
          line: match.line + shift,
          column: match.column,
          endLine: match.endLine + shift,
          endColumn: match.endColumn,
          commit: entry.id,
        }),
        (match) => cutExcerpt(match, { buffer, positions, matches, lines: [entry.line, last], shift }),
        own,
      )
    }
  }
}
