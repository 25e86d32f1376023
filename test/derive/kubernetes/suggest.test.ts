import { describe, expect, it } from 'vitest'
import { narrowSubject } from '../../../src/derive/kubernetes/narrow.ts'
import { type LoggedCluster, readLoggedClusters } from '../../../src/derive/kubernetes/narrow-cluster.ts'
import { ruleInWords } from '../../../src/derive/kubernetes/narrow-rules.ts'
import type { ClusterSuggestions } from '../../../src/derive/kubernetes/suggest.ts'
import { replayCalls } from '../../../src/derive/kubernetes/suggest-replay.ts'
import { planRoles } from '../../../src/derive/kubernetes/suggest-roles.ts'
import { k8sNarrowable } from '../../../src/facts/kubernetes-narrowing.ts'
import {
  account,
  auditLogged,
  bind,
  COVERS_ALL,
  type LoggedCall,
  role,
  rule,
  suggestFor,
} from '../../support/kubernetes-log.ts'

const RBAC = 'rbac.authorization.k8s.io'
const WEB = account('shop/web')
const web = (call: Omit<LoggedCall, 'user'>): LoggedCall => ({ user: 'shop/web', namespace: 'shop', ...call })

/** Each role with its rules, kept ones with their reason. */
function rolesOf({ accounts }: ClusterSuggestions): Record<string, string[]> {
  return Object.fromEntries(
    accounts.flatMap(({ roles }) =>
      roles.map(({ kind, namespace, name, rules }) => [
        `${kind} ${namespace}/${name}`,
        rules.map((each) => ruleInWords(each) + (each.kept && ` # ${each.kept}`)),
      ]),
    ),
  )
}

const suggest = (manifests: string, calls: readonly LoggedCall[]) => suggestFor(manifests, [...COVERS_ALL, ...calls])

describe('names of objects', () => {
  const named = async (resource: string, names: readonly string[], more: readonly LoggedCall[] = []) => {
    const manifests =
      WEB + role('shop/web', rule('get, create, delete', resource)) + bind('shop/web', 'shop/web', 'shop/web')
    const [group, plain] = resource.includes('|') ? resource.split('|') : ['', resource]
    const calls = names.map((name) => web({ verb: 'get', resource: plain, group, name }))
    return rolesOf(await suggest(manifests, [...calls, ...more]))['Role shop/web']
  }

  it('are those used, where they are few and stay', async () => {
    expect(await named('secrets', ['b', 'a'])).toEqual([
      '{apiGroups: [""], resources: [secrets], resourceNames: [a, b], verbs: [get]}',
    ])
  })

  it.each([
    ['too many', 'secrets', ['a', 'b', 'c', 'd', 'e', 'f']],
    ['a generated one', 'secrets', ['web-token-x7k2p']],
    ['a Helm release', 'secrets', ['sh.helm.release.v1.web.v12']],
    ['a hash', 'configmaps', ['settings-5d8f7c9b6d']],
    ['pods', 'pods', ['web-0']],
  ])('are left open for %s', async (_, resource, names) => {
    expect(await named(resource, names)).toEqual([`{apiGroups: [""], resources: [${resource}], verbs: [get]}`])
  })

  it('are left open for what the account itself creates, except for locks', async () => {
    expect(await named('configmaps', ['a'], [web({ verb: 'create', resource: 'configmaps' })])).toEqual([
      '{apiGroups: [""], resources: [configmaps], verbs: [get, create]}',
    ])
    const leases = { resource: 'leases', group: 'coordination.k8s.io' }
    expect(await named('coordination.k8s.io|leases', ['leader'], [web({ verb: 'create', ...leases })])).toEqual([
      '{apiGroups: [coordination.k8s.io], resources: [leases], verbs: [create]}',
      '{apiGroups: [coordination.k8s.io], resources: [leases], resourceNames: [leader], verbs: [get]}',
    ])
  })

  it('are those of the role at most, and lists have names only there', async () => {
    const manifests =
      WEB + role('shop/web', rule('get, list', 'secrets', 'a, b')) + bind('shop/web', 'shop/web', 'shop/web')
    const calls = [
      web({ verb: 'list', resource: 'secrets', name: 'a' }),
      web({ verb: 'list', resource: 'secrets', denied: true }),
    ]
    expect(rolesOf(await suggest(manifests, calls))).toEqual({
      'Role shop/web': ['{apiGroups: [""], resources: [secrets], resourceNames: [a], verbs: [list]}'],
    })
    const open = WEB + role('shop/web', rule('get, list', 'secrets')) + bind('shop/web', 'shop/web', 'shop/web')
    expect(rolesOf(await suggest(open, calls))).toEqual({
      'Role shop/web': ['{apiGroups: [""], resources: [secrets], verbs: [list]}'],
    })
  })
})

