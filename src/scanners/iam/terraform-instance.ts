import type { ValueNode } from '../../sources/value-node.ts'
import { evaluate } from './terraform-evaluate.ts'
import { rendered } from './terraform-file-functions.ts'
import type { Module } from './terraform-module.ts'
import { addressOf, type PlacedBlock } from './terraform-tree.ts'
import { isReference, knownText, type Scope } from './terraform-values.ts'

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

/** The thing that a reference leads to. */
export function targetOf(node: ValueNode | undefined): Instance | undefined {
  return isReference(node) && node.target instanceof Instance ? node.target : undefined
}
