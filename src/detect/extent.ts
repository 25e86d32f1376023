import type { Node } from './pattern-node.ts'

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

/** The texts of branches that are literal from end to end, in lower case; undefined if one is not. */
export function literalAlternatives(branches: readonly Node[]): readonly string[] | undefined {
  const all = branches.map(prefixes)
  const texts = all.flatMap((found) => found ?? [{ text: '', complete: false }])
  return texts.every((prefix) => prefix.complete && prefix.text !== '') ? texts.map(({ text }) => text) : undefined
}
