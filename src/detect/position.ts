import type { Buffer } from 'node:buffer'
import { indexAtOrBefore } from './sorted.ts'

/** 1-based; columns count UTF-16 units. */
export interface Position {
  readonly line: number
  readonly column: number
}

/**
 * Turns byte offsets of UTF-8 text into lines and columns. Offsets are best asked for in ascending order: then each byte of
 * a line is decoded once, however many secrets a line of minified code holds.
 */
export class Positions {
  readonly #buffer: Buffer
  readonly #length: number
  /** Offsets at which lines begin, found as far as needed. */
  readonly #starts: number[] = [0]
  #complete = false
  #last = { line: -1, offset: 0, column: 0 }

  constructor(buffer: Buffer, length: number) {
    this.#buffer = buffer
    this.#length = length
    // A byte order mark is no column.
    if (buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf) this.#starts[0] = 3
  }

  /** All of the text. */
  text(): string {
    return this.#buffer.toString('utf8', 0, this.#length)
  }

  at(offset: number): Position {
    const line = this.lineAt(offset)
    const start = this.#starts[line - 1] as number
    const known = this.#last.line === line && this.#last.offset <= offset
    const from = known ? this.#last.offset : start
    const column = (known ? this.#last.column : 1) + this.#buffer.toString('utf8', from, Math.max(from, offset)).length
    this.#last = { line, offset, column }
    return { line, column }
  }

  /** Number of the line that an offset lies in. */
  lineAt(offset: number): number {
    while (!this.#complete && (this.#starts.at(-1) as number) <= offset) this.#findNext()
    return indexAtOrBefore(this.#starts, offset) + 1
  }

  /** Bytes of a line without its line break; undefined behind the last line. */
  lineSpan(line: number): { readonly start: number; readonly end: number } | undefined {
    while (!this.#complete && this.#starts.length <= line) this.#findNext()
    const start = this.#starts[line - 1]
    if (start === undefined || (start >= this.#length && line > 1)) return undefined
    const next = this.#starts[line]
    let end = next === undefined ? this.#length : next - 1
    if (end > start && this.#buffer[end - 1] === 13) end--
    return { start, end }
  }

  #findNext(): void {
    const from = this.#starts.at(-1) as number
    const at = this.#buffer.indexOf(10, from)
    if (at < 0 || at >= this.#length) this.#complete = true
    else this.#starts.push(at + 1)
  }
}
