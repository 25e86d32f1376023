import { createHash } from 'node:crypto'
import { k8sBinding, k8sRole, k8sRoleRule, k8sSubject } from '../../facts/kubernetes.ts'
import { type Fact, fact } from '../../model.ts'
import { isOwnGroup } from '../../reference/kubernetes-resources.ts'
import { MalformedObject } from './header.ts'
import {
  type Header,
  type KubernetesObject,
  list,
  type ObjectKind,
  type Origin,
  objectId,
  record,
  scopeOf,
  text,
} from './objects.ts'
import { selectorText, strings } from './selectors.ts'

/** A role and its rules. */
function parseRole(object: KubernetesObject, header: Header, origin: Origin): Fact[] {
  const { cluster, source } = origin
  const role = objectId(header.kind, header.namespace, header.name)
  const scope = scopeOf(cluster, header.namespace)
  const { bootstrapping } = header
  const common = { cluster, role, roleKind: header.kind, bootstrapping, source }
  const aggregation = record(object.value.aggregationRule)
  const rules = object.value.rules
  if (rules !== undefined && rules !== null && !Array.isArray(rules)) throw new MalformedObject('rules is no list')
  const self = fact(k8sRole, scope, object.at(), {
    ...common,
    namespace: header.namespace,
    name: header.name,
    labels: header.labels,
    annotations: annotationsOf(header),
    aggregated: aggregation !== undefined,
    selectors: list(aggregation?.clusterRoleSelectors).map(selectorText),
    namespaceGiven: header.namespaceGiven,
  })
  const facts: Fact[] = [self]
  const seen = new Set<string>()
  for (const [index, value] of list(rules).entries()) {
    const rule = record(value)
    if (!rule) continue
    const content = readRule(rule, origin)
    // The same rule twice is one fact: a second would be another finding with the same fingerprint.
    if (seen.has(content.hash)) continue
    seen.add(content.hash)
    facts.push(fact(k8sRoleRule, scope, object.at(index), withContent(common, content)))
  }
  return facts
}

/** kubectl keeps the whole object in one of them. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

function annotationsOf({ annotations }: Header): string[] {
  return Object.entries(annotations)
    .filter(([key]) => key !== LAST_APPLIED)
    .map(([key, value]) => `${key}=${text(value) ?? ''}`)
}

type RuleCommon = Record<'cluster' | 'role' | 'roleKind', string> &
  Pick<Header, 'bootstrapping'> &
  Pick<Origin, 'source'>

/** Field by field: of ten thousand rules, joining two objects by their spread is what takes the time. */
function withContent(common: RuleCommon, content: RuleData) {
  return {
    cluster: common.cluster,
    role: common.role,
    roleKind: common.roleKind,
    bootstrapping: common.bootstrapping,
    source: common.source,
    apiGroups: content.apiGroups,
    resources: content.resources,
    resourceNames: content.resourceNames,
    verbs: content.verbs,
    nonResourceUrls: content.nonResourceUrls,
    hash: content.hash,
    ownGroups: content.ownGroups,
    summary: content.summary,
  }
}

interface RuleData extends RuleContent {
  readonly hash: string
  readonly ownGroups: boolean
  readonly summary: string
}

const rulesRead = new WeakMap<Origin, Map<string, RuleData>>()

/** A cluster says a few hundred rules thousands of times: each is read, and kept, once. */
function readRule(rule: Readonly<Record<string, unknown>>, origin: Origin): RuleData {
  const read = rulesRead.get(origin) ?? new Map<string, RuleData>()
  rulesRead.set(origin, read)
  const key = JSON.stringify(rule)
  const known = read.get(key)
  if (known) return known
  const content = {
    apiGroups: strings(rule.apiGroups),
    resources: strings(rule.resources),
    resourceNames: strings(rule.resourceNames),
    verbs: strings(rule.verbs),
    nonResourceUrls: strings(rule.nonResourceURLs),
  }
  const ownGroups = content.apiGroups.some((group) => group === '*' || isOwnGroup(group))
  const data = { ...content, hash: ruleHash(content), ownGroups, summary: summarize(content) }
  read.set(key, data)
  return data
}

