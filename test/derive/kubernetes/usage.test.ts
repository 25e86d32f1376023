import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { k8sAccountUse, k8sBindingUse, k8sPermission } from '../../../src/facts/kubernetes-usage.ts'
import type { Gap } from '../../../src/model.ts'
import { CallCounter } from '../../../src/scanners/kubernetes/calls.ts'
import { kubernetesScanner } from '../../../src/scanners/kubernetes/index.ts'
import { collect, memoryTree, NO_TARGETS } from '../../support/context.ts'
import { auditKubernetes, compareRows, deriveKubernetes, unusedRows } from '../../support/kubernetes.ts'

const CASE = join(import.meta.dirname, '../../fixtures/k8s-case1')
const read = (name: string) => readFileSync(join(CASE, name), 'utf8')
const expected = JSON.parse(read('expected.json'))
const auditLogs = [join(CASE, 'audit.log')]
const fromDump = () =>
  auditKubernetes({ targets: { ...NO_TARGETS, kubernetesDumps: [join(CASE, 'objects.json')], auditLogs } })

describe('case 1, granted minus used', () => {
  it('finds exactly the unused permissions from a dump and its audit log', async () => {
    const { of } = await fromDump()
    expect(unusedRows(of(k8sPermission))).toEqual([...expected.unused].sort(compareRows))
  })

  it('finds the same from the manifests', async () => {
    const { of, gaps } = await auditKubernetes({
      trees: [memoryTree({ 'manifests.yaml': read('manifests.yaml') })],
      targets: { ...NO_TARGETS, auditLogs },
    })
    expect(unusedRows(of(k8sPermission))).toEqual([...expected.unused].sort(compareRows))
    expect(gaps).toEqual([])
  })

  it.each(['audit.eks.json', 'audit.gke.json', 'audit.aks.jsonl'])('finds the same from %s', async (name) => {
    const targets = { kubernetesDumps: [join(CASE, 'objects.json')], auditLogs: [join(CASE, name)] }
    const { of, gaps } = await auditKubernetes({ targets: { ...NO_TARGETS, ...targets } })
    expect(unusedRows(of(k8sPermission))).toEqual([...expected.unused].sort(compareRows))
    expect(of(k8sPermission).filter(({ unknown }) => unknown.includes('used'))).toEqual([])
    expect(gaps.filter(({ reason }) => reason !== 'not in the dump')).toEqual([])
  })

  it('tells which bindings are not used at all', async () => {
    const { of } = await fromDump()
    const unused = of(k8sBindingUse).filter(({ data }) => data.used === false)
    expect(unused.map(({ data }) => data.binding).sort()).toEqual([
      'RoleBinding ops/idle',
      'RoleBinding staging/ci-deployer',
    ])
  })
})

const RBAC = 'apiVersion: rbac.authorization.k8s.io/v1'
const ACCOUNTS = ['web', 'job'].map(
  (name) => `apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: ${name}, namespace: shop}\n`,
)
const WEB = '{kind: ServiceAccount, name: web, namespace: shop}'
const role = (rules: string) => `${RBAC}\nkind: ClusterRole\nmetadata: {name: r}\nrules: [${rules}]\n`
const bind = (subject: string, namespace = 'shop', roleName = 'r') =>
  `${RBAC}\nkind: ${namespace ? 'RoleBinding' : 'ClusterRoleBinding'}\nmetadata: {name: b${namespace && `, namespace: ${namespace}`}}\nroleRef: {kind: ClusterRole, name: ${roleName}}\nsubjects: [${subject}]\n`
const rule = (resource: string, verbs: string, names = '', group = '') =>
  `{apiGroups: ["${group}"], resources: ["${resource}"], verbs: [${verbs}]${names && `, resourceNames: [${names}]`}}`

