import type { ValueNode } from '../../sources/value-node.ts'
import { indexOf } from './terraform-access.ts'
import { type CallSite, callFileFunction, decodeText } from './terraform-file-functions.ts'
import { type Call, TEXT_FUNCTIONS } from './terraform-text-functions.ts'
import {
  canonical,
  entry,
  isKnown,
  isMissing,
  isNull,
  isReference,
  knownText,
  list,
  MAX_ITEMS,
  MAX_TEXT,
  map,
  plain,
  scalar,
  shown,
  text,
  truth,
  unknown,
} from './terraform-values.ts'

/**
 * The value of a call of one of Terraform's functions that occur in policies; an expression node where an argument is not known,
 * or the function is none of them. Source: https://developer.hashicorp.com/terraform/language/functions
 */
export function callFunction(name: string, args: readonly ValueNode[], around: CallSite): ValueNode {
  const { place, asWritten } = around
  if (name === 'try') return args.find((each) => !isMissing(each)) ?? unknown(asWritten, place)
  const first = args[0]
  if (name === 'can') {
    const can = isMissing(first) ? false : first && isKnown(first) ? true : undefined
    return can === undefined ? unknown(asWritten, place) : plain(can, place)
  }
  const own = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined
  const result = own ? own(args, place, asWritten) : callFileFunction(name, args, around)
  if (result && (result.type !== 'string' || result.value.length <= MAX_TEXT)) return result
  return unknown(`${name}(${args.map(shown).join(', ')})`, place, args)
}

const same: Call = ([value]) => value

/** Lists, and single values that are not known, one after the other. */
function flatItems(args: readonly ValueNode[], deep: boolean): { items: ValueNode[]; open: boolean } {
  const items: ValueNode[] = []
  let open = false
  for (const arg of args) {
    if (arg.type === 'list') {
      const inner = deep ? flatItems(arg.items, true) : { items: arg.items, open: false }
      if (items.length + inner.items.length > MAX_ITEMS) return { items: [], open: true }
      items.push(...inner.items)
      open ||= inner.open || arg.open === true
    } else if (!isNull(arg)) {
      items.push(arg)
      open ||= arg.type === 'expression' && !isReference(arg)
    }
  }
  return { items, open }
}

const concat: Call = (args, place) => {
  const { items, open } = flatItems(args, false)
  return list(items, place, open)
}

/** Of a list that is open, the same of its items. */
function onList(change: (items: readonly ValueNode[]) => readonly ValueNode[]): Call {
  return ([first], place) => {
    if (first?.type === 'expression' && !isReference(first)) return first
    if (first?.type === 'map') return first
    if (first === undefined || isNull(first)) return first
    return first.type === 'list' ? list(change(first.items), place, first.open) : list([first], place)
  }
}

function distinct(items: readonly ValueNode[]): ValueNode[] {
  return [
    ...new Map(items.map((item) => [canonical(item) + (item.type === 'expression' ? item.text : ''), item])).values(),
  ]
}

/** One item is that item, whatever it is: `join("", aws_iam_role.r.*.arn)` is how a list of one is taken out. */
const join: Call = ([separator, ...lists], place) => {
  const { items } = flatItems(lists, false)
  const [only] = items
  if (only && items.length === 1 && (isReference(only) || lists.every((each) => each.type === 'list'))) return only
  if (lists.some((each) => each.type !== 'list' || each.open)) return undefined
  const texts = items.map(scalar)
  const between = knownText(separator)
  if (between === undefined || texts.includes(undefined)) return undefined
  return text(texts.join(between), place)
}

const merge: Call = (args, place) => {
  const given = args.filter((each) => !isNull(each))
  const merged = new Map<string, ValueNode>()
  for (const each of given) {
    if (each.type !== 'map') return undefined
    for (const { key, value } of each.entries) merged.set(key, value)
  }
  return map(merged, place)
}

const lookup: Call = ([from, key, fallback], place, asWritten) => {
  const name = knownText(key)
  if (from?.type !== 'map' || name === undefined) return from && key ? indexOf(from, key, asWritten, place) : undefined
  return entry(from, name) ?? fallback ?? unknown(asWritten, place)
}

const coalesce: Call = (args) => {
  for (const each of args) {
    if (isNull(each) || (each.type === 'string' && each.value === '')) continue
    return each.type === 'expression' && !isReference(each) ? undefined : each
  }
  return undefined
}

const coalescelist: Call = (args) => {
  const chosen = args.find((each) => !(each.type === 'list' && each.items.length === 0) && !isNull(each))
  return chosen?.type === 'list' ? chosen : undefined
}

const element: Call = ([from, at]) => {
  const index = Number(knownText(at) ?? Number.NaN)
  if (from?.type !== 'list' || from.items.length === 0) return undefined
  if (from.items.length === 1) return from.items[0]
  return from.open ? undefined : from.items[index % from.items.length]
}

const length: Call = ([of], place) => {
  if (of?.type === 'list' && !of.open) return plain(of.items.length, place)
  if (of?.type === 'map') return plain(of.entries.length, place)
  const known = knownText(of)
  return known === undefined ? undefined : plain([...known].length, place)
}

