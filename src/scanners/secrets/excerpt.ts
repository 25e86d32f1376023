import { Buffer } from 'node:buffer'
import type { Match } from '../../detect/match.ts'
import type { Positions } from '../../detect/position.ts'
import type { Excerpt } from '../../model.ts'

/** Lines before and after the match. */
const AROUND = 1
/** A key of many lines is shown by its first ones. */
const MOST_LINES = 7
/** Longer lines are cut to a window around the match. */
const WIDTH = 160
/** Bytes that are decoded around a match of a long line. */
const REACH = WIDTH * 2

/** In files with more matches only those near by are looked for again. */
const MANY = 200
const NEAR = 4096

/** A text in which something was found. */
export interface ExcerptSource {
  readonly buffer: Buffer
  readonly positions: Positions
  /** Every match of the text, ascending: all of them are masked. */
  readonly matches: readonly Match[]
  /** Lines that belong together, inclusive: in history a hunk. */
  readonly lines?: readonly [first: number, last: number]
  /** What to add to a line's number. */
  readonly shift?: number
}

/** The lines around a match as they may be shown. Columns in a line that is cut are not those of the file. */
export function cutExcerpt(match: Match, source: ExcerptSource): Excerpt {
  const first = Math.max(match.line - AROUND, source.lines?.[0] ?? 1)
  const last = Math.min(match.endLine + AROUND, source.lines?.[1] ?? Number.POSITIVE_INFINITY, first + MOST_LINES - 1)
  const lines: string[] = []
  for (let line = first; line <= last; line++) {
    const span = source.positions.lineSpan(line)
    if (!span) break
    lines.push(showLine(span, line === match.line ? match.start : span.start, source))
  }
  return { startLine: first + (source.shift ?? 0), lines }
}

interface Span {
  readonly start: number
  readonly end: number
}

/** A line, or the part of it around an offset, with asterisks in place of each secret. */
function showLine(line: Span, focus: number, source: ExcerptSource): string {
  const fits = line.end - line.start <= REACH
  const start = fits ? line.start : atCharacter(source.buffer, Math.max(line.start, focus - REACH / 4))
  const end = fits ? line.end : atCharacter(source.buffer, Math.min(line.end, start + REACH))
  let shown = ''
  let at = start
  for (const match of overlapping(source.matches, start, end)) {
    if (match.about === 'setting' || match.end <= at) continue
    const from = Math.max(match.start, at)
    const to = Math.min(match.end, end)
    shown +=
      source.buffer.toString('utf8', at, from) + source.buffer.toString('utf8', from, to).replace(/[^\r\n]/gu, '*')
    at = to
  }
  shown += source.buffer.toString('utf8', at, end)
  // What stands twice may have been recognised once only.
  const others = source.matches.length <= MANY ? source.matches : overlapping(source.matches, start - NEAR, end + NEAR)
  for (const match of others) shown = hide(shown, match)
  if (fits && shown.length <= WIDTH) return shown
  return `${start > line.start ? '…' : ''}${shown.slice(0, WIDTH)}${end < line.end || shown.length > WIDTH ? '…' : ''}`
}

function hide(text: string, { value: bytes, about }: Match): string {
  const value = Buffer.from(bytes, 'latin1').toString('utf8')
  if (about === 'setting' || value.length < 4 || !text.includes(value)) return text
  return text.replaceAll(value, '*'.repeat(value.length))
}

/** Matches that overlap a range; they ascend by their start, and none is longer than a window of the detection. */
function overlapping(matches: readonly Match[], start: number, end: number): Match[] {
  let low = 0
  let high = matches.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((matches[middle] as Match).start >= end) high = middle
    else low = middle + 1
  }
  const found: Match[] = []
  for (let i = low - 1; i >= 0 && (matches[i] as Match).start > start - LONGEST; i--) {
    const match = matches[i] as Match
    if (match.end > start) found.unshift(match)
  }
  return found
}

const LONGEST = 65_536

/** The offset of the character that a byte belongs to. */
function atCharacter(buffer: Buffer, offset: number): number {
  let at = offset
  while (at > 0 && offset - at < 4 && ((buffer[at] ?? 0) & 0xc0) === 0x80) at--
  return at
}
