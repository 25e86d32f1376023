import { normalize, type Range } from './byte-ranges.ts'
import type { Assertion, Node } from './pattern-node.ts'
import { PatternError, parsePattern } from './re2-syntax.ts'

export { PatternError } from './re2-syntax.ts'

/** A JavaScript regular expression as data: what a rule bundle holds. */
export interface Pattern {
  readonly source: string
  readonly flags: string
}

/**
 * Translates RE2 syntax into a JavaScript regular expression with the same matches over text that holds one byte per
 * character (`latin1`). No flags are needed: case folding is spelled out as classes, since Node 20 knows no `(?i:…)`.
 * Throws PatternError for what RE2 rejects.
 */
export function translate(source: string): Pattern {
  const js = write(parsePattern(source))
  try {
    new RegExp(js)
  } catch (error) {
    throw new PatternError(`cannot be expressed in JavaScript: ${(error as Error).message}`, 0)
  }
  return { source: js, flags: '' }
}

/** Reads back what `translate` wrote, so that widths and prefixes can be told from a bundle, too. */
export function parseTranslated(pattern: Pattern): Node {
  const re2 = pattern.source.replaceAll(LINE_START, '(?m:^)').replaceAll(LINE_END, '(?m:$)')
  return parsePattern(re2)
}

const LINE_START = '(?<![^\\n])'
const LINE_END = '(?![^\\n])'
const ASSERTIONS: Readonly<Record<Assertion, string>> = {
  'text-start': '^',
  'text-end': '$',
  'line-start': LINE_START,
  'line-end': LINE_END,
  'word-boundary': '\\b',
  'no-word-boundary': '\\B',
}

function write(node: Node): string {
  switch (node.type) {
    case 'class':
      return writeClass(node.ranges)
    case 'assertion':
      return ASSERTIONS[node.kind]
    case 'concat':
      return node.parts.map((part) => (part.type === 'alternation' ? `(?:${write(part)})` : write(part))).join('')
    case 'alternation':
      return node.branches.map(write).join('|')
    case 'group':
      // Other names mean nothing to the detection, and JavaScript is stricter about them.
      return `(${node.name === 'secret' ? '?<secret>' : ''}${write(node.body)})`
    case 'repeat':
      return `${writeAtom(node.body)}${writeCounts(node.min, node.max)}${node.greedy ? '' : '?'}`
  }
}

function writeAtom(node: Node): string {
  return node.type === 'class' || node.type === 'group' ? write(node) : `(?:${write(node)})`
}

function writeCounts(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`
  if (min === 0 && max === 1) return '?'
  return min === max ? `{${min}}` : `{${min},${max}}`
}

function writeClass(given: readonly Range[]): string {
  const ranges = normalize(given)
  const [only] = ranges
  if (!only) return '[^\\x00-\\xff]'
  if (ranges.length === 1 && only[0] === only[1]) return writeByte(only[0], /[\\^$.*+?()[\]{}|/]/)
  if (ranges.length === 1 && only[0] === 0 && only[1] === 255) return '[\\x00-\\xff]'
  return `[${ranges.map(writeRange).join('')}]`
}

function writeRange([first, last]: Range): string {
  const special = /[\\\]^[-]/
  if (first === last) return writeByte(first, special)
  return `${writeByte(first, special)}${last > first + 1 ? '-' : ''}${writeByte(last, special)}`
}

function writeByte(byte: number, special: RegExp): string {
  const character = String.fromCharCode(byte)
  if (byte === 10) return '\\n'
  if (byte < 32 || byte > 126) return `\\x${byte.toString(16).padStart(2, '0')}`
  return special.test(character) ? `\\${character}` : character
}
