import type { HclBlock } from '../../sources/hcl.ts'
import type { ValueNode } from '../../sources/value-node.ts'
import { evaluate } from './terraform-evaluate.ts'
import {
  isNull,
  itemOf,
  knownText,
  list,
  map,
  onlyChoice,
  type Place,
  plain,
  type Scope,
  text,
} from './terraform-values.ts'

/** A nested block with what its names stand for. */
export interface ScopedBlock {
  readonly block: HclBlock
  readonly scope: Scope
  /** Whether a default leaves it out, which another value would not. */
  readonly supposed?: boolean
}

/** The nested blocks of a type; `dynamic` ones for each item, or one that stands for all where the items are not known. */
export function nestedBlocks({ block, scope }: ScopedBlock, type: string): ScopedBlock[] {
  return block.blocks.flatMap((nested) => {
    if (nested.type === type) return [{ block: nested, scope }]
    if (nested.type !== 'dynamic' || nested.labels[0] !== type) return []
    const iterator = nested.attributes.get('iterator')
    const name = iterator?.type === 'name' ? iterator.name : type
    const collection = nested.attributes.get('for_each')
    const content = nested.blocks.filter((each) => each.type === 'content')
    const place = { start: nested.start, end: nested.end, file: scope.file.source.path }
    const value = collection ? evaluate(collection, scope) : list([], place)
    const known = itemsOf(value, name, place)
    const supposed = known.length === 0 && collection !== undefined && scope.module.mayBeSwitchedOn(collection, scope)
    const items = supposed ? [unknownItem(value, name, place)] : known
    return items.flatMap((item) => {
      const names = new Map([...scope.names, [name, item] as const])
      return content.map((each) => ({ block: each, scope: { ...scope, names }, supposed }))
    })
  })
}

function item(key: ValueNode, value: ValueNode, place: Place): ValueNode {
  return map(
    [
      ['key', key],
      ['value', value],
    ],
    place,
  )
}

function unknownItem(collection: ValueNode, name: string, place: Place): ValueNode {
  const { key, value } = itemOf(collection, `${name}.value`, place)
  return item(key, value, place)
}

function itemsOf(collection: ValueNode, name: string, place: Place): ValueNode[] {
  if (isNull(collection)) return []
  if (collection.type === 'list') return collection.items.map((value, i) => item(plain(i, place), value, place))
  if (collection.type === 'map') return collection.entries.map(({ key, value }) => item(text(key, place), value, place))
  const likely = onlyChoice(collection)
  return likely ? itemsOf(likely, name, place) : [unknownItem(collection, name, place)]
}

/** The value of an argument of a block. */
export function argument({ block, scope }: ScopedBlock, name: string): ValueNode | undefined {
  const written = block.attributes.get(name)
  return written && evaluate(written, scope)
}

export function argumentText(block: ScopedBlock, name: string): string | undefined {
  return knownText(argument(block, name))
}
