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

/** States are numbered as they are met, 0 is the root; lists of children are linked by number, 0 ends them. */
interface Trie {
  readonly states: number
  readonly firstChild: Int32Array
  readonly nextSibling: Int32Array
  /** Class of the byte that leads to a state. */
  readonly classOf: Uint8Array
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
  const trie = buildTrie(bytes, classes)
  return createFinder({
    ...layOut(trie, resolveFailures(trie), shift),
    classes,
    shift,
    lengths: bytes.map((keyword) => keyword.length),
  })
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

function buildTrie(keywords: readonly Buffer[], classes: Uint8Array): Trie {
  const most = keywords.reduce((sum, keyword) => sum + keyword.length, 1)
  const firstChild = new Int32Array(most)
  const nextSibling = new Int32Array(most)
  const classOf = new Uint8Array(most)
  const outputs: number[][] = [[]]
  for (let index = 0; index < keywords.length; index++) {
    let state = 0
    for (const byte of keywords[index] as Buffer) {
      const cls = classes[byte] as number
      let child = firstChild[state] as number
      while (child !== 0 && classOf[child] !== cls) child = nextSibling[child] as number
      if (child === 0) {
        child = outputs.length
        outputs.push([])
        classOf[child] = cls
        nextSibling[child] = firstChild[state] as number
        firstChild[state] = child
      }
      state = child
    }
    outputs[state]?.push(index)
  }
  return { states: outputs.length, firstChild, nextSibling, classOf, outputs }
}

/** Where each state falls back to, and the states in an order in which that one comes before. */
interface Failures {
  readonly failure: Int32Array
  readonly order: Int32Array
}

/** Breadth first; a state also ends the keywords of the one that it falls back to. */
function resolveFailures({ states, firstChild, nextSibling, classOf, outputs }: Trie): Failures {
  const failure = new Int32Array(states)
  const order = new Int32Array(states)
  const childBy = (state: number, cls: number) => {
    let child = firstChild[state] as number
    while (child !== 0 && classOf[child] !== cls) child = nextSibling[child] as number
    return child
  }
  let tail = 1
  for (let head = 0; head < tail; head++) {
    const state = order[head] as number
    for (let child = firstChild[state] as number; child !== 0; child = nextSibling[child] as number) {
      order[tail++] = child
      if (state === 0) continue
      const cls = classOf[child] as number
      let back = failure[state] as number
      let target = childBy(back, cls)
      while (target === 0 && back !== 0) {
        back = failure[back] as number
        target = childBy(back, cls)
      }
      failure[child] = target
      const inherited = outputs[target] as number[]
      if (inherited.length > 0) outputs[child]?.push(...inherited)
    }
  }
  return { failure, order }
}

/**
 * The table of all moves: the row of a state is that of the one that it falls back to, but for its own children. States at which a
 * keyword ends come last; all are multiplied by the width of a row.
 */
function layOut(
  { states, firstChild, nextSibling, classOf, outputs }: Trie,
  { failure, order }: Failures,
  shift: number,
): Pick<Machine, 'table' | 'outputs' | 'accepting'> {
  const width = 1 << shift
  const rows = new Int32Array(states)
  const ordered: Int32Array[] = []
  for (const accepts of [false, true]) {
    for (let state = 0; state < states; state++) {
      const output = outputs[state] as number[]
      if (output.length > 0 !== accepts) continue
      rows[state] = ordered.length << shift
      ordered.push(Int32Array.from(output))
    }
  }
  const first = ordered.findIndex((output) => output.length > 0)
  // Half the size where it fits keeps more of it in the cache.
  const size = states << shift
  const table = size <= 0xffff ? new Uint16Array(size) : new Int32Array(size)
  for (const state of order) {
    const row = rows[state] as number
    const back = rows[failure[state] as number] as number
    if (state !== 0) table.copyWithin(row, back, back + width)
    for (let child = firstChild[state] as number; child !== 0; child = nextSibling[child] as number)
      table[row | (classOf[child] as number)] = rows[child] as number
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
