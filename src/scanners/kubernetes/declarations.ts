import type { FileLocation, Location } from '../../model.ts'
import type { ManifestObject } from './manifests.ts'
import { canonicalRule, kindName, list, type ObjectKind, objectId, record, resourceOf, text } from './objects.ts'

type Json = Readonly<Record<string, unknown>>

/** Where the objects of a cluster are declared, if the audited trees hold their manifests. */
export interface Declarations {
  /** The location of an object, and of a rule of it by its index. */
  locate(cluster: string, type: ObjectKind, value: Json): (rule?: number) => Location
}

/** Remembers the manifests by kind, namespace and name; where several declare an object, the first in order of paths counts. */
export function indexDeclarations(manifests: Iterable<ManifestObject>): Declarations {
  const index = new Map<string, ManifestObject>()
  for (const object of manifests) {
    if (!object.type) continue
    const id = idOf(object.type, object.value)
    if (!index.has(id)) index.set(id, object)
  }
  return {
    locate(cluster, type, value) {
      const metadata = record(value.metadata)
      const namespace = text(metadata?.namespace) ?? ''
      const resource = resourceOf(cluster, kindName(type, value), namespace, text(metadata?.name) ?? '')
      const manifest = index.get(idOf(type, value))
      return (rule) => {
        const declaredAt = manifest && placeOf(manifest, rule === undefined ? undefined : list(value.rules)[rule])
        return { resource, ...(declaredAt && { declaredAt }) }
      }
    },
  }
}

function idOf(type: ObjectKind, value: Json): string {
  const { groups, clusterWide } = type
  const metadata = record(value.metadata)
  const namespace = clusterWide ? '' : (text(metadata?.namespace) ?? 'default')
  return `${groups[0]}/${objectId(kindName(type, value), namespace, text(metadata?.name) ?? '')}`
}

/** A rule is found by its content, since the server keeps the order only until somebody edits. */
function placeOf(manifest: ManifestObject, rule: unknown): FileLocation {
  if (rule === undefined) return manifest.at()
  const wanted = canonicalRule(rule)
  const index = list(manifest.value.rules).findIndex((other) => canonicalRule(other) === wanted)
  return index < 0 ? manifest.at() : manifest.at(index)
}
