import type { HclExpression } from '../../sources/hcl-expression.ts'
import type { SourceFile } from '../../sources/source-file.ts'
import type { ValueNode } from '../../sources/value-node.ts'
import { evaluate } from './terraform-evaluate.ts'
import { rendered } from './terraform-file-functions.ts'
import { addressOf, type Folder, type ModuleFile, type PlacedBlock, type TerraformTree } from './terraform-tree.ts'
import { applyType, isOptionalNull } from './terraform-types.ts'
import {
  isNull,
  isReference,
  itemOf,
  knownText,
  list,
  type ModuleNode,
  map,
  onlyChoice,
  type Place,
  plain,
  type ReferenceNode,
  type Scope,
  scalar,
  text,
  unknown,
} from './terraform-values.ts'

const NO_NAMES: ReadonlyMap<string, ValueNode> = new Map()
/** Terraform has no limit; nobody nests modules deeper, and one that calls itself has no end. */
const MAX_DEPTH = 8
const MAX_INSTANCES = 200

/** One resource, data source or module call of one module: `aws_iam_role.r["x"]`. */
export class Instance {
  readonly module: Module
  readonly placed: PlacedBlock
  readonly names: ReadonlyMap<string, ValueNode>
  /** With the index, if there is one, without the modules around it. */
  readonly address: string
  /** Whether a default leaves it out, which another value would not: what is written in it counts, what is passed in does not. */
  readonly supposed: boolean
  readonly #values = new Map<string, ValueNode | undefined>()

  constructor(
    module: Module,
    placed: PlacedBlock,
    key: string,
    names: ReadonlyMap<string, ValueNode>,
    supposed = false,
  ) {
    this.module = module
    this.placed = placed
    this.names = names
    this.supposed = supposed || module.call?.supposed === true
    this.address = `${addressOf(placed.block)}${key}`
  }

  get type(): string {
    return this.placed.block.labels[0] ?? ''
  }

  get isData(): boolean {
    return this.placed.block.type === 'data'
  }

  /** The id of this very thing: for what a module declares, the file that calls it first and the whole address. */
  get id(): string {
    return this.module.idOf(this.placed.file, this.address)
  }

  /** Where it is written, the same for all instances. */
  get home(): string {
    return `file:${this.placed.file.source.path}#${addressOf(this.placed.block)}`
  }

  get scope(): Scope {
    return { module: this.module, file: this.placed.file, names: this.names }
  }

  /** The value of one of its arguments; undefined if it is not given. */
  value(name: string): ValueNode | undefined {
    if (!this.#values.has(name)) {
      this.#values.set(name, undefined)
      const written = this.placed.block.attributes.get(name)
      this.#values.set(name, written ? evaluate(written, this.scope) : this.#rendered(name))
    }
    return this.#values.get(name)
  }

  /** `data "template_file"` is what `templatefile` was before; its template is read from a file. */
  #rendered(name: string): ValueNode | undefined {
    if (name !== 'rendered' || this.type !== 'template_file') return undefined
    const template = this.value('template')
    const source = template?.type === 'string' && template.file ? this.module.tree.source(template.file) : undefined
    if (template?.type !== 'string' || source?.text !== template.value) return undefined
    const place = { start: template.start, end: template.end, file: source.path }
    return rendered(source, this.value('vars'), { scope: this.scope, place, asWritten: name, evaluate })
  }

  text(name: string): string | undefined {
    return knownText(this.value(name))
  }
}

/** A folder with the arguments of one caller: what names stand for in it. */
export class Module {
  readonly tree: TerraformTree
  readonly folder: Folder
  /** The call, unless it is a root module. */
  readonly call: Instance | undefined
  readonly prefix: string
  readonly depth: number
  readonly #instances = new Map<string, { instances: readonly Instance[]; value: ValueNode }>()
  readonly #named = new Map<string, ValueNode | undefined>()
  readonly #children = new Map<Instance, Module | undefined>()

