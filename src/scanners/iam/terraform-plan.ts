import { iamAttachment, iamKeyDeclaration, iamRole } from '../../facts/iam.ts'
import { iamDeclaration } from '../../facts/iam-declaration.ts'
import { iamMembership } from '../../facts/iam-membership.ts'
import { type Fact, fact, type Gap, UNKNOWN } from '../../model.ts'
import type { SourceFile } from '../../sources/source-file.ts'
import { get, type MapNode, textOf, type ValueNode } from '../../sources/value-node.ts'
import { attachmentFact, type PrincipalKind } from './attachment.ts'
import { PlanDocuments } from './terraform-plan-documents.ts'
import { type Planned, PlanResources } from './terraform-plan-resources.ts'

interface Attached {
  readonly by: Planned
  readonly policies: readonly string[]
  readonly principal: string
  readonly kind: PrincipalKind
  readonly via: string
  readonly boundary: boolean
}

/** Cheap test before anything is parsed. */
export function mayBePlan(text: string): boolean {
  return text.includes('"format_version"') && text.includes('"aws_iam_')
}

/** Whether JSON is what `terraform show -json` prints of a plan or a state. */
export function isPlan(root: ValueNode): boolean {
  if (root.type !== 'map' || !get(root, 'format_version')) return false
  return ['planned_values', 'resource_changes', 'values'].some((key) => get(root, key) !== undefined)
}

/**
 * The policies of a Terraform plan or state as JSON, with who has them. What is known after apply only is followed through the
 * configuration that the plan holds, or is a gap. Source: https://developer.hashicorp.com/terraform/internals/json-format
 */
export function* readTerraformPlan(source: SourceFile, root: ValueNode, gap: (gap: Gap) => void): Generator<Fact> {
  const resources = new PlanResources(root)
  const documents = new PlanDocuments(source, resources, gap)
  const reader = new PlanReader(source, resources, documents, gap)
  for (const each of resources.managed) {
    yield* declarations(source, each)
    reader.read(each)
  }
  yield* documents.facts()
  yield* reader.facts()
}

function idOf(source: SourceFile, each: Planned): string {
  return `file:${source.path}#${each.address}`
}

function* declarations(source: SourceFile, each: Planned): Generator<Fact> {
  const at = source.location(each.node.start, each.node.end)
  const type = /^aws_iam_(user|group|role|policy)$/.exec(each.type)?.[1]
  const name = each.text('name') ?? ''
  const path = each.text('path') ?? '/'
  const accountId = each.text('arn')?.split(':')[4] ?? ''
  if (type) yield fact(iamDeclaration, source.scope, at, { id: idOf(source, each), type, name, path, accountId })
  if (type === 'role') {
    yield fact(iamRole, source.scope, at, {
      arn: idOf(source, each),
      name: name || each.name,
      accountId,
      path,
      serviceLinked: false,
      lastUsedDays: UNKNOWN,
      createdDays: UNKNOWN,
    })
  }
  if (each.type === 'aws_iam_access_key') {
    const seen = { path: source.path, address: each.address, user: each.text('user') ?? '', usage: 'resource' }
    yield fact(iamKeyDeclaration, source.scope, at, seen)
  }
}

class PlanReader {
  readonly #source: SourceFile
  readonly #resources: PlanResources
  readonly #documents: PlanDocuments
  readonly #gap: (gap: Gap) => void
  readonly #attached: Attached[] = []
  readonly #members: { by: Planned; user: string; group: string }[] = []

  constructor(source: SourceFile, resources: PlanResources, documents: PlanDocuments, gap: (gap: Gap) => void) {
    this.#source = source
    this.#resources = resources
    this.#documents = documents
    this.#gap = gap
  }

