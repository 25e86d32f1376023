import { Lexer, Parser } from '@actions/expressions'
import type { Expr } from '@actions/expressions/ast'
import {
  Binary,
  ContextAccess,
  FunctionCall,
  Grouping,
  IndexAccess,
  Literal,
  Logical,
  Star,
  Unary,
} from '@actions/expressions/ast'

/** A part `${{ … }}` of a text. */
export interface Expression {
  /** What stands between the braces, trimmed. */
  readonly text: string
  /** Offsets in the text, of `${{` and behind `}}`. */
  readonly start: number
  readonly end: number
  /** Absent if GitHub's grammar refuses the text: such a workflow does not start. */
  readonly tree?: Expr
}

/** GitHub's contexts. Source: https://docs.github.com/en/actions/reference/workflows-and-actions/contexts */
const CONTEXTS = [
  'github',
  'env',
  'vars',
  'job',
  'jobs',
  'steps',
  'runner',
  'secrets',
  'strategy',
  'matrix',
  'needs',
  'inputs',
]
/** Functions that are known in some places only; the others are built into the grammar. */
const FUNCTIONS = [
  { name: 'always', minArgs: 0, maxArgs: 0 },
  { name: 'cancelled', minArgs: 0, maxArgs: 0 },
  { name: 'success', minArgs: 0, maxArgs: 255 },
  { name: 'failure', minArgs: 0, maxArgs: 255 },
  { name: 'hashFiles', minArgs: 1, maxArgs: 255 },
]

/** The expressions of a text, in their order. Braces in quotes do not end one. */
export function expressionsOf(text: string): Expression[] {
  const found: Expression[] = []
  for (let start = text.indexOf('${{'); start >= 0; start = text.indexOf('${{', start)) {
    const end = endOf(text, start + 3)
    if (end < 0) break
    found.push(parsed(text.slice(start + 3, end - 2).trim(), start, end))
    start = end
  }
  return found
}

/**
 * A condition (`if:`): an expression whose braces may be left out. One that has text around its braces is text, which is always true; that
 * includes the line break that `if: |` and `if: >` leave at the end.
 */
export function conditionOf(text: string): Expression | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  const inside = expressionsOf(text)
  if (inside.length === 0) return parsed(trimmed, 0, text.length)
  const [only] = inside
  return inside.length === 1 && only?.start === 0 && only.end === text.length ? only : undefined
}

function endOf(text: string, from: number): number {
  let quoted = false
  for (let i = from; i < text.length; i++) {
    if (text[i] === "'") quoted = !quoted
    else if (!quoted && text.startsWith('}}', i)) return i + 2
  }
  return -1
}

function parsed(text: string, start: number, end: number): Expression {
  try {
    const tree = new Parser(new Lexer(text).lex().tokens, CONTEXTS, FUNCTIONS).parse()
    return { text, start, end, tree }
  } catch {
    // Not a gap of ours: GitHub refuses the same text.
    return { text, start, end }
  }
}

/**
 * What an expression takes from contexts, as lower-case paths: `github.event.issue.title`, `steps.build.outputs.version`. A filter is `*`, an
 * index that only a run knows is `?`. `secrets` alone is the whole context.
 */
export function referencesOf(tree: Expr): string[] {
  const found: string[] = []
  visit(tree, found)
  return [...new Set(found)]
}

function visit(node: Expr, found: string[]): void {
  const path = pathOf(node, found)
  if (path) found.push(path.join('.'))
  else for (const child of childrenOf(node)) visit(child, found)
}

/** The path of a chain of accesses; the expressions in its brackets are visited, too. */
function pathOf(node: Expr, found: string[]): string[] | undefined {
  if (node instanceof ContextAccess) return [node.name.lexeme.toLowerCase()]
  if (!(node instanceof IndexAccess)) return undefined
  const base = pathOf(node.expr, found)
  if (!base) return undefined
  if (node.index instanceof Star) return [...base, '*']
  if (node.index instanceof Literal) return [...base, node.index.literal.coerceString().toLowerCase()]
  visit(node.index, found)
  return [...base, '?']
}

/** The parts that an expression is made of. */
export function childrenOf(node: Expr): readonly Expr[] {
  if (node instanceof Unary) return [node.expr]
  if (node instanceof Binary) return [node.left, node.right]
  if (node instanceof Logical || node instanceof FunctionCall) return node.args
  if (node instanceof Grouping) return [node.group]
  if (node instanceof IndexAccess) return [node.expr, node.index]
  return []
}
