import { iamAttachment, iamStatement } from '../../facts/iam.ts'
import type { Gap } from '../../model.ts'
import type { HclExpression } from '../../sources/hcl-expression.ts'
import type { Module } from './terraform-module.ts'
import { addressOf, type Folder, type PlacedBlock } from './terraform-tree.ts'

/** Resources that give rights, or that policies belong to. */
const GIVES_RIGHTS =
  /^aws_(?:iam_(?!account_|instance_profile|server_certificate|signing_|virtual_mfa)|ssoadmin_|lambda_permission$)|^aws_\w+_policy$/
const MAX_NAMED = 3

interface Off {
  readonly folder: Folder
  readonly placed: PlacedBlock
  /** What switches it off, in words. */
  readonly cause: string
  /** Whether a file of values does, and another file would not. */
  readonly isSet: boolean
}

/**
 * What no module of the tree has an instance of, though it is written: it is not judged, and that is told, once for each folder. What
 * a default of a root module leaves out is judged as if it were there, and stands in none of these.
 */
export function tellSwitchedOff(modules: readonly Module[], gap: (gap: Gap) => void): void {
  const byFolder = new Map<string, Off[]>()
  for (const off of switchedOff(modules)) {
    const key = `${off.folder.path}|${off.cause}`
    byFolder.set(key, [...(byFolder.get(key) ?? []), off])
  }
  for (const all of byFolder.values()) {
    const [first] = all as [Off, ...Off[]]
    const { source } = first.placed.file
    const named = all.slice(0, MAX_NAMED).map(({ placed }) => addressOf(placed.block))
    const more = all.length > named.length ? ` and ${all.length - named.length} more` : ''
    const calls = all.filter(({ placed }) => placed.block.type === 'module').length
    const what = [counted(all.length - calls, 'resource'), counted(calls, 'module call')].filter(Boolean).join(' and ')
    const are = all.length === 1 ? 'is' : 'are'
    const detail = `${what} with policies ${are} switched off by ${first.cause}: ${named.join(', ')}${more}`
    for (const kind of [iamStatement.kind, iamAttachment.kind]) {
      gap(
        source.gap({
          kind,
          class: 'limit',
          reason: 'resources switched off',
          detail,
          offset: first.placed.block.start,
        }),
      )
    }
  }
}

function* switchedOff(modules: readonly Module[]): Generator<Off> {
  const live = new Set<PlacedBlock>()
  const off = new Map<PlacedBlock, Off>()
  for (const module of modules) {
    for (const placed of [...module.folder.blocks.values(), ...module.folder.calls.values()]) {
      if (module.has(placed)) live.add(placed)
      else {
        const cause = causeOf(module, placed)
        if (cause && off.get(placed)?.isSet !== true) off.set(placed, { folder: module.folder, placed, ...cause })
      }
    }
  }
  for (const [placed, each] of off) if (!live.has(placed)) yield each
}

/**
 * What is told of a block that no instance is made of. Undefined where nothing is: it gives no rights, or what a `for_each` makes of
 * its items comes with them.
 */
export function causeOf(module: Module, placed: PlacedBlock): Pick<Off, 'cause' | 'isSet'> | undefined {
  if (!concernsRights(module, placed)) return undefined
  const { block, file } = placed
  const [forEach, count] = [block.attributes.get('for_each'), block.attributes.get('count')]
  const written = count ?? forEach
  if (!written || (forEach && !chooses(forEach))) return undefined
  if (written.type === 'literal') return { cause: 'a count of 0', isSet: false }
  if (module.isLeftOff(written, { module, file, names: new Map() }, 'variables')) {
    return { cause: 'what calls the module', isSet: false }
  }
  return { cause: module.tree.valueFiles(module.root.folder.path).join(', '), isSet: true }
}

function chooses(expression: HclExpression): boolean {
  if (expression.type === 'conditional') return true
  return expression.type === 'call' && expression.args.some(chooses)
}

function concernsRights(module: Module, { block }: PlacedBlock): boolean {
  if (block.type === 'resource')
    return GIVES_RIGHTS.test(block.labels[0] ?? '') || [...block.attributes.keys()].some(isPolicy)
  if (block.type !== 'module') return false
  const called = module.tree.called(module.folder, block)
  return called !== undefined && [...called.blocks.values()].some((each) => concernsRights(module, each))
}

function isPolicy(attribute: string): boolean {
  return /^(?:access_|assume_role_|inline_|key_|repository_|resource_)?polic(?:y|ies)$/.test(attribute)
}

function counted(number: number, what: string): string {
  return number === 0 ? '' : `${number} ${what}${number === 1 ? '' : 's'}`
}
