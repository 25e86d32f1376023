import { describe, expect, it } from 'vitest'
import { k8sMeshOpening, k8sMeshTls } from '../../../src/facts/kubernetes-mesh.ts'
import { memoryTree } from '../../support/context.ts'
import { auditKubernetes } from '../../support/kubernetes.ts'

const audit = (text: string) => auditKubernetes({ trees: [memoryTree({ 'all.yaml': text })] })
const object = (apiVersion: string, kind: string, metadata: string, spec = '') =>
  `\n---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {${metadata}}\n${spec && `spec: {${spec}}\n`}`
const namespace = (name: string, labels: string, annotations = '') =>
  object('v1', 'Namespace', `name: ${name}, labels: {${labels}}, annotations: {${annotations}}`)
const pod = (name: string, more = '') =>
  object(
    'v1',
    'Pod',
    `name: ${name}, namespace: shop, labels: {app: ${name}}${more}`,
    'containers: [{name: c, image: i}]',
  )
const peers = (where: string, spec: string, name = 'default') =>
  object('security.istio.io/v1', 'PeerAuthentication', `name: ${name}, namespace: ${where}`, spec)
const tls = async (text: string) =>
  (await audit(text))
    .of(k8sMeshTls)
    .map(({ data }) => `${data.subject}: ${data.strict === false ? data.because : data.strict ? 'strict' : 'unknown'}`)

const SHOP = namespace('shop', 'istio-injection: enabled')
const DEFAULT = 'Namespace shop: no PeerAuthentication says otherwise, and the default is PERMISSIVE'

describe('Istio', () => {
  it('takes plain calls unless the namespace, or the mesh, says STRICT', async () => {
    expect(await tls(SHOP)).toEqual([DEFAULT])
    expect(await tls(SHOP + peers('shop', 'mtls: {mode: STRICT}'))).toEqual(['Namespace shop: strict'])
    expect(await tls(SHOP + peers('istio-system', 'mtls: {mode: STRICT}'))).toEqual(['Namespace shop: strict'])
    expect(
      await tls(SHOP + peers('shop', 'mtls: {mode: UNSET}') + peers('istio-system', 'mtls: {mode: STRICT}')),
    ).toEqual(['Namespace shop: strict'])
    expect(
      await tls(SHOP + peers('shop', 'mtls: {mode: PERMISSIVE}') + peers('istio-system', 'mtls: {mode: STRICT}')),
    ).toEqual(['Namespace shop: PeerAuthentication shop/default says PERMISSIVE'])
  })

  it('is in a namespace by labels, and in a pod whatever these say', async () => {
    expect(await tls(namespace('shop', 'a: b') + pod('web'))).toEqual([])
    expect(await tls(namespace('shop', 'istio-injection: disabled, istio.io/rev: x'))).toEqual([])
    expect(await tls(namespace('shop', 'istio.io/dataplane-mode: ambient'))).toEqual([DEFAULT])
    const injected = pod('web').replace('app: web', 'app: web, sidecar.istio.io/inject: "true"')
    expect(await tls(namespace('shop', 'a: b') + injected)).toEqual([DEFAULT])
  })

  it.each(['"${MESH}"', '{{ .Values.mesh }}'])('may be in a namespace whose label is still %s', async (value) => {
    for (const label of ['istio-injection', 'istio.io/rev', 'istio.io/dataplane-mode']) {
      const open = namespace('shop', `${label}: ${value}`)
      expect(await tls(open)).toEqual(['Namespace shop: unknown'])
      expect(await tls(open + pod('web'))).toEqual(['Namespace shop: unknown'])
      expect(await tls(open + peers('shop', 'mtls: {mode: STRICT}'))).toEqual(['Namespace shop: strict'])
      expect((await audit(open)).gaps.filter(({ kind }) => kind === k8sMeshTls.kind)).toHaveLength(1)
    }
    expect(await tls(namespace('shop', `istio-injection: disabled, istio.io/rev: ${value}`))).toEqual([])
    const injected = pod('web').replace('app: web', `app: web, sidecar.istio.io/inject: ${value}`)
    expect(await tls(namespace('shop', 'a: b') + injected)).toEqual(['Namespace shop: unknown'])
    expect(await tls(SHOP + injected)).toEqual(['Namespace shop: unknown'])
    expect(await tls(SHOP + injected + pod('db'))).toEqual([DEFAULT])
  })

  it('is strict if each workload is, and names objects that make an exception', async () => {
    const strict = peers('shop', 'selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}', 'web')
    expect(await tls(SHOP + pod('web') + strict)).toEqual(['Namespace shop: strict'])
    expect(await tls(SHOP + pod('web') + pod('db') + strict)).toEqual([DEFAULT])
    const all = peers('shop', 'mtls: {mode: STRICT}')
    const exception = peers(
      'shop',
      'selector: {matchLabels: {app: db}}, portLevelMtls: {"9090": {mode: DISABLE}}',
      'db',
    )
    expect(await tls(SHOP + all + exception)).toEqual([
      'Namespace shop: strict',
      'PeerAuthentication shop/db: it says 9090=DISABLE for ports of workloads with app=db',
    ])
    // Without a selector Istio ignores ports.
    const ports = 'mtls: {mode: STRICT}, portLevelMtls: {"8080": {mode: PERMISSIVE}}'
    expect(await tls(SHOP + peers('shop', ports))).toEqual(['Namespace shop: strict'])
  })

  it('cannot be told of pods whose labels were not seen, where a selector may be for them', async () => {
    const unseen = pod('web').replace('app: web', 'app: "{{ .Values.app }}"')
    const strict = peers('shop', 'selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}', 'web')
    const { of, gaps } = await audit(SHOP + unseen + strict)
    expect(of(k8sMeshTls).map(({ data, unknown }) => [data.workloads, unknown])).toEqual([
      [['Pod shop/web'], ['strict']],
    ])
    expect(gaps.filter(({ kind }) => kind === k8sMeshTls.kind).map(({ reason }) => reason)).toEqual(['labels not seen'])
    expect(await tls(SHOP + unseen)).toEqual([DEFAULT])
    expect(await tls(SHOP + unseen + pod('db') + strict)).toEqual([DEFAULT])
  })
})

