import { describe, expect, it } from 'vitest'
import { k8sAggregation, k8sIneffectiveNames, k8sPrivilege, k8sWildcard } from '../../../src/facts/kubernetes-rights.ts'
import { memoryTree } from '../../support/context.ts'
import { auditKubernetes } from '../../support/kubernetes.ts'

const RBAC = 'apiVersion: rbac.authorization.k8s.io/v1'
const role = (name: string, rules: string, metadata = '') =>
  `${RBAC}\nkind: ClusterRole\nmetadata: {name: ${name}${metadata && `, ${metadata}`}}\nrules: ${rules}\n`
const bind = (roleName: string, subject: string, namespace = '', metadata = '') =>
  `${RBAC}\nkind: ${namespace ? 'RoleBinding' : 'ClusterRoleBinding'}\nmetadata: {name: b-${roleName}${namespace && `, namespace: ${namespace}`}${metadata && `, ${metadata}`}}\nroleRef: {kind: ClusterRole, name: "${roleName}"}\nsubjects: [${subject}]\n`
const WEB = '{kind: ServiceAccount, name: web, namespace: shop}'
const DEVS = '{kind: Group, name: devs}'
const audit = (...documents: string[]) =>
  auditKubernetes({ trees: [memoryTree({ 'a.yaml': documents.join('---\n') })] })
const privileges = async (...documents: string[]) =>
  (await audit(...documents)).of(k8sPrivilege).map(({ data }) => data.privilege)
const of = (rules: string, namespace = '') => privileges(role('r', rules), bind('r', WEB, namespace))
const rule = (group: string, resource: string, verbs: string, names = '') =>
  `[{apiGroups: ["${group}"], resources: ["${resource}"], verbs: [${verbs}]${names && `, resourceNames: [${names}]`}}]`

