import { describe, expect, it } from 'vitest'
import { k8sEscalation, k8sPrivileged } from '../../../src/facts/kubernetes-escalation.ts'
import { memoryTree } from '../../support/context.ts'
import { auditKubernetes, deriveKubernetes } from '../../support/kubernetes.ts'

const RBAC = 'apiVersion: rbac.authorization.k8s.io/v1'
const BOSS = `${RBAC}
kind: ClusterRoleBinding
metadata: {name: boss}
roleRef: {kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: boss, namespace: ops}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: boss, namespace: ops}
`
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: boss, namespace: ops}
spec: {template: {spec: {serviceAccountName: boss, containers: [{image: a}]}}}
`
const TOKEN = `apiVersion: v1
kind: Secret
type: kubernetes.io/service-account-token
metadata: {name: boss-token, namespace: ops, annotations: {kubernetes.io/service-account.name: boss}}
`
const rule = (group: string, resources: string, verbs: string, names = '') =>
  `{apiGroups: ["${group}"], resources: [${resources}], verbs: [${verbs}]${names && `, resourceNames: [${names}]`}}`
/** Binds account shop/web to rules, in a namespace or everywhere. */
const grant = (rules: string[], namespace = '', name = 'web') => `${RBAC}
kind: ClusterRole
metadata: {name: ${name}}
rules: [${rules.join(', ')}]
---
${RBAC}
kind: ${namespace ? 'RoleBinding' : 'ClusterRoleBinding'}
metadata: {name: ${name}${namespace && `, namespace: ${namespace}`}}
roleRef: {kind: ClusterRole, name: ${name}}
subjects: [{kind: ServiceAccount, name: ${name}, namespace: shop}]
`
const audit = (...documents: string[]) =>
  auditKubernetes({ trees: [memoryTree({ 'a.yaml': documents.join('---\n') })] })
async function escalations(...documents: string[]) {
  return (await audit(...documents)).of(k8sEscalation).map(({ data }) => data)
}
const web = async (...documents: string[]) =>
  (await escalations(...documents)).find(({ subject }) => subject === 'shop/web')

describe('an account takes over a stronger one', () => {
  it.each([
    ['a pod', [rule('', 'pods', 'create')], 'create-workload'],
    ['a Deployment', [rule('apps', 'deployments', 'create')], 'create-workload'],
    ['a Deployment that is there', [rule('apps', 'deployments', 'patch')], 'create-workload'],
    ['that Deployment by its name', [rule('apps', 'deployments', 'update', 'boss')], 'create-workload'],
    ['a workflow', [rule('argoproj.io', 'workflows', 'create')], 'create-workload'],
    ['the image of a pod', [rule('', 'pods', 'patch')], 'create-workload'],
    ['a shell', [rule('', 'pods/exec', 'get')], 'pod-exec'],
    ['a debug container', [rule('', 'pods/ephemeralcontainers', 'patch')], 'pod-exec'],
    ['a token', [rule('', 'serviceaccounts/token', 'create')], 'create-token'],
    ['its token by name', [rule('', 'serviceaccounts/token', 'create', 'boss')], 'create-token'],
    ['its token secret', [rule('', 'secrets', 'list')], 'token-secret-read'],
    ['its token secret by name', [rule('', 'secrets', 'get', 'boss-token')], 'token-secret-read'],
    ['its name', [rule('', 'serviceaccounts', 'impersonate')], 'impersonate'],
    ['its name alone', [rule('', 'serviceaccounts', 'impersonate', 'boss')], 'impersonate'],
    [
      'the role edit',
      [
        rule('rbac.authorization.k8s.io', 'rolebindings', 'create'),
        rule('rbac.authorization.k8s.io', 'clusterroles', 'bind', 'edit'),
      ],
      'escalate-or-bind',
    ],
  ])('by %s', async (_, rules, way) => {
    const found = await web(BOSS, DEPLOYMENT, TOKEN, grant(rules, 'ops'))
    expect(found).toMatchObject({
      certain: true,
      hops: 1,
      paths: [way],
      target: 'ops/boss',
      binding: 'RoleBinding ops/web',
    })
    expect(found?.steps?.length).toBe(2)
  })

  it('by a shell that newer API servers open to create alone, which is said', async () => {
    const assumed = async (...rules: string[]) => (await web(BOSS, DEPLOYMENT, grant(rules, 'ops')))?.assumptions
    const alone = expect.arrayContaining([expect.stringMatching(/older than 1\.35/)])
    expect(await assumed(rule('', 'pods/exec', 'get'))).toEqual(alone)
    expect(await assumed(rule('', 'pods/exec', 'get'), rule('', 'pods/attach', 'create'))).not.toEqual(alone)
  })

  it.each([
    ['in another namespace', [rule('', 'pods', 'create')], 'shop'],
    ['by other verbs', [rule('', 'pods', 'get, list, delete')], 'ops'],
    ['in another group', [rule('example.com', 'pods', 'create')], 'ops'],
    ['by a create that names its object', [rule('', 'pods', 'create', 'a')], 'ops'],
    ['by a Deployment that is not there', [rule('apps', 'deployments', 'patch', 'other')], 'ops'],
    ['by the token of another', [rule('', 'serviceaccounts/token', 'create', 'other')], 'ops'],
    ['by another secret', [rule('', 'secrets', 'get', 'tls')], 'ops'],
    [
      'by binding a harmless role',
      [
        rule('rbac.authorization.k8s.io', 'rolebindings', 'create'),
        rule('rbac.authorization.k8s.io', 'clusterroles', 'bind', 'view'),
      ],
      'ops',
    ],
    ['by binding without the verb bind', [rule('rbac.authorization.k8s.io', 'rolebindings', 'create')], 'ops'],
    ['by the kubelet, for which it takes a ClusterRoleBinding', [rule('', 'nodes/proxy', 'get')], 'ops'],
    ['by creating secrets that it cannot read', [rule('', 'secrets', 'create')], 'ops'],
  ])('not %s', async (_, rules, namespace) => {
    expect(await web(BOSS, DEPLOYMENT, TOKEN, grant(rules, namespace))).toBeUndefined()
  })

  it('by a secret of its own that the API server fills', async () => {
    const found = await web(BOSS, grant([rule('', 'secrets', 'create, get')], 'ops'))
    expect(found).toMatchObject({ hops: 1, paths: ['read-secrets'], target: 'ops/boss' })
  })

  it('not by a shell in a pod without its token', async () => {
    const silent = DEPLOYMENT.replace('serviceAccountName', 'automountServiceAccountToken: false, serviceAccountName')
    expect(await web(BOSS, silent, grant([rule('', 'pods/exec', 'create')], 'ops'))).toBeUndefined()
  })

  it('by the kubelet, in any namespace', async () => {
    const found = await web(BOSS, DEPLOYMENT, grant([rule('', 'nodes/proxy', 'get')]))
    expect(found).toMatchObject({ hops: 1, paths: ['nodes-proxy'], target: 'ops/boss' })
  })

  it('by a pod with the disk of its node, unless the namespace is seen to refuse that', async () => {
    const namespace = (labels: string) => `apiVersion: v1\nkind: Namespace\nmetadata: {name: shop${labels}}\n`
    const creates = [BOSS, DEPLOYMENT, grant([rule('', 'pods', 'create')], 'shop')]
    expect(await web(...creates)).toBeUndefined()
    expect(await web(...creates, namespace(', labels: {pod-security.kubernetes.io/enforce: baseline}'))).toBeUndefined()
    const found = await web(...creates, namespace(', labels: {pod-security.kubernetes.io/enforce: privileged}'))
    expect(found).toMatchObject({ certain: true, paths: ['node-takeover'], target: 'ops/boss' })
    expect((await web(...creates, namespace('')))?.paths).toEqual(['node-takeover'])
  })

  it('by a volume of a node’s disk, with a claim and a pod for it', async () => {
    const volume = rule('', 'persistentvolumes, persistentvolumeclaims', 'create')
    expect(await web(BOSS, DEPLOYMENT, grant([volume]))).toBeUndefined()
    const pods = grant([rule('', 'pods', 'create')], 'shop', 'pods').replace(
      'name: pods, namespace: shop}]',
      'name: web, namespace: shop}]',
    )
    const found = await web(BOSS, DEPLOYMENT, grant([volume]), pods)
    expect(found?.paths).toEqual(['write-cluster-infrastructure'])
  })
})

describe('two rights that are needed together', () => {
  const bindings = rule('rbac.authorization.k8s.io', 'rolebindings', 'create')
  const bind = rule('rbac.authorization.k8s.io', 'clusterroles', 'bind')
  const two = (wide: string, narrow: string) => [
    grant([wide]),
    grant([narrow], 'ops', 'narrow').replace('name: narrow, namespace: shop}]', 'name: web, namespace: shop}]'),
  ]

  it.each([
    ['bindings everywhere, bind in one namespace', bindings, bind],
    ['bind everywhere, bindings in one namespace', bind, bindings],
    ['secrets made everywhere, read in one namespace', rule('', 'secrets', 'create'), rule('', 'secrets', 'get')],
    ['secrets read everywhere, made in one namespace', rule('', 'secrets', 'get'), rule('', 'secrets', 'create')],
  ])('may come by different bindings: %s', async (_, wide, narrow) => {
    expect(await web(BOSS, ...two(wide, narrow))).toMatchObject({ hops: 1, target: 'ops/boss' })
  })

  it('or by a binding that is there, by its name', async () => {
    const named = rule('rbac.authorization.k8s.io', 'clusterrolebindings', 'update', 'boss')
    expect(await web(BOSS, grant([named, bind]))).toMatchObject({ hops: 0, paths: ['escalate-or-bind'] })
    const other = rule('rbac.authorization.k8s.io', 'clusterrolebindings', 'update', 'other')
    expect(await web(BOSS, grant([other, bind]))).toBeUndefined()
  })

  it('are found in hundreds of namespaces without looking at each pair', async () => {
    const all = '{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}'
    const role = (namespace: string) =>
      `${RBAC}\nkind: Role\nmetadata: {name: cd, namespace: ${namespace}}\nrules: [${all}]\n---\n${RBAC}\nkind: RoleBinding\nmetadata: {name: cd, namespace: ${namespace}}\nroleRef: {kind: Role, name: cd}\nsubjects: [{kind: ServiceAccount, name: web, namespace: shop}]\n`
    const found = await web(BOSS, ...Array.from({ length: 400 }, (_, i) => role(`n${i}`)), role('ops'))
    expect(found?.target).toBe('ops/boss')
  })
})

describe('roles of every cluster', () => {
  const bound = (name: string) =>
    grant([], 'ops').replace(/kind: ClusterRole, name: web/, `kind: ClusterRole, name: ${name}`)

  it.each(['edit', 'admin'])(
    '%s takes over the accounts of its namespace though its manifest was not seen',
    async (name) => {
      expect(await web(BOSS, bound(name))).toMatchObject({ certain: true, target: 'ops/boss' })
    },
  )

  it('view does not, and of others nobody can tell', async () => {
    const rights = async (name: string) =>
      (await audit(BOSS, bound(name))).of(k8sPrivileged).find(({ data }) => data.subject === 'shop/web')
    expect((await rights('view'))?.data.privileged).toBe(false)
    expect((await rights('system:node'))?.unknown).toContain('privileged')
  })
})

describe('several hops', () => {
  const middle = grant([rule('', 'pods', 'create')], 'ops', 'middle').replaceAll('namespace: shop', 'namespace: mid')
  const chain = [BOSS, middle, 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: middle, namespace: mid}\n']

  it('are told each with its right, its binding and whom it takes over', async () => {
    const found = await web(...chain, grant([rule('', 'serviceaccounts/token', 'create')], 'mid'))
    expect(found?.hops).toBe(2)
    expect(found?.steps).toEqual([
      'create serviceaccounts/token in namespace mid, by RoleBinding mid/web: a token of mid/middle',
      'create pods in namespace ops, by RoleBinding ops/middle: a pod that runs as ops/boss',
      'may do everything in the whole cluster, by ClusterRoleBinding boss',
    ])
    expect(`${found?.claim} ${found?.how}`).toBe(
      'ServiceAccount shop/web can become administrator of the cluster by create serviceaccounts/token in namespace mid: a token of mid/middle, who gets a pod that runs as ops/boss, who may do everything',
    )
    expect(found?.cut).toBe('create serviceaccounts/token in ClusterRole web')
  })

  it('take the shortest way', async () => {
    const found = await web(...chain, grant([rule('', 'serviceaccounts/token', 'create')]))
    expect([found?.hops, found?.target]).toEqual([1, 'ops/boss'])
  })
})

describe('an account makes itself administrator', () => {
  it.each([
    [
      'by bindings',
      [
        rule('rbac.authorization.k8s.io', 'clusterrolebindings', 'create'),
        rule('rbac.authorization.k8s.io', 'clusterroles', 'bind'),
      ],
      'escalate-or-bind',
    ],
    ['by its role', [rule('rbac.authorization.k8s.io', 'clusterroles', 'escalate, patch')], 'escalate-or-bind'],
    [
      'by its role alone',
      [rule('rbac.authorization.k8s.io', 'clusterroles', 'escalate, patch', 'web')],
      'escalate-or-bind',
    ],
    ['by the group', [rule('', 'users, groups', 'impersonate')], 'impersonate'],
    [
      'by the masters’ group alone',
      [rule('', 'users', 'impersonate', 'nobody'), rule('', 'groups', 'impersonate', '"system:masters"')],
      'impersonate',
    ],
    [
      'by a certificate',
      [
        rule(
          'certificates.k8s.io',
          'certificatesigningrequests, certificatesigningrequests/approval',
          'create, update',
        ),
        rule('certificates.k8s.io', 'signers', 'approve', 'kubernetes.io/kube-apiserver-client'),
      ],
      'approve-csr',
    ],
  ])('%s', async (_, rules, way) => {
    expect(await web(grant(rules))).toMatchObject({ certain: true, hops: 0, paths: [way], target: '' })
  })

  it.each([
    ['by another’s role', [rule('rbac.authorization.k8s.io', 'clusterroles', 'escalate, patch', 'other')]],
    ['by bindings without bind', [rule('rbac.authorization.k8s.io', 'clusterrolebindings', 'create')]],
    ['by groups without a user', [rule('', 'groups', 'impersonate')]],
    ['by another group', [rule('', 'users', 'impersonate', 'nobody'), rule('', 'groups', 'impersonate', 'devs')]],
    [
      'by certificates of another signer',
      [
        rule(
          'certificates.k8s.io',
          'certificatesigningrequests, certificatesigningrequests/approval',
          'create, update',
        ),
        rule('certificates.k8s.io', 'signers', 'approve', 'issuers.cert-manager.io/*'),
      ],
    ],
    [
      'by approval without the signer',
      [
        rule(
          'certificates.k8s.io',
          'certificatesigningrequests, certificatesigningrequests/approval',
          'create, update',
        ),
      ],
    ],
    ['by validating webhooks', [rule('admissionregistration.k8s.io', 'validatingwebhookconfigurations', 'patch')]],
  ])('not %s', async (_, rules) => {
    expect(await web(grant(rules))).toBeUndefined()
  })
})

describe('a webhook of one’s own', () => {
  const webhooks = rule('admissionregistration.k8s.io', 'mutatingwebhookconfigurations', 'patch')

  it('makes administrator once an administrator writes something', async () => {
    expect(await web(grant([webhooks]))).toMatchObject({ certain: true, paths: ['write-admission'], target: '' })
  })

  it('is told only if there is no other way', async () => {
    const found = await web(BOSS, DEPLOYMENT, grant([webhooks, rule('', 'nodes/proxy', 'get')]))
    expect(found).toMatchObject({ paths: ['nodes-proxy'], target: 'ops/boss' })
  })
})

describe('admission control', () => {
  const webhook = (
    operations: string,
    resources = 'pods',
    policy = 'Fail',
  ) => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: guard}
webhooks: [{name: a.example.com, failurePolicy: ${policy}, rules: [{apiGroups: [""], apiVersions: ["*"], operations: [${operations}], resources: [${resources}]}]}]
`
  const creates = [BOSS, grant([rule('', 'pods', 'create')], 'ops')]

  it('that looks at a step is named, and ends no way', async () => {
    const found = await web(...creates, webhook('CREATE'))
    expect(found).toMatchObject({ certain: true, guards: ['ValidatingWebhookConfiguration guard'] })
    expect(found?.assumptions).toEqual(['ValidatingWebhookConfiguration guard does not refuse a step'])
  })

  it('that looks at others is not', async () => {
    expect((await web(...creates, webhook('DELETE')))?.guards).toEqual([])
    expect((await web(...creates, webhook('CREATE', 'services')))?.guards).toEqual([])
    const exec = [BOSS, DEPLOYMENT, grant([rule('', 'pods/exec', 'get')], 'ops')]
    expect((await web(...exec, webhook('CREATE')))?.guards).toEqual([])
    expect((await web(...exec, webhook('CONNECT', 'pods/exec')))?.guards).toEqual([
      'ValidatingWebhookConfiguration guard',
    ])
  })
})

