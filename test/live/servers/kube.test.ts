import { readFileSync } from 'node:fs'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Case1Call, makeCase1Calls } from './case1-calls.ts'
import { liveOrSkip } from './installed.ts'
import { type AuditEvent, type KubeServer, startKube } from './kube.ts'

liveOrSkip('kube', ['etcd', 'kube-apiserver'], () => {
  let kube: KubeServer
  let calls: Case1Call[]
  let events: AuditEvent[]

  beforeAll(async () => {
    kube = await startKube()
    await kube.apply(readFileSync(new URL('../../fixtures/k8s-case1/manifests.yaml', import.meta.url), 'utf8'))
    calls = await makeCase1Calls(kube)
    events = await kube.auditEvents()
  })
  afterAll(() => kube?.stop())

  const decisionsOn = (username: string, verb: string, path: string) =>
    events
      .filter((event) => event.user.username === username && event.verb === verb && event.requestURI.startsWith(path))
      .map((event) => event.annotations?.['authorization.k8s.io/decision'])

  it('answers the known calls as case 1 says', () => {
    const denied = calls.filter((call) => call.status === 403).map((call) => `${call.account} ${call.path}`)
    expect(denied).toEqual([
      'shop/web /api/v1/namespaces/shop/secrets',
      'shop/web /api/v1/namespaces/staging/configmaps',
      'ops/probe /api/v1/namespaces/ops/secrets',
    ])
    const failed = calls.filter((call) => call.status >= 400 && call.status !== 403).map((call) => call.path)
    expect(failed).toEqual([
      '/api/v1/namespaces/ops/pods/probe-0/log',
      '/api/v1/namespaces/ops/pods/nope',
      '/api/v1/namespaces/ops/pods/probe-0/exec',
    ])
    expect(calls).toHaveLength(21)
  })

  it('logs allowed and denied calls', () => {
    const web = 'system:serviceaccount:shop:web'
    expect(decisionsOn(web, 'get', '/api/v1/namespaces/shop/secrets/web-tls')).toEqual(['allow'])
    expect(decisionsOn(web, 'list', '/api/v1/namespaces/shop/secrets')).toEqual(['forbid'])
    expect(decisionsOn(web, 'list', '/api/v1/namespaces/staging/configmaps')).toEqual(['forbid'])
  })

  it('logs the watch in both of its stages', () => {
    const stages = events.filter((event) => event.verb === 'watch' && event.user.username.endsWith(':web'))
    expect(stages.map((event) => event.stage)).toEqual(['ResponseStarted', 'ResponseComplete'])
  })

  it('logs exec over a websocket as an allowed get', () => {
    const decisions = decisionsOn('system:serviceaccount:ops:probe', 'get', '/api/v1/namespaces/ops/pods/probe-0/exec')
    expect(new Set(decisions)).toEqual(new Set(['allow']))
  })

  it('logs who impersonated whom', () => {
    const event = events.find((event) => event.impersonatedUser !== undefined)
    expect(event).toMatchObject({ user: { username: 'zt-admin' }, objectRef: { resource: 'deployments' } })
    expect(event?.impersonatedUser?.username).toBe('system:serviceaccount:shop:ci')
  })

  it('writes a kubeconfig that a client can use', async () => {
    const config = new KubeConfig()
    config.loadFromFile(kube.kubeconfig)
    const { items } = await config.makeApiClient(CoreV1Api).listNamespace()
    expect(items.map((item) => item.metadata?.name)).toEqual(expect.arrayContaining(['ops', 'shop', 'staging']))
    expect(config.getCurrentCluster()?.name).toBe('live')
  })

  it('throws for a manifest that is refused', async () => {
    const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: cm1, namespace: no-such }\n'
    await expect(kube.apply(manifest)).rejects.toThrow(/404/)
  })
})
