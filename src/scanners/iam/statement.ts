import { createHash } from 'node:crypto'
import type { iamStatement } from '../../facts/iam.ts'
import { couldBeAnything, hasPlaceholder } from '../../facts/iam-placeholder.ts'
import { type Seen, UNKNOWN } from '../../model.ts'
import { get, type MapNode, textOf, type ValueNode } from '../../sources/value-node.ts'

/** One statement as written; `effect` is undefined where only a run knows it. */
export interface Statement {
  readonly sid: string
  readonly effect: 'Allow' | 'Deny' | undefined
  readonly actions: readonly string[]
  readonly notActions: readonly string[]
  readonly resources: readonly string[]
  readonly notResources: readonly string[]
  /** `TYPE:VALUE`. */
  readonly principals: readonly string[]
  readonly notPrincipals: readonly string[]
  /** `OPERATOR|KEY|VALUE`. */
  readonly conditions: readonly string[]
}
export type PolicyKind = 'identity' | 'trust' | 'resource' | 'control'
type StatementFields = Seen<typeof iamStatement>

/** Reads a statement of a JSON document, or of a Terraform object that becomes one. */
export function readStatement(node: MapNode): Statement {
  return {
    sid: textOf(get(node, 'Sid')) ?? '',
    effect: readEffect(textOf(get(node, 'Effect'))),
    actions: renderAll(get(node, 'Action')),
    notActions: renderAll(get(node, 'NotAction')),
    resources: renderAll(get(node, 'Resource')),
    notResources: renderAll(get(node, 'NotResource')),
    principals: readPrincipals(get(node, 'Principal')),
    notPrincipals: readPrincipals(get(node, 'NotPrincipal')),
    conditions: readConditions(get(node, 'Condition')),
  }
}

export function readEffect(text: string | undefined): Statement['effect'] {
  const lower = text?.trim().toLowerCase()
  return lower === 'allow' ? 'Allow' : lower === 'deny' ? 'Deny' : undefined
}

function readPrincipals(node: ValueNode | undefined): string[] {
  if (node?.type !== 'map' || intrinsic(node) !== undefined)
    return renderAll(node).map((value) => principal('AWS', value))
  return node.entries.flatMap(({ key, value }) => renderAll(value).map((text) => principal(key, text)))
}

/** `"*"`, `{"AWS": "*"}` and Terraform's `type = "*"` say the same; a bare account number is that account's root. */
export function principal(type: string, value: string): string {
  if (value === '*' && (type === '*' || type === 'AWS')) return 'AWS:*'
  if (type === 'AWS' && /^\d{12}$/.test(value)) return `AWS:arn:aws:iam::${value}:root`
  return `${type}:${value}`
}

function readConditions(node: ValueNode | undefined): string[] {
  if (!node || node.type === 'plain') return []
  if (node.type !== 'map') return renderAll(node).map((text) => `${text}|${text}|${text}`)
  return node.entries.flatMap(({ key: operator, value: keys }) => {
    if (keys.type !== 'map') return renderAll(keys).map((text) => `${operator}|${text}|${text}`)
    return keys.entries.flatMap(({ key, value }) => conditionLines(operator, key, renderAll(value)))
  })
}

export function conditionLines(operator: string, key: string, values: readonly string[]): string[] {
  if (values.length === 0) return [`${operator}|${key}|`]
  return values.map((value) => `${operator}|${key}|${shownValue(key, value)}`)
}

/** A referer or user agent that a policy asks for is a shared secret: facts hold none. */
function shownValue(key: string, value: string): string {
  return /^aws:(?:referer|useragent)$/i.test(key) && !/^[*?]*$/.test(value) ? '(hidden)' : value
}

