import { Buffer } from 'node:buffer'
import { gitStream } from './git.ts'

/** An object of a repository as it is stored. */
export interface GitObject {
  readonly id: string
  readonly type: string
  /** Bytes; more than `content` holds if that is absent. */
  readonly size: number
  /** Undefined if it is larger than the limit. */
  readonly content: Buffer | undefined
}

/** What reading objects met. */
export interface ObjectEvents {
  readonly object: (object: GitObject) => void
  /** There is no such object in the repository. */
  readonly missing: (id: string) => void
}

/**
 * Reads objects by their ids, one after the other, so that memory holds one of them at a time. Gives undefined if git read all
 * of them, else its reason: a corrupt object ends it.
 */
export function readObjects(
  root: string,
  ids: readonly string[],
  maxSize: number,
  events: ObjectEvents,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (ids.length === 0) return Promise.resolve(undefined)
  const parser = new BatchParser(events, maxSize)
  const input = function* () {
    for (const id of ids) yield `${id}\n`
  }
  return gitStream(root, ['cat-file', '--batch', '--buffer'], (piece) => parser.push(piece), { signal, input: input() })
}

const NEWLINE = 10

/** Reads `<id> <type> <size>\n<content>\n` and `<id> missing\n`, however the stream is cut. */
export class BatchParser {
  readonly #events: ObjectEvents
  readonly #maxSize: number
  #header = ''
  #object: Omit<GitObject, 'content'> | undefined
  #content: Buffer | undefined
  #read = 0

  constructor(events: ObjectEvents, maxSize: number) {
    this.#events = events
    this.#maxSize = maxSize
  }

  push(piece: Buffer): void {
    for (let at = 0; at < piece.length; )
      at = this.#object ? this.#fill(this.#object, piece, at) : this.#head(piece, at)
  }

  #head(piece: Buffer, at: number): number {
    const end = piece.indexOf(NEWLINE, at)
    this.#header += piece.toString('latin1', at, end < 0 ? piece.length : end)
    if (end < 0) return piece.length
    const [id = '', type = '', size] = this.#header.split(' ')
    this.#header = ''
    if (size === undefined) this.#events.missing(id)
    else {
      this.#object = { id, type, size: Number(size) }
      this.#content = Number(size) <= this.#maxSize ? Buffer.allocUnsafe(Number(size)) : undefined
      this.#read = 0
    }
    return end + 1
  }

  /** The line break behind the content is not of it. */
  #fill(object: Omit<GitObject, 'content'>, piece: Buffer, at: number): number {
    const end = Math.min(piece.length, at + object.size + 1 - this.#read)
    if (this.#content) piece.copy(this.#content, this.#read, at, Math.min(end, at + object.size - this.#read))
    this.#read += end - at
    if (this.#read === object.size + 1) {
      this.#object = undefined
      this.#events.object({ ...object, content: this.#content })
      this.#content = undefined
    }
    return end
  }
}
