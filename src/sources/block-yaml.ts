/** Where a part begins in the text, 1-based, and its own parts; `opaque` parts have such of which nothing was noted. */
export interface Mark {
  readonly line: number
  readonly column: number
  /** Of mappings by key, of lists by index. */
  readonly parts?: ReadonlyMap<string | number, Mark>
  readonly opaque?: boolean
}

/** What was read. */
export interface BlockDocument {
  readonly value: unknown
  readonly mark: Mark
}

/**
 * Reads the YAML that manifests are mostly written in (mappings and lists in block style, scalars of one line, literal blocks, short
 * flow lists) some twenty times as fast as a full reader does. Undefined for everything else and for whatever might be an error:
 * anchors, tags, scalars over several lines, repeated keys, tabs. What it gives is what a full reader gives (YAML 1.2, core schema).
 */
export function readBlockYaml(text: string): BlockDocument | undefined {
  const normal = text.includes('\r') ? text.replaceAll('\r\n', '\n') : text
  if (normal.includes('\r')) return undefined
  try {
    return new BlockReader(normal).document()
  } catch (error) {
    if (error === UNSURE) return undefined
    throw error
  }
}

/** Thrown where a full reader is needed. */
const UNSURE = new Error('needs a full reader')

/** Deeper than manifests are; a full reader knows its own limit. */
const DEEPEST = 60

