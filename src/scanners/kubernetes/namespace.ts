import { k8sNamespace } from '../../facts/kubernetes-network.ts'
import { type Fact, fact } from '../../model.ts'
import { type Header, type KubernetesObject, type ObjectKind, type Origin, scopeOf, text } from './objects.ts'

/** What Istio and Linkerd read of a namespace or a pod. */
const MARK =
  /^(?:istio-injection|istio\.io\/(?:rev|dataplane-mode)|sidecar\.istio\.io\/inject|linkerd\.io\/inject|config\.linkerd\.io\/default-inbound-policy)$/

/** Labels or annotations that are marks of a mesh, as KEY=VALUE. */
export function meshMarks(values: Readonly<Record<string, unknown>> | undefined): string[] {
  return Object.entries(values ?? {})
    .filter(([key]) => MARK.test(key))
    .map(([key, value]) => `${key}=${text(value) ?? ''}`)
}

function parseNamespace(object: KubernetesObject, header: Header, { cluster, source }: Origin): Fact[] {
  const { name: namespace, labels, annotations } = header
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