interface Call {
  readonly verb: string
  readonly resource?: string
  readonly name?: string
  readonly namespace?: string
  readonly group?: string
  readonly user?: string
  readonly groups?: string[]
  readonly url?: string
  readonly day?: number
}
function event({
  verb,
  resource,
  name,
  namespace = 'shop',
  group = '',
  user = 'web',
  groups = [],
  url,
  day = 1,
}: Call) {
  const [plain, subresource] = (resource ?? '').split('/')
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    stage: 'ResponseComplete',
    verb,
    requestURI: url ?? '/api',
    user: { username: user.includes(':') || user === 'ann' ? user : `system:serviceaccount:shop:${user}`, groups },
    ...(resource && { objectRef: { resource: plain, subresource, name, namespace, apiGroup: group } }),
    requestReceivedTimestamp: `2026-01-${String(day).padStart(2, '0')}T00:00:00Z`,
    annotations: { 'authorization.k8s.io/decision': 'allow' },
  }
}
/** Other accounts' calls, so that the log covers these resources and reads. */
const COVERED = ['pods', 'secrets', 'configmaps', 'services', 'nodes'].map((resource) => ({
  verb: 'list',
  resource,
  user: 'system:admin',
}))

async function judge(documents: readonly string[], calls: readonly Call[], gaps: readonly Gap[] = []) {
  const tree = memoryTree({ 'a.yaml': [...ACCOUNTS, ...documents].join('---\n') })
  const objects = await collect(kubernetesScanner, { trees: [tree] })
  const counter = new CallCounter()
  for (const call of calls) counter.add(event(call))
  return deriveKubernetes([...objects.facts, ...counter.facts('-', ['audit.log'])], [...objects.gaps, ...gaps])
}

/** Permission → used, unused or unknown. */
async function verdicts(documents: readonly string[], calls: readonly Call[], gaps: readonly Gap[] = []) {
  const { of } = await judge(documents, calls, gaps)
  const word = (used: boolean | undefined) => (used === undefined ? 'unknown' : used ? 'used' : 'unused')
  return Object.fromEntries(of(k8sPermission).map(({ data }) => [data.text, word(data.used)]))
}

