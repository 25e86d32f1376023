import type { MapEntry, ValueNode } from '../../sources/value-node.ts'

/** A text that is no literal of a programming language. */
export class LiteralError extends Error {
  override name = 'LiteralError'
}

const MAX_DEPTH = 40
/** No expression between two commas of a policy is longer. */
const MAX_EXPRESSION = 2000
const WORDS: Readonly<Record<string, boolean | null>> = {
  true: true,
  false: false,
  null: null,
  True: true,
  False: false,
  None: null,
  nil: null,
}
/** What stands before the braces of Go's literals: `[]string{`, `map[string]interface{}{`, `pulumi.StringArray{`. */
const GO_TYPE = /^(?:(?:\[\]|map\[\w+\])+[\w.]+(?:\{\})?|&?[a-z]\w*\.[A-Z]\w*)\{/
/** What programs fill in: `%s`, `{0}`, `{name}`, `#{name}`, `{{ name }}`, `$NAME`. `${…}` stands as it is. */
const HOLE =
  /\$\{[^}]*\}|#\{([^}]*)\}|\{\{([^}]*)\}\}|\{([\w.!:[\]'"()-]*)\}|%\((\w+)\)[sdr]|%([sdvq])|\$([A-Za-z_]\w*)/g

/**
 * Reads a map at an offset of a program's text: JSON, or a literal of JavaScript, Python, Ruby and the like, with everything that is
 * no literal as an expression. Throws {@link LiteralError}.
 */
export function readLiteral(text: string, start: number): ValueNode {
  return new Reader(text, start).value(0)
}

class Reader {
  readonly #text: string
  #at: number

  constructor(text: string, start: number) {
    this.#text = text
    this.#at = start
  }

