import { get, type MapNode, textOf, type ValueNode } from '../../sources/value-node.ts'
import { type PrincipalKind, withPartition } from './attachment.ts'
import type { TemplateResource } from './cloudformation-values.ts'
import { findDocuments } from './policy-document.ts'
import { renderAll } from './statement.ts'
import { isPolicy, type TemplateFile } from './template-file.ts'

const KINDS: Readonly<Record<string, PrincipalKind>> = {
  'AWS::IAM::Role': 'role',
  'AWS::IAM::User': 'user',
  'AWS::IAM::Group': 'group',
}

/** Reads who is declared by a resource, and who is given what by it. */
export function readPrincipal(file: TemplateFile, resource: TemplateResource, properties: MapNode): void {
  const kind = KINDS[resource.type]
  if (kind) readOwn(file, resource, properties, kind)
  else if (isPolicy(resource.type)) readPolicy(file, resource, properties)
  else if (resource.type === 'AWS::SSO::PermissionSet') readPermissionSet(file, resource, properties)
  else if (resource.type === 'AWS::IAM::UserToGroupAddition') {
    const [group] = itemsOf(get(properties, 'GroupName'))
    for (const user of itemsOf(get(properties, 'Users'))) join(file, user, group)
  } else if (resource.type === 'AWS::IAM::AccessKey') {
    const [text = ''] = renderAll(get(properties, 'UserName'))
    const user = file.template.resourceOf(text)?.name ?? text
    file.facts.key(`/Resources/${resource.name}`, user, 'resource', resource.node)
  }
}

/** What a role, user or group says of itself. */
function readOwn(file: TemplateFile, resource: TemplateResource, properties: MapNode, kind: PrincipalKind): void {
  const id = file.id(resource.name)
  declare(file, resource, properties, kind, `${kind[0]?.toUpperCase()}${kind.slice(1)}Name`)
  attachManaged(file, get(properties, 'ManagedPolicyArns'), id, kind)
  attachBoundary(file, get(properties, 'PermissionsBoundary'), id, kind)
  attachInline(file, resource, properties, id, kind)
  const self: ValueNode = {
    type: 'string',
    value: `\${${resource.name}.Ref}`,
    start: resource.node.start,
    end: resource.node.end,
  }
  for (const group of kind === 'user' ? itemsOf(get(properties, 'Groups')) : []) join(file, self, group)
}

/** The documents within a principal are found already; that they are its own is told here. */
function attachInline(
  file: TemplateFile,
  resource: TemplateResource,
  properties: MapNode,
  principal: string,
  kind: PrincipalKind,
): void {
  const policies = properties.entries.filter((entry) => entry.key === 'Policies')
  for (const document of findDocuments({ ...properties, entries: policies }, true).found) {
    const policy = file.documentId(resource, document)
    file.facts.attach({ policy, principal, kind, via: 'inline', boundary: false, at: document.node })
  }
}

/** A policy resource, and the roles, users and groups that it names. */
function readPolicy(file: TemplateFile, resource: TemplateResource, properties: MapNode): void {
  const managed = resource.type === 'AWS::IAM::ManagedPolicy'
  declare(file, resource, properties, 'policy', managed ? 'ManagedPolicyName' : 'PolicyName')
  const policy = file.id(resource.name)
  const via = managed ? 'direct' : 'inline'
  for (const kind of ['role', 'user', 'group'] as const) {
    const word = `${kind[0]?.toUpperCase()}${kind.slice(1)}`
    for (const node of [...itemsOf(get(properties, `${word}s`)), ...itemsOf(get(properties, `${word}Name`))]) {
      const principal = principalId(file, node, kind)
      if (principal === undefined) missing(file, node, `the ${kind} that ${resource.name} is attached to`)
      else file.facts.attach({ policy, principal, kind, via, boundary: false, at: node })
    }
  }
}

