/** A value read from JSON or HCL that knows where it stands. Offsets count UTF-16 units of the file; `end` is exclusive. */
export type ValueNode = StringNode | ListNode | MapNode | PlainNode | ExpressionNode

interface Placed {
  readonly start: number
  readonly end: number
  /** Path of the file that it stands in, where values of several files are put together. */
  readonly file?: string
}
export interface StringNode extends Placed {
  readonly type: 'string'
  readonly value: string
  /** For strings that may hold a document of their own: the offset in the file of each of their characters. */
  readonly origins?: readonly number[]
}
export interface ListNode extends Placed {
  readonly type: 'list'
  readonly items: readonly ValueNode[]
  /** Set if only a run knows how many there are; the items show what they look like. */
  readonly open?: true
}
export interface MapNode extends Placed {
  readonly type: 'map'
  readonly entries: readonly MapEntry[]
}
export interface MapEntry {
  readonly key: string
  readonly keyStart: number
  readonly value: ValueNode
}
/** A number, a boolean or null. */
export interface PlainNode extends Placed {
  readonly type: 'plain'
  readonly value: number | boolean | null
}
/** What only a run knows: a reference, a function call, a condition. `parts` are the values written inside it. */
export interface ExpressionNode extends Placed {
  readonly type: 'expression'
  /** As written, on one line. */
  readonly text: string
  readonly parts: readonly ValueNode[]
}

/** The value of a key, in any letter case; the last one, as JSON parsers do, if it stands there twice. */
export function get(node: ValueNode | undefined, key: string): ValueNode | undefined {
  return entryOf(node, key)?.value
}

export function entryOf(node: ValueNode | undefined, key: string): MapEntry | undefined {
  if (node?.type !== 'map') return undefined
  const wanted = key.toLowerCase()
  return node.entries.findLast((entry) => entry.key.toLowerCase() === wanted)
}

/** The text of a string node; undefined for anything else. */
export function textOf(node: ValueNode | undefined): string | undefined {
  return node?.type === 'string' ? node.value : undefined
}

/** The same value with offsets of the file instead of the embedded text. */
export function moved(node: ValueNode, origin: (offset: number) => number, file?: string): ValueNode {
  const place = {
    start: origin(node.start),
    end: origin(node.end - 1) + 1,
    ...(file !== undefined && { file }),
  }
  if (node.type === 'list') return { ...node, ...place, items: node.items.map((item) => moved(item, origin, file)) }
  if (node.type === 'map') {
    const entries = node.entries.map((entry) => ({
      key: entry.key,
      keyStart: origin(entry.keyStart),
      value: moved(entry.value, origin, file),
    }))
    return { ...node, ...place, entries }
  }
  return { ...node, ...place }
}

/** Finds lines and columns, 1-based, for offsets of a text. */
export class Lines {
  readonly #starts: number[] = [0]

  constructor(text: string) {
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) this.#starts.push(i + 1)
  }

  at(offset: number): { line: number; column: number } {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 }
  }
}
