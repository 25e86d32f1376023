import type { Container, Entry } from './entry.ts'

/**
 * Reads `ENV` and `ARG` of a Dockerfile: `ENV KEY=value KEY2="value 2"`, the old form `ENV KEY value`, `ARG KEY=default`,
 * with continued lines. https://docs.docker.com/reference/dockerfile/#env
 */
export function readDockerfile(text: string): Entry[] {
  const entries: Entry[] = []
  const instruction = /^[ \t]*(?:ENV|ARG)[ \t]+/gim
  for (let match = instruction.exec(text); match; match = instruction.exec(text)) {
    const start = match.index + match[0].length
    readPairs(text, start, endOfInstruction(text, start), entries)
  }
  return entries
}

function endOfInstruction(text: string, from: number): number {
  let end = from
  for (;;) {
    end = text.indexOf('\n', end)
    if (end < 0) return text.length
    if (!/\\[ \t]*\r?$/.test(text.slice(Math.max(from, end - 8), end))) return end
    end++
  }
}

const PAIR = /([A-Za-z_][\w.-]*)(?:=("(?:[^"\\]|\\[\s\S])*"|'[^']*'|(?:\\.|[^\s\\])*)|[ \t]+([^\n]*))?/y

function readPairs(text: string, from: number, end: number, entries: Entry[]): void {
  const container: Container = { key: '', parent: undefined }
  let at = from
  while (at < end) {
    const blank = /(?:\s|\\[ \t]*\r?\n)*/y
    blank.lastIndex = at
    at += blank.exec(text)?.[0].length ?? 0
    PAIR.lastIndex = at
    const match = at < end ? PAIR.exec(text) : null
    if (!match) return
    const [whole, key = '', assigned, spaced] = match
    const raw = assigned ?? spaced?.trim() ?? ''
    const quoted = /^["']/.test(raw) && raw.length > 1
    const start =
      at +
      (assigned === undefined ? whole.length - (spaced ?? '').trimStart().length : key.length + 1) +
      (quoted ? 1 : 0)
    const value = quoted ? raw.slice(1, -1) : raw
    // Only the first pair can have the form with a blank.
    if (spaced === undefined || at === from)
      entries.push({ key, keyStart: at, value, start, end: start + value.length, quoted, container })
    at += Math.max(whole.length, 1)
  }
}