describe('a permission', () => {
  it('is used by calls in the namespace of its RoleBinding only', async () => {
    const documents = [role(rule('pods', 'get')), bind(WEB)]
    const call = { verb: 'get', resource: 'pods', name: 'a' }
    expect(await verdicts(documents, [...COVERED, call])).toEqual({ 'get pods': 'used' })
    expect(await verdicts(documents, [...COVERED, { ...call, namespace: 'ops' }])).toEqual({ 'get pods': 'unused' })
    expect(await verdicts(documents, [...COVERED, { ...call, namespace: '' }])).toEqual({ 'get pods': 'unused' })
    expect(
      await verdicts([role(rule('pods', 'get')), bind(WEB, '')], [...COVERED, { ...call, namespace: '' }]),
    ).toEqual({ 'get pods': 'used' })
  })

  it('is not used by its subresource, nor by a similar verb or group', async () => {
    const calls = [
      { verb: 'get', resource: 'pods/log' },
      { verb: 'deletecollection', resource: 'pods' },
      { verb: 'delete', resource: 'pods', group: 'metrics.k8s.io' },
    ]
    expect(await verdicts([role(rule('pods', 'get, delete, watch')), bind(WEB)], [...COVERED, ...calls])).toEqual({
      'get pods': 'unused',
      'delete pods': 'unused',
      'watch pods': 'unused',
    })
  })

  it('with wildcards is used by what these cover', async () => {
    const used = async (rules: string, call: Call) =>
      Object.values(await verdicts([role(rules), bind(WEB)], [...COVERED, call]))
    const scale = { verb: 'patch', resource: 'deployments/scale', group: 'apps' }
    expect(await used(rule('*', 'patch', '', 'apps'), scale)).toEqual(['used'])
    expect(await used(rule('*/scale', 'patch', '', 'apps'), scale)).toEqual(['used'])
    expect(await used(rule('*/status', 'patch', '', 'apps'), scale)).toEqual(['unused'])
    expect(await used(rule('deployments/*', 'patch', '', 'apps'), scale)).toEqual(['unused'])
    expect(await used(rule('*', '"*"', '', '*'), scale)).toEqual(['used'])
    expect(await used(rule('*', '"*"', '', 'batch'), { ...scale, group: 'batch', user: 'job' })).toEqual(['unused'])
  })

  it('by name is used by calls on that name, and unknown where names were not kept', async () => {
    const documents = [role(rule('secrets', 'get', 'a, b')), bind(WEB)]
    const get = (name: string) => ({ verb: 'get', resource: 'secrets', name })
    expect(await verdicts(documents, [...COVERED, get('a'), get('c')])).toEqual({
      'get secrets named a': 'used',
      'get secrets named b': 'unused',
    })
    const many = Array.from({ length: 1001 }, (_, i) => get(`x${i}`))
    expect(Object.values(await verdicts(documents, [...COVERED, ...many]))).toEqual(['unknown', 'unknown'])
    const create = { verb: 'create', resource: 'configmaps', name: 'a' }
    const named = [role(rule('configmaps', 'create', 'a')), bind(WEB)]
    expect(Object.values(await verdicts(named, [...COVERED, create]))).toEqual(['unused'])
  })

  it('on a path is used by calls below it, and exists for ClusterRoleBindings only', async () => {
    const rules = '{nonResourceURLs: [/metrics, "/logs/*", "/x*"], verbs: [get]}'
    const calls = [
      { verb: 'get', url: '/logs/a/b?x' },
      { verb: 'get', url: '/metrics', user: 'job' },
    ]
    expect(await verdicts([role(rules), bind(WEB, '')], [...COVERED, ...calls])).toEqual({
      'get /metrics': 'unused',
      'get /logs/*': 'used',
      'get /x*': 'unknown',
    })
    expect(await verdicts([role(rules), bind(WEB)], calls)).toEqual({})
  })

  it('of a group is used by any member', async () => {
    const group = (name: string) => [role(rule('pods', 'get')), bind(`{kind: Group, name: "${name}"}`)]
    const call = { verb: 'get', resource: 'pods', user: 'job' }
    expect(await verdicts(group('system:serviceaccounts:shop'), [...COVERED, call])).toEqual({ 'get pods': 'used' })
    expect(await verdicts(group('system:serviceaccounts'), [...COVERED, call])).toEqual({ 'get pods': 'used' })
    expect(await verdicts(group('system:serviceaccounts:ops'), [...COVERED, call])).toEqual({ 'get pods': 'unused' })
    expect(await verdicts(group('devs'), [...COVERED, { ...call, user: 'ann', groups: ['devs'] }])).toEqual({
      'get pods': 'used',
    })
  })

  it('of a user is used by that user, by a service account under its user name, too', async () => {
    const user = (name: string) => [role(rule('pods', 'get')), bind(`{kind: User, name: "${name}"}`)]
    const call = { verb: 'get', resource: 'pods', user: 'ann' }
    expect(await verdicts(user('ann'), [...COVERED, call])).toEqual({ 'get pods': 'used' })
    expect(await verdicts(user('bob'), [...COVERED, call])).toEqual({ 'get pods': 'unused' })
    expect(await verdicts(user('system:serviceaccount:shop:web'), [...COVERED, { ...call, user: 'web' }])).toEqual({
      'get pods': 'used',
    })
  })

  it('is not listed for groups of resources that do not exist', async () => {
    const rules = '{apiGroups: ["", apps], resources: [pods, deployments, cats], verbs: [get]}'
    expect(Object.keys(await verdicts([role(rules), bind(WEB)], COVERED))).toEqual([
      'get pods',
      'get cats',
      'get apps/deployments',
      'get apps/cats',
    ])
  })
})

