import { iamStatement } from '../../facts/iam.ts'
import { type Fact, fact, type Gap } from '../../model.ts'
import type { SourceFile } from '../../sources/source-file.ts'
import { type Statement, statementFields, unresolvedParts } from './statement.ts'

/** What a document is, besides its statements: the fields of iam.statement that all of them share. */
export type DocumentFields = Pick<
  Parameters<typeof statementFields>[1],
  'policy' | 'policyName' | 'policyKind' | 'managedBy' | 'accountId' | 'owner'
> & { readonly unattached?: boolean }
export interface PlacedStatement {
  readonly statement: Statement
  readonly start: number
  readonly end: number
}

/**
 * The facts of a document in a file. What only a deployment knows is a gap, limited to the fields that it touches; `because` gives
 * its reason for the placeholders.
 */
export function* statementFacts(
  source: SourceFile,
  document: DocumentFields,
  statements: readonly PlacedStatement[],
  gap: (gap: Gap) => void,
  because: (texts: readonly string[]) => string = () => 'value known at run time only',
): Generator<Fact> {
  const fields = new Set<string>()
  const texts = new Set<string>()
  for (const { statement, start, end } of statements) {
    const missing = unresolvedParts(statement)
    for (const field of missing.fields) fields.add(field)
    for (const text of missing.texts) texts.add(text)
    yield fact(iamStatement, source.scope, source.location(start, end), statementFields(statement, document))
  }
  if (fields.size === 0) return
  const named = [...texts].slice(0, 3).map(shorten).join(', ') + (texts.size > 3 ? ', …' : '')
  gap(
    source.gap({
      kind: iamStatement.kind,
      fields: [...fields],
      class: 'limit',
      reason: because([...texts]),
      detail: `${named} in ${String(document.policyName)}: audit the live account, or write the value`,
      offset: statements[0]?.start ?? 0,
    }),
  )
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`
}