const KEY = /(?:((?!\.{3})[A-Za-z_.](?:[\w./-]|:(?=[\w./-]))*)|"([^"\\\n]*)"|'([^'\n]*)') *:(?=[ \n]|$)/y
const DOUBLE_QUOTED = /"(?:[^"\\\n]|\\.)*"/y
const SINGLE_QUOTED = /'(?:[^'\n]|'')*'/y
/** In flow style more letters mean something. */
const FLOW_PLAIN = /[A-Za-z0-9_./*+-][A-Za-z0-9_./*+= ()-]*/y
const LITERAL = /\|(-?)[ \t]*(?= #|\n|$)/y
const REST = /[ ]*(?: #.*)?(?=\n|$)/y
const CONTROL = /[\x00-\x09\x0b-\x1f\x7f-\x9f\ufeff]/
/** `trimEnd` takes more away. Looks at a row of blanks from its begin only: rows can be long. */
const BLANK_END = /(?<![ \t])[ \t]+$/
const SPACE = 32
const NEWLINE = 10
const HASH = 35
const DASH = 45

class BlockReader {
  readonly #text: string
  /** Begin of the line that is looked at, and its number. */
  #at = 0
  #line = 1
  /** Of that line: blanks before the first letter; -1 at the end. */
  #indent = -1

  constructor(text: string) {
    this.#text = text
  }

  document(): BlockDocument {
    if (this.#text.startsWith('---')) {
      this.#expectRest(3)
      this.#next(this.#endOfLine(3))
    } else this.#settle()
    if (this.#indent < 0) throw UNSURE
    const first = this.#text.charCodeAt(this.#at + this.#indent)
    const read = first === DASH ? this.#list(this.#indent, 0) : this.#mapping(this.#indent, this.#at + this.#indent, 0)
    if (this.#indent >= 0) throw UNSURE
    return read
  }

  /** Goes to the line behind a position on the current one. */
  #next(from: number): void {
    const end = this.#text.indexOf('\n', from)
    this.#at = end < 0 ? this.#text.length : end + 1
    this.#line++
    this.#settle()
  }

  /** Skips blank lines and comments. */
  #settle(): void {
    const text = this.#text
    while (this.#at < text.length) {
      let i = this.#at
      while (text.charCodeAt(i) === SPACE) i++
      const c = text.charCodeAt(i)
      if (c !== NEWLINE && c !== HASH && i < text.length) {
        // Blank lines with tabs, too.
        if (c === 9 || (c < SPACE && c !== NEWLINE)) throw UNSURE
        this.#indent = i - this.#at
        return
      }
      this.#at = this.#endOfLine(i) + 1
      this.#line++
    }
    this.#indent = -1
  }

  #endOfLine(from: number): number {
    const end = this.#text.indexOf('\n', from)
    return end < 0 ? this.#text.length : end
  }

  /** A mapping whose keys stand in one column; the first may stand behind the dash of a list. */
  #mapping(indent: number, first: number, depth: number): BlockDocument {
    if (depth > DEEPEST) throw UNSURE
    const value: Record<string, unknown> = {}
    const parts = new Map<string | number, Mark>()
    const mark = { line: this.#line, column: first - this.#at + 1, parts }
    let start = first
    do {
      const key = this.#key(start)
      if (key === undefined || parts.has(key.name) || key.name === '__proto__') throw UNSURE
      const place = { line: this.#line, column: start - this.#at + 1 }
      const read = this.#valueOf(key.end, indent, true, depth)
      value[key.name] = read.value
      parts.set(key.name, {
        ...place,
        ...(read.mark.parts && { parts: read.mark.parts }),
        ...(read.mark.opaque && { opaque: true }),
      })
      start = this.#at + indent
      // A list in the column of its key has ended there.
    } while (this.#indent === indent && this.#text.charCodeAt(start) !== DASH)
    if (this.#indent > indent) throw UNSURE
    return { value, mark }
  }

  #key(at: number): { name: string; end: number } | undefined {
    KEY.lastIndex = at
    const match = KEY.exec(this.#text)
    if (!match) return undefined
    const [whole, plain, double, single] = match
    if (plain !== undefined && typeof plainValue(plain) !== 'string') return undefined
    const name = plain ?? double ?? single ?? ''
    return CONTROL.test(name) ? undefined : { name, end: at + whole.length }
  }

  #list(indent: number, depth: number): BlockDocument {
    if (depth > DEEPEST) throw UNSURE
    const value: unknown[] = []
    const parts = new Map<string | number, Mark>()
    const mark = { line: this.#line, column: indent + 1, parts }
    while (this.#indent === indent && this.#text.charCodeAt(this.#at + indent) === DASH) {
      const after = this.#at + indent + 1
      const c = this.#text.charCodeAt(after)
      if (c !== SPACE && c !== NEWLINE && after < this.#text.length) throw UNSURE
      const read = this.#valueOf(after, indent, false, depth)
      parts.set(value.length, read.mark)
      value.push(read.value)
    }
    if (this.#indent > indent) throw UNSURE
    return { value, mark }
  }

  /** What stands behind `key:` or `-`, on the same line or below, of a parent in the column `indent`. */
  #valueOf(after: number, indent: number, ofKey: boolean, depth: number): BlockDocument {
    const text = this.#text
    let at = after
    while (text.charCodeAt(at) === SPACE) at++
    const mark = { line: this.#line, column: at - this.#at + 1 }
    const c = text.charCodeAt(at)
    if (at >= text.length || c === NEWLINE || (c === HASH && at > after)) {
      this.#next(at)
      const isItem = text.charCodeAt(this.#at + this.#indent) === DASH && this.#isDash(this.#at + this.#indent)
      if (this.#indent > indent || (ofKey && this.#indent === indent && isItem))
        return isItem
          ? this.#list(this.#indent, depth + 1)
          : this.#mapping(this.#indent, this.#at + this.#indent, depth + 1)
      // An item without anything.
      if (!ofKey) throw UNSURE
      return { value: null, mark }
    }
    if (c === 124) return this.#literal(at, indent, mark)
    if (!ofKey) {
      if (c === DASH && this.#isDash(at)) throw UNSURE
      if (this.#key(at)) return this.#mapping(at - this.#at, at, depth + 1)
    }
    const scalar = this.#inline(at, depth)
    this.#expectRest(scalar.end)
    const value =
      scalar.plain === undefined ? scalar.value : this.#continued(scalar.plain, scalar.value, scalar.end, indent)
    this.#next(this.#endOfLine(Math.max(scalar.end, this.#at)))
    return { value, mark: scalar.flow ? { ...mark, opaque: true } : mark }
  }

  /** Lines further in that follow a scalar without quotes belong to it; a blank joins them. Leaves the last one as the current. */
  #continued(first: string, value: unknown, end: number, indent: number): unknown {
    const text = this.#text
    let whole = first
    for (let stop = end; text.charCodeAt(stop) === NEWLINE; ) {
      const from = this.#blanks(stop + 1)
      const next = this.#endOfLine(from)
      if (from - stop - 1 <= indent || from >= next || text.charCodeAt(from) === HASH) break
      const line = text.slice(from, next).replace(BLANK_END, '')
      if (/^$|: |:$| #/.test(line) || CONTROL.test(line)) throw UNSURE
      whole += ` ${line}`
      this.#at = stop + 1
      this.#line++
      stop = next
    }
    return whole === first ? value : whole
  }

  #isDash(at: number): boolean {
    const c = this.#text.charCodeAt(at + 1)
    return c === SPACE || c === NEWLINE || at + 1 >= this.#text.length
  }

  #expectRest(at: number): void {
    REST.lastIndex = at
    if (!REST.test(this.#text)) throw UNSURE
  }

  #inline(at: number, depth: number): { value: unknown; end: number; plain?: string; flow?: boolean } {
    const c = this.#text.charCodeAt(at)
    if (c === 34 || c === 39) return this.#quoted(at)
    if (c === 91 || c === 123) return { ...this.#flow(at, depth), flow: true }
    const end = this.#endOfLine(at)
    let plain = this.#text.slice(at, end)
    const comment = plain.indexOf(' #')
    if (comment >= 0) plain = plain.slice(0, comment)
    plain = plain.replace(BLANK_END, '')
    if (INDICATOR.test(plain) || plain.includes(': ') || plain.endsWith(':') || CONTROL.test(plain)) throw UNSURE
    return { value: plainValue(plain), end: at + plain.length, plain }
  }

  #quoted(at: number): { value: string; end: number } {
    const isDouble = this.#text.charCodeAt(at) === 34
    const pattern = isDouble ? DOUBLE_QUOTED : SINGLE_QUOTED
    pattern.lastIndex = at
    const [whole] = pattern.exec(this.#text) ?? []
    if (whole === undefined || CONTROL.test(whole)) throw UNSURE
    const end = at + whole.length
    if (!isDouble) return { value: whole.slice(1, -1).replaceAll("''", "'"), end }
    if (!whole.includes('\\')) return { value: whole.slice(1, -1), end }
    try {
      return { value: JSON.parse(whole) as string, end }
    } catch {
      // An escape that JSON does not know.
      throw UNSURE
    }
  }

  /** A list or mapping in flow style, on one line. */
  #flow(open: number, depth: number): { value: unknown; end: number } {
    if (depth > DEEPEST) throw UNSURE
    const text = this.#text
    const isList = text.charCodeAt(open) === 91
    const close = isList ? 93 : 125
    const list: unknown[] = []
    const mapping: Record<string, unknown> = {}
    let at = this.#blanks(open + 1)
    while (text.charCodeAt(at) !== close) {
      if (isList) {
        const item = this.#flowValue(at, depth)
        list.push(item.value)
        at = item.end
      } else {
        const key = this.#key(at)
        if (!key || key.name in mapping || text.charCodeAt(key.end) === NEWLINE) throw UNSURE
        const item = this.#flowValue(this.#blanks(key.end), depth)
        mapping[key.name] = item.value
        at = item.end
      }
      at = this.#blanks(at)
      if (text.charCodeAt(at) === 44) at = this.#blanks(at + 1)
      else if (text.charCodeAt(at) !== close) throw UNSURE
    }
    return { value: isList ? list : mapping, end: at + 1 }
  }

  #flowValue(at: number, depth: number): { value: unknown; end: number } {
    const c = this.#text.charCodeAt(at)
    if (c === 34 || c === 39) return this.#quoted(at)
    if (c === 91 || c === 123) return this.#flow(at, depth + 1)
    FLOW_PLAIN.lastIndex = at
    const [whole] = FLOW_PLAIN.exec(this.#text) ?? []
    const plain = whole?.trimEnd() ?? ''
    if (plain === '' || INDICATOR.test(plain)) throw UNSURE
    return { value: plainValue(plain), end: at + plain.length }
  }

  #blanks(from: number): number {
    let at = from
    while (this.#text.charCodeAt(at) === SPACE) at++
    return at
  }

  /** A block of lines as they stand. */
  #literal(at: number, indent: number, mark: Mark): BlockDocument {
    LITERAL.lastIndex = at
    const header = LITERAL.exec(this.#text)
    if (!header) throw UNSURE
    const text = this.#text
    let from = this.#endOfLine(at) + 1
    let line = this.#line + 1
    const lines: string[] = []
    let column = -1
    let blank = 0
    for (; from < text.length; line++) {
      const end = this.#endOfLine(from)
      const spaces = this.#blanks(from) - from
      if (from + spaces >= end) {
        // Blanks of a blank line can be content; a full reader knows.
        if (column < 0 || spaces > column) throw UNSURE
        blank++
      } else {
        if (column < 0 && spaces > indent) column = spaces
        if (column < 0 || spaces < column) break
        // An end without a line break is a case of its own.
        if (end >= text.length) throw UNSURE
        for (; blank > 0; blank--) lines.push('')
        lines.push(text.slice(from + column, end))
      }
      from = end + 1
    }
    if (lines.length === 0) throw UNSURE
    this.#at = Math.min(from, text.length)
    this.#line = line
    this.#settle()
    if (this.#indent > indent) throw UNSURE
    const value = lines.join('\n')
    if (CONTROL.test(value)) throw UNSURE
    return { value: header[1] === '-' ? value : `${value}\n`, mark }
  }
}

/** Letters that mean something at the begin of a scalar. */
const INDICATOR = /^(?:[,[\]{}#&*!|>'"%@`]|[-?:](?:\s|$)|[?:])/
const MAYBE_NOT_TEXT = /^[-+.\d~nNtTfF]/
const SHORT_NUMBER = /^-?(?:0|[1-9]\d{0,11})(?:\.\d{1,3})?$/
const NUMBER_LIKE =
  /^[-+]?(?:0o[0-7]+|0x[\da-fA-F]+|\d+|(?:\.\d+|\d+\.?\d*)(?:[eE][-+]?\d+)?|\.(?:inf|Inf|INF))$|^\.(?:nan|NaN|NAN)$/

/** A scalar without quotes by YAML's core schema. */
function plainValue(plain: string): unknown {
  if (!MAYBE_NOT_TEXT.test(plain)) return plain
  if (SHORT_NUMBER.test(plain)) return Number(plain)
  if (NUMBER_LIKE.test(plain)) throw UNSURE
  if (/^(?:true|True|TRUE)$/.test(plain)) return true
  if (/^(?:false|False|FALSE)$/.test(plain)) return false
  return /^(?:~|null|Null|NULL)$/.test(plain) ? null : plain
}
