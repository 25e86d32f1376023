import { factKind } from '../model.ts'
import { cluster, namespaceGiven, source } from './kubernetes-fields.ts'

const object = {
  cluster,
  object: ['string', 'KIND NAMESPACE/NAME', 'PeerAuthentication shop/default'],
  objectKind: ['string', 'Kind of the object', 'PeerAuthentication'],
  mesh: ['string', 'Istio or Linkerd', 'Istio'],
  namespace: ['string', 'Namespace', 'shop'],
  name: ['string', 'Name', 'default'],
  namespaceGiven,
  source,
} as const

/** Source: security.istio.io/v1, PeerAuthentication. */
export const k8sMeshAuthentication = factKind({
  kind: 'k8s.mesh-authentication',
  meaning: 'What a service mesh asks of callers’ transport: an Istio PeerAuthentication.',
  identity: ['cluster', 'object'],
  fields: {
    ...object,
    selector: ['string', 'Workloads that it is for, in kubectl’s selector syntax; empty for the namespace', ''],
    mode: ['string', 'STRICT, PERMISSIVE, DISABLE, or UNSET, which takes the mode of what stands above', 'STRICT'],
    weakPorts: ['list<string>', 'Ports with another mode than STRICT, as PORT=MODE', []],
  },
})

/** Sources: security.istio.io/v1 AuthorizationPolicy; policy.linkerd.io. */
export const k8sMeshAuthorization = factKind({
  kind: 'k8s.mesh-authorization',
  meaning: 'Whom a service mesh lets call: an authorisation of Istio or Linkerd, or what one of Linkerd refers to.',
  identity: ['cluster', 'object'],
  fields: {
    ...object,
    selector: ['string', 'What it is for: a label selector, or the kind and name of a target; empty for all', ''],
    lets: ['string', 'Whom it lets in by itself: everybody, mesh (every workload of the mesh), or empty for less', ''],
    how: ['string', 'What lets them in, in words', 'a rule without conditions'],
    references: ['list<string>', 'Linkerd: what callers must fulfil, as KIND NAMESPACE/NAME', []],
  },
})

const DERIVED_FROM = ['k8s.namespace', 'k8s.workload', 'k8s.mesh-authentication', 'k8s.mesh-authorization'] as const

/** Derived: a namespace, or an object that makes an exception, of a mesh. */
export const k8sMeshTls = factKind({
  kind: 'k8s.mesh-tls',
  meaning: 'Whether workloads of a mesh take calls that are not authenticated by mutual TLS.',
  identity: ['cluster', 'subject'],
  derivedFrom: [...DERIVED_FROM],
  fields: {
    cluster,
    subject: [
      'string',
      'Namespace NAME, or the object that makes an exception as KIND NAMESPACE/NAME',
      'Namespace shop',
    ],
    mesh: ['string', 'Istio or Linkerd', 'Istio'],
    namespace: ['string', 'Namespace', 'shop'],
    strict: ['bool', 'Whether only calls by mutual TLS are taken', false],
    because: [
      'string',
      'Why not, as the end of a sentence',
      'no PeerAuthentication says otherwise, and the default is PERMISSIVE',
    ],
    workloads: ['list<string>', 'Workloads that it concerns, as far as they were seen', []],
    portsOnly: ['bool', 'Whether it is an exception for some ports', false],
    explicit: ['bool', 'Whether an object says so; else it is the default of the mesh', true],
    managed: ['bool', 'Whether it is a cluster, or manifests that set modes', true],
    source,
  },
})

/** Derived: an authorisation that keeps nobody out. */
export const k8sMeshOpening = factKind({
  kind: 'k8s.mesh-opening',
  meaning: 'An authorisation of a service mesh that lets everybody in.',
  identity: ['cluster', 'object'],
  derivedFrom: ['k8s.mesh-authorization'],
  fields: {
    ...object,
    selector: ['string', 'What it is for; empty for all of the namespace, or of the mesh', ''],
    lets: ['string', 'everybody, or mesh: every workload of the mesh', 'everybody'],
    how: ['string', 'What lets them in, in words', 'a rule without conditions'],
    where: ['string', 'What it is for, in words', 'in namespace shop'],
    system: ['bool', 'Whether it is part of the mesh itself', false],
  },
})
