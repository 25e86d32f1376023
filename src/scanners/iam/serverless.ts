import type { Fact, Gap } from '../../model.ts'
import type { OtherFile, SourceFile } from '../../sources/source-file.ts'
import { type MapNode, textOf, type ValueNode } from '../../sources/value-node.ts'
import { readResources } from './cloudformation.ts'
import { attachBoundary, attachManaged } from './cloudformation-principals.ts'
import { entriesOf, exact, Template } from './cloudformation-values.ts'
import { FileFacts } from './file-facts.ts'
import { readLooseDocuments } from './loose-documents.ts'
import { Variables } from './serverless-variables.ts'
import { readStatement } from './statement.ts'
import { TemplateFile } from './template-file.ts'

/** What is read by itself. */
const SECTIONS = new Set(['provider', 'functions', 'resources', 'custom'])

/** A value, with the file that it stands in: statements are often kept apart. */
interface PlacedNode {
  readonly node: ValueNode
  readonly source: SourceFile
}

/** Whether a value is a service of the Serverless Framework on AWS. */
export function isServerless(root: ValueNode): root is MapNode {
  const provider = exact(root, 'provider')
  if (exact(root, 'service') === undefined || provider === undefined) return false
  return (
    (textOf(provider) ?? textOf(exact(provider, 'name')) ?? 'aws') === 'aws' ||
    textOf(provider)?.startsWith('${') === true
  )
}

/**
 * Reads the statements of a service's common role and of its functions' own roles (of the plugin
 * serverless-iam-roles-per-function), and the CloudFormation that it adds.
 * Source: https://www.serverless.com/framework/docs/providers/aws/guide/iam
 */
export function* readServerless(
  source: SourceFile,
  root: MapNode,
  gap: (gap: Gap) => void,
  open: OtherFile,
): Generator<Fact> {
  yield* new Service(source, root, gap, open).read()
}

class Service {
  readonly #source: SourceFile
  readonly #root: MapNode
  readonly #gap: (gap: Gap) => void
  readonly #variables: Variables
  readonly #facts: FileFacts
  /** Facts of other files that the service takes statements from. */
  readonly #others = new Map<SourceFile, FileFacts>()
  readonly #file: TemplateFile

  constructor(source: SourceFile, root: MapNode, gap: (gap: Gap) => void, open: OtherFile) {
    this.#source = source
    this.#root = root
    this.#gap = gap
    this.#variables = new Variables(root, source, open)
    this.#facts = new FileFacts(source, gap)
    const template = this.#template()
    this.#file = new TemplateFile(this.#facts, new Template(template), template, '/resources')
  }

