import { iamAttachment, iamStatement, iamUser } from '../../facts/iam.ts'
import { iamApplied } from '../../facts/iam-applied.ts'
import { hasPlaceholder } from '../../facts/iam-placeholder.ts'
import { iamSensitiveAccess } from '../../facts/iam-sensitive-access.ts'
import { globMatches } from '../../glob.ts'
import { type DataOf, type Derivation, type Fact, fact, isFact, UNKNOWN } from '../../model.ts'
import { DESTRUCTIVE, MANAGED_ADMIN, MANAGED_BY_AWS } from '../../reference/iam-sensitive.ts'
import { append } from '../grouping.ts'
import { Applied } from './applied.ts'
import { anyOf, type Condition, readConditions, requiresMfa, type Tri } from './conditions.ts'
import { takeEverything } from './resources.ts'

type Statement = DataOf<typeof iamStatement>
type Attachment = Fact<typeof iamAttachment>

/**
 * What users and groups may destroy in a session without MFA. Rights that come through a group are the group's. Roles are not
 * judged: whoever assumes one was asked at its trust. People of IAM Identity Center come as roles, and their MFA is not seen here.
 */
export const findSensitiveAccess: Derivation = {
  id: 'iam-sensitive-access',
  from: [iamStatement, iamAttachment],
  optional: [iamApplied, iamUser],
  emits: [iamSensitiveAccess],
  derive(facts) {
    const documents = new Map<string, Statement[]>()
    const held = new Map<string, Attachment[]>()
    const passwords = new Map<string, boolean | undefined>()
    for (const each of facts) {
      if (isFact(iamStatement, each)) append(documents, each.data.policy ?? '', each.data)
      if (isFact(iamUser, each)) passwords.set(each.data.arn ?? '', each.data.hasPassword)
      if (isFact(iamAttachment, each) && each.data.principalKind !== 'role' && !each.data.boundary)
        append(held, each.data.principalArn ?? '', each)
    }
    const applied = new Applied(facts)
    return { facts: [...held.values()].flatMap((each) => accessOf(each, documents, passwords, applied)), gaps: [] }
  },
}

function accessOf(
  held: readonly Attachment[],
  documents: ReadonlyMap<string, readonly Statement[]>,
  passwords: ReadonlyMap<string, boolean | undefined>,
  applied: Applied,
): Fact[] {
  const own = held.filter(({ data }) => !data.via?.startsWith('arn:'))
  const [first] = own
  if (!first || own.every((each) => applied.hasAttachment(each))) return []
  const { principalArn = '', principalName, principalKind } = first.data
  const statementsOf = (list: readonly Attachment[]) =>
    list.flatMap(({ data }) => documents.get(data.policy ?? '') ?? [])
  // A Deny that a group brings counts for its members, too.
  const denies = statementsOf(held).filter((each) => each.effect === 'Deny')
  const allows = statementsOf(own).filter((each) => each.effect === 'Allow')
  const admin = own.some(({ data }) => !documents.has(data.policy ?? '') && MANAGED_ADMIN.test(data.policy ?? ''))
  const reached = DESTRUCTIVE.filter((action) => admin || allows.some((each) => allowsFreely(each, action)))
  const withoutMfa = reached.filter((action) => !denies.some((each) => deniesWithoutMfa(each, action)))
  const live = first.scope.startsWith('aws:')
  // A document that was asked for and not seen may deny; AWS's own only allow.
  const unseen =
    live && held.some(({ data }) => !documents.has(data.policy ?? '') && !MANAGED_BY_AWS.test(data.policy ?? ''))
  const isUser = principalKind === 'user'
  return [
    fact(iamSensitiveAccess, first.scope, first.at, {
      principalArn,
      principalName: principalName ?? UNKNOWN,
      principalKind: principalKind ?? UNKNOWN,
      human: isUser ? (passwords.get(principalArn) ?? UNKNOWN) : true,
      withoutMfa: unseen ? UNKNOWN : shorten(withoutMfa),
      assumptions: live
        ? ['service control, resource and session policies were not looked at']
        : ['only the policies that the files show count'],
    }),
  ]
}

function allowsFreely(statement: Statement, action: string): boolean {
  return covers(statement, action) === true && !requiresMfa(readConditions(statement.conditions ?? []))
}

function covers({ actions = [], notActions = [] }: Statement, action: string): Tri {
  const truth = (patterns: readonly string[]) =>
    anyOf(
      patterns.map(
        (each): Tri => (hasPlaceholder(each) ? 'unknown' : globMatches(each.toLowerCase(), action.toLowerCase())),
      ),
    )
  if (actions.length > 0) return truth(actions)
  if (notActions.length === 0) return false
  const excluded = truth(notActions)
  return excluded === 'unknown' ? excluded : !excluded
}

/** A Deny of the action on everything, whose only condition is that there is no MFA, or none at all. */
function deniesWithoutMfa(statement: Statement, action: string): boolean {
  if (covers(statement, action) !== true || takeEverything(statement.resources ?? []) !== true) return false
  const conditions = readConditions(statement.conditions ?? [])
  return conditions.every(holdsWithoutMfa)
}

/** Long-term keys lack the keys about MFA: only a condition that holds without them denies those. */
function holdsWithoutMfa({ operator, key, values, ifExists }: Condition): boolean {
  const all = (text: string) => values.length > 0 && values.every((value) => value.toLowerCase() === text)
  if (key === 'aws:multifactorauthpresent') {
    return (operator === 'bool' && ifExists && all('false')) || (operator === 'null' && all('true'))
  }
  if (key !== 'aws:multifactorauthage') return false
  return (operator === 'null' && all('true')) || (ifExists && /^numericgreaterthan(?:equals)?$/.test(operator))
}

function shorten(names: readonly string[]): readonly string[] {
  return names.length <= 20 ? names : [...names.slice(0, 20), `and ${names.length - 20} more`]
}
