import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { kubernetesNeeds } from '../../src/cli/permissions.ts'
import { k8sAdmission } from '../../src/facts/kubernetes-admission.ts'
import { k8sMeshOpening, k8sMeshTls } from '../../src/facts/kubernetes-mesh.ts'
import { k8sNetworkIsolation, k8sPolicyReach } from '../../src/facts/kubernetes-network.ts'
import { k8sPodSecurity } from '../../src/facts/kubernetes-pod-security.ts'
import { NO_TARGETS } from '../support/context.ts'
import { auditKubernetes, type KubernetesResult } from '../support/kubernetes.ts'
import { liveOrSkip } from './servers/installed.ts'
import { type KubeServer, startKube } from './servers/kube.ts'
import { temporaryFolder, waitUntil } from './servers/process.ts'

/** The least that the server takes for a kind of Istio or Gatekeeper: whatever stands in it is kept. */
function definition(group: string, version: string, kind: string, plural: string, scope = 'Namespaced'): string {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
  return stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  })
}

const OBJECTS = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: safe, labels: {pod-security.kubernetes.io/enforce: baseline}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: i}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: shop}
spec: {selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c, image: i}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: safe}
spec: {selector: {matchLabels: {app: api}}, template: {metadata: {labels: {app: api}}, spec: {containers: [{name: c, image: i}]}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}, ingress: [{}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: gone, namespace: shop}
spec: {podSelector: {matchLabels: {app: gone}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny, namespace: safe}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: labels}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}
  validations: [{expression: "has(object.metadata.labels)"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: labels-prod}
spec: {policyName: labels, validationActions: [Deny], matchResources: {namespaceSelector: {matchLabels: {tier: prod}}}}
`
const MESH = `
apiVersion: security.istio.io/v1beta1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: PERMISSIVE}}
---
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: {name: all, namespace: shop}
spec: {rules: [{}]}
---
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: k8sprivileged}
spec: {crd: {spec: {names: {kind: K8sPrivileged}}}}
`

liveOrSkip('network policies, meshes and pod security of a real kube-apiserver', ['etcd', 'kube-apiserver'], () => {
  const folder = temporaryFolder('kubernetes-network')
  let kube: KubeServer
  let before: KubernetesResult
  let after: KubernetesResult
  const audit = (kubeconfig = kube.kubeconfig) =>
    auditKubernetes({ targets: { ...NO_TARGETS, kubernetes: [{ kubeconfig }] } })
  beforeAll(async () => {
    kube = await startKube()
    await kube.apply(OBJECTS)
    before = await audit()
    const kinds: [path: string, ...Parameters<typeof definition>][] = [
      ['peerauthentications', 'security.istio.io', 'v1beta1', 'PeerAuthentication', 'peerauthentications'],
      ['authorizationpolicies', 'security.istio.io', 'v1beta1', 'AuthorizationPolicy', 'authorizationpolicies'],
      ['constrainttemplates', 'templates.gatekeeper.sh', 'v1', 'ConstraintTemplate', 'constrainttemplates', 'Cluster'],
    ]
    for (const [path, group, version, ...names] of kinds) {
      await kube.apply(definition(group, version, ...names))
      const served = async () => (await kube.request('GET', `/apis/${group}/${version}/${path}`)).status === 200
      await waitUntil(path, served, [])
    }
    await kube.apply('apiVersion: v1\nkind: Namespace\nmetadata: {name: istio-system}\n')
    await kube.apply(MESH)
    after = await audit()
  })
  afterAll(async () => {
    await kube?.stop()
    folder.remove()
  })

  it('takes an extension that is not installed for one without objects', () => {
    expect(before.gaps).toEqual([])
    expect(before.of(k8sMeshTls)).toEqual([
      expect.objectContaining({ data: expect.objectContaining({ explicit: false, namespace: 'shop' }) }),
    ])
  })

  it('judges isolation, policies and pod security', () => {
    const isolation = after.of(k8sNetworkIsolation).map(({ data }) => {
      const state = data.isolated ? 'isolated' : data.uncovered?.join()
      return `${data.namespace} ${data.direction}: ${state}`
    })
    expect(isolation.sort()).toEqual([
      'safe egress: isolated',
      'safe ingress: isolated',
      'shop egress: Deployment shop/db,Deployment shop/web',
      'shop ingress: Deployment shop/db',
    ])
    const policies = after.of(k8sPolicyReach).map(({ data }) => [data.name, data.selectsNothing, data.ingressOpen])
    expect(policies.sort()).toEqual([
      ['default-deny', false, ''],
      ['gone', true, ''],
      ['web', false, 'anywhere'],
    ])
    const security = after.of(k8sPodSecurity).map(({ data, at }) => [data.namespace, data.enforced, at])
    expect(security.sort()).toEqual([
      ['safe', true, { resource: 'k8s://live/Namespace/safe' }],
      ['shop', false, { resource: 'k8s://live/Namespace/shop' }],
    ])
  })

  it('asks in the older version where the newer one is not served', () => {
    expect(after.of(k8sMeshTls).map(({ data }) => [data.subject, data.because])).toEqual([
      ['Namespace shop', 'PeerAuthentication istio-system/default says PERMISSIVE'],
      ['PeerAuthentication istio-system/default', 'it says PERMISSIVE for the whole mesh'],
    ])
    expect(after.of(k8sMeshOpening).map(({ data }) => data.object)).toEqual(['AuthorizationPolicy shop/all'])
  })

  it('says what admission refuses, and that constraints are not read', () => {
    expect(
      after.of(k8sAdmission).map(({ data }) => [data.admission, data.part, data.namespaces, data.mayRefuse]),
    ).toEqual([['ValidatingAdmissionPolicy labels', 'labels-prod', 'in all namespaces with tier=prod', true]])
    expect(after.gaps.map(({ kind, class: gapClass, reason }) => [kind, gapClass, reason])).toEqual([
      [k8sAdmission.kind, 'limit', 'constraints not listed'],
    ])
  })

  it('is complete with the rights that `permissions k8s` prints', async () => {
    const rules = kubernetesNeeds().map((need) => {
      const [verb = '', target = ''] = need.split(' ')
      const slash = target.lastIndexOf('/')
      return { apiGroups: [target.slice(0, Math.max(0, slash))], resources: [target.slice(slash + 1)], verbs: [verb] }
    })
    const rbac = 'rbac.authorization.k8s.io'
    const name = 'auditor'
    await kube.apply(stringify({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'default' } }))
    await kube.apply(stringify({ apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name }, rules }))
    const subjects = [{ kind: 'ServiceAccount', name, namespace: 'default' }]
    const roleRef = { apiGroup: rbac, kind: 'ClusterRole', name }
    await kube.apply(
      stringify({ apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: { name }, roleRef, subjects }),
    )
    const user = `system:serviceaccount:default:${name}`
    await kube.waitForAccess(user, [], { verb: 'list', group: 'security.istio.io', resource: 'peerauthentications' })
    const kubeconfig = join(folder.path, 'auditor.yaml')
    const token = await kube.token('default', name)
    const text = readFileSync(kube.kubeconfig, 'utf8').replace(/token: .*/, `token: ${token}`)
    writeFileSync(kubeconfig, text, { mode: 0o600 })
    const seen = await audit(kubeconfig)
    expect(seen.gaps.map(({ reason }) => reason)).toEqual(['constraints not listed'])
    expect(seen.of(k8sMeshTls)).toHaveLength(2)
  })
})
