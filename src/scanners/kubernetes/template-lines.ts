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

const TOP: LinePlace = { line: 1, column: 1 }

/**
 * The line of a Helm template from which a rendered object, or a rule of it by index, most likely comes: what templates compute
 * cannot be followed, but kinds and rules mostly stand there as text. Line 1 if nothing does.
 */
export function placeInTemplate(template: string, object: RenderedObject, rule?: number): LinePlace {
  const lines = template.split(/\r?\n/)
  const start = declarationOf(lines, object)
  if (start === undefined) return TOP
  const rules = list(object.value.rules)
  const line = rule === undefined ? undefined : ruleLine(lines, start, rules, rule)
  // An object of a manifest begins with its first line, too.
  const first = /^apiVersion:/.test(lines[start - 1] ?? '') ? start - 1 : start
  return placeOn(lines, line ?? first)
}

function placeOn(lines: readonly string[], index: number): LinePlace {
  return { line: index + 1, column: (/\S/.exec(lines[index] ?? '')?.index ?? 0) + 1 }
}

/** The index of the line with the kind; of several, that of the document whose name says most of the object's. */
function declarationOf(lines: readonly string[], { kind, value }: RenderedObject): number | undefined {
  const literal = new RegExp(`^["']?kind["']?:[ \\t]*["']?${kind}["']?[ \\t]*(?:#.*)?$`)
  const name = text(record(value.metadata)?.name) ?? ''
  let best: { index: number; score: number } | undefined
  for (const [index, line] of lines.entries()) {
    if (!literal.test(line)) continue
    const score = likeness(nameIn(lines, index), name)
    if (!best || score > best.score) best = { index, score }
  }
  return best?.index
}

/** `metadata.name` as the template writes it, in the document of a line. */
function nameIn(lines: readonly string[], kindLine: number): string {
  const end = endOfDocument(lines, kindLine)
  const metadata = lines.findIndex((line, i) => i > kindLine && i < end && /^metadata:/.test(line))
  for (let i = metadata; i >= 0 && i < end; i++) {
    const name = /^(?:metadata:[ \t]*\{|[ \t]+)(?:.*,)?[ \t]*name:[ \t]*(.*?)[ \t]*$/.exec(lines[i] ?? '')?.[1]
    if (name !== undefined) return name
  }
  return ''
}

function endOfDocument(lines: readonly string[], from: number): number {
  const end = lines.findIndex((line, i) => i > from && /^---(?:\s|$)/.test(line))
  return end < 0 ? lines.length : end
}

/** How many letters outside of `{{ }}` the rendered name has, too; -1 if it has not all of them. */
function likeness(written: string, name: string): number {
  const parts = written
    .replace(/["']/g, '')
    .split(/\{\{.*?\}\}/)
    .filter((part) => part !== '')
  return parts.every((part) => name.includes(part)) ? parts.join('').length : -1
}

/** The item that holds every word of the rule; where none does, the one of the same number if there are as many. */
function ruleLine(
  lines: readonly string[],
  start: number,
  rules: readonly unknown[],
  rule: number,
): number | undefined {
  const items = ruleItems(lines, start)
  const words = Object.values(record(rules[rule]) ?? {})
    .flatMap((each) => list(each).map(String))
    .filter((word) => word !== '')
  const holding = items.filter(({ body }) => words.every((word) => holds(body, word)))
  // A larger rule holds the words of a smaller one.
  const best = holding.sort((a, b) => a.body.length - b.body.length)[0]
  return best?.index ?? (items.length === rules.length ? items[rule]?.index : undefined)
}

function holds(body: string, word: string): boolean {
  for (let at = body.indexOf(word); at >= 0; at = body.indexOf(word, at + 1))
    if (!/[\w/.-]/.test(body[at - 1] ?? '') && !/[\w/.-]/.test(body[at + word.length] ?? '')) return true
  return false
}

/** The items of the list `rules` below a line, each with its text. */
function ruleItems(lines: readonly string[], start: number): { index: number; body: string }[] {
  const end = endOfDocument(lines, start)
  const header = lines.findIndex((line, i) => i > start && i < end && /^rules:/.test(line))
  if (header < 0) return []
  const items: { index: number; body: string }[] = []
  let indent: number | undefined
  for (let i = header + 1; i < end; i++) {
    const line = lines[i] ?? ''
    if (/^[A-Za-z]/.test(line)) break
    const dash = /^([ \t]*)- /.exec(line)
    indent ??= dash?.[1]?.length
    if (dash && dash[1]?.length === indent) items.push({ index: i, body: line })
    else if (items.length > 0) (items.at(-1) as { body: string }).body += `\n${line}`
  }
  return items
}
