import { hasPlaceholder } from '../../facts/iam-placeholder.ts'
import type { ListNode, ValueNode } from '../../sources/value-node.ts'
import { knownText, list, MAX_TEXT, type Place, plain, scalar, text, unknown } from './terraform-values.ts'

/** One of Terraform's functions; undefined where the arguments do not tell the result. */
export type Call = (args: readonly ValueNode[], place: Place, asWritten: string) => ValueNode | undefined

function onText(change: (value: string, ...rest: string[]) => string | boolean | undefined): Call {
  return (args, place) => {
    const texts = args.map(knownText)
    const [first, ...rest] = texts.filter((each) => each !== undefined)
    if (first === undefined || rest.length + 1 < args.length) return undefined
    const result = change(first, ...rest)
    return typeof result === 'boolean' ? plain(result, place) : result === undefined ? undefined : text(result, place)
  }
}

/** `format` with the verbs that take a value as it is; the value may hold what is not known. */
function formatted(template: ValueNode | undefined, values: readonly ValueNode[], place: Place): ValueNode | undefined {
  const written = template && scalar(template)
  if (written === undefined) return undefined
  let next = 0
  let failed = false
  const result = written.replace(/%(%|[svdqt]|[^%])/g, (_, verb: string) => {
    if (verb === '%') return '%'
    const value = values[next++]
    const filled = value && scalar(value)
    if (filled === undefined || !/[svdqt]/.test(verb)) failed = true
    return verb === 'q' ? JSON.stringify(filled) : (filled ?? '')
  })
  return failed || result.length > MAX_TEXT ? undefined : text(result, place)
}

const formatlist: Call = ([template, ...args], place) => {
  const lists = args.filter((each): each is ListNode => each.type === 'list')
  const [longest] = lists
  if (!longest || args.some((each) => each.type === 'map')) return undefined
  const items = longest.items.map((_, i) =>
    formatted(
      template,
      args.map((each) => (each.type === 'list' ? (each.items[i] ?? unknown('?', place)) : each)),
      place,
    ),
  )
  if (items.includes(undefined)) return undefined
  const open = lists.some((each) => each.open)
  return list(
    items.filter((each) => each !== undefined),
    place,
    open,
  )
}

const replace: Call = ([of, search, by], place) => {
  const [value, wanted, substitute] = [of, search, by].map((each) => (each ? knownText(each) : undefined))
  // A search between slashes is a regular expression of the tree: those are not run.
  if (value === undefined || wanted === undefined || substitute === undefined || /^\/.*\/$/.test(wanted))
    return undefined
  return value.length * substitute.length > MAX_TEXT * 10
    ? undefined
    : text(value.replaceAll(wanted, substitute), place)
}

const split: Call = ([separator, of], place) => {
  const [by, value] = [knownText(separator), of && scalar(of)]
  if (by === undefined || value === undefined || (hasPlaceholder(value) && !value.includes(by))) return undefined
  if (of?.type === 'expression') return undefined
  return list(
    value.split(by).map((each) => text(each, place)),
    place,
  )
}

/** Functions of texts, by name. */
export const TEXT_FUNCTIONS: Readonly<Record<string, Call>> = {
  format: ([template, ...values], place) => formatted(template, values, place),
  formatlist,
  replace,
  split,
  lower: onText((value) => value.toLowerCase()),
  upper: onText((value) => value.toUpperCase()),
  title: onText((value) => value.replace(/(^|\s)\w/g, (letter) => letter.toUpperCase())),
  trimspace: onText((value) => value.trim()),
  chomp: onText((value) => value.replace(/[\r\n]+$/, '')),
  trimprefix: onText((value, prefix = '') => (value.startsWith(prefix) ? value.slice(prefix.length) : value)),
  trimsuffix: onText((value, suffix = '') =>
    suffix !== '' && value.endsWith(suffix) ? value.slice(0, -suffix.length) : value,
  ),
  startswith: onText((value, prefix = '') => value.startsWith(prefix)),
  endswith: onText((value, suffix = '') => value.endsWith(suffix)),
  strcontains: onText((value, part = '') => value.includes(part)),
  basename: onText((value) => value.slice(value.lastIndexOf('/') + 1)),
  dirname: onText((value) => value.slice(0, Math.max(value.lastIndexOf('/'), 0)) || '.'),
  substr: onText((value, from = '', count = '') => {
    const start = Number(from) < 0 ? value.length + Number(from) : Number(from)
    return value.slice(start, Number(count) < 0 ? undefined : start + Number(count))
  }),
}
