import { iamStatement } from '../../facts/iam.ts'
import type { Fact, Gap } from '../../model.ts'
import type { SourceFile } from '../../sources/source-file.ts'
import { get, type MapNode, textOf, type ValueNode } from '../../sources/value-node.ts'
import { findDocuments } from './policy-document.ts'
import {
  conditionLines,
  kindOf,
  type PolicyKind,
  principal,
  readEffect,
  readStatement,
  renderAll,
  type Statement,
} from './statement.ts'
import { type PlacedStatement, statementFacts } from './statement-facts.ts'
import type { Planned, PlanResources } from './terraform-plan-resources.ts'

interface PlanDocument {
  readonly id: string
  readonly name: string
  readonly statements: readonly PlacedStatement[]
  readonly kind: PolicyKind | undefined
  readonly owner: string
}

/** The policy documents of a plan: JSON in arguments, and data sources that are read when it is applied. */
export class PlanDocuments {
  readonly #source: SourceFile
  readonly #resources: PlanResources
  readonly #gap: (gap: Gap) => void
  readonly #documents: PlanDocument[] = []
  /** By resource and argument. */
  readonly #ids = new Map<string, string[]>()

  constructor(source: SourceFile, resources: PlanResources, gap: (gap: Gap) => void) {
    this.#source = source
    this.#resources = resources
    this.#gap = gap
  }

  read(each: Planned): void {
    if (each.type === 'aws_lambda_permission') this.#add(each, '', [permission(each)], 'resource')
    for (const { key, value } of each.values.entries) {
      const { found, unread } = findDocuments(value, false)
      for (const one of unread) this.#gap(this.#source.gap({ kind: iamStatement.kind, ...one }))
      for (const { statements, path, around } of found) {
        const part = `${key === 'policy' ? '' : `/${key}`}${path.map((step) => `/${step}`).join('')}`
        const name = textOf(get(around.at(-1), 'name'))
        const read = statements.map((node) => ({ statement: readStatement(node), start: node.start, end: node.end }))
        this.#add(each, key === 'inline_policy' && name ? `/inline_policy/${name}` : part, read, kindIn(each, key), key)
      }
    }
    for (const key of ['policy', 'assume_role_policy']) if (each.unknown(key)) this.#deferred(each, key)
  }

  /** A document that hangs on what is known after apply: what its data source says of it already. */
  #deferred(each: Planned, key: string): void {
    const data = this.#resources.referred(each, key, 'aws_iam_policy_document')
    const blocks = get(data?.values, 'statement')
    const statements =
      blocks?.type === 'list' ? blocks.items.filter((node): node is MapNode => node.type === 'map') : []
    if (statements.length > 0) {
      const read = statements.map((node) => ({ statement: dataStatement(node), start: node.start, end: node.end }))
      this.#add(each, key === 'policy' ? '' : `/${key}`, read, kindIn(each, key), key)
      return
    }
    const detail = `${key} of ${each.address} is known after apply: audit the live account`
    const reason = 'value known at run time only'
    this.#gap(this.#source.gap({ kind: iamStatement.kind, class: 'limit', reason, detail, offset: each.node.start }))
  }

  #add(each: Planned, part: string, statements: PlacedStatement[], kind: PolicyKind | undefined, key = 'policy'): void {
    const resource = `file:${this.#source.path}#${each.address}`
    const id = `${resource}${part}`
    const known = `${each.address}|${key}`
    this.#ids.set(known, [...new Set([...(this.#ids.get(known) ?? []), id])])
    const isIdentity = /^aws_(?:iam|ssoadmin)_/.test(each.type) && kind !== 'trust'
    this.#documents.push({
      id,
      name: each.text('name') ?? each.name,
      statements,
      kind,
      owner: isIdentity ? '' : resource,
    })
  }

  /** The documents of an argument; undefined if it has none that is known. */
  idsOf(each: Planned, key: string): readonly string[] | undefined {
    if (!this.#ids.has(`${each.address}|${key}`) && key === 'policy') this.#readOnce(each)
    return this.#ids.get(`${each.address}|${key}`)
  }

  /** Attachments may stand before the policies that they name. */
  #readOnce(each: Planned): void {
    const value = get(each.values, 'policy')
    const known = value && findDocuments(value, false).found.length > 0
    const deferred = each.unknown('policy') && this.#resources.referred(each, 'policy', 'aws_iam_policy_document')
    if (known || deferred) this.#ids.set(`${each.address}|policy`, [`file:${this.#source.path}#${each.address}`])
  }

  *facts(): Generator<Fact> {
    for (const { id, name, statements, kind, owner } of this.#documents) {
      const policyKind = kind ?? kindOf(statements.map(({ statement }) => statement))
      const fields = {
        policy: id,
        policyName: name,
        policyKind,
        managedBy: 'file',
        accountId: '',
        owner: policyKind === 'identity' || policyKind === 'control' ? '' : owner,
      }
      yield* statementFacts(this.#source, fields, statements, this.#gap)
    }
  }
}

