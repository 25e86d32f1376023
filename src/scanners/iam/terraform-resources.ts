import type { ValueNode } from '../../sources/value-node.ts'
import { type Arguments, plainText, type Resource } from './resource.ts'
import { argument, nestedBlocks, type ScopedBlock } from './terraform-blocks.ts'
import { type Instance, type Module, targetOf } from './terraform-module.ts'

/** The resources of a module whose type fits; of what `for_each` and `count` make of a block, the first stands for all. */
export function resourcesOf(module: Module, type: RegExp): Resource[] {
  const first = new Map<string, Instance>()
  for (const instance of module.all()) {
    if (!instance.isData && type.test(instance.type) && !first.has(instance.home)) first.set(instance.home, instance)
  }
  return [...first.values()].map(resourceOf)
}

/** The same with each instance: these name different principals and accounts. */
export function everyResourceOf(module: Module, type: RegExp): Resource[] {
  return [...module.all()].filter((instance) => !instance.isData && type.test(instance.type)).map(resourceOf)
}

/** A resource, or the call of a module. */
export function resourceOf(instance: Instance): Resource {
  const { block, file } = instance.placed
  return {
    ...argumentsOf({ block, scope: instance.scope }, block.type),
    source: file.source,
    start: block.start,
    end: block.end,
    id: instance.id,
    type: instance.isData ? `data.${instance.type}` : instance.type,
    label: block.labels.at(-1) ?? '',
    value: (name) => instance.value(name),
    text: (name) => plainText(instance.value(name)),
    target: (value) => {
      const target = targetOf(value)
      return target && resourceOf(target)
    },
  }
}

function argumentsOf(block: ScopedBlock, type: string): Arguments {
  const types = new Set(
    block.block.blocks.map((each) => (each.type === 'dynamic' ? (each.labels[0] ?? '') : each.type)),
  )
  return {
    type,
    names: block.block.attributes.keys(),
    value: (name): ValueNode | undefined => argument(block, name),
    nested: [...types].flatMap((each) => nestedBlocks(block, each).map((nested) => argumentsOf(nested, each))),
  }
}
