import type { Buffer } from 'node:buffer'

/** What a file begins with, by kind; `named`: too little to tell by itself, so that the name has to say the same. */
interface Beginning {
  readonly parts: readonly (readonly [at: number, bytes: string])[]
  readonly named?: RegExp
}

const BEGINNINGS: readonly Beginning[] = [
  // Portable Network Graphics, JPEG, GIF, WebP
  { parts: [[0, '\x89PNG\r\n\x1a\n']] },
  { parts: [[0, '\xff\xd8\xff']] },
  { parts: [[0, 'GIF87a']] },
  { parts: [[0, 'GIF89a']] },
  {
    parts: [
      [0, 'RIFF'],
      [8, 'WEBP'],
    ],
  },
  { parts: [[0, 'wOFF']] },
  { parts: [[0, 'wOF2']] },
  { parts: [[0, 'OTTO\0']] },
  // An icon: reserved, its kind, how many pictures
  { parts: [[0, '\0\0\x01\0']], named: /\.ico$/i },
  // TrueType: a version, how many tables; Access's databases begin with the same four bytes.
  { parts: [[0, '\0\x01\0\0\0']], named: /\.ttf$/i },
]

/**
 * Whether a file is a picture or a font by its content: what of it is text can be looked through as it stands, and the rest hides no
 * credential that anybody would read. A name alone proves nothing.
 */
export function isPicture(path: string, bytes: Buffer): boolean {
  const start = bytes.toString('latin1', 0, 16)
  return BEGINNINGS.some(
    ({ parts, named }) => (named?.test(path) ?? true) && parts.every(([at, part]) => start.startsWith(part, at)),
  )
}
