import type { HclBlock } from '../../sources/hcl.ts'
import type { ValueNode } from '../../sources/value-node.ts'
import { evaluate } from './terraform-evaluate.ts'
import {
  isNull,
  itemOf,
  knownText,
  map,
  onlyChoice,
  type Place,
  plain,
  type Scope,
  scalar,
  text,
  unknown,
} from './terraform-values.ts'

/** Of what is no item of anything. */
export const NO_NAMES: ReadonlyMap<string, ValueNode> = new Map()
const MAX_INSTANCES = 200

/** One item of a `for_each` or `count`, and what names stand for in it. */
interface Key {
  readonly key: string
  readonly name: string
  readonly names: ReadonlyMap<string, ValueNode>
}

function eachOf(collection: ValueNode, place: Place): Key[] | undefined {
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

function each(key: ValueNode, value: ValueNode, place: Place): ReadonlyMap<string, ValueNode> {
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

function counted(index: ValueNode, place: Place): ReadonlyMap<string, ValueNode> {
  return new Map([['count', map([['index', index]], place)]])
}

/** What `for_each` and `count` make of a block; of one without them there is one. */
export interface Keys {
  readonly keys: readonly Key[]
  readonly shape: 'one' | 'list' | 'map' | 'open'
  /** Whether a default leaves it out, which another value would not. */
  readonly supposed?: boolean
}

export function keysOf(block: HclBlock, scope: Scope, place: Place): Keys {
  const [forEach, count] = [block.attributes.get('for_each'), block.attributes.get('count')]
  if (forEach) {
    const collection = evaluate(forEach, scope)
    const items = eachOf(onlyChoice(collection) ?? collection, place)
    const supposed = items?.length === 0 && scope.module.mayBeSwitchedOn(forEach, scope)
    if (items && !supposed && items.length <= MAX_INSTANCES) return { keys: items, shape: 'map' }
    const { key, value } = itemOf(collection, 'each.value', place)
    return { keys: [{ key: '', name: '', names: each(key, value, place) }], shape: 'one', supposed }
  }
  if (!count) return { keys: [{ key: '', name: '', names: NO_NAMES }], shape: 'one' }
  const written = Number(knownText(evaluate(count, scope)) ?? Number.NaN)
  const supposed = written === 0 && scope.module.mayBeSwitchedOn(count, scope)
  const number = supposed && count.type === 'conditional' ? 1 : supposed ? Number.NaN : written
  if (Number.isNaN(number) || number > MAX_INSTANCES) {
    return {
      keys: [{ key: '', name: '', names: counted(unknown('count.index', place), place) }],
      shape: 'open',
      supposed,
    }
  }
  const keys = Array.from({ length: number }, (_, i) => ({
    // `count` of 1 is a switch, and the only instance needs no number.
    key: number === 1 ? '' : `[${i}]`,
    name: String(i),
    names: counted(plain(i, place), place),
  }))
  return { keys, shape: 'list', supposed }
}
