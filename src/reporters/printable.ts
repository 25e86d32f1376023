/**
 * Everything that comes from an audited tree or account may hold control characters (a terminal would obey them) and
 * direction overrides (people would misread them): they are shown as escapes.
 */
export function printableText(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, (c) =>
    c === '\t' ? ' ' : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** The same value with every string in it made printable; texts of rules are our own and keep their lines. */
export function printable<T>(value: T): T {
  if (typeof value === 'string') return printableText(value) as T
  if (Array.isArray(value)) return value.map(printable) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === 'rule' || key === 'rules' ? inner : printable(inner)]),
  ) as T
}