describe('what the log cannot tell', () => {
  it('is unknown, and named', async () => {
    const documents = [role(`${rule('pods', 'get, create')}, ${rule('jobs', 'list', '', 'batch')}`), bind(WEB)]
    const { of, gaps } = await judge(documents, [{ verb: 'create', resource: 'pods', user: 'job' }])
    expect(of(k8sPermission).map(({ data, unknown }) => [data.text, data.used, unknown])).toEqual([
      ['get pods', undefined, ['used']],
      ['create pods', false, []],
      ['list batch/jobs', undefined, ['used']],
    ])
    expect(gaps).toEqual([
      {
        kind: 'k8s.permission',
        scope: 'k8s:-',
        fields: ['used'],
        class: 'limit',
        reason: 'not covered by the audit log',
        detail:
          'the audit log holds no event on get, list and watch: whether permissions on it are used cannot be told',
      },
    ])
    expect(of(k8sBindingUse).map(({ unknown }) => unknown)).toEqual([['used']])
  })

  it('is everything unused when a part of the log was not read, but what it shows is used', async () => {
    const gap: Gap = { kind: 'k8s.calls', scope: 'k8s:-', class: 'fault', reason: 'truncated', detail: '' }
    const documents = [role(rule('pods', 'get, list')), bind(WEB)]
    expect(await verdicts(documents, [...COVERED, { verb: 'get', resource: 'pods' }], [gap])).toEqual({
      'get pods': 'used',
      'list pods': 'unknown',
    })
  })

  it('is a verb that no request has, unless the writes are missing in which it would be asked for', async () => {
    const group = 'rbac.authorization.k8s.io'
    const documents = [
      role(`${rule('clusterroles', 'bind', '', group)}, ${rule('podsecuritypolicies', 'use', '', 'policy')}`),
      bind(WEB),
    ]
    const others = ['rolebindings', 'clusterrolebindings'].map((resource) => ({
      verb: 'create',
      resource,
      group,
      user: 'job',
    }))
    const bindVerb = async (...calls: Call[]) =>
      (await verdicts(documents, [...COVERED, ...calls]))[`bind ${group}/clusterroles`]
    expect(await bindVerb(...others)).toBe('unused')
    expect(await bindVerb(...others, { verb: 'create', resource: 'rolebindings', group })).toBe('unknown')
    expect(await bindVerb()).toBe('unknown')
    expect((await verdicts(documents, [...COVERED, ...others]))['use policy/podsecuritypolicies']).toBe('unknown')
  })

  it('is the use of a role whose rules were not seen', async () => {
    const { of, gaps } = await judge([bind(WEB, 'shop', 'view')], COVERED)
    expect(of(k8sPermission)).toEqual([])
    expect(gaps.map(({ kind, reason, class: gapClass }) => [kind, reason, gapClass])).toEqual([
      ['k8s.role-rule', 'role not seen', 'limit'],
    ])
    const admin = await judge([bind(WEB, '', 'cluster-admin')], COVERED)
    expect(admin.of(k8sPermission).map(({ data }) => data.text)).toEqual(['* */*', '* *'])
  })

  it('is whether an account exists that was not seen', async () => {
    const ghost = [role(rule('pods', 'get')), bind('{kind: ServiceAccount, name: ghost, namespace: shop}')]
    expect(await verdicts(ghost, COVERED)).toEqual({})
    expect(await verdicts(ghost, [...COVERED, { verb: 'list', resource: 'nodes', user: 'ghost' }])).toEqual({
      'get pods': 'unused',
    })
  })

  it('is nothing without a log', async () => {
    const objects = await collect(kubernetesScanner, {
      trees: [memoryTree({ 'a.yaml': [role(rule('pods', 'get')), bind(WEB)].join('---\n') })],
    })
    expect(deriveKubernetes(objects.facts).of(k8sPermission)).toEqual([])
  })
})

