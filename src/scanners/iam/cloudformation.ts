import type { Fact, Gap } from '../../model.ts'
import { get, type MapNode, textOf, type ValueNode } from '../../sources/value-node.ts'
import { lambdaPermission, ownerOf } from './cloudformation-owners.ts'
import { readPrincipal } from './cloudformation-principals.ts'
import { readServerlessResource } from './cloudformation-sam.ts'
import { entriesOf, exact, Template, type TemplateResource } from './cloudformation-values.ts'
import { FileFacts } from './file-facts.ts'
import { type FoundDocument, findDocuments } from './policy-document.ts'
import type { SourceFile } from './source-file.ts'
import { kindOf, type PolicyKind, readStatement, renderAll } from './statement.ts'

/** Whether a value is a CloudFormation template: resources that have CloudFormation's types. */
export function isTemplate(root: ValueNode): root is MapNode {
  return entriesOf(exact(root, 'Resources')).some(({ value }) => /^\w+::\w+/.test(textOf(exact(value, 'Type')) ?? ''))
}

/** Reads what a CloudFormation or SAM template declares: principals, policies, who holds them, policies of resources. */
export function* readTemplate(source: SourceFile, root: MapNode, gap: (gap: Gap) => void): Generator<Fact> {
  const facts = new FileFacts(source, gap)
  const template = new TemplateFile(facts, new Template(root), root)
  template.read()
  noteMacros(facts, root)
  yield* facts.all()
}

/** What the readers of single resources share. */
export class TemplateFile {
  readonly facts: FileFacts
  readonly template: Template
  /** The whole template, for SAM's `Globals`. */
  readonly root: MapNode
  readonly #prefix: string

  /** `prefix`: where `Resources` stands in the file, for templates within other files. */
  constructor(facts: FileFacts, template: Template, root: MapNode, prefix = '') {
    this.facts = facts
    this.template = template
    this.root = root
    this.#prefix = prefix
  }

  read(): void {
    for (const resource of this.template.resources.values()) {
      const properties = this.template.properties(resource)
      if (!properties) continue
      this.#readDocuments(resource, properties)
      readPrincipal(this, resource, properties)
      readServerlessResource(this, resource, properties)
      const permission = lambdaPermission(resource, properties)
      if (permission) {
        const owner = ownerOf(this, resource, properties)
        this.facts.statements(
          { id: this.id(resource.name), name: resource.name, kind: 'resource', owner },
          [permission],
          this.reason,
        )
      }
    }
  }

  /** `file:PATH#/Resources/NAME`. */
  id(name: string): string {
    return `file:${this.facts.source.path}#${this.#prefix}/Resources/${name}`
  }

  /** The id of the resource that a text refers to; undefined if it refers to none of this template. */
  referred(text: string): string | undefined {
    const resource = this.template.resourceOf(text)
    return resource && this.id(resource.name)
  }

  /** Why a value is not known, from the placeholders that a gap names. */
  readonly reason = (detail: string): string => {
    const open = [...detail.matchAll(/\$\{(\w+)\}/g)].some((match) => this.template.isOpenParameter(match[1] ?? ''))
    return open ? 'parameter without default' : 'value known at run time only'
  }

  #readDocuments(resource: TemplateResource, properties: MapNode): void {
    const { found, unread } = findDocuments(properties, true)
    for (const each of unread) {
      this.facts.unread('statement', each.offset, each.reason, each.detail, each.class === 'fault')
    }
    for (const document of found) {
      const statements = document.statements.map((node) => ({ statement: readStatement(node), ...placeOf(node) }))
      const kind = kindIn(resource, document) ?? kindOf(statements.map(({ statement }) => statement))
      const owner = kind === 'identity' ? '' : ownerOf(this, resource, properties)
      const head = {
        id: this.documentId(resource, document),
        name: nameOf(resource, properties, document),
        kind,
        owner,
      }
      this.facts.statements(head, statements, this.reason)
    }
    this.#noteMissing(resource, properties, found)
  }

  /** A resource that is a policy has the resource's id; other documents have their JSON pointer, without list positions. */
  documentId(resource: TemplateResource, { path, around }: FoundDocument): string {
    if (isPolicy(resource.type) && path.length === 1) return this.id(resource.name)
    const name = path.at(-1) === 'PolicyDocument' ? renderAll(get(around.at(-1) ?? EMPTY, 'PolicyName'))[0] : undefined
    const keys = name === undefined ? path : [...path.slice(0, -1), name]
    return `${this.id(resource.name)}/Properties${keys.map((key) => `/${key}`).join('')}`
  }

  /** A policy whose document is written elsewhere: nobody has seen what it grants. */
  #noteMissing(resource: TemplateResource, properties: MapNode, found: readonly FoundDocument[]): void {
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
      this.facts.unread('statement', node.start, this.reason(text), detail)
    }
  }
}

const EMPTY: MapNode = { type: 'map', entries: [], start: 0, end: 0 }
const PRINCIPALS = new Set(['AWS::IAM::Role', 'AWS::IAM::User', 'AWS::IAM::Group'])

/** IAM's resources that are one policy document each. */
export function isPolicy(type: string): boolean {
  return /^AWS::IAM::(?:(?:Managed|Role|User|Group)?Policy)$/.test(type)
}

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