  constructor(tree: TerraformTree, folder: Folder, call?: Instance) {
    this.tree = tree
    this.folder = folder
    this.call = call
    this.prefix = call ? `${call.module.prefix}${call.address}.` : ''
    this.depth = call ? call.module.depth + 1 : 0
  }

  get root(): Module {
    return this.call ? this.call.module.root : this
  }

  /** Paths are relative to where Terraform runs, the root module; `path.module` and `path.root` begin at the root of the tree. */
  pathInTree(path: string): string {
    const root = this.root.folder.path
    const isWhole = [this.folder.path, root].some((folder) => folder !== '' && `${path}/`.startsWith(`${folder}/`))
    return isWhole || root === '' || path.startsWith('/') ? path : `${root}/${path}`
  }

  file(path: string): SourceFile | undefined {
    return this.tree.source(this.pathInTree(path))
  }

  idOf(file: ModuleFile, address: string): string {
    let outer: Module = this
    let path = file.source.path
    while (outer.call) {
      path = outer.call.placed.file.source.path
      outer = outer.call.module
    }
    return `file:${path}#${this.prefix}${address}`
  }

  /** `lookUp('local', 'x')`, `('var', 'x')`, `('module', 'm')`, `('aws_iam_role', 'r')`, `('data.aws_iam_policy', 'p')`. */
  lookUp(kind: string, name: string): ValueNode | undefined {
    const key = `${kind}.${name}`
    if (this.#named.has(key)) return this.#named.get(key)
    // What stands for itself is not known.
    this.#named.set(key, undefined)
    const value = this.tree.within(() => this.#find(kind, name))
    this.#named.set(key, value)
    return value
  }

  #find(kind: string, name: string): ValueNode | undefined {
    if (kind === 'local') {
      const local = this.folder.locals.get(name)
      return local && evaluate(local.value, { module: this, file: local.file, names: NO_NAMES })
    }
    if (kind === 'var') return this.#variable(name)
    if (kind === 'path') return this.#path(name)
    const placed = kind === 'module' ? this.folder.calls.get(name) : this.folder.blocks.get(`${kind}.${name}`)
    return placed && this.#expand(placed).value
  }

  #path(name: string): ValueNode | undefined {
    const place = { start: 0, end: 0, file: '' }
    if (name === 'module') return text(this.folder.path || '.', place)
    return name === 'root' ? text(this.root.folder.path || '.', place) : undefined
  }

