/** Names that a gap for many things lists. */
const NAMED = 5

/** The first of many names, and how many there are besides: `a, b, c, d, e and 7 more`. */
export function someOf(names: readonly string[]): string {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : ''
  return `${names.slice(0, NAMED).join(', ')}${more}`
}
