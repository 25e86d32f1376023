import { type Container, type Entry, MAX_ENTRIES, unescapeDouble } from './entry.ts'

const ROOT: Container = { key: '', parent: undefined }
/** `name =`, `"name" :`, or `type "label" "label" {`. */
const HEAD =
  /(?:"([^"\n]{1,200})"|([A-Za-z_][\w.-]{0,200}))[ \t]*(?:(=(?!=)|:)[ \t]*|((?:[ \t]+(?:"[^"\n]{0,200}"|[\w-]{1,200})){0,3})[ \t]*\{)/y
const HEREDOC = /<<-?[ \t]*["']?([A-Za-z_]\w{0,60})["']?[ \t]*\r?\n/y

/**
 * Reads HCL, the language of Terraform, Packer, Nomad and Vault: attributes, nested blocks with their labels, objects,
 * strings with templates, heredocs. Functions, conditions and the like are stepped over.
 */
export function readHcl(text: string): Entry[] {
  const entries: Entry[] = []
  const heredocs: Heredocs = { unclosed: 0 }
  let container = ROOT
  let depth = 0
  let at = text.startsWith('\xef\xbb\xbf') ? 3 : 0
  while (at < text.length && entries.length < MAX_ENTRIES) {
    const character = text[at] as string
    if (character === '#' || text.startsWith('//', at)) at = endOfLine(text, at)
    else if (text.startsWith('/*', at)) {
      const close = text.indexOf('*/', at + 2)
      at = close < 0 ? text.length : close + 2
    } else if (character === '{' || character === '[') {
      depth++
      container = { key: '', parent: container }
      at++
    } else if (character === '}' || character === ']') {
      if (depth > 0 && container.parent) {
        depth--
        container = container.parent
      }
      at++
    } else if (character === '"' || isWord(character)) {
      HEAD.lastIndex = at
      const match = HEAD.exec(text)
      if (match?.[3] !== undefined) {
        const key = match[1] ?? match[2] ?? ''
        const from = at + match[0].length
        const opens = text[from] === '{' || text[from] === '['
        if (opens) {
          depth++
          container = { key, parent: container }
          at = from + 1
        } else
          at = readValue(
            text,
            from,
            { key, keyStart: match[1] === undefined ? at : at + 1, container },
            entries,
            heredocs,
          )
      } else if (match) {
        depth++
        container = blockOf(match, container)
        at += match[0].length
      } else if (character === '"') {
        const close = endOfString(text, at + 1)
        at = close + 1
      } else at = endOfWord(text, at)
    } else if (text.startsWith('<<', at)) at = Math.max(at + 2, heredocAt(text, at, heredocs)?.next ?? 0)
    else at++
  }
  return entries
}

/** `resource "aws_db_instance" "main"`: a container for the type and one for each label. */
function blockOf(match: RegExpExecArray, parent: Container): Container {
  const labels = (match[4] ?? '').match(/"[^"]*"|[\w-]+/g) ?? []
  return { key: [match[1] ?? match[2] ?? '', ...labels.map((label) => label.replaceAll('"', ''))].join('.'), parent }
}

interface Name {
  readonly key: string
  readonly keyStart: number
  readonly container: Container
}

/** Reads the literal behind a name; of an expression nothing is taken. Gives the offset to go on from. */
function readValue(text: string, from: number, name: Name, entries: Entry[], heredocs: Heredocs): number {
  if (text[from] === '"') {
    const end = endOfString(text, from + 1)
    entries.push({ ...name, value: unescapeDouble(text.slice(from + 1, end)), start: from + 1, end, quoted: true })
    return end + 1
  }
  const heredoc = heredocAt(text, from, heredocs)
  if (heredoc) {
    const { start, end, next } = heredoc
    entries.push({ ...name, value: text.slice(start, end), start, end, quoted: true })
    return next
  }
  return from
}

/** How many heredocs never ended: each costs a search, and a file of nothing else is none. */
interface Heredocs {
  unclosed: number
}
const MAX_UNCLOSED = 20

function heredocAt(
  text: string,
  at: number,
  heredocs: Heredocs,
): { start: number; end: number; next: number } | undefined {
  if (heredocs.unclosed > MAX_UNCLOSED) return undefined
  HEREDOC.lastIndex = at
  const match = HEREDOC.exec(text)
  if (!match) return undefined
  const start = at + match[0].length
  const piece = text.slice(start, start + MAX_STRING)
  const close = new RegExp(`^[ \\t]*${match[1]}[ \\t]*\\r?$`, 'm').exec(piece)
  if (!close) {
    heredocs.unclosed++
    return undefined
  }
  let end = start + close.index
  while (end > start && /\s/.test(text[end - 1] ?? '')) end--
  return { start, end, next: start + close.index + close[0].length }
}

/** Strings and heredocs that are longer were never closed. */
const MAX_STRING = 100_000

/** Offset of the quote that closes a string; templates hold strings of their own: `"${file("key")}"`. */
function endOfString(text: string, from: number): number {
  let depth = 0
  const limit = Math.min(text.length, from + MAX_STRING)
  for (let at = from; at < limit; at++) {
    const character = text[at]
    if (character === '\n') return at
    if (character === '\\') at++
    else if ((character === '$' || character === '%') && text[at + 1] === '{') {
      depth++
      at++
    } else if (depth > 0 && character === '}') depth--
    else if (depth === 0 && character === '"') return at
  }
  return limit
}

function isWord(character: string): boolean {
  return /[A-Za-z_]/.test(character)
}

function endOfWord(text: string, from: number): number {
  let at = from
  while (at < text.length && /[\w.-]/.test(text[at] as string)) at++
  return at
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}
