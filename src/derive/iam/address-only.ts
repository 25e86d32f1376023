import { iamStatement } from '../../facts/iam.ts'
import { iamApplied } from '../../facts/iam-applied.ts'
import { iamAddressOnly } from '../../facts/iam-openings.ts'
import { type DataOf, type Derivation, type Fact, fact, isFact, UNKNOWN } from '../../model.ts'
import { SECRET_READS } from '../../reference/iam-sensitive.ts'
import { type ActionSet, actionSet, fullName, matters } from './actions.ts'
import { Applied } from './applied.ts'
import { anyOf, bindsWho, type Condition, limits, readConditions, type Tri } from './conditions.ts'
import { takeEverything } from './resources.ts'
import { and, asField, not } from './tri.ts'

type Statement = DataOf<typeof iamStatement>

const ADDRESS_KEYS: ReadonlySet<string> = new Set(['aws:sourceip', 'aws:vpcsourceip'])

/** Statements that only a list of addresses restricts: whoever is in the network, or behind its exit, gets in. */
export const findAddressOnly: Derivation = {
  id: 'iam-address-only',
  from: [iamStatement],
  optional: [iamApplied],
  emits: [iamAddressOnly],
  derive(facts) {
    const applied = new Applied(facts)
    const found = facts.flatMap((each) => {
      if (!isFact(iamStatement, each) || applied.hasStatement(each) || each.data.effect === 'Deny') return []
      if (each.data.policyKind === 'control' || each.data.managedBy === 'aws') return []
      const conditions = readConditions(each.data.conditions ?? [])
      const addresses = conditions.filter(({ key, operator }) => ADDRESS_KEYS.has(key) && operator === 'ipaddress')
      if (addresses.length === 0) return []
      return judge(each, conditions, addresses, actionSet())
    })
    return { facts: found, gaps: [] }
  },
}

function judge(
  { data, scope, at }: Fact<typeof iamStatement>,
  conditions: readonly Condition[],
  addresses: readonly Condition[],
  actions: ActionSet,
): Fact[] {
  const others = conditions.filter((each) => !addresses.includes(each))
  const allows: Tri = data.effect === undefined ? 'unknown' : true
  const open = data.policyKind !== 'identity'
  if (open && !(data.principals ?? []).includes('AWS:*')) return []
  const restricted = anyOf(others.map(open ? bindsWho : limits))
  const wide = open ? true : and(takeEverything(data.resources ?? []), isSensitive(data, actions))
  // All addresses are none, a condition without effect; and an empty list lets nobody in.
  const narrows = addresses.some((each) => limits(each) !== false && each.values.some((value) => value !== ''))
  if (!narrows || wide === false) return []
  return [
    fact(iamAddressOnly, scope, at, {
      policy: data.policy ?? UNKNOWN,
      policyName: data.policyName ?? UNKNOWN,
      policyKind: data.policyKind ?? UNKNOWN,
      hash: data.hash ?? UNKNOWN,
      onlyAddress: asField(and(allows, wide, not(restricted))),
      addresses: [...new Set(addresses.flatMap(({ values }) => values))].sort(),
      what: open ? 'who gets in' : 'what is allowed on every resource',
    }),
  ]
}

/** Whether it allows to change permissions, or to read secrets or data in bulk. */
function isSensitive({ actions: written = [], notActions = [] }: Statement, actions: ActionSet): boolean {
  if (notActions.length > 0) return true
  return [...actions.union(written)].some((action) => matters(action) || SECRET_READS.has(fullName(action)))
}
