import { couldBeAnything, hasPlaceholder, replacePlaceholders } from '../../facts/iam-placeholder.ts'
import { globMatches } from '../../glob.ts'
import {
  ALWAYS_PRESENT,
  BIND_WHO,
  CHOSEN_BY_CALLER,
  IDENTITY_KEYS,
  IDENTITY_LISTS,
  LIST_KEYS,
  NO_LIMIT,
} from '../../reference/iam-keys.ts'
import { isEveryAddress } from '../../reference/networks.ts'

/** One condition of a statement: an operator, a key, and values of which one must hold. */
export interface Condition {
  /** Lower case, without set quantifier and `IfExists`: `stringlike`. */
  readonly operator: string
  readonly quantifier: 'forallvalues' | 'foranyvalue' | undefined
  readonly ifExists: boolean
  /** Lower case. */
  readonly key: string
  readonly values: readonly string[]
  /** As written, for people: `StringLike aws:PrincipalArn *`. */
  readonly text: string
}
/** Three-valued, since values of a deployment are not in its files. */
export type Tri = boolean | 'unknown'

/** Reads the lines of iam.statement. */
export function readConditions(lines: readonly string[]): Condition[] {
  const groups = new Map<string, { operator: string; key: string; values: string[] }>()
  for (const line of lines) {
    const [operator = '', key = '', ...rest] = line.split('|')
    const id = `${operator.toLowerCase()}|${key.toLowerCase()}`
    const group = groups.get(id) ?? { operator, key, values: [] }
    groups.set(id, group)
    group.values.push(rest.join('|'))
  }
  return [...groups.values()].map(({ operator, key, values }) => {
    const [, quantifier, base = '', ifExists] =
      /^(?:(forallvalues|foranyvalue):)?(.*?)(ifexists)?$/i.exec(operator) ?? []
    return {
      operator: base.toLowerCase(),
      quantifier: quantifier?.toLowerCase() as Condition['quantifier'],
      ifExists: ifExists !== undefined,
      key: key.toLowerCase(),
      values,
      text: `${operator} ${key} ${values.join(', ')}`,
    }
  })
}

const PATTERN_OPERATORS = new Set(['stringlike', 'arnlike', 'arnequals'])
const POSITIVE = new Set([
  'stringequals',
  'stringequalsignorecase',
  'stringlike',
  'arnequals',
  'arnlike',
  'ipaddress',
  'bool',
])
/** Principals that nobody has: a pattern that takes all of them takes everybody. */
const ANYBODY = ['arn:aws:iam::909090909090:user/zq7', 'arn:aws:iam::808080808080:role/zq7']

/** Whether the condition holds for everybody: `StringLike *` on a key that is always there, all addresses, true or false. */
export function restrictsNothing(condition: Condition): boolean {
  const { operator, key, values } = condition
  if (operator === 'null') return ALWAYS_PRESENT.has(key) && values.every((value) => value.toLowerCase() === 'false')
  if (operator === 'bool') return new Set(values.map((value) => value.toLowerCase())).size === 2
  if (operator === 'ipaddress') return values.some(isEveryAddress)
  if (!PATTERN_OPERATORS.has(operator)) return false
  const takesAnything = values.some(
    (value) => /^\*+$/.test(value) || (key === 'aws:principalarn' && takesAnybody(value)),
  )
  const holdsWithoutKey = condition.ifExists || condition.quantifier === 'forallvalues'
  return takesAnything && (holdsWithoutKey || ALWAYS_PRESENT.has(key) || CHOSEN_BY_CALLER.has(key))
}

function takesAnybody(pattern: string): boolean {
  return ANYBODY.every((arn) => globMatches(pattern, arn))
}

/** Whether the condition makes a grant on everything less than that. */
export function limits(condition: Condition): Tri {
  if (restrictsNothing(condition) || NO_LIMIT.has(condition.key)) return false
  if (hasPlaceholder(condition.operator) || condition.values.some(couldBeAnything)) return 'unknown'
  return true
}

export function anyLimits(conditions: readonly Condition[]): Tri {
  return anyOf(conditions.map(limits))
}

