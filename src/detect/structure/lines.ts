import { Buffer } from 'node:buffer'
import { type Container, type Entry, MAX_ENTRIES } from './entry.ts'

const ROOT: Container = { key: '', parent: undefined }

/**
 * Reads INI, .cfg, .conf and .reg: sections, `key = value`, `key: value`, `"key"="value"`, comments with `#` and `;` at
 * the beginning of a line and behind a blank, values in quotes. Lines that are none of these are skipped.
 */
export function readIni(text: string): Entry[] {
  const entries: Entry[] = []
  let container = ROOT
  forEachLine(text, (start, end) => {
    if (text[start] === '[') {
      const close = text.indexOf(']', start)
      if (close > 0 && close < end) container = { key: text.slice(start + 1, close), parent: ROOT }
      return entries.length < MAX_ENTRIES
    }
    if (text[start] === '#' || text[start] === ';') return true
    const key = keyAt(text, start, end, '=:')
    if (key) {
      const span = valueAt(text, key.next, end)
      entries.push({ key: key.name, keyStart: key.start, value: text.slice(span.start, span.end), ...span, container })
      // Environment="KEY=value" of systemd
      if (/^environment$/i.test(key.name)) entries.push(...assignmentsIn(text, span.start, span.end, container))
    }
    return entries.length < MAX_ENTRIES
  })
  return entries
}

/**
 * Reads Java properties: `key=value`, `key: value`, `key value`, comments with `#` and `!`, lines that a backslash
 * continues. https://docs.oracle.com/javase/8/docs/api/java/util/Properties.html#load-java.io.Reader-
 */
export function readProperties(text: string): Entry[] {
  const entries: Entry[] = []
  let skipTo = 0
  forEachLine(text, (start, end) => {
    if (start < skipTo || text[start] === '#' || text[start] === '!') return true
    const key = keyAt(text, start, end, '=: \t')
    if (!key) return true
    let stop = end
    while (endsWithBackslash(text, key.next, stop)) {
      const next = text.indexOf('\n', stop)
      if (next < 0) break
      const after = text.indexOf('\n', next + 1)
      stop = trimmedEnd(text, next + 1, after < 0 ? text.length : after)
      skipTo = stop
    }
    const value = unescapeProperty(text.slice(key.next, stop))
    entries.push({ key: key.name.replace(/\\(.)/g, '$1'), keyStart: key.start, value, start: key.next, end: stop, quoted: false, container: ROOT }) // biome-ignore format: one entry
    return entries.length < MAX_ENTRIES
  })
  return entries
}

/**
 * Reads configuration of words: `password "x"`, `password x`, `set smtp_pass = "x"`, `pass x # comment`. A line may hold
 * several, as in .fetchmailrc: `poll mail.example.com user me pass x`.
 */
export function readWords(text: string): Entry[] {
  const entries: Entry[] = []
  forEachLine(text, (start, end) => {
    if (text[start] === '#' || text[start] === ';') return true
    let before: { text: string; at: number } | undefined
    // Each line by itself: a search for the next word would run through all that follow.
    for (const match of text.slice(start, end).matchAll(WORD)) {
      const [whole, double, single] = match
      if (whole === '#') break
      const quoted = (double ?? single) !== undefined
      const value = double ?? single ?? whole
      const at = start + match.index + (quoted ? 1 : 0)
      if (before && /^[A-Za-z_][\w.-]{0,80}$/.test(before.text) && entries.length < MAX_ENTRIES)
        entries.push({ key: before.text, keyStart: before.at, value, start: at, end: at + value.length, quoted, container: ROOT }) // biome-ignore format: one entry
      before = { text: value, at }
    }
    return entries.length < MAX_ENTRIES
  })
  return entries
}

const WORD = /"([^"\n]{0,2000})"|'([^'\n]{0,2000})'|#|[^\s"'=#][^\s"'=]{0,2000}/g

