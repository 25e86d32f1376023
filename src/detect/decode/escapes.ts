import { Buffer } from 'node:buffer'
import type { ByteText } from '../byte-text.ts'
import type { Decoding, Encoding } from './decoding.ts'
import { charactersOf, runStart } from './runs.ts'

/** Bytes around an announced place that may belong to it. */
const BEFORE = 512
const AFTER = 8192

const IN_ADDRESS = charactersOf(/[^\s"'<>`|]/)
const IN_LITERAL = charactersOf(/[^\n"'`]/)
const PERCENT = /%([0-9A-Fa-f]{2})/g
const ESCAPE = /\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([\s\S]))/g
const SHORT: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/** The address or parameter around an offset, `%XX` resolved. */
export function decodePercent(text: ByteText, at: number): Decoding | undefined {
  return decode(text, at, 'percent', /[^\s"'<>`|]*/y, IN_ADDRESS, PERCENT, (match) =>
    String.fromCharCode(Number.parseInt(match[1] ?? '', 16)),
  )
}

/** The literal around an offset, `\uXXXX`, `\xXX` and escaped characters resolved. */
export function decodeEscapes(text: ByteText, at: number): Decoding | undefined {
  return decode(text, at, 'escapes', /(?:\\[\s\S]|[^\n"'`\\])*/y, IN_LITERAL, ESCAPE, (match) => unescaped(match))
}

/** A key of many lines in one literal: the line breaks are written `\n`. */
export function resolveLineBreaks(value: string): string {
  return value.replace(/(?:\\r)?\\n/g, '\n')
}

function unescaped([, long, short, character = '']: RegExpExecArray): string {
  const code = long ?? short
  if (code === undefined) return SHORT[character] ?? character
  return Buffer.from(String.fromCharCode(Number.parseInt(code, 16)), short === undefined ? 'utf8' : 'latin1').toString(
    'latin1',
  )
}

function decode(
  text: ByteText,
  at: number,
  encoding: Encoding,
  after: RegExp,
  isBefore: Uint8Array,
  escaped: RegExp,
  resolve: (match: RegExpExecArray) => string,
): Decoding | undefined {
  const head = text.slice(at - BEFORE, at)
  const before = head.length - runStart(head, head.length, isBefore)
  const start = at - before
  after.lastIndex = before
  const whole = text.slice(start, at + AFTER)
  const end = before + (after.exec(whole)?.[0].length ?? 0)
  const raw = whole.slice(0, end)
  // Each byte's place in the text, and at the end the end.
  const places: number[] = []
  let decoded = ''
  let last = 0
  const copy = (to: number) => {
    for (let i = last; i < to; i++) places.push(start + i)
    decoded += raw.slice(last, to)
  }
  for (const match of raw.matchAll(escaped)) {
    copy(match.index)
    const resolved = resolve(match)
    for (let i = 0; i < resolved.length; i++) places.push(start + match.index)
    decoded += resolved
    last = match.index + match[0].length
  }
  if (last === 0) return undefined
  copy(raw.length)
  places.push(start + raw.length)
  return {
    encoding,
    bytes: Buffer.from(decoded, 'latin1'),
    start,
    end: start + raw.length,
    from: (offset) => places[offset] ?? start + raw.length,
    to: (offset) => places[offset] ?? start + raw.length,
  }
}
