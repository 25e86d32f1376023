import { iamRole, iamStatement } from '../../facts/iam.ts'
import { type Fact, fact, type Gap, UNKNOWN } from '../../model.ts'
import { JsonError, parseJson, parseJsonLines } from '../../sources/json-positions.ts'
import { get, type MapNode, textOf, type ValueNode } from '../../sources/value-node.ts'
import { attachmentFact, type PrincipalKind } from './attachment.ts'
import { type FoundDocument, findDocuments, mayHoldPolicy, nameAround, unreadDocument } from './policy-document.ts'
import { type SourceFile, statementFacts } from './source-file.ts'
import { kindOf, type PolicyKind, readStatement, renderAll } from './statement.ts'
import { type TemplateEntry, templateResources } from './template-resources.ts'
import { readWorkloads, WORKLOAD_WORDS } from './workloads.ts'

/** Reads the policies of a JSON file: a bare document, CloudFormation, what the AWS command line prints, anything around one. */
export function* readJsonFile(source: SourceFile, gap: (gap: Gap) => void): Generator<Fact> {
  if (!mayHoldPolicy(source.text) && !WORKLOAD_WORDS.test(source.text)) return
  const templates = /\.(?:tpl|tftpl|tmpl|tf\.json)$/i.test(source.path)
  let root: ValueNode
  try {
    root = parseDocuments(source.text, templates)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    if (mayHoldPolicy(source.text))
      gap(source.gap({ kind: iamStatement.kind, ...unreadDocument(error, source.text, error.offset) }))
    return
  }
  const { found, unread } = findDocuments(root, templates)
  for (const each of unread) gap(source.gap({ kind: iamStatement.kind, ...each }))
  for (const document of found) yield* readDocument(source, document, gap)
  yield* readTemplateAttachments(source, root)
  yield* readWorkloads(templateResources(source, entriesOf(source, root)), gap)
}

function entriesOf(source: SourceFile, root: ValueNode): TemplateEntry[] {
  const resources = get(root, 'Resources')
  if (resources?.type !== 'map') return []
  return resources.entries.flatMap(({ key: name, value: node }) => {
    const [type, properties] = [textOf(get(node, 'Type')), get(node, 'Properties')]
    if (type === undefined || properties?.type !== 'map') return []
    return [{ name, type, node, properties, id: templateAddress(source, name) }]
  })
}

/** One document, or one on each line. */
function parseDocuments(text: string, templates: boolean): ValueNode {
  const options = { templates, originsFor: 'Statement' }
  try {
    return parseJson(text, options)
  } catch (error) {
    if (!(error instanceof JsonError) || !error.message.startsWith('unexpected text after')) throw error
    return parseJsonLines(text, options)
  }
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

const CONTROL_TYPES = new Set(['AWS::EC2::VPCEndpoint', 'AWS::Organizations::Policy'])
/** Service and resource control policies have no shape of their own; repositories of them say so in their paths. */
const CONTROL_PATH = /(?:^|[/_.-])(?:scps?|rcps?|service[-_]?control|resource[-_]?control)(?:[/_.-]|$)/i

function kindAround(source: SourceFile, { path, around }: FoundDocument): PolicyKind | undefined {
  if (/^assume_?role_?policy/i.test(path.at(-1) ?? '')) return 'trust'
  if (around.some((map) => CONTROL_TYPES.has(textOf(get(map, 'Type')) ?? ''))) return 'control'
  return CONTROL_PATH.test(source.path) ? 'control' : undefined
}

function templateAddress(source: SourceFile, logical: string): string {
  return `file:${source.path}#/Resources/${logical}`
}

const PRINCIPAL_TYPES: Readonly<Record<string, PrincipalKind>> = {
  'AWS::IAM::Role': 'role',
  'AWS::IAM::User': 'user',
  'AWS::IAM::Group': 'group',
}

/** CloudFormation's principals, the managed policies that they name by ARN, and the documents inside them. */
function* readTemplateAttachments(source: SourceFile, root: ValueNode): Generator<Fact> {
  const resources = get(root, 'Resources')
  if (resources?.type !== 'map') return
  for (const { key, value } of resources.entries) {
    const principalKind = PRINCIPAL_TYPES[textOf(get(value, 'Type')) ?? '']
    const properties = get(value, 'Properties')
    if (!principalKind || properties?.type !== 'map' || value.type !== 'map') continue
    const principalArn = templateAddress(source, key)
    if (principalKind === 'role') yield roleFact(source, principalArn, key, value, properties)
    for (const policy of renderAll(get(properties, 'ManagedPolicyArns')).filter((arn) => arn.startsWith('arn:'))) {
      const at = get(properties, 'ManagedPolicyArns') ?? value
      const seen = { policy: withPartition(policy), principalArn, principalKind, via: 'direct', boundary: false }
      yield attachmentFact(source.scope, source.location(at.start, at.end), seen)
    }
    const inline = get(properties, 'Policies')
    for (const { node, path, around } of inline ? findDocuments(inline, false).found : []) {
      const policy = documentId(source, {
        node,
        statements: [],
        around,
        path: ['Resources', key, 'Properties', 'Policies', ...path],
      })
      const seen = { policy, principalArn, principalKind, via: 'inline', boundary: false }
      yield attachmentFact(source.scope, source.location(node.start, node.end), seen)
    }
  }
}

/** `arn:${AWS::Partition}:iam::aws:policy/X` is the same policy in each partition. */
export function withPartition(arn: string): string {
  return arn.replace(/^arn:\$\{[^}]*partition[^}]*\}:/i, 'arn:aws:')
}

function roleFact(source: SourceFile, arn: string, logical: string, node: MapNode, properties: MapNode): Fact {
  return fact(iamRole, source.scope, source.location(node.start, node.end), {
    arn,
    name: textOf(get(properties, 'RoleName')) ?? logical,
    accountId: '',
    path: textOf(get(properties, 'Path')) ?? '/',
    serviceLinked: false,
    lastUsedDays: UNKNOWN,
    createdDays: UNKNOWN,
  })
}
