/**
 * What a reader does not see, or sees in another order: control characters (a terminal would obey them), line and paragraph
 * separators, everything that Unicode has drawn as nothing (soft hyphen, zero-width and direction characters, fillers, tags), and halves of
 * surrogate pairs, which no output can hold. Variation selectors, which only choose how an emoji looks, stay; their supplement, in
 * which whole texts can be hidden, does not.
 */
const UNSEEN = /(?![\ufe00-\ufe0f])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu

/**
 * Everything that comes from an audited tree or account may hold control characters and direction overrides (people would
 * misread them): they are shown as escapes, `\u202e`, beyond 16 bits `\u{e0041}`.
 */
export function printableText(text: string): string {
  return text.replace(UNSEEN, (c) => {
    if (c === '\t') return ' '
    const code = c.codePointAt(0) as number
    return code > 0xffff ? `\\u{${code.toString(16)}}` : escape16(code)
  })
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

/** JSON in which the same characters stand as its own escapes: equal for whoever parses it, plain for whoever looks at it. */
export function jsonText(value: unknown, indent: number): string {
  return JSON.stringify(value, null, indent).replace(UNSEEN, (c) =>
    c === '\n' ? c : [...Array(c.length).keys()].map((i) => escape16(c.charCodeAt(i))).join(''),
  )
}

function escape16(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`
}
