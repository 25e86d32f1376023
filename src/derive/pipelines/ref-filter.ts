import { globMatches } from '../../glob.ts'

/**
 * Filters of branches and tags in GitHub's own pattern language. Source: "Filter pattern cheat sheet",
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
 */

/** One element of a pattern: which characters, and how many of them. */
interface Element {
  /** A character, `[…]`, `/` for any but a slash, or `any`. */
  readonly takes: (char: string) => boolean
  readonly literal?: string
  readonly least: 0 | 1
  readonly most: 1 | 'many'
}

/** Patterns are read from an audited tree: no regular expression is made of them, and the work is pattern × text. */
export function filterMatches(pattern: string, text: string): boolean {
  const elements = elementsOf(pattern)
  let states = closure(new Set([0]), elements)
  for (const char of text) {
    const next = new Set<number>()
    for (const state of states) {
      const element = elements[state]
      if (!element?.takes(char)) continue
      next.add(state + 1)
      if (element.most === 'many') next.add(state)
    }
    // An element that was taken once may stay for more; it may also be left.
    states = closure(next, elements)
    if (states.size === 0) return false
  }
  return states.has(elements.length)
}

/** States that are reached without a character. */
function closure(states: Set<number>, elements: readonly Element[]): Set<number> {
  const reached = new Set(states)
  for (const state of reached) if (elements[state]?.least === 0) reached.add(state + 1)
  return reached
}

function elementsOf(pattern: string): Element[] {
  const elements: Element[] = []
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? ''
    const last = elements.at(-1)
    if (char === '*') {
      const any = pattern[i + 1] === '*'
      if (any) i++
      elements.push({ takes: any ? () => true : (each) => each !== '/', least: 0, most: 'many' })
    } else if (char === '?' && last) elements[elements.length - 1] = { ...last, least: 0 }
    else if (char === '+' && last) elements.push({ ...last, least: 0, most: 'many' })
    else if (char === '[' && pattern.indexOf(']', i) > i) {
      const end = pattern.indexOf(']', i)
      const takes = classOf(pattern.slice(i + 1, end))
      elements.push({ takes, least: 1, most: 1 })
      i = end
    } else {
      const literal = char === '\\' && i + 1 < pattern.length ? (pattern[++i] ?? '') : char
      elements.push({ takes: (each) => each === literal, literal, least: 1, most: 1 })
    }
  }
  return elements
}

function classOf(inside: string): (char: string) => boolean {
  const parts = inside.match(/[\s\S]-[\s\S]|[\s\S]/g) ?? []
  return (char) =>
    parts.some((part) => (part.length === 3 ? char >= (part[0] ?? '') && char <= (part[2] ?? '') : char === part))
}

/** Longer ones name no ref. */
const MAX_LENGTH = 250

/** The shortest text that a filter and a pattern of `*` and `?` both take; undefined if there is none. */
export function commonText(pattern: string, glob: string): string | undefined {
  if (pattern.length > MAX_LENGTH || glob.length > MAX_LENGTH) return undefined
  const elements = elementsOf(pattern)
  const alphabet = new Set(['x', '1', '/', ...pattern.replace(/[*?+[\]!\\]/g, ''), ...glob.replace(/[*?]/g, '')])
  const key = (i: number, j: number) => i * (glob.length + 1) + j
  const before = new Map<number, { from: number; char: string }>()
  const queue: [number, number][] = [[0, 0]]
  before.set(0, { from: -1, char: '' })
  const visit = (i: number, j: number, from: number, char: string) => {
    if (before.has(key(i, j))) return
    before.set(key(i, j), { from, char })
    queue.push([i, j])
  }
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [i, j] = next
    const here = key(i, j)
    if (i === elements.length && j === glob.length) return textTo(here, before)
    const element = elements[i]
    const star = glob[j] === '*'
    if (element?.least === 0) visit(i + 1, j, here, '')
    if (star) visit(i, j + 1, here, '')
    if (!element || j === glob.length) continue
    for (const char of alphabet) {
      if (!element.takes(char) || !(star || glob[j] === '?' || glob[j] === char)) continue
      const after = star ? j : j + 1
      visit(i + 1, after, here, char)
      if (element.most === 'many') visit(i, after, here, char)
    }
  }
  return undefined
}

function textTo(end: number, before: ReadonlyMap<number, { from: number; char: string }>): string {
  const chars: string[] = []
  for (let at = end; at >= 0; at = before.get(at)?.from ?? -1) chars.unshift(before.get(at)?.char ?? '')
  return chars.join('')
}

/** Nobody calls a branch, tag or environment so: a trust that takes it takes all. */
export const ANY_NAME = 'zq7'

/** Which names of branches, or of tags, start a workflow. */
export interface RefFilter {
  /** Patterns in their order, `!` among them; empty: all. */
  readonly patterns: readonly string[]
  readonly ignored: readonly string[]
}
export const EVERY_REF: RefFilter = { patterns: [], ignored: [] }

/** Whether a filter lets a name through; the last pattern that fits decides. */
export function letsThrough({ patterns, ignored }: RefFilter, name: string): boolean {
  if (ignored.some((pattern) => filterMatches(pattern, name))) return false
  if (patterns.length === 0) return true
  let taken = false
  for (const pattern of patterns) {
    const negative = pattern.startsWith('!')
    if (filterMatches(negative ? pattern.slice(1) : pattern, name)) taken = !negative
  }
  return taken
}

/**
 * Names that a filter lets through and that a pattern of `*` and `?` takes: some that surely are both, and whether there may be
 * others.
 */
export function commonNames(filter: RefFilter, glob: string): { certain: string[]; possible: boolean } {
  const positive = filter.patterns.filter((pattern) => !pattern.startsWith('!'))
  const shortest = (filter.patterns.length === 0 ? ['**'] : positive).flatMap((each) => commonText(each, glob) ?? [])
  if (shortest.length === 0) return { certain: [], possible: false }
  const longer = ['x', 'main', '1.0'].map((filler) => glob.replace(/[*?]+/g, filler))
  const certain = [...new Set(['main', ...shortest.flatMap((each) => [each, `${each}x`]), ...longer, ANY_NAME])].filter(
    (name) => isName(name) && globMatches(glob, name) && letsThrough(filter, name),
  )
  // Exceptions took away what was tried; without a wildcard there is nothing else to try.
  return { certain, possible: certain.length > 0 || /[*?]/.test(glob) }
}

function isName(name: string): boolean {
  return name !== '' && !/^\/|\/$|\/\//.test(name)
}
