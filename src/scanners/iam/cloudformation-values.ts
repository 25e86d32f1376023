import { hasPlaceholder } from '../../facts/iam-placeholder.ts'
import { get, type MapNode, textOf, type ValueNode } from '../../sources/value-node.ts'
import { doubted, holdsStatement, isTrue, type Tri } from './cloudformation-conditions.ts'
import { renderAll } from './statement.ts'

/** A resource of a template, its values not yet filled in. */
export interface TemplateResource {
  readonly name: string
  readonly type: string
  readonly node: MapNode
  readonly condition: string | undefined
}

const MAX_ITEMS = 200_000
/** No text of a policy is longer when it is filled in. */
const MAX_TEXT = 200_000

/**
 * The values of one CloudFormation template, as far as it tells them: defaults of parameters, mappings, conditions. A parameter
 * with a default counts as known although a deployment can override it: the default is what the author declares, and what is
 * judged is the file. Other things that a deployment fills in stand as `${…}`, see iam-placeholder.ts: `${NAME.Ref}` and
 * `${NAME.Attribute}` for resources of the template, `${NAME}` for what nobody can tell.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
 */
export class Template {
  readonly resources = new Map<string, TemplateResource>()
  readonly #parameters = new Map<string, ValueNode | undefined>()
  readonly #names = new Set<string>()
  /** Items of lists that parameters were replaced by; a small file could make billions. */
  #items = 0
  readonly #mappings: ValueNode | undefined
  readonly #conditions: ValueNode | undefined
  readonly #known = new Map<string, Tri>()
  /** Conditions that hold for what is being read: a resource is judged as it is where it exists. */
  #assumed: string | undefined

  constructor(root: MapNode) {
    this.#mappings = exact(root, 'Mappings')
    this.#conditions = exact(root, 'Conditions')
    for (const { key, value } of entriesOf(exact(root, 'Parameters'))) {
      this.#parameters.set(key, defaultOf(value))
      if (namesThing(value)) this.#names.add(key)
    }
    for (const { key: name, value: node } of entriesOf(exact(root, 'Resources'))) {
      const type = textOf(exact(node, 'Type'))
      if (node.type !== 'map' || type === undefined) continue
      this.resources.set(name, { name, type, node, condition: textOf(exact(node, 'Condition')) })
    }
  }

  /** Branches with statements that conditions leave out, as the defaults of parameters have it: where, and whose. */
  readonly leftOut: { readonly at: number; readonly condition: string }[] = []

  /** The properties of a resource, filled in. */
  properties(resource: TemplateResource): MapNode {
    if (resource.condition !== this.#assumed) this.#known.clear()
    this.#assumed = resource.condition
    const properties = exact(resource.node, 'Properties')
    const resolved = properties && this.resolve(properties)
    return resolved?.type === 'map' ? resolved : { ...resource.node, entries: [] }
  }

  /** Names of parameters without a default. */
  isOpenParameter(name: string): boolean {
    return this.#parameters.has(name) && this.#parameters.get(name) === undefined
  }

  /** The resource that a text is the id or ARN of: `Role` for `${Role.Arn}`. */
  resourceOf(text: string): TemplateResource | undefined {
    const name = /^\$\{([A-Za-z0-9]+)\.(?:Ref|Arn|[A-Za-z]*(?:Arn|Id|Name))\}$/.exec(text)?.[1]
    return name === undefined ? undefined : this.resources.get(name)
  }

  /** A value with all that is known put in place; undefined for `AWS::NoValue`. */
  resolve(node: ValueNode): ValueNode | undefined {
    if (node.type === 'list') {
      const items = node.items.flatMap((item) => this.resolve(item) ?? [])
      // Most of a template holds no function: nothing is copied there.
      return isSame(items, node.items) ? node : { ...node, items }
    }
    if (node.type === 'expression') {
      return { ...node, parts: node.parts.flatMap((part) => this.resolve(part) ?? []) }
    }
    if (node.type === 'string') return withoutDynamic(node)
    if (node.type !== 'map') return node
    const [entry, ...others] = node.entries
    if (entry && others.length === 0 && (entry.key === 'Ref' || entry.key.startsWith('Fn::'))) {
      const value = this.#call(entry.key, entry.value, node)
      // What is called stands where it is called from, what is chosen where it is written.
      return value && entry.key !== 'Fn::If' && value.type !== 'map' && value.type !== 'list'
        ? { ...value, start: node.start, end: node.end }
        : value
    }
    const entries = node.entries.flatMap((each) => {
      const value = this.resolve(each.value)
      return value === each.value ? each : value ? [{ ...each, value }] : []
    })
    return isSame(entries, node.entries) ? node : { ...node, entries }
  }

  #call(name: string, argument: ValueNode, node: MapNode): ValueNode | undefined {
    const args = argument.type === 'list' ? argument.items : [argument]
    switch (name) {
      case 'Ref':
        return this.#reference(textOf(argument) ?? '', node)
      case 'Fn::GetAtt':
        return written(`\${${args.flatMap((each) => renderAll(this.resolve(each))).join('.')}}`, node)
      case 'Fn::Sub':
        return this.#substitute(args[0], args[1], node)
      case 'Fn::If':
        return this.#choose(args, node)
      case 'Fn::FindInMap':
        return this.#lookUp(args, node)
      case 'Fn::Join':
        return this.#joined(args, node)
      case 'Fn::Select':
        return this.#select(args, node)
      case 'Fn::Split':
        return this.#split(args, node)
      case 'Fn::ToJsonString':
        return this.resolve(argument)
      case 'Fn::ImportValue':
        return unknown(`Fn::ImportValue ${renderAll(this.resolve(argument))[0] ?? ''}`.trim(), node)
      default:
        return unknown(name, node)
    }
  }

