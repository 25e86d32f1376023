const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
/** Longer names of members than this are none that is looked for. */
const LONGEST_NAME = 32

/**
 * Cuts a stream of JSON into the texts of its elements by brackets and quotes alone, so that memory does not grow with the
 * document. An element is whatever stands in a list at the top or in a member named in `lists` of a document, or a document
 * without such a member. Documents may follow one another with or without white space.
 */
export class ElementCutter {
  /** Elements over `longest` bytes, which are left out. */
  tooLong = 0
  readonly #lists: ReadonlySet<string>
  readonly #longest: number
  readonly #give: (text: string) => void
  #depth = 0
  #inString = false
  #escaped = false
  /** Depth at which elements lie; undefined until it shows. */
  #elementDepth: number | undefined
  /** Parts of the element that is being read; undefined between elements. */
  #parts: Buffer[] | undefined
  #size = 0
  /** Bytes of the last string at depth 1: a member's name, if a list follows. */
  #name: number[] = []
  #isForeign = false
  /** What the element that is being read ends with: its bracket or quote, or, of a number or word, whatever follows. */
  #ending: 'bracket' | 'quote' | 'any' = 'bracket'

  constructor(lists: ReadonlySet<string>, longest: number, give: (text: string) => void) {
    this.#lists = lists
    this.#longest = longest
    this.#give = give
  }

  /** Whether the input ended within a document. */
  get isOpen(): boolean {
    return this.#depth !== 0 || this.#inString
  }

  /** Whether it stands within a document, but not within one of its strings. */
  get isBetween(): boolean {
    return this.#depth > 0 && !this.#inString
  }

  /** Whether something stands between documents, or brackets do not match. */
  get isForeign(): boolean {
    return this.#isForeign
  }

  push(chunk: Buffer): void {
    let start = 0
    let i = 0
    const end = chunk.length
    while (i < end) {
      if (this.#inString) {
        i = this.#string(chunk, i)
        if (!this.#inString && this.#parts && this.#ending === 'quote') this.#finish(chunk.subarray(start, i))
        continue
      }
      const byte = chunk[i] as number
      if (this.#parts && this.#ending === 'any' && endsWord(byte)) this.#finish(chunk.subarray(start, i))
      if (this.#parts === undefined && this.#depth === this.#elementDepth && !endsWord(byte)) {
        this.#begin(byte)
        start = i
      }
      if (byte === QUOTE) {
        this.#inString = true
        if (this.#depth === 1) this.#name = []
      } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        if (this.#opens(byte)) {
          this.#begin(byte)
          start = i
        }
        this.#depth++
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        if (this.#depth > 0) this.#depth--
        else this.#isForeign = true
        if (this.#parts && this.#depth === (this.#elementDepth ?? 0)) this.#finish(chunk.subarray(start, i + 1))
        // Further lists of a document hold other things.
        if (this.#depth < (this.#elementDepth ?? 0)) this.#elementDepth = undefined
      } else if (this.#depth === 0 && byte > 0x20 && byte !== 0x2c) this.#isForeign = true
      i++
    }
    if (this.#parts) this.#keep(chunk.subarray(start))
  }

  /** Goes on to the end of the string, or of the chunk; gives the place after it. */
  #string(chunk: Buffer, from: number): number {
    const end = chunk.length
    let i = from
    if (this.#escaped) {
      this.#escaped = false
      i++
    }
    const names = this.#depth === 1
    while (i < end) {
      const byte = chunk[i++] as number
      if (byte === QUOTE) {
        this.#inString = false
        return i
      }
      if (byte === BACKSLASH) {
        if (i === end) this.#escaped = true
        i++
      } else if (names && this.#name.length < LONGEST_NAME) this.#name.push(byte)
    }
    return i
  }

  #begin(byte: number): void {
    this.#parts = []
    this.#size = 0
    this.#ending = byte === QUOTE ? 'quote' : byte === OPEN_OBJECT || byte === OPEN_LIST ? 'bracket' : 'any'
  }

  /** Whether a document begins with this bracket: it is an element until a list of elements shows in it. */
  #opens(byte: number): boolean {
    const isTop = this.#depth === 0
    if (byte === OPEN_OBJECT) return isTop && this.#parts === undefined
    if (isTop || (this.#depth === 1 && this.#elementDepth === undefined && this.#namesList())) {
      this.#elementDepth = this.#depth + 1
      this.#parts = undefined
    }
    return false
  }

  #namesList(): boolean {
    return this.#lists.has(String.fromCharCode(...this.#name))
  }

  #keep(part: Buffer): void {
    this.#size += part.length
    // A copy: the stream uses its buffer again. What is too long is counted when it ends.
    if (this.#size <= this.#longest) this.#parts?.push(Buffer.from(part))
    else this.#parts = []
  }

  #finish(last: Buffer): void {
    const parts = this.#parts ?? []
    this.#size += last.length
    this.#parts = undefined
    if (this.#size > this.#longest) this.tooLong++
    else this.#give(parts.length === 0 ? last.toString('utf8') : Buffer.concat([...parts, last]).toString('utf8'))
  }
}

/** Whether a number or a word ends before this byte, and no element begins with it. */
function endsWord(byte: number): boolean {
  return byte <= 0x20 || byte === 0x2c || byte === CLOSE_LIST || byte === CLOSE_OBJECT
}
