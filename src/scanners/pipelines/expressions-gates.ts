import { Binary, type Expr, FunctionCall, Grouping, Literal, Logical, Unary } from '@actions/expressions/ast'
import { childrenOf, referencesOf } from '../../sources/github-expressions.ts'
import { compared, known, type Outcome, truthOf } from './expressions-outsider.ts'

/** What a condition comes to when a stranger caused the event. */
export interface Gate {
  readonly open: boolean
  /** What the stranger needs besides; see the fact ci.gate. */
  readonly guards: readonly string[]
  /** The condition does without GitHub's implied `success()`. */
  readonly always: boolean
}

/** Status functions: a condition that has one runs also after a failure or a skipped job. */
const STATUS = new Set(['always', 'failure', 'cancelled'])

/** No condition: runs if all before it did. */
export const OPEN: Gate = { open: true, guards: [], always: false }

/** Whether a condition can hold under an event that a stranger caused, and what he needs for it. */
export function gateOf(tree: Expr, event: string): Gate {
  const { yes } = outcomeOf(tree, event)
  return { open: yes !== undefined, guards: yes ?? [], always: callsOf(tree).some((name) => STATUS.has(name)) }
}

function outcomeOf(node: Expr, event: string): Outcome {
  if (node instanceof Grouping) return outcomeOf(node.group, event)
  if (node instanceof Literal) return known(isTrue(node))
  if (node instanceof Unary) {
    const { yes, no } = outcomeOf(node.expr, event)
    return { ...(no && { yes: no }), ...(yes && { no: yes }) }
  }
  if (node instanceof Logical) {
    const parts = node.args.map((arg) => outcomeOf(arg, event))
    const yes = parts.map((part) => part.yes)
    const no = parts.map((part) => part.no)
    return node.operator.lexeme === '&&' ? outcome(all(yes), least(no)) : outcome(least(yes), all(no))
  }
  if (node instanceof Binary) return compared(node, event)
  if (node instanceof FunctionCall) return called(node, event)
  return truthOf(referencesOf(node)[0] ?? '', event)
}

function outcome(yes: readonly string[] | undefined, no: readonly string[] | undefined): Outcome {
  return { ...(yes && { yes }), ...(no && { no }) }
}

/** All must hold: what each needs, or undefined if one cannot. */
function all(parts: readonly (readonly string[] | undefined)[]): readonly string[] | undefined {
  if (parts.includes(undefined)) return undefined
  return [...new Set(parts.flatMap((part) => part ?? []))]
}

/** One is enough: the easiest. */
function least(parts: readonly (readonly string[] | undefined)[]): readonly string[] | undefined {
  const possible = parts.filter((part) => part !== undefined)
  return possible.toSorted((a, b) => effort(a) - effort(b))[0]
}

/** A bot can be made to act; an output may be no check at all; a label or a merge needs a person. */
function effort(guards: readonly string[]): number {
  return guards.reduce((sum, guard) => sum + (guard.startsWith('output:') ? 1 : guard.startsWith('bot:') ? 2 : 4), 0)
}

function called(node: FunctionCall, event: string): Outcome {
  const name = node.functionName.lexeme.toLowerCase()
  if (name === 'always') return known(true)
  if (name === 'success' || name === 'failure' || name === 'cancelled') return { yes: [], no: [] }
  return compared(node, event)
}

function callsOf(node: Expr): string[] {
  const own = node instanceof FunctionCall ? [node.functionName.lexeme.toLowerCase()] : []
  return [...own, ...childrenOf(node).flatMap(callsOf)]
}

function isTrue(node: Literal): boolean {
  const text = node.literal.coerceString()
  return text !== '' && text !== 'false' && text !== '0'
}
