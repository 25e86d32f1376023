import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { folderWith, run } from '../support/program.ts'
import { type Case1Call, makeCase1Calls } from './servers/case1-calls.ts'
import { liveOrSkip } from './servers/installed.ts'
import { type KubeServer, startKube } from './servers/kube.ts'

const CASE = join(import.meta.dirname, '../fixtures/k8s-case1')
const manifests = readFileSync(join(CASE, 'manifests.yaml'), 'utf8')
const RBAC = '/apis/rbac.authorization.k8s.io/v1'
const isBuiltIn = ({ metadata }: Json) => metadata.labels?.['kubernetes.io/bootstrapping'] !== undefined

interface Json {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> }
}

/** A role that applies an object by server-side apply, which the log shows as `patch` alone. */
const APPLIER = `
apiVersion: v1
kind: ServiceAccount
metadata: {name: applier, namespace: staging}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: applier, namespace: staging}
rules:
- {apiGroups: [""], resources: [configmaps], verbs: [get, list, create, patch, delete]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: applier, namespace: staging}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: applier}
subjects: [{kind: ServiceAccount, name: applier, namespace: staging}]
`

liveOrSkip('suggest k8s on a real kube-apiserver', ['etcd', 'kube-apiserver'], () => {
  let kube: KubeServer
  let before: Case1Call[]
  let suggested: string
  const suggest = (...args: string[]) =>
    run(['suggest', 'k8s', folderWith({}), '--k8s', '--kubeconfig', kube.kubeconfig, ...args])

  beforeAll(async () => {
    kube = await startKube()
    await kube.apply(manifests)
    await kube.apply(APPLIER)
    before = await callsOfEverybody()
    await kube.auditEvents()
    // Judged by what was called until now.
    writeFileSync(`${kube.auditLog}.kept`, readFileSync(kube.auditLog))
    const { code, stdout } = await suggest('--format', 'yaml', '--audit-log', `${kube.auditLog}.kept`)
    expect(code).toBe(0)
    suggested = stdout
  })
  afterAll(() => kube?.stop())

  async function callsOfEverybody(): Promise<Case1Call[]> {
    const user = 'system:serviceaccount:staging:applier'
    await kube.waitForAccess(user, [], { verb: 'patch', resource: 'configmaps', namespace: 'staging' })
    const calls = await makeCase1Calls(kube)
    const path = '/api/v1/namespaces/staging/configmaps/applied'
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' } }
    const token = await kube.token('staging', 'applier')
    const options = { token, body, contentType: 'application/apply-patch+yaml' }
    const { status } = await kube.request('PATCH', `${path}?fieldManager=test`, options)
    return [...calls, { account: 'staging/applier', method: 'PATCH', path, status }]
  }

  async function own(resource: string): Promise<Json[]> {
    const { body } = await kube.request('GET', `${RBAC}/${resource}`)
    return (body as { items: Json[] }).items.filter((item) => !isBuiltIn(item))
  }

  /** Takes every role and binding of the case away: what is allowed then is allowed by the suggestion. */
  async function clear(): Promise<void> {
    for (const resource of ['rolebindings', 'clusterrolebindings', 'roles', 'clusterroles']) {
      for (const { metadata } of await own(resource)) {
        const namespace = metadata.namespace ? `/namespaces/${metadata.namespace}` : ''
        await kube.request('DELETE', `${RBAC}${namespace}/${resource}/${metadata.name}`)
      }
    }
  }

  it('allows all that was allowed, with real tokens, and denies what was denied and what was not used', async () => {
    const bindings = [...(await own('rolebindings')), ...(await own('clusterrolebindings'))].map((item) => ({
      ...item,
      kind: item.metadata.namespace ? 'RoleBinding' : 'ClusterRoleBinding',
    }))
    await clear()
    await kube.apply(suggested)
    // Bindings of roles that were narrowed in their place stay as they are; the suggestion names those that go.
    const gone = [...suggested.matchAll(/^# kubectl delete (\w+)binding (?:-n (\S+) )?(\S+)$/gm)].map(
      ([, kind, namespace = '', name]) => `${kind}/${namespace}/${name}`,
    )
    expect(gone.sort()).toEqual(['role/ops/idle', 'role/staging/ci-deployer'])
    for (const { kind, metadata, ...rest } of bindings) {
      const { name, namespace } = metadata
      if (gone.includes(`${kind.replace('Binding', '').toLowerCase()}/${namespace ?? ''}/${name}`)) continue
      const binding = { ...rest, apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: { name, namespace } }
      await kube.apply(JSON.stringify(binding))
    }
    await kube.request('DELETE', '/apis/apps/v1/namespaces/shop/deployments/d1')
    await kube.request('DELETE', '/api/v1/namespaces/staging/configmaps/applied')
    const after = await callsOfEverybody()
    // The administrator's call as shop/ci proves no need of shop/ci, and that is said.
    const isBorrowed = ({ account }: Case1Call) => account === 'zt-admin as shop/ci'
    expect(after.filter((call) => !isBorrowed(call))).toEqual(before.filter((call) => !isBorrowed(call)))
    expect(after.find(isBorrowed)?.status).toBe(403)
    expect(suggested).toContain('denied then: list apps/deployments in shop by zt-admin')
    expect(before.filter(({ status }) => status === 403).length).toBe(3)

    const call = async (account: string, method: string, path: string) => {
      const [namespace = '', name = ''] = account.split('/')
      return (await kube.request(method, path, { token: await kube.token(namespace, name) })).status
    }
    const shop = '/api/v1/namespaces/shop'
    expect([
      await call('shop/web', 'GET', `${shop}/configmaps/cm1`),
      await call('shop/web', 'GET', `${shop}/secrets/web-db`),
      await call('shop/web', 'GET', `${shop}/pods`),
      await call('shop/ci', 'DELETE', '/apis/apps/v1/namespaces/shop/deployments/d1'),
      await call('shop/ci', 'GET', '/apis/apps/v1/namespaces/staging/deployments/d1'),
      await call('ops/robot', 'GET', `${shop}/secrets/web-tls`),
      await call('ops/robot', 'GET', '/api/v1/namespaces/staging'),
      await call('ops/idle', 'GET', '/apis/batch/v1/namespaces/ops/jobs'),
      await call('staging/applier', 'GET', '/api/v1/namespaces/staging/configmaps'),
    ]).toEqual(Array(9).fill(403))
  })

  it('suggests roles that the server takes, and says that nothing is lost', () => {
    const documents = parseAllDocuments(suggested).map((document) => document.toJS() as Json | null)
    const names = documents
      .filter((each) => each !== null)
      .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)
    expect(names.sort()).toEqual(
      [
        'ClusterRole /deployer',
        'ClusterRole /robot',
        'Role ops/probe',
        'Role ops/robot-used',
        'Role shop/ops-robot-used',
      ].concat([
        'Role shop/shop-common',
        'Role shop/web',
        'Role staging/applier',
        'RoleBinding ops/robot-used',
        'RoleBinding shop/ops-robot-used',
      ]),
    )
    expect(suggested).toMatch(/^# Replayed: \d+ calls of \d+ kinds, none lost\.$/m)
  })

  it('finds nothing unused in the repository that the diff was applied to', async () => {
    const tree = folderWith({ 'deploy/all.yaml': manifests, 'deploy/applier.yaml': APPLIER })
    const log = `${kube.auditLog}.kept`
    const { stdout: diff } = await run(['suggest', 'k8s', tree, '--audit-log', log, '--format', 'diff'])
    execFileSync('git', ['apply', '-'], { cwd: tree, input: diff })
    const { code, stdout } = await run([
      tree,
      '--audit-log',
      log,
      '--only',
      'k8s/unused-permission,k8s/narrowable-wildcard',
      '--format',
      'json',
    ])
    expect([code, JSON.parse(stdout).findings]).toEqual([0, []])
    const again = await run(['suggest', 'k8s', tree, '--audit-log', log, '--format', 'diff'])
    expect(again).toMatchObject({ code: 0, stdout: '' })
  })
})
