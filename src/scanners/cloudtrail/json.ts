/** A JSON object of which nothing is known. */
export type Json = Readonly<Record<string, unknown>>

/** A text, or the empty one for all else. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** An object, or an empty one for all else. */
export function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}
