import type { HclExpression } from '../../sources/hcl-expression.ts'
import type { SourceFile } from '../../sources/source-file.ts'
import type { ValueNode } from '../../sources/value-node.ts'
import { evaluate } from './terraform-evaluate.ts'
import { rendered } from './terraform-file-functions.ts'
import { keysOf, NO_NAMES } from './terraform-keys.ts'
import { addressOf, type Folder, type ModuleFile, type PlacedBlock, type TerraformTree } from './terraform-tree.ts'
import { applyType, isOptionalNull } from './terraform-types.ts'
import {
  isNull,
  isReference,
  knownText,
  list,
  type ModuleNode,
  map,
  type Place,
  type ReferenceNode,
  type Scope,
  text,
  unknown,
} from './terraform-values.ts'

/** Terraform has no limit; nobody nests modules deeper, and one that calls itself has no end. */
const MAX_DEPTH = 8

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

/** What of a root module's variables is taken as not known: those that stand at their default, or also those that a file sets. */
type Openness = 'defaults' | 'variables'

/** A folder with the arguments of one caller: what names stand for in it. */
export class Module {
  readonly tree: TerraformTree
  readonly folder: Folder
  /** The call, unless it is a root module. */
  readonly call: Instance | undefined
  readonly prefix: string
  readonly depth: number
  /** What of the root module's variables counts as not known: see `isLeftOff`. */
  readonly #open: Openness | undefined
  readonly #opened = new Map<Openness, Module>()
  readonly #instances = new Map<string, { instances: readonly Instance[]; value: ValueNode }>()
  readonly #named = new Map<string, ValueNode | undefined>()
  readonly #children = new Map<Instance, Module | undefined>()

  constructor(tree: TerraformTree, folder: Folder, call?: Instance, open?: Openness) {
    this.tree = tree
    this.folder = folder
    this.call = call
    this.#open = open
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
    if (this.#open && !this.call && (given === undefined || this.#open === 'variables')) return undefined
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
      this.#children.set(call, folder && !isTooDeep ? new Module(this.tree, folder, call, this.#open) : undefined)
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
    const { keys, shape, supposed = false } = keysOf(block, { module: this, file, names: NO_NAMES }, place)
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

  /**
   * A root module is judged as it may be applied: what a default switches off, another value switches on. In a module that is
   * called this holds for what the calls pass on from such a default.
   */
  mayBeSwitchedOn(collection: HclExpression, scope: Scope): boolean {
    if (this.#open || collection.type === 'literal') return false
    if (collection.type === 'tuple' || collection.type === 'object') return false
    return !this.call || !this.isLeftOff(collection, scope, 'defaults')
  }

  /** Whether there is still nothing if the root module's defaults, or all its variables, had other values. */
  isLeftOff(collection: HclExpression, { file, names }: Scope, open: Openness): boolean {
    const value = this.tree.within(() => evaluate(collection, { module: this.#openedUp(open), file, names }))
    if (!value) return true
    return value.type === 'list' ? value.items.length === 0 && !value.open : isNothing(value)
  }

  /** The same module with the same calls around it, in whose root module variables are not known. */
  #openedUp(open: Openness): Module {
    const known = this.#opened.get(open)
    if (known) return known
    const { call } = this
    const around = call ? call.module.#openedUp(open).#like(call) : undefined
    const opened = new Module(this.tree, this.folder, around, open)
    this.#opened.set(open, opened)
    return opened
  }

  /** The instance that is another's counterpart here; there may be one that stands for all. */
  #like({ placed, address, names }: Instance): Instance {
    const { instances } = this.#expand(placed)
    return instances.find((each) => each.address === address) ?? instances[0] ?? new Instance(this, placed, '', names)
  }

  /** Whether there is any instance of a block of this module; of what is no resource, data source or call there is always. */
  has({ block }: PlacedBlock): boolean {
    const address = addressOf(block)
    const placed =
      this.folder.blocks.get(address) ??
      (block.type === 'module' ? this.folder.calls.get(block.labels[0] ?? '') : undefined)
    return placed === undefined || this.#expand(placed).instances.length > 0
  }
}

function isNothing(value: ValueNode): boolean {
  return isNull(value) || knownText(value) === '0' || (value.type === 'map' && value.entries.length === 0)
}

/** The thing that a reference leads to. */
export function targetOf(node: ValueNode | undefined): Instance | undefined {
  return isReference(node) && node.target instanceof Instance ? node.target : undefined
}
