import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { folderWith, run } from '../support/program.ts'
import { makeCase1Calls } from './servers/case1-calls.ts'
import { liveOrSkip } from './servers/installed.ts'
import { type KubeServer, startKube } from './servers/kube.ts'

const CASE = join(import.meta.dirname, '../fixtures/k8s-case1')
const expected = JSON.parse(readFileSync(join(CASE, 'expected.json'), 'utf8')).serviceAccounts as Record<
  string,
  { used: string[]; unused: string[] }
>
const TOKEN_SECRET = `
apiVersion: v1
kind: Secret
metadata: {name: web-token, namespace: shop, annotations: {kubernetes.io/service-account.name: web}}
type: kubernetes.io/service-account-token
stringData: {token: not-a-real-token}
`

liveOrSkip('zt-audit inventory on a real kube-apiserver', ['etcd', 'kube-apiserver'], () => {
  let kube: KubeServer
  beforeAll(async () => {
    kube = await startKube()
    await kube.apply(readFileSync(join(CASE, 'manifests.yaml'), 'utf8'))
    await kube.apply(TOKEN_SECRET)
    await makeCase1Calls(kube)
    await kube.auditEvents()
  })
  afterAll(async () => {
    await kube?.stop()
  })

  it('counts what the five accounts of case 1 used of what they are granted, and says who can become administrator', async () => {
    const { code, stdout, stderr } = await run([
      'inventory',
      folderWith({}),
      '--k8s',
      '--kubeconfig',
      kube.kubeconfig,
      '--audit-log',
      kube.auditLog,
      '--format',
      'json',
    ])
    expect([code, stderr]).toEqual([0, ''])
    const { tables, gaps } = JSON.parse(stdout)
    expect(gaps).toEqual([])
    const rows = new Map<string, Record<string, unknown>>(
      tables[0].rows.map((row: { account: string }) => [row.account, row]),
    )
    for (const [account, { used, unused }] of Object.entries(expected)) {
      expect([account, rows.get(account)?.used, rows.get(account)?.unused, rows.get(account)?.undetermined]).toEqual([
        account,
        used.length,
        unused.length,
        0,
      ])
      expect(rows.get(account)?.notSeen).toEqual([])
    }
    const of = (column: string) => [...rows].flatMap(([account, row]) => (row[column] === 'yes' ? [account] : []))
    expect(of('administrator')).toEqual(['ops/robot'])
    expect(rows.get('ops/idle')?.lastSeen).toBe('')
    expect(String(rows.get('ops/probe')?.lastSeen)).toMatch(/^\d{4}-\d\d-\d\dT/)
    expect(rows.get('ops/ghost')).toMatchObject({ state: 'missing' })
    expect(rows.get('shop/web')).toMatchObject({ tokenSecrets: ['shop/web-token'], workloads: ['Pod shop/web-0'] })
    expect(rows.get('ops/probe')?.administrator).toBe('can become')
    // It makes Deployments in a namespace that lets pods have their node's disk, where the token of ops/robot lies.
    expect(rows.get('shop/ci')?.administrator).toBe('can become')
    expect(rows.get('shop/web')?.administrator).toBe('no')
    expect(stdout).not.toContain('not-a-real-token')
  })
})
