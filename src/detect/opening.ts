import type { Node } from './pattern-node.ts'

/** What every match of a pattern begins with, told byte by byte: most places of a keyword are none of a match. */
export interface Opening {
  /** Whether the match begins at the beginning of a word. */
  readonly boundary: boolean
  /** For each of its first bytes which ones it may be, 256 flags. */
  readonly classes: readonly Uint8Array[]
}

/** Further bytes are left to the pattern. */
const MOST = 16

/** The opening of a pattern, as far as it is the same for all matches. */
export function openingOf(node: Node): Opening {
  const classes: Uint8Array[] = []
  let boundary = false
  /** Whether what follows the node begins at the same byte in every match. */
  const walk = (each: Node): boolean => {
    if (classes.length >= MOST) return false
    switch (each.type) {
      case 'class':
        classes.push(flagsOf(each.ranges))
        return true
      case 'assertion':
        boundary ||= classes.length === 0 && each.kind === 'word-boundary'
        return true
      case 'concat':
        return each.parts.every(walk)
      case 'group':
        return walk(each.body)
      case 'repeat': {
        for (let count = 0; count < each.min; count++) if (!walk(each.body)) return false
        return each.min === each.max
      }
      default:
        return false
    }
  }
  walk(node)
  // Before anything but a letter or digit the boundary asks for a word in front of it.
  return { boundary: boundary && classes[0] !== undefined && isWordOnly(classes[0]), classes }
}

/** Whether the first bytes at an offset are those of an opening, `most` of them at the most. */
export function opensAt(
  { boundary, classes }: Opening,
  buffer: Uint8Array,
  length: number,
  at: number,
  most = classes.length,
): boolean {
  if (boundary && at > 0 && isWord(buffer[at - 1] as number)) return false
  const count = Math.min(most, classes.length)
  if (at + count > length) return false
  for (let i = 0; i < count; i++) if ((classes[i] as Uint8Array)[buffer[at + i] as number] === 0) return false
  return true
}

function flagsOf(ranges: readonly (readonly [number, number])[]): Uint8Array {
  const flags = new Uint8Array(256)
  for (const [first, last] of ranges) flags.fill(1, first, last + 1)
  return flags
}

function isWordOnly(flags: Uint8Array): boolean {
  return flags.every((flag, byte) => flag === 0 || isWord(byte))
}

function isWord(byte: number): boolean {
  return (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90) || (byte >= 48 && byte <= 57) || byte === 95
}