/** Every text of a string or list; what only a run knows stands as `${…}`. */
export function renderAll(node: ValueNode | undefined): string[] {
  switch (node?.type) {
    case 'string':
      return [node.value]
    case 'list':
      return node.items.flatMap(renderAll)
    case 'plain':
      return node.value === null ? [] : [String(node.value)]
    case 'expression':
      return [placeholder(node.text)]
    case 'map':
      return [intrinsic(node) ?? placeholder('object')]
    default:
      return []
  }
}

function placeholder(text: string): string {
  return text.startsWith('${') ? text : `\${${text}}`
}

/** CloudFormation's functions as far as their text shows what comes out. */
function intrinsic(node: MapNode): string | undefined {
  const [entry, ...others] = node.entries
  if (!entry || others.length > 0) return undefined
  const { key, value } = entry
  if (key === 'Ref') return placeholder(textOf(value) ?? 'Ref')
  if (key === 'Fn::GetAtt') return placeholder(renderAll(value).join('.'))
  if (key === 'Fn::Sub') return value.type === 'list' ? textOf(value.items[0]) : textOf(value)
  if (key === 'Fn::Join' && value.type === 'list') return renderAll(value.items[1]).join(textOf(value.items[0]) ?? '')
  return key.startsWith('Fn::') ? placeholder(key) : undefined
}

/** Trust if it lets somebody assume a role, resource if it names principals otherwise, else identity. */
export function kindOf(statements: readonly Statement[]): PolicyKind {
  const open = statements.filter((each) => each.principals.length > 0 || each.notPrincipals.length > 0)
  if (open.length === 0) return 'identity'
  const assumes = open.some((each) =>
    each.actions.some((action) => /^sts:(assumerole|tagsession|setsource|\*)/i.test(action)),
  )
  return assumes ? 'trust' : 'resource'
}

/** First 16 hexadecimal digits of SHA-256 over the statement in a canonical form: order and letter case of actions do not count. */
export function statementHash(statement: Statement): string {
  const sorted = (values: readonly string[]) => [...new Set(values)].sort()
  const lower = (values: readonly string[]) => sorted(values.map((value) => value.toLowerCase()))
  const canonical = [
    statement.effect ?? '',
    lower(statement.actions),
    lower(statement.notActions),
    sorted(statement.resources),
    sorted(statement.notResources),
    sorted(statement.principals),
    sorted(statement.notPrincipals),
    sorted(statement.conditions),
  ]
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex').slice(0, 16)
}

/** What a fact says of a statement, given the document that it belongs to. */
export function statementFields(
  statement: Statement,
  document: Pick<StatementFields, 'policy' | 'policyName' | 'policyKind' | 'managedBy' | 'accountId' | 'owner'> & {
    readonly unattached?: boolean
  },
): StatementFields {
  const { effect, ...rest } = statement
  return { unattached: false, ...document, ...rest, effect: effect ?? UNKNOWN, hash: statementHash(statement) }
}

/** What of a statement is not known, by field, with the placeholders that are why. */
export function unresolvedParts(statement: Statement): { fields: string[]; texts: string[] } {
  const parts: readonly (readonly [field: string, texts: readonly string[]])[] = [
    ['effect', statement.effect === undefined ? ['effect'] : []],
    ['actions', statement.actions.filter(hasPlaceholder)],
    ['notActions', statement.notActions.filter(hasPlaceholder)],
    ['resources', statement.resources.filter(couldBeAnything)],
    ['notResources', statement.notResources.filter(couldBeAnything)],
    ['principals', statement.principals.filter((text) => couldBeAnything(text.slice(text.indexOf(':') + 1)))],
    ['notPrincipals', statement.notPrincipals.filter((text) => couldBeAnything(text.slice(text.indexOf(':') + 1)))],
    ['conditions', statement.conditions.map((text) => text.split('|').slice(2).join('|')).filter(couldBeAnything)],
  ]
  const missing = parts.filter(([, texts]) => texts.length > 0)
  return { fields: missing.map(([field]) => field), texts: missing.flatMap(([, texts]) => texts) }
}
