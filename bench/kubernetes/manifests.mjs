// Objects of install manifests, as a cluster that they are applied to would have them.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { isCreated } from './compose-cluster.mjs'

/**
 * The accounts, roles, bindings, policies and workloads in the YAML files of a folder, with the namespaces that they stand in. What names
 * no namespace (as in what is applied with `kubectl -n`) goes where cluster-wide bindings say that the accounts are, or into one that is
 * named as the folder.
 */
export function readManifests(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((name) => /\.ya?ml$/.test(name))
  const documents = files.flatMap((name) => documentsOf(readFileSync(join(folder, name), 'utf8')))
  const objects = documents
    .flatMap((document) => document?.items ?? [document])
    .filter((each) => each && isCreated(each))
  const fallback = namespaceOf(objects) ?? basename(folder)
  for (const object of objects) {
    if (!['Namespace', 'ClusterRole', 'ClusterRoleBinding'].includes(object.kind))
      object.metadata.namespace ??= fallback
    for (const subject of object.subjects ?? []) if (subject.kind === 'ServiceAccount') subject.namespace ??= fallback
  }
  const declared = new Set(objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name))
  const named = new Set(objects.map(({ metadata }) => metadata.namespace).filter((name) => name && !declared.has(name)))
  // Every cluster has these.
  for (const name of ['default', 'kube-system', 'kube-public']) named.delete(name)
  const namespaces = [...named].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))
  return [...namespaces, ...objects]
}

/** The namespace of the accounts that cluster-wide bindings name, if it is one. */
function namespaceOf(objects) {
  const bindings = objects.filter(({ kind }) => kind === 'ClusterRoleBinding')
  const named = new Set(bindings.flatMap(({ subjects = [] }) => subjects.map(({ namespace }) => namespace)))
  named.delete(undefined)
  return named.size === 1 ? [...named][0] : undefined
}

function documentsOf(text) {
  return parseAllDocuments(text).map((document) => document.toJS({ maxAliasCount: -1 }))
}
