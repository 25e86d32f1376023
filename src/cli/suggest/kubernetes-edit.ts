import { isAlias, isMap, isNode, isPair, isScalar, isSeq, type Node, visit, type YAMLMap, type YAMLSeq } from 'yaml'
import { fieldsOf, quoted } from '../../derive/kubernetes/narrow-rules.ts'
import type { PolicyRule } from '../../derive/kubernetes/replay.ts'
import { parseShallow } from '../../shallow-yaml.ts'

/** A part of a text that is replaced; offsets in UTF-16 units, `end` exclusive. */
export interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** An object by kind and name, to be found in a document or in a list of objects. */
export interface Wanted {
  readonly kind: string
  readonly name: string
}

/**
 * The object's mapping in a document's text, and whether it is all that stands there; undefined if it is not there, not in YAML's
 * block form, or if parts of it stand elsewhere.
 */
export function findObject(text: string, wanted: Wanted): { object: YAMLMap; isWhole: boolean } | undefined {
  const document = parseShallow(text.startsWith('...') ? text.replace('...', '   ') : text, {
    uniqueKeys: false,
    merge: true,
    logLevel: 'error',
    prettyErrors: false,
  })
  if (!document || document.errors.length > 0) return undefined
  const root = document.contents
  const candidates = isSeq(root) ? root.items : isMap(root) ? [root, ...itemsOf(root)] : []
  const object = candidates.find((each) => isMap(each) && isWanted(each, wanted))
  if (!isMap(object) || object.flow || isMadeOfParts(object)) return undefined
  return { object, isWhole: object === root || (isSeq(root) && root.items.length === 1) }
}

/** What has an anchor may be repeated elsewhere, an alias or a merge key repeats what stands elsewhere, a tag makes it something else. */
function isMadeOfParts(object: YAMLMap): boolean {
  let found = false
  visit(object, (_, node) => {
    const isPart = isAlias(node) || (isPair(node) ? isScalar(node.key) && node.key.source === '<<' : isMarked(node))
    if (!isPart) return undefined
    found = true
    return visit.BREAK
  })
  return found
}

function isMarked(node: unknown): boolean {
  return isNode(node) && ((!isAlias(node) && node.anchor !== undefined) || node.tag !== undefined)
}

function itemsOf(root: YAMLMap): unknown[] {
  const items = root.get('items', true)
  return isSeq(items) ? items.items : []
}

function isWanted(map: YAMLMap, { kind, name }: Wanted): boolean {
  const metadata = map.get('metadata', true)
  return map.get('kind') === kind && isMap(metadata) && String(metadata.get('name')) === name
}

/** What stands in the place of an item of a list: undefined if it stays, else the texts of the items that replace it. */
type Replace = (item: Node, style: ItemStyle) => readonly string[] | undefined

/** The changes to a list of an object by its key; undefined if the list is written in a way that cannot be changed safely. */
export function editList(text: string, object: YAMLMap, key: string, replace: Replace): Splice[] | undefined {
  const list = object.get(key, true)
  if (!isSeq(list) || !list.range) return undefined
  return list.flow ? editFlowList(text, list, replace) : editBlockList(text, list, replace)
}

function editFlowList(text: string, list: YAMLSeq, replace: Replace): Splice[] | undefined {
  const [start, end] = list.range ?? [0, 0]
  const items = list.items.filter((item): item is Node => isMap(item))
  if (items.length !== list.items.length) return undefined
  const parts = items.flatMap(
    (item) => replace(item, styleOf(item, text)) ?? [text.slice(item.range?.[0], item.range?.[1])],
  )
  return [{ start, end, text: `[${parts.join(', ')}]` }]
}

