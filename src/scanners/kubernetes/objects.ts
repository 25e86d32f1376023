import {
  k8sBinding,
  k8sRole,
  k8sRoleRule,
  k8sServiceAccount,
  k8sSubject,
  k8sTokenSecret,
  k8sWorkload,
} from '../../facts/kubernetes.ts'
import type { FactKind, Location } from '../../model.ts'

/** A Kubernetes object as JSON, wherever it comes from, and where it stands. */
export interface KubernetesObject {
  readonly kind: string
  readonly value: Readonly<Record<string, unknown>>
  /** The place of the object, or of a rule of a role by its index. */
  at(rule?: number): Location
}

/** What is said of every object of one source. */
export interface Origin {
  readonly cluster: string
  readonly source: 'file' | 'dump' | 'cluster'
}

interface ObjectKind {
  /** API groups in which the kind is Kubernetes' own: other groups have a `Role`, too. */
  readonly groups: readonly string[]
  readonly emits: readonly FactKind[]
}
const role: ObjectKind = { groups: ['rbac.authorization.k8s.io'], emits: [k8sRole, k8sRoleRule] }
const binding: ObjectKind = { groups: ['rbac.authorization.k8s.io'], emits: [k8sBinding, k8sSubject] }
const workload = (...groups: string[]): ObjectKind => ({ groups, emits: [k8sWorkload] })

/** The kinds of objects that facts are made of. */
export const OBJECT_KINDS: ReadonlyMap<string, ObjectKind> = new Map([
  ['Role', role],
  ['ClusterRole', role],
  ['RoleBinding', binding],
  ['ClusterRoleBinding', binding],
  ['ServiceAccount', { groups: [''], emits: [k8sServiceAccount] }],
  ['Secret', { groups: [''], emits: [k8sTokenSecret] }],
  ['Pod', workload('')],
  ['ReplicationController', workload('')],
  ['Deployment', workload('apps', 'extensions')],
  ['DaemonSet', workload('apps', 'extensions')],
  ['StatefulSet', workload('apps')],
  ['ReplicaSet', workload('apps', 'extensions')],
  ['Job', workload('batch')],
  ['CronJob', workload('batch')],
])

/** Everything that the scanner of Kubernetes objects emits. */
export const OBJECT_FACTS: readonly FactKind[] = [
  k8sRole,
  k8sRoleRule,
  k8sBinding,
  k8sSubject,
  k8sServiceAccount,
  k8sTokenSecret,
  k8sWorkload,
]

/** A plain object, else undefined. */
export function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined
}

/** A list, else an empty one: null and absence mean the same in manifests. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** A string; numbers and booleans as they are written (an unquoted name such as 1234). Else undefined. */
export function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** `true`, `false`, or empty if absent. Kubernetes reads YAML 1.1, in which `no` and `off` are false. */
export function boolText(value: unknown): string {
  if (value === undefined || value === null) return ''
  return /^(?:false|no|off|n)$/i.test(String(value)) ? 'false' : 'true'
}

/** Whether a value is an object of one of our kinds and not another group's kind of that name. */
export function isKubernetesObject(value: unknown): value is Readonly<Record<string, unknown>> {
  const object = record(value)
  const kind = OBJECT_KINDS.get(String(object?.kind))
  const version = text(object?.apiVersion)
  if (!kind || version === undefined) return false
  return kind.groups.includes(version.includes('/') ? version.slice(0, version.indexOf('/')) : '')
}

/** Whether a value is an object of an extension's kind. */
export function isCustomResource(value: unknown): value is Readonly<Record<string, unknown>> {
  const object = record(value)
  const kind = text(object?.kind)
  return Boolean(kind && !OBJECT_KINDS.has(kind) && text(object?.apiVersion)?.includes('.') && record(object?.spec))
}

/** The items of a `List` (or `RoleList`, …), each with its index; undefined for anything else. */
export function listItems(value: unknown): readonly unknown[] | undefined {
  const object = record(value)
  return text(object?.kind)?.endsWith('List') && Array.isArray(object?.items) ? object.items : undefined
}

/** `KIND NAMESPACE/NAME`, or `KIND NAME` for what has no namespace: how facts name an object. */
export function objectId(kind: string, namespace: string, name: string): string {
  return namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`
}

/** Scope of a cluster or namespace. Names of clusters may hold slashes (an ARN). */
export function scopeOf(cluster: string, namespace = ''): string {
  const target = `k8s:${cluster.replaceAll('/', '%2F')}`
  return namespace === '' ? target : `${target}/${namespace}`
}

/** `k8s://cluster/ns/Kind/name`. */
export function resourceOf(cluster: string, kind: string, namespace: string, name: string): string {
  const parts = [cluster.replaceAll('/', '%2F'), ...(namespace === '' ? [] : [namespace]), kind, name]
  return `k8s://${parts.join('/')}`
}
