import { posix } from 'node:path'
import type { Tree, TreeFile } from '../../model.ts'
import { readSettingsFile } from './kustomizations.ts'
import type { ManifestObject } from './manifests.ts'
import { list, record, text } from './objects.ts'

/**
 * Manifests without a namespace are applied to one that is named elsewhere (`kubectl apply -n`), but not wholly unknown: a
 * kustomization beside them names it, or the cluster-wide bindings that belong to them do, since their subjects must. Where one
 * folder points to just one namespace, its objects stand there; else they stay in `default`.
 */
export function assumeNamespaces(tree: Tree, objects: readonly ManifestObject[]): ManifestObject[] {
  const folders = new Map<string, ManifestObject[]>()
  for (const object of objects) {
    const folder = posix.dirname(object.at().file)
    const own = folders.get(folder)
    if (own) own.push(object)
    else folders.set(folder, [object])
  }
  const kustomizations = new Map<string, TreeFile>()
  for (const file of tree.files())
    if (KUSTOMIZATIONS.has(posix.basename(file.path))) kustomizations.set(file.path, file)
  const namespaces = new Map<string, string>()
  for (const [folder, own] of folders) {
    const namespace = own.some(isUnplaced)
      ? (ofKustomization(tree, kustomizations, folder) ?? ofSubjects(own))
      : undefined
    if (namespace !== undefined) namespaces.set(folder, namespace)
  }
  return objects.map((object) => {
    const namespace = namespaces.get(posix.dirname(object.at().file))
    return namespace !== undefined && isUnplaced(object) ? { ...object, assumedNamespace: namespace } : object
  })
}

function isUnplaced({ type, value }: ManifestObject): boolean {
  return !type?.clusterWide && !text(record(value.metadata)?.namespace)
}

const KUSTOMIZATIONS: ReadonlySet<string> = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization'])

function ofKustomization(tree: Tree, files: ReadonlyMap<string, TreeFile>, folder: string): string | undefined {
  const [file] = [...KUSTOMIZATIONS].flatMap((name) => files.get(posix.join(folder, name)) ?? [])
  return file && (text(readSettingsFile(tree, file)?.namespace) || undefined)
}

/** The one namespace in which bindings look for accounts that the folder declares without one. */
function ofSubjects(objects: readonly ManifestObject[]): string | undefined {
  const accounts = new Set(
    objects
      .filter((object) => object.kind === 'ServiceAccount' && isUnplaced(object))
      .map(({ value }) => text(record(value.metadata)?.name)),
  )
  const named = objects
    .filter(({ kind }) => kind === 'ClusterRoleBinding' || kind === 'RoleBinding')
    .flatMap(({ value }) => list(value.subjects).map(record))
    .filter((subject) => subject?.kind === 'ServiceAccount' && accounts.has(text(subject.name)))
    .flatMap((subject) => text(subject?.namespace) || [])
  const [only, ...others] = new Set(named)
  return others.length === 0 ? only : undefined
}
