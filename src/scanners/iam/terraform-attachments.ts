import { iamAttachment } from '../../facts/iam.ts'
import type { Fact, Gap } from '../../model.ts'
import type { HclBlock } from '../../sources/hcl.ts'
import type { ValueNode } from '../../sources/value-node.ts'
import { attachmentFact, type PrincipalKind } from './attachment.ts'
import { findDocuments } from './policy-document.ts'
import type { SourceFile } from './source-file.ts'
import type { Module, PlacedBlock } from './terraform-module.ts'

interface Declared {
  readonly placed: PlacedBlock
  readonly policy: string | undefined
  readonly principalArn: string | undefined
  readonly principalKind: PrincipalKind
  readonly via: 'direct' | 'inline'
  readonly boundary: boolean
}

/** Which policies the module gives to whom. What names its policy or principal by a variable is a gap. */
export function* readAttachments(module: Module, gap: (gap: Gap) => void): Generator<Fact> {
  for (const placed of module.resources(/^aws_iam_/)) {
    for (const attachment of attachmentsOf(placed, module)) {
      const { source, block } = placed
      const { policy, principalArn, principalKind, via, boundary } = attachment
      if (policy !== undefined && principalArn !== undefined) {
        const seen = { policy, principalArn, principalKind, via, boundary }
        yield attachmentFact(source.scope, source.location(block.start, block.end), seen)
        continue
      }
      const missing = policy !== undefined ? principalKind : boundary ? 'permissions boundary' : 'policy'
      gap(
        source.gap({
          kind: iamAttachment.kind,
          class: 'limit',
          reason: 'value known at run time only',
          detail: `the ${missing} of ${block.labels.join('.')} is not in the module`,
          offset: block.start,
        }),
      )
    }
  }
}

function* attachmentsOf(placed: PlacedBlock, module: Module): Generator<Declared> {
  const { block, source } = placed
  const [type = ''] = block.labels
  const kind = (/^aws_iam_(user|role|group)/.exec(type)?.[1] ?? 'role') as PrincipalKind
  const base = { placed, via: 'direct', boundary: false } as const
  if (/^aws_iam_(?:user|role|group)_policy_attachment$/.test(type)) {
    const principalArn = principalOf(block.attributes.get(kind), kind, module, source)
    for (const policy of policiesOf(block, block.attributes.get('policy_arn'), module)) {
      yield { ...base, policy, principalArn, principalKind: kind }
    }
  } else if (type === 'aws_iam_policy_attachment') {
    const [policy] = policiesOf(block, block.attributes.get('policy_arn'), module)
    for (const each of ['user', 'role', 'group'] as const) {
      for (const item of itemsOf(block.attributes.get(`${each}s`))) {
        yield { ...base, policy, principalArn: principalOf(item, each, module, source), principalKind: each }
      }
    }
  } else if (/^aws_iam_(?:user|role|group)_policy$/.test(type)) {
    const address = block.labels.join('.')
    const principalArn = principalOf(block.attributes.get(kind), kind, module, source)
    yield { ...base, via: 'inline', policy: module.policyOf(address), principalArn, principalKind: kind }
  } else if (/^aws_iam_(?:user|role|group)$/.test(type)) yield* ownAttachments(placed, kind, module)
}

/** What a role or user names in its own block. */
function* ownAttachments(placed: PlacedBlock, principalKind: PrincipalKind, module: Module): Generator<Declared> {
  const { block, source } = placed
  const address = block.labels.join('.')
  const base = { placed, principalKind, principalArn: `file:${source.path}#${address}`, boundary: false } as const
  for (const item of itemsOf(block.attributes.get('managed_policy_arns'))) {
    yield { ...base, via: 'direct', policy: policyOf(item, module) }
  }
  for (const inline of block.blocks.filter((nested) => nested.type === 'inline_policy')) {
    const name = module.text(inline.attributes.get('name'))
    const value = inline.attributes.get('policy')
    if (!value) continue
    const own = findDocuments(value, true).found.length > 0
    const id = `file:${source.path}#${address}/inline_policy${name ? `/${name}` : ''}`
    yield { ...base, via: 'inline', policy: own ? id : policyOf(value, module) }
  }
  const limit = block.attributes.get('permissions_boundary')
  if (limit) yield { ...base, via: 'direct', boundary: true, policy: policyOf(limit, module) }
}

/** `each.value` stands for the items of a `for_each` that is written out. */
function policiesOf(block: HclBlock, value: ValueNode | undefined, module: Module): (string | undefined)[] {
  if (value?.type === 'expression' && /^each\.(?:value|key)$/.test(value.text)) {
    const each = block.attributes.get('for_each')
    const resolved = each && module.resolve(each)
    const items = resolved?.type === 'map' ? resolved.entries.map((entry) => entry.value) : itemsOf(resolved)
    return items.map((item) => policyOf(item, module))
  }
  return [value && policyOf(value, module)]
}

/** The ARN of a policy as written, or the id of the document that a reference leads to. */
function policyOf(value: ValueNode, module: Module): string | undefined {
  const arn = module.text(value)
  if (arn?.startsWith('arn:')) return arn
  const address = module.reference(value)
  if (!address) return undefined
  if (address.startsWith('data.aws_iam_policy_document.') || address.startsWith('local.'))
    return module.documentId(address)
  const known = module.policyOf(address)
  if (known) return known
  const data = address.startsWith('data.aws_iam_policy.') ? module.get(address)?.block : undefined
  const name = module.text(data?.attributes.get('name'))
  // By name, Terraform looks among the account's own and AWS's; the full access ones are AWS's.
  return module.text(data?.attributes.get('arn')) ?? (name ? `arn:aws:iam::aws:policy/${name}` : undefined)
}

function principalOf(
  value: ValueNode | undefined,
  kind: PrincipalKind,
  module: Module,
  source: SourceFile,
): string | undefined {
  const address = module.reference(value)
  const placed = address?.startsWith(`aws_iam_${kind}.`) ? module.get(address) : undefined
  if (placed) return `file:${placed.source.path}#${address}`
  const name = module.text(value)
  return name === undefined ? undefined : `file:${source.path}#${kind}/${name}`
}

function itemsOf(value: ValueNode | undefined): readonly ValueNode[] {
  if (!value) return []
  return value.type === 'list' ? value.items : [value]
}
