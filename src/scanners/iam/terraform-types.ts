import type { HclExpression } from '../../sources/hcl-expression.ts'
import type { ValueNode } from '../../sources/value-node.ts'
import { evaluate } from './terraform-evaluate.ts'
import type { PlacedBlock } from './terraform-tree.ts'
import { entry, isNull, placeOf, plain, type Scope } from './terraform-values.ts'

/**
 * A value with what its declared type adds: attributes that are `optional(TYPE, DEFAULT)` and not given. Source:
 * https://developer.hashicorp.com/terraform/language/expressions/type-constraints
 */
export function applyType(value: ValueNode, type: HclExpression, scope: Scope): ValueNode {
  if (type.type !== 'call') return value
  const [inner, fallback] = type.args
  if (!inner) return value
  if (type.name === 'optional') {
    return applyType(isNull(value) && fallback ? evaluate(fallback, scope) : value, inner, scope)
  }
  if (/^(?:list|set|map)$/.test(type.name)) return applyToItems(value, inner, scope)
  if (type.name !== 'object' || inner.type !== 'object' || value.type !== 'map') return value
  const declared = new Map(
    inner.entries.flatMap(({ key, value: of }) => (key.type === 'literal' ? [[String(key.value), of] as const] : [])),
  )
  const given = value.entries.map((each) => {
    const of = declared.get(each.key)
    return of ? { ...each, value: applyType(each.value, of, scope) } : each
  })
  const added = [...declared].flatMap(([key, of]) => {
    if (entry(value, key) || of.type !== 'call' || of.name !== 'optional') return []
    return [{ key, keyStart: value.start, value: applyType(plain(null, placeOf(value)), of, scope) }]
  })
  return { ...value, entries: [...given, ...added] }
}

function applyToItems(value: ValueNode, type: HclExpression, scope: Scope): ValueNode {
  if (type.type !== 'call') return value
  if (value.type === 'list') return { ...value, items: value.items.map((item) => applyType(item, type, scope)) }
  if (value.type !== 'map') return value
  return { ...value, entries: value.entries.map((each) => ({ ...each, value: applyType(each.value, type, scope) })) }
}

/** Whether a null that a caller passes means the default: `nullable = false`. */
export function isOptionalNull(declared: PlacedBlock | undefined): boolean {
  const nullable = declared?.block.attributes.get('nullable')
  return nullable?.type === 'literal' && nullable.value === false
}
