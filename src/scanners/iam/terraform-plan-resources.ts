import { get, type MapNode, textOf, type ValueNode } from '../../sources/value-node.ts'

/** A resource or data source of a plan or state, as it will be. */
export class Planned {
  readonly node: MapNode
  readonly values: MapNode
  readonly address: string
  readonly type: string
  readonly name: string
  /** Address of its module with a dot at the end; empty for the root. */
  readonly module: string
  readonly isData: boolean
  readonly #unknown: ValueNode | undefined

  constructor(node: MapNode, values: MapNode, unknown: ValueNode | undefined) {
    this.node = node
    this.values = values
    this.address = textOf(get(node, 'address')) ?? ''
    this.type = textOf(get(node, 'type')) ?? ''
    this.name = textOf(get(node, 'name')) ?? ''
    this.isData = textOf(get(node, 'mode')) === 'data'
    const own = this.address.lastIndexOf(`${this.isData ? 'data.' : ''}${this.type}.${this.name}`)
    this.module = this.address.slice(0, Math.max(own, 0))
    this.#unknown = unknown
  }

  text(name: string): string | undefined {
    return textOf(get(this.values, name))
  }

  /** Whether an argument is known after apply only. */
  unknown(name: string): boolean {
    const flag = get(this.#unknown, name)
    return flag?.type === 'plain' && flag.value === true
  }

  /** Its address in the configuration: without its module and index. */
  get configured(): string {
    return `${this.isData ? 'data.' : ''}${this.type}.${this.name}`
  }

  get index(): string {
    return this.address.slice(this.module.length + this.configured.length)
  }
}

/** Modules nested deeper, and references that lead on and on, are not followed. */
const MAX_STEPS = 10

/** What a plan says there will be, and how its configuration refers from one to the other. */
export class PlanResources {
  readonly managed: readonly Planned[]
  readonly data: readonly Planned[]
  readonly #byPlace = new Map<string, Planned[]>()
  readonly #configuration: ValueNode | undefined

  constructor(root: ValueNode) {
    const unknown = new Map(
      maps(get(root, 'resource_changes')).map(
        (each) => [textOf(get(each, 'address')) ?? '', get(get(each, 'change'), 'after_unknown')] as const,
      ),
    )
    const listed = ['planned_values', 'values'].flatMap((key) => [...walk(get(get(root, key), 'root_module'), 0)])
    const prior = [...walk(get(get(get(root, 'prior_state'), 'values'), 'root_module'), 0)]
    const planned = listed.length > 0 ? listed : [...changes(root)]
    const read = new Set(planned.map(({ node }) => textOf(get(node, 'address'))))
    const known = prior.filter(
      ({ node }) => textOf(get(node, 'mode')) === 'data' && !read.has(textOf(get(node, 'address'))),
    )
    const all = [...planned, ...known].map(({ node, values }) => {
      return new Planned(node, values, unknown.get(textOf(get(node, 'address')) ?? ''))
    })
    this.managed = all.filter((each) => !each.isData)
    this.data = all.filter((each) => each.isData)
    for (const each of all) {
      const key = each.module + each.configured
      this.#byPlace.set(key, [...(this.#byPlace.get(key) ?? []), each])
    }
    this.#configuration = get(get(root, 'configuration'), 'root_module')
  }

  /** The thing of a type that an argument refers to in the configuration, through variables and outputs of modules. */
  referred(from: Planned, attribute: string, type: string): Planned | undefined {
    const module = this.#module(from.module)
    const resource = maps(get(module, 'resources')).find((each) => textOf(get(each, 'address')) === from.configured)
    const expression = get(get(resource, 'expressions'), attribute)
    return this.#follow(references(expression), from.module, from.index, type, 0)
  }

  #follow(names: readonly string[], module: string, index: string, type: string, step: number): Planned | undefined {
    if (step > MAX_STEPS) return undefined
    for (const name of names) {
      const found = this.#one(name, module, index, type) ?? this.#through(name, module, index, type, step)
      if (found) return found
    }
    return undefined
  }

  #one(name: string, module: string, index: string, type: string): Planned | undefined {
    const match = /^((?:data\.)?([\w-]+)\.[\w-]+)(\[[^\]]*\])?/.exec(name)
    if (!match || match[2] !== type) return undefined
    const found = this.#byPlace.get(`${module}${match[1]}`) ?? []
    if (found.length === 1) return found[0]
    return found.find((each) => each.index === match[3]) ?? found.find((each) => each.index === index)
  }

  /** A variable leads to the argument of the caller, an output to what the module gives. */
  #through(name: string, module: string, index: string, type: string, step: number): Planned | undefined {
    const variable = /^var\.([\w-]+)/.exec(name)?.[1]
    const call = /^(.*?)module\.([\w-]+)(\[[^\]]*\])?\.$/.exec(module)
    if (variable !== undefined && call) {
      const [, outer = '', called = '', key = ''] = call
      const expression = get(get(get(get(this.#module(outer), 'module_calls'), called), 'expressions'), variable)
      return this.#follow(references(expression), outer, key || index, type, step + 1)
    }
    const output = /^module\.([\w-]+)(\[[^\]]*\])?\.([\w-]+)/.exec(name)
    if (!output) return undefined
    const [, called = '', key = '', wanted = ''] = output
    const inner = `${module}module.${called}${key}.`
    const expression = get(get(get(this.#module(inner), 'outputs'), wanted), 'expression')
    return this.#follow(references(expression), inner, index, type, step + 1)
  }

  /** The configuration of a module by its address, whose indices it does not have. */
  #module(address: string): ValueNode | undefined {
    const names = [...address.matchAll(/module\.([\w-]+)/g)].map((match) => match[1] ?? '')
    return names.reduce<ValueNode | undefined>(
      (module, name) => get(get(get(module, 'module_calls'), name), 'module'),
      this.#configuration,
    )
  }
}

function references(expression: ValueNode | undefined): string[] {
  const list = get(expression, 'references')
  return list?.type === 'list' ? list.items.flatMap((each) => textOf(each) ?? []) : []
}

function* walk(module: ValueNode | undefined, depth: number): Generator<{ node: MapNode; values: MapNode }> {
  if (depth > MAX_STEPS) return
  for (const node of maps(get(module, 'resources'))) {
    const values = get(node, 'values')
    if (values?.type === 'map') yield { node, values }
  }
  for (const child of maps(get(module, 'child_modules'))) yield* walk(child, depth + 1)
}

function* changes(root: ValueNode): Generator<{ node: MapNode; values: MapNode }> {
  for (const node of maps(get(root, 'resource_changes'))) {
    const values = get(get(node, 'change'), 'after')
    if (values?.type === 'map') yield { node, values }
  }
}

function maps(node: ValueNode | undefined): readonly MapNode[] {
  return node?.type === 'list' ? node.items.filter((each): each is MapNode => each.type === 'map') : []
}
