import type { Assertion, Node } from './pattern-node.ts'
import { PatternError, parsePattern } from './re2-syntax.ts'

/**
 * Whether a pattern matches somewhere in a text, in time that grows with pattern × text at most, as in RE2: for patterns that come
 * from audited trees and have to be taken as they are. Groups are not told.
 */
export interface LinearPattern {
  /** `text` holds one byte per character. */
  test(text: string): boolean
}

type Step =
  | { readonly op: 'bytes'; readonly accepts: Uint8Array; readonly next: number }
  | { readonly op: 'fork'; readonly next: number; readonly other: number }
  | { readonly op: 'assert'; readonly kind: Assertion; readonly next: number }
  | { readonly op: 'match' }

/** Counted repetitions are written out; RE2 has a limit on this, too. */
const MOST_STEPS = 20_000

/** Compiles RE2 syntax. Throws PatternError for what RE2 rejects, or if the pattern is too large. */
export function linearPattern(source: string): LinearPattern {
  const steps: Step[] = [{ op: 'match' }]
  const add = (step: Step): number => {
    if (steps.length >= MOST_STEPS) throw new PatternError('is too large', 0)
    return steps.push(step) - 1
  }
  const start = compile(parsePattern(source), 0, add, steps)
  return { test: (text) => search(steps, start, text) }
}

/** Written from the end: gives the first step of a node that goes on at `next`. */
function compile(node: Node, next: number, add: (step: Step) => number, steps: Step[]): number {
  switch (node.type) {
    case 'class': {
      const accepts = new Uint8Array(256)
      for (const [first, last] of node.ranges) accepts.fill(1, first, last + 1)
      return add({ op: 'bytes', accepts, next })
    }
    case 'assertion':
      return add({ op: 'assert', kind: node.kind, next })
    case 'group':
      return compile(node.body, next, add, steps)
    case 'concat':
      return node.parts.reduceRight((after, part) => compile(part, after, add, steps), next)
    case 'alternation':
      return node.branches
        .map((branch) => compile(branch, next, add, steps))
        .reduceRight((other, first) => add({ op: 'fork', next: first, other }))
    case 'repeat': {
      let first = next
      if (node.max === Number.POSITIVE_INFINITY) {
        const loop = add({ op: 'fork', next, other: next })
        steps[loop] = { op: 'fork', next: compile(node.body, loop, add, steps), other: next }
        first = loop
      } else {
        for (let i = node.min; i < node.max; i++)
          first = add({ op: 'fork', next: compile(node.body, first, add, steps), other: next })
      }
      for (let i = 0; i < node.min; i++) first = compile(node.body, first, add, steps)
      return first
    }
  }
}

/** All states at once, byte for byte; a state is entered once at a position. */
function search(steps: readonly Step[], start: number, text: string): boolean {
  const entered = new Int32Array(steps.length).fill(-1)
  let states: number[] = []
  for (let at = 0; at <= text.length; at++) {
    const next: number[] = []
    const pending = [...states, start]
    for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
      if (entered[state] === at) continue
      entered[state] = at
      const step = steps[state] as Step
      if (step.op === 'match') return true
      if (step.op === 'fork') pending.push(step.next, step.other)
      else if (step.op === 'assert') {
        if (holds(step.kind, text, at)) pending.push(step.next)
      } else if (at < text.length && step.accepts[text.charCodeAt(at) & 0xff] === 1) next.push(step.next)
    }
    states = next
  }
  return false
}

function holds(kind: Assertion, text: string, at: number): boolean {
  const isWord = (index: number) => /\w/.test(text[index] ?? '')
  switch (kind) {
    case 'text-start':
      return at === 0
    case 'text-end':
      return at === text.length
    case 'line-start':
      return at === 0 || text[at - 1] === '\n'
    case 'line-end':
      return at === text.length || text[at] === '\n'
    case 'word-boundary':
      return isWord(at - 1) !== isWord(at)
    case 'no-word-boundary':
      return isWord(at - 1) === isWord(at)
  }
}
