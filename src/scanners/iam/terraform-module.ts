import { couldBeAnything, hasPlaceholder, placeholdersIn } from '../../facts/iam-placeholder.ts'
import type { HclBlock, HclFile } from '../../sources/hcl.ts'
import type { ValueNode } from '../../sources/value-node.ts'
import { withPartition } from './attachment.ts'
import { findDocuments } from './policy-document.ts'
import type { SourceFile } from './source-file.ts'
import type { PolicyKind } from './statement.ts'
import { renderAll } from './statement.ts'

export interface ModuleFile {
  readonly source: SourceFile
  readonly hcl: HclFile
}
export interface PlacedBlock {
  readonly source: SourceFile
  readonly block: HclBlock
}
interface Use {
  readonly kind: PolicyKind
  readonly owner: string
}

/** The files of one folder taken together: which blocks there are, what locals hold, what refers to what. */
export class Module {
  readonly files: readonly ModuleFile[]
  readonly #blocks = new Map<string, PlacedBlock>()
  readonly #locals = new Map<string, { source: SourceFile; value: ValueNode }>()
  readonly #uses = new Map<string, Use>()

  constructor(files: readonly ModuleFile[]) {
    this.files = files
    for (const { source, hcl } of files) {
      for (const block of hcl.blocks) {
        const key = (block.type === 'resource' ? block.labels : [block.type, ...block.labels]).join('.')
        if (block.type === 'resource' || block.type === 'data') this.#blocks.set(key, { source, block })
        if (block.type === 'locals')
          for (const [name, value] of block.attributes) this.#locals.set(name, { source, value })
      }
    }
    for (const [address, { source, block }] of this.#blocks) this.#noteUses(address, source, block)
  }

  /** What a document is used for, where that says what it is: the trust of a role, or a limit on others. */
  useOf(address: string): Use | undefined {
    return this.#uses.get(address)
  }

  #noteUses(address: string, source: SourceFile, block: HclBlock): void {
    const [type = ''] = block.labels
    const note = (attribute: string, use: Use) => {
      const value = block.attributes.get(attribute)
      const target = value && this.#documentAddress(value)
      if (target) this.#uses.set(target, use)
      if (value && !target) this.#uses.set(`${address}/${attribute}`, use)
    }
    if (type === 'aws_iam_role') note('assume_role_policy', { kind: 'trust', owner: `file:${source.path}#${address}` })
    if (type === 'aws_organizations_policy') note('content', { kind: 'control', owner: '' })
    if (/^aws_vpc_endpoint/.test(type)) note('policy', { kind: 'control', owner: '' })
  }

  /** `data.aws_iam_policy_document.d` for `data.aws_iam_policy_document.d.json`, `local.p` for a local that is a document. */
  #documentAddress(value: ValueNode): string | undefined {
    const reference = this.reference(value)
    if (!reference) return undefined
    if (reference.startsWith('data.aws_iam_policy_document.')) return reference
    return reference.startsWith('local.') ? reference : undefined
  }

  /** The id of the document at an address, or that a resource's `policy` argument names. */
  documentId(address: string): string | undefined {
    const base = address.split('/')[0] ?? ''
    if (base.startsWith('local.')) {
      const local = this.#locals.get(base.slice('local.'.length))
      return local && `file:${local.source.path}#${address}`
    }
    const placed = this.#blocks.get(base)
    return placed && `file:${placed.source.path}#${address}`
  }

  /** The id of the document that a policy resource holds or refers to. */
  policyOf(address: string, attribute = 'policy'): string | undefined {
    const value = this.#blocks.get(address)?.block.attributes.get(attribute)
    const target = value && this.#documentAddress(value)
    if (target) return this.documentId(target)
    const own = value !== undefined && findDocuments(value, true).found.length > 0
    return own ? this.documentId(address) : undefined
  }

  get(address: string): PlacedBlock | undefined {
    return this.#blocks.get(address)
  }

  resources(type: RegExp): PlacedBlock[] {
    return [...this.#blocks.values()].filter(
      ({ block }) => block.type === 'resource' && type.test(block.labels[0] ?? ''),
    )
  }

  /** The address of the block that an expression speaks of: `aws_iam_role.r` for `aws_iam_role.r[0].arn`. */
  reference(value: ValueNode | undefined): string | undefined {
    const text = value?.type === 'expression' ? value.text : undefined
    const match = text && /^((?:data\.)?[A-Za-z_][\w-]*\.[A-Za-z_][\w-]*)(?:[.[][\w.[\]"*-]*)?$/.exec(text)
    return match ? match[1] : undefined
  }

  /** The text of a value that is written, locals included; undefined if a part of it is not known. */
  text(value: ValueNode | undefined): string | undefined {
    const [text, ...others] = value ? renderAll(this.resolve(value)) : []
    if (text === undefined || others.length > 0) return undefined
    const plain = withPartition(text)
    return hasPlaceholder(plain) ? undefined : plain
  }

  /** Every text of a list; what is not known stays as `${…}`. */
  texts(value: ValueNode | undefined): string[] {
    return value ? renderAll(this.resolve(value)) : []
  }

  /** Puts locals in place of their names, where they are texts or lists of texts. */
  resolve(node: ValueNode, depth = 0): ValueNode {
    if (depth > 8) return node
    if (node.type === 'list') return { ...node, items: node.items.map((item) => this.resolve(item, depth)) }
    if (node.type === 'map') {
      return { ...node, entries: node.entries.map((entry) => ({ ...entry, value: this.resolve(entry.value, depth) })) }
    }
    if (node.type === 'string') return { ...node, value: this.#fill(node.value, depth) }
    if (node.type !== 'expression') return node
    const local = this.#local(node.text)
    if (!local || local.type === 'map') return node
    return { ...this.resolve(local, depth + 1), start: node.start, end: node.end }
  }

  #local(text: string): ValueNode | undefined {
    const name = /^local\.([\w-]+)$/.exec(text)?.[1]
    return name === undefined ? undefined : this.#locals.get(name)?.value
  }

  #fill(text: string, depth: number): string {
    if (!text.includes('${')) return text
    let result = text
    for (const content of placeholdersIn(text)) {
      const local = this.#local(content)
      const [value, ...others] = local ? renderAll(this.resolve(local, depth + 1)) : []
      if (value !== undefined && others.length === 0 && !couldBeAnything(value))
        result = result.replace(`\${${content}}`, () => value)
    }
    return result
  }
}
