import type { Fact, Gap } from '../../model.ts'
import type { SourceFile } from '../../sources/source-file.ts'
import { get, type MapNode, textOf, type ValueNode } from '../../sources/value-node.ts'
import { lambdaPermission, ownerOf } from './cloudformation-owners.ts'
import { readPrincipal } from './cloudformation-principals.ts'
import { readServerlessResource } from './cloudformation-sam.ts'
import { entriesOf, exact, Template, type TemplateResource } from './cloudformation-values.ts'
import { readEks } from './eks.ts'
import { FileFacts } from './file-facts.ts'
import { type FoundDocument, findDocuments } from './policy-document.ts'
import { kindOf, type PolicyKind, readStatement, renderAll } from './statement.ts'
import { isPolicy, TemplateFile } from './template-file.ts'
import { templateResources } from './template-resources.ts'
import { readWorkloads } from './workloads.ts'

/**
 * The CloudFormation template that a value is: one with resources, or a part of one in a file of its own, some resources or a
 * single one, which then has the file's name. Undefined if it is none.
 */
export function templateOf(root: ValueNode, path: string): MapNode | undefined {
  if (root.type !== 'map') return undefined
  if (entriesOf(exact(root, 'Resources')).some(({ value }) => isResource(value))) return root
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\W.*$/, '')
  const single = isResource(root) && exact(root, 'Properties') !== undefined
  const some = root.entries.some(({ value }) => isResource(value) && exact(value, 'Properties') !== undefined)
  if (!single && !some) return undefined
  const resources = single ? { ...root, entries: [{ key: name, keyStart: root.start, value: root }] } : root
  return { ...root, entries: [{ key: 'Resources', keyStart: root.start, value: resources }] }
}

function isResource(node: ValueNode): boolean {
  return /^\w+::\w+/.test(textOf(exact(node, 'Type')) ?? '')
}

/** Reads what a CloudFormation or SAM template declares: principals, policies, who holds them, policies of resources. */
export function* readTemplate(source: SourceFile, root: MapNode, gap: (gap: Gap) => void): Generator<Fact> {
  const facts = new FileFacts(source, gap)
  const file = new TemplateFile(facts, new Template(root), root)
  readResources(file)
  const entries = [...file.template.resources.values()].map((resource) => {
    const { name, type, node } = resource
    return { name, type, node, properties: file.template.properties(resource), id: file.id(name) }
  })
  noteMacros(facts, root)
  yield* facts.all()
  const resources = templateResources(source, entries)
  yield* readWorkloads(resources, gap)
  yield* readEks(resources, gap)
}

/** Reads every resource of a template, one by one. */
export function readResources(file: TemplateFile): void {
  for (const resource of file.template.resources.values()) {
    const properties = file.template.properties(resource)
    readDocuments(file, resource, properties)
    readPrincipal(file, resource, properties)
    readServerlessResource(file, resource, properties)
    const permission = lambdaPermission(resource, properties)
    if (permission) {
      const owner = ownerOf(file, resource, properties)
      file.facts.statements(
        { id: file.id(resource.name), name: resource.name, kind: 'resource', owner },
        [permission],
        file.reason,
      )
    }
  }
  noteLeftOut(file)
}

function readDocuments(file: TemplateFile, resource: TemplateResource, properties: MapNode): void {
  const { found, unread } = findDocuments(properties, true)
  for (const each of unread) {
    file.facts.unread('statement', each.offset, each.reason, each.detail, each.class === 'fault')
  }
  for (const document of found) {
    const statements = document.statements.map((node) => ({ statement: readStatement(node), ...placeOf(node) }))
    const kind = kindIn(resource, document) ?? kindOf(statements.map(({ statement }) => statement))
    const owner = kind === 'identity' || kind === 'control' ? '' : ownerOf(file, resource, properties)
    const head = {
      id: file.documentId(resource, document),
      name: nameOf(resource, properties, document),
      kind,
      owner,
    }
    file.facts.statements(head, statements, file.reason)
  }
  noteMissing(file, resource, properties, found)
}

/** A policy whose document is written elsewhere: nobody has seen what it grants. */
function noteMissing(
  file: TemplateFile,
  resource: TemplateResource,
  properties: MapNode,
  found: readonly FoundDocument[],
): void {
  const inline = get(properties, 'Policies')
  const places = [
    ...(isPolicy(resource.type) ? [get(properties, 'PolicyDocument')] : []),
    ...(PRINCIPALS.has(resource.type) && inline
      ? inline.type === 'list'
        ? inline.items.map(documentOf)
        : [inline]
      : []),
  ]
  for (const node of places) {
    if (!node || node.type === 'map' || found.some((each) => each.node.start === node.start)) continue
    const text = renderAll(node)[0] ?? ''
    const within = found.some((each) => each.node.start >= node.start && each.node.end <= node.end)
    if (within || !text.includes('${')) continue
    const detail = `${text.slice(0, 60)}, the document of ${resource.name}, is not in the template`
    file.facts.unread('statement', node.start, file.reason(text), detail)
  }
}

const PRINCIPALS = new Set(['AWS::IAM::Role', 'AWS::IAM::User', 'AWS::IAM::Group'])

function documentOf(node: ValueNode): ValueNode | undefined {
  return node.type === 'map' ? get(node, 'PolicyDocument') : node
}

function placeOf({ start, end }: ValueNode): { start: number; end: number } {
  return { start, end }
}

const CONTROLS = new Set(['AWS::EC2::VPCEndpoint', 'AWS::Organizations::Policy'])

function kindIn({ type }: TemplateResource, { path }: FoundDocument): PolicyKind | undefined {
  if (CONTROLS.has(type)) return 'control'
  return /^assume_?role_?policy/i.test(path.at(-1) ?? '') ? 'trust' : undefined
}

/** A name for people: what the template calls the policy, else the name of its resource. */
function nameOf(resource: TemplateResource, properties: MapNode, { around }: FoundDocument): string {
  for (const map of [...around.toReversed(), properties]) {
    for (const key of ['PolicyName', 'ManagedPolicyName', 'RoleName']) {
      const name = textOf(get(map, key))
      if (name && !name.startsWith('${')) return name
    }
  }
  return resource.name
}

/** Macros of CloudFormation itself that add nothing that these readers do not know. */
const KNOWN_MACROS = /^AWS::(?:Serverless|LanguageExtensions|CodeDeployBlueGreen|SecretsManager)/

/** What a macro makes of a template is not in the file. */
function noteMacros(facts: FileFacts, root: MapNode): void {
  const top = exact(root, 'Transform')
  const inside = exact(exact(root, 'Resources') ?? root, 'Fn::Transform')
  for (const node of [top, inside]) {
    if (!node) continue
    const names = renderAll(exact(node, 'Name') ?? node).filter((name) => !KNOWN_MACROS.test(name))
    if (names.length === 0) continue
    facts.unread(
      'statement',
      node.start,
      'template macro',
      `what the macro ${names.join(', ')} makes of it is not seen`,
    )
  }
}

/** Statements that other parameters would bring in are not judged: nobody has said that they apply. */
function noteLeftOut({ facts, template }: TemplateFile): void {
  const { leftOut } = template
  const conditions = [...new Set(leftOut.map(({ condition }) => condition))]
  const [first] = leftOut
  if (!first) return
  const detail = `statements that the defaults of the parameters leave out are not judged (${conditions.slice(0, 5).join(', ')})`
  facts.unread('statement', first.at, 'left out by default', detail)
}
