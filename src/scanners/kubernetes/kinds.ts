import type { Fact, FactKind } from '../../model.ts'
import { ACCOUNT_KINDS } from './accounts.ts'
import { ADMISSION_KINDS } from './admission.ts'
import { CERTIFICATE_KINDS } from './certificate-requests.ts'
import { CLOUD_KINDS } from './cloud.ts'
import { readHeader } from './header.ts'
import { MESH_KINDS } from './mesh.ts'
import { NAMESPACE_KINDS } from './namespace.ts'
import { NETWORK_KINDS } from './network.ts'
import { type KubernetesObject, type ObjectKind, type Origin, record, text } from './objects.ts'
import { RBAC_KINDS } from './rbac.ts'
import { WORKLOAD_KINDS } from './workload.ts'

/** Every kind of objects that facts are made of, in the order in which a cluster is asked. */
export const OBJECT_KINDS: readonly ObjectKind[] = [
  ...RBAC_KINDS,
  ...ACCOUNT_KINDS,
  ...WORKLOAD_KINDS,
  ...NAMESPACE_KINDS,
  ...NETWORK_KINDS,
  ...MESH_KINDS,
  ...CLOUD_KINDS,
  ...CERTIFICATE_KINDS,
  ...ADMISSION_KINDS,
]

/** Everything that the scanner of Kubernetes objects emits. */
export const OBJECT_FACTS: readonly FactKind[] = [...new Set(OBJECT_KINDS.flatMap(({ emits }) => emits))]

const BY_NAME = new Map<string, ObjectKind[]>()
for (const kind of OBJECT_KINDS) BY_NAME.set(kind.kind, [...(BY_NAME.get(kind.kind) ?? []), kind])

/** Kinds that are told by their group alone. */
export const OPEN_GROUPS: readonly ObjectKind[] = OBJECT_KINDS.filter(({ kind }) => kind === '*')

/** The kinds of a name: groups may share one. */
export function kindsNamed(name: string): readonly ObjectKind[] {
  return BY_NAME.get(name) ?? []
}

/** The kind of an object by its `apiVersion` and `kind`; undefined if facts are made of no such kind. */
export function kindOf(value: unknown): ObjectKind | undefined {
  const object = record(value)
  const name = text(object?.kind)
  const version = text(object?.apiVersion)
  if (name === undefined || version === undefined) return undefined
  const kinds = [...(BY_NAME.get(name) ?? []), ...OPEN_GROUPS]
  const group = version.includes('/') ? version.slice(0, version.indexOf('/')) : ''
  return kinds.find(({ groups }) => groups.includes(group))
}

/** Whether a value is an object of an extension's kind of which nothing is known. */
export function isCustomResource(value: unknown): value is Readonly<Record<string, unknown>> {
  const object = record(value)
  return Boolean(
    text(object?.kind) && !kindOf(value) && text(object?.apiVersion)?.includes('.') && record(object?.spec),
  )
}

/** The facts of one object of a known kind. Throws MalformedObject. */
export function parseObject(object: KubernetesObject, origin: Origin): Fact[] {
  return object.type?.parse(object, readHeader(object), origin) ?? []
}
