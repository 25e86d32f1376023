import { iamAttachment } from '../../facts/iam.ts'
import { iamMembership } from '../../facts/iam-membership.ts'
import { type Fact, fact, type Gap } from '../../model.ts'
import type { ValueNode } from '../../sources/value-node.ts'
import { attachmentFact, type PrincipalKind, withPartition } from './attachment.ts'
import { argument, argumentText, nestedBlocks } from './terraform-blocks.ts'
import { type Instance, targetOf } from './terraform-module.ts'
import type { Principals } from './terraform-principals.ts'
import { unknownBecause } from './terraform-reasons.ts'
import type { Document, DocumentStore } from './terraform-store.ts'
import { isNull, isReference, knownText, oneLine, scalar } from './terraform-values.ts'

/** A policy as far as the tree tells: an ARN, documents, or neither. */
type Policy = { readonly arn: string } | { readonly documents: readonly Document[] } | undefined
interface Declared {
  readonly instance: Instance
  readonly policy: Policy
  readonly principal: string | undefined
  readonly kind: PrincipalKind
  readonly via: string
  readonly boundary: boolean
  /** What is not known, if something is. */
  readonly missing: ValueNode | undefined
}
interface Membership {
  readonly instance: Instance
  readonly user: string
  readonly group: string
}

/**
 * Which policies the modules give to whom. What names its policy or principal by something that is not in the tree is a gap.
 * Yields when all documents are known, since their ids depend on each other.
 */
export class Attachments {
  readonly #store: DocumentStore
  readonly #principals: Principals
  readonly #declared: Declared[] = []
  readonly #memberships: Membership[] = []
  readonly #gap: (gap: Gap) => void

  constructor(store: DocumentStore, principals: Principals, gap: (gap: Gap) => void) {
    this.#store = store
    this.#principals = principals
    this.#gap = gap
  }

  read(instance: Instance): void {
    const { type } = instance
    if (instance.isData) return
    const kind = /^aws_iam_(user|role|group)/.exec(type)?.[1] as PrincipalKind | undefined
    if (/^aws_iam_(?:user|role|group)_policy_attachment$/.test(type)) {
      this.#attach(instance, kind ?? 'role', instance.value(kind ?? ''), instance.value('policy_arn'))
    } else if (type === 'aws_iam_policy_attachment') this.#attachAll(instance)
    else if (/^aws_iam_(?:user|role|group)_policy$/.test(type)) this.#inline(instance, kind ?? 'role')
    else if (/^aws_iam_(?:user|role|group)$/.test(type)) this.#own(instance, kind ?? 'role')
    else if (/^aws_iam_(?:user|role|group)_policy_attachments_exclusive$/.test(type)) {
      for (const item of items(instance.value('policy_arns'))) {
        this.#attach(instance, kind ?? 'role', instance.value(`${kind}_name`), item)
      }
    } else if (type === 'aws_iam_user_group_membership') {
      for (const group of items(instance.value('groups'))) this.#join(instance, instance.value('user'), group)
    } else if (type === 'aws_iam_group_membership') {
      for (const user of items(instance.value('users'))) this.#join(instance, user, instance.value('group'))
    } else if (type.startsWith('aws_ssoadmin_')) this.#permissionSet(instance)
  }

