import { describe, expect, it } from 'vitest'
import { k8sNetworkIsolation, k8sNetworkPolicy, k8sPolicyReach } from '../../../src/facts/kubernetes-network.ts'
import { memoryTree } from '../../support/context.ts'
import { auditKubernetes } from '../../support/kubernetes.ts'

const audit = (files: Record<string, string> | string) =>
  auditKubernetes({ trees: [memoryTree(typeof files === 'string' ? { 'all.yaml': files } : files)] })

const workload = (name: string, more = '', namespace = 'namespace: shop, ') => `
---
apiVersion: apps/v1
kind: Deployment
metadata: {${namespace}name: ${name}}
spec: {template: {metadata: {labels: {app: ${name}}}, spec: {${more}containers: [{name: c, image: i}]}}}
`
const policy = (spec: string, name = 'p', namespace = 'namespace: shop, ') => `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {${namespace}name: ${name}}
spec: {${spec}}
`
const NAMESPACE = '\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {tier: prod}}\n'
const other = (apiVersion: string, kind: string, metadata: string, spec: string) =>
  `\n---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {${metadata}}\nspec: {${spec}}\n`

/** `open`, `isolated`, `covered` or `unknown` for ingress and egress. */
async function isolation(files: Record<string, string> | string): Promise<Record<string, string>> {
  const { of } = await audit(files)
  return Object.fromEntries(
    of(k8sNetworkIsolation).map(({ data, unknown }) => {
      const state = data.isolated ? 'isolated' : data.covered ? 'covered' : unknown.length > 0 ? 'unknown' : 'open'
      const names = state === 'open' ? ` ${data.uncovered?.map((each) => each.split('/')[1]).join()}` : ''
      return [`${data.namespace}${data.folder} ${data.direction}`, state + names]
    }),
  )
}
const shop = (ingress: string, egress: string) => ({ 'shop ingress': ingress, 'shop egress': egress })

describe('isolation by Kubernetes’ own policies', () => {
  it('is a policy for all pods that lets in less than everybody, by direction', async () => {
    expect(await isolation(workload('a'))).toEqual(shop('open a', 'open a'))
    expect(await isolation(workload('a') + policy('podSelector: {}'))).toEqual(shop('isolated', 'open a'))
    expect(await isolation(workload('a') + policy('podSelector: {}, policyTypes: [Egress]'))).toEqual(
      shop('open a', 'isolated'),
    )
    // Without policyTypes: ingress always, egress with rules of it.
    expect(await isolation(workload('a') + policy('podSelector: {}, egress: [{to: [{podSelector: {}}]}]'))).toEqual(
      shop('isolated', 'isolated'),
    )
  })

  it('is the union of policies: some workloads, or all of them one by one', async () => {
    const two = workload('a') + workload('b')
    const one = policy('podSelector: {matchLabels: {app: a}}')
    expect(await isolation(two + one)).toEqual(shop('open b', 'open a,b'))
    const rest = policy('podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [a]}]}', 'q')
    expect(await isolation(two + one + rest)).toEqual(shop('covered', 'open a,b'))
  })

  it('does not concern pods on the node’s network', async () => {
    const host = workload('node', 'hostNetwork: true, ')
    expect(await isolation(host)).toEqual({})
    expect(await isolation(host + workload('a') + policy('podSelector: {matchLabels: {app: a}}'))).toEqual(
      shop('covered', 'open a'),
    )
  })

  it('hangs on labels that are not written, and on policies that are still templates', async () => {
    for (const templated of ['"{{ .Values.app }}"', '{{ .Values.app }}', '"${APP}"']) {
      const deployment = workload('a').replace('{app: a}', `{app: ${templated}}`)
      expect(await isolation(deployment + policy('podSelector: {matchLabels: {app: a}}'))).toEqual(
        shop('unknown', 'open a'),
      )
    }
    const chart = policy('podSelector: {}, policyTypes: {{ .Values.types }}')
    expect(await isolation({ 'a.yaml': workload('a'), 'chart/templates/p.yaml': chart })).toEqual(
      shop('unknown', 'unknown'),
    )
  })

  it('is told with confidence where the tree keeps policies for that namespace', async () => {
    const managed = async (text: string) =>
      (await audit(text)).of(k8sNetworkIsolation).find(({ data }) => data.direction === 'ingress')?.data.managed
    const elsewhere = policy('podSelector: {}', 'p', 'namespace: other, ')
    expect(await managed(workload('a'))).toBe(false)
    expect(await managed(workload('a') + NAMESPACE)).toBe(false)
    expect(await managed(workload('a') + elsewhere)).toBe(false)
    expect(await managed(workload('a') + NAMESPACE + elsewhere)).toBe(true)
    expect(await managed(workload('a') + policy('podSelector: {matchLabels: {app: b}}'))).toBe(true)
  })

  it('of manifests without a namespace is judged folder by folder', async () => {
    const files = {
      'one/all.yaml': workload('a', '', '') + policy('podSelector: {}', 'p', ''),
      'two/all.yaml': workload('b', '', ''),
    }
    const found = await isolation(files)
    expect(found['defaultone ingress']).toBe('isolated')
    expect(found['defaulttwo ingress']).toBe('open b')
  })
})

