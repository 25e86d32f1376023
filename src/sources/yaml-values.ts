import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Pair,
  type Scalar,
  type YAMLError,
  type YAMLMap,
} from 'yaml'
import { parseAllShallow } from '../shallow-yaml.ts'
import { valueOfTag } from './cloudformation-tags.ts'
import type { MapEntry, ValueNode } from './value-node.ts'

/** A text that is no YAML: what is wrong, and where (offset in UTF-16 units). */
export class YamlError extends Error {
  override name = 'YamlError'
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

export interface YamlOptions {
  /** Strings that contain this text remember the offset of each character. */
  readonly originsFor?: string
}

/** What aliases may add to a file, in values: templates reuse a list or two, bombs double themselves without end. */
const MAX_BY_ALIASES = 200_000

/**
 * Reads the documents of a YAML text with the position of every value. An alias is the value that it repeats, with its
 * position; a merge key adds what the map does not say itself; CloudFormation's short tags are the maps that they stand for
 * (`!Ref X` is `{Ref: X}`), what has another tag of somebody's own is an expression. Throws {@link YamlError}.
 */
export function parseYaml(text: string, options: YamlOptions = {}): ValueNode[] {
  return parseLeniently(text).map((document) => {
    const [error] = document.errors
    // After a colon the parser quotes the text, which may be a secret.
    if (error) throw new YamlError(error.message.replace(/: [\s\S]*$/, ''), error.pos[0])
    return new Converter(text, options).value(document.contents, 0)
  })
}

/** How many values that reach too far to the left are mended in one file. */
const MAX_MENDED = 20
/** Each time the file is parsed again, which large ones are not worth. */
const MAX_PARSED = 2_000_000
/** A line of a chart's template: it is no YAML, whatever is mended. Further right it may be text of a block. */
const TEMPLATE_LINE = /^\{\{/m

/**
 * JSON in brackets or quotes is often indented less than the key before it, which the specification forbids and other parsers take.
 * Line ends in it are made spaces, which changes neither its meaning nor any offset.
 */
function parseLeniently(text: string): Document[] {
  let mended = text
  const mayBeMended = !TEMPLATE_LINE.test(text)
  for (let round = 0; ; round++) {
    const documents = parseAllShallow(mended, {
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
      strict: false,
    })
    if (!documents) throw new YamlError('nested too deeply', 0)
    const [error] = documents.flatMap(({ errors }) => errors).sort((a, b) => a.pos[0] - b.pos[0])
    const again = mayBeMended && round < MAX_MENDED && round * text.length < MAX_PARSED
    const next = error && again ? onOneLine(mended, error) : undefined
    if (next === undefined) return documents
    mended = next
  }
}

/** The text without line ends in the value that an error is about; undefined if it is about something else. */
function onOneLine(text: string, { code, message, pos }: YAMLError): string | undefined {
  const quote = /^Missing closing (['"])quote/.exec(message)?.[1]
  const isFlow = code === 'BAD_INDENT' && message.startsWith('Flow')
  const range = quote ? quotedAt(text, pos[0], quote) : isFlow ? bracketsAt(text, pos[0]) : undefined
  if (!range) return undefined
  const [start, end] = range
  const body = text.slice(start, end)
  // A comment would swallow what follows it.
  if (!body.includes('\n') || (isFlow && /\s#/.test(body))) return undefined
  return text.slice(0, start) + body.replace(/\r?\n/g, (lineEnd) => ' '.repeat(lineEnd.length)) + text.slice(end)
}

type Range = readonly [start: number, end: number]

function quotedAt(text: string, at: number, quote: string): Range | undefined {
  let start = at - 1
  while (start >= 0 && (text[start] !== quote || text[start - 1] === quote || text[start - 1] === '\\')) start--
  if (start < 0) return undefined
  const inside = quote === "'" ? /(?:[^']|'')*/y : /(?:[^"\\]|\\[\s\S])*/y
  inside.lastIndex = start + 1
  const end = start + 1 + (inside.exec(text)?.[0].length ?? 0)
  return text[end] === quote ? [start, end] : undefined
}

function bracketsAt(text: string, at: number): Range | undefined {
  let start = at - 1
  for (let depth = 0; start >= 0; start--) {
    if (/[\]}]/.test(text[start] ?? '')) depth++
    else if (/[[{]/.test(text[start] ?? '') && depth-- === 0) break
  }
  const parts = /"(?:[^"\\]|\\[\s\S])*"|'[^']*'|[[\]{}]/g
  parts.lastIndex = Math.max(start, 0)
  let depth = 0
  for (let part = start < 0 ? null : parts.exec(text); part; part = parts.exec(text)) {
    if (/^[[{]$/.test(part[0])) depth++
    if (/^[\]}]$/.test(part[0]) && --depth === 0) return [start, part.index + 1]
  }
  return undefined
}

class Converter {
  readonly #text: string
  readonly #options: YamlOptions
  readonly #anchors = new Map<string, { value: ValueNode; weight: number }>()
  #weight = 0
  #byAliases = 0

  constructor(text: string, options: YamlOptions) {
    this.#text = text
    this.#options = options
  }

  /** `fallback`: where a value stands that is not written (`key:`). */
  value(node: unknown, fallback: number): ValueNode {
    if (isAlias(node)) return this.#alias(node)
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) {
      return { type: 'plain', value: null, start: fallback, end: fallback }
    }
    const before = this.#weight++
    const start = node.range?.[0] ?? fallback
    const place = { start, end: this.#trimmed(start, node.range?.[1] ?? start) }
    let value: ValueNode
    if (isScalar(node)) value = this.#scalar(node, place)
    else if (isMap(node)) value = { type: 'map', entries: this.#entries(node), ...place }
    else value = { type: 'list', items: node.items.map((item) => this.value(item, start)), ...place }
    if (node.tag?.startsWith('!') && node.tag !== '!') value = valueOfTag(node.tag.slice(1), value)
    if (node.anchor) this.#anchors.set(node.anchor, { value, weight: this.#weight - before })
    return value
  }

  #alias(node: Alias): ValueNode {
    const [start, end] = node.range ?? [0, 0]
    const target = this.#anchors.get(node.source)
    if (!target) return { type: 'expression', text: `*${node.source}`, parts: [], start, end }
    this.#weight += target.weight
    this.#byAliases += target.weight
    if (this.#byAliases > MAX_BY_ALIASES) throw new YamlError('aliases repeat more than can be read', start)
    return target.value
  }

  #entries(map: YAMLMap): MapEntry[] {
    const own: MapEntry[] = []
    const merged: MapEntry[] = []
    for (const pair of map.items) {
      if (!isPair(pair) || !isScalar(pair.key)) continue
      const { keyStart, value } = this.#entry(pair.key, pair)
      if (pair.key.value !== '<<') own.push({ key: String(pair.key.source ?? pair.key.value ?? ''), keyStart, value })
      else
        for (const source of value.type === 'list' ? value.items : [value])
          if (source.type === 'map') merged.push(...source.entries)
    }
    const known = new Set(own.map((entry) => entry.key))
    // Of several merged maps the first one that has a key wins.
    for (const entry of merged) {
      if (!known.has(entry.key)) own.push(entry)
      known.add(entry.key)
    }
    return own
  }

  #entry(key: Scalar, pair: Pair): { keyStart: number; value: ValueNode } {
    return { keyStart: key.range?.[0] ?? 0, value: this.value(pair.value, key.range?.[1] ?? 0) }
  }

  #scalar(node: Scalar, place: { start: number; end: number }): ValueNode {
    const { value, source } = node
    if (typeof value === 'boolean' || value === null) return { type: 'plain', value, ...place }
    // Account numbers begin with zeros, which a number has not.
    if (typeof value === 'number' && String(value) === source) return { type: 'plain', value, ...place }
    const text = typeof value === 'string' ? value : (source ?? String(value))
    const { originsFor } = this.#options
    if (originsFor === undefined || !text.includes(originsFor)) return { type: 'string', value: text, ...place }
    return {
      type: 'string',
      value: text,
      ...place,
      origins: originsOf(text, this.#text, this.#bodyStart(node, place.start)),
    }
  }

  /** A block scalar's text begins on the line after its `|` or `>`. */
  #bodyStart(node: Scalar, start: number): number {
    if (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') {
      const header = /^(?:[ \t]*[&!]\S*)*[ \t]*[|>][^\n]*\n/.exec(this.#text.slice(start, start + 1000))
      return start + (header?.[0].length ?? 0)
    }
    return node.type === 'PLAIN' ? start : start + 1
  }

  #trimmed(start: number, end: number): number {
    let last = end
    while (last > start && /\s/.test(this.#text[last - 1] ?? '')) last--
    return last
  }
}

/**
 * Where each character of a scalar's value stands in the file. Indentation, escapes and line folding are passed over, as they
 * have no character in the value.
 */
function originsOf(value: string, text: string, from: number): number[] {
  const origins: number[] = []
  let at = from
  for (const char of value.split('')) {
    if (text[at] === char) {
      origins.push(at++)
      continue
    }
    if (/\s/.test(char)) {
      origins.push(at)
      if (text[at] === '\\') at += 2
      else while (/\s/.test(text[at] ?? '')) at++
      continue
    }
    let next = at
    while (/[\s\\']/.test(text[next] ?? '') && text[next] !== char) next++
    if (text[next] === char) at = next
    origins.push(at++)
  }
  return origins
}