  *read(): Generator<Fact> {
    readResources(this.#file)
    const provider = exact(this.#root, 'provider')
    const iam = provider && exact(provider, 'iam')
    const role = iam && exact(iam, 'role')
    if (provider && role?.type !== 'string' && !exact(provider, 'role')) this.#common(provider, role)
    const functions = exact(this.#root, 'functions')
    for (const { node, source } of functions ? this.#parts({ node: functions, source: this.#source }) : []) {
      for (const { key, value } of entriesOf(node)) this.#own('/functions', key, value, source)
    }
    for (const { key, value } of this.#root.entries) if (!SECTIONS.has(key)) this.#own('', key, value, this.#source)
    const api = provider && exact(provider, 'apiGateway')
    const policy = api && exact(api, 'resourcePolicy')
    if (policy)
      this.#statements(
        policy,
        this.#source,
        `file:${this.#source.path}#/provider/apiGateway/resourcePolicy`,
        'resourcePolicy',
      )
    yield* this.#facts.all()
    // Whole documents may stand under keys of any plugin.
    const rest = this.#root.entries.filter(({ key }) => key !== 'resources' && key !== 'functions')
    yield* readLooseDocuments(
      this.#source,
      this.#variables.fillTexts({ ...this.#root, entries: rest }),
      this.#gap,
      true,
    )
    for (const facts of this.#others.values()) yield* facts.all()
  }

  /** The role of all functions that have none of their own. */
  #common(provider: ValueNode, role: ValueNode | undefined): void {
    const statements = (role && exact(role, 'statements')) ?? exact(provider, 'iamRoleStatements')
    const managed = (role && exact(role, 'managedPolicies')) ?? exact(provider, 'iamManagedPolicies')
    const boundary =
      (role && (exact(role, 'permissionsBoundary') ?? exact(role, 'permissionBoundary'))) ??
      exact(provider, 'rolePermissionsBoundary')
    if (!statements && !managed) return
    const id = this.#role('IamRoleLambdaExecution', statements ?? managed)
    const policy = `file:${this.#source.path}#/provider/iam/role/statements`
    if (statements) this.#statements(statements, this.#source, policy, 'IamRoleLambdaExecution', id)
    attachManaged(this.#file, managed && this.#fill(managed), id, 'role')
    attachBoundary(this.#file, boundary && this.#fill(boundary), id, 'role')
  }

  #own(section: string, name: string, node: ValueNode, source: SourceFile): void {
    const statements = exact(node, 'iamRoleStatements')
    const managed = exact(node, 'iamManagedPolicies')
    if (!statements && !managed) return
    const label = `${name}IamRoleLambdaExecution`
    const id = this.#role(label, source === this.#source ? node : exact(this.#root, 'functions'))
    if (statements)
      this.#statements(statements, source, `file:${this.#source.path}#${section}/${name}/iamRoleStatements`, label, id)
    attachManaged(this.#file, managed && this.#fill(managed), id, 'role')
  }

  #role(label: string, at: ValueNode | undefined): string {
    const id = this.#file.id(label)
    this.#facts.declare({ id, type: 'role', name: undefined, label, path: '/', at: at ?? this.#root })
    return id
  }

  #statements(node: ValueNode, source: SourceFile, id: string, name: string, role?: string): void {
    let found = false
    for (const part of this.#parts({ node, source })) {
      const filled = this.#fill(part.node)
      const facts = this.#factsOf(part.source)
      if (filled.type !== 'map') {
        if (part.node.type === 'plain' || textOf(filled) === 'inherit') continue
        const text = textOf(part.node) ?? 'a list'
        facts.unread(
          'statement',
          part.node.start,
          'value known at run time only',
          `${text.slice(0, 60)} of ${name} is not in the tree`,
        )
        continue
      }
      const statement = { statement: readStatement(filled), start: part.node.start, end: part.node.end }
      facts.statements(
        { id, name, kind: role === undefined ? 'resource' : 'identity', owner: '' },
        [statement],
        this.#file.reason,
      )
      found = true
    }
    if (found && role !== undefined)
      this.#facts.attach({ policy: id, principal: role, kind: 'role', via: 'inline', boundary: false, at: node })
  }

  #factsOf(source: SourceFile): FileFacts {
    if (source === this.#source) return this.#facts
    const known = this.#others.get(source) ?? new FileFacts(source, this.#gap)
    this.#others.set(source, known)
    return known
  }

  /** The items of lists, of variables that stand for lists, and of files that hold them. */
  #parts(placed: PlacedNode, depth = 0): PlacedNode[] {
    const { node, source } = placed
    if (depth > 20) return [placed]
    if (node.type === 'list') return node.items.flatMap((item) => this.#parts({ node: item, source }, depth + 1))
    const target = node.type === 'string' ? this.#variables.target(node.value, source) : undefined
    return target ? this.#parts(target, depth + 1) : [placed]
  }

  #fill(node: ValueNode): ValueNode {
    return this.#file.template.resolve(this.#variables.fill(node)) ?? node
  }

  #isElsewhere(node: ValueNode): boolean {
    const target = this.#variables.target(textOf(node) ?? '', this.#source)
    return target !== undefined && target.source !== this.#source
  }

  /** The service's own CloudFormation, which may be a list of parts. Parts in files of their own are read there. */
  #template(): MapNode {
    const resources = exact(this.#root, 'resources')
    const parts = resources?.type === 'list' ? resources.items : resources ? [resources] : []
    const sections = ['Parameters', 'Mappings', 'Conditions', 'Resources'].map((key) => {
      // A resource in a file of its own is read there.
      const entries = parts
        .flatMap((part) => entriesOf(exact(part, key)))
        .filter((entry) => !this.#isElsewhere(entry.value))
      const value: MapNode = { type: 'map', entries, start: this.#root.start, end: this.#root.end }
      return { key, keyStart: this.#root.start, value: this.#variables.fill(value) }
    })
    return { ...this.#root, entries: sections }
  }
}