describe('a dangerous permission', () => {
  it.each([
    ['read-secrets', rule('', 'secrets', 'watch')],
    ['escalate-or-bind', rule('rbac.authorization.k8s.io', 'clusterroles', 'bind')],
    ['impersonate', rule('', 'users', 'impersonate')],
    ['nodes-proxy', rule('', 'nodes/proxy', 'get')],
    ['approve-csr', rule('certificates.k8s.io', '*', 'update, approve')],
    ['write-admission', rule('admissionregistration.k8s.io', 'validatingwebhookconfigurations', 'delete')],
    ['write-bindings', rule('rbac.authorization.k8s.io', 'rolebindings', 'create')],
    ['pod-exec', rule('', 'pods/exec', 'get')],
    ['pod-exec', rule('', 'pods/ephemeralcontainers', 'patch')],
    ['create-token', rule('', 'serviceaccounts/token', 'create')],
    ['write-cluster-infrastructure', rule('', 'persistentvolumes', 'create')],
    ['create-workload', rule('batch', 'cronjobs', 'patch')],
    ['delete-namespaces', rule('', 'namespaces', 'delete')],
  ])('%s is seen', async (privilege, rules) => {
    expect(await of(rules)).toEqual([privilege])
  })

  it('is seen behind wildcards, and only there', async () => {
    expect(await of(rule('', '*', 'list'))).toEqual(['read-secrets'])
    expect(await of(rule('', '*/exec', 'create'))).toEqual(['pod-exec'])
    expect(await of(rule('*', 'secrets', '"*"'))).toEqual(['read-secrets'])
    expect(await of(rule('apps', '*', 'get, list'))).toEqual([])
    expect(await of(rule('', 'pods', 'get, list, watch, delete'))).toEqual([])
    expect(await of(rule('', 'pods/log', '"*"'))).toEqual([])
    expect(await of(rule('example.com', 'secrets', '"*"'))).toEqual([])
  })

  it('needs a ClusterRoleBinding where the resource has no namespace', async () => {
    expect(await of(rule('', 'nodes/proxy', 'get'), 'shop')).toEqual([])
    expect(await of(rule('', 'users', 'impersonate'), 'shop')).toEqual([])
    expect(await of(rule('', 'serviceaccounts', 'impersonate'), 'shop')).toEqual(['impersonate'])
    expect(await of(rule('rbac.authorization.k8s.io', 'clusterroles', 'bind'), 'shop')).toEqual(['escalate-or-bind'])
    expect(await of(rule('', 'namespaces', 'delete'), 'shop')).toEqual(['delete-namespaces'])
  })

  it('to get into pods is told apart where newer API servers ask for more than get', async () => {
    const told = async (verbs: string, ...more: string[]) => {
      const { of: facts } = await audit(role('r', rule('', 'pods/exec', verbs)), bind('r', WEB), ...more)
      return facts(k8sPrivilege).map(({ data }) => [data.permissions, data.everyVersion, data.assumptions?.length])
    }
    expect(await told('get')).toEqual([['get pods/exec, which is enough before Kubernetes 1.35', false, 1]])
    expect(await told('get, create')).toEqual([['get, create pods/exec', true, 0]])
    const create = [role('s', rule('', 'pods/exec', 'create')), bind('s', WEB, 'shop')]
    expect(await told('get', ...create)).toEqual([['get pods/exec, which is enough before Kubernetes 1.35', true, 1]])
  })

  it('is none by name where that is least privilege or allows nothing', async () => {
    expect(await of(rule('', 'secrets', 'get', 'web-tls'))).toEqual([])
    expect(await of(rule('', 'pods', 'create', 'a'))).toEqual([])
    const { of: facts } = await audit(role('r', rule('', 'serviceaccounts/token', 'create', 'web')), bind('r', WEB))
    expect(facts(k8sPrivilege).map(({ data }) => [data.privilege, data.named])).toEqual([['create-token', true]])
  })

  it('is one fact for a binding, with all that gives it and the place of the first', async () => {
    const rules =
      '[{apiGroups: [""], resources: [pods], verbs: [get]},\n {apiGroups: [""], resources: [secrets], verbs: [get, list]}]'
    const { of: facts } = await audit(role('r', rules), bind('r', `${WEB}, ${DEVS}`, 'shop'))
    expect(facts(k8sPrivilege)).toMatchObject([
      {
        scope: 'k8s:-/shop',
        at: { declaredAt: { file: 'a.yaml', line: 5 } },
        data: {
          binding: 'RoleBinding shop/b-r',
          permissions: 'get, list secrets',
          who: 'Group devs, ServiceAccount shop/web',
          where: 'in namespace shop',
          workload: true,
          clusterWide: false,
        },
      },
    ])
  })

  it('is told once of the same subjects, however many bindings give it, and of the whole cluster before a namespace', async () => {
    const two = bind('r', WEB).replace('b-r', 'c-r')
    const { of: facts } = await audit(
      role('r', rule('', 'secrets', 'get')),
      bind('r', WEB),
      two,
      bind('r', WEB, 'shop'),
    )
    expect(facts(k8sPrivilege).map(({ data }) => [data.by, data.where])).toEqual([
      ['ClusterRoleBindings b-r, c-r, RoleBinding shop/b-r', 'in the whole cluster'],
    ])
    const spaces = await audit(role('r', rule('', 'secrets', 'get')), bind('r', WEB, 'shop'), bind('r', WEB, 'ops'))
    expect(spaces.of(k8sPrivilege).map(({ data, scope }) => [data.where, data.namespaces, scope])).toEqual([
      ['in namespaces ops, shop', ['ops', 'shop'], 'k8s:-'],
    ])
  })

  it('to approve certificates takes the signer, too, by any binding', async () => {
    const approval = rule('certificates.k8s.io', 'certificatesigningrequests/approval', 'update')
    const signer = (name: string) => [
      role('s', rule('certificates.k8s.io', 'signers', 'approve', name)),
      bind('s', WEB),
    ]
    const found = (name: string) => privileges(role('r', approval), bind('r', WEB), ...signer(name))
    expect(await of(approval)).toEqual([])
    expect(await found('kubernetes.io/kube-apiserver-client')).toEqual(['approve-csr'])
    expect(await found('"issuers.cert-manager.io/*"')).toEqual([])
  })

  it('is none without subjects or behind the API server’s own bindings', async () => {
    expect(await privileges(role('r', rule('', 'secrets', 'get')), bind('r', ''))).toEqual([])
    const bootstrapping = 'labels: {kubernetes.io/bootstrapping: rbac-defaults}'
    expect(await privileges(role('r', rule('', 'secrets', 'get')), bind('r', WEB, '', bootstrapping))).toEqual([])
    const kubeadm = bind('cluster-admin', '{kind: Group, name: "kubeadm:cluster-admins"}')
    expect(await privileges(kubeadm)).toEqual(['cluster-admin'])
    expect(await privileges(kubeadm.replace('name: b-cluster-admin', 'name: "kubeadm:cluster-admins"'))).toEqual([])
    const everybody = bind('cluster-admin', '{kind: Group, name: "system:authenticated"}')
    const inDisguise = everybody.replace('name: b-cluster-admin', 'name: "kubeadm:x"')
    expect(await privileges(inDisguise)).toEqual(['cluster-admin', 'everyone-bound'])
  })
})