/** Whether the condition says who may call: what keeps a principal of `*` from being the public. */
export function bindsWho(condition: Condition): Tri {
  const { operator, key, values, quantifier, ifExists } = condition
  if (!BIND_WHO.has(key) || !POSITIVE.has(operator) || quantifier === 'forallvalues' || ifExists) return false
  if (restrictsNothing(condition)) return false
  if (values.some(couldBeAnything)) return 'unknown'
  if (!PATTERN_OPERATORS.has(operator)) return values.length > 0
  return values.length > 0 && !values.some((value) => isOpenPattern(value, key))
}

/** A pattern that names no account and nothing that only one account has. */
function isOpenPattern(value: string, key: string): boolean {
  const plain = replacePlaceholders(value, 'x')
  // Ids of organisations, endpoints and networks begin alike, and the first part of a user id is its role's.
  if (/^(?:o|vpce?)-[*?]/.test(plain) || (key === 'aws:userid' && /^(?:A[A-Z]{3})?[*?]/.test(plain))) return true
  if (/account$/.test(key)) return /[*?]/.test(plain)
  const parts = plain.split(':')
  if (parts[0] !== 'arn') return /^[*?]*$/.test(plain)
  return (
    /^[*?]*$/.test(parts[4] ?? '') &&
    /^[*?]*$/.test(
      parts
        .slice(5)
        .join(':')
        .replace(/^[a-z-]+[/:]/, ''),
    )
  )
}

export function anyBindsWho(conditions: readonly Condition[]): Tri {
  return anyOf(conditions.map(bindsWho))
}

export function anyOf(truths: readonly Tri[]): Tri {
  if (truths.includes(true)) return true
  return truths.includes('unknown') ? 'unknown' : false
}

/** Whether only a session with MFA passes. Sessions without it have the key as `false`, long-term keys do not have it at all. */
export function requiresMfa(conditions: readonly Condition[]): boolean {
  return conditions.some(({ operator, key, values, ifExists, quantifier }) => {
    if (ifExists || quantifier === 'forallvalues') return false
    if (key === 'aws:multifactorauthpresent')
      return operator === 'bool' && values.every((value) => value.toLowerCase() === 'true')
    if (key !== 'aws:multifactorauthage') return false
    return (
      /^numericlessthan(?:equals)?$/.test(operator) ||
      (operator === 'null' && values.every((value) => value === 'false'))
    )
  })
}

/**
 * Conditions that hold, though the key that they ask for is not there: `ForAllValues` on a single value, `…IfExists` on an
 * identity in an Allow, and in a Deny the plain test for MFA `false`, which long-term keys do not have.
 */
export function bypassable(
  conditions: readonly Condition[],
  effect: 'Allow' | 'Deny',
  isOidcClaim: (key: string) => boolean,
  keyType: (key: string) => string | undefined,
): Condition[] {
  return conditions.filter((condition) => {
    const { operator, key, values, ifExists, quantifier } = condition
    if (restrictsNothing(condition)) return false
    if (effect === 'Deny') {
      const mfaFalse = key === 'aws:multifactorauthpresent' && values.some((value) => value.toLowerCase() === 'false')
      return operator === 'bool' && mfaFalse && !ifExists && quantifier === undefined
    }
    if (quantifier === 'forallvalues') return !mustExist(conditions, key) && !isListKey(key, keyType)
    return ifExists && (IDENTITY_KEYS.has(key) || isOidcClaim(key)) && !mustExist(conditions, key)
  })
}

function isListKey(key: string, keyType: (key: string) => string | undefined): boolean {
  if (IDENTITY_LISTS.has(key)) return false
  if (LIST_KEYS.has(key)) return true
  const type = keyType(key)
  // A key that no list knows may hold several values; that is no finding.
  return type === undefined ? !key.startsWith('aws:') && !key.endsWith(':sub') : type.startsWith('ArrayOf')
}

/** `Null: { key: "false" }` beside it asks for the key. */
function mustExist(conditions: readonly Condition[], key: string): boolean {
  return conditions.some(
    (each) => each.operator === 'null' && each.key === key && each.values.every((value) => value === 'false'),
  )
}
