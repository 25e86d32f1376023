import type { Node } from './re2-syntax.ts'

/** The least and greatest number of bytes that a pattern can match. */
export interface Width {
  readonly min: number
  readonly max: number
}

export function widthOf(node: Node): Width {
  switch (node.type) {
    case 'class':
      return { min: 1, max: 1 }
    case 'assertion':
      return { min: 0, max: 0 }
    case 'group':
      return widthOf(node.body)
    case 'concat': {
      const widths = node.parts.map(widthOf)
      return { min: sum(widths.map((w) => w.min)), max: sum(widths.map((w) => w.max)) }
    }
    case 'alternation': {
      const widths = node.branches.map(widthOf)
      return { min: Math.min(...widths.map((w) => w.min)), max: Math.max(...widths.map((w) => w.max)) }
    }
    case 'repeat': {
      const { min, max } = widthOf(node.body)
      return { min: min * node.min, max: max === 0 || node.max === 0 ? 0 : max * node.max }
    }
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)

/** More prefixes than this are not listed: the pattern does not begin with literals then. */
const MAX_PREFIXES = 64

/**
 * The literal texts, in lower case, of which every match begins with one; undefined if some match begins with none.
 * `complete` tells whether the pattern ends there, so that what follows can extend it.
 */
export function literalPrefixes(node: Node): readonly string[] | undefined {
  const found = prefixes(node)
  if (!found || found.some(({ text }) => text === '')) return undefined
  return [...new Set(found.map(({ text }) => text))]
}

interface Prefix {
  readonly text: string
  readonly complete: boolean
}

function prefixes(node: Node): readonly Prefix[] | undefined {
  switch (node.type) {
    case 'class':
      return classPrefixes(node.ranges)
    case 'assertion':
      return [{ text: '', complete: true }]
    case 'group':
      return prefixes(node.body)
    case 'alternation':
      return limited(node.branches.flatMap((branch) => prefixes(branch) ?? [{ text: '', complete: false }]))
    case 'concat':
      return concatPrefixes(node.parts)
    case 'repeat': {
      if (node.min === 0) return [{ text: '', complete: false }]
      const body = prefixes(node.body)
      const once = node.min === 1 && node.max === 1
      return body?.map((prefix) => ({ text: prefix.text, complete: prefix.complete && once }))
    }
  }
}

/** A letter in both cases is one literal; a few characters are as many; a class of many is none. */
function classPrefixes(ranges: readonly (readonly [number, number])[]): readonly Prefix[] {
  const characters = new Set<string>()
  for (const [first, last] of ranges) {
    if (last - first > 8) return [{ text: '', complete: false }]
    for (let byte = first; byte <= last; byte++) characters.add(String.fromCharCode(byte).toLowerCase())
  }
  if (characters.size === 0 || characters.size > 8) return [{ text: '', complete: false }]
  return [...characters].map((text) => ({ text, complete: true }))
}

function concatPrefixes(parts: readonly Node[]): readonly Prefix[] | undefined {
  let result: readonly Prefix[] = [{ text: '', complete: true }]
  for (const part of parts) {
    if (!result.some((prefix) => prefix.complete)) return result
    const next = prefixes(part)
    if (!next) return undefined
    const extended = result.flatMap((prefix) =>
      prefix.complete ? next.map(({ text, complete }) => ({ text: prefix.text + text, complete })) : [prefix],
    )
    // Rather shorter literals than too many.
    const all = limited(extended)
    if (!all) return result.map(({ text }) => ({ text, complete: false }))
    result = all
  }
  return result
}

function limited(list: readonly Prefix[]): readonly Prefix[] | undefined {
  return list.length > MAX_PREFIXES ? undefined : list
}

/** What a backtracking matcher may do at one start: in how many ways a part can match, and in how many steps all are tried. */
export interface Effort {
  readonly ways: number
  readonly steps: number
}

/** An upper bound; `limit` bytes of text bound what the pattern leaves unbounded. Parts that exclude each other are not told apart. */
export function effortOf(node: Node, limit: number): Effort {
  switch (node.type) {
    case 'class':
    case 'assertion':
      return { ways: 1, steps: 1 }
    case 'group':
      return effortOf(node.body, limit)
    case 'concat':
      return node.parts.reduce<Effort>(
        ({ ways, steps }, part) => {
          const next = effortOf(part, limit)
          return { ways: ways * next.ways, steps: steps + ways * next.steps }
        },
        { ways: 1, steps: 0 },
      )
    case 'alternation': {
      const branches = node.branches.map((branch) => effortOf(branch, limit))
      return { ways: sum(branches.map((b) => b.ways)), steps: sum(branches.map((b) => b.steps)) }
    }
    case 'repeat':
      return repeatEffort(effortOf(node.body, limit), node, widthOf(node.body).min, limit)
  }
}

function repeatEffort(body: Effort, { min, max }: { min: number; max: number }, width: number, limit: number): Effort {
  const most = Math.min(max, width > 0 ? Math.ceil(limit / width) : limit)
  const least = Math.min(min, most)
  if (body.ways === 1 && width > 0) return { ways: most - least + 1, steps: most * body.steps + 1 }
  const all = Math.max(body.ways, 2) ** most
  return { ways: all * (most - least + 1), steps: all * Math.max(most, 1) * body.steps }
}
