import { type Container, type Entry, MAX_ENTRIES, unescapeDouble } from './entry.ts'
import { closingQuote, readFlow } from './json.ts'

const ROOT: Container = { key: '', parent: undefined }
const TABLE = /\[{1,2}[ \t]*([^\]\n]{1,300})\]{1,2}/y
const KEY =
  /((?:[\w-]{1,200}|"[^"\n]{0,200}"|'[^'\n]{0,200}')(?:[ \t]*\.[ \t]*(?:[\w-]{1,200}|"[^"\n]{0,200}"|'[^'\n]{0,200}'))*)[ \t]*=[ \t]*/y

/**
 * Reads TOML: tables, dotted and quoted keys, all four kinds of strings, inline tables and arrays. Never fails: a line
 * that makes no sense is skipped. https://toml.io/en/v1.0.0
 */
export function readToml(text: string): Entry[] {
  const entries: Entry[] = []
  let container = ROOT
  let at = text.startsWith('\xef\xbb\xbf') ? 3 : 0
  while (at < text.length && entries.length < MAX_ENTRIES) {
    while (/\s/.test(text[at] ?? '')) at++
    if (text[at] === '[') {
      TABLE.lastIndex = at
      const name = TABLE.exec(text)?.[1]
      if (name !== undefined) container = containerOf(name.trim(), ROOT)
    } else if (text[at] !== '#') {
      KEY.lastIndex = at
      const match = KEY.exec(text)
      if (match) at = readValue(text, at, match, container, entries)
    }
    const end = text.indexOf('\n', at)
    at = end < 0 ? text.length : end + 1
  }
  return entries
}

function containerOf(dotted: string, parent: Container): Container {
  let container = parent
  for (const part of dotted.split('.')) container = { key: part.trim().replace(/^["']|["']$/g, ''), parent: container }
  return container
}

/** Reads the value behind a key; gives an offset on the line where it ends. */
function readValue(text: string, keyAt: number, match: RegExpExecArray, table: Container, entries: Entry[]): number {
  const dotted = match[1] ?? ''
  const from = keyAt + match[0].length
  const lastDot = /["']$/.test(dotted) ? -1 : dotted.lastIndexOf('.')
  const key = dotted
    .slice(lastDot + 1)
    .trim()
    .replace(/^["']|["']$/g, '')
  const container = lastDot < 0 ? table : containerOf(dotted.slice(0, lastDot), table)
  const keyStart = keyAt + dotted.lastIndexOf(key)
  const first = text[from]
  if (first === '{' || first === '[') return readFlow(text, from, { key, parent: container }, entries, true)
  const add = (value: string, start: number, end: number, quoted: boolean) =>
    entries.push({ key, keyStart, value, start, end, quoted, container })
  if (first === '"' || first === "'") {
    const triple = text.startsWith(first.repeat(3), from)
    const start = from + (triple ? 3 : 1)
    const end = triple ? closingTriple(text, start, first) : closingInLine(text, start, first)
    if (end !== undefined) {
      const raw = text.slice(start, end)
      add(first === '"' ? unescapeDouble(raw) : raw, start, end, true)
      return end + 1
    }
  }
  const newline = text.indexOf('\n', from)
  let end = newline < 0 ? text.length : newline
  const comment = text.slice(from, end).indexOf('#')
  if (comment >= 0) end = from + comment
  while (end > from && /\s/.test(text[end - 1] ?? '')) end--
  add(text.slice(from, end), from, end, false)
  return end
}

/** A string of several lines that is longer than this was never closed. */
const MAX_TRIPLE = 20_000

function closingTriple(text: string, start: number, quote: string): number | undefined {
  const piece = text.slice(start, start + MAX_TRIPLE)
  const close = piece.indexOf(quote.repeat(3))
  return close < 0 ? undefined : start + close
}

function closingInLine(text: string, start: number, quote: string): number | undefined {
  const newline = text.indexOf('\n', start)
  const line = text.slice(start, newline < 0 ? text.length : newline)
  const close = quote === '"' ? closingQuote(line, 0, quote) : line.indexOf(quote)
  return close < 0 || close >= line.length ? undefined : start + close
}
