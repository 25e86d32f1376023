import { ContextAccess, type Expr, FunctionCall, Grouping, IndexAccess, Logical } from '@actions/expressions/ast'
import { expressionsOf, referencesOf } from '../../sources/github-expressions.ts'
import { textOf, type ValueNode } from '../../sources/value-node.ts'

/** Functions whose result holds no text of their arguments. */
const TELLS_ONLY = new Set([
  'contains',
  'startswith',
  'endswith',
  'hashfiles',
  'always',
  'success',
  'failure',
  'cancelled',
])

/**
 * What of contexts passes into the value of an expression, as `referencesOf` has it. Comparisons give true or false; `a && b` gives b, or
 * something empty; functions such as format, join and toJSON hand on what they are given.
 */
export function flowsOf(tree: Expr): string[] {
  return [...new Set(flow(tree))]
}

function flow(node: Expr): string[] {
  if (node instanceof ContextAccess) return referencesOf(node)
  if (node instanceof Grouping) return flow(node.group)
  // `fromJSON(x).y` is a part of x.
  if (node instanceof IndexAccess) return isPath(node) ? referencesOf(node) : flow(node.expr)
  if (node instanceof FunctionCall) {
    return TELLS_ONLY.has(node.functionName.lexeme.toLowerCase()) ? [] : node.args.flatMap(flow)
  }
  if (node instanceof Logical) {
    const args = node.operator.lexeme === '&&' ? node.args.slice(-1) : node.args
    return args.flatMap(flow)
  }
  return []
}

function isPath(node: Expr): boolean {
  return node instanceof ContextAccess || (node instanceof IndexAccess && isPath(node.expr))
}

/** An expression of a text, with its place in the file. */
export interface PlacedExpression {
  readonly text: string
  readonly references: readonly string[]
  readonly start: number
  readonly end: number
}

/** The expressions of a value that hand something on. Text that GitHub's grammar refuses never runs. */
export function placedExpressions(node: ValueNode | undefined): PlacedExpression[] {
  const text = textOf(node)
  if (text === undefined || node?.type !== 'string' || !text.includes('${{')) return []
  return expressionsOf(text).flatMap(({ text: written, tree, start, end }) => {
    const references = tree ? flowsOf(tree) : []
    if (references.length === 0) return []
    const from = node.origins?.[start] ?? node.start
    const to = (node.origins?.[end - 1] ?? node.end - 1) + 1
    return [{ text: written, references, start: from, end: to }]
  })
}

/** What of contexts passes into a text, all expressions together. */
export function flowsIn(text: string): string[] {
  return [...new Set(expressionsOf(text).flatMap(({ tree }) => (tree ? flowsOf(tree) : [])))]
}