describe('places', () => {
  const everywhere =
    WEB + role('all', rule('get, list, watch', 'pods'), rule('get', 'nodes')) + bind('all', 'all', 'shop/web')

  it('are the namespaces of the calls, and the cluster for what has none', async () => {
    const calls = [
      web({ verb: 'get', resource: 'pods', name: 'a' }),
      web({ verb: 'get', resource: 'pods', name: 'a', namespace: 'ops' }),
      web({ verb: 'get', resource: 'nodes', name: 'n', namespace: undefined }),
    ]
    expect(rolesOf(await suggest(everywhere, calls))).toEqual({
      'ClusterRole /all': ['{apiGroups: [""], resources: [nodes], verbs: [get]}'],
      'Role ops/shop-web-used': ['{apiGroups: [""], resources: [pods], verbs: [get]}'],
      'Role shop/web-used': ['{apiGroups: [""], resources: [pods], verbs: [get]}'],
    })
  })

  it('are not repeated in a namespace for what is needed in the whole cluster', async () => {
    const list = { verb: 'list', resource: 'pods' }
    const calls = [web(list), web({ ...list, namespace: undefined }), web({ verb: 'get', resource: 'pods', name: 'a' })]
    expect(rolesOf(await suggest(everywhere, calls))).toEqual({
      'ClusterRole /all': ['{apiGroups: [""], resources: [pods], verbs: [list]}'],
      'Role shop/web-used': ['{apiGroups: [""], resources: [pods], verbs: [get]}'],
    })
  })

  it('are the old ones where nothing else would be needed', async () => {
    const calls = ['get', 'list', 'watch']
      .map((verb) => web({ verb, resource: 'pods', name: verb === 'get' ? 'a' : undefined, namespace: undefined }))
      .concat(web({ verb: 'get', resource: 'nodes', name: 'n', namespace: undefined }))
    const { accounts } = await suggest(everywhere, calls)
    expect(accounts.map(({ status, roles }) => [status, roles])).toEqual([['as granted', []]])
  })
})

