import { get, type MapNode } from '../../sources/value-node.ts'
import type { Template, TemplateResource } from './cloudformation-values.ts'
import type { FileFacts } from './file-facts.ts'
import type { FoundDocument } from './policy-document.ts'
import { renderAll } from './statement.ts'

/** What the readers of single resources share. */
export class TemplateFile {
  readonly facts: FileFacts
  readonly template: Template
  /** The whole template, for SAM's `Globals`. */
  readonly root: MapNode
  readonly #prefix: string

  /** `prefix`: where `Resources` stands in the file, for templates within other files. */
  constructor(facts: FileFacts, template: Template, root: MapNode, prefix = '') {
    this.facts = facts
    this.template = template
    this.root = root
    this.#prefix = prefix
  }

  /** `file:PATH#/Resources/NAME`. */
  id(name: string): string {
    return `file:${this.facts.source.path}#${this.#prefix}/Resources/${name}`
  }

  /** The id of the resource that a text refers to; undefined if it refers to none of this template. */
  referred(text: string): string | undefined {
    const resource = this.template.resourceOf(text)
    return resource && this.id(resource.name)
  }

  /** Why a value is not known, from the placeholders that a gap names. */
  readonly reason = (detail: string): string => {
    const words = [...detail.matchAll(/\$\{([^}]*)\}/g)].flatMap((match) => match[1]?.match(/\w+/g) ?? [])
    const open = words.some((word) => this.template.isOpenParameter(word))
    return open ? 'parameter without default' : 'value known at run time only'
  }

  /** A resource that is a policy has the resource's id; other documents have their JSON pointer, without list positions. */
  documentId(resource: TemplateResource, { path, around }: FoundDocument): string {
    if (isPolicy(resource.type) && path.length === 1) return this.id(resource.name)
    const name = path.at(-1) === 'PolicyDocument' ? renderAll(get(around.at(-1) ?? EMPTY, 'PolicyName'))[0] : undefined
    const keys = name === undefined ? path : [...path.slice(0, -1), name]
    return `${this.id(resource.name)}/Properties${keys.map((key) => `/${key}`).join('')}`
  }
}

const EMPTY: MapNode = { type: 'map', entries: [], start: 0, end: 0 }

/** IAM's resources that are one policy document each. */
export function isPolicy(type: string): boolean {
  return /^AWS::IAM::(?:(?:Managed|Role|User|Group)?Policy)$/.test(type)
}
