import { k8sNamespace } from '../../facts/kubernetes-network.ts'
import { type Fact, fact } from '../../model.ts'
import { type Header, type KubernetesObject, type ObjectKind, type Origin, record, scopeOf, text } from './objects.ts'

/** What Istio and Linkerd read of a namespace or a pod. */
const MARK =
  /^(?:istio-injection|istio\.io\/(?:rev|dataplane-mode)|sidecar\.istio\.io\/inject|linkerd\.io\/inject|config\.linkerd\.io\/default-inbound-policy)$/

/** Labels or annotations that are marks of a mesh, as KEY=VALUE. */
export function meshMarks(values: Readonly<Record<string, unknown>> | undefined): string[] {
  return labelTexts(values).filter((label) => MARK.test(label.slice(0, label.indexOf('='))))
}

/** Labels or annotations as KEY=VALUE; what is still a template as it is written. */
export function labelTexts(values: Readonly<Record<string, unknown>> | undefined): string[] {
  return Object.entries(values ?? {}).map(([key, value]) => {
    // Unquoted, `{{ x }}` is a mapping whose key is a mapping, which becomes text.
    const [template] = Object.keys(record(value) ?? {})
    return `${key}=${text(value) ?? (template === undefined ? '' : `{${template}}`)}`
  })
}

function parseNamespace(object: KubernetesObject, header: Header, { cluster, source }: Origin): Fact[] {
  const { name: namespace, annotations } = header
  const labels = labelTexts(record(record(object.value.metadata)?.labels))
  const data = { cluster, namespace, labels, marks: meshMarks(annotations), source }
  return [fact(k8sNamespace, scopeOf(cluster, namespace), object.at(), data)]
}

/** Namespaces: their labels say which pods they refuse, and whether they are in a mesh. */
export const NAMESPACE_KINDS: readonly ObjectKind[] = [
  {
    kind: 'Namespace',
    groups: [''],
    resource: 'namespaces',
    clusterWide: true,
    // Of the object only labels and annotations count, also in a manifest.
    listOptions: { metadataOnly: true },
    emits: [k8sNamespace],
    parse: parseNamespace,
  },
]
