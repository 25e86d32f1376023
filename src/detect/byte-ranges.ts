/** Sets of bytes, as the classes of patterns are. */

/** First and last byte, inclusive. */
export type Range = readonly [first: number, last: number]

/** Ranges sorted, merged, without overlaps. */
export function normalize(ranges: readonly Range[]): Range[] {
  const merged: [number, number][] = []
  for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const previous = merged.at(-1)
    if (previous && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last)
    else merged.push([first, last])
  }
  return merged
}

/** All other bytes. */
export function complement(ranges: readonly Range[]): Range[] {
  const result: Range[] = []
  let next = 0
  for (const [first, last] of normalize(ranges)) {
    if (first > next) result.push([next, first - 1])
    next = last + 1
  }
  if (next <= 255) result.push([next, 255])
  return result
}

/** Adds the other case of every ASCII letter. */
export function fold(ranges: readonly Range[]): Range[] {
  const result: Range[] = [...ranges]
  for (const [first, last] of ranges) {
    const upper: Range = [Math.max(first, 65), Math.min(last, 90)]
    const lower: Range = [Math.max(first, 97), Math.min(last, 122)]
    if (upper[0] <= upper[1]) result.push([upper[0] + 32, upper[1] + 32])
    if (lower[0] <= lower[1]) result.push([lower[0] - 32, lower[1] - 32])
  }
  return result
}

const DIGITS: readonly Range[] = [[48, 57]]
const WORD: readonly Range[] = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
]
const SPACE: readonly Range[] = [
  [9, 10],
  [12, 13],
  [32, 32],
]
/** Named classes of POSIX, `[[:alpha:]]`. */
export const POSIX: Readonly<Record<string, readonly Range[]>> = {
  alnum: [
    [48, 57],
    [65, 90],
    [97, 122],
  ],
  alpha: [
    [65, 90],
    [97, 122],
  ],
  ascii: [[0, 127]],
  blank: [
    [9, 9],
    [32, 32],
  ],
  cntrl: [
    [0, 31],
    [127, 127],
  ],
  digit: DIGITS,
  graph: [[33, 126]],
  lower: [[97, 122]],
  print: [[32, 126]],
  punct: [
    [33, 47],
    [58, 64],
    [91, 96],
    [123, 126],
  ],
  space: [
    [9, 13],
    [32, 32],
  ],
  upper: [[65, 90]],
  word: WORD,
  xdigit: [
    [48, 57],
    [65, 70],
    [97, 102],
  ],
}
/** Classes with a letter, `\d`; RE2's `\s` is without the vertical tab. */
export const PERL: Readonly<Record<string, readonly Range[]>> = { d: DIGITS, w: WORD, s: SPACE }
