import { Buffer } from 'node:buffer'
import type { ByteText } from '../byte-text.ts'
import { type Decoding, Pieces } from './decoding.ts'

/** Characters of a run that are decoded before and after what announced it. */
const BEFORE = 4096
const AFTER = 65_536
/** A line of this many characters may be followed by another one of the same run. */
const LEAST_LINE = 32
/** Decoded bytes at the announced place that must look like text: what is met by chance in pictures does not. */
const CHECKED = 12

const BASE64 = /[A-Za-z0-9+/_-]*/y
const HEX = /[0-9A-Fa-f]*/y
const BREAK = /(?:\\r)?(?:\\n|\r?\n)[ \t]{0,40}/y
const BREAK_BEFORE = /(?:\\r)?(?:\\n|\r?\n)[ \t]{0,40}$/
const IN_BASE64 = charactersOf(/[A-Za-z0-9+/_-]/)
const IN_HEX = charactersOf(/[0-9A-Fa-f]/)

/**
 * The run of base64 around an offset, of whose group of four characters `phase` stand before it; with or without line
 * breaks, of either alphabet. Undefined if what it says is no text.
 */
export function decodeBase64(text: ByteText, at: number, phase: number): Decoding | undefined {
  const { pieces, before, end } = gather(text, at, BASE64, IN_BASE64)
  // A character that belongs to no group of four: the first byte is not whole.
  const first = before - phase
  if (first < 0) return undefined
  const skipped = first % 4
  const characters = pieces.text().slice(skipped)
  const bytes = Buffer.from(characters, 'base64')
  if (!looksLikeText(bytes, Math.floor(((first - skipped) * 3) / 4))) return undefined
  const sourceOf = (offset: number) => pieces.sourceOf(offset + skipped)
  return {
    encoding: 'base64',
    bytes,
    start: sourceOf(0),
    end,
    from: (offset) => sourceOf(Math.floor((offset * 4) / 3)),
    to: (offset) => paddedEnd(text, sourceOf(Math.ceil((offset * 4) / 3) - 1) + 1),
  }
}

/** The run of hexadecimal digits around an offset, at which a byte begins. */
export function decodeHex(text: ByteText, at: number): Decoding | undefined {
  const { pieces, before, end } = gather(text, at, HEX, IN_HEX)
  const skipped = before % 2
  const bytes = Buffer.from(pieces.text().slice(skipped), 'hex')
  if (!looksLikeText(bytes, (before - skipped) / 2)) return undefined
  const sourceOf = (offset: number) => pieces.sourceOf(offset + skipped)
  return {
    encoding: 'hex',
    bytes,
    start: sourceOf(0),
    end,
    from: (offset) => sourceOf(offset * 2),
    to: (offset) => sourceOf(offset * 2 - 1) + 1,
  }
}

interface Run {
  readonly pieces: Pieces
  /** Characters of the run before the offset. */
  readonly before: number
  readonly end: number
}

/** The characters of an alphabet around an offset, line breaks between long lines left out. */
function gather(text: ByteText, at: number, alphabet: RegExp, isIn: Uint8Array): Run {
  const base = Math.max(0, at - BEFORE)
  const head = text.slice(base, at)
  const lines: { piece: string; source: number }[] = []
  let stop = head.length
  let before = 0
  for (;;) {
    const piece = head.slice(runStart(head, stop, isIn), stop)
    // A line that another one follows is long: the end of a word above is no part of the run.
    if (lines.length > 0 && piece.length < LEAST_LINE) break
    lines.unshift({ piece, source: base + stop - piece.length })
    before += piece.length
    const gap = BREAK_BEFORE.exec(head.slice(Math.max(0, stop - piece.length - 48), stop - piece.length))?.[0]
    if (!gap) break
    stop -= piece.length + gap.length
  }
  const pieces = new Pieces()
  for (const { piece, source } of lines) pieces.add(piece, source)
  const tail = text.slice(at, at + AFTER)
  let from = 0
  let end = at
  for (;;) {
    alphabet.lastIndex = from
    const piece = alphabet.exec(tail)?.[0] ?? ''
    pieces.add(piece, at + from)
    if (piece !== '') end = at + from + piece.length
    const line = from === 0 ? piece.length + (lines.at(-1)?.piece.length ?? 0) : piece.length
    BREAK.lastIndex = from + piece.length
    const gap = line >= LEAST_LINE ? BREAK.exec(tail)?.[0] : undefined
    if (!gap) break
    from += piece.length + gap.length
  }
  return { pieces, before, end: paddedEnd(text, end) }
}

/** Which characters a class holds. */
export function charactersOf(pattern: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => Number(pattern.test(String.fromCharCode(code))))
}

/** Where the characters that stand before an offset without a gap begin. */
export function runStart(text: string, end: number, isIn: Uint8Array): number {
  let start = end
  while (start > 0 && isIn[text.charCodeAt(start - 1)] === 1) start--
  return start
}

/** The equals signs at the end of base64 tell nothing, and are hidden together with the rest. */
function paddedEnd(text: ByteText, end: number): number {
  return end + (/^={0,2}/.exec(text.slice(end, end + 2))?.[0].length ?? 0)
}

function looksLikeText(bytes: Buffer, from: number): boolean {
  const checked = bytes.subarray(from, from + CHECKED)
  return (
    checked.length >= 8 &&
    checked.every((byte) => (byte >= 32 && byte < 127) || byte === 10 || byte === 13 || byte === 9)
  )
}
