import type { Phrase } from '../report.ts'
import type { FieldReference, Row } from './cel.ts'

/** A message with places for values: `{{binding.field}}`. */
export interface MessageTemplate {
  readonly references: readonly FieldReference[]
  render(row: Row): string
  /** The same, with the rule's own words and the values kept apart. */
  phrase(row: Row): Phrase
}

const PLACEHOLDER = /\{\{\s*(\w+)\.(\w+)\s*\}\}/g

/** Lists read as "a, b and 3 more"; what was not seen reads "unknown". */
export function parseMessage(text: string): MessageTemplate {
  const references = [...text.matchAll(PLACEHOLDER)].map(([, binding = '', field = '']) => ({ binding, field }))
  const literals = text.split(/\{\{\s*\w+\.\w+\s*\}\}/)
  const valuesOf = (row: Row) => references.map(({ binding, field }) => showValue(row[binding]?.data, field))
  return {
    references,
    render: (row) => {
      const values = valuesOf(row)
      return literals.map((literal, i) => literal + (values[i] ?? '')).join('')
    },
    phrase: (row) => ({ literals, values: valuesOf(row) }),
  }
}

/** The sentences of a step; a sentence that is nothing but a list is one for each of its items. */
export function sentencesOf(templates: readonly MessageTemplate[], row: Row): string[] {
  return templates.flatMap((template) => {
    const { literals } = template.phrase(row)
    const [only, ...others] = template.references
    const bare = only !== undefined && others.length === 0 && literals.every((literal) => literal.trim() === '')
    const value = bare ? (row[only.binding]?.data as Record<string, unknown> | undefined)?.[only.field] : undefined
    return Array.isArray(value) ? value.map(String) : [template.render(row)]
  })
}

/** A value in words. */
export function showValue(data: object | undefined, field: string): string {
  const value = (data as Record<string, unknown> | undefined)?.[field]
  if (value === undefined) return 'unknown'
  if (!Array.isArray(value)) return String(value)
  if (value.length <= 5) return value.join(', ')
  return `${value.slice(0, 4).join(', ')} and ${value.length - 4} more`
}
