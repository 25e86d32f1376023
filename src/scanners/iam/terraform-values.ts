import { hasPlaceholder, placeholdersIn } from '../../facts/iam-placeholder.ts'
import type { HclExpression } from '../../sources/hcl-expression.ts'
import type { SourceFile } from '../../sources/source-file.ts'
import type { ExpressionNode, MapNode, StringNode, ValueNode } from '../../sources/value-node.ts'
import type { ModuleFile } from './terraform-tree.ts'

/** Where a value stands. */
export interface Place {
  readonly start: number
  readonly end: number
  readonly file: string
}
/** What the names of an expression stand for: its module, and those that a `for`, `each`, `count` or `dynamic` brings. */
export interface Scope {
  readonly module: Surroundings
  readonly file: ModuleFile
  readonly names: ReadonlyMap<string, ValueNode>
}
/** What an expression sees of its module. */
export interface Surroundings {
  readonly tree: {
    spend(): boolean
    template(source: SourceFile): { file: ModuleFile; expression: HclExpression } | undefined
    filesBelow(path: string, pattern: string): string[] | undefined
  }
  /** A file that an expression names, and the path below the root that it means. */
  file(path: string): SourceFile | undefined
  pathInTree(path: string): string
  lookUp(kind: string, name: string): ValueNode | undefined
  mayBeSwitchedOn(collection: HclExpression, scope: Scope): boolean
  output(name: string): ValueNode | undefined
}
/** What an expression sees of a resource or data source. */
export interface Thing {
  readonly address: string
  value(name: string): ValueNode | undefined
}
/** An attribute of a thing that the tree declares; without `attribute`, the thing. What it is, a run knows. */
export interface ReferenceNode extends ExpressionNode {
  readonly target: Thing
  readonly attribute?: string
}
/** One instance of a module that is called. */
export interface ModuleNode extends ExpressionNode {
  readonly module: Pick<Surroundings, 'output'>
}
/** What Terraform would refuse: `try` goes on to its next argument. */
interface MissingNode extends ExpressionNode {
  readonly missing: true
}

/** Longer texts and lists are not put together: nobody writes them, and they may be made to keep us busy. */
export const MAX_TEXT = 200_000
export const MAX_ITEMS = 5_000
/** Shown to people: more than a line of it helps nobody. */
const MAX_EXPRESSION = 300

export function isReference(node: ValueNode | undefined): node is ReferenceNode {
  return node?.type === 'expression' && 'target' in node
}

export function isModule(node: ValueNode | undefined): node is ModuleNode {
  return node?.type === 'expression' && 'module' in node
}

export function isMissing(node: ValueNode | undefined): boolean {
  return node?.type === 'expression' && 'missing' in node
}

export function text(value: string, place: Place): StringNode {
  return { type: 'string', value, ...only(place) }
}

export function plain(value: number | boolean | null, place: Place): ValueNode {
  return { type: 'plain', value, ...only(place) }
}

export function list(items: readonly ValueNode[], place: Place, open = false): ValueNode {
  return { type: 'list', items, ...only(place), ...(open && { open: true as const }) }
}

export function map(entries: Iterable<readonly [string, ValueNode]>, place: Place): MapNode {
  const all = [...entries].map(([key, value]) => ({ key, keyStart: value.start, value }))
  return { type: 'map', entries: all, ...only(place) }
}

/** What only a run knows; `parts` are the values that it may be, or be made of. */
export function unknown(written: string, place: Place, parts: readonly ValueNode[] = []): ExpressionNode {
  return { type: 'expression', text: oneLine(written), parts, ...only(place) }
}

export function missing(written: string, place: Place): MissingNode {
  return { ...unknown(written, place), missing: true }
}

function only({ start, end, file }: Place): Place {
  return { start, end, file }
}

export function placeOf(node: ValueNode): Place {
  return { start: node.start, end: node.end, file: node.file ?? '' }
}

export function oneLine(written: string): string {
  return written.slice(0, MAX_EXPRESSION).replace(/\s+/g, ' ').trim()
}

/** Whether nothing of the value depends on a run. */
export function isKnown(node: ValueNode): boolean {
  switch (node.type) {
    case 'plain':
      return true
    case 'string':
      return !hasPlaceholder(node.value)
    case 'list':
      return !node.open && node.items.every(isKnown)
    case 'map':
      return node.entries.every(({ value }) => isKnown(value))
    case 'expression':
      return false
  }
}

export function isNull(node: ValueNode | undefined): boolean {
  return node?.type === 'plain' && node.value === null
}

