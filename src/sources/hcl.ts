import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import type { Language, Node, Parser } from 'web-tree-sitter'
import type { ListNode, MapEntry, MapNode, StringNode, ValueNode } from './value-node.ts'

/** A block of Terraform or OpenTofu: `resource "aws_iam_role" "app" { … }`. */
export interface HclBlock {
  readonly type: string
  readonly labels: readonly string[]
  readonly attributes: ReadonlyMap<string, ValueNode>
  readonly blocks: readonly HclBlock[]
  readonly start: number
  readonly end: number
}
export interface HclFile {
  readonly blocks: readonly HclBlock[]
  /** Offset of the first piece that could not be read; the blocks around it are there all the same. */
  readonly errorAt: number | undefined
}
/** Reads HCL with the position of every value. */
export type HclParser = (text: string) => HclFile

declare const __BUNDLED__: boolean | undefined

let loading: Promise<HclParser> | undefined

/** Loads the grammar (a tenth of a second): call it only when there is a file to read. */
export function loadHclParser(): Promise<HclParser> {
  loading ??= load()
  return loading
}

/**
 * How much WebAssembly runs before V8 compiles it once more, for speed: its own budget is spent by the first file, and that costs as
 * much as 30 files do.
 */
const TIERING_BUDGET = 40_000_000

