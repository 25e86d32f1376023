import type { Node } from 'web-tree-sitter'
import type { HclEntry, HclExpression, HclStep } from './hcl-expression.ts'
import { childOf, childrenOf } from './hcl-nodes.ts'
import { TemplateReader, tagsOf, unescapeHcl } from './hcl-template.ts'

const MAX_DEPTH = 300

/** Turns tree-sitter's nodes into expressions. `shift` is taken off every offset: for templates that stand in a file of their own. */
export class ExpressionReader {
  readonly #text: string
  readonly #shift: number
  #depth = 0

  constructor(text: string, shift = 0) {
    this.#text = text
    this.#shift = shift
  }

  /** Throws RangeError where expressions are nested deeper than anybody writes them: readers of them would run out of stack. */
  read(node: Node): HclExpression {
    if (this.#depth >= MAX_DEPTH) throw new RangeError(`more than ${MAX_DEPTH} levels`)
    this.#depth++
    try {
      return this.#chain(node.children.filter(isCode), node)
    } finally {
      this.#depth--
    }
  }

  /** The text of a label or attribute name: `"x"`. */
  string(node: Node): string {
    return node.namedChildren.map((part) => (part?.type === 'template_literal' ? unescapeHcl(part.text) : '')).join('')
  }

  #place(node: Node): { start: number; end: number } {
    return { start: node.startIndex - this.#shift, end: node.endIndex - this.#shift }
  }

  /** A term with what follows it: `.name`, `[key]`, `[*]`. */
  #chain(nodes: readonly Node[], around: Node): HclExpression {
    const [first] = nodes
    if (!first) return { type: 'unreadable', ...this.#place(around) }
    const parenthesised = first.type === '('
    const inner = parenthesised ? nodes[1] : first
    let result = inner ? this.#term(inner) : ({ type: 'unreadable', ...this.#place(around) } as const)
    const { start } = this.#place(first)
    for (const node of nodes.slice(parenthesised ? 3 : 1)) {
      const end = node.endIndex - this.#shift
      if (node.type === 'splat') {
        result = { type: 'splat', of: result, steps: this.#steps(node.namedChildren[0] ?? node), start, end }
        continue
      }
      const step = this.#step(node)
      if (!step) return { type: 'unreadable', ...this.#place(around) }
      result =
        'name' in step
          ? { type: 'attribute', of: result, name: step.name, start, end }
          : { type: 'index', of: result, key: step.key, start, end }
    }
    return result
  }

  #steps(node: Node): HclStep[] {
    return node.namedChildren.flatMap((child) => (child && this.#step(child)) ?? [])
  }

  #step(node: Node): HclStep | undefined {
    if (node.type === 'get_attr') return { name: node.text.replace(/^\.\s*/, '') }
    if (node.type !== 'index') return undefined
    const inner = node.namedChildren[0]
    const key = inner && childOf(inner, 'expression')
    if (key) return { key: this.read(key) }
    const legacy = /^\.\s*(\d+)$/.exec(node.text)
    return legacy ? { key: { type: 'literal', value: Number(legacy[1]), ...this.#place(node) } } : undefined
  }

  #term(node: Node): HclExpression {
    const place = this.#place(node)
    switch (node.type) {
      case 'expression':
        return this.read(node)
      case 'literal_value':
        return { ...this.#literal(node), ...place }
      case 'variable_expr':
        return { type: 'name', name: node.text, ...place }
      case 'template_expr':
        return this.#template(node)
      case 'collection_value':
        return this.#collection(node)
      case 'function_call':
        return this.#call(node)
      case 'for_expr':
        return this.#for(node)
      case 'operation':
        return this.#operation(node)
      case 'conditional': {
        const [condition, yes, no] = childrenOf(node, 'expression').map((each) => this.read(each))
        if (condition && yes && no) return { type: 'conditional', condition, yes, no, ...place }
      }
    }
    return { type: 'unreadable', ...place }
  }

  #literal(node: Node): { type: 'literal'; value: string | number | boolean | null } {
    const literal = node.namedChildren[0]
    if (literal?.type === 'string_lit') return { type: 'literal', value: this.string(literal) }
    if (literal?.type === 'bool_lit') return { type: 'literal', value: literal.text === 'true' }
    return { type: 'literal', value: literal?.type === 'numeric_lit' ? Number(literal.text) : null }
  }

  #collection(node: Node): HclExpression {
    const inner = node.namedChildren[0]
    const place = this.#place(node)
    if (inner?.type === 'tuple') {
      return { type: 'tuple', items: childrenOf(inner, 'expression').map((item) => this.read(item)), ...place }
    }
    const elements = inner?.type === 'object' ? childrenOf(inner, 'object_elem') : []
    const entries = elements.flatMap((element): HclEntry[] => {
      const [key, value] = childrenOf(element, 'expression')
      if (!key || !value) return []
      const read = this.read(key)
      const word = read.type === 'name' && !key.text.startsWith('(')
      return [
        {
          key: word ? { type: 'literal', value: read.name, start: read.start, end: read.end } : read,
          value: this.read(value),
        },
      ]
    })
    return { type: 'object', entries, ...place }
  }

  #call(node: Node): HclExpression {
    const list = childOf(node, 'function_arguments')
    const args = list ? childrenOf(list, 'expression').map((argument) => this.read(argument)) : []
    const spread = list !== undefined && childOf(list, 'ellipsis') !== undefined
    return { type: 'call', name: childOf(node, 'identifier')?.text ?? '', args, spread, ...this.#place(node) }
  }

  #for(node: Node): HclExpression {
    const inner = node.namedChildren[0]
    const intro = inner && childOf(inner, 'for_intro')
    const collection = intro && childOf(intro, 'expression')
    const [first, second] = inner ? childrenOf(inner, 'expression').map((each) => this.read(each)) : []
    const value = inner?.type === 'for_object_expr' ? second : first
    if (!collection || !value) return { type: 'unreadable', ...this.#place(node) }
    const test = inner && childOf(inner, 'for_cond')
    const condition = test && childOf(test, 'expression')
    return {
      type: 'for',
      names: childrenOf(intro, 'identifier').map((name) => name.text),
      collection: this.read(collection),
      ...(inner.type === 'for_object_expr' && first && { key: first }),
      value,
      grouped: childOf(inner, 'ellipsis') !== undefined,
      ...(condition && { condition: this.read(condition) }),
      ...this.#place(node),
    }
  }

  #operation(node: Node): HclExpression {
    const inner = node.namedChildren[0] ?? node
    const nodes = inner.children.filter(isCode)
    const at = nodes.findIndex(
      (each, i) => !each.isNamed && OPERATORS.has(each.type) && (i > 0 || UNARY.has(each.type)),
    )
    if (at < 0) return { type: 'unreadable', ...this.#place(node) }
    const sides = at === 0 ? [nodes.slice(1)] : [nodes.slice(0, at), nodes.slice(at + 1)]
    const operands = sides.map((side) => this.#chain(side, inner))
    return { type: 'operation', operator: nodes[at]?.type ?? '', operands, ...this.#place(node) }
  }

  #template(node: Node): HclExpression {
    const inner = node.namedChildren[0]
    const place = this.#place(node)
    if (!inner) return { type: 'unreadable', ...place }
    const heredoc = inner.type === 'heredoc_template'
    const [from, to] = heredoc ? this.#heredocBounds(inner) : [inner.startIndex + 1, inner.endIndex - 1]
    const given = { reader: this, text: this.#text, shift: this.#shift, raw: heredoc, tags: tagsOf(inner), from, to }
    const parts = new TemplateReader(given).read()
    const [only] = parts
    // `"${x}"` is x, whatever its type.
    if (!heredoc && parts.length === 1 && only?.type === 'value') return only.value
    return { type: 'template', parts, ...place }
  }

  #heredocBounds(node: Node): [from: number, to: number] {
    const [open, close] = childrenOf(node, 'heredoc_identifier')
    const from = this.#text.indexOf('\n', open?.endIndex ?? node.startIndex) + 1
    return [from, Math.max(from, close?.startIndex ?? node.endIndex)]
  }
}

const UNARY = new Set(['!', '-'])
const OPERATORS = new Set(['!', '-', '+', '*', '/', '%', '==', '!=', '<', '<=', '>', '>=', '&&', '||'])

function isCode(node: Node | null): node is Node {
  return node !== null && node.type !== 'comment'
}
