import { describe, expect, it } from 'vitest'
import type { Gap } from '../../src/model.ts'
import { kubernetesScanner } from '../../src/scanners/kubernetes/index.ts'
import { cellText, type Row } from '../../src/table.ts'
import { kubernetesTables } from '../../src/views/kubernetes.ts'
import { collect, memoryTree } from '../support/context.ts'
import { deriveKubernetes } from '../support/kubernetes.ts'

const account = (name: string, more = '') =>
  `apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: ${name}, namespace: shop}\n${more}`
const pod = (name: string, spec: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: shop}\nspec: {containers: [{image: x}], ${spec}}\n`
const role = (rules: string) =>
  `apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r, namespace: shop}\nrules: [${rules}]\n`
const bind = (subject: string, name = 'b') =>
  `apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: ${name}, namespace: shop}\nroleRef: {kind: Role, name: r}\nsubjects: [${subject}]\n`
const GET_PODS = '{apiGroups: [""], resources: [pods], verbs: [get, list]}'
const GET_SECRETS = '{apiGroups: [""], resources: [secrets], verbs: [get]}'
const WEB = '{kind: ServiceAccount, name: web, namespace: shop}'
const TOKEN = `apiVersion: v1\nkind: Secret\nmetadata: {name: t, namespace: shop, annotations: {kubernetes.io/service-account.name: web}}\ntype: kubernetes.io/service-account-token\n`

/** The rows of both tables by name, and the words of a cell. */
async function view(documents: readonly string[], gaps: readonly Gap[] = []) {
  const { facts } = await collect(kubernetesScanner, { trees: [memoryTree({ 'a.yaml': documents.join('---\n') })] })
  const derived = deriveKubernetes(facts, gaps)
  const tables = kubernetesTables(derived.facts, derived.gaps)
  const rows = new Map(tables.flatMap((table) => table.rows).map((row): [string, Row] => [row.order.name, row]))
  const cell = (name: string, column: string) => rows.get(name)?.cells[column]
  return { tables, rows, cell, text: (name: string, column: string) => cellText(cell(name, column)) }
}
const gapOf = (kind: string): Gap => ({ kind, scope: 'k8s:-', class: 'fault', reason: 'access denied', detail: 'x' })

describe('the table of service accounts', () => {
  it('holds accounts without grants, those only named by bindings, and those that only pods name', async () => {
    const { rows, text } = await view([
      account('idle'),
      role(GET_PODS),
      bind('{kind: ServiceAccount, name: ghost, namespace: shop}'),
      pod('p', 'serviceAccountName: other'),
      pod('d', ''),
    ])
    expect([...rows.keys()].sort()).toEqual(['shop/default', 'shop/ghost', 'shop/idle', 'shop/other'])
    expect(text('shop/ghost', 'account')).toBe('shop/ghost (not in these files)')
    expect(text('shop/default', 'account')).toBe('shop/default')
    expect(rows.get('shop/idle')?.idle).toBe(true)
    expect(rows.get('shop/default')?.idle).toBeUndefined()
    expect(text('shop/other', 'workloads')).toBe('Pod p')
  })

  it.each([
    ['automatic', '', 'serviceAccountName: web'],
    ['off by the account', 'automountServiceAccountToken: false\n', 'serviceAccountName: web'],
    ['off by the pod', '', 'serviceAccountName: web, automountServiceAccountToken: false'],
    [
      'automatic by the pod, off by the account',
      'automountServiceAccountToken: false\n',
      'serviceAccountName: web, automountServiceAccountToken: true',
    ],
    [
      'off by the pod, projected for vault, 10 min',
      '',
      'serviceAccountName: web, automountServiceAccountToken: false, volumes: [{name: v, projected: {sources: [{serviceAccountToken: {path: v, audience: vault, expirationSeconds: 600}}]}}]',
    ],
  ])('says how a token is mounted: %s', async (words, more, spec) => {
    const { text } = await view([account('web', more), pod('p', spec)])
    expect(text('shop/web', 'token')).toBe(words)
  })

  it('says where ways differ, and which secrets hold a token', async () => {
    const { text, cell } = await view([
      account('web'),
      TOKEN,
      pod('p', 'serviceAccountName: web'),
      pod('q', 'serviceAccountName: web, automountServiceAccountToken: false'),
    ])
    expect(text('shop/web', 'token')).toBe(
      'automatic in Pod shop/p; off by the pod in Pod shop/q; secret t without expiry',
    )
    expect(cell('shop/web', 'tokenSecrets')?.value).toEqual(['shop/t'])
  })

  it('tells rights by itself and through groups, and counts them', async () => {
    const { text, cell } = await view([
      account('web'),
      role(`${GET_PODS}, ${GET_SECRETS}`),
      bind(WEB),
      bind('{kind: Group, name: "system:serviceaccounts:shop"}', 'g'),
      account('other'),
    ])
    expect(text('shop/web', 'rights')).toBe('read-secrets')
    expect(cell('shop/web', 'granted')?.value).toBe(6)
    expect(cell('shop/other', 'granted')?.value).toBe(3)
    expect(cell('shop/other', 'groupBindings')?.value).toEqual(['RoleBinding shop/g'])
    expect(cell('shop/other', 'dangerous')?.value).toEqual(['read-secrets'])
    expect(text('shop/web', 'use')).toBe('not seen, of 6')
    expect(text('system:serviceaccounts:shop', 'kind')).toBe('Group')
    // Without an audit log nobody knows, which is not "none".
    expect(text('shop/web', 'lastSeen')).toBe('not seen')
    expect(text('shop/web', 'used')).toBe('not seen')
  })

  it('says who is administrator, who can become one, and who cannot', async () => {
    const admin = (name: string) =>
      `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: ${name}}\nroleRef: {kind: ClusterRole, name: cluster-admin}\nsubjects: [{kind: ServiceAccount, name: ${name}, namespace: shop}]\n`
    const { cell, text } = await view([
      account('boss'),
      admin('boss'),
      account('web'),
      role('{apiGroups: [""], resources: [pods], verbs: [create]}'),
      bind(WEB),
      account('idle'),
    ])
    expect(cell('shop/boss', 'administrator')?.value).toBe('yes')
    expect(cell('shop/web', 'administrator')?.value).toBe('can become')
    expect(text('shop/web', 'rights')).toMatch(
      /^can become administrator by create pods .*shop\/boss.*; create-workload$/,
    )
    expect(cell('shop/idle', 'administrator')?.value).toBe('no')
  })
})

describe('what was not seen', () => {
  it('is never none: pods, secrets, bindings', async () => {
    const documents = [account('web'), role(GET_PODS), bind(WEB), account('idle')]
    const pods = await view(documents, [gapOf('k8s.workload')])
    expect(pods.text('shop/web', 'workloads')).toBe('not seen')
    expect(pods.cell('shop/web', 'mounts')?.value).toBeNull()
    expect(pods.rows.get('shop/idle')?.idle).toBeUndefined()
    const secrets = await view(documents, [gapOf('k8s.token-secret')])
    expect(secrets.cell('shop/web', 'tokenSecrets')?.value).toBeNull()
    expect(secrets.text('shop/web', 'token')).toBe('secrets not seen')
    const bindings = await view(documents, [gapOf('k8s.subject')])
    expect(bindings.text('shop/web', 'use')).toBe('not seen, of 2+')
    expect(bindings.text('shop/idle', 'use')).toBe('not seen')
    expect(bindings.text('shop/idle', 'rights')).toBe('not seen')
    expect(bindings.cell('shop/idle', 'administrator')?.value).toBeNull()
  })

  it('is a role that every cluster has, but whose rules are not in the files', async () => {
    const view1 = await view([
      account('web'),
      bind(WEB).replace('kind: Role, name: r', 'kind: ClusterRole, name: view'),
    ])
    expect(view1.text('shop/web', 'use')).toBe('not seen')
    expect(view1.cell('shop/web', 'administrator')?.value).toBeNull()
  })
})
