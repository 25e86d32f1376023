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
  /** Goto function, `1 << shift` classes for each state; 0 (the root) where there is no edge. */
  readonly next: Int32Array
  readonly states: number
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
  const trie = buildTrie(bytes, classes, shift)
  resolveFailures(trie, shift)
  return createFinder({ ...layOut(trie, shift), classes, shift, lengths: bytes.map((keyword) => keyword.length) })
}

/** Class of each byte; the two cases of a letter share one. */
function classify(keywords: readonly Buffer[]): Uint8Array {
  const classes = new Uint8Array(256)
  let used = 1
  for (const keyword of keywords) {
    for (const byte of keyword) {
      if (classes[byte] !== 0) continue
      classes[byte] = used++
      if (byte >= 0x61 && byte <= 0x7a) classes[byte - 32] = classes[byte] as number
    }
  }
  return classes
}

function buildTrie(keywords: readonly Buffer[], classes: Uint8Array, shift: number): Trie {
  const most = keywords.reduce((sum, keyword) => sum + keyword.length, 1)
  const next = new Int32Array(most << shift)
  const outputs: number[][] = [[]]
  for (let index = 0; index < keywords.length; index++) {
    let state = 0
    for (const byte of keywords[index] as Buffer) {
      const edge = (state << shift) | (classes[byte] as number)
      if (next[edge] === 0) {
        next[edge] = outputs.length
        outputs.push([])
      }
      state = next[edge] as number
    }
    outputs[state]?.push(index)
  }
  return { next, states: outputs.length, outputs }
}

/** Breadth first, so that the state that a failure link leads to is complete before it is copied from. */
function resolveFailures({ next, states, outputs }: Trie, shift: number): void {
  const width = 1 << shift
  const failure = new Int32Array(states)
  const queue = new Int32Array(states)
  let tail = 0
  for (let cls = 0; cls < width; cls++) if (next[cls] !== 0) queue[tail++] = next[cls] as number
  for (let head = 0; head < tail; head++) {
    const state = queue[head] as number
    const row = state << shift
    const fallback = (failure[state] as number) << shift
    for (let cls = 0; cls < width; cls++) {
      const target = next[row | cls] as number
      const other = next[fallback | cls] as number
      if (target === 0) {
        next[row | cls] = other
        continue
      }
      failure[target] = other
      const inherited = outputs[other] as number[]
      if (inherited.length > 0) outputs[target]?.push(...inherited)
      queue[tail++] = target
    }
  }
}

/** Numbers the states so that those at which a keyword ends come last, and multiplies them by the width of a row. */
function layOut({ next, states, outputs }: Trie, shift: number): Pick<Machine, 'table' | 'outputs' | 'accepting'> {
  const width = 1 << shift
  const renumbered = new Int32Array(states)
  const ordered: Int32Array[] = []
  for (const accepts of [false, true]) {
    for (let state = 0; state < states; state++) {
      const output = outputs[state] as number[]
      if (output.length > 0 !== accepts) continue
      renumbered[state] = ordered.length
      ordered.push(Int32Array.from(output))
    }
  }
  const first = ordered.findIndex((output) => output.length > 0)
  // Half the size where it fits keeps more of it in the cache.
  const size = states << shift
  const table = size <= 0xffff ? new Uint16Array(size) : new Int32Array(size)
  for (let state = 0; state < states; state++) {
    const from = state << shift
    const to = (renumbered[state] as number) << shift
    for (let cls = 0; cls < width; cls++) table[to | cls] = (renumbered[next[from | cls] as number] as number) << shift
  }
  return { table, outputs: ordered, accepting: (first < 0 ? states : first) << shift }
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
