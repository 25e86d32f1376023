import { normalize, type Range } from './byte-ranges.ts'
import { literalAlternatives, widthOf } from './extent.ts'
import type { Node } from './pattern-node.ts'

/** What a backtracking matcher may do at one start: in how many ways a part can match, and in how many steps all are tried. */
export interface Effort {
  readonly ways: number
  readonly steps: number
}

/**
 * An upper bound; `limit` bytes of text bound what the pattern leaves unbounded. A repetition whose characters cannot begin
 * what follows it (`[^:]*:`) has one way only, as have words of which none begins another.
 */
export function effortOf(node: Node, limit: number): Effort {
  switch (node.type) {
    case 'class':
    case 'assertion':
      return { ways: 1, steps: 1 }
    case 'group':
      return effortOf(node.body, limit)
    case 'concat':
      return concatEffort(flatten(node.parts), limit)
    case 'alternation': {
      const branches = node.branches.map((branch) => effortOf(branch, limit))
      const ways = branches.reduce((sum, branch) => sum + branch.ways, 0)
      const steps = branches.reduce((sum, branch) => sum + branch.steps, 0)
      return { ways: areExclusive(node.branches) ? 1 : ways, steps }
    }
    case 'repeat':
      return repeatEffort(effortOf(node.body, limit), node, widthOf(node.body).min, limit)
  }
}

/** Groups that hold a sequence are part of the sequence around them. */
function flatten(parts: readonly Node[]): Node[] {
  return parts.flatMap((part) => {
    const inner = part.type === 'group' ? part.body : part
    return inner.type === 'concat' ? flatten(inner.parts) : [inner]
  })
}

function concatEffort(parts: readonly Node[], limit: number): Effort {
  let ways = 1
  let steps = 0
  for (const [index, part] of parts.entries()) {
    const effort = effortOf(part, limit)
    steps += ways * effort.steps
    const decided = part.type === 'repeat' && endsByItself(part.body, parts.slice(index + 1), limit)
    if (!decided) ways *= effort.ways
  }
  return { ways, steps }
}

/** Whether what is repeated matches in one way, and cannot begin what follows: then it is clear when to stop. */
function endsByItself(body: Node, rest: readonly Node[], limit: number): boolean {
  const own = firstOf(body)
  const next = firstOf({ type: 'concat', parts: rest })
  return !own.nullable && !next.nullable && effortOf(body, limit).ways === 1 && !overlap(own.ranges, next.ranges)
}

interface First {
  readonly ranges: readonly Range[]
  readonly nullable: boolean
}

function firstOf(node: Node): First {
  switch (node.type) {
    case 'class':
      return { ranges: node.ranges, nullable: false }
    case 'assertion':
      return { ranges: [], nullable: true }
    case 'group':
      return firstOf(node.body)
    case 'alternation': {
      const all = node.branches.map(firstOf)
      return { ranges: all.flatMap((first) => first.ranges), nullable: all.some((first) => first.nullable) }
    }
    case 'repeat': {
      const body = firstOf(node.body)
      return { ranges: body.ranges, nullable: body.nullable || node.min === 0 }
    }
    case 'concat': {
      const ranges: Range[] = []
      for (const part of node.parts) {
        const first = firstOf(part)
        ranges.push(...first.ranges)
        if (!first.nullable) return { ranges, nullable: false }
      }
      return { ranges, nullable: true }
    }
  }
}

function overlap(a: readonly Range[], b: readonly Range[]): boolean {
  const other = normalize(b)
  return normalize(a).some(([first, last]) => other.some(([from, to]) => from <= last && to >= first))
}

/** Literal texts of which none begins another: at most one of them matches at a place. */
function areExclusive(branches: readonly Node[]): boolean {
  const texts = literalAlternatives(branches)
  return texts?.every((text, i) => !texts.some((other, j) => i !== j && other.startsWith(text))) ?? false
}

function repeatEffort(body: Effort, { min, max }: { min: number; max: number }, width: number, limit: number): Effort {
  const most = Math.min(max, width > 0 ? Math.ceil(limit / width) : limit)
  const least = Math.min(min, most)
  // Each length is tried, and each may fail at the next character.
  if (body.ways === 1 && width > 0) return { ways: most - least + 1, steps: most * body.steps + (most - least + 1) }
  const all = Math.max(body.ways, 2) ** most
  return { ways: all * (most - least + 1), steps: all * Math.max(most, 1) * body.steps }
}
