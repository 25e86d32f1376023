import { iamStatement } from '../../facts/iam.ts'
import type { Fact, Gap } from '../../model.ts'
import type { SourceFile } from '../../sources/source-file.ts'
import { findCodeLiterals, mayHoldLiteral } from './code-literals.ts'
import { findDocuments } from './policy-document.ts'
import { kindOf, readStatement } from './statement.ts'
import { statementFacts } from './statement-facts.ts'

/** Gaps that are told one by one for a file. */
const MAX_UNREAD = 20

/** Reads the policy documents that are written out in a program. What the program puts together is a gap. */
export function* readCodeFile(source: SourceFile, gap: (gap: Gap) => void): Generator<Fact> {
  if (!mayHoldLiteral(source.text)) return
  const { documents, unread } = findCodeLiterals(source.text)
  for (const [at, { offset, message }] of unread.slice(0, MAX_UNREAD).entries()) {
    const more = at === MAX_UNREAD - 1 && unread.length > MAX_UNREAD ? `, and ${unread.length - MAX_UNREAD} more` : ''
    const detail = `a policy that the program puts together (${message})${more}`
    gap(source.gap({ kind: iamStatement.kind, class: 'limit', reason: 'policy built by code', detail, offset }))
  }
  const seen = new Map<string, number>()
  for (const { node, name } of documents) {
    for (const document of findDocuments(node, true).found) {
      const statements = document.statements.map((each) => ({
        statement: readStatement(each),
        start: each.start,
        end: each.end,
      }))
      // Several documents of one name are told apart by their order: lines would change with every edit.
      const count = (seen.get(name) ?? 0) + 1
      seen.set(name, count)
      const policyKind = kindOf(statements.map(({ statement }) => statement))
      yield* statementFacts(
        source,
        {
          policy: `file:${source.path}#${name}${count > 1 ? `/${count}` : ''}`,
          policyName: name || source.path.slice(source.path.lastIndexOf('/') + 1),
          policyKind,
          managedBy: 'file',
          accountId: '',
          owner: '',
        },
        statements,
        gap,
      )
    }
  }
}
