import { iamKeyDeclaration, iamRole } from '../../facts/iam.ts'
import { iamDeclaration } from '../../facts/iam-declaration.ts'
import { hasPlaceholder } from '../../facts/iam-placeholder.ts'
import { type Fact, fact, UNKNOWN } from '../../model.ts'
import type { HclBlock } from '../../sources/hcl.ts'
import type { SourceFile } from '../../sources/source-file.ts'
import type { ValueNode } from '../../sources/value-node.ts'
import type { PrincipalKind } from './attachment.ts'
import { evaluate } from './terraform-evaluate.ts'
import { type Instance, type Module, targetOf } from './terraform-module.ts'
import { addressOf, type ModuleFile } from './terraform-tree.ts'
import { isReference, knownText, oneLine } from './terraform-values.ts'

const DECLARED = /^aws_iam_(user|group|role|policy)$/

/** Who and what the modules of a tree declare, by name. */
export class Principals {
  readonly #named = new Map<string, Instance>()

  add(instance: Instance): void {
    const type = DECLARED.exec(instance.type)?.[1]
    const name = nameIn(instance.value('name'))
    if (type && name !== undefined && !instance.isData) this.#named.set(this.#key(instance, type, name), instance)
  }

  /** What a name leaves open is the same within one module only. */
  #key(instance: Instance, type: string, name: string): string {
    const { module } = instance
    return `${module.root.folder.path}|${hasPlaceholder(name) ? module.prefix : ''}|${type}/${name}`
  }

  /** The id of a principal: of the block that a value refers to or that declares the name; else the name itself. */
  idOf(value: ValueNode | undefined, kind: PrincipalKind, from: Instance): string | undefined {
    const target = targetOf(value)
    const ofKind = target?.type === `aws_iam_${kind}` ? target : undefined
    if (ofKind && !ofKind.isData) return ofKind.id
    if (isReference(value) && !ofKind) return undefined
    const name = ofKind ? (ofKind.text(`${kind}_name`) ?? ofKind.text('name')) : nameIn(value)
    if (name === undefined || name === '') return undefined
    const declared = this.#named.get(this.#key(from, kind, name))
    if (declared) return declared.id
    return hasPlaceholder(name) ? undefined : `file:${from.placed.file.source.path}#${kind}/${name}`
  }

  /** The policy that an ARN with its name written out means, if the same configuration declares it. */
  policyNamed(arn: string, from: Instance): Instance | undefined {
    const name = /^arn:[\w-]+:iam::(?!aws:).*:policy\/(?:[^$]*\/)?([\w+=,.@-]+)$/.exec(arn)?.[1]
    return name === undefined ? undefined : this.#named.get(this.#key(from, 'policy', name))
  }
}

/** A name as it is written, with `${…}` for what a run fills in. */
function nameIn(value: ValueNode | undefined): string | undefined {
  return value?.type === 'string' ? value.value : knownText(value)
}

/** What a block says of a user, group, role or policy, and the keys that it makes. */
export function* readPrincipal(instance: Instance): Generator<Fact> {
  const { type, placed } = instance
  const { source } = placed.file
  if (instance.isData) return
  const at = source.location(placed.block.start, placed.block.end)
  const declared = DECLARED.exec(type)?.[1]
  const path = instance.text('path') ?? '/'
  if (declared) {
    const seen = { id: instance.id, type: declared, name: instance.text('name') ?? '', path, accountId: '' }
    yield fact(iamDeclaration, source.scope, at, seen)
  }
  if (type === 'aws_iam_role') {
    yield fact(iamRole, source.scope, at, {
      arn: instance.id,
      name: instance.text('name') ?? placed.block.labels[1] ?? '',
      accountId: '',
      path,
      serviceLinked: false,
      lastUsedDays: UNKNOWN,
      createdDays: UNKNOWN,
    })
  }
  if (type === 'aws_iam_access_key') {
    const user = instance.value('user')
    const written = user?.type === 'expression' ? oneLine(user.text).replace(/^(aws_iam_user\.[\w-]+)\..*$/, '$1') : ''
    const name = knownText(user) ?? targetOf(user)?.address ?? written
    const seen = {
      path: source.path,
      // One line makes the keys of all instances.
      address: addressOf(placed.block),
      user: name,
      usage: 'resource',
    }
    yield fact(iamKeyDeclaration, source.scope, at, seen)
  }
}

/** Keys that providers and state backends are given where they could use a role. */
export function* readConfiguredKeys(module: Module): Generator<Fact> {
  for (const file of module.folder.files) {
    for (const block of file.hcl.blocks) {
      if (block.type === 'provider' && block.labels[0] === 'aws') yield* readKey(file, block, 'provider', module)
      if (block.type !== 'terraform') continue
      for (const backend of block.blocks) {
        if (backend.type === 'backend') yield* readKey(file, backend, 'backend', module)
      }
    }
  }
}

function* readKey(file: ModuleFile, block: HclBlock, usage: string, module: Module): Generator<Fact> {
  const written = block.attributes.get('access_key')
  if (!written) return
  // A variable may hold anything, whatever its default: what is passed by one is a key.
  const value = evaluate(written, { module, file, names: new Map() })
  if (written.type === 'literal' && isDummy(knownText(value) ?? '')) return
  const alias = block.attributes.get('alias')
  const name = alias && knownText(evaluate(alias, { module, file, names: new Map() }))
  const { source }: { source: SourceFile } = file
  const address = [block.type, ...block.labels, ...(name ? [name] : [])].join('.')
  const seen = { path: source.path, address, user: '', usage }
  yield fact(iamKeyDeclaration, source.scope, source.location(block.start, block.end), seen)
}

/** Local stand-ins for AWS (LocalStack, moto) take any text: those are no keys. */
function isDummy(text: string): boolean {
  return text !== '' && !/^(?:AKIA|ASIA)[A-Z2-7]{16}$/.test(text)
}
