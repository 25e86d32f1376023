import { managedPolicyArn, SAM_POLICY_TEMPLATES } from '../../reference/sam-policies.ts'
import { get, type MapNode, textOf, type ValueNode } from '../../sources/value-node.ts'
import { attachBoundary, attachManaged, itemsOf } from './cloudformation-principals.ts'
import { exact, type TemplateResource } from './cloudformation-values.ts'
import { findDocuments } from './policy-document.ts'
import { readStatement } from './statement.ts'
import type { TemplateFile } from './template-file.ts'

const WITH_ROLES: Readonly<Record<string, string>> = {
  'AWS::Serverless::Function': 'Function',
  'AWS::Serverless::StateMachine': 'StateMachine',
}

/**
 * The role that SAM makes for a function or state machine that names none, and its policies: managed ones by name, templates,
 * documents. Source: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
 */
export function readServerlessResource(file: TemplateFile, resource: TemplateResource, own: MapNode): void {
  if (/^AWS::Serverless::(?:Http)?Api$/.test(resource.type)) readApiPolicy(file, resource, own)
  const section = WITH_ROLES[resource.type]
  if (section === undefined) return
  const properties = withGlobals(file, section, own)
  // SAM leaves policies aside where a role is named.
  if (get(properties, 'Role')) return
  const label = `${resource.name}Role`
  const role = file.id(label)
  const path = textOf(get(properties, 'RolePath')) ?? '/'
  file.facts.declare({ id: role, type: 'role', name: undefined, label, path, at: resource.node })
  attachBoundary(file, get(properties, 'PermissionsBoundary'), role, 'role')
  for (const node of itemsOf(get(properties, 'Policies'))) readPolicy(file, resource, role, node)
}

function readPolicy(file: TemplateFile, resource: TemplateResource, role: string, node: ValueNode): void {
  const name = textOf(node)
  if (name !== undefined && /^[\w+=,.@-]+$/.test(name)) {
    file.facts.attach({
      policy: managedPolicyArn(name),
      principal: role,
      kind: 'role',
      via: 'direct',
      boundary: false,
      at: node,
    })
    return
  }
  const { found } = findDocuments(node, true)
  for (const document of found) {
    const policy = file.documentId(resource, { ...document, path: ['Policies', ...document.path] })
    file.facts.attach({ policy, principal: role, kind: 'role', via: 'inline', boundary: false, at: document.node })
  }
  if (found.length > 0) return
  if (node.type !== 'map') {
    attachManaged(file, node, role, 'role')
    return
  }
  const unknown = node.entries
    .map((entry) => entry.key)
    .filter((key) => !SAM_POLICY_TEMPLATES.has(key) && key !== 'Version')
  if (unknown.length === 0 || get(node, 'Statement')) return
  const detail = `${unknown.join(', ').slice(0, 80)} of ${resource.name} is no policy template of SAM that is known here`
  file.facts.unread('statement', node.start, 'unknown policy template', detail)
}

/** The statements that an API's resource policy consists of. */
function readApiPolicy(file: TemplateFile, resource: TemplateResource, own: MapNode): void {
  const properties = withGlobals(file, 'Api', own)
  const policy = exact(exact(properties, 'Auth') ?? properties, 'ResourcePolicy')
  const id = `${file.id(resource.name)}/Properties/Auth/ResourcePolicy`
  const head = { id, name: resource.name, kind: 'resource', owner: file.id(resource.name) } as const
  const statements = itemsOf(policy && exact(policy, 'CustomStatements')).flatMap((node) =>
    node.type === 'map' ? [{ statement: readStatement(node), start: node.start, end: node.end }] : [],
  )
  file.facts.statements(head, statements, file.reason)
}

/** What `Globals` says for all functions, where one does not say it itself. */
function withGlobals(file: TemplateFile, section: string, own: MapNode): MapNode {
  const globals = exact(exact(file.root, 'Globals') ?? own, section)
  const resolved = globals && file.template.resolve(globals)
  if (resolved?.type !== 'map') return own
  return { ...own, entries: [...resolved.entries, ...own.entries] }
}
