import { conditionOf, expressionsOf, referencesOf } from '../../sources/github-expressions.ts'
import { type MapEntry, textOf, type ValueNode } from '../../sources/value-node.ts'

/**
 * Which token a value is: the job's own (`github.token`, `secrets.GITHUB_TOKEN`, one of both), another one, or `unclear`: an input
 * or a variable that somebody else fills.
 */
export type Token = 'job' | 'other' | 'unclear' | 'none'

/** What an expression takes of contexts; nothing where its text is no expression of GitHub's. */
export function referencesIn(text: string): string[] {
  return [...new Set(expressionsOf(text).flatMap(({ tree }) => (tree ? referencesOf(tree) : [])))]
}

/** As {@link referencesIn}, of an `if:`, whose braces may be left out. */
export function referencesInCondition(text: string): string[] {
  const condition = conditionOf(text)
  return condition?.tree ? referencesOf(condition.tree) : referencesIn(text)
}

export function isJobToken(reference: string): boolean {
  return reference === 'github.token' || reference === 'secrets.github_token'
}

/** The token in a value; `env` are the variables in reach, the nearest last. */
export function tokenIn(node: ValueNode | undefined, env: ReadonlyMap<string, ValueNode>): Token {
  return tokenInText(textOf(node) ?? '', env)
}

export function tokenInText(text: string, env: ReadonlyMap<string, ValueNode>): Token {
  if (text.trim() === '') return 'none'
  const found = referencesIn(text)
  if (found.some(isJobToken)) return 'job'
  for (const reference of found) {
    const variable = /^env\.(.+)$/.exec(reference)?.[1]
    const value = variable === undefined ? undefined : env.get(variable)
    // A variable that refers to itself would go in circles.
    if (value && !referencesIn(textOf(value) ?? '').includes(reference)) return tokenIn(value, env)
    if (variable !== undefined || /^(?:inputs|matrix|needs)\b/.test(reference)) return 'unclear'
  }
  return 'other'
}

/** Variables by lower-case name; what stands nearer hides what stands farther. */
export function variablesOf(...levels: readonly (readonly MapEntry[])[]): ReadonlyMap<string, ValueNode> {
  return new Map(levels.flat().map(({ key, value }) => [key.toLowerCase(), value]))
}

/** `./path` and `$/path` are of the same repository and commit. */
export function isLocal(uses: string): boolean {
  return uses.startsWith('./') || uses.startsWith('$/')
}
