import { fieldsOf, quoted, type SuggestedRule } from '../../derive/kubernetes/narrow-rules.ts'
import type { SuggestedRole } from '../../derive/kubernetes/suggest-roles.ts'

/** Who a new binding is for. */
export interface BoundSubject {
  readonly subjectKind: string
  /** NAMESPACE/NAME of a service account, else the name. */
  readonly subject: string
}

/** Labels and annotations as KEY=VALUE: what an applied role does not have, `kubectl apply` takes away. */
export interface RoleMarks {
  readonly labels: readonly string[]
  readonly annotations: readonly string[]
}

const NO_MARKS: RoleMarks = { labels: [], annotations: [] }

const API = 'rbac.authorization.k8s.io'

/** A role, and for a new one its binding, as YAML documents that `kubectl apply` takes; without a document marker in front. */
export function roleDocuments(
  role: SuggestedRole,
  subject: BoundSubject,
  comment: (rule: SuggestedRule) => string,
  marks = NO_MARKS,
): string[] {
  const rules = role.rules.flatMap((rule) => [...commentLines(comment(rule)), ...blockRule(rule)])
  const document = [...header(role.kind, role, marks), 'rules:', ...rules, '']
  return [document.join('\n'), ...(role.binding ? [bindingDocument(role, role.binding, subject)] : [])]
}

function bindingDocument(
  role: SuggestedRole,
  binding: { kind: string; namespace: string; name: string },
  subject: BoundSubject,
) {
  return [
    ...header(binding.kind, binding, NO_MARKS),
    'roleRef:',
    `  apiGroup: ${API}`,
    `  kind: ${role.kind}`,
    `  name: ${scalar(role.name)}`,
    'subjects:',
    ...subjectLines(subject),
    '',
  ].join('\n')
}

function header(kind: string, { namespace, name }: { namespace: string; name: string }, marks: RoleMarks) {
  return [
    `apiVersion: ${API}/v1`,
    `kind: ${kind}`,
    'metadata:',
    `  name: ${scalar(name)}`,
    ...(namespace === '' ? [] : [`  namespace: ${scalar(namespace)}`]),
    ...markLines('labels', marks.labels),
    ...markLines('annotations', marks.annotations),
  ]
}

function markLines(key: string, marks: readonly string[]): string[] {
  const lines = marks.map((mark) => {
    const at = mark.indexOf('=')
    return `    ${scalar(mark.slice(0, at))}: ${JSON.stringify(mark.slice(at + 1))}`
  })
  return lines.length > 0 ? [`  ${key}:`, ...lines] : []
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