describe('everything', () => {
  it('is one privilege, and its role no wildcard', async () => {
    const { of: facts } = await audit(role('r', rule('*', '*', '"*"')), bind('r', WEB))
    expect(facts(k8sPrivilege).map(({ data }) => data.privilege)).toEqual(['cluster-admin'])
    expect(facts(k8sWildcard)).toEqual([])
  })

  it('is a wildcard as long as nobody is bound', async () => {
    const { of: facts } = await audit(role('r', rule('*', '*', '"*"')))
    expect(facts(k8sWildcard).map(({ data }) => [data.wildcard, data.bound])).toEqual([['resource', false]])
  })

  it('but for a verb is told by its wildcard and the worst of it', async () => {
    const { of: facts } = await audit(role('r', rule('*', '*', 'get')), bind('r', WEB))
    expect(
      facts(k8sPrivilege)
        .map(({ data }) => data.privilege)
        .sort(),
    ).toEqual(['nodes-proxy', 'read-secrets'])
    expect(facts(k8sWildcard)[0]?.data.rules).toBe('get * of * (that includes nodes-proxy, read-secrets)')
  })

  it.each([
    ['"*"', '"*"', 'every resource'],
    ['""', '"*"', 'every resource of the core group'],
    ['"", apps, batch', '"*"', 'every resource of the core group and the groups apps, batch'],
    ['apps', '"*"', 'every resource of the group apps'],
    ['"*"', 'secrets', 'secrets of every group'],
  ])('of groups %s and resources %s reaches %s', async (groups, resources, reach) => {
    const rules = `[{apiGroups: [${groups}], resources: [${resources}], verbs: [create]}]`
    const { of: facts } = await audit(role('r', rules), bind('r', WEB))
    expect(facts(k8sWildcard).map(({ data }) => data.reach)).toEqual([reach])
  })

  it('comes with roles that are not in the tree', async () => {
    expect(await privileges(bind('cluster-admin', WEB))).toEqual(['cluster-admin'])
    expect(await privileges(bind('edit', DEVS, 'shop'))).toEqual(['read-secrets', 'pod-exec', 'create-workload'])
    expect(await privileges(bind('view', DEVS))).toEqual([])
    expect(await privileges(bind('system:node', WEB))).toEqual([])
  })
})

