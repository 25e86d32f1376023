import type { SourceFile } from '../../sources/source-file.ts'
import { get, type MapNode, type ValueNode } from '../../sources/value-node.ts'
import { plainText, type Resource } from './resource.ts'
import { renderAll } from './statement.ts'

/** A resource of a CloudFormation template. */
export interface TemplateEntry {
  /** Logical name. */
  readonly name: string
  readonly type: string
  /** All of it, for its place. */
  readonly node: ValueNode
  readonly properties: MapNode
  /** `file:PATH#/Resources/NAME`. */
  readonly id: string
}

/** The resources of a template; properties deeper down are named by a path, `LaunchTemplateData/IamInstanceProfile`. */
export function templateResources(source: SourceFile, entries: readonly TemplateEntry[]): Resource[] {
  const byName = new Map(entries.map((entry) => [entry.name, entry]))
  const resourceOf = ({ name, type, node, properties, id }: TemplateEntry): Resource => {
    const value = (path: string) => path.split('/').reduce<ValueNode | undefined>((at, key) => get(at, key), properties)
    return {
      source,
      start: node.start,
      end: node.end,
      id,
      type,
      label: name,
      names: properties.entries.map(({ key }) => key),
      nested: [],
      value,
      text: (path) => plainText(value(path)),
      target: (node) => {
        const [text = ''] = renderAll(node)
        const found = byName.get(/^\$\{([A-Za-z0-9]+)(?:\.\w+)?\}$/.exec(text)?.[1] ?? '')
        return found && resourceOf(found)
      },
    }
  }
  return entries.map(resourceOf)
}