const contains: Call = ([from, wanted], place) => {
  if (from?.type !== 'list' || !wanted || !isKnown(wanted)) return undefined
  if (from.items.some((item) => isKnown(item) && canonical(item) === canonical(wanted))) return plain(true, place)
  return isKnown(from) ? plain(false, place) : undefined
}

const one: Call = ([of], place) => {
  if (of?.type !== 'list') return of
  return of.items.length === 1 ? of.items[0] : of.items.length === 0 && !of.open ? plain(null, place) : undefined
}

function setOperation(keep: (item: string, others: readonly ReadonlySet<string>[]) => boolean): Call {
  return ([first, ...others], place) => {
    if (first?.type !== 'list' || !isKnown(first) || !others.every((each) => each.type === 'list' && isKnown(each))) {
      return undefined
    }
    const sets = others.map((each) => new Set(each.type === 'list' ? each.items.map(canonical) : []))
    return list(
      first.items.filter((item) => keep(canonical(item), sets)),
      place,
    )
  }
}

const setproduct: Call = (args, place) => {
  let rows: ValueNode[][] = [[]]
  for (const each of args) {
    if (each.type !== 'list' || each.open || rows.length * each.items.length > MAX_ITEMS) return undefined
    rows = rows.flatMap((row) => each.items.map((item) => [...row, item]))
  }
  return list(
    rows.map((row) => list(row, place)),
    place,
  )
}

const zipmap: Call = ([keys, values], place) => {
  if (keys?.type !== 'list' || values?.type !== 'list' || keys.open || values.open) return undefined
  const names = keys.items.map(scalar)
  if (names.includes(undefined) || names.length !== values.items.length) return undefined
  return map(
    values.items.map((value, i) => [names[i] ?? '', value] as const),
    place,
  )
}

const range: Call = (args, place) => {
  const numbers = args.map((each) => Number(knownText(each) ?? Number.NaN))
  const [from, to] = numbers.length > 1 ? numbers : [0, numbers[0]]
  if (numbers.length > 2 || from === undefined || to === undefined || !(to - from >= 0 && to - from <= 1000)) {
    return undefined
  }
  return list(
    Array.from({ length: to - from }, (_, i) => plain(from + i, place)),
    place,
  )
}

const isTrue = (all: boolean): Call => {
  return ([of], place) => {
    if (of?.type !== 'list' || of.open) return undefined
    const truths = of.items.map(truth)
    if (truths.includes(!all)) return plain(!all, place)
    return truths.includes(undefined) ? undefined : plain(all, place)
  }
}

const FUNCTIONS: Readonly<Record<string, Call>> = {
  // What these give back differs from what they take in its type only.
  jsonencode: same,
  // JSON is YAML.
  yamlencode: same,
  nonsensitive: same,
  sensitive: same,
  ephemeralasnull: same,
  tostring: same,
  tonumber: same,
  tobool: same,
  tomap: same,
  jsondecode: ([value]) => decodeText(value, 'json'),
  yamldecode: ([value]) => decodeText(value, 'yaml'),
  concat,
  setunion: (args, place, asWritten) => {
    const all = concat(args, place, asWritten)
    return all?.type === 'list' ? list(distinct(all.items), place, all.open) : all
  },
  flatten: (args, place) => {
    const [first] = args
    if (first?.type === 'expression') return first
    const { items, open } = flatItems(args, true)
    return list(items, place, open)
  },
  distinct: onList(distinct),
  toset: onList(distinct),
  tolist: onList((items) => items),
  sort: onList((items) => [...items].sort((a, b) => ((scalar(a) ?? '') < (scalar(b) ?? '') ? -1 : 1))),
  reverse: onList((items) => [...items].reverse()),
  compact: onList((items) => items.filter((item) => !isNull(item) && !(item.type === 'string' && item.value === ''))),
  slice: ([of, from, to], place) => {
    const [a, b] = [from, to].map((each) => Number(knownText(each) ?? Number.NaN))
    return of?.type === 'list' && !of.open && !Number.isNaN(a) && !Number.isNaN(b)
      ? list(of.items.slice(a, b), place)
      : undefined
  },
  join,
  merge,
  lookup,
  element,
  length,
  contains,
  one,
  coalesce,
  coalescelist,
  keys: ([of], place) =>
    of?.type === 'map'
      ? list(
          of.entries.map(({ key }) => text(key, place)),
          place,
        )
      : undefined,
  values: ([of], place) =>
    of?.type === 'map'
      ? list(
          of.entries.map(({ value }) => value),
          place,
        )
      : undefined,
  setproduct,
  setintersection: setOperation((item, others) => others.every((set) => set.has(item))),
  setsubtract: setOperation((item, others) => !others.some((set) => set.has(item))),
  zipmap,
  range,
  alltrue: isTrue(true),
  anytrue: isTrue(false),
  ...TEXT_FUNCTIONS,
}

/** Whether calls of a function are evaluated, as far as their arguments are known. */
export function isEvaluated(name: string): boolean {
  return Object.hasOwn(FUNCTIONS, name) || /^(?:try|can|file|templatefile|fileexists|fileset)$/.test(name)
}
