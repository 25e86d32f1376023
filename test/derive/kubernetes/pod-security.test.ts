import { expect, it } from 'vitest'
import { k8sPodSecurity } from '../../../src/facts/kubernetes-pod-security.ts'
import { memoryTree } from '../../support/context.ts'
import { auditKubernetes } from '../../support/kubernetes.ts'

const namespace = (labels: string) => `
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {${labels}}}
`
const POD = `
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: c, image: i}]}
`
const kyverno = (action: string, match = 'kinds: [Pod]') => `
---
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: pods}
spec: {validationFailureAction: ${action}, rules: [{name: r, match: {any: [{resources: {${match}}}]}, validate: {pattern: {}}}]}
`
const audit = (text: string) => auditKubernetes({ trees: [memoryTree({ 'all.yaml': text })] })
const judged = async (text: string) =>
  (await audit(text)).of(k8sPodSecurity).map(({ data }) => [data.enforced, data.enforce, data.guards])

it('is enforced by a label with a level that refuses something', async () => {
  expect(await judged(POD + namespace('pod-security.kubernetes.io/enforce: restricted'))).toEqual([
    [true, 'restricted', []],
  ])
  expect(await judged(POD + namespace('pod-security.kubernetes.io/enforce: privileged'))).toEqual([
    [false, 'privileged', []],
  ])
  expect(await judged(POD + namespace('pod-security.kubernetes.io/warn: baseline'))).toEqual([[false, '', []]])
  // An overlay adds the label.
  expect(await judged(POD + namespace('') + namespace('pod-security.kubernetes.io/enforce: baseline'))).toEqual([
    [true, 'baseline', []],
  ])
})

it.each(['"${PSS}"', '"${PSS:=baseline}"', '"{{ .Values.level }}"', '{{ .Values.level }}'])(
  'cannot be told while the level is still filled in: %s',
  async (level) => {
    const { of, gaps } = await audit(POD + namespace(`"pod-security.kubernetes.io/enforce": ${level}`))
    expect(of(k8sPodSecurity).map(({ unknown }) => [...unknown].sort())).toEqual([['enforce', 'enforced']])
    expect(gaps.filter(({ kind }) => kind === k8sPodSecurity.kind).map(({ reason }) => reason)).toEqual([
      'labels not seen',
    ])
    // Another overlay says it.
    const told = namespace('pod-security.kubernetes.io/enforce: baseline')
    expect(await judged(POD + namespace(`"pod-security.kubernetes.io/enforce": ${level}`) + told)).toEqual([
      [true, 'baseline', []],
    ])
  },
)

it('concerns namespaces with workloads, and says which were not seen', async () => {
  expect(await judged(namespace(''))).toEqual([])
  const { of, gaps } = await audit(POD)
  expect(of(k8sPodSecurity)).toEqual([])
  expect(gaps.map(({ kind, class: gapClass, reason }) => [kind, gapClass, reason])).toContainEqual([
    k8sPodSecurity.kind,
    'limit',
    'namespace not seen',
  ])
})

it('names policies that may refuse pods there', async () => {
  const guards = async (text: string) => (await judged(POD + namespace('tier: prod') + text))[0]?.[2]
  expect(await guards(kyverno('Enforce'))).toEqual(['ClusterPolicy pods'])
  expect(await guards(kyverno('Audit'))).toEqual([])
  expect(await guards(kyverno('Enforce', 'kinds: [Service]'))).toEqual([])
  expect(await guards(kyverno('Enforce', 'kinds: [Pod], namespaces: ["sh*"]'))).toEqual(['ClusterPolicy pods'])
  expect(await guards(kyverno('Enforce', 'kinds: [Pod], namespaces: [ops]'))).toEqual([])
  expect(await guards(kyverno('Enforce', 'kinds: [Pod], namespaceSelector: {matchLabels: {tier: dev}}'))).toEqual([])
})

it('is enforced by OpenShift for every pod', async () => {
  const constraints =
    '\n---\napiVersion: security.openshift.io/v1\nkind: SecurityContextConstraints\nmetadata: {name: restricted}\n'
  expect((await judged(POD + namespace('') + constraints))[0]?.[0]).toBe(true)
})

it('says which workloads would not fit', async () => {
  const agent = POD.replace('name: web', 'name: agent').replace('spec: {', 'spec: {hostPID: true, ')
  const { of } = await audit(POD + agent + namespace(''))
  expect(of(k8sPodSecurity)[0]?.data.nodeAccess).toEqual(['Pod shop/agent'])
})
