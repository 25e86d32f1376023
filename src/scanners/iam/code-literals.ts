import { moved, type ValueNode } from '../../sources/value-node.ts'
import { LiteralError, readLiteral } from './literal-reader.ts'

/** A document that stands in a program. */
export interface CodeDocument {
  readonly node: ValueNode
  /** What it is assigned to or passed as; empty if that is not seen. */
  readonly name: string
}
export interface CodeLiterals {
  readonly documents: CodeDocument[]
  /** Documents that the program puts together: where, and why they cannot be read. */
  readonly unread: { readonly offset: number; readonly message: string }[]
}

/** The key of a policy's statements, with or without quotes that may be escaped. */
const STATEMENT = /(?<![\w.])(\\{0,8}["'])?Statement(?:\\{0,8}["'])?\s*(?:=>|:)\s*(?:[[{]|[a-z]\w*\.[A-Z]\w*\{)/g
/** How far a document's brace may stand before its statements: `Version` and `Id` come first. */
const LOOK_BACK = 500
const MAX_LENGTH = 100_000

/** Cheap test: the version of the policy language, and the words of a statement. */
export function mayHoldLiteral(text: string): boolean {
  return (
    text.includes('-10-17') && /20(?:12|08)-10-17/.test(text) && text.includes('Statement') && text.includes('Effect')
  )
}

/**
 * Finds policy documents in a program's text by their shape: JSON within strings of any kind, literals of maps. What the program
 * fills in stands as an expression or as `${value …}` in a text.
 */
export function findCodeLiterals(text: string): CodeLiterals {
  const result: CodeLiterals = { documents: [], unread: [] }
  let from = 0
  STATEMENT.lastIndex = 0
  for (const match of text.matchAll(STATEMENT)) {
    const start = match.index < from ? -1 : openingBrace(text, match.index)
    if (start < 0 || !/20(?:12|08)-10-17/.test(text.slice(start, match.index + MAX_LENGTH))) continue
    try {
      const node = readAt(text, start, match[1]?.startsWith('\\') === true)
      result.documents.push({ node, name: nameBefore(text, start) })
      from = node.end
    } catch (error) {
      if (!(error instanceof LiteralError)) throw error
      const near = text.slice(start, match.index + 300)
      if (/20(?:12|08)-10-17/.test(near) && /Effect/.test(near))
        result.unread.push({ offset: start, message: error.message })
    }
  }
  return result
}

function openingBrace(text: string, key: number): number {
  let depth = 0
  for (let i = key - 1; i >= Math.max(0, key - LOOK_BACK); i--) {
    if (text[i] === '}') depth++
    if (text[i] === '{' && depth-- === 0) return i
  }
  return -1
}

function readAt(text: string, start: number, escaped: boolean): ValueNode {
  const before = text[start - 1] ?? ''
  const triple = /(?:"""|''')$/.test(text.slice(Math.max(0, start - 3), start))
  const doubled = before === '{'
  const quoted = !triple && /["']/.test(before)
  if (!escaped && !doubled && !quoted) return readLiteral(text, start)
  const decoded = decode(text, start, { quote: quoted || escaped ? (quoted ? before : '"') : '', doubled })
  const node = readLiteral(decoded.text, 0)
  return moved(node, (offset) => decoded.origins[offset] ?? start)
}

interface Coding {
  /** What ends the string; empty if it ends where the document does. */
  readonly quote: string
  /** Braces are written twice, as in Python's f-strings. */
  readonly doubled: boolean
}

/** The text of a string literal and of those that are added to it, with the place of each character. */
function decode(text: string, start: number, { quote, doubled }: Coding): { text: string; origins: number[] } {
  let result = ''
  const origins: number[] = []
  const push = (piece: string, at: number) => {
    result += piece
    for (let i = 0; i < piece.length; i++) origins.push(at)
  }
  for (let i = start; i < text.length && i - start < MAX_LENGTH; i++) {
    const char = text[i] ?? ''
    if (char === '\\' && quote !== '') {
      const next = text[++i] ?? ''
      push(next === 'n' || next === '\n' ? '\n' : next === 't' ? '\t' : next, i)
    } else if (quote !== '' && char === quote) {
      const more = continuation(text, i + 1, quote)
      if (!more) break
      if (more.hole) push(`\${value ${more.hole}}`, i)
      i = more.at - 1
    } else {
      push(char, i)
      if (doubled && /[{}]/.test(char) && text[i + 1] === char) i++
    }
  }
  return { text: result, origins }
}

/** Where a string goes on after its quote: `" + "`, `" \` and a new line, `" + name + "`, `'"$NAME"'`. */
function continuation(text: string, at: number, quote: string): { at: number; hole?: string } | undefined {
  const rest = text.slice(at, at + 400)
  const joined = /^\s*(?:[+.&]|\\\s*\n)?\s*(["'])/.exec(rest)
  if (joined && joined[1] === quote) return { at: at + joined[0].length }
  const hole = /^\s*[+.]\s*([^'"`;{}]{1,200}?)\s*[+.]\s*(["'])/.exec(rest) ?? /^"?\$\{?(\w+)\}?"?(')/.exec(rest)
  return hole && hole[2] === quote ? { at: at + hole[0].length, hole: hole[1]?.replace(/\s+/g, ' ') ?? '' } : undefined
}

/** `policy` for `const policy = JSON.stringify({`, `PolicyDocument` for `PolicyDocument: json.dumps({`. */
function nameBefore(text: string, start: number): string {
  const lines = text
    .slice(Math.max(0, start - 300), start)
    .replace(/(?:(?:\[\]|map\[\w+\])+[\w.]+(?:\{\})?|[\w.]+)$/, '')
  return /([A-Za-z_][\w-]*)["']?\s*(?::=|=>|[:=])(?:\s*[\w.]+\(){0,3}\s*\w{0,2}[\s"'`({\\]*$/.exec(lines)?.[1] ?? ''
}
