import { Buffer } from 'node:buffer'
import { complement, fold, normalize, PERL, POSIX, type Range } from './byte-ranges.ts'
import { type Assertion, type Node, repeatSize } from './pattern-node.ts'

/** A pattern that RE2 refuses, or that bytes cannot express; `offset` counts from the start of the pattern. */
export class PatternError extends Error {
  override name = 'PatternError'
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

/** RE2's own limit for `{n}`, also for nested ones together. */
const MAX_REPEAT = 1000
const MAX_DEPTH = 200

const CONTROL: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 }

interface Flags {
  readonly i: boolean
  readonly m: boolean
  readonly s: boolean
  readonly U: boolean
}

/**
 * Parses RE2's syntax (https://github.com/google/re2/wiki/Syntax), as the Go `regexp` package reads it. Patterns run over bytes:
 * a literal that is not ASCII stands for its UTF-8 bytes, and `.` or a negated class takes one byte. Throws PatternError for what RE2 rejects (lookaround,
 * backreferences, …).
 */
export function parsePattern(source: string): Node {
  return new Parser(source).parse()
}

class Parser {
  readonly #source: string
  #at = 0
  #flags: Flags = { i: false, m: false, s: false, U: false }
  #depth = 0
  #hasSecret = false

  constructor(source: string) {
    this.#source = source
  }