  #variable(name: string): ValueNode | undefined {
    const declared = this.folder.variables.get(name)
    const type = declared?.block.attributes.get('type')
    const fallback = declared?.block.attributes.get('default')
    const own = { module: this, file: declared?.file ?? this.folder.files[0], names: NO_NAMES } as Scope
    const given = this.call ? this.call.value(name) : this.#loaded(name)
    const useDefault = given === undefined || (isNull(given) && fallback && isOptionalNull(declared))
    const value = useDefault ? fallback && evaluate(fallback, own) : given
    return value && type ? applyType(value, type, own) : value
  }

  /** What a `.tfvars` file that Terraform loads by itself says. */
  #loaded(name: string): ValueNode | undefined {
    const loaded = this.tree.variable(this.folder.path, name)
    return loaded && evaluate(loaded.value, { module: this, file: loaded.file, names: NO_NAMES })
  }

  output(name: string): ValueNode | undefined {
    const placed = this.folder.outputs.get(name)
    const value = placed?.block.attributes.get('value')
    if (!placed || !value || this.#named.has(`output.${name}`)) return this.#named.get(`output.${name}`)
    this.#named.set(`output.${name}`, undefined)
    const result = this.tree.within(() => evaluate(value, { module: this, file: placed.file, names: NO_NAMES }))
    this.#named.set(`output.${name}`, result)
    return result
  }

  /** Every resource and data source; with modules called, `children`. */
  *all(): Generator<Instance> {
    for (const placed of this.folder.blocks.values()) yield* this.#expand(placed).instances
  }

  *children(): Generator<Module> {
    for (const placed of this.folder.calls.values()) {
      for (const instance of this.#expand(placed).instances) {
        const child = this.#child(instance)
        if (child) yield child
      }
    }
  }

  #child(call: Instance): Module | undefined {
    if (!this.#children.has(call)) {
      const folder = this.tree.called(this.folder, call.placed.block)
      const isTooDeep = folder !== undefined && this.depth >= MAX_DEPTH
      if (isTooDeep) this.tree.tooMuch(`modules within modules deeper than ${MAX_DEPTH} are not looked into`)
      this.#children.set(call, folder && !isTooDeep ? new Module(this.tree, folder, call) : undefined)
    }
    return this.#children.get(call)
  }

  /** What `for_each` and `count` make of a block; where that is not known, one that stands for all. */
  #expand(placed: PlacedBlock): { instances: readonly Instance[]; value: ValueNode } {
    const { block, file } = placed
    const address = addressOf(block)
    const known = this.#instances.get(address)
    if (known) return known
    const place: Place = { start: block.start, end: block.end, file: file.source.path }
    // A block that asks for itself while its number is found out.
    this.#instances.set(address, { instances: [], value: unknown(address, place) })
    const { keys, shape, supposed = false } = this.#keys(placed, place)
    const instances = keys.map(({ key, names }) => new Instance(this, placed, key, names, supposed))
    const nodes = instances.map((instance) => this.#node(instance, place))
    const value =
      shape === 'one'
        ? (nodes[0] as ValueNode)
        : shape === 'map'
          ? map(
              nodes.map((node, i) => [keys[i]?.name ?? '', node] as const),
              place,
            )
          : list(nodes, place, shape === 'open')
    const expanded = { instances, value }
    this.#instances.set(address, expanded)
    return expanded
  }

  #node(instance: Instance, place: Place): ValueNode {
    const { block } = instance.placed
    const node = unknown(instance.address, place)
    if (block.type !== 'module') return { ...node, target: instance } as ReferenceNode
    const child = this.#child(instance)
    return child ? ({ ...node, module: child } as ModuleNode) : node
  }

  /** A root module is judged as it may be applied: what a default switches off, another value switches on. */
  mayBeSwitchedOn(collection: HclExpression): boolean {
    if (this.call) return false
    if (collection.type === 'literal') return false
    return !(collection.type === 'tuple' || collection.type === 'object')
  }

  #keys(
    placed: PlacedBlock,
    place: Place,
  ): { keys: Key[]; shape: 'one' | 'list' | 'map' | 'open'; supposed?: boolean } {
    const { block, file } = placed
    const scope: Scope = { module: this, file, names: NO_NAMES }
    const [forEach, count] = [block.attributes.get('for_each'), block.attributes.get('count')]
    if (forEach) {
      const collection = evaluate(forEach, scope)
      const items = eachOf(onlyChoice(collection) ?? collection, place)
      const supposed = items?.length === 0 && this.mayBeSwitchedOn(forEach)
      if (items && !supposed && items.length <= MAX_INSTANCES) return { keys: items, shape: 'map' }
      const { key, value } = itemOf(collection, 'each.value', place)
      return { keys: [{ key: '', name: '', names: each(key, value, place) }], shape: 'one', supposed }
    }
    if (!count) return { keys: [{ key: '', name: '', names: NO_NAMES }], shape: 'one' }
    const written = Number(knownText(evaluate(count, scope)) ?? Number.NaN)
    const supposed = written === 0 && this.mayBeSwitchedOn(count)
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
}

/** The thing that a reference leads to. */
export function targetOf(node: ValueNode | undefined): Instance | undefined {
  return isReference(node) && node.target instanceof Instance ? node.target : undefined
}

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
