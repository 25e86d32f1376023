import { globMatches, globsIntersect } from '../../glob.ts'

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

/** What a filter takes at most, as a pattern of `*` and `?`. */
export function outline(pattern: string): string {
  return elementsOf(pattern)
    .map(({ literal, least, most }) =>
      literal === undefined || least === 0 || most === 'many' ? (least === 1 && most === 1 ? '?' : '*') : literal,
    )
    .join('')
    .replace(/\*+/g, '*')
}

/** Texts that a filter may take: its wildcards filled with next to nothing. */
function samplesOf(pattern: string): string[] {
  return ['x', '1', '']
    .map((filler) => outline(pattern).replace(/[*?]/g, filler))
    .filter((text) => filterMatches(pattern, text))
}

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
  const outlines = filter.patterns.length === 0 ? ['*'] : positive.map(outline)
  const possible = outlines.some((each) => globsIntersect(each, glob))
  if (!possible) return { certain: [], possible }
  const fillers = ['', 'x', 'main', '1.0']
  const candidates = [
    ...fillers.map((filler) =>
      glob.replace(/[*?]+/g, (run) => (run.includes('?') && filler.length === 0 ? 'x' : filler)),
    ),
    ...positive.flatMap(samplesOf),
    'main',
    'zq7',
  ]
  const certain = [...new Set(candidates)].filter(
    (name) => name !== '' && globMatches(glob, name) && letsThrough(filter, name),
  )
  // Without a wildcard on either side there is nothing left to guess.
  const decided = !/[*?]/.test(glob) || (filter.patterns.length > 0 && outlines.every((each) => !/[*?]/.test(each)))
  return { certain, possible: certain.length > 0 || !decided }
}