/** `KEY=value` and `KEY="two words"` between two offsets, as in `Environment=` of systemd and in shell commands. */
export function assignmentsIn(text: string, from: number, to: number, container: Container): Entry[] {
  const entries: Entry[] = []
  const piece = text.slice(from, to)
  const assignment =
    /(?<![\w.$-])([A-Za-z_]\w{0,100})=(?:"([^"\n]{0,2000})"|'([^'\n]{0,2000})'|([^\s"'\\;&|)]{1,2000}))/g
  for (let match = assignment.exec(piece); match && entries.length < 1000; match = assignment.exec(piece)) {
    const [whole, key = '', double, single, bare = ''] = match
    const quoted = (double ?? single) !== undefined
    const value = double ?? single ?? bare
    const end = from + match.index + whole.length - (quoted ? 1 : 0)
    entries.push({ key, keyStart: from + match.index, value, start: end - value.length, end, quoted, container })
  }
  return entries
}

/** Calls with the first and the last character of each line that is not blank, until told to stop. */
export function forEachLine(text: string, visit: (start: number, end: number) => boolean): void {
  let at = text.startsWith('\xef\xbb\xbf') ? 3 : 0
  while (at < text.length) {
    const newline = text.indexOf('\n', at)
    const stop = newline < 0 ? text.length : newline
    let start = at
    while (start < stop && isBlank(text.charCodeAt(start))) start++
    const end = trimmedEnd(text, start, stop)
    if (end > start && !visit(start, end)) return
    at = stop + 1
  }
}

function trimmedEnd(text: string, start: number, stop: number): number {
  let end = stop
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return end
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}

/** No name is longer; a line without a separator in that reach is no pair. */
const MAX_NAME = 200

/** The name at the beginning of a line, and where its value begins. */
function keyAt(text: string, start: number, end: number, separators: string) {
  const quote = text[start] === '"' || text[start] === "'" ? text[start] : undefined
  const nameStart = quote ? start + 1 : start
  let at = nameStart
  const limit = Math.min(end, start + MAX_NAME)
  if (quote) while (at < limit && text[at] !== quote) at++
  else
    while (at < limit && !separators.includes(text[at] as string)) {
      // `\:` and `\=` belong to a name of a properties file.
      at += text[at] === '\\' ? 2 : 1
    }
  if (at >= limit) return undefined
  const nameEnd = trimmedEnd(text, nameStart, at)
  const name = text.slice(nameStart, nameEnd)
  if (name === '' || /[<>{}()"`;,]/.test(name)) return undefined
  if (quote) at++
  while (at < end && (text[at] === ' ' || text[at] === '\t')) at++
  // An address is no pair: `proxy_pass http://…`.
  if (text[at] === ':' && text.startsWith('//', at + 1)) return undefined
  if ('=:'.includes(text[at] ?? ' ')) at++
  else if (!separators.includes(' ') || quote) return undefined
  // `+=` of Buildroot, `:=` and `=>` of others
  while (at < end && (text[at] === '=' || text[at] === '>' || text[at] === ' ' || text[at] === '\t')) at++
  return { name, start: nameStart, next: at }
}

function valueAt(text: string, from: number, lineEnd: number): { start: number; end: number; quoted: boolean } {
  const quote = text[from]
  if (quote === '"' || quote === "'") {
    const close = text.indexOf(quote, from + 1)
    if (close >= 0 && close < lineEnd) return { start: from + 1, end: close, quoted: true }
  }
  const comment = text.slice(from, lineEnd).search(/\s[#;]/)
  return { start: from, end: comment >= 0 ? trimmedEnd(text, from, from + comment) : lineEnd, quoted: false }
}

function endsWithBackslash(text: string, from: number, end: number): boolean {
  let count = 0
  while (end - count > from && text[end - count - 1] === '\\') count++
  return count % 2 === 1
}

function unescapeProperty(raw: string): string {
  if (!raw.includes('\\')) return raw
  return raw.replace(/\\(?:u([0-9a-fA-F]{4})|\r?\n[ \t]*|([\s\S]))/g, (_, code, character) => {
    if (code !== undefined)
      return Buffer.from(String.fromCharCode(Number.parseInt(code, 16)), 'utf8').toString('latin1')
    return character ?? ''
  })
}