describe('what nobody can tell', () => {
  it('stays as it is granted, with the reason', async () => {
    const manifests =
      WEB +
      role(
        'r',
        rule('get', 'pods'),
        rule('get, list', 'apps|deployments'),
        rule('use', 'policy|podsecuritypolicies', 'p'),
      ) +
      bind('shop/r', 'r', 'shop/web')
    // A managed log: no health checks, so that a resource without events is not covered.
    const calls = [
      web({ verb: 'get', resource: 'pods', name: 'a' }),
      web({ verb: 'list', resource: 'secrets', denied: true }),
    ]
    const { accounts } = await suggestFor(manifests, calls)
    expect(accounts.map(({ status }) => status)).toEqual(['as granted'])
    expect(accounts[0]?.kept.map(({ text, reason }) => `${text}: ${reason}`)).toEqual([
      'get apps/deployments: the audit log holds no event on apps/deployments',
      'list apps/deployments: the audit log holds no event on apps/deployments',
      'use policy/podsecuritypolicies named p: use is asked for within a request, and in no log',
    ])
  })

  it('keeps a wildcard that the log does not cover, and says so', async () => {
    const manifests = WEB + role('r', rule('"*"', '*'), rule('"*"', 'services')) + bind('shop/r', 'r', 'shop/web')
    const calls = [web({ verb: 'list', resource: 'services' })]
    expect((await suggestFor(manifests, calls)).accounts[0]?.kept.map(({ text }) => text)).toEqual(['* *'])
    expect(rolesOf(await suggest(manifests, calls))).toEqual({
      'ClusterRole /r': ['{apiGroups: [""], resources: [services], verbs: [list]}'],
    })
  })

  it('keeps everything where the log is not whole', async () => {
    const manifests = WEB + role('shop/r', rule('get, list', 'pods')) + bind('shop/r', 'shop/r', 'shop/web')
    const gap = { kind: 'k8s.calls', scope: 'k8s:-', class: 'fault', reason: 'truncated', detail: 'a.log' } as const
    const calls = [...COVERS_ALL, web({ verb: 'get', resource: 'pods', name: 'a' })]
    const { accounts } = await suggestFor(manifests, calls, [gap])
    expect(accounts.map(({ status, kept }) => [status, kept.length])).toEqual([['as granted', 2]])
  })

  it('keeps bind and escalate in place of a star where what needs them was written', async () => {
    const manifests = WEB + role('r', rule('"*"', `${RBAC}|*`)) + bind('r', 'r', 'shop/web')
    const calls = [web({ verb: 'create', resource: 'rolebindings', group: RBAC })]
    const written = 'asked for while rolebindings are written, which was seen'
    expect(rolesOf(await suggest(manifests, calls))).toEqual({
      'Role shop/web-used': [
        `{apiGroups: [${RBAC}], resources: [rolebindings], verbs: [create]}`,
        `{apiGroups: [${RBAC}], resources: [clusterroles, roles], verbs: [bind]} # ${written}`,
      ],
    })
  })

  it('keeps what kubelets and proxies ask for, where they do', async () => {
    const url = '{nonResourceURLs: [/metrics], verbs: [get]}'
    const manifests =
      WEB + role('r', rule('get', 'nodes/metrics'), rule('get', 'pods'), url) + bind('r', 'r', 'shop/web')
    const review = (user: string) => ({
      user,
      verb: 'create',
      resource: 'subjectaccessreviews',
      group: 'authorization.k8s.io',
    })
    const kept = async (...reviewers: string[]) => {
      const nodes = { user: 'admin', verb: 'list', resource: 'nodes' }
      const { accounts } = await suggest(manifests, [nodes, ...reviewers.map(review)])
      return accounts[0]?.kept.map(({ text }) => text)
    }
    expect(await kept('admin')).toEqual([])
    expect(await kept('system:node:a')).toEqual(['get nodes/metrics'])
    expect(await kept('monitoring/exporter')).toEqual(['get /metrics'])
  })

  it('keeps update on finalizers, which only admission asks for', async () => {
    const manifests =
      WEB +
      role('shop/r', rule('update', 'apps|deployments/finalizers'), rule('create', 'pods')) +
      bind('shop/r', 'shop/r', 'shop/web')
    const log = [{ user: 'admin', verb: 'list', resource: 'deployments', group: 'apps' }]
    const kept = async (...calls: LoggedCall[]) =>
      (await suggest(manifests, [...log, ...calls])).accounts[0]?.kept.map(({ text }) => text)
    expect(await kept(web({ verb: 'create', resource: 'pods' }))).toEqual(['update apps/deployments/finalizers'])
    expect(await kept()).toEqual([])
  })
})

