import type { Fact, FactKind, Location } from '../../model.ts'
import type { ListOptions } from '../../sources/kubernetes-client.ts'

/** A Kubernetes object as JSON, wherever it comes from, and where it stands. */
export interface KubernetesObject {
  readonly kind: string
  /** What is known of its kind; undefined for an extension's kind of which nothing is. */
  readonly type: ObjectKind | undefined
  readonly value: Readonly<Record<string, unknown>>
  /** The namespace that it is taken to stand in where it names none. */
  readonly assumedNamespace?: string
  /** The place of the object, or of a rule of a role by its index. */
  at(rule?: number): Location
}

/** What is said of every object of one source. */
export interface Origin {
  readonly cluster: string
  readonly source: 'file' | 'dump' | 'cluster'
}

/** What every object says of itself. */
export interface Header {
  readonly kind: string
  readonly name: string
  /** Empty for what is cluster-wide. */
  readonly namespace: string
  readonly namespaceGiven: boolean
  readonly labels: readonly string[]
  readonly annotations: Readonly<Record<string, unknown>>
  readonly bootstrapping: boolean
}

/** A kind of objects that facts are made of. */
export interface ObjectKind {
  /** `*` for whatever kinds its group has. */
  readonly kind: string
  /** API groups in which the kind is meant: other groups have a `Role`, too. A cluster is asked for the first. */
  readonly groups: readonly string[]
  /** Version of that group in which a cluster is asked; `v1` unless it says otherwise. */
  readonly version?: string
  /** GROUP/VERSION in which a cluster is asked that does not serve the first, one after the other. */
  readonly alternatives?: readonly string[]
  /** The kind's plural, as roles and paths name it. */
  readonly resource: string
  readonly clusterWide?: boolean
  /** Belongs to an extension: a cluster that does not serve it has none of it. */
  readonly extension?: boolean
  /** Read from manifests and dumps; a cluster is not asked, since it makes the names of such kinds itself. */
  readonly files?: boolean
  /** How a cluster is asked for the kind, where not for whole objects of every name. */
  readonly listOptions?: ListOptions
  /** What the text of a manifest must hold for the kind to matter, where most objects of the kind do not. */
  readonly mentions?: RegExp
  /** Fields of which the facts are made: an object in which one is still a template says nothing. */
  readonly decisive?: readonly string[]
  readonly emits: readonly FactKind[]
  /**
   * The facts of one object. Fields of a wrong type count as absent, as long as the object still says something; else throws
   * MalformedObject.
   */
  parse(object: KubernetesObject, header: Header, origin: Origin): Fact[]
}

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

/** The objects of a list; whatever else stands in it counts as absent. */
export function records(value: unknown): Readonly<Record<string, unknown>>[] {
  return list(value).flatMap((item) => {
    const object = record(item)
    return object ? [object] : []
  })
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

/** The items of a `List` (or `RoleList`, …), each with its index; undefined for anything else. */
export function listItems(value: unknown): readonly unknown[] | undefined {
  const object = record(value)
  return text(object?.kind)?.endsWith('List') && Array.isArray(object?.items) ? object.items : undefined
}

/** `KIND NAMESPACE/NAME`, or `KIND NAME` for what has no namespace: how facts name an object. */
export function objectId(kind: string, namespace: string, name: string): string {
  return namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`
}

/** The kind that an object names itself. */
export function kindName(type: ObjectKind, value: Readonly<Record<string, unknown>>): string {
  return type.kind === '*' ? (text(value.kind) ?? type.kind) : type.kind
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

/** The same for rules of a role that say the same in another order. */
export function canonicalRule(rule: unknown): string {
  const fields = Object.entries(record(rule) ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(fields.map(([key, value]) => [key, list(value).map(String).sort()]))
}
