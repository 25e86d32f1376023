import type { HclBlock } from '../../sources/hcl.ts'
import type { Arguments, Resource } from './resource.ts'
import type { Module, PlacedBlock } from './terraform-module.ts'

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