describe('calls', () => {
  const edit = (verbs: string) => WEB + role('shop/r', rule(verbs, 'configmaps')) + bind('shop/r', 'shop/r', 'shop/web')

  it('that were denied, or made in another’s name, need nothing', async () => {
    const manifests = edit('get, list, watch')
    const calls = [
      web({ verb: 'get', resource: 'configmaps', name: 'a' }),
      web({ verb: 'list', resource: 'configmaps', denied: true }),
      web({ verb: 'watch', resource: 'configmaps', by: 'admin' }),
    ]
    const suggestions = await suggest(manifests, calls)
    expect(rolesOf(suggestions)).toEqual({
      'Role shop/r': ['{apiGroups: [""], resources: [configmaps], resourceNames: [a], verbs: [get]}'],
    })
    expect(suggestions.accounts[0]?.replay.inItsName).toEqual(['watch configmaps in shop by admin'])
  })

  it('that impersonate need that right, on those whose name was used', async () => {
    const manifests =
      WEB + role('r', rule('impersonate', 'users'), rule('impersonate', 'groups')) + bind('r', 'r', 'shop/web')
    const call = { user: 'ann', verb: 'list', resource: 'pods', by: 'system:serviceaccount:shop:web' }
    expect(rolesOf(await suggest(manifests, [call]))).toEqual({
      'ClusterRole /r': ['{apiGroups: [""], resources: [users], resourceNames: [ann], verbs: [impersonate]}'],
    })
  })

  it('of a server-side apply that creates need create as well', async () => {
    const apply = (code: number) => [web({ verb: 'patch', resource: 'configmaps', name: 'a', code })]
    expect(rolesOf(await suggest(edit('create, patch, delete'), apply(201)))).toEqual({
      'Role shop/r': ['{apiGroups: [""], resources: [configmaps], verbs: [create, patch]}'],
    })
    expect(rolesOf(await suggest(edit('create, patch, delete'), apply(200)))).toEqual({
      'Role shop/r': ['{apiGroups: [""], resources: [configmaps], resourceNames: [a], verbs: [patch]}'],
    })
  })

  it('that everybody may make are not granted again', async () => {
    const manifests = WEB + role('r', '{nonResourceURLs: ["*"], verbs: [get]}') + bind('r', 'r', 'shop/web')
    const calls = ['/healthz', '/api/v1', '/metrics'].map((url) => web({ verb: 'get', url }))
    expect(rolesOf(await suggest(manifests, calls))).toEqual({
      'ClusterRole /r': ['{nonResourceURLs: [/metrics], verbs: [get]}'],
    })
  })

  it('of a member belong to the group only where its own binding does not allow them', async () => {
    const pods = rule('get, list', 'pods')
    const manifests =
      WEB +
      account('shop/job') +
      role('shop/own', pods) +
      bind('shop/own', 'shop/own', 'shop/web') +
      role('shop/all', pods) +
      bind('shop/all', 'shop/all', 'Group system:serviceaccounts:shop')
    const calls = [
      web({ verb: 'get', resource: 'pods', name: 'a' }),
      { user: 'shop/job', verb: 'list', resource: 'pods', namespace: 'shop' },
    ]
    const suggestions = await suggest(manifests, calls)
    expect(rolesOf(suggestions)).toEqual({
      'Role shop/own': ['{apiGroups: [""], resources: [pods], verbs: [get]}'],
      'Role shop/all': ['{apiGroups: [""], resources: [pods], verbs: [list]}'],
    })
    expect(suggestions.accounts.flatMap(({ replay }) => replay.lost)).toEqual([])
  })

  it('that nothing seen here allows are counted', async () => {
    const { accounts } = await suggest(edit('get'), [
      web({ verb: 'list', resource: 'nodes' }),
      web({ verb: 'get', url: '/version' }),
    ])
    expect(accounts[0]?.replay).toMatchObject({ calls: 0, elsewhere: 1 })
  })
})