type RuleContent = Record<'apiGroups' | 'resources' | 'resourceNames' | 'verbs' | 'nonResourceUrls', readonly string[]>

/** Order and repetition mean nothing in a rule. */
function ruleHash(rule: RuleContent): string {
  const { apiGroups, resources, resourceNames, verbs, nonResourceUrls } = rule
  const canonical = [apiGroups, resources, resourceNames, verbs, nonResourceUrls].map((part) =>
    [...new Set(part)].sort(),
  )
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex').slice(0, 16)
}

function summarize(rule: RuleContent): string {
  const verbs = shorten(rule.verbs)
  if (rule.resources.length === 0) return `${verbs} ${shorten(rule.nonResourceUrls)}`
  const groups = rule.apiGroups.filter((group) => group !== '')
  const of = groups.length > 0 ? ` of ${shorten(groups)}` : ''
  const names = rule.resourceNames.length > 0 ? ` named ${shorten(rule.resourceNames)}` : ''
  return `${verbs} ${shorten(rule.resources)}${of}${names}`
}

function shorten(words: readonly string[]): string {
  return words.length <= 5 ? words.join(', ') : `${words.slice(0, 4).join(', ')} and ${words.length - 4} more`
}

/** A binding and its subjects. */
function parseBinding(object: KubernetesObject, header: Header, { cluster, source }: Origin): Fact[] {
  const binding = objectId(header.kind, header.namespace, header.name)
  const scope = scopeOf(cluster, header.namespace)
  const reference = record(object.value.roleRef)
  const roleName = text(reference?.name)
  const roleKind = text(reference?.kind)
  if (!roleName || (roleKind !== 'Role' && roleKind !== 'ClusterRole')) {
    throw new MalformedObject('roleRef names no Role or ClusterRole')
  }
  const role = objectId(roleKind, roleKind === 'Role' ? header.namespace : '', roleName)
  const { bootstrapping, namespaceGiven } = header
  const common = { cluster, binding, role, roleName, bootstrapping, source }
  const self = { ...common, bindingKind: header.kind, namespace: header.namespace, name: header.name, roleKind }
  const facts: Fact[] = [fact(k8sBinding, scope, object.at(), { ...self, namespaceGiven })]
  const seen = new Set<string>()
  for (const value of list(object.value.subjects)) {
    const subject = readSubject(value, header)
    const key = `${subject?.subjectKind} ${subject?.subject}`
    if (!subject || seen.has(key)) continue
    seen.add(key)
    facts.push(fact(k8sSubject, scope, object.at(), { ...common, ...subject }))
  }
  return facts
}

function readSubject(value: unknown, header: Header) {
  const subject = record(value)
  const subjectKind = text(subject?.kind)
  const name = text(subject?.name)
  if (!name || !subjectKind || !['ServiceAccount', 'User', 'Group'].includes(subjectKind)) return undefined
  const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name) ?? []
  if (subjectKind === 'User' && namespace && account) return serviceAccount(namespace, account, true)
  if (subjectKind !== 'ServiceAccount') return { subjectKind, subject: name, namespace: '', name, namespaceGiven: true }
  const given = text(subject?.namespace)
  return serviceAccount(given || header.namespace || 'default', name, Boolean(given))
}

function serviceAccount(namespace: string, name: string, namespaceGiven: boolean) {
  return { subjectKind: 'ServiceAccount', subject: `${namespace}/${name}`, namespace, name, namespaceGiven }
}

const rbac = { groups: ['rbac.authorization.k8s.io'] }
const role = { ...rbac, emits: [k8sRole, k8sRoleRule], parse: parseRole }
const binding = { ...rbac, emits: [k8sBinding, k8sSubject], parse: parseBinding }

/** Roles and bindings. */
export const RBAC_KINDS: readonly ObjectKind[] = [
  { kind: 'ClusterRole', resource: 'clusterroles', clusterWide: true, ...role },
  { kind: 'Role', resource: 'roles', ...role },
  { kind: 'ClusterRoleBinding', resource: 'clusterrolebindings', clusterWide: true, ...binding },
  { kind: 'RoleBinding', resource: 'rolebindings', ...binding },
]
