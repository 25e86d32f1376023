import type { Container, Entry } from './entry.ts'
import { assignmentsIn } from './lines.ts'

/**
 * Reads `ENV` and `ARG` of a Dockerfile: `ENV KEY=value KEY2="value 2"`, the old form `ENV KEY value`, `ARG KEY=default`,
 * with continued lines; and what commands are given, `RUN KEY=value npm install`, also in a heredoc.
 * https://docs.docker.com/reference/dockerfile/#env
 */
export function readDockerfile(text: string): Entry[] {
  const entries: Entry[] = []
  let unclosed = 0
  const instruction = /^[ \t]*(ENV|ARG|RUN)[ \t]+/gim
  for (let match = instruction.exec(text); match; match = instruction.exec(text)) {
    const start = match.index + match[0].length
    const end = endOfInstruction(text, start)
    instruction.lastIndex = end
    if (match[1]?.toUpperCase() !== 'RUN') readPairs(text, start, end, entries)
    else {
      const stop = unclosed > MAX_UNCLOSED ? end : endOfHeredoc(text, start, end)
      if (stop === undefined) unclosed++
      for (const entry of assignmentsIn(text, start, stop ?? end, RUN)) entries.push(entry)
      instruction.lastIndex = stop ?? end
    }
  }
  return entries
}

const RUN: Container = { key: 'RUN', parent: undefined }

/** Longer scripts belong into a file. */
const MAX_HEREDOC = 50_000

/** Looking for the end of a heredoc that has none is dear; a file with more of these is none. */
const MAX_UNCLOSED = 20

/** Where `RUN <<EOF` ends: with the instruction, if it has no heredoc; undefined if that is never closed. */
function endOfHeredoc(text: string, start: number, end: number): number | undefined {
  const tag = /<<-?["']?([A-Za-z_]\w{0,60})/.exec(text.slice(start, Math.min(end, start + 1000)))?.[1]
  if (tag === undefined) return end
  const close = new RegExp(`^[ \\t]*${tag}[ \\t]*\\r?$`, 'm').exec(text.slice(end, end + MAX_HEREDOC))
  return close ? end + close.index : undefined
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