describe('roles and bindings', () => {
  const shared = [WEB, account('shop/job'), role('shop/r', rule('get, list', 'pods'))].join('')
  const get = web({ verb: 'get', resource: 'pods', name: 'a' })

  it('that several hold make way for new ones, and go when nobody is left', async () => {
    const manifests = shared + bind('shop/r', 'shop/r', 'shop/web', 'shop/job')
    const one = await suggest(manifests, [get, ...['get', 'list'].map((verb) => ({ ...get, verb, user: 'shop/job' }))])
    expect(one.accounts.map(({ subject, status, leaves }) => [subject, status, leaves])).toEqual([
      ['shop/job', 'as granted', []],
      ['shop/web', 'narrower', ['RoleBinding shop/r']],
    ])
    expect(rolesOf(one)).toEqual({ 'Role shop/web-used': ['{apiGroups: [""], resources: [pods], verbs: [get]}'] })
    expect(one.unneeded).toEqual({ bindings: [], roles: [] })
    const both = await suggest(manifests, [get, { ...get, user: 'shop/job' }])
    expect(both.unneeded).toEqual({ bindings: ['RoleBinding shop/r'], roles: ['Role shop/r'] })
  })

  it('that were not used go, and the role with them if nobody else holds it', async () => {
    const manifests = shared + bind('shop/a', 'shop/r', 'shop/web') + bind('shop/b', 'shop/r', 'shop/job')
    const calls = ['get', 'list'].map((verb) => ({ ...get, verb }))
    const { accounts, unneeded } = await suggest(manifests, calls)
    expect(accounts.map(({ subject, status }) => [subject, status])).toEqual([
      ['shop/job', 'unused'],
      ['shop/web', 'as granted'],
    ])
    expect(unneeded).toEqual({ bindings: ['RoleBinding shop/b'], roles: [] })
    expect((await suggest(manifests, [])).unneeded.roles).toEqual(['Role shop/r'])
  })

  it('that are part of another role are left alone', async () => {
    const labelled = role('part', rule('get, list', 'pods')).replace('{name: part}', '{name: part, labels: {a: b}}')
    const whole = `apiVersion: ${RBAC}/v1\nkind: ClusterRole\nmetadata: {name: whole}\naggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}\n---\n`
    const suggestions = await suggest(WEB + labelled + whole + bind('shop/r', 'part', 'shop/web'), [get])
    expect(Object.keys(rolesOf(suggestions))).toEqual(['Role shop/web-used'])
    expect(suggestions.unneeded).toEqual({ bindings: ['RoleBinding shop/r'], roles: [] })
  })

  it('stay where the rules of a role were not seen', async () => {
    const manifests = shared + bind('shop/r', 'shop/r', 'shop/web') + bind('shop/view', 'view', 'shop/web')
    const { accounts } = await suggest(manifests, [])
    expect(accounts[0]).toMatchObject({
      leaves: ['RoleBinding shop/r'],
      notSeen: ['RoleBinding shop/view to ClusterRole view'],
    })
  })

  it('that the log says somebody else uses, by a binding that was not seen, are left alone', async () => {
    const manifests = shared + bind('shop/r', 'shop/r', 'shop/web')
    const bob = { user: 'bob', verb: 'list', resource: 'pods', namespace: 'shop' }
    const because = 'RoleBinding "bob/shop" of Role "r" to User "bob"'
    const seen = await suggest(manifests, [get, { ...bob, because: because.replace('r', 'R') }])
    expect(Object.keys(rolesOf(seen))).toEqual(['Role shop/r'])
    const { cautions, ...unseen } = await suggest(manifests, [get, { ...bob, because }])
    expect(rolesOf(unseen as ClusterSuggestions)).toEqual({
      'Role shop/web-used': ['{apiGroups: [""], resources: [pods], verbs: [get]}'],
    })
    expect([unseen.unneeded, unseen.lost]).toEqual([{ bindings: ['RoleBinding shop/r'], roles: [] }, []])
    expect(cautions).toEqual(['Role shop/r, since the log names RoleBinding shop/bob, of which not all was seen'])
    const within = await suggest(manifests, [get, { ...bob, because: because.replace('bob/shop', 'r/shop') }])
    expect(within.unneeded).toEqual({ bindings: [], roles: [] })
  })

  it('stay where the log names what was not seen, or nothing seen allows a call', async () => {
    const manifests = shared + bind('shop/r', 'shop/r', 'shop/web')
    const other = { ...get, namespace: 'ops', because: 'RoleBinding "r/ops" of Role "r" to ServiceAccount "web/shop"' }
    const { accounts, unneeded } = await suggest(manifests, [other])
    expect([accounts[0], unneeded]).toEqual([
      expect.objectContaining({ status: 'as granted', removed: [], leaves: [], roles: [] }),
      { bindings: [], roles: [] },
    ])
    expect(accounts[0]?.unseen).toEqual({ calls: 1, by: ['RoleBinding ops/r of Role ops/r'] })
    // The role of the cluster has a rule that this one does not have.
    const older = { ...get, verb: 'delete', because: 'RoleBinding "r/shop" of Role "r" to ServiceAccount "web/shop"' }
    expect((await suggest(manifests, [get, older])).accounts[0]).toMatchObject({ leaves: [], roles: [] })
    expect((await suggest(manifests, [{ ...get, verb: 'delete' }])).accounts[0]?.unseen.calls).toBe(1)
    // Where the log gives reasons, none means another authoriser; bindings of the API server's own are no matter.
    const allowed = [
      { ...get, because: older.because },
      { ...get, verb: 'delete' },
    ]
    expect((await suggest(manifests, allowed)).accounts[0]).toMatchObject({ status: 'narrower', unseen: { calls: 0 } })
    const system = { ...older, because: 'ClusterRoleBinding "system:x" of ClusterRole "system:x" to Group "g"' }
    expect((await suggest(manifests, [get, system])).accounts[0]?.unseen.calls).toBe(0)
  })

  it('that change must still allow what the log says they allowed, to whomever', async () => {
    const manifests = shared + bind('shop/r', 'shop/r', 'shop/web')
    const because = 'RoleBinding "bob/shop" of Role "r" to User "bob"'
    const calls = [
      ...COVERS_ALL,
      get,
      { ...get, user: 'bob', verb: 'list', name: undefined, because },
      { ...get, user: 'bob', because },
    ]
    const { facts, gaps } = await auditLogged(manifests, calls)
    const [cluster] = readLoggedClusters(facts, gaps) as [LoggedCluster]
    // As if the plan had been made without the log's reasons.
    const blind = { ...cluster, witness: { unseen: new Map(), heldUnseen: new Map() } }
    const needs = new Map(
      cluster.holders.map((each) => [each, narrowSubject(each.subject, each.grants, cluster.context)]),
    )
    expect(replayCalls(blind, planRoles(blind, needs)).lost).toEqual([
      'get pods named a in shop by User bob',
      'list pods in shop by User bob',
    ])
    expect(replayCalls(cluster, planRoles(cluster, needs)).lost).toEqual([])
  })

  it('are neither narrowed in place nor deleted where not all bindings were seen', async () => {
    const manifests = shared + bind('shop/r', 'shop/r', 'shop/web') + bind('shop/s', 'shop/s', 'shop/web')
    const gap = {
      kind: 'k8s.binding',
      scope: 'repo:.',
      class: 'fault',
      reason: 'unreadable',
      detail: 'b.yaml',
    } as const
    const more = role('shop/s', rule('get', 'secrets'))
    const whole = await suggest(manifests + more, [get])
    expect([Object.keys(rolesOf(whole)), whole.unneeded, whole.cautions]).toEqual([
      ['Role shop/r'],
      { bindings: ['RoleBinding shop/s'], roles: ['Role shop/s'] },
      [],
    ])
    for (const kind of ['k8s.binding', 'k8s.subject']) {
      const partial = await suggestFor(manifests + more, [...COVERS_ALL, get], [{ ...gap, kind }])
      expect([Object.keys(rolesOf(partial)), partial.unneeded]).toEqual([
        ['Role shop/web-used'],
        { bindings: [], roles: [] },
      ])
      expect(partial.cautions).toEqual([expect.stringContaining('not all bindings were seen')])
    }
  })

  it('get names that are not taken', async () => {
    const manifests = shared + role('shop/web-used') + bind('shop/r', 'shop/r', 'shop/web', 'shop/job')
    expect(Object.keys(rolesOf(await suggest(manifests, [get])))).toEqual(['Role shop/web-used-2'])
  })
})

describe('a wildcard that can be narrowed', () => {
  const manifests = WEB + role('r', rule('"*"', 'services'), rule('get', '*')) + bind('shop/r', 'r', 'shop/web')
  const call = web({ verb: 'list', resource: 'services' })
  const narrowable = async (calls: readonly LoggedCall[]) =>
    (await auditLogged(manifests, calls))
      .of(k8sNarrowable)
      .map(({ data, unknown }) => [data.wildcards, data.uses, data.rules, unknown])

  it('is said with what it was used for', async () => {
    expect(await narrowable([...COVERS_ALL, call])).toEqual([
      ['* services', 'list services', ['shop: {apiGroups: [""], resources: [services], verbs: [list]}'], []],
    ])
  })

  it('is unknown where the log does not cover it, and nothing where it was not used', async () => {
    const get = web({ verb: 'get', resource: 'pods', name: 'a' })
    expect(await narrowable([get])).toEqual([['get *', undefined, undefined, ['known', 'uses', 'rules']]])
    expect(await narrowable(COVERS_ALL)).toEqual([])
  })
})