describe('who was not seen', () => {
  const gap = (kind: string) => ({ kind, scope: 'k8s:-', class: 'fault' as const, reason: 'denied', detail: '' })
  const rightsOf = async (kind: string, subject: string, ...documents: string[]) => {
    const { facts } = await audit(...documents)
    const scanned = facts.filter(({ kind: own }) => own !== k8sPrivileged.kind && own !== k8sEscalation.kind)
    return deriveKubernetes(scanned, [gap(kind)])
      .of(k8sPrivileged)
      .find(({ data }) => data.subject === subject)
  }

  it.each([
    ['k8s.service-account', rule('', 'serviceaccounts/token', 'create', 'boss')],
    ['k8s.workload', rule('apps', 'deployments', 'patch')],
    ['k8s.namespace', rule('', 'pods', 'create')],
  ])('leaves open who reaches them (%s)', async (kind, right) => {
    expect((await rightsOf(kind, 'shop/web', grant([right], 'ops')))?.unknown).toContain('privileged')
  })

  it('by a group’s right, too', async () => {
    const group = grant([rule('', 'pods', 'create')], 'ops').replace(
      /subjects: .*/,
      'subjects: [{kind: Group, name: "system:serviceaccounts"}]',
    )
    const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n'
    expect((await rightsOf('k8s.service-account', 'shop/web', group, account))?.unknown).toContain('privileged')
  })

  it('a token that may not be mounted makes a way less than certain', async () => {
    const bare = BOSS.slice(0, BOSS.indexOf('---'))
    const found = await web(bare, DEPLOYMENT, grant([rule('', 'pods/exec', 'create')], 'ops'))
    expect(found).toMatchObject({ certain: false, target: 'ops/boss' })
    expect(found?.assumptions).toEqual(['the pod mounts the token of its account, which was not seen'])
  })
})