describe('aggregated roles', () => {
  const agg = (selectors: string) =>
    `${RBAC}\nkind: ClusterRole\nmetadata: {name: all, labels: {is: all}}\naggregationRule: {clusterRoleSelectors: [${selectors}]}\nrules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]\n`
  const part = (labels: string, name = 'part') => role(name, rule('', 'secrets', 'get'), `labels: {${labels}}`)

  it.each([
    ['{matchLabels: {a: "1"}}', true],
    ['{matchLabels: {a: "2"}}', false],
    ['{matchLabels: {a: "1", c: "1"}}', false],
    ['{matchLabels: {c: "1"}}, {matchLabels: {b: "2"}}', true],
    ['{matchExpressions: [{key: a, operator: In, values: ["0", "1"]}]}', true],
    ['{matchExpressions: [{key: a, operator: In, values: ["0", "2"]}]}', false],
    ['{matchExpressions: [{key: a, operator: NotIn, values: ["0", "2"]}, {key: b, operator: Exists}]}', true],
    ['{matchExpressions: [{key: a, operator: NotIn, values: ["1"]}]}', false],
    ['{matchExpressions: [{key: c, operator: DoesNotExist}], matchLabels: {a: "1"}}', true],
    ['{matchExpressions: [{key: a, operator: DoesNotExist}]}', false],
    ['{}', true],
  ])('take what %s selects: %s', async (selectors, selected) => {
    const found = await privileges(agg(selectors), part('a: "1", b: "2"'), bind('all', WEB))
    expect(found).toEqual(selected ? ['read-secrets'] : [])
  })

  it('take parts of parts, and survive a circle', async () => {
    const middle = agg('{matchLabels: {a: "1"}}').replace(
      'name: all, labels: {is: all}',
      'name: middle, labels: {m: "1"}',
    )
    const top = agg('{matchLabels: {m: "1"}}').replace('labels: {is: all}', 'labels: {a: "1"}')
    expect(await privileges(top, middle, part('a: "1"'), bind('all', WEB))).toEqual(['read-secrets'])
  })

  it('widen the roles of people only by what these do not have', async () => {
    const widening = async (target: string, rules: string) => {
      const { of: facts } = await audit(
        role('x', rules, `labels: {rbac.authorization.k8s.io/aggregate-to-${target}: "true"}`),
      )
      return facts(k8sAggregation).map(({ data }) => [data.target, data.widening])
    }
    expect(await widening('view', rule('example.com', 'cats', 'get, list, create'))).toEqual([['ClusterRole view', '']])
    expect(await widening('view', rule('', 'secrets', 'get'))).toEqual([['ClusterRole view', 'get secrets']])
    expect(await widening('view', rule('', 'configmaps', 'update'))).toEqual([
      ['ClusterRole view', 'update configmaps'],
    ])
    expect(await widening('edit', rule('', 'secrets', 'get'))).toEqual([['ClusterRole edit', '']])
    expect(await widening('admin', rule('', 'nodes/proxy', 'get'))).toEqual([['ClusterRole admin', 'get nodes/proxy']])
    expect(await widening('other', rule('', 'secrets', 'get'))).toEqual([])
  })
})

describe('strangers and everybody', () => {
  const anonymous = '{kind: User, name: "system:anonymous"}'
  const paths = (...urls: string[]) => `[{nonResourceURLs: [${urls.map((url) => `"${url}"`)}], verbs: [get]}]`

  it('are told where they have rights', async () => {
    expect(await privileges(role('r', rule('', 'pods', 'get')), bind('r', anonymous))).toEqual(['anonymous-bound'])
    expect(await privileges(bind('r', '{kind: Group, name: "system:unauthenticated"}', 'shop'))).toEqual([
      'anonymous-bound',
    ])
    expect(await privileges(bind('view', '{kind: Group, name: "system:authenticated"}'))).toEqual(['everyone-bound'])
    expect(await privileges(bind('view', '{kind: Group, name: "system:serviceaccounts:shop"}'))).toEqual([])
  })

  it('have what every cluster gives them', async () => {
    expect(await privileges(bind('system:public-info-viewer', anonymous))).toEqual([])
    expect(await privileges(bind('system:discovery', '{kind: Group, name: "system:authenticated"}'))).toEqual([])
    const own = (urls: string) => [role('"system:discovery"', urls), bind('system:discovery', anonymous)]
    expect(await privileges(...own(paths('/healthz', '/version/', '/api/*', '/openapi')))).toEqual([])
    expect(await privileges(...own(paths('/healthz', '/metrics')))).toEqual(['anonymous-bound'])
    const labelled = bind('cluster-admin', anonymous, '', 'labels: {kubernetes.io/bootstrapping: x}')
    expect(await privileges(labelled)).toEqual(['anonymous-bound'])
  })
})

