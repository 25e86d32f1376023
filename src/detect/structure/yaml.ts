import { type Container, type Entry, MAX_ENTRIES, unescapeDouble } from './entry.ts'
import { readFlow } from './json.ts'

/**
 * Reads YAML line by line: mappings, lists, quoted and block scalars, flow collections, documents. It does not resolve
 * anchors or tags, and what it does not understand it skips; in return it reads Helm templates and broken files, needs no
 * tree, and costs little on the thousands of lines that hold no secret.
 */
export function readYaml(text: string): Entry[] {
  return new Reader(text).read()
}

interface Frame {
  readonly indent: number
  readonly container: Container
  readonly isItem: boolean
}

const KEY =
  /(?:"((?:[^"\\\n]|\\.)*)"|'((?:[^'\n]|'')*)'|([^\s"'#[\]{}&*!|>%@`,:-][^:#\n]{0,120}?|-[^\s:#][^:#\n]{0,120}?))[ \t]*:(?=[ \t\r\n]|$)/y
const PROPERTIES = /(?:[!&][^\s,[\]{}]*[ \t]+)+/y
const BLOCK = /[|>][+-]?\d?[+-]?[ \t]*(?:#[^\n]*)?\r?(?:\n|$)/y

class Reader {
  readonly #text: string
  readonly #entries: Entry[] = []
  #at = 0
  #frames: Frame[] = []

  constructor(text: string) {
    this.#text = text
  }

  read(): Entry[] {
    this.#startDocument()
    while (this.#at < this.#text.length && this.#entries.length < MAX_ENTRIES) this.#line()
    return this.#entries
  }

  #startDocument(): void {
    this.#frames = [{ indent: -1, container: { key: '', parent: undefined }, isItem: false }]
  }

  #line(): void {
    const text = this.#text
    const lineStart = this.#at
    let at = lineStart
    while (text[at] === ' ') at++
    const first = text[at]
    if (text.startsWith('---', lineStart) || text.startsWith('...', lineStart)) this.#startDocument()
    else if (
      first !== '#' &&
      first !== '\n' &&
      first !== '\r' &&
      first !== '%' &&
      first !== undefined &&
      !text.startsWith('{{', at)
    ) {
      at = this.#items(at, lineStart)
      at = this.#pair(at, at - lineStart)
    }
    const end = text.indexOf('\n', at)
    this.#at = end < 0 ? text.length : end + 1
  }

  /** Steps over the dashes of list items, opening a container for each. */
  #items(from: number, lineStart: number): number {
    let at = from
    while (this.#text[at] === '-' && /[\s]/.test(this.#text[at + 1] ?? '\n')) {
      const indent = at - lineStart
      this.#close(indent, true)
      at++
      while (this.#text[at] === ' ') at++
      this.#open('', indent, true)
    }
    return at
  }

  #pair(at: number, indent: number): number {
    KEY.lastIndex = at
    const match = KEY.exec(this.#text)
    if (!match) {
      const top = this.#frames.at(-1) as Frame
      // `- value`: an item of the list that the frame below stands in.
      if (top.isItem && indent > top.indent)
        return this.#value('', at, at, top.container.parent ?? top.container, indent)
      return at
    }
    this.#close(indent, false)
    const key = match[1] === undefined ? (match[2] ?? match[3] ?? '').trim() : unescapeDouble(match[1])
    const container = (this.#frames.at(-1) as Frame).container
    const keyStart = match[1] === undefined && match[2] === undefined ? at : at + 1
    return this.#value(key, keyStart, at + match[0].length, container, indent)
  }

  /** Leaves the containers that a line of this indentation does not belong to. */
  #close(indent: number, forItem: boolean): void {
    for (;;) {
      const top = this.#frames.at(-1) as Frame
      // An item may stand at the same indentation as the key that it belongs to.
      const belongs = top.isItem || !forItem ? top.indent < indent : top.indent <= indent
      if (belongs || this.#frames.length === 1) return
      this.#frames.pop()
    }
  }

  #open(key: string, indent: number, isItem: boolean): void {
    const parent = (this.#frames.at(-1) as Frame).container
    this.#frames.push({ indent, container: { key, parent }, isItem })
  }

  #value(key: string, keyStart: number, from: number, container: Container, indent: number): number {
    const text = this.#text
    let at = from
    while (text[at] === ' ' || text[at] === '\t') at++
    PROPERTIES.lastIndex = at
    at += PROPERTIES.exec(text)?.[0].length ?? 0
    const first = text[at]
    const add = (value: string, start: number, end: number, quoted: boolean) => {
      this.#entries.push({ key, keyStart, value, start, end, quoted, container })
      return end
    }
    if (first === undefined || first === '\n' || first === '\r' || first === '#') {
      this.#open(key, indent, false)
      return at
    }
    if ((first === '{' && text[at + 1] !== '{') || first === '[')
      return readFlow(text, at, { key, parent: container }, this.#entries)
    if (first === '"' || first === "'") {
      const end = endOfQuoted(text, at + 1, first)
      if (end !== undefined) {
        const raw = text.slice(at + 1, end)
        return add(first === '"' ? unescapeDouble(raw) : raw.replaceAll("''", "'"), at + 1, end, true) + 1
      }
    }
    BLOCK.lastIndex = at
    const block = first === '|' || first === '>' ? BLOCK.exec(text) : null
    if (block) return this.#block(at + block[0].length, indent, add)
    if (first === '*') return at
    const end = endOfPlain(text, at)
    return add(text.slice(at, end), at, end, false)
  }

  /** The lines of a block scalar: those indented deeper than its key. */
  #block(
    from: number,
    indent: number,
    add: (value: string, start: number, end: number, quoted: boolean) => number,
  ): number {
    const text = this.#text
    const lines: string[] = []
    const base = Math.max(indent, 0)
    let at = from
    let start = -1
    let end = from
    while (at < text.length) {
      const next = text.indexOf('\n', at)
      const stop = next < 0 ? text.length : next
      let content = at
      while (text[content] === ' ') content++
      const blank = content >= stop || text[content] === '\r'
      if (!blank && content - at <= base) break
      if (!blank && start < 0) start = content
      if (!blank) end = stop
      lines.push(text.slice(Math.min(content, stop), stop))
      at = stop + 1
    }
    if (start >= 0) add(lines.join('\n').trim(), start, end, false)
    // One before the line that follows, so that the caller finds its line break.
    return Math.max(from - 1, Math.min(at, text.length) - 1)
  }
}

/** A quoted scalar longer than this is text. */
const MAX_QUOTED = 20_000

function endOfQuoted(text: string, from: number, quote: string): number | undefined {
  const limit = Math.min(text.length, from + MAX_QUOTED)
  for (let at = from; at < limit; at++) {
    if (quote === '"' && text[at] === '\\') at++
    else if (text[at] === quote) {
      if (quote === "'" && text[at + 1] === "'") at++
      else return at
    }
  }
  return undefined
}

function endOfPlain(text: string, from: number): number {
  let end = text.indexOf('\n', from)
  if (end < 0) end = text.length
  const comment = text.slice(from, end).search(/[ \t]#/)
  if (comment >= 0) end = from + comment
  while (end > from && /\s/.test(text[end - 1] ?? '')) end--
  return end
}
