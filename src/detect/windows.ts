import { literalPrefixes, widthOf } from './extent.ts'
import { type Opening, openingOf } from './opening.ts'
import type { Node } from './pattern-node.ts'
import { type Pattern, parseTranslated } from './re2.ts'

/** Bytes of text that a pattern without an upper bound may look at: a long PEM file, a chain of certificates. */
export const UNBOUNDED_WINDOW = 16_384

/** Where to try a pattern, given that a keyword stands at an offset. */
export interface Window {
  /** The match begins at the keyword: it is tried there and nowhere else. */
  readonly anchored: boolean
  /** Bytes before and after the keyword's first byte that a match can reach. */
  readonly before: number
  readonly after: number
  /** Of an anchored pattern: what its matches begin with. */
  readonly opening?: Opening
}

/** The window of a translated pattern, from its widths; wide enough that its edges look like text to assertions. */
export function windowOf(pattern: Pattern, keywords: readonly string[]): Window {
  const node = parseTranslated(pattern)
  const reach = reachOf(node)
  if (beginsWithKeyword(node, keywords))
    return { anchored: true, before: 1, after: reach + 1, opening: openingOf(node) }
  return { anchored: false, before: reach + 1, after: reach + 1 }
}

/** Greatest length of a match that is looked at. */
export function reachOf(node: Node): number {
  return Math.min(widthOf(node).max, UNBOUNDED_WINDOW)
}

function beginsWithKeyword(node: Node, keywords: readonly string[]): boolean {
  return literalPrefixes(node)?.every((prefix) => keywords.some((keyword) => prefix.startsWith(keyword))) ?? false
}
