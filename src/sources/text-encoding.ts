import type { Buffer } from 'node:buffer'

/** Bytes at the start of a file that tell text from binary data. */
const SNIFFED = 8192

/** How a text is encoded: by its byte order mark, else by where NUL bytes stand; undefined for binary data. */
export function encodingOf(bytes: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' | undefined {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  const start = bytes.subarray(0, SNIFFED)
  return start.includes(0) ? wideEncoding(start) : 'utf-8'
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

/** UTF-8 or UTF-16; undefined for binary data. Invalid UTF-8 becomes U+FFFD, as editors show it. */
export function decodeText(bytes: Buffer): string | undefined {
  const encoding = encodingOf(bytes)
  return encoding && new TextDecoder(encoding).decode(bytes)
}
