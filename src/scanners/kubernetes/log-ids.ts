/** 64-byte blocks of a generation: 8 MiB, for 4 million ids at 16 bits each. */
const BLOCKS = 1 << 17
const WORDS = BLOCKS * 16
const CAPACITY = BLOCKS * 32
const PROBES = 6

/**
 * Tells ids that were seen before, in memory that does not grow: a Bloom filter in two generations, of which the older one is
 * dropped when the newer one is full. It knows the last 4 to 8 million ids, and takes at most two new ones in a thousand for known
 * (one in a billion in a log of 100,000). Only numbers of calls hang on it, never whether there was one.
 */
export class SeenIds {
  #current: Uint32Array = new Uint32Array(WORDS)
  #older: Uint32Array | undefined
  #count = 0

  /** Whether the id is new. */
  add(id: string): boolean {
    let a = 0x811c9dc5
    let b = 0x9e3779b9
    for (let i = 0; i < id.length; i++) {
      const code = id.charCodeAt(i)
      a = Math.imul(a ^ code, 0x01000193)
      b = Math.imul(b ^ code, 0x85ebca6b)
      b ^= b >>> 13
    }
    a ^= a >>> 15
    const block = ((a >>> 0) % BLOCKS) * 16
    b = Math.imul(b ^ (b >>> 16), 0xc2b2ae35)
    const isNew = !(this.#older && has(this.#older, block, b)) && !has(this.#current, block, b)
    if (isNew) this.#remember(block, b)
    return isNew
  }

  #remember(block: number, hash: number): void {
    if (this.#count === CAPACITY) {
      const emptied: Uint32Array = this.#older?.fill(0) ?? new Uint32Array(WORDS)
      this.#older = this.#current
      this.#current = emptied
      this.#count = 0
    }
    this.#count++
    let probe = hash
    for (let i = 0; i < PROBES; i++) {
      const word = block + ((probe >>> 5) & 15)
      this.#current[word] = (this.#current[word] as number) | (1 << (probe & 31))
      probe = next(probe)
    }
  }
}

function has(generation: Uint32Array, block: number, hash: number): boolean {
  let probe = hash
  for (let i = 0; i < PROBES; i++) {
    if (!((generation[block + ((probe >>> 5) & 15)] as number) & (1 << (probe & 31)))) return false
    probe = next(probe)
  }
  return true
}

const next = (probe: number) => (Math.imul(probe, 0x9e3779b1) >>> 7) ^ (probe << 9)