describe('isolation by other engines', () => {
  const ingress = async (text: string) => (await isolation(workload('a') + text))['shop ingress']

  it('of Cilium: rules of a direction deny the rest, unless told otherwise', async () => {
    const cilium = (spec: string) => other('cilium.io/v2', 'CiliumNetworkPolicy', 'name: c, namespace: shop', spec)
    expect(await ingress(cilium('endpointSelector: {}, ingress: [{}]'))).toBe('isolated')
    expect(await ingress(cilium('endpointSelector: {}, egress: [{}]'))).toBe('open a')
    expect(await ingress(cilium('endpointSelector: {}, ingress: [{}], enableDefaultDeny: {ingress: false}'))).toBe(
      'open a',
    )
    expect(await ingress(cilium('endpointSelector: {matchLabels: {"k8s:app": a}}, ingress: [{}]'))).toBe('covered')
    const wide = (selector: string) =>
      other('cilium.io/v2', 'CiliumClusterwideNetworkPolicy', 'name: c', `endpointSelector: ${selector}, ingress: [{}]`)
    expect(await ingress(wide('{}'))).toBe('isolated')
    const but = (name: string) =>
      `{matchExpressions: [{key: "k8s:io.kubernetes.pod.namespace", operator: NotIn, values: [${name}]}]}`
    expect(await ingress(wide(but('kube-system')))).toBe('isolated')
    expect(await ingress(wide(but('shop')))).toBe('open a')
    const prod = '{matchLabels: {"k8s:io.cilium.k8s.namespace.labels.tier": prod}}'
    expect(await ingress(NAMESPACE + wide(prod))).toBe('isolated')
    expect(await ingress(NAMESPACE.replace('prod', 'dev') + wide(prod))).toBe('open a')
    expect(await ingress(NAMESPACE.replace('prod', '"${TIER}"') + wide(prod))).toBe('unknown')
    expect(await ingress(wide('{matchLabels: {"reserved:host": ""}}'))).toBe('unknown')
  })

  it('of Calico: what no rule lets through is dropped', async () => {
    const global = (spec: string) => other('projectcalico.org/v3', 'GlobalNetworkPolicy', 'name: c', spec)
    expect(await ingress(global('types: [Ingress, Egress]'))).toBe('isolated')
    expect(await ingress(global('selector: all(), types: [Egress]'))).toBe('open a')
    const not = (names: string) =>
      `namespaceSelector: has(projectcalico.org/name) && projectcalico.org/name not in {${names}}`
    expect(
      await ingress(
        global(`'${not('"kube-system"').slice(0, 17)}': '${not('"kube-system"').slice(19)}', types: [Ingress]`),
      ),
    ).toBe('isolated')
    expect(await ingress(global(`namespaceSelector: 'projectcalico.org/name not in {"shop"}', types: [Ingress]`))).toBe(
      'open a',
    )
    expect(await ingress(global(`selector: "app == 'a'", types: [Ingress]`))).toBe('covered')
    expect(await ingress(global(`selector: "app starts with 'b' || has(x)", types: [Ingress]`))).toBe('unknown')
    expect(await ingress(global('types: [Ingress], ingress: [{action: Pass}]'))).toBe('open a')
  })

  it('of administrators: a rule that denies everything', async () => {
    const admin = (kind: string, spec: string) =>
      other('policy.networking.k8s.io/v1alpha1', kind, 'name: default', spec)
    const deny = (from: string) => `ingress: [{name: d, action: Deny, from: [${from}]}]`
    const subject = 'subject: {namespaces: {}}'
    expect(await ingress(admin('BaselineAdminNetworkPolicy', `${subject}, ${deny('{namespaces: {}}')}`))).toBe(
      'isolated',
    )
    expect(
      await ingress(admin('AdminNetworkPolicy', `${subject}, ${deny('{namespaces: {matchLabels: {a: b}}}')}`)),
    ).toBe('open a')
    const pods = (selector: string) =>
      ingress(admin('BaselineAdminNetworkPolicy', `${subject}, ${deny(`{pods: {${selector}}}`)}`))
    expect(await pods('namespaceSelector: {}, podSelector: {}')).toBe('isolated')
    expect(await pods('namespaceSelector: {}, podSelector: {matchLabels: {a: b}}')).toBe('open a')
    expect(await pods('namespaceSelector: {matchLabels: {a: b}}, podSelector: {}')).toBe('open a')
    const prod = 'subject: {namespaces: {matchLabels: {tier: prod}}}'
    const baseline = admin('BaselineAdminNetworkPolicy', `${prod}, ${deny('{namespaces: {}}')}`)
    // The labels of a namespace are known where it is declared.
    expect(await ingress(baseline)).toBe('unknown')
    expect(await ingress(baseline + NAMESPACE)).toBe('isolated')
  })
})

