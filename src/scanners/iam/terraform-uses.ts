import type { Module } from './terraform-module.ts'
import { causeOf } from './terraform-switches.ts'
import { addressOf, type Folder, type PlacedBlock } from './terraform-tree.ts'

/** Something makes use of it; only what is switched off, and told as such, does; nothing else does. */
export type Standing = 'used' | 'switched off' | 'unused'

interface Reference {
  /** What refers: an address, or `local.x`. */
  readonly from: string
  /** Undefined for locals, which only pass on. */
  readonly placed: PlacedBlock | undefined
}

const DOCUMENT = 'data.aws_iam_policy_document'
const REFERENCE = /\b(?:data\.aws_iam_policy_document|local)\.[\w-]+/g
const READ = new WeakMap<Folder, ReadonlyMap<string, readonly Reference[]>>()

/** Whether anything of its module attaches a document, or hands it on to where that may happen. */
export function standingOf(module: Module, document: PlacedBlock): Standing {
  const references = referencesIn(module.folder)
  const reached = new Set([addressOf(document.block)])
  let standing: Standing = 'unused'
  for (const address of reached) {
    for (const { from, placed } of references.get(address) ?? []) {
      if (placed && !module.has(placed)) {
        // Where nobody is told of it, silence here would be a pass.
        if (causeOf(module, placed)) standing = 'switched off'
      } else if (!placed || from.startsWith(DOCUMENT)) reached.add(from)
      else return 'used'
    }
  }
  return standing
}

function referencesIn(folder: Folder): ReadonlyMap<string, readonly Reference[]> {
  const known = READ.get(folder)
  if (known) return known
  const references = new Map<string, Reference[]>()
  const add = (text: string, reference: Reference) => {
    for (const target of new Set(text.match(REFERENCE))) {
      if (target !== reference.from) references.set(target, [...(references.get(target) ?? []), reference])
    }
  }
  for (const file of folder.files) {
    for (const block of file.hcl.blocks) {
      if (block.type === 'locals') continue
      const text = file.source.text.slice(block.start, block.end)
      add(text, { from: addressOf(block), placed: { file, block } })
    }
  }
  for (const [name, { file, value }] of folder.locals) {
    add(file.source.text.slice(value.start, value.end), { from: `local.${name}`, placed: undefined })
  }
  READ.set(folder, references)
  return references
}