describe('Linkerd', () => {
  it('takes plain calls where its default policy says so', async () => {
    const meshed = (policy: string) => namespace('shop', '', `linkerd.io/inject: enabled${policy}`) + pod('web')
    expect(await tls(meshed(''))).toEqual([])
    expect(await tls(meshed(', config.linkerd.io/default-inbound-policy: all-authenticated'))).toEqual([])
    expect(await tls(meshed(', config.linkerd.io/default-inbound-policy: all-unauthenticated'))).toEqual([
      'Namespace shop: config.linkerd.io/default-inbound-policy is all-unauthenticated',
    ])
    expect(await tls(meshed(', config.linkerd.io/default-inbound-policy: "${POLICY}"'))).toEqual([
      'Namespace shop: unknown',
    ])
    const lax = 'config.linkerd.io/default-inbound-policy: all-unauthenticated'
    const open = namespace('shop', '', `linkerd.io/inject: "\${INJECT}", ${lax}`)
    expect(await tls(open + pod('web'))).toEqual(['Namespace shop: unknown'])
  })
})

describe('authorisations', () => {
  const openings = async (text: string) =>
    (await audit(text)).of(k8sMeshOpening).map(({ data }) => `${data.object} ${data.lets} ${data.where}: ${data.how}`)
  const istio = (spec: string, where = 'shop') =>
    object('security.istio.io/v1beta1', 'AuthorizationPolicy', `name: a, namespace: ${where}`, spec)
  const linkerd = (kind: string, name: string, spec: string) =>
    object('policy.linkerd.io/v1alpha1', kind, `name: ${name}, namespace: shop`, spec)

  it('of Istio are open by a rule without conditions', async () => {
    const open = 'AuthorizationPolicy shop/a everybody in namespace shop: a rule without conditions'
    expect(await openings(istio('rules: [{}]'))).toEqual([open])
    expect(await openings(istio('rules: [{from: []}], action: ALLOW'))).toEqual([open])
    expect(await openings(istio('rules: [{}], action: DENY'))).toEqual([])
    expect(await openings(istio('rules: []'))).toEqual([])
    expect(await openings(istio('rules: [{to: [{operation: {ports: ["80"]}}]}]'))).toEqual([])
    expect(await openings(istio('rules: [{}]', 'istio-system'))).toEqual([
      'AuthorizationPolicy istio-system/a everybody in the whole mesh: a rule without conditions',
    ])
  })

  it('of Linkerd are open if everything that they refer to is', async () => {
    const policy = (...references: string[]) =>
      linkerd(
        'AuthorizationPolicy',
        'a',
        `targetRef: {kind: Server, name: web}, requiredAuthenticationRefs: [${references.join(', ')}]`,
      )
    const network = '{kind: NetworkAuthentication, name: all}'
    const identity = '{kind: MeshTLSAuthentication, name: some}'
    const all = linkerd('NetworkAuthentication', 'all', 'networks: [{cidr: 0.0.0.0/0}]')
    const some = linkerd(
      'MeshTLSAuthentication',
      'some',
      'identities: ["web.shop.serviceaccount.identity.linkerd.cluster.local"]',
    )
    const any = linkerd('MeshTLSAuthentication', 'some', 'identities: ["*"]')
    expect(await openings(policy())).toEqual([
      'AuthorizationPolicy shop/a everybody for Server web in namespace shop: it asks for no authentication',
    ])
    expect(await openings(policy(network) + all)).toEqual([
      'AuthorizationPolicy shop/a everybody for Server web in namespace shop: network 0.0.0.0/0 of NetworkAuthentication shop/all',
    ])
    expect(await openings(policy(network, identity) + all + some)).toEqual([])
    expect(await openings(policy(network, identity) + all + any)).toEqual([expect.stringContaining('shop/a mesh ')])
    expect(await openings(policy(network))).toEqual([])
  })

  it('of Linkerd’s older form', async () => {
    const older = (client: string) =>
      object(
        'policy.linkerd.io/v1beta1',
        'ServerAuthorization',
        'name: a, namespace: shop',
        `server: {name: web}, client: {${client}}`,
      )
    expect(await openings(older('unauthenticated: true'))).toHaveLength(1)
    expect(await openings(older('unauthenticated: true, networks: [{cidr: 10.0.0.0/8}]'))).toEqual([])
    expect(await openings(older('meshTLS: {serviceAccounts: [{name: web}]}'))).toEqual([])
  })
})
