import type { HclBlock } from '../../sources/hcl.ts'
import type { ValueNode } from '../../sources/value-node.ts'
import type { SourceFile } from './source-file.ts'
import { renderAll } from './statement.ts'
import type { Module, PlacedBlock } from './terraform-module.ts'

/** Arguments of a block, its nested blocks among them. */
export interface Arguments {
  readonly type: string
  readonly names: Iterable<string>
  value(name: string): ValueNode | undefined
  readonly nested: readonly Arguments[]
}
/** One resource of a module, as readers see it that care for its arguments and what these refer to. */
export interface Resource extends Arguments {
  readonly source: SourceFile
  readonly start: number
  readonly end: number
  /** `file:PATH#ADDRESS`. */
  readonly id: string
  readonly label: string
  /** The text of an argument; undefined if it is not given, or not known. */
  text(name: string): string | undefined
  /** The resource or data source that a value speaks of. */
  target(value: ValueNode | undefined): Resource | undefined
}

/** The resources of a module whose type fits. */
export function resourcesOf(module: Module, type: RegExp): Resource[] {
  return module.resources(type).map((placed) => resourceOf(module, placed))
}

function resourceOf(module: Module, placed: PlacedBlock): Resource {
  const { source, block } = placed
  const [type = '', label = ''] = block.labels
  const address = block.type === 'data' ? `data.${block.labels.join('.')}` : block.labels.join('.')
  return {
    ...argumentsOf(module, block),
    source,
    start: block.start,
    end: block.end,
    id: `file:${source.path}#${address}`,
    type: block.type === 'data' ? `data.${type}` : type,
    label,
    text: (name) => module.text(block.attributes.get(name)),
    target: (value) => {
      const found = module.get(module.reference(value) ?? '')
      return found && resourceOf(module, found)
    },
  }
}

function argumentsOf(module: Module, block: HclBlock): Arguments {
  return {
    type: block.type,
    names: block.attributes.keys(),
    value: (name) => {
      const value = block.attributes.get(name)
      return value && module.resolve(value)
    },
    nested: block.blocks.map((nested) => argumentsOf(module, nested)),
  }
}

/** The one text of a value, true and false among them; undefined if it is not known. */
export function plainText(value: ValueNode | undefined): string | undefined {
  const [text, ...others] = renderAll(value)
  return text === undefined || others.length > 0 || text.includes('${') ? undefined : text
}