async function load(): Promise<HclParser> {
  setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`)
  const { Language, Parser } = await import('web-tree-sitter')
  await Parser.init({ locateFile: () => wasmPath('web-tree-sitter/web-tree-sitter.wasm') })
  const language: Language = await Language.load(
    wasmPath('@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-terraform.wasm'),
  )
  const parser: Parser = new Parser()
  parser.setLanguage(language)
  return (text) => {
    const tree = parser.parse(text)
    if (!tree) throw new Error('the HCL parser gave no tree')
    try {
      return readFile(tree.rootNode, text)
    } finally {
      // The tree lives in the memory of the WebAssembly module, which nobody else tidies.
      tree.delete()
    }
  }
}

/** In the bundle the files lie beside it, in the source tree in their packages. */
function wasmPath(module: string): string {
  if (typeof __BUNDLED__ !== 'undefined' && __BUNDLED__) {
    return fileURLToPath(new URL(`./${module.slice(module.lastIndexOf('/') + 1)}`, import.meta.url))
  }
  return createRequire(import.meta.url).resolve(module)
}

function readFile(root: Node, text: string): HclFile {
  const body = childOf(root, 'body')
  const blocks = body ? childrenOf(body, 'block').map((block) => readBlock(block, text)) : []
  return { blocks, errorAt: root.hasError ? firstError(root)?.startIndex : undefined }
}

function firstError(node: Node): Node | undefined {
  if (node.isError || node.isMissing) return node
  for (const child of node.children) {
    const found = child?.hasError || child?.isMissing ? firstError(child) : undefined
    if (found) return found
  }
  return undefined
}

function readBlock(block: Node, text: string): HclBlock {
  const [type, ...labels] = block.namedChildren
    .filter((child) => child?.type === 'identifier' || child?.type === 'string_lit')
    .map((child) => (child?.type === 'string_lit' ? readString(child).value : (child?.text ?? '')))
  const body = childOf(block, 'body')
  const attributes = new Map<string, ValueNode>()
  for (const attribute of body ? childrenOf(body, 'attribute') : []) {
    const name = childOf(attribute, 'identifier')?.text
    const value = childOf(attribute, 'expression')
    if (name !== undefined && value) attributes.set(name, readExpression(value, text))
  }
  const blocks = body ? childrenOf(body, 'block').map((child) => readBlock(child, text)) : []
  return { type: type ?? '', labels, attributes, blocks, start: block.startIndex, end: block.endIndex }
}

/** Functions that give their argument, or the list of their arguments, in another shape that does not matter here. */
const TRANSPARENT = new Set(['jsonencode', 'jsondecode', 'nonsensitive', 'sensitive', 'try'])
const LIST_FUNCTIONS = new Set(['concat', 'distinct', 'compact', 'flatten', 'toset', 'tolist', 'sort', 'setunion'])

function readExpression(node: Node, text: string): ValueNode {
  const only = node.namedChildren.length === 1 ? node.namedChildren[0] : undefined
  if (!only) return expression(node, text)
  switch (only.type) {
    case 'expression':
      return readExpression(only, text)
    case 'literal_value':
      return readLiteral(only)
    case 'template_expr':
      return readTemplate(only, text)
    case 'collection_value':
      return readCollection(only, text)
    case 'function_call':
      return readCall(only, text)
    default:
      return expression(only, text)
  }
}

function readLiteral(node: Node): ValueNode {
  const literal = node.namedChildren[0]
  const place = { start: node.startIndex, end: node.endIndex }
  if (literal?.type === 'string_lit') return readString(literal)
  if (literal?.type === 'bool_lit') return { type: 'plain', value: literal.text === 'true', ...place }
  if (literal?.type === 'numeric_lit') return { type: 'plain', value: Number(literal.text), ...place }
  return { type: 'plain', value: null, ...place }
}

function readTemplate(node: Node, text: string): ValueNode {
  const inner = node.namedChildren[0]
  if (inner?.type === 'heredoc_template') return readHeredoc(inner, text)
  if (!inner) return expression(node, text)
  const parts = inner.namedChildren.filter((part) => part && !part.type.startsWith('quoted_template'))
  const alone = parts.length === 1 && parts[0]?.type === 'template_interpolation' && childOf(parts[0], 'expression')
  return alone ? readExpression(alone, text) : readString(inner)
}

/** `"…"`: interpolations stay as `${…}`, on one line; one that is the whole string is an expression. */
function readString(node: Node): StringNode {
  let value = ''
  for (const part of node.namedChildren) {
    if (part?.type === 'template_literal') value += unescapeHcl(part.text)
    else if (part?.type === 'template_interpolation') value += `\${${oneLine(interpolated(part))}}`
    else if (part && !part.type.startsWith('quoted_template')) value += `\${${oneLine(part.text)}}`
  }
  return { type: 'string', value, start: node.startIndex, end: node.endIndex }
}

function interpolated(node: Node): string {
  return childOf(node, 'expression')?.text ?? node.text.replace(/^\$\{~?|~?\}$/g, '')
}

/** The raw lines of a heredoc, which JSON readers take as they stand. */
function readHeredoc(node: Node, text: string): StringNode {
  const names = childrenOf(node, 'heredoc_identifier')
  const start = text.indexOf('\n', names[0]?.endIndex ?? node.startIndex) + 1
  const end = Math.max(start, names[1]?.startIndex ?? node.endIndex)
  const value = text.slice(start, end)
  const origins = Array.from({ length: value.length }, (_, i) => start + i)
  return { type: 'string', value, start: node.startIndex, end: node.endIndex, origins }
}

function readCollection(node: Node, text: string): ValueNode {
  const inner = node.namedChildren[0]
  const place = { start: node.startIndex, end: node.endIndex }
  if (inner?.type === 'tuple') {
    const items = childrenOf(inner, 'expression').map((item) => readExpression(item, text))
    return { type: 'list', items, ...place } satisfies ListNode
  }
  if (inner?.type !== 'object') return expression(node, text)
  const entries = childrenOf(inner, 'object_elem').flatMap((element): MapEntry[] => {
    const [key, value] = childrenOf(element, 'expression')
    if (!key || !value) return []
    const read = readExpression(key, text)
    const plain = read.type === 'expression' && /^[\w-]+$/.test(read.text) ? read.text : undefined
    const name = read.type === 'string' ? read.value : (plain ?? `\${${oneLine(key.text).replace(/^\(|\)$/g, '')}}`)
    return [{ key: name, keyStart: key.startIndex, value: readExpression(value, text) }]
  })
  return { type: 'map', entries, ...place } satisfies MapNode
}

function readCall(node: Node, text: string): ValueNode {
  const name = childOf(node, 'identifier')?.text ?? ''
  const list = childOf(node, 'function_arguments')
  const args = list ? childrenOf(list, 'expression').map((argument) => readExpression(argument, text)) : []
  const [first] = args
  if (TRANSPARENT.has(name) && first) return first
  if (LIST_FUNCTIONS.has(name)) {
    const items = args.flatMap((argument) => (argument.type === 'list' ? argument.items : [argument]))
    return { type: 'list', items, start: node.startIndex, end: node.endIndex }
  }
  return expression(node, text, args)
}

function expression(node: Node, text: string, parts?: readonly ValueNode[]): ValueNode {
  return {
    type: 'expression',
    text: oneLine(node.text),
    parts: parts ?? outermostExpressions(node).map((inner) => readExpression(inner, text)),
    start: node.startIndex,
    end: node.endIndex,
  }
}

/** Documents may be written inside a condition or a `for`. */
function outermostExpressions(node: Node): Node[] {
  return node.namedChildren.flatMap((child) => {
    if (!child) return []
    return child.type === 'expression' ? [child] : outermostExpressions(child)
  })
}

/** Shown to people, and repeated for each level of nesting: more than a line of it helps nobody. */
const MAX_EXPRESSION = 300

function oneLine(text: string): string {
  return text.slice(0, MAX_EXPRESSION).replace(/\s+/g, ' ').trim()
}

/** `\n`, `\"`, `\uXXXX` …; `$${` and `%%{` are the escapes of `${` and `%{`. */
function unescapeHcl(text: string): string {
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

function childOf(node: Node, type: string): Node | undefined {
  return node.namedChildren.find((child) => child?.type === type) ?? undefined
}

function childrenOf(node: Node, type: string): Node[] {
  return node.namedChildren.filter((child): child is Node => child?.type === type)
}