/** As text, with `${…}` for what a run fills in; undefined for lists and maps. */
export function scalar(node: ValueNode): string | undefined {
  if (node.type === 'string') return node.value
  if (node.type === 'plain') return node.value === null ? '' : String(node.value)
  return node.type === 'expression' ? placeholder(node.text) : undefined
}

export function placeholder(written: string): string {
  return written.startsWith('${') ? written : `\${${written}}`
}

/** The text of a string all of which is known. */
export function knownText(node: ValueNode | undefined): string | undefined {
  if (node?.type === 'string') return hasPlaceholder(node.value) ? undefined : node.value
  return node?.type === 'plain' && typeof node.value === 'number' ? String(node.value) : undefined
}

/** The last entry of a key, in this letter case. */
export function entry(node: MapNode, key: string): ValueNode | undefined {
  return node.entries.findLast((each) => each.key === key)?.value
}

/** JSON as `jsonencode` writes it; what is not known stands as `${…}`. */
export function toJson(node: ValueNode): string {
  switch (node.type) {
    case 'list':
      return `[${node.items.map(toJson).join(',')}]`
    case 'map':
      return `{${node.entries.map(({ key, value }) => `${JSON.stringify(key)}:${toJson(value)}`).join(',')}}`
    case 'plain':
      return String(node.value)
    default:
      return JSON.stringify(scalar(node))
  }
}

/** Equal, different, or undefined where that is not known. */
export function equal(a: ValueNode, b: ValueNode): boolean | undefined {
  if (isReference(a) && isNull(b)) return false
  if (isReference(b) && isNull(a)) return false
  if (isKnown(a) && isKnown(b)) return canonical(a) === canonical(b)
  const same = a.type === b.type && a.type !== 'expression'
  return !same && a.type !== 'expression' && b.type !== 'expression' ? false : undefined
}

/** Terraform compares `1` and `"1"` as different, and maps without order. */
export function canonical(node: ValueNode): string {
  if (node.type === 'list') return `[${node.items.map(canonical).join(',')}]`
  if (node.type !== 'map') return `${node.type}:${JSON.stringify(scalar(node) ?? null)}`
  const sorted = node.entries.map(({ key, value }) => `${JSON.stringify(key)}:${canonical(value)}`).sort()
  return `{${sorted.join(',')}}`
}

export function truth(node: ValueNode): boolean | undefined {
  if (node.type === 'plain' && typeof node.value === 'boolean') return node.value
  if (node.type === 'string' && /^(?:true|false)$/.test(node.value)) return node.value === 'true'
  return undefined
}

/** A value within the text of one that is not known. */
export function shown(node: ValueNode): string {
  if (node.type === 'expression') return node.text
  const text = isKnown(node) && node.type !== 'list' && node.type !== 'map' ? toJson(node) : undefined
  return text !== undefined && text.length < 40 ? text : (firstUnknown(node)?.text ?? '…')
}

function firstUnknown(node: ValueNode): ExpressionNode | undefined {
  if (node.type === 'expression') return node
  const inner = node.type === 'list' ? node.items : node.type === 'map' ? node.entries.map(({ value }) => value) : []
  for (const each of inner) {
    const found = firstUnknown(each)
    if (found) return found
  }
  const [content] = node.type === 'string' ? placeholdersIn(node.value) : []
  return content === undefined ? undefined : unknown(content, placeOf(node))
}

/** What stands for all items of a collection that is not known. */
export function itemOf(collection: ValueNode, name: string, place: Place): { key: ValueNode; value: ValueNode } {
  const of = collection.type === 'expression' && /^[\w-]+(?:[.[][\w.[\]"*-]*)?$/.test(collection.text)
  const value = of ? `${collection.text}[*]` : collection.type === 'expression' ? `(${collection.text})[*]` : name
  return {
    key: unknown(`keys(${collection.type === 'expression' ? collection.text : name})[*]`, place),
    value: unknown(value, place),
  }
}

/** Of a choice that a run makes between a collection and an empty one, the collection. */
export function onlyChoice(node: ValueNode): ValueNode | undefined {
  if (node.type !== 'expression' || isReference(node)) return undefined
  const filled = node.parts.filter(
    (part) =>
      !isNull(part) &&
      !(part.type === 'list' && part.items.length === 0) &&
      !(part.type === 'map' && part.entries.length === 0),
  )
  const [only] = filled
  return filled.length === 1 && node.parts.length === 2 && (only?.type === 'list' || only?.type === 'map')
    ? only
    : undefined
}
