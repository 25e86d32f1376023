import { type Container, type Entry, MAX_ENTRIES, unescapeDouble } from './entry.ts'

/**
 * Reads JSON with comments, trailing commas and unquoted or single-quoted text (JSON5, JSONC, YAML's flow style). Never
 * fails: what makes no sense is skipped, so that a broken file still gives what can be told from it.
 */
export function readJson(text: string): Entry[] {
  const entries: Entry[] = []
  let at = 0
  while (at < text.length && entries.length < MAX_ENTRIES) {
    at = skipBlank(text, at)
    const root: Container = { key: '', parent: undefined }
    if (text[at] === '{' || text[at] === '[') at = readFlow(text, at, root, entries)
    else at++
  }
  return entries
}

interface Level {
  readonly container: Container
  readonly isList: boolean
  key: string
  keyStart: number
  /** Whether a key was read whose value is to come. */
  expectsValue: boolean
}

/**
 * Reads one `{…}` or `[…]` that begins at an offset; gives the offset behind it. Without recursion: depth is no matter.
 * With `equals`, names are told from values as in TOML: `{ name = "x" }`.
 */
export function readFlow(text: string, start: number, root: Container, entries: Entry[], equals = false): number {
  const levels: Level[] = [level(root, text[start] === '[')]
  let at = start + 1
  while (levels.length > 0 && entries.length < MAX_ENTRIES) {
    at = skipBlank(text, at)
    const top = levels.at(-1) as Level
    const character = text[at]
    if (character === undefined) break
    if (character === '{' || character === '[') {
      levels.push(level({ key: top.isList ? '' : top.key, parent: top.container }, character === '['))
      at++
    } else if (character === '}' || character === ']') {
      levels.pop()
      const parent = levels.at(-1)
      if (parent) parent.expectsValue = false
      at++
    } else if (character === ',' || character === ';') {
      top.expectsValue = false
      at++
    } else if (character === ':' || (equals && character === '=')) {
      top.expectsValue = true
      at++
    } else at = readScalar(text, at, top, entries, equals)
  }
  return at
}

function level(container: Container, isList: boolean): Level {
  return { container, isList, key: '', keyStart: 0, expectsValue: false }
}

function readScalar(text: string, at: number, top: Level, entries: Entry[], equals: boolean): number {
  const quote = text[at]
  const quoted = quote === '"' || quote === "'"
  const start = quoted ? at + 1 : at
  const end = quoted ? closingQuote(text, start, quote) : endOfPlain(text, at, equals ? PLAIN_END_EQUALS : PLAIN_END)
  const raw = text.slice(start, end)
  const value = quote === '"' ? unescapeDouble(raw) : raw
  if (top.isList || top.expectsValue) {
    const { container } = top
    entries.push({ key: top.isList ? '' : top.key, keyStart: top.isList ? start : top.keyStart, value, start, end, quoted, container }) // biome-ignore format: one entry
    top.expectsValue = false
  } else {
    top.key = value
    top.keyStart = start
  }
  return Math.max(quoted ? end + 1 : end, at + 1)
}

/** Offset of the quote that ends a text, or of the end of the file. */
export function closingQuote(text: string, from: number, quote: string): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === quote) return at
  }
  return text.length
}

const PLAIN_END = /[,[\]{}\n]|:(?=[\s,[\]{}]|$)|\s#|\/\//g

const PLAIN_END_EQUALS = /[,[\]{}\n=]|\s#/g

function endOfPlain(text: string, at: number, pattern: RegExp): number {
  pattern.lastIndex = at
  let end = pattern.exec(text)?.index ?? text.length
  while (end > at && /\s/.test(text[end - 1] ?? '')) end--
  return end
}

/** Skips white space and comments. */
function skipBlank(text: string, from: number): number {
  let at = from
  for (;;) {
    const code = text.charCodeAt(at)
    if (code === 32 || (code >= 9 && code <= 13)) at++
    else if (code === 47 && text[at + 1] === '/') at = lineEnd(text, at)
    else if (code === 47 && text[at + 1] === '*') {
      const close = text.indexOf('*/', at + 2)
      at = close < 0 ? text.length : close + 2
    } else if (code === 35) at = lineEnd(text, at)
    else return at
  }
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}
