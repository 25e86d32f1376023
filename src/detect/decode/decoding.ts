import type { Buffer } from 'node:buffer'
import { indexAtOrBefore } from '../sorted.ts'

/** How a text holds another one. */
export type Encoding = 'base64' | 'hex' | 'percent' | 'escapes' | 'literals'

/** A part of a text, decoded, with the way back to where each byte of it stands. */
export interface Decoding {
  readonly encoding: Encoding
  readonly bytes: Buffer
  /** Bytes of the text that were decoded, end exclusive. */
  readonly start: number
  readonly end: number
  /** Where in the text that begins which gave the decoded byte at an offset. */
  from(offset: number): number
  /** Where in the text that ends which gave the decoded bytes before an offset (which is greater than 0). */
  to(offset: number): number
  /** Whether bytes, end exclusive, could not be read in the text itself; absent: none could. */
  isNews?(first: number, last: number): boolean
}

/** Pieces of a text put together: where each begins in the whole, and where in the text. */
export class Pieces {
  readonly #parts: string[] = []
  readonly #starts: number[] = []
  readonly #sources: number[] = []
  length = 0

  /** `source`: where the piece stands in the text, one byte for one character. */
  add(piece: string, source: number): void {
    if (piece === '') return
    this.#parts.push(piece)
    this.#starts.push(this.length)
    this.#sources.push(source)
    this.length += piece.length
  }

  text(): string {
    return this.#parts.join('')
  }

  /** The place in the text of the character at an offset. */
  sourceOf(offset: number): number {
    const piece = indexAtOrBefore(this.#starts, offset)
    return (this.#sources[piece] ?? 0) + offset - (this.#starts[piece] ?? 0)
  }

  /** Whether two characters belong to different pieces. */
  parts(first: number, last: number): boolean {
    return this.#starts.some((start) => start > first && start <= last)
  }
}