describe('a binding', () => {
  it('for the whole cluster tells the only namespace of its use', async () => {
    const documents = [role(rule('pods', 'get, list')), bind(WEB, '')]
    const only = async (...calls: Call[]) =>
      (await judge(documents, [...COVERED, ...calls])).of(k8sBindingUse).map(({ data }) => data.onlyNamespace)
    const get = { verb: 'get', resource: 'pods' }
    expect(await only(get, { ...get, verb: 'list' })).toEqual(['shop'])
    expect(await only(get, { ...get, namespace: 'ops' })).toEqual([''])
    expect(await only({ ...get, namespace: '' })).toEqual([''])
    expect(await only()).toEqual([''])
  })

  it('says how long the log is', async () => {
    const use = async (day: number) => {
      const { of } = await judge(
        [role(rule('pods', 'get')), bind(WEB)],
        [...COVERED, { verb: 'get', resource: 'pods', day }],
      )
      return of(k8sBindingUse).map(({ data }) => [data.window, data.assumptions?.length])
    }
    expect(await use(1)).toEqual([['0 minutes', 2]])
    expect(await use(2)).toEqual([['24 hours', 2]])
    expect(await use(31)).toEqual([['30 days', 1]])
  })
})

describe('a service account', () => {
  const pod = (spec: string, name = 'p') =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: shop}\nspec: {containers: [{image: x}], ${spec}}\n`
  const uses = async (documents: readonly string[], calls: readonly Call[] = [], gaps: readonly Gap[] = []) =>
    (await judge(documents, calls, gaps)).of(k8sAccountUse).map(({ data, unknown }) => ({ ...data, unknown }))

  it('has a token in its pods unless one of them says no', async () => {
    const mounts = async (spec: string, account = '') =>
      (await uses([pod(spec), ...(account ? [account] : [])])).map((use) => use.mountsToken)
    const own = (automount: boolean) =>
      `apiVersion: v1\nkind: ServiceAccount\nautomountServiceAccountToken: ${automount}\nmetadata: {name: own, namespace: shop}\n`
    expect(await mounts('serviceAccountName: web')).toEqual([true])
    expect(await mounts('serviceAccountName: web, automountServiceAccountToken: false')).toEqual([false])
    expect(await mounts('serviceAccountName: own', own(false))).toEqual([false])
    expect(await mounts('serviceAccountName: own, automountServiceAccountToken: true', own(false))).toEqual([true])
    expect(await mounts('restartPolicy: Never')).toEqual([true])
    expect(await mounts('serviceAccountName: elsewhere')).toEqual([undefined])
    const projected =
      'serviceAccountName: own, volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: t}}]}}]'
    expect(await mounts(projected, own(false))).toEqual([true])
  })

  it('is granted what it, its namespace or everybody is bound to', async () => {
    const granted = async (...documents: string[]) =>
      (await uses([pod('serviceAccountName: web'), ...documents])).map((use) => use.granted)
    expect(await granted()).toEqual([false])
    expect(await granted(bind(WEB))).toEqual([true])
    expect(await granted(bind('{kind: Group, name: "system:serviceaccounts:shop"}'))).toEqual([true])
    expect(await granted(bind('{kind: Group, name: "system:serviceaccounts:ops"}'))).toEqual([false])
    const gap: Gap = { kind: 'k8s.binding', scope: 'repo:./x.yaml', class: 'fault', reason: 'broken', detail: '' }
    expect((await uses([pod('serviceAccountName: web')], [], [gap])).map((use) => use.unknown)).toEqual([
      ['granted', 'silent'],
    ])
  })

  it('is silent if a log of a day or more holds no call of it', async () => {
    const silent = async (...calls: Call[]) =>
      (await uses([pod('serviceAccountName: web')], calls)).map((use) => use.silent)
    const long = { verb: 'list', resource: 'pods', user: 'job', day: 3 }
    expect(await silent(...COVERED, long)).toEqual([true])
    // A short log, or one without reads, tells nothing.
    expect(await silent(...COVERED)).toEqual([undefined])
    expect(await silent(...COVERED, long, { verb: 'get', resource: 'pods' })).toEqual([false])
    expect(await silent()).toEqual([undefined])
  })

  it('is one fact for all its workloads', async () => {
    const [use] = await uses([
      pod('serviceAccountName: web', 'a'),
      pod('serviceAccountName: web, automountServiceAccountToken: false', 'b'),
    ])
    expect(use).toMatchObject({
      workloads: ['Pod shop/a', 'Pod shop/b'],
      mounting: ['Pod shop/a'],
      inWords: 'Pod shop/a',
    })
  })
})
