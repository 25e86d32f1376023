import { blockText, type Scopes } from './smallest.ts'
import type { Block } from './token-needs.ts'

/** A block that is to be written: another one in its place, or one where none was. */
export interface BlockEdit {
  readonly block: Block
  readonly scopes: Scopes
}
interface LineEdit {
  /** First line that goes, 1-based; without lines that go, the one before which the new ones stand. */
  readonly line: number
  readonly removed: readonly string[]
  readonly added: readonly string[]
}

const CONTEXT = 3

/** A unified diff of one file; empty where a block has no lines of its own. Comments of lines that stay are kept. */
export function permissionDiff(path: string, edits: readonly BlockEdit[]): string {
  const lines = new Map<number, string>()
  const changes: LineEdit[] = []
  for (const { block, scopes } of edits) {
    const { line = 0, lines: own = [], before = [], after = [] } = block.data
    if (line < 1) return ''
    before.forEach((text, i) => void lines.set(line - before.length + i, text))
    own.forEach((text, i) => void lines.set(line + i, text))
    after.forEach((text, i) => void lines.set(line + own.length + i, text))
    changes.push(changeOf(block, scopes))
  }
  const real = changes.filter(({ removed, added }) => removed.length + added.length > 0)
  real.sort((a, b) => a.line - b.line)
  const hunks = hunksOf(real, lines)
  return hunks.length === 0 ? '' : [`--- a/${path}`, `+++ b/${path}`, ...hunks, ''].join('\n')
}

function changeOf({ data }: Block, scopes: Scopes): LineEdit {
  const { line = 0, lines = [], before = [], job = '', indent = 0 } = data
  const eol = [...lines, ...before].some((text) => text.endsWith('\r')) ? '\r' : ''
  const block = lines.length > 1 ? edited(lines, scopes, indent, eol) : replaced(lines, scopes, indent, eol)
  // A block of its own before `jobs:` has an empty line behind it.
  const added = lines.length === 0 && job === '' ? [...block, eol] : block
  return withoutEqualEnds({ line, removed: lines, added })
}

/** Lines that stay are context of a diff. */
function withoutEqualEnds({ line, removed, added }: LineEdit): LineEdit {
  let head = 0
  while (head < Math.min(removed.length, added.length) && removed[head] === added[head]) head++
  let tail = 0
  while (tail < Math.min(removed.length, added.length) - head && removed.at(-1 - tail) === added.at(-1 - tail)) tail++
  return {
    line: line + head,
    removed: removed.slice(head, removed.length - tail),
    added: added.slice(head, added.length - tail),
  }
}

/** One line, or none: its comment stays. */
function replaced(lines: readonly string[], scopes: Scopes, indent: number, eol: string): string[] {
  const comment = /\s#[^'"]*$/.exec((lines[0] ?? '').replace(/\r$/, ''))?.[0] ?? ''
  return blockText(scopes, indent).map((text, i) => (i === 0 ? text + comment : text) + eol)
}

/** A line for each scope: those that stay keep their comments and places. */
function edited(lines: readonly string[], scopes: Scopes, indent: number, eol: string): string[] {
  if (scopes.size === 0) return replaced(lines, scopes, indent, eol)
  const left = new Map(scopes)
  let inner = ' '.repeat(indent + 2)
  const kept = lines.flatMap((text) => {
    const entry = /^(\s+)(['"]?)([a-z-]+)\2(\s*:\s*)(['"]?)(read|write|none)\5(.*)$/.exec(text.replace(/\r$/, ''))
    if (!entry) return [text]
    const [, pad = inner, quote = '', scope = '', colon = ': ', , , rest = ''] = entry
    inner = pad
    const access = left.get(scope)
    left.delete(scope)
    // What the comment says of an access that changes may not hold any more; people see it in the diff.
    return access === undefined ? [] : [`${pad}${quote}${scope}${quote}${colon}${access}${rest}${eol}`]
  })
  const isFlow = !/^\s*permissions\s*:\s*(?:#.*)?\r?$/.test(lines[0] ?? '')
  if (isFlow)
    return replaced(
      lines.slice(0, 1).map(() => ''),
      scopes,
      indent,
      eol,
    )
  return [...kept, ...[...left].map(([scope, access]) => `${inner}${scope}: ${access}${eol}`)]
}

function hunksOf(changes: readonly LineEdit[], lines: ReadonlyMap<number, string>): string[] {
  const hunks: string[] = []
  let moved = 0
  for (let i = 0; i < changes.length; ) {
    const first = changes[i] as LineEdit
    let from = first.line
    while (from > first.line - CONTEXT && lines.has(from - 1)) from--
    const body: string[] = []
    let at = from
    let added = 0
    let removed = 0
    const copy = (end: number) => {
      for (; at < end; at++) body.push(` ${lines.get(at) ?? ''}`)
    }
    for (;;) {
      const change = changes[i++] as LineEdit
      copy(change.line)
      body.push(...change.removed.map((text) => `-${text}`), ...change.added.map((text) => `+${text}`))
      at += change.removed.length
      removed += change.removed.length
      added += change.added.length
      const next = changes[i]
      if (!next || !isKnown(lines, at, next.line) || next.line - at > 2 * CONTEXT) break
    }
    const stop = at + CONTEXT
    while (at < stop && lines.has(at)) copy(at + 1)
    const before = at - from
    hunks.push(`@@ -${from},${before} +${from + moved},${before - removed + added} @@`, ...body)
    moved += added - removed
  }
  return hunks
}

function isKnown(lines: ReadonlyMap<number, string>, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (!lines.has(at)) return false
  return true
}
