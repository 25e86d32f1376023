import { list, record, text } from './objects.ts'

/** A label selector in kubectl's syntax: `a=b,c in (d,e),!f`. Empty for one that selects everything, and for none. */
export function selectorText(value: unknown): string {
  const selector = record(value)
  const labels = Object.entries(record(selector?.matchLabels) ?? {}).map(([key, v]) => `${key}=${text(v) ?? ''}`)
  const expressions = list(selector?.matchExpressions).flatMap((item) => {
    const { key: rawKey, operator, values } = record(item) ?? {}
    const key = text(rawKey)
    if (!key) return []
    const set = `(${strings(values).join(',')})`
    const forms: Record<string, string> = {
      In: `${key} in ${set}`,
      NotIn: `${key} notin ${set}`,
      Exists: key,
      DoesNotExist: `!${key}`,
    }
    return forms[String(operator)] ?? []
  })
  return [...labels, ...expressions].join(',')
}

/** The texts of a list. */
export function strings(value: unknown): string[] {
  return list(value).flatMap((item) => text(item) ?? [])
}
