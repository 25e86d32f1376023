import * as v from 'valibot'
import { type Document, isMap, isNode, isPair, isScalar, LineCounter, type Node } from 'yaml'
import type { Defect } from './errors.ts'
import { nearest } from './nearest.ts'
import { parseShallow } from './shallow-yaml.ts'

/** A YAML file read against a schema: its value, and where each part of it stands. */
export interface CheckedDocument<T> {
  readonly value: T
  /** 1-based line and column of the value at a path; of the nearest parent if the path ends earlier. */
  position(path: readonly (string | number)[]): { line: number; column: number }
}

/**
 * Reads YAML (or JSON) and checks its form. Every defect goes into `defects`, each with its place; the result is undefined
 * if there was one. Never throws for what a file holds.
 */
export function readDocument<T>(
  file: string,
  text: string,
  schema: v.GenericSchema<unknown, T>,
  defects: Defect[],
): CheckedDocument<T> | undefined {
  const lines = new LineCounter()
  const document = parseShallow(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  if (!document) {
    defects.push({ file, line: 1, column: 1, message: 'nested too deeply' })
    return undefined
  }
  if (document.errors.length > 0) {
    for (const error of document.errors) {
      const { line, col } = lines.linePos(error.pos[0])
      defects.push({ file, line, column: col, message: error.message })
    }
    return undefined
  }
  const position = (path: readonly (string | number)[]) => {
    const { line, col } = lines.linePos(offsetOf(document, path))
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  let value: unknown
  try {
    // An empty file is an empty mapping: a config with everything commented out is no defect.
    value = document.toJS({ maxAliasCount: 100 }) ?? {}
  } catch (error) {
    // Aliases that would grow without bound.
    defects.push({ file, line: 1, column: 1, message: (error as Error).message })
    return undefined
  }
  const result = v.safeParse(schema, value, { abortPipeEarly: false })
  if (result.success) return { value: result.output, position }
  const found: Defect[] = []
  const seen = new Set<string>()
  for (const issue of result.issues.flatMap(deepest)) {
    const path = pathOf(issue)
    const message = explain(issue, path, knownKeys(schema as Walkable, path.slice(0, -1)))
    const { line, column } = position(path)
    const key = `${line}:${column}:${message}`
    if (!seen.has(key)) found.push({ file, line, column, message })
    seen.add(key)
  }
  defects.push(...found.sort((a, b) => a.line - b.line || a.column - b.column))
  return undefined
}

function pathOf(issue: v.BaseIssue<unknown>): (string | number)[] {
  return (issue.path ?? []).map((item) => item.key as string | number)
}

/** In a union, the branch that got furthest says most. */
function deepest(issue: v.BaseIssue<unknown>): v.BaseIssue<unknown>[] {
  if (issue.type !== 'union' || !issue.issues) return [issue]
  const inner = issue.issues.filter((sub) => (sub.path?.length ?? 0) > 0)
  if (inner.length === 0) return [issue]
  return inner
    .map((sub) => ({ ...sub, path: [...(issue.path ?? []), ...(sub.path ?? [])] }) as v.BaseIssue<unknown>)
    .flatMap(deepest)
}

function explain(issue: v.BaseIssue<unknown>, path: readonly (string | number)[], known: readonly string[]): string {
  const where = path.length > 0 ? `${path.join('.')}: ` : ''
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const key = String(path.at(-1))
    const near = nearest(key, known)
    return `unknown key '${key}'${near ? `, did you mean '${near}'?` : known.length > 0 ? ` (known: ${known.join(', ')})` : ''}`
  }
  if (issue.type === 'strict_object' && issue.received === 'undefined') return `${where}is missing`
  if (issue.type === 'picklist') {
    const options = [...String(issue.expected).matchAll(/"([^"]*)"/g)].map((m) => m[1] ?? '')
    const near = typeof issue.input === 'string' ? nearest(issue.input, options) : undefined
    const given =
      typeof issue.input === 'string' && issue.input.length < 40 ? `'${issue.input}'` : describe(issue.input)
    return `${where}${given} is not one of ${options.join(', ')}${near ? `; did you mean '${near}'?` : ''}`
  }
  if (issue.kind === 'validation' && !issue.message.startsWith('Invalid')) return `${where}${issue.message}`
  return `${where}expected ${issue.expected ?? 'another value'}, found ${describe(issue.input)}`
}

/** The kind of a value: the value itself may be a secret, or not the caller's to see. */
function describe(value: unknown): string {
  if (value === null) return 'nothing'
  if (value === undefined) return 'nothing'
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'a mapping' : `a ${typeof value}`
}

/** What can be seen of a valibot schema from outside, to walk it along a path. */
interface Walkable {
  readonly entries?: Readonly<Record<string, Walkable>>
  readonly wrapped?: Walkable
  readonly options?: readonly Walkable[]
  readonly item?: Walkable
  readonly value?: Walkable
}

/** The keys that the mapping at a path may have; of all branches of a union. */
function knownKeys(schema: Walkable, path: readonly (string | number)[]): string[] {
  if (schema.wrapped) return knownKeys(schema.wrapped, path)
  if (Array.isArray(schema.options)) {
    return schema.options.flatMap((option: Walkable) => (typeof option === 'object' ? knownKeys(option, path) : []))
  }
  const [key, ...rest] = path
  if (key === undefined) return Object.keys(schema.entries ?? {})
  const next = schema.entries?.[String(key)] ?? schema.item ?? (schema.entries ? undefined : schema.value)
  return next ? knownKeys(next, rest) : []
}

/** Offset of the key (for mappings) or item at a path, else of the nearest parent that exists. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
  let node: unknown = document.contents
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key),
      )
      if (!pair) break
      offset = (pair.key as Node).range?.[0] ?? offset
      node = pair.value
    } else {
      const item: unknown = (node as { items?: unknown[] } | null)?.items?.[Number(key)]
      if (!isNode(item)) break
      offset = item.range?.[0] ?? offset
      node = item
    }
  }
  return offset
}
