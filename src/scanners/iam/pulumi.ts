import type { Fact, Gap } from '../../model.ts'
import type { SourceFile } from '../../sources/source-file.ts'
import { get, type MapNode, textOf, type ValueNode } from '../../sources/value-node.ts'
import { type PrincipalKind, withPartition } from './attachment.ts'
import { itemsOf } from './cloudformation-principals.ts'
import { entriesOf, exact } from './cloudformation-values.ts'
import { FileFacts } from './file-facts.ts'
import { findDocuments } from './policy-document.ts'
import { invokedStatements, ProgramValues } from './pulumi-values.ts'
import { kindOf, type PolicyKind, readStatement, renderAll } from './statement.ts'
import type { PlacedStatement } from './statement-facts.ts'

/** Whether a value is a Pulumi program in YAML, with resources of AWS. */
export function isPulumi(root: ValueNode): root is MapNode {
  return [...entriesOf(exact(root, 'resources')), ...entriesOf(exact(root, 'variables'))].some(({ value }) =>
    /^aws:|^aws-native:/.test(typeOf(value)),
  )
}

/** Reads the roles, users, policies and attachments of a Pulumi program in YAML. Source: https://www.pulumi.com/docs/iac/languages-sdks/yaml/ */
export function* readPulumi(source: SourceFile, root: MapNode, gap: (gap: Gap) => void): Generator<Fact> {
  const program = new Program(new FileFacts(source, gap), root)
  program.read()
  yield* program.facts.all()
}

/** `aws:iam/role:Role` and `aws:iam:Role` are the same. */
function typeOf(node: ValueNode): string {
  const invoke = exact(node, 'fn::invoke')
  const type = textOf(exact(node, 'type')) ?? textOf(invoke && exact(invoke, 'function')) ?? ''
  return type.replace(/^(aws:\w+)\/\w+:/, '$1:')
}

interface Resource {
  readonly name: string
  readonly type: string
  readonly node: ValueNode
  readonly properties: MapNode
}

class Program {
  readonly facts: FileFacts
  readonly #root: MapNode
  readonly #values: ProgramValues
  readonly #resources = new Map<string, Resource>()

  constructor(facts: FileFacts, root: MapNode) {
    this.facts = facts
    this.#root = root
    this.#values = new ProgramValues(root)
  }

  read(): void {
    for (const { key: name, value: node } of entriesOf(exact(this.#root, 'resources'))) {
      const properties = exact(node, 'properties')
      const filled = properties && this.#values.fill(properties)
      const written: MapNode =
        filled?.type === 'map' ? filled : { type: 'map', entries: [], start: node.start, end: node.end }
      this.#resources.set(name, { name, type: typeOf(node), node, properties: written })
    }
    for (const resource of this.#resources.values()) {
      this.#readDocuments(resource)
      this.#readAttachments(resource)
    }
    for (const { key, value } of entriesOf(exact(this.#root, 'variables'))) {
      const statements = invokedStatements(this.#values.fill(value), typeOf(value))
      if (statements.length > 0) this.#document(`${this.#path}#/variables/${key}`, key, statements, this.#useOf(key))
    }
  }

  get #path(): string {
    return `file:${this.facts.source.path}`
  }

  #id(name: string): string {
    return `${this.#path}#/resources/${name}`
  }

  #readDocuments(resource: Resource): void {
    const { found, unread } = findDocuments(resource.properties, true)
    for (const each of unread)
      this.facts.unread('statement', each.offset, each.reason, each.detail, each.class === 'fault')
    for (const document of found) {
      const statements = document.statements.map((node) => ({
        statement: readStatement(node),
        start: node.start,
        end: node.end,
      }))
      const [key = ''] = document.path
      const kind = key === 'assumeRolePolicy' ? 'trust' : undefined
      this.#document(this.#documentId(resource, document.path), resource.name, statements, kind, resource)
    }
  }

  #document(
    id: string,
    name: string,
    statements: readonly PlacedStatement[],
    use: PolicyKind | undefined,
    resource?: Resource,
  ): void {
    const kind = use ?? kindOf(statements.map(({ statement }) => statement))
    const owner = kind === 'identity' || !resource ? '' : this.#id(resource.name)
    this.facts.statements({ id, name, kind, owner }, statements)
  }

  #documentId({ name, type }: Resource, path: readonly string[]): string {
    const own = /^aws:iam:(?:Policy|RolePolicy|UserPolicy|GroupPolicy)$/.test(type)
    return own ? this.#id(name) : `${this.#id(name)}/properties${path.map((key) => `/${key}`).join('')}`
  }