function editBlockList(text: string, list: YAMLSeq, replace: Replace): Splice[] | undefined {
  const splices: Splice[] = []
  for (const item of list.items) {
    if (!isMap(item) || !item.range) return undefined
    const dash = text.lastIndexOf('-', item.range[0] - 1)
    const start = text.lastIndexOf('\n', dash - 1) + 1
    const indent = text.slice(start, dash)
    if (dash < 0 || indent.trim() !== '' || text.slice(dash + 1, item.range[0]).trim() !== '') return undefined
    const parts = replace(item, { ...styleOf(item, text), indent: `${indent}  ` })
    if (!parts) continue
    const last = endOf(item)
    const eol = text.indexOf('\n', last)
    const end = eol < 0 ? text.length : eol + 1
    const lines = parts.map((part) => `${indent}- ${part}${eol < 0 ? '' : '\n'}`)
    splices.push({ start, end, text: lines.join(eol < 0 ? '\n' : '') })
  }
  return splices
}

/** Where the last value of a node ends; its own range may hold comments of what follows. */
function endOf(node: unknown): number {
  if (isPair(node)) return endOf(node.value ?? node.key)
  if ((isMap(node) || isSeq(node)) && !node.flow && node.items.length > 0) return endOf(node.items.at(-1))
  return (node as Node).range?.[1] ?? 0
}

/** How an item is written, so that what replaces it looks alike. */
export interface ItemStyle {
  readonly flow: boolean
  /** Of the item's keys. */
  readonly indent: string
  /** Of the items of its lists, below its keys; undefined if the lists are in brackets. */
  readonly listIndent: string | undefined
  readonly keys: readonly string[]
  /** Keys whose lists are in brackets. */
  readonly inBrackets: readonly string[]
  readonly quote: '"' | "'" | ''
}

function styleOf(item: Node, text: string): ItemStyle {
  const pairs = isMap(item) ? item.items : []
  const lists = pairs.flatMap(({ value }) => (isSeq(value) ? [value] : []))
  const block = lists.find((list) => !list.flow && list.items.length > 0)
  const scalars = lists.flatMap(({ items }) => items.filter(isScalar)).filter(({ value }) => value !== '')
  const quotes = new Set(
    scalars.map(({ type }) => (type === 'QUOTE_DOUBLE' ? '"' : type === 'QUOTE_SINGLE' ? "'" : '')),
  )
  const [quote = ''] = quotes
  const column = (offset: number) => offset - text.lastIndexOf('\n', offset - 1) - 1
  const keyColumn = column(item.range?.[0] ?? 0)
  const listColumn = block?.range ? column(block.range[0]) : keyColumn
  return {
    flow: isMap(item) && item.flow === true,
    indent: '',
    listIndent: block && ' '.repeat(Math.max(0, listColumn - keyColumn)),
    keys: pairs.map(keyOf),
    inBrackets: pairs.filter(({ value }) => isSeq(value) && value.flow).map(keyOf),
    quote: quotes.size === 1 ? quote : '',
  }
}

function keyOf({ key }: { readonly key: unknown }): string {
  return String(isScalar(key) ? key.value : key)
}

/** A rule written as the one that it replaces. */
export function ruleText(rule: PolicyRule, style: ItemStyle): string {
  const rank = (key: string) => {
    const own = style.keys.indexOf(key)
    // What is new stands behind the resources.
    return own >= 0 ? own : style.keys.indexOf('resources') + 0.5
  }
  const fields = [...fieldsOf(rule)].sort(([a], [b]) => rank(a) - rank(b))
  const word = (value: string) => {
    if (value === '') return '""'
    if (style.quote === '' || (style.quote === "'" && /['\n]/.test(value))) return quoted(value)
    return style.quote === '"' ? JSON.stringify(value) : `'${value}'`
  }
  const inBrackets = (values: readonly string[]) => `[${values.map(word).join(', ')}]`
  if (style.flow) return `{${fields.map(([key, values]) => `${key}: ${inBrackets(values)}`).join(', ')}}`
  const { indent, listIndent } = style
  return fields
    .map(([key, values]) =>
      listIndent === undefined || style.inBrackets.includes(key)
        ? `${key}: ${inBrackets(values)}`
        : [`${key}:`, ...values.map((value) => `${indent}${listIndent}- ${word(value)}`)].join('\n'),
    )
    .join(`\n${indent}`)
}

/** The text with all its parts replaced. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  return [...splices]
    .sort((a, b) => b.start - a.start)
    .reduce((result, { start, end, text: part }) => result.slice(0, start) + part + result.slice(end), text)
}
