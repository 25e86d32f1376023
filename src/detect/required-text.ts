import type { Node } from './pattern-node.ts'

/** Shorter words stand in every file. */
const SHORTEST = 3
/** More alternatives are no keyword any more. */
const MOST = 20

/**
 * Lower-case words of which one must stand in every match of a pattern: keywords for a rule that names none. Undefined if the
 * pattern has no such words.
 */
export function requiredText(node: Node): readonly string[] | undefined {
  switch (node.type) {
    case 'group':
      return requiredText(node.body)
    case 'repeat':
      return node.min > 0 ? requiredText(node.body) : undefined
    case 'alternation': {
      const words = node.branches.map(requiredText)
      const all = words.flatMap((each) => each ?? [])
      return words.includes(undefined) || all.length > MOST ? undefined : [...new Set(all)]
    }
    case 'concat':
      return best([...literals(node.parts), ...node.parts.flatMap((part) => [requiredText(part) ?? []])])
    default:
      return undefined
  }
}

/** Runs of single characters, in either case. */
function literals(parts: readonly Node[]): string[][] {
  const runs = ['']
  for (const part of parts) {
    const letter = letterOf(part)
    if (letter === undefined) runs.push('')
    else runs[runs.length - 1] += letter
  }
  return runs.filter((run) => run.length >= SHORTEST).map((run) => [run])
}

/** The alternative whose shortest word is longest. */
function best(options: readonly (readonly string[])[]): readonly string[] | undefined {
  const shortest = (words: readonly string[]) => Math.min(...words.map((word) => word.length))
  return options
    .filter((words) => words.length > 0)
    .reduce<readonly string[] | undefined>(
      (chosen, words) => (chosen && shortest(chosen) >= shortest(words) ? chosen : words),
      undefined,
    )
}

function letterOf(node: Node): string | undefined {
  if (node.type !== 'class') return undefined
  const bytes = node.ranges.flatMap(([first, last]) =>
    last - first > 1 ? [-1, -1, -1] : last > first ? [first, last] : [first],
  )
  const letters = new Set(bytes.map((byte) => String.fromCharCode(byte).toLowerCase()))
  const [letter] = letters
  return bytes.length <= 2 && letters.size === 1 && bytes[0] !== undefined && bytes[0] > 32 && bytes[0] < 127
    ? letter
    : undefined
}
