import type { MapEntry, StringNode, ValueNode } from './value-node.ts'

/** A text that is no JSON: what is wrong, and where (offset in UTF-16 units). */
export class JsonError extends Error {
  override name = 'JsonError'
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

export interface JsonOptions {
  /** Reads `${…}` as a value and inside strings up to its closing brace, as in Terraform's templates. */
  readonly templates?: boolean
  /** Strings that contain this text remember the offset of each character. */
  readonly originsFor?: string
}

/** Documents nested deeper are refused: nobody writes them, and readers of them run out of stack. */
const MAX_DEPTH = 200

/**
 * Reads JSON with the position of every value. Comments and trailing commas are accepted, a byte order mark is skipped;
 * of a key that stands there twice both entries are kept. Throws {@link JsonError}.
 */
export function parseJson(text: string, options: JsonOptions = {}): ValueNode {
  const reader = new Reader(text, options)
  const value = reader.value(0)
  reader.end()
  return value
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}
const WORDS: readonly (readonly [word: string, value: boolean | null])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y

/** Reads several documents one after the other, as in JSON lines, into one list. Throws {@link JsonError}. */
export function parseJsonLines(text: string, options: JsonOptions = {}): ValueNode {
  const reader = new Reader(text, options)
  const items: ValueNode[] = []
  while (!reader.atEnd()) items.push(reader.value(0))
  return { type: 'list', items, start: 0, end: text.length }
}

class Reader {
  readonly #text: string
  readonly #options: JsonOptions
  #at = 0

  constructor(text: string, options: JsonOptions) {
    this.#text = text
    this.#options = options
    if (text.charCodeAt(0) === 0xfeff) this.#at = 1
  }

  atEnd(): boolean {
    this.#skip()
    return this.#at >= this.#text.length
  }

  end(): void {
    if (!this.atEnd()) throw this.#error('unexpected text after the document')
  }

  value(depth: number): ValueNode {
    if (depth > MAX_DEPTH) throw this.#error(`nested deeper than ${MAX_DEPTH} levels`)
    this.#skip()
    const start = this.#at
    const char = this.#text[start]
    if (char === '{') return this.#map(depth)
    if (char === '[') return this.#list(depth)
    if (char === '"') return this.#string()
    if (char === '$' && this.#options.templates && this.#text[start + 1] === '{') {
      const text = this.#placeholder()
      return { type: 'expression', text, parts: [], start, end: this.#at }
    }
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, start)) continue
      this.#at += word.length
      return { type: 'plain', value, start, end: this.#at }
    }
    NUMBER.lastIndex = start
    const number = NUMBER.exec(this.#text)?.[0]
    if (!number) throw this.#error(char === undefined ? 'ends too early' : `unexpected '${char}'`)
    this.#at += number.length
    return { type: 'plain', value: Number(number), start, end: this.#at }
  }

  #map(depth: number): ValueNode {
    const start = this.#at++
    const entries: MapEntry[] = []
    for (;;) {
      this.#skip()
      if (this.#take('}')) return { type: 'map', entries, start, end: this.#at }
      if (this.#text[this.#at] !== '"') throw this.#error('expected a key in double quotes')
      const key = this.#string()
      this.#skip()
      if (!this.#take(':')) throw this.#error("expected ':'")
      entries.push({ key: key.value, keyStart: key.start, value: this.value(depth + 1) })
      this.#skip()
      if (!this.#take(',') && this.#text[this.#at] !== '}') throw this.#error("expected ',' or '}'")
    }
  }

  #list(depth: number): ValueNode {
    const start = this.#at++
    const items: ValueNode[] = []
    for (;;) {
      this.#skip()
      if (this.#take(']')) return { type: 'list', items, start, end: this.#at }
      items.push(this.value(depth + 1))
      this.#skip()
      if (!this.#take(',') && this.#text[this.#at] !== ']') throw this.#error("expected ',' or ']'")
    }
  }

  #string(): StringNode {
    const start = this.#at
    const close = this.#text.indexOf('"', start + 1)
    const plain = close < 0 ? '' : this.#text.slice(start + 1, close)
    // Nearly all strings hold nothing special.
    if (close < 0 || /[\\\n]/.test(plain) || (this.#options.templates && plain.includes('${')))
      return this.#longString()
    this.#at = close + 1
    const origins = this.#wantsOrigins(plain)
      ? Array.from({ length: plain.length }, (_, i) => start + 1 + i)
      : undefined
    return { type: 'string', value: plain, start, end: this.#at, ...(origins && { origins }) }
  }

  #longString(): StringNode {
    const start = this.#at++
    let value = ''
    const starts: number[] = []
    for (;;) {
      const from = this.#at
      const char = this.#text[from]
      if (char === undefined || char === '\n') throw this.#error('a string is not closed')
      if (char === '"') break
      let piece: string
      if (char === '\\') piece = this.#escape()
      else if (char === '$' && this.#options.templates && this.#text[from + 1] === '{') {
        const escaped = this.#text[from - 1] === '$'
        piece = this.#placeholder()
        if (escaped) value = value.slice(0, -1)
        if (escaped) starts.pop()
      } else {
        piece = char
        this.#at++
      }
      for (let i = 0; i < piece.length; i++) starts.push(piece.length === this.#at - from ? from + i : from)
      value += piece
    }
    this.#at++
    return { type: 'string', value, start, end: this.#at, ...(this.#wantsOrigins(value) && { origins: starts }) }
  }

  #wantsOrigins(value: string): boolean {
    return this.#options.originsFor !== undefined && value.includes(this.#options.originsFor)
  }

  #escape(): string {
    const kind = this.#text[this.#at + 1] ?? ''
    if (kind === 'u') {
      const hex = this.#text.slice(this.#at + 2, this.#at + 6)
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw this.#error('a \\u escape needs four hexadecimal digits')
      this.#at += 6
      return String.fromCharCode(Number.parseInt(hex, 16))
    }
    const char = ESCAPES[kind]
    if (char === undefined) throw this.#error(`unknown escape '\\${kind}'`)
    this.#at += 2
    return char
  }

  /** `${…}` with balanced braces and the quotes inside it. */
  #placeholder(): string {
    const start = this.#at
    let depth = 0
    for (let i = start + 1; i < this.#text.length; i++) {
      const char = this.#text[i]
      if (char === '{') depth++
      else if (char === '}' && --depth === 0) {
        this.#at = i + 1
        return this.#text.slice(start, this.#at)
      } else if (char === '\n') break
    }
    throw this.#error('a ${ is not closed')
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false
    this.#at++
    return true
  }

  #skip(): void {
    for (;;) {
      const char = this.#text.charCodeAt(this.#at)
      if (char === 0x20 || char === 0x0a || char === 0x0d || char === 0x09) this.#at++
      else if (char === 0x2f && this.#text[this.#at + 1] === '/') this.#at = this.#lineEnd()
      else if (char === 0x2f && this.#text[this.#at + 1] === '*') {
        const end = this.#text.indexOf('*/', this.#at + 2)
        if (end < 0) throw this.#error('a comment is not closed')
        this.#at = end + 2
      } else return
    }
  }

  #lineEnd(): number {
    const end = this.#text.indexOf('\n', this.#at)
    return end < 0 ? this.#text.length : end
  }

  #error(message: string): JsonError {
    return new JsonError(message, this.#at)
  }
}
