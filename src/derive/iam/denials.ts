import type { iamStatement } from '../../facts/iam.ts'
import { hasPlaceholder } from '../../facts/iam-placeholder.ts'
import type { DataOf, Fact } from '../../model.ts'
import type { IamAction } from '../../reference/iam-actions.ts'
import type { ActionSet } from './actions.ts'
import { takeEverything } from './resources.ts'

type StatementFact = Fact<typeof iamStatement>

const NOTHING: ReadonlySet<IamAction> = new Set()

/** What a document denies on everything, unconditionally: whoever holds what it allows holds that, too. */
export class Denials {
  readonly #byDocument = new Map<string, ReadonlySet<IamAction>>()

  constructor(statements: readonly StatementFact[], actions: ActionSet) {
    for (const statement of statements) {
      if (!deniesForAll(statement.data)) continue
      const key = documentOf(statement)
      this.#byDocument.set(key, new Set([...(this.#byDocument.get(key) ?? []), ...deniedBy(statement.data, actions)]))
    }
  }

  /** The actions that the statement's own document denies. */
  beside(statement: StatementFact): ReadonlySet<IamAction> {
    return this.#byDocument.get(documentOf(statement)) ?? NOTHING
  }
}

/** Whether nothing is left of what a pattern covers; an action that is not known is not known to be denied. */
export function isDenied(covered: readonly IamAction[], denied: ReadonlySet<IamAction>): boolean {
  return covered.length > 0 && covered.every((action) => denied.has(action))
}

function documentOf({ scope, data }: StatementFact): string {
  return `${scope} ${data.policy ?? ''}`
}

function deniesForAll({ effect, policyKind, resources = [], conditions = [] }: DataOf<typeof iamStatement>): boolean {
  return effect === 'Deny' && policyKind === 'identity' && conditions.length === 0 && takeEverything(resources) === true
}

function deniedBy(
  { actions: written = [], notActions = [] }: DataOf<typeof iamStatement>,
  actions: ActionSet,
): Iterable<IamAction> {
  if (notActions.length === 0) return actions.union(written)
  if (notActions.some(hasPlaceholder)) return []
  const spared = actions.union(notActions)
  return [...actions.all()].filter((action) => !spared.has(action))
}