  parse(): Node {
    const node = this.#alternation()
    if (this.#at < this.#source.length) this.#fail('unexpected )')
    return node
  }

  #alternation(): Node {
    if (++this.#depth > MAX_DEPTH) this.#fail('groups are nested too deeply')
    const branches = [this.#concat()]
    while (this.#take('|')) branches.push(this.#concat())
    this.#depth--
    return branches.length === 1 && branches[0] ? branches[0] : { type: 'alternation', branches }
  }

  #concat(): Node {
    const parts: Node[] = []
    while (this.#at < this.#source.length && this.#peek() !== '|' && this.#peek() !== ')') {
      const start = this.#at
      const items = this.#atom()
      const last = items.pop()
      if (!last) continue
      parts.push(...items, this.#repeats(last, start))
    }
    return parts.length === 1 && parts[0] ? parts[0] : { type: 'concat', parts }
  }

  /** One atom as a list: a quoted literal or a non-ASCII character is several bytes, a flag group none. */
  #atom(): Node[] {
    const start = this.#at
    const character = this.#next()
    switch (character) {
      case '(':
        return this.#group(start)
      case '[':
        return [{ type: 'class', ranges: this.#class(start) }]
      case '\\':
        return this.#escape(start)
      case '.':
        return [
          {
            type: 'class',
            ranges: this.#flags.s
              ? [[0, 255]]
              : [
                  [0, 9],
                  [11, 255],
                ],
          },
        ]
      case '^':
        return [{ type: 'assertion', kind: this.#flags.m ? 'line-start' : 'text-start' }]
      case '$':
        return [{ type: 'assertion', kind: this.#flags.m ? 'line-end' : 'text-end' }]
      case '*':
      case '+':
      case '?':
        return this.#fail(`missing argument to repetition operator: ${character}`, start)
      default:
        if (character === '{' && this.#counts(start))
          return this.#fail('missing argument to repetition operator', start)
        return this.#literal(character)
    }
  }

  #repeats(atom: Node, start: number): Node {
    let node = atom
    let repeated = false
    for (;;) {
      const at = this.#at
      const counts = this.#quantifier()
      if (!counts) return node
      if (repeated) this.#fail(`invalid nested repetition operator: ${this.#source.slice(start, this.#at)}`, at)
      const lazy = this.#take('?')
      const [min, max] = counts
      node = { type: 'repeat', body: node, min, max, greedy: lazy === this.#flags.U }
      if (repeatSize(node) > MAX_REPEAT) this.#fail(`invalid repeat count, more than ${MAX_REPEAT}`, at)
      repeated = true
    }
  }

  #quantifier(): readonly [number, number] | undefined {
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY]
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY]
    if (this.#take('?')) return [0, 1]
    if (this.#peek() !== '{') return undefined
    const found = this.#counts(this.#at)
    if (!found) return undefined
    const start = this.#at
    this.#at += found.length
    const { min, max } = found
    if (min > MAX_REPEAT || (max !== Number.POSITIVE_INFINITY && (max > MAX_REPEAT || min > max)))
      this.#fail(`invalid repeat count: ${this.#source.slice(start, this.#at)}`, start)
    return [min, max]
  }

  /** `{n}`, `{n,}` or `{n,m}` at an offset; anything else that begins with a brace is literal text. */
  #counts(at: number): { min: number; max: number; length: number } | undefined {
    const match = /^\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\}/.exec(this.#source.slice(at, at + 24))
    if (!match) return undefined
    const min = Number(match[1])
    const max = match[2] === undefined ? min : match[3] === undefined ? Number.POSITIVE_INFINITY : Number(match[3])
    return { min, max, length: match[0].length }
  }

  #group(start: number): Node[] {
    if (!this.#source.startsWith('?', this.#at)) return [this.#captured(start)]
    const rest = this.#source.slice(this.#at)
    const name = /^\?P?<(\w+)>/.exec(rest)
    if (name?.[1]) {
      // JavaScript before 2025 takes a name once only; the only one that means something here is `secret`.
      if (name[1] === 'secret' && this.#hasSecret)
        this.#fail("the group 'secret' occurs twice; use plain groups", start)
      this.#hasSecret ||= name[1] === 'secret'
      this.#at += name[0].length
      return [this.#captured(start, name[1])]
    }
    if (/^\?(?:[=!>]|<[=!])/.test(rest))
      this.#fail('RE2 has no lookaround or atomic groups; match the neighbour and capture the value in a group', start)
    if (rest.startsWith('?P=')) this.#fail('RE2 has no backreferences', start)
    const flags = /^\?([imsU]*)(?:-([imsU]+))?([:)])/.exec(rest)
    if (!flags || flags[0] === '?)') return this.#fail(`invalid or unsupported group: (${rest.slice(0, 4)}`, start)
    this.#at += flags[0].length
    const outer = this.#flags
    const next: Record<keyof Flags, boolean> = { ...outer }
    for (const flag of flags[1] ?? '') next[flag as keyof Flags] = true
    for (const flag of flags[2] ?? '') next[flag as keyof Flags] = false
    this.#flags = next
    // `(?i)` holds to the end of the group that encloses it; #captured restores the flags there.
    if (flags[3] === ')') return []
    const body = this.#alternation()
    if (!this.#take(')')) this.#fail('missing closing )', start)
    this.#flags = outer
    // A concatenation in its own right, so that a quantifier takes all of it.
    return [{ type: 'concat', parts: [body] }]
  }

  #captured(start: number, name?: string): Node {
    const outer = this.#flags
    const body = this.#alternation()
    if (!this.#take(')')) this.#fail('missing closing )', start)
    this.#flags = outer
    return { type: 'group', body, ...(name !== undefined && { name }) }
  }

  #escape(start: number): Node[] {
    const character = this.#peek()
    if (character === 'Q') {
      const end = this.#source.indexOf('\\E', this.#at)
      const text = this.#source.slice(this.#at + 1, end < 0 ? undefined : end)
      this.#at = end < 0 ? this.#source.length : end + 2
      return [...text].flatMap((each) => this.#literal(each))
    }
    const assertion = ASSERTIONS[character]
    if (assertion) {
      this.#at++
      return [{ type: 'assertion', kind: assertion }]
    }
    const perl = this.#perlClass()
    if (perl) return [{ type: 'class', ranges: perl }]
    return this.#codePoint(this.#escapedCode(start))
  }

  #perlClass(): readonly Range[] | undefined {
    const character = this.#peek()
    const ranges = PERL[character.toLowerCase()]
    if (!ranges) return undefined
    this.#at++
    return character === character.toLowerCase() ? ranges : complement(ranges)
  }

  /** The code point of an escape such as `\n`, `\x7F`, `\x{10FFFF}`, `\012` or `\.`. */
  #escapedCode(start: number): number {
    if (this.#at >= this.#source.length) this.#fail('trailing backslash at end of expression', start)
    const rest = this.#source.slice(this.#at, this.#at + 12)
    const hex = /^x(?:\{([0-9A-Fa-f]{1,8})\}|([0-9A-Fa-f]{2}))/.exec(rest)
    if (hex) {
      this.#at += hex[0].length
      const code = Number.parseInt(hex[1] ?? hex[2] ?? '', 16)
      return code <= 0x10ffff ? code : this.#fail(`invalid escape sequence: \\${hex[0]}`, start)
    }
    const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(rest)
    if (octal) {
      this.#at += octal[0].length
      return Number.parseInt(octal[0], 8)
    }
    const character = this.#next()
    if (/[1-9]/.test(character)) this.#fail(`RE2 has no backreferences: \\${character}`, start)
    const control = CONTROL[character]
    if (control !== undefined) return control
    if (character === 'p' || character === 'P')
      this.#fail(`\\${character} classes are not supported: patterns run over bytes`, start)
    if (/[A-Za-z0-9]/.test(character) || character.charCodeAt(0) > 127)
      this.#fail(`invalid escape sequence: \\${character}`, start)
    return character.charCodeAt(0)
  }

  #class(start: number): readonly Range[] {
    const negated = this.#take('^')
    const ranges: Range[] = []
    let first = true
    while (first || this.#peek() !== ']') {
      if (this.#at >= this.#source.length) this.#fail('missing closing ]', start)
      first = false
      ranges.push(...this.#classItem())
    }
    this.#at++
    // Folding comes before negation: (?i)[^a] excludes both cases.
    const all = normalize(this.#flags.i ? fold(ranges) : ranges)
    return negated ? complement(all) : all
  }

  #classItem(): readonly Range[] {
    const start = this.#at
    const posix = /^\[:(\^?)(\w*):\]/.exec(this.#source.slice(this.#at, this.#at + 14))
    if (posix) {
      const ranges = POSIX[posix[2] ?? '']
      if (!ranges) return this.#fail(`invalid character class range: ${posix[0]}`)
      this.#at += posix[0].length
      return posix[1] === '^' ? complement(ranges) : ranges
    }
    if (this.#peek() === '\\') {
      this.#at++
      const perl = this.#perlClass()
      if (perl) return perl
      this.#at--
    }
    const low = this.#classCode()
    if (this.#peek() !== '-' || this.#source[this.#at + 1] === ']' || this.#at + 1 >= this.#source.length)
      return [[low, low]]
    this.#at++
    const high = this.#classCode()
    if (high < low) this.#fail(`invalid character class range: ${this.#source.slice(start, this.#at)}`, start)
    return [[low, high]]
  }

  #classCode(): number {
    const start = this.#at
    const character = this.#next()
    const code = character === '\\' ? this.#escapedClassCode(start) : (character.codePointAt(0) ?? 0)
    if (code > 127 && !(character === '\\' && code <= 255))
      this.#fail('a class of characters beyond ASCII cannot be matched over bytes; use an alternation', start)
    return code
  }

  #escapedClassCode(start: number): number {
    if (PERL[this.#peek().toLowerCase()]) this.#fail('invalid character class range', start)
    return this.#escapedCode(start)
  }

  #literal(character: string): Node[] {
    return this.#codePoint(character.codePointAt(0) ?? 0)
  }

  #codePoint(code: number): Node[] {
    if (code < 128) {
      const single: Range[] = [[code, code]]
      return [{ type: 'class', ranges: this.#flags.i ? normalize(fold(single)) : single }]
    }
    const parts = [...Buffer.from(String.fromCodePoint(code), 'utf8')].map(
      (byte): Node => ({ type: 'class', ranges: [[byte, byte]] }),
    )
    return [{ type: 'concat', parts }]
  }

  #peek(): string {
    return this.#source[this.#at] ?? ''
  }

  #take(character: string): boolean {
    if (this.#source[this.#at] !== character) return false
    this.#at++
    return true
  }

  #next(): string {
    const character = String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0)
    this.#at += character.length
    return character
  }

  #fail(message: string, offset = this.#at): never {
    throw new PatternError(message, offset)
  }
}

const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  A: 'text-start',
  z: 'text-end',
  b: 'word-boundary',
  B: 'no-word-boundary',
}
