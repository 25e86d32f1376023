import type { ValueNode } from '../../sources/value-node.ts'
import {
  entry,
  isKnown,
  isModule,
  isReference,
  knownText,
  missing,
  type Place,
  type ReferenceNode,
  scalar,
  unknown,
} from './terraform-values.ts'

/** What stands behind the dot: an entry of a map, an output of a module, what a block says of itself. */
export function attributeOf(base: ValueNode, name: string, asWritten: string, place: Place): ValueNode {
  if (base.type === 'map') return entry(base, name) ?? missing(asWritten, place)
  if (isModule(base)) return base.module.output(name) ?? unknown(`${base.text}.${name}`, place)
  if (isReference(base)) return referenceAttribute(base, name, place)
  // Before splats were optional, a list of one could be spoken of as that one.
  const [first] = base.type === 'list' ? base.items : []
  if (base.type === 'list' && base.items.length === 1 && isReference(first)) {
    return attributeOf(first, name, asWritten, place)
  }
  if (base.type !== 'expression') return missing(asWritten, place)
  return unknown(isPath(base.text) ? `${base.text}.${name}` : asWritten, place)
}

function isPath(written: string): boolean {
  return /^[\w-]+(?:[.[][\w.[\]"*-]*)?$/.test(written)
}

/** What a block says of itself is known; the rest is AWS's to say. */
function referenceAttribute(base: ReferenceNode, name: string, place: Place): ValueNode {
  const { target } = base
  if (base.attribute !== undefined) return unknown(`${base.text}.${name}`, place)
  const value = NAMES.has(name) ? undefined : target.value(name)
  if (value && (isKnown(value) || isReference(value) || value.type !== 'expression')) return value
  return { ...unknown(`${base.text}.${name}`, place), target, attribute: name } as ReferenceNode
}

/** These lead to the thing itself, though their text may be known. */
const NAMES = new Set(['name', 'arn', 'id', 'unique_id', 'json', 'minified_json'])

/** The item of a key, which may not be known. */
export function indexOf(base: ValueNode, key: ValueNode, asWritten: string, place: Place): ValueNode {
  if (isModule(base) || (isReference(base) && base.attribute === undefined)) return base
  if (base.type === 'list') {
    const at = Number(knownText(key) ?? Number.NaN)
    if (base.open)
      return base.items.length === 1 && base.items[0] ? base.items[0] : unknown(asWritten, place, base.items)
    if (Number.isNaN(at)) return unknown(asWritten, place, base.items)
    return base.items[at] ?? missing(asWritten, place)
  }
  if (base.type === 'map') {
    const name = knownText(key)
    if (name !== undefined) return entry(base, name) ?? missing(asWritten, place)
    return (
      entry(base, scalar(key) ?? '') ??
      unknown(
        asWritten,
        place,
        base.entries.map((each) => each.value),
      )
    )
  }
  return base.type === 'expression' ? unknown(asWritten, place, base.parts) : missing(asWritten, place)
}
