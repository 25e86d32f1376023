import { type Header, type KubernetesObject, record, text } from './objects.ts'

/** An object of a known kind that breaks the API's rules so that it says nothing. */
export class MalformedObject extends Error {
  override name = 'MalformedObject'
}

/** Reads metadata; throws {@link MalformedObject} without a name. */
export function readHeader(object: KubernetesObject): Header {
  const metadata = record(object.value.metadata)
  const name = text(metadata?.name) ?? generatedName(metadata)
  if (name === undefined || name === '') throw new MalformedObject('metadata.name is missing')
  const given = text(metadata?.namespace)
  const clusterWide = object.type?.clusterWide ?? false
  const labels = record(metadata?.labels) ?? {}
  return {
    kind: object.kind,
    name,
    namespace: clusterWide ? '' : given || object.assumedNamespace || 'default',
    namespaceGiven: clusterWide || Boolean(given),
    labels: Object.entries(labels).map(([key, value]) => `${key}=${text(value) ?? ''}`),
    annotations: record(metadata?.annotations) ?? {},
    bootstrapping: 'kubernetes.io/bootstrapping' in labels,
  }
}

function generatedName(metadata: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const prefix = text(metadata?.generateName)
  return prefix ? `${prefix}*` : undefined
}