  #reference(name: string, node: ValueNode): ValueNode | undefined {
    if (name === 'AWS::NoValue') return undefined
    // As in `withPartition`: a policy means the same in each partition.
    if (name === 'AWS::Partition') return written('aws', node)
    if (name === 'AWS::URLSuffix') return written('amazonaws.com', node)
    if (this.resources.has(name)) return written(`\${${name}.Ref}`, node)
    const known = this.#parameters.get(name)
    if (known?.type === 'list') this.#items += known.items.length
    if (known && this.#items > MAX_ITEMS) return unknown(name, node)
    return known ?? (this.#names.has(name) ? written(`\${${name}.Value}`, node) : unknown(name, node))
  }

  #substitute(text: ValueNode | undefined, values: ValueNode | undefined, node: ValueNode): ValueNode {
    return filled(text, node, (content) => {
      // `${!x}` is how a template writes `${x}`, as for IAM's own variables.
      if (content.startsWith('!')) return `\${${content.slice(1)}}`
      const name = content.trim()
      const own = values && exact(values, name)
      const value = own ? this.resolve(own) : name.includes('.') ? undefined : this.#reference(name, node)
      const [only, ...others] = renderAll(value)
      return others.length === 0 ? only : undefined
    })
  }

  #choose([name, yes, no]: readonly ValueNode[], node: ValueNode): ValueNode | undefined {
    const holds = this.condition(textOf(name) ?? '')
    if (holds !== 'unknown') {
      const other = holds ? no : yes
      const depends = textOf(name) !== this.#assumed && other && holdsStatement(other)
      if (depends) this.leftOut.push({ at: other.start, condition: textOf(name) ?? '' })
      const chosen = holds ? yes : no
      return chosen && this.resolve(chosen)
    }
    const parts = [yes, no].flatMap((each) => (each ? (this.resolve(each) ?? []) : []))
    return doubted(`Fn::If ${textOf(name) ?? ''}`, parts, node)
  }

  /** Whether a condition of the template holds. */
  condition(name: string): Tri {
    if (name === this.#assumed) return true
    const known = this.#known.get(name)
    if (known !== undefined) return known
    // A condition that leads to itself is no condition.
    this.#known.set(name, 'unknown')
    const expression = this.#conditions && exact(this.#conditions, name)
    const holds = expression
      ? isTrue(
          expression,
          (each) => this.condition(each),
          (value) => this.#operand(value),
        )
      : 'unknown'
    this.#known.set(name, holds)
    return holds
  }

  /** The text that a condition compares; undefined if a deployment decides, as it does over the partition. */
  #operand(node: ValueNode): string | undefined {
    if (/^AWS::/.test(textOf(get(node, 'Ref')) ?? '')) return undefined
    const [text, ...others] = renderAll(this.resolve(node))
    return others.length === 0 && text !== undefined && !hasPlaceholder(text) ? text : undefined
  }

  #lookUp([map, first, second]: readonly ValueNode[], node: ValueNode): ValueNode {
    const [name, top, key] = [map, first, second].map((each) => (each ? renderAll(this.resolve(each))[0] : undefined))
    const table = this.#mappings && name !== undefined ? exact(this.#mappings, name) : undefined
    const value = table && top !== undefined && key !== undefined ? exact(exact(table, top) ?? table, key) : undefined
    if (value) return value
    // By region or the like: one of several values, none of which is a pattern, names a thing.
    const values = entriesOf(table).map((row) => (key === undefined ? undefined : textOf(exact(row.value, key))))
    const names = values.length > 0 && values.every((each) => each !== undefined && !/[*?]/.test(each))
    return names ? written(`\${${name ?? ''}.Value}`, node) : unknown(`Fn::FindInMap ${name ?? ''}`, node)
  }

  #joined([delimiter, list]: readonly ValueNode[], node: ValueNode): ValueNode {
    const items = list && this.resolve(list)
    if (items?.type !== 'list') return unknown(`Fn::Join ${inner(items)}`, node)
    return written(renderAll(items).join(textOf(delimiter) ?? ''), node)
  }

  #select([index, list]: readonly ValueNode[], node: ValueNode): ValueNode {
    const items = list && this.resolve(list)
    const at = Number(renderAll(index && this.resolve(index))[0])
    const item = items?.type === 'list' ? items.items[at] : undefined
    return item ?? unknown(`Fn::Select ${inner(items)}`, node)
  }

  #split([delimiter, text]: readonly ValueNode[], node: ValueNode): ValueNode {
    const separator = textOf(delimiter)
    const resolved = text && this.resolve(text)
    const [whole] = renderAll(resolved)
    if (!separator || whole === undefined || hasPlaceholder(whole)) return unknown(`Fn::Split ${inner(resolved)}`, node)
    const items = whole.split(separator).map((part) => written(part, node))
    return { type: 'list', items, start: node.start, end: node.end }
  }
}

