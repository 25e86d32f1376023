import { list, record, text } from './objects.ts'

/** A place in a file, 1-based. */
export interface LinePlace {
  readonly line: number
  readonly column: number
}

/** What is known of a rendered object. */
interface RenderedObject {
  readonly kind: string
  readonly value: Readonly<Record<string, unknown>>
}

/** A line with a kind, and the name that the template gives to that object. */
interface Declaration {
  readonly index: number
  readonly name: string
}

interface RuleItem {
  readonly index: number
  readonly body: string
}

const TOP: LinePlace = { line: 1, column: 1 }

/**
 * The lines of a Helm template, read once for all objects that come from it: what templates compute cannot be followed, but kinds
 * and rules mostly stand there as text.
 */
export class TemplateLines {
  readonly #lines: readonly string[]
  readonly #declarations = new Map<string, Declaration[]>()
  /** For each line the next one, itself included, that is of the sort; the number of lines if there is none. */
  readonly #nextMarker: readonly number[]
  readonly #items = new Map<number, readonly RuleItem[]>()

  constructor(template: string) {
    this.#lines = template.split(/\r?\n/)
    this.#nextMarker = nextOf(this.#lines, /^---(?:\s|$)/)
    const nextMetadata = nextOf(this.#lines, /^metadata:/)
    const nextName = nextOf(this.#lines, NAME)
    for (const [index, line] of this.#lines.entries()) {
      const kind = /^["']?kind["']?:[ \t]*["']?(\w+)["']?[ \t]*(?:#.*)?$/.exec(line)?.[1]
      if (kind === undefined) continue
      const end = this.#endOfDocument(index)
      const metadata = nextMetadata[index] ?? end
      const at = metadata < end ? (nextName[metadata] ?? end) : end
      const name = at < end ? (NAME.exec(this.#lines[at] ?? '')?.[1] ?? '').trim() : ''
      const declarations = this.#declarations.get(kind)
      if (declarations) declarations.push({ index, name })
      else this.#declarations.set(kind, [{ index, name }])
    }
  }

  /** The line from which an object, or a rule of it by index, most likely comes. Line 1 if nothing tells. */
  place(object: RenderedObject, rule?: number): LinePlace {
    const start = this.#declarationOf(object)
    if (start === undefined) return TOP
    const line = rule === undefined ? undefined : this.#ruleLine(start, list(object.value.rules), rule)
    // An object of a manifest begins with its first line, too.
    const first = /^apiVersion:/.test(this.#lines[start - 1] ?? '') ? start - 1 : start
    const index = line ?? first
    return { line: index + 1, column: (/\S/.exec(this.#lines[index] ?? '')?.index ?? 0) + 1 }
  }

  /** The index of the line with the kind; of several, that of the document whose name says most of the object's. */
  #declarationOf({ kind, value }: RenderedObject): number | undefined {
    const name = text(record(value.metadata)?.name) ?? ''
    let best: { index: number; score: number } | undefined
    for (const { index, name: written } of this.#declarations.get(kind) ?? []) {
      if (written !== '' && written === name) return index
      const score = likeness(written, name)
      if (!best || score > best.score) best = { index, score }
    }
    return best?.index
  }

  #endOfDocument(from: number): number {
    return this.#nextMarker[from + 1] ?? this.#lines.length
  }

  /** The item that holds every word of the rule; where none does, the one of the same number if there are as many. */
  #ruleLine(start: number, rules: readonly unknown[], rule: number): number | undefined {
    const items = this.#ruleItems(start)
    const words = Object.values(record(rules[rule]) ?? {})
      .flatMap((each) => list(each).map(String))
      .filter((word) => word !== '')
    const holding = items.filter(({ body }) => words.every((word) => holds(body, word)))
    // A larger rule holds the words of a smaller one.
    const best = holding.sort((a, b) => a.body.length - b.body.length)[0]
    return best?.index ?? (items.length === rules.length ? items[rule]?.index : undefined)
  }

  /** The items of the list `rules` below a line, each with its text. */
  #ruleItems(start: number): readonly RuleItem[] {
    const known = this.#items.get(start)
    if (known) return known
    const end = this.#endOfDocument(start)
    const items: { index: number; lines: string[] }[] = []
    let header = start + 1
    while (header < end && !/^rules:/.test(this.#lines[header] ?? '')) header++
    let indent: number | undefined
    for (let i = header + 1; i < end; i++) {
      const line = this.#lines[i] ?? ''
      if (/^[A-Za-z]/.test(line)) break
      const dash = /^([ \t]*)- /.exec(line)
      indent ??= dash?.[1]?.length
      if (dash && dash[1]?.length === indent) items.push({ index: i, lines: [line] })
      else items.at(-1)?.lines.push(line)
    }
    const found = items.map(({ index, lines }) => ({ index, body: lines.join('\n') }))
    this.#items.set(start, found)
    return found
  }
}

/** `metadata.name` as a template writes it. */
const NAME = /^(?:metadata:[ \t]*\{|[ \t])(?:.*,)?[ \t]*name:(.*)$/

function nextOf(lines: readonly string[], pattern: RegExp): number[] {
  const next = new Array<number>(lines.length)
  let last = lines.length
  for (let i = lines.length - 1; i >= 0; i--) {
    if (pattern.test(lines[i] ?? '')) last = i
    next[i] = last
  }
  return next
}

/** How many letters outside of `{{ }}` the rendered name has, too; -1 if it has not all of them. */
function likeness(written: string, name: string): number {
  const parts = written
    .replace(/["']/g, '')
    .split(/\{\{.*?\}\}/)
    .filter((part) => part !== '')
  return parts.every((part) => name.includes(part)) ? parts.join('').length : -1
}

function holds(body: string, word: string): boolean {
  for (let at = body.indexOf(word); at >= 0; at = body.indexOf(word, at + 1))
    if (!/[\w/.-]/.test(body[at - 1] ?? '') && !/[\w/.-]/.test(body[at + word.length] ?? '')) return true
  return false
}
