import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import type { Language, Node, Parser } from 'web-tree-sitter'
import type { HclExpression } from './hcl-expression.ts'
import { childOf, childrenOf } from './hcl-nodes.ts'
import { ExpressionReader } from './hcl-reader.ts'

/** A block of Terraform or OpenTofu: `resource "aws_iam_role" "app" { … }`. */
export interface HclBlock {
  readonly type: string
  readonly labels: readonly string[]
  readonly attributes: ReadonlyMap<string, HclExpression>
  readonly blocks: readonly HclBlock[]
  readonly start: number
  readonly end: number
}
export interface HclFile {
  /** Values outside of blocks, as in `.tfvars` files. */
  readonly attributes: ReadonlyMap<string, HclExpression>
  readonly blocks: readonly HclBlock[]
  /** Offset of the first piece that could not be read; the blocks around it are there all the same. */
  readonly errorAt: number | undefined
}
/** Reads HCL with the position of every value. */
export interface HclParser {
  file(text: string): HclFile
  /** The text of a template file (`templatefile`); undefined if it is none. */
  template(text: string): HclExpression | undefined
}

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
  const parse = <T>(text: string, read: (root: Node) => T): T => {
    const tree = parser.parse(text)
    if (!tree) throw new Error('the HCL parser gave no tree')
    try {
      return read(tree.rootNode)
    } finally {
      // The tree lives in the memory of the WebAssembly module, which nobody else tidies.
      tree.delete()
    }
  }
  return {
    file: (text) => parse(text, (root) => readFile(root, text)),
    template: (text) => {
      const opening = `template = <<${TEMPLATE_END}\n`
      const wrapped = `${opening}${text}\n${TEMPLATE_END}\n`
      return parse(wrapped, (root) => {
        const body = root.hasError ? undefined : childOf(root, 'body')
        return body && readAttributes(body, new ExpressionReader(wrapped, opening.length)).get('template')
      })
    },
  }
}

/** The grammar has no templates by themselves: one is read as a heredoc. No template has this line. */
const TEMPLATE_END = 'END_OF_TEMPLATE_FILE'

/** In the bundle the files lie beside it, in the source tree in their packages. */
function wasmPath(module: string): string {
  if (typeof __BUNDLED__ !== 'undefined' && __BUNDLED__) {
    return fileURLToPath(new URL(`./${module.slice(module.lastIndexOf('/') + 1)}`, import.meta.url))
  }
  return createRequire(import.meta.url).resolve(module)
}

function readFile(root: Node, text: string): HclFile {
  const body = childOf(root, 'body')
  const reader = new ExpressionReader(text)
  const blocks = body ? childrenOf(body, 'block').map((block) => readBlock(block, reader)) : []
  const attributes = body ? readAttributes(body, reader) : new Map()
  return { attributes, blocks, errorAt: root.hasError ? firstError(root)?.startIndex : undefined }
}

function firstError(node: Node): Node | undefined {
  if (node.isError || node.isMissing) return node
  for (const child of node.children) {
    const found = child?.hasError || child?.isMissing ? firstError(child) : undefined
    if (found) return found
  }
  return undefined
}

function readBlock(block: Node, reader: ExpressionReader): HclBlock {
  const [type, ...labels] = block.namedChildren
    .filter((child) => child?.type === 'identifier' || child?.type === 'string_lit')
    .map((child) => (child?.type === 'string_lit' ? reader.string(child) : (child?.text ?? '')))
  const body = childOf(block, 'body')
  const attributes = body ? readAttributes(body, reader) : new Map()
  const blocks = body ? childrenOf(body, 'block').map((child) => readBlock(child, reader)) : []
  return { type: type ?? '', labels, attributes, blocks, start: block.startIndex, end: block.endIndex }
}

function readAttributes(body: Node, reader: ExpressionReader): Map<string, HclExpression> {
  const attributes = new Map<string, HclExpression>()
  for (const attribute of childrenOf(body, 'attribute')) {
    const name = childOf(attribute, 'identifier')?.text
    const value = childOf(attribute, 'expression')
    if (name !== undefined && value) attributes.set(name, reader.read(value))
  }
  return attributes
}
