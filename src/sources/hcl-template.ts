import type { Node } from 'web-tree-sitter'
import type { HclExpression, TemplatePart } from './hcl-expression.ts'
import { childOf, childrenOf } from './hcl-nodes.ts'

const TAGS: Readonly<Record<string, 'value' | 'if' | 'else' | 'for' | 'end'>> = {
  template_interpolation: 'value',
  template_if_intro: 'if',
  template_else_intro: 'else',
  template_if_end: 'end',
  template_for_start: 'for',
  template_for_end: 'end',
}

/** The interpolations and directives of a template in the order of the text, nested ones included. */
export function tagsOf(node: Node): Node[] {
  return node.namedChildren.flatMap((child) => {
    if (!child) return []
    if (TAGS[child.type]) return [child]
    return /^template_(?:directive|if|for)$/.test(child.type) ? tagsOf(child) : []
  })
}

/** Reads the parts of one template; what stands between two tags is text. */
export class TemplateReader {
  readonly reader: { read(node: Node): HclExpression }
  readonly text: string
  readonly shift: number
  readonly raw: boolean
  readonly tags: readonly Node[]
  readonly end: number
  #next = 0
  #at: number

  constructor(template: {
    reader: { read(node: Node): HclExpression }
    text: string
    shift: number
    /** A heredoc, in which a backslash is a backslash. */
    raw: boolean
    tags: readonly Node[]
    from: number
    to: number
  }) {
    this.reader = template.reader
    this.text = template.text
    this.shift = template.shift
    this.raw = template.raw
    this.tags = template.tags
    this.#at = template.from
    this.end = template.to
  }

  read(): TemplatePart[] {
    return this.#parts()
  }

  /** Up to an `else` or end tag, or the end of the template. */
  #parts(): TemplatePart[] {
    const parts: TemplatePart[] = []
    for (;;) {
      const tag = this.tags[this.#next]
      this.#literal(tag, parts)
      if (!tag) return parts
      const kind = TAGS[tag.type]
      if (kind === 'else' || kind === 'end') return parts
      this.#next++
      this.#at = tag.endIndex
      const place = { start: tag.startIndex - this.shift, end: tag.endIndex - this.shift }
      const expression = childOf(tag, 'expression')
      const value: HclExpression = expression ? this.reader.read(expression) : { type: 'unreadable', ...place }
      if (kind === 'value') parts.push({ type: 'value', value, ...place })
      if (kind === 'if') parts.push({ type: 'if', condition: value, ...this.#branches(), ...place })
      if (kind === 'for') {
        const names = childrenOf(tag, 'identifier').map((name) => name.text)
        const body = this.#parts()
        this.#close()
        parts.push({ type: 'for', names, collection: value, body, ...place })
      }
    }
  }

  #branches(): { yes: TemplatePart[]; no: TemplatePart[] } {
    const yes = this.#parts()
    const isElse = TAGS[this.tags[this.#next]?.type ?? ''] === 'else'
    this.#close()
    if (!isElse) return { yes, no: [] }
    const no = this.#parts()
    this.#close()
    return { yes, no }
  }

  #close(): void {
    const tag = this.tags[this.#next]
    if (!tag) return
    this.#at = tag.endIndex
    this.#next++
  }

  /** `~` in a tag takes away the white space beside it. */
  #literal(next: Node | undefined, parts: TemplatePart[]): void {
    let from = this.#at
    let to = next?.startIndex ?? this.end
    const before = this.tags[this.#next - 1]
    if (before?.text.endsWith('~}')) while (from < to && /\s/.test(this.text[from] ?? '')) from++
    if (next && /^[$%]\{~/.test(next.text)) while (to > from && /\s/.test(this.text[to - 1] ?? '')) to--
    if (from >= to) return
    const written = this.text.slice(from, to)
    const value = this.raw ? written.replace(/([$%])\1\{/g, '$1{') : unescapeHcl(written)
    parts.push({ type: 'text', value, start: from - this.shift, end: to - this.shift })
  }
}

/** `\n`, `\"`, `\uXXXX` …; `$${` and `%%{` are the escapes of `${` and `%{`. */
export function unescapeHcl(text: string): string {
  const plain = text.replace(/([$%])\1\{/g, '$1{')
  if (!plain.includes('\\')) return plain
  return plain.replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/g, (_, short, long, char) => {
    if (short ?? long) return codePoint(Number.parseInt(short ?? long, 16))
    return ({ n: '\n', r: '\r', t: '\t' } as Readonly<Record<string, string>>)[char] ?? char
  })
}

function codePoint(value: number): string {
  return value <= 0x10ffff ? String.fromCodePoint(value) : '\uFFFD'
}