function isSame(list: readonly unknown[], other: readonly unknown[]): boolean {
  return list.length === other.length && list.every((item, i) => item === other[i])
}

/** A text with its `${…}` filled in, as far as `fill` knows; a document in it keeps the places of its characters. */
export function filled(
  text: ValueNode | undefined,
  { start, end }: Pick<ValueNode, 'start' | 'end'>,
  fill: (content: string) => string | undefined,
): ValueNode {
  if (text?.type !== 'string') return unknown('Fn::Sub', { start, end })
  let value = ''
  let rest = 0
  const origins: number[] = []
  const push = (piece: string, at: number, moves: boolean) => {
    value += piece
    if (text.origins) for (let i = 0; i < piece.length; i++) origins.push(text.origins[moves ? at + i : at] ?? start)
  }
  for (const match of text.value.matchAll(/\$\{([^{}]*)\}/g)) {
    const known = fill(match[1] ?? '')
    if (known === undefined || value.length + known.length > MAX_TEXT) continue
    push(text.value.slice(rest, match.index), rest, true)
    push(known, match.index, false)
    rest = match.index + match[0].length
  }
  push(text.value.slice(rest), rest, true)
  return { type: 'string', value, start, end, ...(text.origins && { origins }) }
}

function written(value: string, { start, end }: ValueNode): ValueNode {
  return { type: 'string', value, start, end }
}

function unknown(text: string, { start, end }: Pick<ValueNode, 'start' | 'end'>): ValueNode {
  return { type: 'expression', text, parts: [], start, end }
}

/** What an unknown value was made from, for people. */
function inner(node: ValueNode | undefined): string {
  return node?.type === 'expression' ? node.text : (renderAll(node)[0] ?? '')
}

/** Dynamic references are read when the stack is deployed. */
function withoutDynamic(node: ValueNode & { type: 'string' }): ValueNode {
  if (!node.value.includes('{{resolve:')) return node
  return { ...node, value: node.value.replace(/\{\{(resolve):([^{}]*)\}\}/g, '${$1 $2}') }
}

/** The default of a parameter; undefined if it has none, or one that only names where the value lies. */
function defaultOf(parameter: ValueNode): ValueNode | undefined {
  const type = textOf(exact(parameter, 'Type')) ?? ''
  const value = exact(parameter, 'Default')
  if (!value || type.startsWith('AWS::SSM::Parameter::Value')) return undefined
  const text = renderAll(value)[0]
  if (text === undefined || !(type === 'CommaDelimitedList' || type.startsWith('List<'))) return value
  const items = text.split(',').map((part) => written(part.trim(), value))
  return { type: 'list', items, start: value.start, end: value.end }
}

/** Whether a parameter can be no pattern, whatever it is: the id of a thing, a number, one of several plain texts. */
function namesThing(parameter: ValueNode): boolean {
  const type = textOf(exact(parameter, 'Type')) ?? ''
  if (type === 'Number' || /^AWS::(?!SSM)/.test(type)) return true
  const allowed = renderAll(exact(parameter, 'AllowedValues'))
  return allowed.length > 0 && !allowed.some((each) => /[*?]/.test(each))
}

/** CloudFormation tells upper and lower case apart. The last of repeated keys counts. */
export function exact(node: ValueNode, key: string): ValueNode | undefined {
  return node.type === 'map' ? node.entries.findLast((entry) => entry.key === key)?.value : undefined
}

export function entriesOf(node: ValueNode | undefined): MapNode['entries'] {
  return node?.type === 'map' ? node.entries : []
}
