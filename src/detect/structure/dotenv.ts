import type { Container, Entry } from './entry.ts'

const LINE = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]{0,200})[ \t]*=[ \t]*/

/**
 * Reads `.env` files: `KEY=value`, `export KEY="value"`, values in single, double or back quotes (also over several
 * lines), comments behind a blank. Offsets are bytes.
 */
export function readDotenv(text: string): Entry[] {
  const container: Container = { key: '', parent: undefined }
  const entries: Entry[] = []
  let at = 0
  while (at < text.length) {
    const lineEnd = endOfLine(text, at)
    const match = LINE.exec(text.slice(at, lineEnd))
    if (!match) {
      at = lineEnd + 1
      continue
    }
    const { start, end, quoted } = valueAt(text, at + match[0].length, lineEnd)
    const key = match[1] ?? ''
    const keyStart = at + match[0].indexOf(key)
    entries.push({ key, keyStart, value: text.slice(start, end), start, end, quoted, container })
    at = endOfLine(text, Math.max(end, at)) + 1
  }
  return entries
}

function valueAt(text: string, from: number, lineEnd: number): { start: number; end: number; quoted: boolean } {
  const quote = text[from]
  if (quote === '"' || quote === "'" || quote === '`') {
    const close = text.indexOf(quote, from + 1)
    // A quote that is never closed, or only pages later, is part of the value.
    if (close >= 0 && close - from < 10_000) return { start: from + 1, end: close, quoted: true }
  }
  const comment = text.slice(from, lineEnd).search(/\s#/)
  let end = comment >= 0 ? from + comment : lineEnd
  while (end > from && /\s/.test(text[end - 1] ?? '')) end--
  return { start: from, end, quoted: false }
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}
