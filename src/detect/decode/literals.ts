import { Buffer } from 'node:buffer'
import type { ByteText } from '../byte-text.ts'
import { type Decoding, Pieces } from './decoding.ts'

/** Bytes of one literal, and literals of one text, that are put together. */
const LONGEST = 400
const MOST = 100
/** Bytes between two literals. */
const GAP = 120

/** What stands between two literals of one text: an operator, nothing (Python, C), a line break within one literal. */
const BETWEEN =
  /[ \t]*(?:\\\r?\n[ \t]*)?(?:(?:\+|\.\.?|&|<>|~|\|\|)?[ \t]*(?:(?:\/\/|#)[^\n]{0,60})?\r?\n?[ \t]*(?:\+|\.\.?|&)?[ \t]*)(?:[brfuBRFUL@]{0,2})(["'`])/y
const CONTINUED = /\\\r?\n[ \t]*/y

/**
 * The literals that make one text with the one around an offset: `"abc" + "def"`, `'abc' 'def'`, `"abc" . "def"`, and
 * literals that go on in the next line behind a backslash. Undefined if there is one only.
 */
export function joinLiterals(text: ByteText, at: number): Decoding | undefined {
  const base = Math.max(0, at - LONGEST)
  const reach = text.slice(base, at + LONGEST * 2)
  const opened = openingQuote(reach, at - base)
  if (opened === undefined) return undefined
  const pieces = new Pieces()
  let quote = reach[opened] as string
  let from = base + opened + 1
  let holds = false
  let end = from
  for (let count = 0; count < MOST; count++) {
    const near = text.slice(from, from + LONGEST + GAP)
    const close = closing(near, quote)
    if (close === undefined) break
    if (from <= at && at <= from + close) holds = true
    addUnescaped(pieces, near.slice(0, close), from)
    end = from + close
    CONTINUED.lastIndex = close
    const continued = CONTINUED.exec(near)?.[0]
    if (continued) {
      from += close + continued.length
      continue
    }
    BETWEEN.lastIndex = close + 1
    const next = BETWEEN.exec(near)
    if (!next?.[1]) break
    quote = next[1]
    from += close + 1 + next[0].length
  }
  const whole = pieces.text()
  if (!holds || !pieces.parts(0, whole.length - 1)) return undefined
  const bytes = Buffer.from(whole, 'latin1')
  return {
    encoding: 'literals',
    bytes,
    start: base + opened + 1,
    end,
    from: (position) => pieces.sourceOf(position),
    to: (position) => pieces.sourceOf(position - 1) + 1,
    isNews: (first, last) => pieces.parts(first, last - 1),
  }
}

/** Whether the literal around an offset ends within some bytes and another one follows. */
export function goesOn(buffer: Uint8Array, length: number, at: number): boolean {
  const limit = Math.min(length, at + LONGEST)
  for (let i = at; i < limit; i++) {
    const byte = buffer[i] as number
    if (byte === 10) return false
    if (byte === 92) {
      if (buffer[i + 1] === 10 || (buffer[i + 1] === 13 && buffer[i + 2] === 10)) return true
      i++
    } else if (byte === 34 || byte === 39 || byte === 96) return quoteFollows(buffer, length, i + 1)
  }
  return false
}

/** Whether nothing but blanks, line breaks and an operator stand before the next quote. */
function quoteFollows(buffer: Uint8Array, length: number, from: number): boolean {
  const limit = Math.min(length, from + GAP)
  for (let i = from; i < limit; i++) {
    const byte = buffer[i] as number
    if (byte === 34 || byte === 39 || byte === 96) return i > from
    // Blanks, + . & \ and line breaks
    if (
      byte !== 32 &&
      byte !== 9 &&
      byte !== 10 &&
      byte !== 13 &&
      byte !== 43 &&
      byte !== 46 &&
      byte !== 38 &&
      byte !== 92
    )
      return false
  }
  return false
}

/** The quote that opens the literal in which an offset lies: the last one before it on its line. */
function openingQuote(text: string, at: number): number | undefined {
  for (let i = at - 1; i >= 0; i--) {
    const character = text[i]
    if (character === '\n') return undefined
    if ((character === '"' || character === "'" || character === '`') && text[i - 1] !== '\\') return i
  }
  return undefined
}

/** Where a literal, or its part on this line, ends. */
function closing(text: string, quote: string): number | undefined {
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === quote) return i
    if (character === '\n') return undefined
    if (character === '\\') {
      if (text[i + 1] === '\n' || (text[i + 1] === '\r' && text[i + 2] === '\n')) return i
      i++
    }
  }
  return undefined
}

/** A piece for each part between escaped line breaks, which keys of many lines hold. */
function addUnescaped(pieces: Pieces, literal: string, source: number): void {
  let from = 0
  for (const { index } of literal.matchAll(/\\n/g)) {
    pieces.add(literal.slice(from, index), source + from)
    pieces.add('\n', source + index)
    from = index + 2
  }
  pieces.add(literal.slice(from), source + from)
}
