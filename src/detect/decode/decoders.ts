import type { ByteText } from '../byte-text.ts'
import type { Announcer } from './announcers.ts'
import type { Decoding } from './decoding.ts'
import { decodeEscapes, decodePercent } from './escapes.ts'
import { joinLiterals } from './literals.ts'
import { decodeBase64, decodeHex } from './runs.ts'

/** Milliseconds after which a text's encoded parts are given up. */
export const MAX_DECODE_TIME = 2000

/** What an announcer's occurrence at an offset stands in, decoded; undefined if it was met by chance. */
export function decodeAt(text: ByteText, at: number, announcer: Announcer): Decoding | undefined {
  if (announcer.isExact && text.slice(at, at + announcer.text.length) !== announcer.text) return undefined
  switch (announcer.by) {
    case 'base64':
      return decodeBase64(text, at, announcer.phase)
    case 'hex':
      return decodeHex(text, at)
    case 'percent':
      return decodePercent(text, at)
    case 'escapes':
      return decodeEscapes(text, at)
    case 'seam':
      return isSeam(text, at, announcer) ? joinLiterals(text, at) : undefined
  }
}

/** Whether a token could go on from one literal to the next: letters or digits on both sides. */
function isSeam(text: ByteText, at: number, { text: seam }: Announcer): boolean {
  if (at === 0 || !/[\w.=+/-]/.test(text.slice(at - 1, at))) return false
  // Across lines what follows is indented.
  return seam.endsWith('\n') || /[\w.=+/-]/.test(text.slice(at + seam.length, at + seam.length + 1))
}

/** The whole name of encodings within each other, outermost first: `base64+hex`. */
export function joinEncodings(outer: string, inner: string): string {
  return inner === '' || inner === outer ? outer : `${outer}+${inner}`
}
