import { factKind } from '../model.ts'
import { cluster, namespaceGiven, source } from './kubernetes-fields.ts'

/** Source: core v1; pod-security labels of pod security admission, marks of Istio and Linkerd. */
export const k8sNamespace = factKind({
  kind: 'k8s.namespace',
  meaning: 'A namespace.',
  identity: ['cluster', 'namespace'],
  fields: {
    cluster,
    namespace: ['string', 'Name', 'shop'],
    labels: ['list<string>', 'Labels as KEY=VALUE', []],
    marks: ['list<string>', 'Annotations of Istio and Linkerd as KEY=VALUE', []],
    source,
  },
})

const OPEN = 'anywhere, cluster (every pod of the cluster), or empty if no rule opens so far'
const policy = {
  cluster,
  policy: ['string', 'KIND NAMESPACE/NAME, or KIND NAME of what is cluster-wide', 'NetworkPolicy shop/web'],
  part: ['string', 'Number of the specification where one object holds several; else empty', ''],
  policyKind: ['string', 'Kind of the object', 'NetworkPolicy'],
  namespace: ['string', 'Namespace; empty for what is cluster-wide', 'shop'],
  name: ['string', 'Name', 'web'],
  namespaceGiven,
  source,
} as const

/**
 * What a policy selects, and whom it lets in and out. Sources: networking.k8s.io/v1, cilium.io/v2, projectcalico.org/v3,
 * policy.networking.k8s.io/v1alpha1 and v1alpha2.
 */
export const k8sNetworkPolicy = factKind({
  kind: 'k8s.network-policy',
  meaning: 'A network policy of Kubernetes, Cilium or Calico.',
  identity: ['cluster', 'policy', 'part'],
  fields: {
    ...policy,
    engine: ['string', 'Kubernetes, Cilium or Calico', 'Kubernetes'],
    selector: ['string', 'Pods that it is for, in kubectl’s selector syntax; empty for all', ''],
    namespaceSelector: ['string', 'Of what is cluster-wide: namespaces that it is for; empty for all', ''],
    isolatesIngress: ['bool', 'Whether it keeps out what no rule lets in', true],
    isolatesEgress: ['bool', 'Whether it keeps in what no rule lets out', false],
    ingressOpen: ['string', `From where a rule lets in on any port: ${OPEN}`, ''],
    ingressPortsOpen: ['string', `From where a rule lets in on some ports: ${OPEN}`, ''],
    egressOpen: ['string', `Where a rule lets out to on any port: ${OPEN}`, ''],
  },
})

/** Derived: one direction of one namespace. */
export const k8sNetworkIsolation = factKind({
  kind: 'k8s.network-isolation',
  meaning: 'Whether the pods of a namespace are isolated by network policies, in one direction.',
  identity: ['cluster', 'namespace', 'folder', 'direction'],
  derivedFrom: ['k8s.workload', 'k8s.network-policy'],
  fields: {
    cluster,
    namespace: ['string', 'Name of the namespace', 'shop'],
    folder: ['string', 'Folder of manifests that name no namespace; else empty', ''],
    where: ['string', 'The namespace in words', 'namespace shop'],
    direction: ['string', 'ingress or egress', 'ingress'],
    isolated: ['bool', 'Whether a policy isolates all pods of the namespace, those to come as well', false],
    covered: ['bool', 'Whether every workload there is selected by a policy of this direction', false],
    uncovered: ['list<string>', 'Workloads that no policy of this direction selects', ['Deployment shop/web']],
    uncoveredInWords: ['string', 'Some of them', 'Deployment shop/web'],
    policies: ['list<string>', 'Policies of this direction that select some of the workloads', []],
    managed: [
      'bool',
      'Whether policies of this direction were seen where they could be for this namespace, or it is a cluster',
      true,
    ],
    system: ['bool', 'Whether it is a namespace of Kubernetes itself or of a managed cluster', false],
    source,
  },
})

/** Derived: what a network policy amounts to. */
export const k8sPolicyReach = factKind({
  kind: 'k8s.policy-reach',
  meaning: 'What a network policy selects among the workloads that were seen, and whether it restricts anything.',
  identity: ['cluster', 'policy', 'part'],
  derivedFrom: ['k8s.workload', 'k8s.network-policy', 'k8s.namespace'],
  fields: {
    ...policy,
    selectsAll: ['bool', 'Whether it is for all pods of its namespace, or of the cluster', false],
    selectsNothing: ['bool', 'Whether it selects none of the workloads there', false],
    workloadsSeen: ['bool', 'Whether workloads were seen where it applies', true],
    ingressOpen: ['string', `From where it lets in on any port: ${OPEN}`, ''],
    egressOpen: ['string', `Where it lets out to on any port: ${OPEN}`, ''],
    selectorInWords: ['string', 'The pods that it is for', 'all pods'],
    opening: ['string', 'What it opens, in words', 'lets everybody in, on every port'],
    system: ['bool', 'Whether it is in a namespace of Kubernetes itself or of a managed cluster', false],
  },
})
