/**
 * GitHub code scanning's `primaryLocationLineHash`: a 64-bit polynomial hash (base 37) of the 100 characters that follow the
 * start of a line, blanks left out, and `:n` for the n-th such line of the file. Specification: github/codeql-action,
 * src/fingerprints.ts.
 */

const WINDOW = 100
const BASE = 37n
const MASK = (1n << 64n) - 1n
const END_OF_FILE = '\uffff'

/** Hashes of the lines asked for (1-based), as `hex:n`; a line that the file does not have is left out. */
export function lineHashes(text: string, lines: Iterable<number>): Map<number, string> {
  const { characters, starts } = condense(text)
  const hashes = new Map<number, string>()
  const wanted = new Set(lines)
  const last = Math.min(Math.max(0, ...wanted), starts.length)
  // Equal windows have equal hashes; that unequal ones collide is as good as impossible, and this spares hashing every line.
  const seen = new Map<string, number>()
  for (let line = 1; line <= last; line++) {
    const window = windowAt(characters, starts[line - 1] ?? 0)
    const occurrence = (seen.get(window) ?? 0) + 1
    seen.set(window, occurrence)
    if (wanted.has(line)) hashes.set(line, `${hash(window)}:${occurrence}`)
  }
  return hashes
}

/** The text without spaces and tabs, line ends as LF, and where each line starts in it. */
function condense(text: string): { characters: string; starts: number[] } {
  const characters = text.replace(/\r\n?/g, '\n').replace(/[ \t]+/g, '') + END_OF_FILE
  const starts = [0]
  for (let end = characters.indexOf('\n'); end >= 0; end = characters.indexOf('\n', end + 1)) starts.push(end + 1)
  return { characters, starts }
}

function windowAt(characters: string, start: number): string {
  return characters.slice(start, start + WINDOW)
}

/** Behind the end of the file the window is filled with zeros. */
function hash(window: string): string {
  let value = 0n
  for (let i = 0; i < WINDOW; i++) value = (BASE * value + BigInt(i < window.length ? window.charCodeAt(i) : 0)) & MASK
  return value.toString(16)
}
