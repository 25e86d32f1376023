import type { Buffer } from 'node:buffer'

/**
 * Bytes seen as text, one character for each. Pieces are decoded when they are asked for: of most files a few lines
 * around keywords are all that is ever looked at, and a copy of every file would be what a scan spends its memory on.
 */
export interface ByteText {
  readonly length: number
  /** The text from an offset to another, both cut to what there is. */
  slice(start: number, end: number): string
  /** The bytes themselves, of which `length` count. */
  readonly bytes: Uint8Array
}

export function byteText(buffer: Buffer, length: number): ByteText {
  return {
    length,
    bytes: buffer,
    slice: (start, end) => buffer.toString('latin1', Math.max(0, start), Math.min(length, end)),
  }
}

/** Bytes before and behind a value that tell of its place. */
const BESIDE = 200

/** The text before an offset and behind another one, as far as it tells of what stands between them. */
export function textBeside(text: ByteText, start: number, end: number): { before: string; after: string } {
  return { before: text.slice(start - BESIDE, start), after: text.slice(end, end + BESIDE) }
}

/** A piece of a text, with where it stands. */
export interface Piece {
  readonly text: string
  /** Offset of its first character in the whole text. */
  readonly base: number
}

/** Bytes that are decoded at a time; what is asked for next is mostly near by. */
const CHUNK = 8192

/** Gives pieces around offsets, keeping the last one for as long as it reaches far enough. */
export function pieceReader(text: ByteText, before: number, after: number): (at: number) => Piece {
  let piece: Piece = { text: '', base: 0 }
  let end = 0
  return (at) => {
    const reachesBack = piece.base <= Math.max(0, at - before)
    if (reachesBack && end >= Math.min(text.length, at + after)) return piece
    const base = Math.max(0, at - before)
    end = Math.min(text.length, Math.max(base + CHUNK, at + after))
    piece = { text: text.slice(base, end), base }
    return piece
  }
}
