import type { HclExpression, HclStep, TemplatePart } from '../../sources/hcl-expression.ts'
import type { ValueNode } from '../../sources/value-node.ts'
import { attributeOf, indexOf } from './terraform-access.ts'
import { callFunction } from './terraform-functions.ts'
import {
  canonical,
  equal,
  isKnown,
  isModule,
  isNull,
  isReference,
  itemOf,
  knownText,
  list,
  MAX_ITEMS,
  MAX_TEXT,
  map,
  onlyChoice,
  type Place,
  placeholder,
  plain,
  type Scope,
  scalar,
  shown,
  text,
  toJson,
  truth,
  unknown,
} from './terraform-values.ts'

/** The value of an expression as far as the tree tells it; what only a run knows is an expression node with what may become of it inside. */
export function evaluate(expression: HclExpression, scope: Scope): ValueNode {
  const place: Place = { start: expression.start, end: expression.end, file: scope.file.source.path }
  if (!scope.module.tree.spend()) return unknown(written(expression, scope), place)
  switch (expression.type) {
    case 'literal':
      return typeof expression.value === 'string' ? text(expression.value, place) : plain(expression.value, place)
    case 'template':
      return template(expression.parts, scope, place)
    case 'tuple':
      return list(
        expression.items.map((item) => evaluate(item, scope)),
        place,
      )
    case 'object':
      return object(expression, scope, place)
    case 'name':
      return scope.names.get(expression.name) ?? unknown(expression.name, place)
    case 'attribute':
      return attribute(expression, scope, place)
    case 'index':
      return indexOf(evaluate(expression.of, scope), evaluate(expression.key, scope), written(expression, scope), place)
    case 'splat':
      return splat(evaluate(expression.of, scope), expression.steps, scope, written(expression, scope), place)
    case 'conditional':
      return conditional(expression, scope, place)
    case 'for':
      return forExpression(expression, scope, place)
    case 'operation':
      return operation(expression.operator, expression.operands, scope, written(expression, scope), place)
    case 'call':
      return call(expression, scope, place)
    case 'unreadable':
      return unknown(written(expression, scope), place)
  }
}

/** The expression as it stands in the file; in JSON it is the inside of a string. */
function written(expression: HclExpression, scope: Scope): string {
  const slice = scope.file.source.text.slice(expression.start, expression.end)
  return scope.file.source.path.endsWith('.json') ? slice.replace(/^"\$\{([^}]*)\}"$/, '$1') : slice
}

type Of<T extends HclExpression['type']> = Extract<HclExpression, { type: T }>

function object(expression: Of<'object'>, scope: Scope, place: Place): ValueNode {
  const entries = expression.entries.map(({ key, value }) => ({
    key: scalar(evaluate(key, scope)) ?? placeholder(written(key, scope)),
    keyStart: key.start,
    value: evaluate(value, scope),
  }))
  return { type: 'map', entries, ...place }
}

/** `local.x`, `var.x`, `module.m`, `aws_iam_role.r`, `data.aws_iam_policy.p`, and what follows them. */
function attribute(expression: Of<'attribute'>, scope: Scope, place: Place): ValueNode {
  const { of, name } = expression
  const asWritten = () => written(expression, scope)
  if (of.type === 'name') {
    const bound = scope.names.get(of.name)
    if (bound) return attributeOf(bound, name, asWritten(), place)
    if (of.name === 'data') return unknown(`data.${name}`, place)
    return scope.module.lookUp(of.name, name) ?? unknown(asWritten(), place)
  }
  if (of.type === 'attribute' && of.of.type === 'name' && of.of.name === 'data' && !scope.names.has('data')) {
    return scope.module.lookUp(`data.${of.name}`, name) ?? unknown(asWritten(), place)
  }
  return attributeOf(evaluate(of, scope), name, asWritten(), place)
}

function splat(base: ValueNode, steps: readonly HclStep[], scope: Scope, asWritten: string, place: Place): ValueNode {
  if (isNull(base)) return list([], place)
  const each = (item: ValueNode) =>
    steps.reduce(
      (node, step) =>
        'name' in step
          ? attributeOf(node, step.name, asWritten, place)
          : indexOf(node, evaluate(step.key, scope), asWritten, place),
      item,
    )
  if (base.type === 'list') return list(base.items.map(each), place, base.open)
  const only = isReference(base) || isModule(base) || base.type !== 'expression'
  return only ? list([each(base)], place) : unknown(asWritten, place)
}

function call(expression: Of<'call'>, scope: Scope, place: Place): ValueNode {
  const asWritten = written(expression, scope)
  const args = expression.args.map((each) => evaluate(each, scope))
  const last = args.at(-1)
  if (!expression.spread || !last) return callFunction(expression.name, args, { scope, place, asWritten, evaluate })
  if (last.type !== 'list' || last.open) return unknown(asWritten, place, args)
  const all = [...args.slice(0, -1), ...last.items]
  return callFunction(expression.name, all, { scope, place, asWritten, evaluate })
}

function conditional(expression: Of<'conditional'>, scope: Scope, place: Place): ValueNode {
  const condition = evaluate(expression.condition, scope)
  const chosen = truth(condition)
  if (chosen !== undefined) return evaluate(chosen ? expression.yes : expression.no, scope)
  const yes = evaluate(expression.yes, scope)
  const no = evaluate(expression.no, scope)
  if (isKnown(yes) && isKnown(no) && canonical(yes) === canonical(no)) return yes
  return unknown(`${shown(condition)} ? … : …`, place, [yes, no])
}

