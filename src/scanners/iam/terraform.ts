import { iamKeyDeclaration, iamRole } from '../../facts/iam.ts'
import { type Fact, fact, type Gap, UNKNOWN } from '../../model.ts'
import type { HclBlock } from '../../sources/hcl.ts'
import { textOf, type ValueNode } from '../../sources/value-node.ts'
import { type FoundDocument, findDocuments } from './policy-document.ts'
import { type PlacedStatement, type SourceFile, statementFacts } from './source-file.ts'
import { kindOf, type PolicyKind, readStatement } from './statement.ts'
import { readAttachments } from './terraform-attachments.ts'
import { readDataStatements, readLambdaPermission } from './terraform-documents.ts'
import { Module, type ModuleFile } from './terraform-module.ts'
import { resourcesOf } from './terraform-resources.ts'
import { readWorkloads, WORKLOAD_TYPES } from './terraform-workloads.ts'

/** A policy document of a module, before it is known what it is used for. */
interface TerraformDocument {
  readonly source: SourceFile
  readonly address: string
  readonly name: string
  readonly statements: readonly PlacedStatement[]
  readonly kind: PolicyKind | undefined
}

/** Reads the policies of one folder of Terraform or OpenTofu files, which are one module and speak of each other. */
export function* readTerraformModule(files: readonly ModuleFile[], gap: (gap: Gap) => void): Generator<Fact> {
  const module = new Module(files)
  for (const { source, hcl } of files) {
    for (const block of hcl.blocks) {
      for (const document of readBlock(source, block, module, gap)) {
        const id = module.documentId(document.address)
        const kind =
          document.kind ?? module.useOf(document.address)?.kind ?? kindOf(document.statements.map((s) => s.statement))
        yield* statementFacts(
          source,
          {
            policy: id ?? `file:${source.path}#${document.address}`,
            policyName: document.name,
            policyKind: kind,
            managedBy: 'file',
            accountId: '',
            owner: module.useOf(document.address)?.owner ?? '',
          },
          document.statements,
          gap,
        )
      }
      yield* readPrincipal(source, block, module)
    }
  }
  yield* readAttachments(module, gap)
  yield* readWorkloads(resourcesOf(module, WORKLOAD_TYPES), gap)
}

function* readBlock(
  source: SourceFile,
  block: HclBlock,
  module: Module,
  gap: (gap: Gap) => void,
): Generator<TerraformDocument> {
  const [label = ''] = block.labels
  const address = addressOf(block)
  if (block.type === 'data' && label === 'aws_iam_policy_document') {
    const statements = readDataStatements(block, module, source, gap)
    yield { source, address, name: block.labels[1] ?? '', statements, kind: undefined }
  } else if (block.type === 'resource' && label === 'aws_lambda_permission') {
    const statements = [readLambdaPermission(block, module)]
    yield { source, address, name: block.labels[1] ?? '', statements, kind: 'resource' }
  } else yield* readEmbedded(source, block, block, address, module, gap)
}

/** Documents in the arguments of any block: `jsonencode`, heredocs and strings. */
function* readEmbedded(
  source: SourceFile,
  block: HclBlock,
  top: HclBlock,
  address: string,
  module: Module,
  gap: (gap: Gap) => void,
): Generator<TerraformDocument> {
  for (const [attribute, value] of block.attributes) {
    const { found, unread } = findDocuments(value, true)
    for (const each of unread) gap(source.gap({ kind: 'iam.statement', ...each }))
    for (const document of found) {
      const statements = document.statements.map((node) => ({
        statement: readStatement(module.resolve(node) as typeof node),
        start: node.start,
        end: node.end,
      }))
      const base = top.type === 'locals' ? `local.${attribute}` : address
      yield {
        source,
        address: documentAddress(base, top, attribute, document),
        name: nameOf(top, module) ?? attribute,
        statements,
        kind: attribute === 'assume_role_policy' ? 'trust' : controlKind(top),
      }
    }
  }
  for (const nested of block.blocks)
    yield* readEmbedded(source, nested, top, nestedAddress(address, nested, module), module, gap)
}

/** The argument that makes a resource a policy needs no mention. */
function documentAddress(base: string, top: HclBlock, attribute: string, document: FoundDocument): string {
  const own = top.type === 'locals' || attribute === 'policy' || attribute === 'content' ? '' : `/${attribute}`
  return `${base}${own}${document.path.map((key) => `/${key}`).join('')}`
}

function nestedAddress(address: string, nested: HclBlock, module: Module): string {
  const name = module.text(nested.attributes.get('name'))
  return `${address}/${nested.type}${name ? `/${name}` : ''}`
}

function nameOf(block: HclBlock, module: Module): string | undefined {
  if (block.type === 'locals') return undefined
  return module.text(block.attributes.get('name')) ?? block.labels.at(-1)
}

/** `aws_iam_policy.p`, `data.aws_iam_policy_document.d`, `module.m`. */
export function addressOf(block: HclBlock): string {
  return (block.type === 'resource' ? block.labels : [block.type, ...block.labels]).join('.')
}

function controlKind(block: HclBlock): PolicyKind | undefined {
  return /^aws_(?:organizations_policy|vpc_endpoint)/.test(block.labels[0] ?? '') ? 'control' : undefined
}

function* readPrincipal(source: SourceFile, block: HclBlock, module: Module): Generator<Fact> {
  const [type, label = ''] = block.labels
  const address = addressOf(block)
  const at = source.location(block.start, block.end)
  if (block.type === 'provider' && type === 'aws') yield* readKey(source, block, 'provider', 'access_key', module)
  for (const backend of block.type === 'terraform' ? block.blocks.filter((each) => each.type === 'backend') : []) {
    yield* readKey(source, backend, 'backend', 'access_key', module)
  }
  if (block.type !== 'resource') return
  if (type === 'aws_iam_role') {
    yield fact(iamRole, source.scope, at, {
      arn: `file:${source.path}#${address}`,
      name: module.text(block.attributes.get('name')) ?? label,
      accountId: '',
      path: module.text(block.attributes.get('path')) ?? '/',
      serviceLinked: false,
      lastUsedDays: UNKNOWN,
      createdDays: UNKNOWN,
    })
  }
  if (type === 'aws_iam_access_key') {
    const user = module.text(block.attributes.get('user')) ?? module.reference(block.attributes.get('user')) ?? ''
    const seen = { path: source.path, address, user, usage: 'resource' }
    yield fact(iamKeyDeclaration, source.scope, at, seen)
  }
}

/** A key that is written, or passed by a variable, where a provider or state backend could use a role. */
function* readKey(
  source: SourceFile,
  block: HclBlock,
  usage: string,
  attribute: string,
  module: Module,
): Generator<Fact> {
  const value: ValueNode | undefined = block.attributes.get(attribute)
  if (!value || isDummy(textOf(value) ?? '')) return
  const alias = module.text(block.attributes.get('alias'))
  const address = [block.type, ...block.labels, ...(alias ? [alias] : [])].join('.')
  const seen = { path: source.path, address, user: '', usage }
  yield fact(iamKeyDeclaration, source.scope, source.location(block.start, block.end), seen)
}

/** Local stand-ins for AWS (LocalStack, moto) take any text: those are no keys. */
function isDummy(text: string): boolean {
  return text !== '' && !/^(?:AKIA|ASIA)[A-Z2-7]{16}$/.test(text) && !text.includes('${')
}
