import { k8sMeshAuthentication, k8sMeshAuthorization } from '../../facts/kubernetes-mesh.ts'
import { type Fact, fact } from '../../model.ts'
import { isEveryAddress } from '../../reference/networks.ts'
import {
  type Header,
  type KubernetesObject,
  list,
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

function identityOf({ kind, namespace, name, namespaceGiven }: Header, { cluster, source }: Origin, mesh: string) {
  return {
    cluster,
    object: objectId(kind, namespace, name),
    objectKind: kind,
    mesh,
    namespace,
    name,
    namespaceGiven,
    source,
  }
}

/** Source: security.istio.io/v1, PeerAuthentication. */
function parsePeerAuthentication(object: KubernetesObject, header: Header, origin: Origin): Fact[] {
  const spec = record(object.value.spec)
  const ports = Object.entries(record(spec?.portLevelMtls) ?? {}).map(([port, value]): [string, string] => [
    port,
    text(record(value)?.mode) ?? 'UNSET',
  ])
  const selector = selectorText(spec?.selector)
  const weak = ports.filter(([, mode]) => mode === 'PERMISSIVE' || mode === 'DISABLE')
  const data = {
    ...identityOf(header, origin, 'Istio'),
    selector,
    mode: text(record(spec?.mtls)?.mode) ?? 'UNSET',
    // Istio heeds ports only of what is for some workloads.
    weakPorts: selector === '' ? [] : weak.map(([port, mode]) => `${port}=${mode}`),
  }
  return [fact(k8sMeshAuthentication, scopeOf(origin.cluster, header.namespace), object.at(), data)]
}

interface Authorization {
  readonly selector: string
  readonly lets: '' | 'mesh' | 'everybody'
  readonly how: string
  readonly references: readonly string[]
}

const authorization =
  (mesh: string, read: (spec: Json, header: Header) => Authorization) =>
  (object: KubernetesObject, header: Header, origin: Origin): Fact[] => {
    const data = { ...identityOf(header, origin, mesh), ...read(record(object.value.spec) ?? {}, header) }
    return [fact(k8sMeshAuthorization, scopeOf(origin.cluster, header.namespace), object.at(), data)]
  }

const NOBODY = { lets: '', how: '', references: [] } as const

/** A policy without rules lets nobody in; a rule without conditions lets everybody in. */
function istioAuthorization(spec: Json): Authorization {
  const target = [...records([spec.targetRef]), ...records(spec.targetRefs)]
  const selector = [selectorText(spec.selector), ...target.map(targetName)].filter(Boolean).join(',')
  const allows = (text(spec.action) ?? 'ALLOW') === 'ALLOW'
  const open = allows && list(spec.rules).some((rule) => isEmptyRule(rule))
  return { selector, ...NOBODY, ...(open && { lets: 'everybody', how: 'a rule without conditions' }) }
}

function isEmptyRule(rule: unknown): boolean {
  if (rule === null) return true
  const own = record(rule)
  return own !== undefined && ['from', 'to', 'when'].every((key) => list(own[key]).length === 0)
}

const targetName = (target: Json) => [text(target.kind), text(target.name)].filter(Boolean).join(' ')

/** Without anything that callers must fulfil it lets everybody in. */
function linkerdAuthorization(spec: Json, header: Header): Authorization {
  const references = records(spec.requiredAuthenticationRefs).map((reference) =>
    objectId(text(reference.kind) ?? '', text(reference.namespace) ?? header.namespace, text(reference.name) ?? ''),
  )
  const open = references.length === 0
  return {
    selector: targetName(record(spec.targetRef) ?? {}),
    lets: open ? 'everybody' : '',
    how: open ? 'it asks for no authentication' : '',
    references,
  }
}

const networksOf = (value: unknown) =>
  records(value).flatMap(({ cidr, except }) => (list(except).length > 0 ? [] : strings([cidr])))

function linkerdNetworks(spec: Json): Authorization {
  const open = networksOf(spec.networks).find(isEveryAddress)
  return { selector: '', ...NOBODY, ...(open && { lets: 'everybody', how: `network ${open}` }) }
}

function linkerdIdentities(spec: Json): Authorization {
  const open = strings(spec.identities).includes('*')
  return { selector: '', ...NOBODY, ...(open && { lets: 'mesh', how: 'identity *' }) }
}

/** The older form of Linkerd's authorisations. */
function linkerdServerAuthorization(spec: Json): Authorization {
  const client = record(spec.client)
  const networks = networksOf(client?.networks)
  const anywhere = records(client?.networks).length === 0 || networks.some(isEveryAddress)
  const tls = record(client?.meshTLS)
  const server = record(spec.server)
  const selector = text(server?.name) ? `Server ${text(server?.name)}` : selectorText(server?.selector)
  if (anywhere && client?.unauthenticated === true) {
    return { selector, lets: 'everybody', how: 'unauthenticated clients from every network', references: [] }
  }
  const open = anywhere && (tls?.unauthenticatedTLS === true || strings(tls?.identities).includes('*'))
  return {
    selector,
    ...NOBODY,
    ...(open && { lets: 'mesh', how: tls?.unauthenticatedTLS ? 'TLS without an identity' : 'identity *' }),
  }
}

function linkerdServer(spec: Json): Authorization {
  const policy = text(spec.accessPolicy) ?? ''
  const lets = policy === 'all-unauthenticated' ? 'everybody' : policy === 'all-authenticated' ? 'mesh' : ''
  return { selector: selectorText(spec.podSelector), lets, how: lets && `accessPolicy ${policy}`, references: [] }
}

const ISTIO = 'security.istio.io'
const LINKERD = 'policy.linkerd.io'
const kind = (
  name: string,
  group: string,
  resource: string,
  parse: ObjectKind['parse'],
  more: Partial<ObjectKind> = {},
) => ({
  kind: name,
  groups: [group],
  resource,
  extension: true,
  decisive: ['spec'],
  emits: [k8sMeshAuthorization],
  parse,
  ...more,
})
const istio = { alternatives: [`${ISTIO}/v1beta1`] }
const linkerd = { version: 'v1alpha1' }
/** `Server` is a word of many programs' files. */
const servers = {
  mentions: /policy\.linkerd\.io\//,
  version: 'v1beta3',
  alternatives: [`${LINKERD}/v1beta2`, `${LINKERD}/v1beta1`],
}

/** What Istio and Linkerd ask of callers. */
export const MESH_KINDS: readonly ObjectKind[] = [
  kind('PeerAuthentication', ISTIO, 'peerauthentications', parsePeerAuthentication, {
    ...istio,
    emits: [k8sMeshAuthentication],
  }),
  kind('AuthorizationPolicy', ISTIO, 'authorizationpolicies', authorization('Istio', istioAuthorization), istio),
  kind(
    'AuthorizationPolicy',
    LINKERD,
    'authorizationpolicies',
    authorization('Linkerd', linkerdAuthorization),
    linkerd,
  ),
  kind('NetworkAuthentication', LINKERD, 'networkauthentications', authorization('Linkerd', linkerdNetworks), linkerd),
  kind(
    'MeshTLSAuthentication',
    LINKERD,
    'meshtlsauthentications',
    authorization('Linkerd', linkerdIdentities),
    linkerd,
  ),
  kind('ServerAuthorization', LINKERD, 'serverauthorizations', authorization('Linkerd', linkerdServerAuthorization), {
    version: 'v1beta1',
  }),
  kind('Server', LINKERD, 'servers', authorization('Linkerd', linkerdServer), servers),
]
