import type { Location } from '../model.ts'
import type { Cell, Value } from '../table.ts'

/** A field of a fact: undefined is one that was not seen. */
export function cell(value: Value | undefined, text?: string): Cell {
  return { value: value ?? null, ...(text !== undefined && { text }) }
}

/** A list of which more may exist where `complete` is false. */
export function listCell(values: readonly string[], complete = true, text?: string): Cell {
  return { value: values, ...(text !== undefined && { text }), ...(!complete && { partial: true }) }
}

/** Where a thing is declared: `path:line`, else the name of the resource. */
export function placeCell(at: Location | undefined): Cell {
  if (!at) return { value: null }
  const file = 'file' in at ? at : at.declaredAt
  if (!file) return { value: 'resource' in at ? at.resource : '' }
  return { value: file.line === undefined ? file.file : `${file.file}:${file.line}` }
}

/** Days since something, -1 if never. */
export function daysCell(value: number | undefined): Cell {
  const words = value === -1 ? 'never' : value === 0 ? 'today' : `${value} day${value === 1 ? '' : 's'} ago`
  return cell(value, value === undefined ? undefined : words)
}

/** The day of a time in RFC 3339. */
export function dayOf(time: string): string {
  return time.slice(0, 10)
}

/** Things by a key, in the order in which they came. */
export function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}