  read(each: Planned): void {
    const { type } = each
    const kind = /^aws_iam_(user|role|group)/.exec(type)?.[1] as PrincipalKind | undefined
    this.#documents.read(each)
    if (kind && type === `aws_iam_${kind}_policy_attachment`) {
      this.#attach(
        each,
        kind,
        this.#principal(each, kind, get(each.values, kind), kind),
        this.#policy(each, get(each.values, 'policy_arn'), 'policy_arn'),
      )
    } else if (kind && type === `aws_iam_${kind}_policy`) {
      this.#attach(
        each,
        kind,
        this.#principal(each, kind, get(each.values, kind), kind),
        this.#documents.idsOf(each, 'policy'),
        'inline',
      )
    } else if (kind && type === `aws_iam_${kind}`) this.#own(each, kind)
    else if (type === 'aws_iam_policy_attachment') {
      for (const of of ['user', 'role', 'group'] as const) {
        for (const item of itemsOf(get(each.values, `${of}s`))) {
          this.#attach(
            each,
            of,
            this.#principal(each, of, item, `${of}s`),
            this.#policy(each, get(each.values, 'policy_arn'), 'policy_arn'),
          )
        }
      }
    } else if (type === 'aws_iam_user_group_membership')
      this.#join(each, [get(each.values, 'user')], itemsOf(get(each.values, 'groups')))
    else if (type === 'aws_iam_group_membership')
      this.#join(each, itemsOf(get(each.values, 'users')), [get(each.values, 'group')])
  }

  #own(each: Planned, kind: PrincipalKind): void {
    const principal = idOf(this.#source, each)
    for (const item of itemsOf(get(each.values, 'managed_policy_arns'))) {
      this.#attach(each, kind, principal, this.#policy(each, item, 'managed_policy_arns'))
    }
    const inline = this.#documents.idsOf(each, 'inline_policy')
    if (inline && inline.length > 0) this.#attach(each, kind, principal, inline, 'inline')
    const boundary = get(each.values, 'permissions_boundary')
    const given = textOf(boundary) || each.unknown('permissions_boundary')
    if (given) this.#attach(each, kind, principal, this.#policy(each, boundary, 'permissions_boundary'), 'direct', true)
  }

  #attach(
    by: Planned,
    kind: PrincipalKind,
    principal: string | undefined,
    policies: readonly string[] | undefined,
    via = 'direct',
    boundary = false,
  ): void {
    if (principal !== undefined && policies) this.#attached.push({ by, policies, principal, kind, via, boundary })
    else this.#missing(by, policies ? kind : boundary ? 'permissions boundary' : 'policy')
  }

  #join(by: Planned, users: readonly (ValueNode | undefined)[], groups: readonly (ValueNode | undefined)[]): void {
    for (const user of users) {
      for (const group of groups) {
        const [who, where] = [this.#principal(by, 'user', user, 'user'), this.#principal(by, 'group', group, 'group')]
        if (who !== undefined && where !== undefined) this.#members.push({ by, user: who, group: where })
        else this.#missing(by, who === undefined ? 'user' : 'group')
      }
    }
  }

  #missing(by: Planned, what: string): void {
    const detail = `the ${what} of ${by.address} is known after apply: audit the live account`
    const { start } = by.node
    const reason = 'value known at run time only'
    this.#gap(this.#source.gap({ kind: iamAttachment.kind, class: 'limit', reason, detail, offset: start }))
  }

  /** Names are known before apply, unless AWS makes them up. */
  #principal(by: Planned, kind: PrincipalKind, value: ValueNode | undefined, attribute: string): string | undefined {
    const name = textOf(value)
    const planned =
      name === undefined
        ? this.#resources.referred(by, attribute, `aws_iam_${kind}`)
        : this.#resources.managed.find((each) => each.type === `aws_iam_${kind}` && each.text('name') === name)
    if (planned) return idOf(this.#source, planned)
    return name === undefined ? undefined : `file:${this.#source.path}#${kind}/${name}`
  }

  #policy(by: Planned, value: ValueNode | undefined, attribute: string): readonly string[] | undefined {
    const arn = textOf(value)
    const planned =
      arn === undefined
        ? this.#resources.referred(by, attribute, 'aws_iam_policy')
        : this.#resources.managed.find((each) => each.type === 'aws_iam_policy' && each.text('arn') === arn)
    if (planned) return this.#documents.idsOf(planned, 'policy')
    return arn === undefined ? undefined : [arn]
  }

  *facts(): Generator<Fact> {
    for (const each of this.#attached) yield* this.#factsOf(each)
    for (const { by, user, group } of this.#members) {
      const at = this.#source.location(by.node.start, by.node.end)
      yield fact(iamMembership, this.#source.scope, at, { userArn: user, groupArn: group })
      for (const each of this.#attached.filter(({ principal }) => principal === group)) {
        yield* this.#factsOf({ ...each, by, principal: user, kind: 'user', via: group })
      }
    }
  }

  *#factsOf({ by, policies, principal: principalArn, kind: principalKind, via, boundary }: Attached): Generator<Fact> {
    const at = this.#source.location(by.node.start, by.node.end)
    for (const policy of policies) {
      yield attachmentFact(this.#source.scope, at, { policy, principalArn, principalKind, via, boundary })
    }
  }
}

export function itemsOf(node: ValueNode | undefined): readonly ValueNode[] {
  return node?.type === 'list' ? node.items : []
}

/** The maps of a list. */
export function mapsOf(node: ValueNode | undefined): readonly MapNode[] {
  return itemsOf(node).filter((each): each is MapNode => each.type === 'map')
}
