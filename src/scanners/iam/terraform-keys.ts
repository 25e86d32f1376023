import type { ValueNode } from '../../sources/value-node.ts'
import { isNull, map, type Place, scalar, text } from './terraform-values.ts'

/** One item of a `for_each` or `count`, and what names stand for in it. */
export interface Key {
  readonly key: string
  readonly name: string
  readonly names: ReadonlyMap<string, ValueNode>
}

export function eachOf(collection: ValueNode, place: Place): Key[] | undefined {
  const key = (name: string) => `[${JSON.stringify(name)}]`
  if (collection.type === 'map') {
    return collection.entries.map(({ key: name, value }) => ({
      key: key(name),
      name,
      names: each(text(name, place), value, place),
    }))
  }
  if (isNull(collection)) return []
  if (collection.type !== 'list' || collection.open) return undefined
  return collection.items.map((item) => {
    const name = scalar(item) ?? ''
    return { key: key(name), name, names: each(item, item, place) }
  })
}

export function each(key: ValueNode, value: ValueNode, place: Place): ReadonlyMap<string, ValueNode> {
  return new Map([
    [
      'each',
      map(
        [
          ['key', key],
          ['value', value],
        ],
        place,
      ),
    ],
  ])
}

export function counted(index: ValueNode, place: Place): ReadonlyMap<string, ValueNode> {
  return new Map([['count', map([['index', index]], place)]])
}
