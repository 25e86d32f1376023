import { get, type MapNode, textOf, type ValueNode } from '../../sources/value-node.ts'

/** Whether something holds, as far as the template tells. */
export type Tri = boolean | 'unknown'

/** Evaluates a condition of a template; `named` knows the others, `operand` gives a text or undefined for what is not known. */
export function isTrue(
  node: ValueNode,
  named: (name: string) => Tri,
  operand: (node: ValueNode) => string | undefined,
): Tri {
  const [entry] = node.type === 'map' ? node.entries : []
  if (!entry) return 'unknown'
  const args = entry.value.type === 'list' ? entry.value.items : [entry.value]
  const all = () => args.map((each) => isTrue(each, named, operand))
  switch (entry.key) {
    case 'Condition':
      return named(textOf(entry.value) ?? '')
    case 'Fn::Equals': {
      const [left, right] = args.map(operand)
      return left === undefined || right === undefined ? 'unknown' : left === right
    }
    case 'Fn::Not': {
      const [value = 'unknown'] = all()
      return value === 'unknown' ? 'unknown' : !value
    }
    case 'Fn::And': {
      const values = all()
      return values.includes(false) ? false : values.includes('unknown') ? 'unknown' : true
    }
    case 'Fn::Or': {
      const values = all()
      return values.includes(true) ? true : values.includes('unknown') ? 'unknown' : false
    }
    default:
      return 'unknown'
  }
}

/** A choice that only a deployment makes: what it chooses from stays visible, and every statement in it may not be there. */
export function doubted(text: string, parts: readonly ValueNode[], { start, end }: ValueNode): ValueNode {
  return { type: 'expression', text, parts: parts.map((part) => doubt(part, text)), start, end }
}

function doubt(node: ValueNode, text: string): ValueNode {
  if (node.type === 'list') return { ...node, items: node.items.map((item) => doubt(item, text)) }
  if (node.type === 'expression') return { ...node, parts: node.parts.map((part) => doubt(part, text)) }
  if (node.type !== 'map') return node
  const statement = isStatement(node)
  const entries = node.entries.map((entry) => {
    if (!statement || entry.key.toLowerCase() !== 'effect') return { ...entry, value: doubt(entry.value, text) }
    const { start, end } = entry.value
    return { ...entry, value: { type: 'expression', text, parts: [], start, end } as const }
  })
  return { ...node, entries }
}

function isStatement(node: MapNode): boolean {
  return get(node, 'Effect') !== undefined && (get(node, 'Action') ?? get(node, 'NotAction')) !== undefined
}

/** Whether a statement of a policy stands in a value. */
export function holdsStatement(node: ValueNode): boolean {
  if (node.type === 'list') return node.items.some(holdsStatement)
  if (node.type !== 'map') return false
  return isStatement(node) || node.entries.some(({ value }) => holdsStatement(value))
}
