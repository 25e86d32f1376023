import { splitSelector } from '../../reference/kubernetes-labels.ts'

/** Whether labels fulfil something. */
export type Requirement = (labels: ReadonlyMap<string, string>) => boolean

/** Labels as facts have them (`KEY=VALUE`) by key. */
export function labelMap(labels: readonly string[]): Map<string, string> {
  return new Map(
    labels.map((label): [string, string] => {
      const at = label.indexOf('=')
      return [label.slice(0, at), label.slice(at + 1)]
    }),
  )
}

/** kubectl's selector syntax, as the scanner writes it. The empty selector matches everything, as in the API. */
export function parseSelector(selector: string): Requirement[] {
  return splitSelector(selector).map((text): Requirement => {
    const [, key = '', operator, values = ''] = /^(\S+) (in|notin) \(([^)]*)\)$/.exec(text) ?? []
    const set = values.split(',')
    if (operator === 'in') return (labels) => set.includes(labels.get(key) ?? '\0')
    if (operator === 'notin') return (labels) => !set.includes(labels.get(key) ?? '\0')
    if (text.startsWith('!')) return (labels) => !labels.has(text.slice(1))
    const equals = text.indexOf('=')
    if (equals < 0) return (labels) => labels.has(text)
    return (labels) => labels.get(text.slice(0, equals)) === text.slice(equals + 1)
  })
}

export function matches(selector: readonly Requirement[], labels: ReadonlyMap<string, string>): boolean {
  return selector.every((requirement) => requirement(labels))
}
