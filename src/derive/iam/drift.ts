import { iamAttachment, iamRole, iamStatement, iamUser } from '../../facts/iam.ts'
import { iamDeclaration } from '../../facts/iam-declaration.ts'
import { iamDrift } from '../../facts/iam-drift.ts'
import { hasPlaceholder } from '../../facts/iam-placeholder.ts'
import { type Derivation, type Fact, fact, type Gap, isFact } from '../../model.ts'
import { MADE_BY_AWS } from '../../reference/iam-sensitive.ts'
import { type Declaration, Declared, isLive, readThing, type Statement, type Thing } from './declared.ts'

/**
 * Where code and account differ. Whoever audits an account from a repository that declares nothing of it is told nothing: at
 * least one thing must be in both.
 */
export const findDrift: Derivation = {
  id: 'iam-drift',
  from: [iamDeclaration, iamStatement, iamAttachment, iamRole, iamUser],
  emits: [iamDrift],
  derive(facts, gaps) {
    const derived: Fact[] = []
    const added: Gap[] = []
    const declarations = facts.filter((each): each is Declaration => isFact(iamDeclaration, each) && !isLive(each))
    const declared = new Declared(facts)
    if (declared.isEmpty) return { facts: [], gaps: [] }
    for (const [scope, things] of thingsByAccount(facts)) {
      const known = things.filter((thing) => declared.candidates(thing).length > 0)
      if (known.length === 0) continue
      const declaredPercent = Math.floor((100 * known.length) / things.length)
      const make = (where: string, thing: Omit<Thing, 'path'>, declaration: Declaration | undefined) => {
        const { arn, name, type, accountId } = thing
        const seen = { resource: arn, name, type, where, accountId, declaredPercent }
        const at = declaration && 'file' in declaration.at ? declaration.at : undefined
        const place = where === 'code' && at ? at : { resource: arn, ...(at && { declaredAt: at }) }
        derived.push(fact(iamDrift, scope, place, { ...seen, declaration: declaration?.data.id ?? '' }))
      }
      const unnamed = new Set(declarations.filter(hasNoName).map(({ data }) => data.type))
      for (const thing of things.filter((each) => !known.includes(each) && !unnamed.has(each.type)))
        make('account', thing, undefined)
      if (unnamed.size > 0) added.push(unnamedGap(scope, declarations.filter(hasNoName)))
      for (const thing of known) {
        const declaration = declared.declarationOf(thing)
        if (declaration && differs(thing, declaration, declared)) make('differs', thing, declaration)
      }
      // What was not told may be in the account.
      if (gaps.some((gap) => hides(gap, scope))) continue
      const accountId = known[0]?.accountId ?? ''
      const inBoth = new Set(known.flatMap((thing) => declared.candidates(thing)))
      for (const each of declarations.filter((one) => !inBoth.has(one) && !hasNoName(one))) {
        const { id = '', name = '', type = '' } = each.data
        if (each.data.accountId && each.data.accountId !== accountId) continue
        make('code', { arn: id, name, type, accountId }, each)
      }
    }
    return { facts: derived, gaps: added }
  },
}

function hasNoName({ data }: Declaration): boolean {
  return !data.name || hasPlaceholder(data.name)
}

/** The users, groups, roles and policies of each account, as far as somebody made them. */
function thingsByAccount(facts: readonly Fact[]): Map<string, Thing[]> {
  const accounts = new Map<string, Map<string, Thing>>()
  for (const each of facts) {
    if (!isLive(each)) continue
    const thing = readThing(arnOf(each))
    if (!thing || MADE_BY_AWS.test(`${thing.path}${thing.name}`)) continue
    const account = accounts.get(each.scope) ?? new Map<string, Thing>()
    accounts.set(each.scope, account.set(thing.arn, thing))
  }
  return new Map([...accounts].map(([scope, things]) => [scope, [...things.values()]]))
}

function arnOf(each: Fact): string {
  if (isFact(iamRole, each) || isFact(iamUser, each)) return each.data.arn ?? ''
  if (isFact(iamStatement, each)) return (each.data.policy ?? '').split('#')[0] ?? ''
  return isFact(iamAttachment, each) ? (each.data.principalArn ?? '') : ''
}

/** Sets of statements, as far as the file shows all of a kind without a placeholder; what it does not show is no difference. */
function differs(thing: Thing, declaration: Declaration, declared: Declared): boolean {
  const live = declared.liveStatementsOf(thing)
  const written = declared.statementsOf(declaration)
  return ['trust', 'identity'].some((kind) => {
    if (written.some((each) => each.data.policyKind === kind && hasUnknownPart(each))) return false
    const [inCode, inAccount] = [hashesOf(written, kind), hashesOf(live, kind)]
    if (inCode.size === 0) return false
    if ([...inCode].some((hash) => !inAccount.has(hash))) return true
    // Inline policies of a principal may stand in a module that is not here; a trust or a managed policy is one document.
    return (thing.type === 'policy' || kind === 'trust') && [...inAccount].some((hash) => !inCode.has(hash))
  })
}

function hashesOf(statements: readonly Statement[], kind: string): Set<string> {
  return new Set(statements.filter(({ data }) => data.policyKind === kind).map(({ data }) => data.hash ?? ''))
}

function hasUnknownPart({ data, unknown }: Statement): boolean {
  const lists = Object.values(data).filter((value): value is readonly string[] => Array.isArray(value))
  return unknown.length > 0 || lists.some((list) => list.some(hasPlaceholder))
}

function hides({ kind, scope, fields }: Gap, account: string): boolean {
  const kinds = [iamRole.kind, iamUser.kind, iamStatement.kind, iamAttachment.kind] as readonly string[]
  return kinds.includes(kind) && !fields && (scope === 'aws:' || scope === account || scope.startsWith(`${account}/`))
}

function unnamedGap(scope: string, declarations: readonly Declaration[]): Gap {
  const ids = declarations.slice(0, 3).map(({ data }) => data.id)
  const more = declarations.length > 3 ? ` and ${declarations.length - 3} more` : ''
  return {
    kind: iamDrift.kind,
    scope,
    class: 'limit',
    reason: 'name known at run time only',
    detail: `${ids.join(', ')}${more}: their names in the account are not written, so that others of their type may be they`,
  }
}
