import { fieldsOf, quoted, type SuggestedRule } from '../../derive/kubernetes/narrow-rules.ts'
import type { SuggestedRole } from '../../derive/kubernetes/suggest-roles.ts'

/** Who a new binding is for. */
export interface BoundSubject {
  readonly subjectKind: string
  /** NAMESPACE/NAME of a service account, else the name. */
  readonly subject: string
}

const API = 'rbac.authorization.k8s.io'

/** A role, and for a new one its binding, as YAML documents that `kubectl apply` takes; without a document marker in front. */
export function roleDocuments(
  role: SuggestedRole,
  subject: BoundSubject,
  comment: (rule: SuggestedRule) => string,
  labels: readonly string[] = [],
): string[] {
  const rules = role.rules.flatMap((rule) => [...commentLines(comment(rule)), ...blockRule(rule)])
  const document = [...header(role.kind, role, labels), 'rules:', ...rules, '']
  return [document.join('\n'), ...(role.binding ? [bindingDocument(role, role.binding, subject)] : [])]
}

function bindingDocument(
  role: SuggestedRole,
  binding: { kind: string; namespace: string; name: string },
  subject: BoundSubject,
) {
  return [
    ...header(binding.kind, binding, []),
    'roleRef:',
    `  apiGroup: ${API}`,
    `  kind: ${role.kind}`,
    `  name: ${scalar(role.name)}`,
    'subjects:',
    ...subjectLines(subject),
    '',
  ].join('\n')
}

function header(kind: string, { namespace, name }: { namespace: string; name: string }, labels: readonly string[]) {
  return [
    `apiVersion: ${API}/v1`,
    `kind: ${kind}`,
    'metadata:',
    `  name: ${scalar(name)}`,
    ...(namespace === '' ? [] : [`  namespace: ${scalar(namespace)}`]),
    ...(labels.length > 0 ? ['  labels:', ...labels.map(labelLine)] : []),
  ]
}

function labelLine(label: string): string {
  const at = label.indexOf('=')
  return `    ${scalar(label.slice(0, at))}: ${JSON.stringify(label.slice(at + 1))}`
}

function subjectLines({ subjectKind, subject }: BoundSubject): string[] {
  if (subjectKind !== 'ServiceAccount') {
    return [`- kind: ${subjectKind}`, `  apiGroup: ${API}`, `  name: ${scalar(subject)}`]
  }
  const [namespace = '', name = ''] = subject.split('/')
  return ['- kind: ServiceAccount', `  name: ${scalar(name)}`, `  namespace: ${scalar(namespace)}`]
}

function blockRule(rule: SuggestedRule): string[] {
  return fieldsOf(rule).map(
    ([key, values], i) => `${i === 0 ? '- ' : '  '}${key}: [${values.map((value) => quoted(value)).join(', ')}]`,
  )
}

function commentLines(text: string): string[] {
  return text === '' ? [] : [`# ${text}`]
}

function scalar(text: string): string {
  return /^[A-Za-z][\w.-]*$/.test(text) ? quoted(text) : JSON.stringify(text)
}