describe('strangers', () => {
  const group = (name: string) => BOSS.replace(/subjects: .*/, `subjects: [{kind: Group, name: "${name}"}]`)
  const anonymous = grant([rule('', 'pods', 'get')]).replace(
    /subjects: .*/,
    'subjects: [{kind: User, name: "system:anonymous"}]',
  )
  const admin = async (name: string) =>
    (await audit(group(name), anonymous)).of(k8sPrivileged).find(({ data }) => data.subject === 'system:anonymous')
      ?.data.admin

  it('are in the group of strangers, and in no other', async () => {
    expect(await admin('system:authenticated')).toBe(false)
    expect(await admin('system:unauthenticated')).toBe(true)
  })
})

describe('who is told', () => {
  it('not administrators, and of a group’s way the group alone', async () => {
    const group = grant([rule('', 'pods', 'create')], 'ops').replace(
      /subjects: .*/,
      'subjects: [{kind: Group, name: "system:serviceaccounts:shop"}]',
    )
    const found = await escalations(
      BOSS,
      group,
      'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n',
    )
    expect(found.map(({ subject }) => subject)).toEqual(['system:serviceaccounts:shop'])
  })

  it('but each account’s rights count, those of its groups too', async () => {
    const group = grant([rule('', 'pods', 'create')], 'ops').replace(
      /subjects: .*/,
      'subjects: [{kind: Group, name: "system:serviceaccounts:shop"}]',
    )
    const { of } = await audit(
      BOSS,
      group,
      'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n',
    )
    const rights = new Map(of(k8sPrivileged).map(({ data }) => [data.subject, data]))
    expect(rights.get('shop/web')).toMatchObject({
      privileged: true,
      admin: false,
      user: 'system:serviceaccount:shop:web',
    })
    expect(rights.get('ops/boss')).toMatchObject({
      privileged: true,
      admin: true,
      because: 'may do everything in the cluster by ClusterRoleBinding boss',
    })
  })

  it('with less than certainty where a cluster’s own accounts were not seen', async () => {
    const { of } = await audit(grant([rule('', 'pods', 'create')]))
    const [found] = of(k8sEscalation)
    expect(found?.data).toMatchObject({
      certain: false,
      hops: 1,
      target: 'kube-system/clusterrole-aggregation-controller',
    })
    expect(found?.data.assumptions?.length).toBe(1)
    expect(of(k8sPrivileged)[0]?.unknown).toContain('privileged')
  })

  it('nobody for sure where accounts were not seen', async () => {
    const { facts } = await audit(grant([rule('', 'pods', 'create')], 'ops'))
    const gap = {
      kind: 'k8s.service-account',
      scope: 'k8s:-',
      class: 'fault' as const,
      reason: 'access denied',
      detail: '',
    }
    const scanned = facts.filter(({ kind }) => kind !== k8sPrivileged.kind)
    expect(deriveKubernetes(scanned, [gap]).of(k8sPrivileged)[0]?.unknown).toContain('privileged')
    expect(deriveKubernetes(scanned, []).of(k8sPrivileged)[0]?.data.privileged).toBe(false)
  })
})