describe('what a policy amounts to', () => {
  const reach = async (text: string) => {
    const { of } = await audit(text)
    return of(k8sPolicyReach).map(({ data, unknown }) => [
      data.selectsAll,
      unknown.includes('selectsNothing') ? 'unknown' : data.selectsNothing,
      data.ingressOpen,
      data.egressOpen,
    ])
  }
  it('is open by an empty rule, an empty selector of namespaces, or all addresses, unless ports or exceptions limit it', async () => {
    const of = async (rules: string) => (await reach(workload('a') + policy(`podSelector: {}, ${rules}`)))[0]?.slice(2)
    expect(await of('ingress: [{}]')).toEqual(['anywhere', ''])
    expect(await of('ingress: [{from: []}]')).toEqual(['anywhere', ''])
    expect(await of('ingress: [{from: [{namespaceSelector: {}}]}]')).toEqual(['cluster', ''])
    expect(await of('ingress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {a: b}}}]}]')).toEqual([
      '',
      '',
    ])
    expect(await of('ingress: [{from: [{podSelector: {}}]}]')).toEqual(['', ''])
    expect(await of('ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]')).toEqual(['anywhere', ''])
    expect(await of('ingress: [{from: [{ipBlock: {cidr: "::/0"}}]}]')).toEqual(['anywhere', ''])
    expect(await of('ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]')).toEqual(['', ''])
    expect(await of('ingress: [{ports: [{port: 80}]}]')).toEqual(['', ''])
    expect(await of('egress: [{}]')).toEqual(['', 'anywhere'])
    // Rules of a direction that the policy is not for do nothing.
    expect(await of('policyTypes: [Ingress], egress: [{}]')).toEqual(['', ''])
  })

  it('of Cilium is open to every endpoint by an empty selector, in its namespace or in the cluster', async () => {
    const of = async (kind: string, more: string, rules: string) =>
      (
        await reach(workload('a') + other('cilium.io/v2', kind, `name: c${more}`, `endpointSelector: {}, ${rules}`))
      )[0]?.slice(2)
    const wide = (rules: string) => of('CiliumClusterwideNetworkPolicy', '', rules)
    expect(await wide('ingress: [{fromEndpoints: [{}]}]')).toEqual(['cluster', ''])
    expect(await wide('egress: [{toEndpoints: [{matchLabels: {}}]}]')).toEqual(['', 'cluster'])
    expect(await wide('ingress: [{fromEndpoints: [{matchLabels: {a: b}}]}]')).toEqual(['', ''])
    expect(await wide('ingress: [{fromEndpoints: [{}], toPorts: [{ports: [{port: "80"}]}]}]')).toEqual(['', ''])
    expect(await wide('ingress: [{fromEndpoints: [{}], fromRequires: [{matchLabels: {a: b}}]}]')).toEqual(['', ''])
    const own = 'ingress: [{fromEndpoints: [{}]}]'
    expect(await of('CiliumNetworkPolicy', ', namespace: shop', own)).toEqual(['', ''])
  })

  it('is nothing if no workload has its labels, as far as all were seen', async () => {
    const selector = (app: string) => policy(`podSelector: {matchLabels: {app: ${app}}}`)
    expect((await reach(workload('a') + selector('b')))[0]?.[1]).toBe(true)
    expect((await reach(workload('a') + selector('a')))[0]?.[1]).toBe(false)
    expect((await reach(policy('podSelector: {}')))[0]?.[1]).toBe(false)
    const operated = other(
      'monitoring.coreos.com/v1',
      'Prometheus',
      'name: k8s, namespace: shop',
      'serviceAccountName: p',
    )
    expect((await reach(workload('a') + selector('b') + operated))[0]?.[1]).toBe('unknown')
  })
})

it('takes what is malformed for as little as it says', async () => {
  const { of, gaps } = await audit(
    policy('podSelector: 3, policyTypes: x, ingress: [1, {from: 2}], egress: {}') +
      other('cilium.io/v2', 'CiliumNetworkPolicy', 'name: c, namespace: shop', 'endpointSelector: [], ingress: 7') +
      other(
        'projectcalico.org/v3',
        'GlobalNetworkPolicy',
        'name: g',
        'selector: 4, types: 1, ingress: [null, {source: 3}]',
      ) +
      other('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', 'name: n', 'subject: 1, ingress: [{from: 3}]'),
  )
  expect(gaps.filter(({ class: gapClass }) => gapClass === 'fault')).toEqual([])
  expect(of(k8sNetworkPolicy)).toHaveLength(4)
})

it('judges thousands of policies and workloads of one namespace', async () => {
  const count = 300
  const text = Array.from(
    { length: count },
    (_, i) => workload(`w${i}`) + policy(`podSelector: {matchLabels: {app: w${i}}}`, `p${i}`),
  ).join('')
  expect(await isolation(text)).toMatchObject({ 'shop ingress': 'covered' })
})
