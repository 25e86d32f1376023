import type { Range } from './byte-ranges.ts'

/** A pattern as a tree: what matching, measuring and sampling work on. Bytes are the alphabet. */
export type Node =
  | { readonly type: 'class'; readonly ranges: readonly Range[] }
  | { readonly type: 'assertion'; readonly kind: Assertion }
  | { readonly type: 'concat'; readonly parts: readonly Node[] }
  | { readonly type: 'alternation'; readonly branches: readonly Node[] }
  | { readonly type: 'group'; readonly body: Node; readonly name?: string }
  | {
      readonly type: 'repeat'
      readonly body: Node
      readonly min: number
      readonly max: number
      readonly greedy: boolean
    }
export type Assertion = 'text-start' | 'text-end' | 'line-start' | 'line-end' | 'word-boundary' | 'no-word-boundary'

/** How often the innermost body may be repeated by counted repetitions together. */
export function repeatSize(node: Node): number {
  switch (node.type) {
    case 'repeat': {
      const own = node.max === Number.POSITIVE_INFINITY ? node.min : node.max
      return Math.max(own, 1) * repeatSize(node.body)
    }
    case 'group':
      return repeatSize(node.body)
    case 'concat':
      return Math.max(1, ...node.parts.map(repeatSize))
    case 'alternation':
      return Math.max(1, ...node.branches.map(repeatSize))
    default:
      return 1
  }
}
