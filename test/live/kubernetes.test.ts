import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stringify } from 'yaml'
import {
  k8sBinding,
  k8sRole,
  k8sRoleRule,
  k8sServiceAccount,
  k8sSubject,
  k8sTokenSecret,
} from '../../src/facts/kubernetes.ts'
import { k8sAuditLog, k8sCalls } from '../../src/facts/kubernetes-log.ts'
import { k8sPermission } from '../../src/facts/kubernetes-usage.ts'
import { kubernetesScanner } from '../../src/scanners/kubernetes/index.ts'
import { collect, memoryTree, NO_TARGETS } from '../support/context.ts'
import { auditKubernetes, compareRows, unusedRows } from '../support/kubernetes.ts'
import { makeCase1Calls } from './servers/case1-calls.ts'
import { liveOrSkip } from './servers/installed.ts'
import { type KubeServer, startKube } from './servers/kube.ts'
import { temporaryFolder } from './servers/process.ts'

const CASE = join(import.meta.dirname, '../fixtures/k8s-case1')
const manifests = readFileSync(join(CASE, 'manifests.yaml'), 'utf8')
const TOKEN_SECRET = `
apiVersion: v1
kind: Secret
metadata: {name: web-token, namespace: shop, annotations: {kubernetes.io/service-account.name: web}}
type: kubernetes.io/service-account-token
`
/** May list everything but RoleBindings. */
const AUDITOR = `
apiVersion: v1
kind: ServiceAccount
metadata: {name: auditor, namespace: default}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: auditor}
rules:
- {apiGroups: [rbac.authorization.k8s.io], resources: [roles, clusterroles, clusterrolebindings], verbs: [list]}
- {apiGroups: [""], resources: [configmaps, pods, replicationcontrollers, serviceaccounts, namespaces], verbs: [list]}
- {apiGroups: [certificates.k8s.io], resources: [certificatesigningrequests], verbs: [list]}
- {apiGroups: [apps, batch, admissionregistration.k8s.io, networking.k8s.io], resources: ["*"], verbs: [list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: auditor}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: auditor}
subjects: [{kind: ServiceAccount, name: auditor, namespace: default}]
`

