import { k8sNetworkPolicy } from '../../facts/kubernetes-network.ts'
import { type Fact, fact, UNKNOWN } from '../../model.ts'
import { isEveryAddress } from '../../reference/networks.ts'
import { calicoPolicies } from './network-calico.ts'
import { ciliumPolicies } from './network-cilium.ts'
import { type NetworkRules, NO_OPENING, type Opening, widest } from './network-rules.ts'
import {
  type Header,
  type KubernetesObject,
  type ObjectKind,
  type Origin,
  objectId,
  record,
  records,
  scopeOf,
  text,
} from './objects.ts'
import { selectorText, strings } from './selectors.ts'

type Json = Readonly<Record<string, unknown>>
type Read = (spec: Json, header: Header) => NetworkRules

const parseAs =
  (engine: string, specsOf: (value: Json) => readonly Json[], read: Read) =>
  (object: KubernetesObject, header: Header, { cluster, source }: Origin): Fact[] => {
    const { kind, namespace, name, namespaceGiven } = header
    return specsOf(object.value).map((spec, i) =>
      fact(k8sNetworkPolicy, scopeOf(cluster, namespace), object.at(), {
        cluster,
        policy: objectId(kind, namespace, name),
        part: i === 0 ? '' : String(i + 1),
        policyKind: kind,
        namespace,
        name,
        namespaceGiven,
        source,
        engine,
        ...flatten(read(spec, header)),
      }),
    )
  }

/** A field that may not have been seen. */
type Text = string | typeof UNKNOWN

function flatten({ selector, namespaceSelector, ingress, egress, isolatesIngress, isolatesEgress }: NetworkRules) {
  return {
    selector: (selector ?? UNKNOWN) as Text,
    namespaceSelector: (namespaceSelector ?? UNKNOWN) as Text,
    isolatesIngress,
    isolatesEgress,
    ingressOpen: ingress.anyPort,
    ingressPortsOpen: ingress.somePorts,
    egressOpen: egress.anyPort,
  }
}

/** Source: networking.k8s.io/v1. Without policyTypes it is for ingress, and for egress if it has rules of that. */
function kubernetesPolicy(spec: Json): NetworkRules {
  const types = strings(spec.policyTypes)
  const egressRules = records(spec.egress)
  const isolates = (type: string, byDefault: boolean) => (types.length > 0 ? types.includes(type) : byDefault)
  const isolatesIngress = isolates('Ingress', true)
  const isolatesEgress = isolates('Egress', egressRules.length > 0)
  return {
    selector: selectorText(spec.podSelector),
    namespaceSelector: '',
    isolatesIngress,
    isolatesEgress,
    ingress: isolatesIngress ? openingOf(records(spec.ingress), 'from') : NO_OPENING,
    egress: isolatesEgress ? openingOf(egressRules, 'to') : NO_OPENING,
  }
}

function openingOf(rules: readonly Json[], side: 'from' | 'to'): Opening {
  return widest(
    rules.map((rule) => {
      const peers = records(rule[side])
      const reach = peers.length === 0 ? 'anywhere' : widestPeer(peers)
      return { reach, ports: records(rule.ports).length > 0 }
    }),
  )
}

function widestPeer(peers: readonly Json[]): '' | 'cluster' | 'anywhere' {
  if (peers.some((peer) => isEverywhere(record(peer.ipBlock)))) return 'anywhere'
  return peers.some(isEveryPod) ? 'cluster' : ''
}

/** Of all namespaces. */
function isEveryPod(peer: Json | undefined): boolean {
  return (
    record(peer?.namespaceSelector) !== undefined &&
    selectorText(peer?.namespaceSelector) === '' &&
    selectorText(peer?.podSelector) === ''
  )
}

/** All addresses; exceptions (private networks, as a rule) limit it on purpose. */
function isEverywhere(block: Json | undefined): boolean {
  return isEveryAddress(text(block?.cidr) ?? '') && strings(block?.except).length === 0
}

/**
 * Policies of administrators go before those of namespaces. They isolate where a rule denies everything; what they accept or pass
 * is not judged. Source: policy.networking.k8s.io/v1alpha1 and v1alpha2.
 */
function adminPolicy(spec: Json): NetworkRules {
  const subject = record(spec.subject)
  const pods = record(subject?.pods)
  const denies = (rules: readonly Json[], side: 'from' | 'to') =>
    rules.some(({ action, [side]: peers, ports, protocols }) => {
      if (text(action) !== 'Deny' || records(ports).length > 0 || records(protocols).length > 0) return false
      return records(peers).some(
        (peer) =>
          (record(peer.namespaces) && selectorText(peer.namespaces) === '') ||
          isEveryPod(record(peer.pods)) ||
          strings(peer.networks).some(isEveryAddress),
      )
    })
  return {
    selector: pods ? selectorText(pods.podSelector) : '',
    namespaceSelector: selectorText(pods ? pods.namespaceSelector : subject?.namespaces),
    isolatesIngress: denies(records(spec.ingress), 'from'),
    isolatesEgress: denies(records(spec.egress), 'to'),
    ingress: NO_OPENING,
    egress: NO_OPENING,
  }
}

const oneSpec = ({ spec }: Json): Json[] => [record(spec) ?? {}]
/** A Cilium policy holds one specification or several. */
const ciliumSpecs = ({ spec, specs }: Json): Json[] => [...records([spec]), ...records(specs)]

const kind = (
  name: string,
  group: string,
  resource: string,
  parse: ObjectKind['parse'],
  more: Partial<ObjectKind> = {},
): ObjectKind => ({
  kind: name,
  groups: [group],
  resource,
  extension: true,
  decisive: ['spec', 'specs'],
  emits: [k8sNetworkPolicy],
  parse,
  ...more,
})
const wide = { clusterWide: true }
const cilium = parseAs('Cilium', ciliumSpecs, ciliumPolicies)
const calico = parseAs('Calico', oneSpec, calicoPolicies)
const admin = parseAs('Kubernetes', oneSpec, adminPolicy)
const ADMIN = 'policy.networking.k8s.io'
const alpha = { ...wide, version: 'v1alpha1' }
/** Calico's own API server serves v3; without it there are the definitions behind it. */
const CALICO = 'crd.projectcalico.org'

/** Network policies of Kubernetes and of the plugins that have more than it. */
export const NETWORK_KINDS: readonly ObjectKind[] = [
  kind('NetworkPolicy', 'networking.k8s.io', 'networkpolicies', parseAs('Kubernetes', oneSpec, kubernetesPolicy), {
    groups: ['networking.k8s.io', 'extensions'],
    extension: false,
  }),
  kind('AdminNetworkPolicy', ADMIN, 'adminnetworkpolicies', admin, alpha),
  kind('BaselineAdminNetworkPolicy', ADMIN, 'baselineadminnetworkpolicies', admin, alpha),
  kind('ClusterNetworkPolicy', ADMIN, 'clusternetworkpolicies', admin, { ...wide, version: 'v1alpha2' }),
  kind('CiliumNetworkPolicy', 'cilium.io', 'ciliumnetworkpolicies', cilium, { version: 'v2' }),
  kind('CiliumClusterwideNetworkPolicy', 'cilium.io', 'ciliumclusterwidenetworkpolicies', cilium, {
    ...wide,
    version: 'v2',
  }),
  kind('NetworkPolicy', CALICO, 'networkpolicies', calico, { groups: [CALICO, 'projectcalico.org'] }),
  kind('GlobalNetworkPolicy', CALICO, 'globalnetworkpolicies', calico, {
    ...wide,
    groups: [CALICO, 'projectcalico.org'],
  }),
]
