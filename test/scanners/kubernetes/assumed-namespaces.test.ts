import { expect, it } from 'vitest'
import { k8sServiceAccount, k8sSubject } from '../../../src/facts/kubernetes.ts'
import { kubernetesScanner } from '../../../src/scanners/kubernetes/index.ts'
import { collect, memoryTree } from '../../support/context.ts'

const account = (name: string) => `apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: ${name}}\n`
const bind = (kind: string, ...subjects: string[]) => `apiVersion: rbac.authorization.k8s.io/v1
kind: ${kind}
metadata: {name: b}
roleRef: {kind: ClusterRole, name: view}
subjects: [${subjects.map((subject) => `{kind: ServiceAccount, name: ${subject}}`).join(', ')}]
`
async function accounts(files: Record<string, string>) {
  const { of } = await collect(kubernetesScanner, { trees: [memoryTree(files)] })
  return {
    accounts: of(k8sServiceAccount).map(({ data }) => [data.account, data.namespaceGiven]),
    subjects: of(k8sSubject).map(({ data }) => data.subject),
  }
}

it('objects without a namespace stand where the bindings of their folder look for them', async () => {
  const manifests = [
    account('web'),
    account('job'),
    bind('ClusterRoleBinding', 'web, namespace: shop'),
    bind('RoleBinding', 'job'),
  ]
  expect(await accounts({ 'install.yaml': manifests.join('---\n') })).toEqual({
    accounts: [
      ['shop/web', false],
      ['shop/job', false],
    ],
    subjects: ['shop/web', 'shop/job'],
  })
})

it('but in default where bindings point to two, to accounts of others or from another folder', async () => {
  const two = bind('ClusterRoleBinding', 'web, namespace: shop', 'web, namespace: ops')
  expect((await accounts({ 'a.yaml': `${account('web')}---\n${two}` })).accounts).toEqual([['default/web', false]])
  const other = bind('ClusterRoleBinding', 'other, namespace: shop')
  expect((await accounts({ 'a.yaml': `${account('web')}---\n${other}` })).accounts).toEqual([['default/web', false]])
  const elsewhere = { 'a/a.yaml': account('web'), 'b/b.yaml': bind('ClusterRoleBinding', 'web, namespace: shop') }
  expect((await accounts(elsewhere)).accounts).toEqual([['default/web', false]])
})

it('a kustomization beside them names it', async () => {
  const kustomization = 'namespace: ops\nresources: [a.yaml]\n'
  const files = { 'x/kustomization.yaml': kustomization, 'x/a.yaml': account('web'), 'y/a.yaml': account('web') }
  expect((await accounts(files)).accounts.map(([name]) => name).sort()).toEqual(['default/web', 'ops/web'])
})