function kindIn(each: Planned, key: string): PolicyKind | undefined {
  if (key === 'assume_role_policy') return 'trust'
  return /^aws_(?:organizations_policy|vpc_endpoint)/.test(each.type) ? 'control' : undefined
}

/** A `statement` block of `aws_iam_policy_document`; what is not there is known after apply. */
function dataStatement(node: MapNode): Statement {
  const texts = (key: string) => renderAll(get(node, key))
  const [actions, notActions] = [texts('actions'), texts('not_actions')]
  const [resources, notResources] = [texts('resources'), texts('not_resources')]
  const late = (list: string[], others: string[]) =>
    list.length > 0 || others.length > 0 ? list : ['${known after apply}']
  return {
    sid: textOf(get(node, 'sid')) ?? '',
    effect: readEffect(textOf(get(node, 'effect')) ?? 'Allow'),
    actions: late(actions, notActions),
    notActions,
    resources: late(resources, notResources),
    notResources,
    principals: principals(get(node, 'principals')),
    notPrincipals: principals(get(node, 'not_principals')),
    conditions: blocks(get(node, 'condition')).flatMap((each) =>
      conditionLines(
        textOf(get(each, 'test')) ?? '',
        textOf(get(each, 'variable')) ?? '',
        renderAll(get(each, 'values')),
      ),
    ),
  }
}

function principals(node: ValueNode | undefined): string[] {
  return blocks(node).flatMap((each) => {
    const type = textOf(get(each, 'type')) ?? ''
    return renderAll(get(each, 'identifiers')).map((value) => principal(type, value))
  })
}

function blocks(node: ValueNode | undefined): readonly ValueNode[] {
  return node?.type === 'list' ? node.items : []
}

function permission(each: Planned): PlacedStatement {
  const text = (name: string) => renderAll(get(each.values, name))
  const bound = [
    ...text('source_arn').map((value) => `ArnLike|AWS:SourceArn|${value}`),
    ...(each.unknown('source_arn') ? ['ArnLike|AWS:SourceArn|${known_after_apply.arn}'] : []),
    ...text('source_account').map((value) => `StringEquals|AWS:SourceAccount|${value}`),
    ...text('principal_org_id').map((value) => `StringEquals|aws:PrincipalOrgID|${value}`),
  ]
  const statement: Statement = {
    sid: text('statement_id')[0] ?? '',
    effect: 'Allow',
    actions: text('action'),
    notActions: [],
    resources: text('function_name'),
    notResources: [],
    principals: text('principal').map((value) => principal(/\.amazonaws\.com/.test(value) ? 'Service' : 'AWS', value)),
    notPrincipals: [],
    conditions: bound,
  }
  return { statement, start: each.node.start, end: each.node.end }
}