/** Over what is not known, a `for` gives what its items look like. */
function forExpression(expression: Of<'for'>, scope: Scope, place: Place): ValueNode {
  const { items, open } = iterate(evaluate(expression.collection, scope), expression.names, place)
  const results: [key: string, value: ValueNode][] = []
  let isOpen = open
  for (const names of items) {
    const inner = { ...scope, names: new Map([...scope.names, ...names]) }
    const kept = expression.condition ? truth(evaluate(expression.condition, inner)) : true
    if (kept === false) continue
    if (kept === undefined) isOpen = true
    const key = expression.key && evaluate(expression.key, inner)
    results.push([(key && scalar(key)) ?? '', evaluate(expression.value, inner)])
    if (results.length > MAX_ITEMS) return unknown(written(expression, scope), place)
  }
  const values = results.map(([, value]) => value)
  if (!expression.key) return list(values, place, isOpen)
  if (isOpen) return unknown(written(expression, scope), place, values)
  if (!expression.grouped) return map(new Map(results), place)
  const groups = new Map<string, ValueNode[]>()
  for (const [key, value] of results) groups.set(key, [...(groups.get(key) ?? []), value])
  return map(
    [...groups].map(([key, group]) => [key, list(group, place)] as const),
    place,
  )
}
/** What the names of a `for` stand for, item by item. `open`: there is one round, which stands for any number. */
export function iterate(
  collection: ValueNode,
  names: readonly string[],
  place: Place,
): { items: Map<string, ValueNode>[]; open: boolean } {
  const bind = (key: ValueNode, value: ValueNode) => {
    const [first, second] = names
    return new Map<string, ValueNode>(
      second === undefined ? [[first ?? '', value]] : [[first ?? '', key] as const, [second, value] as const],
    )
  }
  if (collection.type === 'list') {
    const items = collection.items.map((item, i) => bind(plain(i, place), item))
    return { items, open: collection.open === true }
  }
  if (collection.type === 'map') {
    return { items: collection.entries.map(({ key, value }) => bind(text(key, place), value)), open: false }
  }
  if (isNull(collection)) return { items: [], open: false }
  const likely = onlyChoice(collection)
  if (likely) return { ...iterate(likely, names, place), open: true }
  const { key, value } = itemOf(collection, names.at(-1) ?? '', place)
  return { items: [bind(key, value)], open: true }
}

function operation(
  operator: string,
  operands: readonly HclExpression[],
  scope: Scope,
  asWritten: string,
  place: Place,
): ValueNode {
  const [a, b] = operands.map((each) => evaluate(each, scope))
  const result = a && (b ? binary(operator, a, b) : unary(operator, a))
  if (result !== undefined) return plain(result, place)
  const sides = [a, b].flatMap((each) => (each ? [shown(each)] : []))
  return unknown(sides.length > 1 ? sides.join(` ${operator} `) : `${operator}${sides[0] ?? asWritten}`, place)
}

function unary(operator: string, a: ValueNode): boolean | number | undefined {
  if (operator === '!') return not(truth(a))
  const number = Number(knownText(a) ?? Number.NaN)
  return Number.isNaN(number) ? undefined : -number
}

function not(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value
}

function binary(operator: string, a: ValueNode, b: ValueNode): boolean | number | undefined {
  if (operator === '==') return equal(a, b)
  if (operator === '!=') return not(equal(a, b))
  if (operator === '&&' || operator === '||') {
    const decides = operator === '||'
    const truths = [truth(a), truth(b)]
    return truths.includes(decides) ? decides : truths.includes(undefined) ? undefined : !decides
  }
  const [x, y] = [Number(knownText(a) ?? Number.NaN), Number(knownText(b) ?? Number.NaN)]
  if (Number.isNaN(x) || Number.isNaN(y)) return undefined
  const results: Readonly<Record<string, boolean | number>> = {
    '<': x < y,
    '<=': x <= y,
    '>': x > y,
    '>=': x >= y,
    '+': x + y,
    '-': x - y,
    '*': x * y,
    '/': x / y,
    '%': x % y,
  }
  return results[operator]
}

interface Piece {
  readonly value: string
  readonly start: number
  readonly linear: boolean
}

/** A text with what is known filled in. The offsets of its characters are kept where a policy may stand in it. */
export function template(parts: readonly TemplatePart[], scope: Scope, place: Place): ValueNode {
  const pieces = [...piecesOf(parts, scope)]
  const value = pieces.map((piece) => piece.value).join('')
  if (value.length > MAX_TEXT) return unknown(scope.file.source.text.slice(place.start, place.start + 60), place)
  if (!/statement/i.test(value)) return text(value, place)
  const origins: number[] = []
  for (const piece of pieces) {
    for (let i = 0; i < piece.value.length; i++) origins.push(piece.linear ? piece.start + i : piece.start)
  }
  return { ...text(value, place), origins }
}

function* piecesOf(parts: readonly TemplatePart[], scope: Scope): Generator<Piece> {
  for (const part of parts) {
    const { start } = part
    if (part.type === 'text') {
      yield { value: part.value, start, linear: part.value.length === part.end - start }
    } else if (part.type === 'value') {
      const value = evaluate(part.value, scope)
      yield { value: (scalar(value) ?? toJson(value)).slice(0, MAX_TEXT + 1), start, linear: false }
    } else if (part.type === 'if') {
      const chosen = truth(evaluate(part.condition, scope))
      if (chosen === undefined) yield { value: scope.file.source.text.slice(start, part.end), start, linear: false }
      else yield* piecesOf(chosen ? part.yes : part.no, scope)
    } else {
      const place = { start, end: part.end, file: scope.file.source.path }
      const { items, open } = iterate(evaluate(part.collection, scope), part.names, place)
      if (open) yield { value: scope.file.source.text.slice(start, part.end), start, linear: false }
      else
        for (const names of items) yield* piecesOf(part.body, { ...scope, names: new Map([...scope.names, ...names]) })
    }
  }
}
