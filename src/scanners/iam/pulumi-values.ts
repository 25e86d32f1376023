import { get, type MapNode, textOf, type ValueNode } from '../../sources/value-node.ts'
import { entriesOf, exact, filled } from './cloudformation-values.ts'
import { conditionLines, principal, readEffect, renderAll } from './statement.ts'
import type { PlacedStatement } from './statement-facts.ts'

const MAX_DEPTH = 10
const MAX_STEPS = 20_000

/** The values of a Pulumi program in YAML, as far as it tells: defaults of its configuration, variables that are written out. */
export class ProgramValues {
  readonly #variables = new Map<string, ValueNode>()
  /** Variables looked up: they may name each other in ever growing numbers. */
  #steps = 0

  constructor(root: MapNode) {
    for (const section of ['config', 'configuration']) {
      for (const { key, value } of entriesOf(exact(root, section))) {
        const known = exact(value, 'default') ?? exact(value, 'value')
        if (known) this.#variables.set(key, known)
      }
    }
    for (const { key, value } of entriesOf(exact(root, 'variables'))) this.#variables.set(key, value)
  }

  has(name: string): boolean {
    return this.#variables.has(name)
  }

  /** A value with variables in place; `fn::toJSON` is what it is made from. */
  fill(node: ValueNode, depth = 0): ValueNode {
    if (depth > MAX_DEPTH) return node
    if (node.type === 'list') return { ...node, items: node.items.map((item) => this.fill(item, depth)) }
    if (node.type === 'string') return this.#text(node, depth)
    if (node.type !== 'map') return node
    const json = get(node, 'fn::toJSON')
    if (json) return this.fill(json, depth)
    const joined = get(node, 'fn::join')
    if (joined?.type === 'list') {
      const value = renderAll(this.fill(joined.items[1] ?? joined, depth)).join(textOf(joined.items[0]) ?? '')
      return { type: 'string', value, start: node.start, end: node.end }
    }
    return { ...node, entries: node.entries.map((entry) => ({ ...entry, value: this.fill(entry.value, depth) })) }
  }

  #text(node: ValueNode & { type: 'string' }, depth: number): ValueNode {
    if (!node.value.includes('${') || ++this.#steps > MAX_STEPS) return node
    const whole = /^\$\{([\w-]+)\}$/.exec(node.value)?.[1]
    const variable = whole === undefined ? undefined : this.#variables.get(whole)
    if (variable && variable.type !== 'string' && !exact(variable, 'fn::invoke')) return this.fill(variable, depth + 1)
    return filled(node, node, (content) => {
      const value = this.#variables.get(content.trim())
      const [text, ...others] = value && !exact(value, 'fn::invoke') ? renderAll(this.fill(value, depth + 1)) : []
      return others.length === 0 ? text : undefined
    })
  }
}

/** The statements of `aws:iam:getPolicyDocument`, which are written as Terraform's data source has them. */
export function invokedStatements(node: ValueNode, type: string): PlacedStatement[] {
  if (type !== 'aws:iam:getPolicyDocument') return []
  const invoke = exact(node, 'fn::invoke')
  const statements = invoke && exact(exact(invoke, 'arguments') ?? invoke, 'statements')
  return (statements?.type === 'list' ? statements.items : []).flatMap((each) =>
    each.type === 'map' ? [{ statement: readInvoked(each), start: each.start, end: each.end }] : [],
  )
}

function readInvoked(node: MapNode): PlacedStatement['statement'] {
  const texts = (key: string) => renderAll(get(node, key))
  const items = (key: string) => {
    const value = get(node, key)
    return value?.type === 'list' ? value.items : []
  }
  const principals = (key: string) =>
    items(key).flatMap((each) => {
      const [type = ''] = renderAll(exact(each, 'type'))
      return renderAll(exact(each, 'identifiers')).map((value) => principal(type, value))
    })
  const effect = get(node, 'effect')
  return {
    sid: texts('sid')[0] ?? '',
    effect: effect ? readEffect(textOf(effect)) : 'Allow',
    actions: texts('actions'),
    notActions: texts('notActions'),
    resources: texts('resources'),
    notResources: texts('notResources'),
    principals: principals('principals'),
    notPrincipals: principals('notPrincipals'),
    conditions: items('conditions').flatMap((each) => {
      const [test = ''] = renderAll(exact(each, 'test'))
      const [variable = ''] = renderAll(exact(each, 'variable'))
      return conditionLines(test, variable, renderAll(exact(each, 'values')))
    }),
  }
}