  #attachAll(instance: Instance): void {
    for (const kind of ['user', 'role', 'group'] as const) {
      for (const item of items(instance.value(`${kind}s`))) {
        this.#attach(instance, kind, item, instance.value('policy_arn'))
      }
    }
  }

  #attach(instance: Instance, kind: PrincipalKind, who: ValueNode | undefined, what: ValueNode | undefined): void {
    // A list in place of one: what a `for_each` of another shape leaves, or an argument that is not given.
    for (const each of items(what))
      this.#add({ instance, kind, who, via: 'direct', policy: this.#policy(each, instance), what: each })
  }

  #inline(instance: Instance, kind: PrincipalKind): void {
    const what = instance.value('policy')
    this.#add({
      instance,
      kind,
      who: instance.value(kind),
      via: 'inline',
      policy: this.#document(what, instance, ''),
      what,
    })
  }

  #add(seen: {
    instance: Instance
    kind: PrincipalKind
    who: ValueNode | undefined
    via: string
    policy: Policy
    what: ValueNode | undefined
    boundary?: boolean
  }): void {
    const { instance, kind, who, via, policy, what, boundary = false } = seen
    const principal = this.#principals.idOf(who, kind, instance)
    const missing = policy === undefined ? what : principal === undefined ? who : undefined
    this.#declared.push({ instance, policy, principal, kind, via, boundary, missing })
  }

  /** What a role or user names in its own block. */
  #own(instance: Instance, kind: PrincipalKind): void {
    const base = { instance, kind, principal: instance.id, boundary: false, missing: undefined }
    for (const item of items(instance.value('managed_policy_arns'))) {
      const policy = this.#policy(item, instance)
      this.#declared.push({ ...base, via: 'direct', policy, missing: policy ? undefined : item })
    }
    const block = { block: instance.placed.block, scope: instance.scope }
    for (const inline of nestedBlocks(block, 'inline_policy')) {
      const value = argument(inline, 'policy')
      const name = argumentText(inline, 'name')
      if (!value || isNull(value)) continue
      const policy = this.#document(value, instance, `/inline_policy${name ? `/${name}` : ''}`)
      this.#declared.push({ ...base, via: 'inline', policy, missing: policy ? undefined : value })
    }
    const limit = instance.value('permissions_boundary')
    if (!limit || isNull(limit)) return
    const policy = this.#policy(limit, instance)
    this.#declared.push({ ...base, via: 'direct', boundary: true, policy, missing: policy ? undefined : limit })
  }

  #permissionSet(instance: Instance): void {
    const target = targetOf(instance.value('permission_set_arn'))
    const base = { instance, kind: 'role', principal: target?.id, boundary: false } as const
    const managed = instance.value('managed_policy_arn')
    const inline = instance.value('inline_policy')
    if (instance.type === 'aws_ssoadmin_managed_policy_attachment' && managed) {
      const policy = this.#policy(managed, instance)
      this.#declared.push({
        ...base,
        via: 'direct',
        policy,
        missing: policy ? instance.value('permission_set_arn') : managed,
      })
    } else if (instance.type === 'aws_ssoadmin_permission_set_inline_policy' && inline) {
      const policy = this.#document(inline, instance, '/inline_policy')
      this.#declared.push({
        ...base,
        via: 'inline',
        policy,
        missing: policy ? instance.value('permission_set_arn') : inline,
      })
    }
  }

  #join(instance: Instance, who: ValueNode | undefined, what: ValueNode | undefined): void {
    const user = this.#principals.idOf(who, 'user', instance)
    const group = this.#principals.idOf(what, 'group', instance)
    if (user !== undefined && group !== undefined) this.#memberships.push({ instance, user, group })
    else this.#tellMissing(instance, user === undefined ? who : what, user === undefined ? 'user' : 'group')
  }

  /** The documents of a value that is one, or leads to one. Of several that only a run chooses between, none is known. */
  #document(value: ValueNode | undefined, instance: Instance, part: string): Policy {
    if (!value) return undefined
    const documents = this.#store.of(value, {
      instance,
      part,
      name: instance.text('name') ?? instance.placed.block.labels[1] ?? '',
    })
    return documents.length === 0 || (documents.length > 1 && value.type === 'expression') ? undefined : { documents }
  }

  /** The ARN of a policy as written, or the documents that a reference leads to. */
  #policy(value: ValueNode, instance: Instance): Policy {
    const arn = value.type === 'string' ? withPartition(value.value) : undefined
    if (arn?.startsWith('arn:')) {
      const named = this.#principals.policyNamed(arn, instance)
      if (named) return this.#ofPolicy(named)
      return arn.includes('${') ? undefined : { arn }
    }
    const target = targetOf(value)
    if (!target) return undefined
    if (target.type === 'aws_iam_policy_document') return { documents: [this.#store.data(target)] }
    if (target.type !== 'aws_iam_policy') return undefined
    return target.isData ? this.#lookedUp(target) : this.#ofPolicy(target)
  }

  #ofPolicy(policy: Instance): Policy {
    return this.#document(policy.value('policy'), policy, '')
  }

  /** `data "aws_iam_policy"`: by name, Terraform looks among the account's own and AWS's. */
  #lookedUp(data: Instance): Policy {
    const arn = data.value('arn')
    if (arn && !isReference(arn)) return this.#policy(arn, data)
    const name = data.text('name')
    if (name === undefined) return undefined
    const declared = this.#principals.policyNamed(`arn:aws:iam::x:policy/${name}`, data)
    return declared ? this.#ofPolicy(declared) : { arn: `arn:aws:iam::aws:policy/${name}` }
  }

  #tellMissing(instance: Instance, value: ValueNode | undefined, what: string): void {
    if (instance.supposed) return
    const { file, block } = instance.placed
    const written = value === undefined ? '' : (scalar(value) ?? '')
    this.#gap(
      file.source.gap({
        kind: iamAttachment.kind,
        class: 'limit',
        reason: unknownBecause([written]),
        detail: `the ${what} of ${block.labels.join('.')} is ${written === '' ? 'not in the tree' : oneLine(written).slice(0, 80)}`,
        offset: block.start,
      }),
    )
  }

  *facts(): Generator<Fact> {
    const told = new Set<string>()
    const held = new Map<string, Declared[]>()
    for (const each of this.#declared) {
      if (each.policy === undefined || each.principal === undefined) {
        const what = each.policy !== undefined ? each.kind : each.boundary ? 'permissions boundary' : 'policy'
        this.#tellMissing(each.instance, each.missing, what)
        continue
      }
      held.set(each.principal, [...(held.get(each.principal) ?? []), each])
      yield* this.#factsOf(each, each.principal, told)
    }
    for (const { instance, user, group } of this.#memberships) {
      yield* this.#membership(instance, user, group, told)
      for (const each of held.get(group) ?? []) {
        yield* this.#factsOf({ ...each, instance, kind: 'user', via: group }, user, told)
      }
    }
  }

  *#membership(
    instance: Membership['instance'],
    userArn: string,
    groupArn: string,
    told: Set<string>,
  ): Generator<Fact> {
    const key = `${userArn} in ${groupArn}`
    if (told.has(key)) return
    told.add(key)
    const { file, block } = instance.placed
    const at = file.source.location(block.start, block.end)
    yield fact(iamMembership, file.source.scope, at, { userArn, groupArn })
  }

  *#factsOf(declared: Declared, principalArn: string, told: Set<string>): Generator<Fact> {
    const { instance, policy, kind: principalKind, via, boundary } = declared
    const { file, block } = instance.placed
    const policies =
      policy && 'arn' in policy ? [policy.arn] : (policy?.documents.flatMap((each) => this.#store.idsOf(each)) ?? [])
    for (const each of new Set(policies)) {
      const key = [each, principalArn, boundary].join('|')
      if (told.has(key)) continue
      told.add(key)
      const seen = { policy: each, principalArn, principalKind, via, boundary }
      yield attachmentFact(file.source.scope, file.source.location(block.start, block.end), seen)
    }
  }
}

/** The items of a list; of a value that is none, the value. Null is no value. */
function items(value: ValueNode | undefined): readonly ValueNode[] {
  if (!value || isNull(value) || knownText(value) === '') return []
  return value.type === 'list' ? value.items : [value]
}