describe('tokens in secrets', () => {
  const secret = (namespace: string, account: string) =>
    `apiVersion: v1\nkind: Secret\ntype: kubernetes.io/service-account-token\nmetadata: {name: ${account}-token, namespace: ${namespace}, annotations: {kubernetes.io/service-account.name: ${account}}}\n`
  const readers = async (rules: string, ...secrets: string[]) =>
    (await audit(role('r', rules), bind('r', WEB, 'shop'), ...secrets))
      .of(k8sPrivilege)
      .filter(({ data }) => data.privilege === 'token-secret-read')
      .flatMap(({ data }) => data.tokenSecrets)

  it('are told where they can be read, in scope and by name', async () => {
    const secrets = [secret('shop', 'admin'), secret('ops', 'admin'), secret('shop', 'web')]
    expect(await readers(rule('', 'secrets', 'list'), ...secrets)).toEqual(['shop/admin-token'])
    expect(await readers(rule('', 'secrets', 'get', 'admin-token'), ...secrets)).toEqual(['shop/admin-token'])
    expect(await readers(rule('', 'secrets', 'get', 'other'), ...secrets)).toEqual([])
    expect(await readers(rule('', 'secrets', 'create'), ...secrets)).toEqual([])
  })
})

describe('a wildcard', () => {
  const wildcards = async (rules: string) =>
    (await audit(role('r', rules), bind('r', WEB))).of(k8sWildcard).map(({ data }) => [data.wildcard, data.bound])

  it('is told once of a rule', async () => {
    expect(await wildcards(rule('apps', '*', '"*"'))).toEqual([['resource', true]])
    expect(await wildcards(rule('apps', 'deployments', '"*"'))).toEqual([['verb', true]])
  })

  it('is none where the star includes nothing to speak of', async () => {
    expect(await wildcards(rule('networking.k8s.io', 'ingresses/status', '"*"'))).toEqual([])
    expect(await wildcards(rule('example.com', '*', 'get, list, watch'))).toEqual([])
    expect(await wildcards(rule('example.com', '*', 'get, create'))).toEqual([['resource', true]])
  })
})

describe('names', () => {
  const lost = async (...rules: string[]) =>
    (await audit(role('r', `[${rules.map((each) => each.slice(1, -1)).join(', ')}]`)))
      .of(k8sIneffectiveNames)
      .map(({ data }) => data.permissions)
  const leases = (verbs: string, names = '') => rule('coordination.k8s.io', 'leases', verbs, names)

  it('take away what they cannot limit', async () => {
    expect(await lost(leases('create, get, deletecollection', 'a'))).toEqual(['create leases, deletecollection leases'])
    expect(await lost(leases('get, list, watch, update, delete', 'a'))).toEqual([])
    expect(await lost(rule('', 'serviceaccounts/token', 'create', 'a'))).toEqual([])
  })

  it('or nothing where the role grants it without names, too', async () => {
    expect(await lost(leases('create, get', 'a'), leases('create'))).toEqual([])
    expect(await lost(leases('create, get', 'a'), leases('get'))).toEqual(['create leases'])
  })
})
