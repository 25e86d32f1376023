import { isCollection, isMap, isNode, isPair, isScalar, isSeq, LineCounter, type Node } from 'yaml'
import { parseShallow } from '../shallow-yaml.ts'
import { type Mark, readBlockYaml } from './block-yaml.ts'

/** A part of a file that can be read by itself: a document, or one item of a list. */
export interface Slice {
  readonly text: string
  /** Line of the file on which it begins, 1-based, and how many characters of that line stand before it. */
  readonly line: number
  readonly indent: number
}

/** A place in the file, 1-based. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** The path to a part of a value: keys and indices. */
export type Path = readonly (string | number)[]

/** A value that was read, with the places of its parts. */
export interface ReadSlice {
  readonly value: unknown
  /** The place of a part; if there is none at that path, of the nearest one around it. */
  place(path: Path): Place
}
export interface SliceError {
  readonly line: number
  readonly message: string
}

/**
 * Cuts a YAML or JSON text into documents without parsing it, and long lists as `kubectl get` writes them into their items, so
 * that only the interesting ones need to be parsed. By the YAML specification a line that begins with `---` or `...`
 * is a document marker even within a block or quoted scalar, so the cut is exact.
 */
export function splitDocuments(text: string): Slice[] {
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0
  // Two braces are a Helm template's.
  if (/^\s*\{(?!\{)/.test(text.slice(start, start + 1000))) {
    const slices = splitJsonDocuments(text.slice(start))
    if (slices) return slices
  }
  const marker = /^(?:---(?=[ \t\r\n]|$)|\.\.\.[ \t\r]*$)/gm
  const slices: Slice[] = []
  let from = start
  let line = 1
  const push = (to: number) => {
    const part = text.slice(from, to)
    if (/\S/.test(part)) slices.push(...splitBlockList({ text: part, line, indent: 0 }))
    line += countLines(part)
    from = to
  }
  for (let match = marker.exec(text); match; match = marker.exec(text)) if (match.index > from) push(match.index)
  push(text.length)
  return slices
}

/** Parses one slice. Never throws for what it holds: broken syntax, alias bombs and bottomless nesting are errors with a line. */
export function readSlice(slice: Slice): ReadSlice | SliceError {
  const quick = slice.text.startsWith('{') ? readJson(slice.text) : readBlockYaml(slice.text)
  if (!quick) return readFully(slice)
  const isItem = Array.isArray(quick.value) && quick.value.length === 1
  const value = isItem && Array.isArray(quick.value) ? quick.value[0] : quick.value
  const root = (isItem && quick.mark.parts?.get(0)) || quick.mark
  return { value, place: (path) => markedPlace(root, path, slice) ?? readAgain(slice, path) }
}

/** No places are noted: few are asked for, and there is a slow way to them. Undefined if it is broken, or not JSON. */
function readJson(text: string): { value: unknown; mark: Mark } | undefined {
  try {
    return { value: JSON.parse(text), mark: { line: 1, column: 1, opaque: true } }
  } catch {
    // The other reader tells what is wrong, and where.
    return undefined
  }
}

/** Undefined if it lies in a part of which no places were noted. */
function markedPlace(root: Mark, path: Path, slice: Slice): Place | undefined {
  let mark = root
  for (const key of path) {
    const next = mark.parts?.get(key)
    if (!next && mark.opaque) return undefined
    if (!next) break
    mark = next
  }
  return { line: slice.line + mark.line - 1, column: mark.column + (mark.line <= 1 ? slice.indent : 0) }
}

function readAgain(slice: Slice, path: Path): Place {
  const read = readFully(slice)
  return 'message' in read ? { line: slice.line, column: slice.indent + 1 } : read.place(path)
}

/** By a full reader of YAML. */
export function readFully(slice: Slice): ReadSlice | SliceError {
  const lines = new LineCounter()
  try {
    // The document end marker of the previous document may stand in front.
    const text = slice.text.startsWith('...') ? slice.text.replace(/^\.\.\./, '   ') : slice.text
    const document = parseShallow(text, { ...LIKE_KUBERNETES, ...QUIET, lineCounter: lines })
    if (!document) return { line: slice.line, message: 'nested too deeply' }
    const error = document.errors[0]
    // After a colon the parser quotes the text, which may be a secret.
    const message = error?.message.replace(/: [\s\S]*$/, '')
    if (error) return { line: slice.line + lines.linePos(error.pos[0]).line - 1, message: message || error.code }
    const whole: unknown = document.toJS({ maxAliasCount: 100 })
    const isItem = isSeq(document.contents) && document.contents.items.length === 1
    const root: unknown = isItem && isSeq(document.contents) ? document.contents.items[0] : document.contents
    const value = isItem && Array.isArray(whole) ? whole[0] : whole
    return { value, place: (path) => placeOf(root, path, lines, slice) }
  } catch (error) {
    // `yaml` throws for too many aliases.
    return { line: slice.line, message: error instanceof Error ? error.message : String(error) }
  }
}

/** Kubernetes' own decoder takes the last of repeated keys and knows merge keys. */
const LIKE_KUBERNETES = { uniqueKeys: false, merge: true }
const QUIET = { prettyErrors: false, logLevel: 'error' } as const

function placeOf(root: unknown, path: Path, lines: LineCounter, slice: Slice): Place {
  let node: Node | undefined = isNode(root) ? root : undefined
  let start = node?.range?.[0] ?? 0
  for (const key of path) {
    const next = child(node, key)
    if (!next) break
    start = next.start
    node = next.node
  }
  const from = lines.linePos(start)
  return {
    line: slice.line + Math.max(from.line, 1) - 1,
    column: Math.max(from.col, 1) + (from.line <= 1 ? slice.indent : 0),
  }
}

/** A key's place is where the key stands, an item's where the item does. */
function child(node: Node | undefined, key: string | number) {
  if (!isCollection(node)) return undefined
  if (isSeq(node)) {
    const item = node.items[Number(key)]
    if (!isNode(item) || !item.range) return undefined
    return { node: item, start: item.range[0] }
  }
  const pair = isMap(node) && node.items.find((each) => isPair(each) && isScalar(each.key) && each.key.value === key)
  if (!pair || !isNode(pair.key) || !pair.key.range) return undefined
  const value = isNode(pair.value) ? pair.value : undefined
  return { node: value, start: pair.key.range[0] }
}

/**
 * `kubectl get -o yaml` and many generators: the items of a List begin with `- ` in the first column. What else has `items`, or more
 * than those, is read whole.
 */
function splitBlockList(slice: Slice): Slice[] {
  const header = /^items:[ \t]*\r?\n(?=- )/m.exec(slice.text)
  if (!header) return [slice]
  const from = header.index + header[0].length
  const body = slice.text.slice(from)
  // What follows the last item (`kind: List`) begins with a letter in the first column.
  const end = /^[^\s#-]/m.exec(body)?.index ?? body.length
  if (!isListAround(`${slice.text.slice(0, header.index)}\nitems: []\n${body.slice(end)}`)) return [slice]
  const slices: Slice[] = []
  const items = body.slice(0, end)
  const item = /^- /gm
  let line = slice.line + countLines(slice.text.slice(0, from))
  let match = item.exec(items)
  while (match) {
    const next = item.exec(items)
    const part = items.slice(match.index, next?.index)
    slices.push({ text: part, line, indent: 0 })
    line += countLines(part)
    match = next
  }
  return slices
}

/** Whether a list without its items is one. */
function isListAround(text: string): boolean {
  const read = readSlice({ text, line: 1, indent: 0 })
  // A template's braces; the items may be readable.
  if ('message' in read) return text.includes('{{') && /^kind:[ \t]*\w*List[ \t\r]*$/m.test(text)
  return isList(read.value)
}

/** Of a page of a longer list what stands beside the items matters, too. */
function isList(value: unknown): boolean {
  const { kind, metadata } = (value ?? {}) as { kind?: unknown; metadata?: { continue?: unknown } | null }
  return typeof kind === 'string' && kind.endsWith('List') && !metadata?.continue
}

/** One text of JSON, or several one after the other; undefined if it is something else, as YAML may begin with a brace, too. */
function splitJsonDocuments(text: string): Slice[] | undefined {
  const documents: Slice[] = []
  for (const part of splitJson(text)) {
    if ('message' in part) return undefined
    documents.push(part)
  }
  if (documents.length > 1 && !readJson(documents[0]?.text ?? '')) return undefined
  return documents.flatMap((document) => splitJsonItems(document) ?? [document])
}

/** The items of the `items` array of a List; undefined for every other object, whatever its members are. */
function splitJsonItems({ text, line: firstLine, indent }: Slice): Slice[] | undefined {
  const slices: Slice[] = []
  let depth = 0
  let items: { from: number; to: number } | undefined
  let inItems = false
  let start = -1
  let line = firstLine
  let lineStart = -indent
  let startLine = 1
  let startIndent = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    const isItem = depth === 2 && inItems
    if (c === 10) {
      line++
      lineStart = i + 1
    } else if (c === 34) {
      const end = endOfString(text, i)
      if (end < 0 || isItem) return undefined
      if (depth === 1 && text.slice(i + 1, end) === 'items' && /^\s*:\s*\[/.test(text.slice(end + 1, end + 40))) {
        if (items) return undefined
        inItems = true
      }
      i = end
    } else if (c === 123 || c === 91) {
      if (isItem) {
        if (c === 91) return undefined
        ;[start, startLine, startIndent] = [i, line, i - lineStart]
      } else if (depth === 1 && inItems) items = { from: i + 1, to: i + 1 }
      depth++
    } else if (c === 125 || c === 93) {
      depth--
      if (depth === 2 && inItems) slices.push({ text: text.slice(start, i + 1), line: startLine, indent: startIndent })
      else if (depth === 1 && inItems) {
        if (items) items.to = i
        inItems = false
      }
    } else if (isItem && !BETWEEN.has(c)) return undefined
  }
  if (!items || slices.length === 0) return undefined
  return isList(readJson(text.slice(0, items.from) + text.slice(items.to))?.value) ? slices : undefined
}

/**
 * The values of a text in which JSON stands one after the other, and what stands between them, line by line, as errors; what never
 * ends is the last one. Quotes mean nothing outside of values: a program's message holds what it likes.
 */
export function splitJson(text: string): (Slice | SliceError)[] {
  const parts: (Slice | SliceError)[] = []
  let depth = 0
  let start = 0
  let line = 1
  let lineStart = 0
  let from = { line: 1, indent: 0 }
  let foreign = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 10) {
      line++
      lineStart = i + 1
    } else if (c === 123 || c === 91) {
      if (depth++ === 0) [start, from] = [i, { line, indent: i - lineStart }]
    } else if (depth === 0) {
      if (foreign === line || BETWEEN.has(c)) continue
      foreign = line
      parts.push({ line, message: 'text that is no JSON' })
    } else if (c === 34) {
      const end = endOfString(text, i)
      if (end < 0) break
      i = end
    } else if ((c === 125 || c === 93) && --depth === 0) parts.push({ text: text.slice(start, i + 1), ...from })
  }
  if (depth > 0) parts.push({ text: text.slice(start), ...from })
  return parts
}

/** White space, commas and a byte order mark. */
const BETWEEN: ReadonlySet<number> = new Set([9, 10, 13, 32, 44, 0xfeff])

function endOfString(text: string, quote: number): number {
  for (let i = text.indexOf('"', quote + 1); i >= 0; i = text.indexOf('"', i + 1)) {
    let backslashes = 0
    while (text[i - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return i
  }
  return -1
}

function countLines(text: string): number {
  let lines = 0
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) lines++
  return lines
}
