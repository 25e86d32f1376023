import type { FieldReference, Row } from './cel.ts'

/** A message with places for values: `{{binding.field}}`. */
export interface MessageTemplate {
  readonly references: readonly FieldReference[]
  render(row: Row): string
}

const PLACEHOLDER = /\{\{\s*(\w+)\.(\w+)\s*\}\}/g

/** Lists read as "a, b and 3 more"; what was not seen reads "unknown". */
export function parseMessage(text: string): MessageTemplate {
  const references = [...text.matchAll(PLACEHOLDER)].map(([, binding = '', field = '']) => ({ binding, field }))
  return {
    references,
    render: (row) =>
      text.replace(PLACEHOLDER, (_, binding: string, field: string) => showValue(row[binding]?.data, field)),
  }
}

/** A value in words. */
export function showValue(data: object | undefined, field: string): string {
  const value = (data as Record<string, unknown> | undefined)?.[field]
  if (value === undefined) return 'unknown'
  if (!Array.isArray(value)) return String(value)
  if (value.length <= 5) return value.join(', ')
  return `${value.slice(0, 4).join(', ')} and ${value.length - 4} more`
}
