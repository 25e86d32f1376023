import { iamStatement } from '../../facts/iam.ts'
import type { Fact, Gap } from '../../model.ts'
import type { SourceFile } from '../../sources/source-file.ts'
import { get, textOf, type ValueNode } from '../../sources/value-node.ts'
import { type FoundDocument, findDocuments, nameAround } from './policy-document.ts'
import { kindOf, type PolicyKind, readStatement } from './statement.ts'
import { statementFacts } from './statement-facts.ts'

/** Documents wherever they stand in a value. */
export function* readLooseDocuments(
  source: SourceFile,
  root: ValueNode,
  gap: (gap: Gap) => void,
  templates: boolean,
): Generator<Fact> {
  const { found, unread } = findDocuments(root, templates)
  for (const each of unread) gap(source.gap({ kind: iamStatement.kind, ...each }))
  for (const document of found) yield* readDocument(source, document, gap)
}

function* readDocument(source: SourceFile, document: FoundDocument, gap: (gap: Gap) => void): Generator<Fact> {
  const statements = document.statements.map((node) => ({
    statement: readStatement(node),
    start: node.start,
    end: node.end,
  }))
  const arn = arnAround(document)
  const kind = kindAround(source, document) ?? kindOf(statements.map(({ statement }) => statement))
  yield* statementFacts(
    source,
    {
      policy: documentId(source, document),
      policyName: nameAround(document) ?? logicalName(document) ?? baseName(source.path),
      policyKind: kind,
      managedBy: 'file',
      accountId: arn.split(':')[4] ?? '',
      owner: kind === 'trust' ? ownerOf(source, document, arn) : '',
    },
    statements,
    gap,
  )
}

/** `file:PATH#/KEY/KEY`: list items are passed over, since their order means nothing. */
function documentId(source: SourceFile, { path, node, around }: FoundDocument): string {
  const name = [node, ...around.toReversed().slice(0, 1)].map((map) => textOf(get(map, 'PolicyName'))).find(Boolean)
  return `file:${source.path}#${path.map((key) => `/${key}`).join('')}${name ? `/${name}` : ''}`
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** CloudFormation: the key below `Resources`. */
function logicalName({ path }: FoundDocument): string | undefined {
  const at = path.indexOf('Resources')
  return at >= 0 ? path[at + 1] : undefined
}

/** The ARN beside the document, as in what `aws iam get-role` prints. */
function arnAround({ around }: FoundDocument): string {
  for (const map of around.toReversed()) {
    const arn = textOf(get(map, 'Arn'))
    if (arn?.startsWith('arn:')) return arn
  }
  return ''
}

function ownerOf(source: SourceFile, document: FoundDocument, arn: string): string {
  const logical = logicalName(document)
  return arn || (logical ? templateAddress(source, logical) : '')
}

/** Service and resource control policies have no shape of their own; repositories of them say so in their paths. */
const CONTROL_PATH = /(?:^|[/_.-])(?:scps?|rcps?|service[-_]?control|resource[-_]?control)(?:[/_.-]|$)/i

function kindAround(source: SourceFile, { path }: FoundDocument): PolicyKind | undefined {
  if (/^assume_?role_?policy/i.test(path.at(-1) ?? '')) return 'trust'
  return CONTROL_PATH.test(source.path) ? 'control' : undefined
}

function templateAddress(source: SourceFile, logical: string): string {
  return `file:${source.path}#/Resources/${logical}`
}