  value(depth: number): ValueNode {
    if (depth > MAX_DEPTH) throw new LiteralError('nested too deeply')
    this.#skip()
    const start = this.#at
    const char = this.#text[start] ?? ''
    const go = GO_TYPE.exec(this.#text.slice(start, start + 100))
    if (go) {
      this.#at += go[0].length - 1
      return go[0].startsWith('[') || go[0].includes('Array{') ? this.#list(depth, '}') : this.#map(depth)
    }
    if (char === '{') return this.#map(depth)
    if (char === '[') return this.#list(depth)
    if (/^(?:[fFrRbBuU]{0,2}["']|`)/.test(this.#text.slice(start, start + 3))) return this.#strings(start)
    const word = /^[A-Za-z]+(?=\s*[,\]}])/.exec(this.#text.slice(start, start + 20))?.[0] ?? ''
    const plain = WORDS[word]
    if (plain !== undefined) {
      this.#at += word.length
      return { type: 'plain', value: plain, start, end: this.#at }
    }
    return this.#expression(start)
  }

  #map(depth: number): ValueNode {
    const start = this.#at++
    const entries: MapEntry[] = []
    for (;;) {
      this.#skip()
      if (this.#take('}')) return { type: 'map', entries, start, end: this.#at }
      const keyStart = this.#at
      if (this.#text.startsWith('...', keyStart) || this.#text.startsWith('**', keyStart)) {
        entries.push({ key: '...', keyStart, value: this.#expression(keyStart) })
      } else {
        const key = this.#key()
        this.#skip()
        const separator = /^(?:=>|[:=])/.exec(this.#text.slice(this.#at, this.#at + 2))?.[0]
        if (!separator) throw new LiteralError(`no value follows ${key}`)
        this.#at += separator.length
        entries.push({ key, keyStart, value: this.value(depth + 1) })
      }
      this.#skip()
      if (!this.#take(',') && this.#text[this.#at] !== '}') throw new LiteralError('no comma or brace follows a value')
    }
  }

  #list(depth: number, close = ']'): ValueNode {
    const start = this.#at++
    const items: ValueNode[] = []
    for (;;) {
      this.#skip()
      if (this.#take(close)) return { type: 'list', items, start, end: this.#at }
      items.push(this.value(depth + 1))
      this.#skip()
      if (!this.#take(',') && this.#text[this.#at] !== close)
        throw new LiteralError('no comma or bracket follows a value')
    }
  }

  #key(): string {
    const name = /^:?([A-Za-z_$][\w$-]*)/.exec(this.#text.slice(this.#at, this.#at + 200))
    if (name) {
      this.#at += name[0].length
      return name[1] ?? ''
    }
    if (!/["'`]/.test(this.#text[this.#at] ?? '')) throw new LiteralError('expected a key')
    return this.#string()
  }

  /** Strings that are added up; what is not written in them is a placeholder. */
  #strings(start: number): ValueNode {
    let value = withHoles(this.#string())
    for (;;) {
      const end = this.#at
      this.#skip()
      if (/^["'`]/.test(this.#text[this.#at] ?? '')) value += withHoles(this.#string())
      else if (/[+.%]/.test(this.#text[this.#at] ?? '')) {
        const added = this.#take('+')
        this.#skip()
        if (added && /^["'`]/.test(this.#text[this.#at] ?? '')) value += withHoles(this.#string())
        else {
          const rest = this.#expression(this.#at, added)
          // `.format(…)` and `% x` fill holes that stand in the text already.
          if (added && rest.type === 'expression') value += rest.text.startsWith('${') ? rest.text : `\${${rest.text}}`
        }
      } else return { type: 'string', value, start, end }
    }
  }

  #string(): string {
    while (/[A-Za-z]/.test(this.#text[this.#at] ?? '')) this.#at++
    const quote = this.#text[this.#at] ?? ''
    let value = ''
    for (let i = this.#at + 1; i < this.#text.length; i++) {
      const char = this.#text[i] ?? ''
      if (char === quote) {
        this.#at = i + 1
        return value
      }
      if (char === '\n' && quote !== '`') break
      if (char === '\\') value += this.#text[++i] ?? ''
      else value += char
    }
    throw new LiteralError('a string is not closed')
  }

  /** Everything up to the comma or bracket that ends it; `operand`: up to the next `+`, too. */
  #expression(start: number, operand = false): ValueNode {
    let depth = 0
    let end = start
    for (; end < this.#text.length && end - start < MAX_EXPRESSION; end++) {
      const char = this.#text[end] ?? ''
      if (depth === 0 && (/[,\]})]/.test(char) || (operand && char === '+'))) break
      if (/["'`]/.test(char)) {
        this.#at = end
        this.#string()
        end = this.#at - 1
      } else if (/[([{]/.test(char)) depth++
      else if (/[)\]}]/.test(char)) depth--
    }
    const text = this.#text.slice(start, end).replace(/\s+/g, ' ').trim()
    if (text === '' || end - start >= MAX_EXPRESSION) throw new LiteralError('expected a value')
    this.#at = end
    const number = /^-?\d+(?:\.\d+)?$/.test(text)
    if (number) return { type: 'string', value: text, start, end }
    return { type: 'expression', text: /^\$\{[^}]*\}$/.test(text) ? text : `value ${text}`, parts: [], start, end }
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false
    this.#at++
    return true
  }

  /** White space and comments, and the backslash that continues a line. */
  #skip(): void {
    for (;;) {
      const rest = this.#text.slice(this.#at, this.#at + 2)
      if (/^\s/.test(rest) || rest === '\\\n') this.#at++
      else if (rest === '//' || rest[0] === '#') this.#at = this.#lineEnd()
      else if (rest === '/*') {
        const end = this.#text.indexOf('*/', this.#at)
        if (end < 0) throw new LiteralError('a comment is not closed')
        this.#at = end + 2
      } else return
    }
  }

  #lineEnd(): number {
    const end = this.#text.indexOf('\n', this.#at)
    return end < 0 ? this.#text.length : end
  }
}

/** Texts with what a program fills in as placeholders. */
function withHoles(text: string): string {
  return text.replace(HOLE, (whole: string, ...names: (string | undefined)[]) => {
    if (whole.startsWith('${')) return whole
    return `\${value ${
      names
        .slice(0, 6)
        .find((name) => name !== undefined)
        ?.trim() ?? ''
    }}`
  })
}
