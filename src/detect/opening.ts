import type { Node } from './pattern-node.ts'

/** What every match of a pattern begins with, told byte by byte: most places of a keyword are none of a match. */
export interface Opening {
  /** Whether the match begins at the beginning of a word. */
  readonly boundary: boolean
  /** One for each way in which a match may begin. */
  readonly ways: readonly (readonly Step[])[]
}

/** So many bytes of these; the byte after them is none of these, unless there are exactly `min`. */
interface Step {
  /** For each byte 1 if it is one of them. */
  readonly flags: Uint8Array
  readonly min: number
  readonly max: number
}

/** The rest of a pattern is left to its matching. */
const MOST_STEPS = 32
const MOST_WAYS = 8

interface Way {
  readonly steps: readonly Step[]
  /** Whether the node ends behind the steps. */
  readonly complete: boolean
}

/** The opening of a pattern, as far as it can be told without trying several ways. */
export function openingOf(node: Node): Opening {
  const ways = expand(node)
  const steps = ways.length > MOST_WAYS ? [[]] : ways.map(certainSteps)
  // Before anything but a letter or digit the boundary asks for a word in front of it.
  const boundary =
    beginsWithBoundary(node) && steps.every(([first]) => first && first.min > 0 && isWordOnly(first.flags))
  return { boundary, ways: steps }
}

function expand(node: Node): Way[] {
  switch (node.type) {
    case 'class':
      return [{ steps: [{ flags: flagsOf(node.ranges), min: 1, max: 1 }], complete: true }]
    case 'assertion':
      return [{ steps: [], complete: true }]
    case 'group':
      return expand(node.body)
    case 'alternation':
      return node.branches.flatMap(expand)
    case 'concat':
      return node.parts.reduce<Way[]>(append, [{ steps: [], complete: true }])
    case 'repeat': {
      const { body, min, max } = node
      if (body.type === 'class') return [{ steps: [{ flags: flagsOf(body.ranges), min, max }], complete: true }]
      return min === 0
        ? [{ steps: [], complete: false }]
        : expand(body).map(({ steps, complete }) => ({ steps, complete: complete && min === 1 && max === 1 }))
    }
  }
}

function append(ways: Way[], part: Node): Way[] {
  if (ways.length > MOST_WAYS || !ways.some(goesOn)) return ways
  const next = expand(part)
  return ways.flatMap((way): Way[] =>
    goesOn(way)
      ? next.map(({ steps, complete }) => ({ steps: [...way.steps, ...steps], complete }))
      : [{ ...way, complete: false }],
  )
}

function goesOn({ steps, complete }: Way): boolean {
  return complete && steps.length < MOST_STEPS
}

/** The steps up to the first that could end at several places. */
function certainSteps({ steps }: Way): Step[] {
  const certain: Step[] = []
  for (const [index, step] of steps.entries()) {
    const next = steps[index + 1]
    const isCertain =
      step.min === step.max ||
      (next && next.min > 0 && !step.flags.some((flag, byte) => flag & (next.flags[byte] as number)))
    certain.push(isCertain ? step : { ...step, max: step.min })
    if (!isCertain) break
  }
  return certain
}

/** Whether a match may begin at an offset; `most`: bytes that are looked at. */
export function opensAt(
  { boundary, ways }: Opening,
  buffer: Uint8Array,
  length: number,
  at: number,
  most = Number.POSITIVE_INFINITY,
): boolean {
  if (boundary && at > 0 && isWord(buffer[at - 1] as number)) return false
  for (const steps of ways) if (takes(steps, buffer, length, at, at + most)) return true
  return false
}

function takes(steps: readonly Step[], buffer: Uint8Array, length: number, from: number, stop: number): boolean {
  let at = from
  for (const { flags, min, max } of steps) {
    let count = 0
    while (count < max && at < length && at < stop && flags[buffer[at] as number] === 1) {
      count++
      at++
    }
    if (at >= stop) return true
    if (count < min) return false
  }
  return true
}

function flagsOf(ranges: readonly (readonly [number, number])[]): Uint8Array {
  const flags = new Uint8Array(256)
  for (const [first, last] of ranges) flags.fill(1, first, last + 1)
  return flags
}

function beginsWithBoundary(node: Node): boolean {
  if (node.type === 'group') return beginsWithBoundary(node.body)
  if (node.type === 'concat') return node.parts[0] !== undefined && beginsWithBoundary(node.parts[0])
  return node.type === 'assertion' && node.kind === 'word-boundary'
}

function isWordOnly(flags: Uint8Array): boolean {
  return flags.every((flag, byte) => flag === 0 || isWord(byte))
}

function isWord(byte: number): boolean {
  return (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90) || (byte >= 48 && byte <= 57) || byte === 95
}
