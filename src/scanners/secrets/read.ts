import { Buffer } from 'node:buffer'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import type { TreeFile } from '../../model.ts'

/** What reading a file gave: so many bytes of the buffer, or why it was not read. */
export type Reading =
  | { readonly ok: true; readonly buffer: Buffer; readonly length: number }
  | { readonly ok: false; readonly why: 'too large'; readonly detail?: undefined }
  | { readonly ok: false; readonly why: 'binary'; readonly detail?: undefined; readonly bytes: Buffer }
  | { readonly ok: false; readonly why: 'unreadable'; readonly detail: string }

/** Bytes at the start of a file that tell text from binary data. */
const SNIFFED = 8192
/** A symbolic link that took the place of the file is not followed, and a pipe does not hang. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** Reads one file after the other into one buffer, so that a large tree needs no more memory than its largest file. */
export class FileReader {
  readonly #maxSize: number
  #buffer: Buffer

  /** `files`: what will be read; the largest of them that is within the limit, in bytes, decides how much is allocated. */
  constructor(maxSize: number, files: readonly Pick<TreeFile, 'size'>[]) {
    this.#maxSize = maxSize
    const largest = files.reduce((most, { size }) => (size <= maxSize ? Math.max(most, size) : most), 0)
    // One byte more, so that one call of read shows that the file has ended.
    this.#buffer = Buffer.allocUnsafeSlow(largest + 1)
  }

  /** The buffer is valid until the next call. UTF-16, with a byte order mark or without, comes as UTF-8. */
  read(file: TreeFile): Reading {
    if (file.size > this.#maxSize) return { ok: false, why: 'too large' }
    let length: number
    try {
      length = file.content ? this.#copy(file.content) : this.#fill(file)
    } catch (error) {
      return { ok: false, why: 'unreadable', detail: (error as Error).message }
    }
    if (length > this.#maxSize) return { ok: false, why: 'too large' }
    return toText(this.#buffer, length)
  }

  /** Into the buffer, too: what is found later must not keep the content alive. */
  #copy(content: Buffer): number {
    while (content.length > this.#buffer.length) this.#grow()
    return content.copy(this.#buffer)
  }

  /** Reads to the end, or one byte over the limit: a file may have grown since it was listed. */
  #fill(file: TreeFile): number {
    const descriptor = openSync(file.absolute, FLAGS)
    try {
      let length = 0
      for (;;) {
        if (length === this.#buffer.length) this.#grow()
        const room = this.#buffer.length - length
        const count = readSync(descriptor, this.#buffer, length, room, -1)
        length += count
        // A regular file gives all that was asked for, unless it ends.
        if (count < room || length > this.#maxSize) return length
      }
    } finally {
      closeSync(descriptor)
    }
  }

  #grow(): void {
    const larger = Buffer.allocUnsafeSlow(Math.min(this.#buffer.length * 2, this.#maxSize + 1))
    this.#buffer.copy(larger)
    this.#buffer = larger
  }
}

/** UTF-16 without a byte order mark: nearly every other byte is NUL, and no others are. Undefined for binary data. */
export function wideEncoding(start: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  const nuls = [0, 0]
  for (let i = 0; i < start.length; i++) if (start[i] === 0) nuls[i & 1] = (nuls[i & 1] as number) + 1
  const [even = 0, odd = 0] = nuls
  const most = start.length / 2
  if (most < 4) return undefined
  if (even === 0 && odd >= most * 0.7) return 'utf-16le'
  return odd === 0 && even >= most * 0.7 ? 'utf-16be' : undefined
}

/** The text of bytes, or that they are none. */
export function toText(buffer: Buffer, length: number): Reading {
  const [first, second] = buffer
  if (length >= 2 && first === 0xff && second === 0xfe) return decoded('utf-16le', buffer, length)
  if (length >= 2 && first === 0xfe && second === 0xff) return decoded('utf-16be', buffer, length)
  // A view of the start only: the buffer is as long as the largest file of the tree.
  const start = buffer.subarray(0, Math.min(length, SNIFFED))
  if (start.includes(0)) {
    const encoding = wideEncoding(start)
    return encoding
      ? decoded(encoding, buffer, length)
      : { ok: false, why: 'binary', bytes: buffer.subarray(0, length) }
  }
  return { ok: true, buffer, length }
}

function decoded(encoding: string, buffer: Buffer, length: number): Reading {
  const text = Buffer.from(new TextDecoder(encoding).decode(buffer.subarray(0, length)), 'utf8')
  return { ok: true, buffer: text, length: text.length }
}