  /** A document that a role names as its trust is one, whatever it looks like. */
  #useOf(variable: string): PolicyKind | undefined {
    const named = new RegExp(`^\\$\\{${variable.replace(/\W/g, '')}\\.`)
    for (const { properties } of this.#resources.values()) {
      if (named.test(renderAll(get(properties, 'assumeRolePolicy'))[0] ?? '')) return 'trust'
    }
    return undefined
  }

  #readAttachments(resource: Resource): void {
    const { type, name, properties, node } = resource
    const kind = /^aws:iam:(Role|User|Group)(?:Policy(?:Attachment)?|$)/.exec(type)?.[1]?.toLowerCase() as
      | PrincipalKind
      | undefined
    if (/^aws:iam:(?:Role|User|Group|Policy)$/.test(type))
      this.#declare(resource, (kind ?? 'policy') as PrincipalKind | 'policy')
    if (type === 'aws:iam:Role' || type === 'aws:iam:User') this.#readOwn(resource, kind ?? 'role')
    else if (kind && /PolicyAttachment$/.test(type)) {
      this.#attach(get(properties, 'policyArn'), this.#principal(get(properties, kind), kind), kind, node)
    } else if (kind && /Policy$/.test(type)) {
      const [text = ''] = renderAll(get(properties, 'policy'))
      this.#attachId(
        this.#policy(text) ?? this.#id(name),
        this.#principal(get(properties, kind), kind),
        kind,
        'inline',
        node,
      )
    } else if (type === 'aws:iam:PolicyAttachment') {
      for (const each of ['role', 'user', 'group'] as const) {
        for (const item of itemsOf(get(properties, `${each}s`))) {
          this.#attach(get(properties, 'policyArn'), this.#principal(item, each), each, item)
        }
      }
    } else if (type === 'aws:iam:UserGroupMembership' || type === 'aws:iam:GroupMembership')
      this.#readMembers(properties, node)
    else if (type === 'aws:iam:AccessKey') {
      const user =
        this.#referred(renderAll(get(properties, 'user'))[0] ?? '')?.name ?? textOf(get(properties, 'user')) ?? ''
      this.facts.key(`/resources/${name}`, user, 'resource', node)
    }
  }

  #declare({ name: label, properties, node }: Resource, type: PrincipalKind | 'policy'): void {
    const name = textOf(get(properties, 'name'))
    const path = textOf(get(properties, 'path')) ?? '/'
    this.facts.declare({
      id: this.#id(label),
      type,
      name: name?.includes('${') ? undefined : name,
      label,
      path,
      at: node,
    })
  }

  #readOwn(resource: Resource, kind: PrincipalKind): void {
    const { properties, name } = resource
    for (const item of itemsOf(get(properties, 'managedPolicyArns'))) this.#attach(item, this.#id(name), kind, item)
    const boundary = get(properties, 'permissionsBoundary')
    if (boundary) this.#attach(boundary, this.#id(name), kind, boundary, true)
    const inline = properties.entries.filter((entry) => entry.key === 'inlinePolicies')
    for (const document of findDocuments({ ...properties, entries: inline }, true).found) {
      this.#attachId(this.#documentId(resource, document.path), this.#id(name), kind, 'inline', document.node)
    }
  }

  #readMembers(properties: MapNode, node: ValueNode): void {
    for (const user of [...itemsOf(get(properties, 'user')), ...itemsOf(get(properties, 'users'))]) {
      for (const group of [...itemsOf(get(properties, 'group')), ...itemsOf(get(properties, 'groups'))]) {
        const [userId, groupId] = [this.#principal(user, 'user'), this.#principal(group, 'group')]
        if (userId !== undefined && groupId !== undefined) this.facts.join(userId, groupId, group)
        else this.#missing(group, 'a user or group of a membership', node)
      }
    }
  }

  #attach(
    policy: ValueNode | undefined,
    principal: string | undefined,
    kind: PrincipalKind,
    at: ValueNode,
    boundary = false,
  ): void {
    const [text = ''] = renderAll(policy)
    const id = this.#policy(text)
    if (id === undefined) this.#missing(policy, 'a policy', at)
    else this.#attachId(id, principal, kind, 'direct', at, boundary)
  }

  #attachId(
    policy: string,
    principal: string | undefined,
    kind: PrincipalKind,
    via: string,
    at: ValueNode,
    boundary = false,
  ): void {
    if (principal === undefined) this.#missing(at, `the ${kind} that a policy is attached to`, at)
    else this.facts.attach({ policy, principal, kind, via, boundary, at })
  }

  #policy(text: string): string | undefined {
    const variable = /^\$\{(\w+)\.json\}$/.exec(text)?.[1]
    if (variable !== undefined && this.#values.has(variable)) return `${this.#path}#/variables/${variable}`
    const referred = this.#referred(text)
    if (referred) return this.#id(referred.name)
    const arn = withPartition(text)
    return arn.startsWith('arn:') && !arn.includes('${') ? arn : undefined
  }

  #principal(node: ValueNode | undefined, kind: PrincipalKind): string | undefined {
    const [text = ''] = renderAll(node)
    const referred = this.#referred(text)
    if (referred) return this.#id(referred.name)
    return text === '' || text.includes('${') ? undefined : `${this.#path}#${kind}/${text}`
  }

  /** The resource that `${name}`, `${name.arn}` or `${name.id}` speaks of. */
  #referred(text: string): Resource | undefined {
    const name = /^\$\{([\w-]+)(?:\.\w+)?\}$/.exec(text)?.[1]
    return name === undefined ? undefined : this.#resources.get(name)
  }

  #missing(node: ValueNode | undefined, what: string, at: ValueNode): void {
    const [text = 'a value'] = renderAll(node)
    const detail = `${text.slice(0, 60)}, ${what}, is not in the program`
    this.facts.unread('attachment', at.start, 'value known at run time only', detail)
  }
}