liveOrSkip('a real kube-apiserver', ['etcd', 'kube-apiserver'], () => {
  const folder = temporaryFolder('kubernetes')
  let kube: KubeServer
  const targets = (kubeconfig: string) => ({ ...NO_TARGETS, kubernetes: [{ kubeconfig }] })
  beforeAll(async () => {
    kube = await startKube()
    await kube.apply(manifests)
    await makeCase1Calls(kube)
    await kube.auditEvents()
  })
  afterAll(async () => {
    await kube?.stop()
    folder.remove()
  })

  it('finds exactly the unused permissions of case 1', async () => {
    const { of, gaps } = await auditKubernetes({ targets: { ...targets(kube.kubeconfig), auditLogs: [kube.auditLog] } })
    const { unused } = JSON.parse(readFileSync(join(CASE, 'expected.json'), 'utf8'))
    expect(unusedRows(of(k8sPermission))).toEqual([...unused].sort(compareRows))
    // Nothing else is open than what a log of minutes cannot tell.
    expect(gaps.map(({ reason }) => reason)).toEqual(['use of token not seen'])
    expect(of(k8sAuditLog).map(({ scope, data }) => [scope, data.coversReads, data.coversAll])).toEqual([
      ['k8s:live', true, true],
    ])
  })

  it('sees what it made, the API server’s own objects as such, and where they are declared', async () => {
    const tree = memoryTree({ 'deploy/all.yaml': manifests })
    const { of, gaps } = await collect(kubernetesScanner, { trees: [tree], targets: targets(kube.kubeconfig) })
    const own = of(k8sRole).filter(({ data }) => !data.bootstrapping)
    expect(own.map(({ data }) => data.role).sort()).toEqual(
      ['ClusterRole deployer', 'ClusterRole idle-agg', 'ClusterRole idle-part', 'ClusterRole robot'].concat([
        'Role ops/orphan',
        'Role ops/probe',
        'Role shop/shop-common',
        'Role shop/web',
      ]),
    )
    expect(of(k8sRole).find(({ data }) => data.name === 'cluster-admin')?.data.bootstrapping).toBe(true)
    const line = manifests.split('\n').findIndex((text) => text.includes('serviceaccounts/token')) + 1
    const rule = of(k8sRoleRule).find(
      ({ data }) => data.resources?.includes('serviceaccounts/token') && !data.bootstrapping,
    )
    expect(rule?.at).toEqual({
      resource: 'k8s://live/ops/Role/probe',
      declaredAt: { file: 'deploy/all.yaml', line, column: 3 },
    })
    expect(gaps).toEqual([])
  })

  it('reads pages, and of secrets only the tokens and never their data', async () => {
    await kube.apply(TOKEN_SECRET)
    for (let i = 0; i < 510; i += 30) {
      const accounts = Array.from({ length: 30 }, (_, k) => ({
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: `many-${i + k}`, namespace: 'staging' },
      }))
      await Promise.all(accounts.map((account) => kube.apply(stringify(account))))
    }
    const { of } = await collect(kubernetesScanner, {
      targets: targets(kube.kubeconfig),
      wants: ({ kind }) => kind === k8sServiceAccount.kind || kind === k8sTokenSecret.kind,
    })
    expect(of(k8sServiceAccount).filter(({ data }) => data.namespace === 'staging').length).toBe(510)
    expect(of(k8sTokenSecret).map(({ data }) => [data.secret, data.account])).toEqual([['shop/web-token', 'shop/web']])
    const asked = (await kube.auditEvents()).filter(
      ({ verb, requestURI, user }) =>
        verb === 'list' && user.username === 'zt-admin' && /v1\/(secrets|serviceaccounts)\?/.test(requestURI),
    )
    const lists = asked.map(({ requestURI }) => new URL(requestURI, kube.server).searchParams)
    expect(lists.every((query) => query.get('limit') === '500')).toBe(true)
    expect(lists.filter((query) => query.has('continue')).length).toBeGreaterThan(0)
    expect(
      asked.filter(
        ({ requestURI }) => requestURI.includes('/secrets') && !requestURI.includes('service-account-token'),
      ),
    ).toEqual([])
  })

  it('names a denied list as a gap of each kind that needed it, and reads the rest', async () => {
    await kube.apply(AUDITOR)
    const user = 'system:serviceaccount:default:auditor'
    await kube.waitForAccess(user, [], { verb: 'list', resource: 'pods' })
    const kubeconfig = join(folder.path, 'auditor.yaml')
    const token = await kube.token('default', 'auditor')
    const text = readFileSync(kube.kubeconfig, 'utf8').replace(/token: .*/, `token: ${token}`)
    writeFileSync(kubeconfig, text, { mode: 0o600 })
    const { of, gaps } = await collect(kubernetesScanner, { targets: targets(kubeconfig) })
    expect(gaps.map(({ kind, scope, class: gapClass, reason }) => [kind, scope, gapClass, reason])).toEqual([
      [k8sBinding.kind, 'k8s:live', 'fault', 'access denied'],
      [k8sSubject.kind, 'k8s:live', 'fault', 'access denied'],
      [k8sTokenSecret.kind, 'k8s:live', 'fault', 'access denied'],
    ])
    expect(gaps[0]?.detail).toContain('list rbac.authorization.k8s.io/rolebindings')
    expect(of(k8sRole).length).toBeGreaterThan(8)
    expect(of(k8sBinding).every(({ data }) => data.bindingKind === 'ClusterRoleBinding')).toBe(true)
  })

  it('says so when the credentials are refused', async () => {
    const kubeconfig = join(folder.path, 'stranger.yaml')
    writeFileSync(kubeconfig, readFileSync(kube.kubeconfig, 'utf8').replace(/token: .*/, 'token: nobody'))
    await expect(collect(kubernetesScanner, { targets: targets(kubeconfig) })).rejects.toThrow(
      'refuses the credentials',
    )
  })

  it('counts a denied call as denied and an impersonated one apart', async () => {
    const { of } = await auditKubernetes({ targets: { ...targets(kube.kubeconfig), auditLogs: [kube.auditLog] } })
    const calls = of(k8sCalls).map(
      ({ data }) =>
        `${data.decision} ${data.user} ${data.verb} ${data.resource}@${data.namespace} by ${data.impersonator}`,
    )
    expect(calls).toContain('forbid system:serviceaccount:shop:web list secrets@shop by ')
    expect(calls).toContain('allow system:serviceaccount:shop:ci list deployments@shop by zt-admin')
    expect(calls).toContain('allow zt-admin impersonate serviceaccounts@shop by ')
    expect(calls).toContain('allow system:serviceaccount:ops:probe create pods/exec@ops by ')
  })
})
