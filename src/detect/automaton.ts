import { Buffer } from 'node:buffer'

/** The keyword occurrences of one buffer. Valid until the next call of `find`: the arrays are reused. */
export interface Hits {
  readonly count: number
  /** Index into the list of keywords. */
  readonly keywords: Int32Array
  /** Byte offset at which the keyword begins. */
  readonly positions: Int32Array
}

/** Finds every occurrence of many keywords in one pass over bytes; ASCII letters match in either case. */
export interface Automaton {
  /** Occurrences in the first `length` bytes, ordered by where they end. */
  find(buffer: Uint8Array, length: number): Hits
}

interface Trie {
  /** Goto function, one row of `width` classes for each state; -1 where there is no edge. */
  readonly rows: Int32Array[]
  /** Keywords that end in each state. */
  readonly outputs: number[][]
}

/**
 * Aho and Corasick's automaton with all failure links resolved into one flat table. Bytes are mapped to classes first (all
 * bytes that occur in no keyword are class 0), so that the table stays in the cache; states at which a keyword ends are
 * numbered last, so that one comparison tells them apart. Keywords are ASCII or raw bytes, at least one byte long.
 */
export function createAutomaton(keywords: readonly string[]): Automaton {
  const bytes = keywords.map((keyword) => Buffer.from(keyword.toLowerCase(), 'latin1'))
  const empty = keywords.findIndex((keyword) => keyword.length === 0)
  if (empty >= 0) throw new RangeError(`keyword ${empty} is empty`)
  const classes = classify(bytes)
  const shift = Math.ceil(Math.log2(Math.max(...classes) + 1))
  const trie = buildTrie(bytes, classes, 1 << shift)
  resolveFailures(trie, 1 << shift)
  return createMatcher(
    trie,
    classes,
    shift,
    bytes.map((keyword) => keyword.length),
  )
}

/** Class of each byte; the two cases of a letter share one. */
function classify(keywords: readonly Buffer[]): Uint8Array {
  const classes = new Uint8Array(256)
  let used = 1
  for (const byte of keywords.flatMap((keyword) => [...keyword])) {
    if (classes[byte] !== 0) continue
    classes[byte] = used++
    if (byte >= 0x61 && byte <= 0x7a) classes[byte - 32] = classes[byte] as number
  }
  return classes
}

function buildTrie(keywords: readonly Buffer[], classes: Uint8Array, width: number): Trie {
  const rows = [new Int32Array(width).fill(-1)]
  const outputs: number[][] = [[]]
  keywords.forEach((keyword, index) => {
    let state = 0
    for (const byte of keyword) {
      const row = rows[state] as Int32Array
      const cls = classes[byte] as number
      if (row[cls] === -1) {
        row[cls] = rows.length
        rows.push(new Int32Array(width).fill(-1))
        outputs.push([])
      }
      state = row[cls] as number
    }
    outputs[state]?.push(index)
  })
  return { rows, outputs }
}

/** Breadth first, so that the state that a failure link leads to is complete before it is copied from. */
function resolveFailures({ rows, outputs }: Trie, width: number): void {
  const failure = new Int32Array(rows.length)
  const root = rows[0] as Int32Array
  const queue: number[] = []
  for (let cls = 0; cls < width; cls++) {
    if (root[cls] === -1) root[cls] = 0
    else queue.push(root[cls] as number)
  }
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head] as number
    const row = rows[state] as Int32Array
    const fallback = rows[failure[state] as number] as Int32Array
    for (let cls = 0; cls < width; cls++) {
      const next = row[cls] as number
      if (next === -1) {
        row[cls] = fallback[cls] as number
        continue
      }
      failure[next] = fallback[cls] as number
      outputs[next]?.push(...(outputs[failure[next] as number] ?? []))
      queue.push(next)
    }
  }
}

function createMatcher(trie: Trie, classes: Uint8Array, shift: number, lengths: readonly number[]): Automaton {
  const order = [...trie.rows.keys()].sort(
    (a, b) => Number((trie.outputs[a]?.length ?? 0) > 0) - Number((trie.outputs[b]?.length ?? 0) > 0) || a - b,
  )
  const renumbered = new Int32Array(order.length)
  order.forEach((state, index) => {
    renumbered[state] = index
  })
  // Entries are premultiplied by the width of a row. Half the size where it fits keeps more of it in the cache.
  const size = order.length << shift
  const table = size <= 0xffff ? new Uint16Array(size) : new Int32Array(size)
  for (const [state, row] of trie.rows.entries()) {
    for (const [cls, next] of row.entries()) {
      table[((renumbered[state] as number) << shift) | cls] = (renumbered[next] as number) << shift
    }
  }
  const outputs = order.map((state) => Int32Array.from(trie.outputs[state] ?? []))
  const firstAccepting = Math.max(
    outputs.findIndex((output) => output.length > 0),
    lengths.length === 0 ? order.length : 0,
  )
  return createFinder({ table, classes, shift, outputs, accepting: firstAccepting << shift, lengths })
}

interface Machine {
  readonly table: Uint16Array | Int32Array
  readonly classes: Uint8Array
  readonly shift: number
  readonly outputs: readonly Int32Array[]
  /** States from this table offset on end a keyword. */
  readonly accepting: number
  readonly lengths: readonly number[]
}

function createFinder({ table, classes, shift, outputs, accepting, lengths }: Machine): Automaton {
  let keywords = new Int32Array(1 << 12)
  let positions = new Int32Array(1 << 12)
  let count = 0
  const record = (state: number, end: number) => {
    for (const keyword of outputs[state >> shift] ?? []) {
      if (count === keywords.length) {
        keywords = grow(keywords)
        positions = grow(positions)
      }
      keywords[count] = keyword
      positions[count++] = end - (lengths[keyword] as number)
    }
  }
  return {
    find(buffer, length) {
      count = 0
      let state = 0
      for (let i = 0; i < length; i++) {
        state = table[state + (classes[buffer[i] as number] as number)] as number
        if (state >= accepting) record(state, i + 1)
      }
      return { count, keywords, positions }
    },
  }
}

function grow(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2)
  larger.set(array)
  return larger
}