/** What people get as the role `AWSReservedSSO_NAME_…` in the accounts that they are assigned. */
function readPermissionSet(file: TemplateFile, resource: TemplateResource, properties: MapNode): void {
  const principal = `${file.id(resource.name)}/AWSReservedSSO_${textOf(get(properties, 'Name')) ?? resource.name}`
  attachManaged(file, get(properties, 'ManagedPolicies'), principal, 'role')
  const boundary = get(properties, 'PermissionsBoundary')
  attachBoundary(file, boundary?.type === 'map' ? get(boundary, 'ManagedPolicyArn') : undefined, principal, 'role')
  const inline = properties.entries.filter((entry) => entry.key === 'InlinePolicy')
  for (const document of findDocuments({ ...properties, entries: inline }, true).found) {
    const policy = file.documentId(resource, document)
    file.facts.attach({ policy, principal, kind: 'role', via: 'inline', boundary: false, at: document.node })
  }
}

function declare(
  file: TemplateFile,
  { name: label, node }: TemplateResource,
  properties: MapNode,
  type: PrincipalKind | 'policy',
  property: string,
): void {
  const [name = ''] = renderAll(get(properties, property))
  const [path = '/'] = renderAll(get(properties, 'Path'))
  const known = name !== '' && !name.includes('${') ? name : undefined
  file.facts.declare({ id: file.id(label), type, name: known, label, path, at: node })
}

/** Managed policies by ARN or by reference, each at its own line. */
export function attachManaged(
  file: TemplateFile,
  list: ValueNode | undefined,
  principal: string,
  kind: PrincipalKind,
  boundary = false,
): void {
  for (const node of itemsOf(list)) {
    for (const text of renderAll(node)) {
      const policy = policyId(file, text)
      if (policy === undefined) missing(file, node, `a ${boundary ? 'permissions boundary' : 'policy'} of ${principal}`)
      else file.facts.attach({ policy, principal, kind, via: 'direct', boundary, at: node })
    }
  }
}

export function attachBoundary(
  file: TemplateFile,
  node: ValueNode | undefined,
  principal: string,
  kind: PrincipalKind,
): void {
  attachManaged(file, node, principal, kind, true)
}

function policyId(file: TemplateFile, text: string): string | undefined {
  const referred = file.referred(text)
  if (referred !== undefined) return referred
  const arn = withPartition(text)
  if (!arn.startsWith('arn:')) return undefined
  const name = /^arn:aws[\w-]*:iam::\$\{AWS::AccountId\}:policy\/(?:.*\/)?([\w+=,.@-]+)$/.exec(arn)?.[1]
  const own = name === undefined ? undefined : named(file, 'AWS::IAM::ManagedPolicy', 'ManagedPolicyName', name)
  return own ?? (/:policy\/.*\$\{|^arn:[^/]*$/.test(arn) ? undefined : arn)
}

function principalId(file: TemplateFile, node: ValueNode, kind: PrincipalKind): string | undefined {
  const [text = '', ...others] = renderAll(node)
  const referred = file.referred(text)
  if (referred !== undefined) return referred
  if (text === '' || text.includes('${') || others.length > 0) return undefined
  const word = `${kind[0]?.toUpperCase()}${kind.slice(1)}`
  return named(file, `AWS::IAM::${word}`, `${word}Name`, text) ?? `file:${file.facts.source.path}#${kind}/${text}`
}

/** A resource of the template by the name that it has in the account. */
function named(file: TemplateFile, type: string, property: string, name: string): string | undefined {
  for (const resource of file.template.resources.values()) {
    if (resource.type !== type) continue
    const properties = get(resource.node, 'Properties')
    const value = properties?.type === 'map' ? get(properties, property) : undefined
    const resolved = value && file.template.resolve(value)
    if (renderAll(resolved)[0] === name) return file.id(resource.name)
  }
  return undefined
}

function join(file: TemplateFile, user: ValueNode, group: ValueNode | undefined): void {
  const userId = principalId(file, user, 'user')
  const groupId = group && principalId(file, group, 'group')
  if (userId !== undefined && groupId !== undefined) file.facts.join(userId, groupId, group ?? user)
  else missing(file, group ?? user, 'a user or group of a membership')
}

function missing(file: TemplateFile, node: ValueNode, what: string): void {
  const [text = ''] = renderAll(node)
  const name = what.replace(/file:.*\//, '')
  file.facts.unread('attachment', node.start, file.reason(text), `${text}, ${name}, is not in the template`)
}

/** Items one by one, also those of a list that a condition chooses. */
export function itemsOf(node: ValueNode | undefined): readonly ValueNode[] {
  if (!node) return []
  return node.type === 'list' ? node.items.flatMap(itemsOf) : [node]
}
