import { describe, expect, it } from 'vitest'
import {
  k8sBinding,
  k8sRole,
  k8sRoleRule,
  k8sServiceAccount,
  k8sSubject,
  k8sTokenSecret,
  k8sWorkload,
} from '../../../src/facts/kubernetes.ts'
import { k8sCloudIdentity, k8sClusterAccess } from '../../../src/facts/kubernetes-cloud.ts'
import { k8sCertificateRequest } from '../../../src/facts/kubernetes-credentials.ts'
import { kubernetesScanner } from '../../../src/scanners/kubernetes/index.ts'
import { OBJECT_FACTS } from '../../../src/scanners/kubernetes/kinds.ts'
import { collect, memoryTree } from '../../support/context.ts'

/** Kinds of which most objects do not matter: a template must say the word. */
const TOLD_BY_A_WORD = [k8sClusterAccess, k8sCertificateRequest]

const scan = (files: Record<string, string> | string) =>
  collect(kubernetesScanner, { trees: [memoryTree(typeof files === 'string' ? { 'a.yaml': files } : files)] })

const ROLE = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web, namespace: shop}
rules:
- {apiGroups: [""], resources: [pods], verbs: [get]}
- apiGroups: [apps]
  resources: [deployments]
  verbs: [list]
`
const ACCOUNT = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n'

describe('manifests', () => {
  it('give each object and each rule its line', async () => {
    const { of, gaps } = await scan(`# comment\n${ACCOUNT}---\n# another\n${ROLE}`)
    expect(of(k8sServiceAccount)[0]).toMatchObject({
      scope: 'k8s:-/shop',
      at: { declaredAt: { file: 'a.yaml', line: 2, column: 1 } },
    })
    expect(of(k8sRole)[0]?.at).toEqual({
      resource: expect.stringMatching(/^k8s:\/\/-\//),
      declaredAt: { file: 'a.yaml', line: 7, column: 1 },
    })
    expect(of(k8sRoleRule).map(({ at }) => 'resource' in at && at.declaredAt)).toEqual([
      { file: 'a.yaml', line: 11, column: 3 },
      { file: 'a.yaml', line: 12, column: 3 },
    ])
    expect(gaps).toEqual([])
  })

  it('are read with Windows line ends, a byte order mark, as lists, as JSON and as arrays', async () => {
    const json = JSON.stringify({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'json' } })
    const { of, gaps } = await scan({
      'crlf.yaml': `\ufeff${ACCOUNT}---\n${ROLE}`.replaceAll('\n', '\r\n'),
      'list.yml': `apiVersion: v1\nkind: List\nitems:\n- ${ACCOUNT.replaceAll('\n', '\n  ').replace('name: web', 'name: listed')}`,
      'one.json': json,
      'many.json': `[${json.replace('"json"', '"array"')}, 1, null]`,
    })
    expect(of(k8sServiceAccount).map(({ data, at }) => [data.name, 'resource' in at && at.declaredAt?.line])).toEqual([
      ['web', 1],
      ['listed', 4],
      ['json', 1],
      ['array', 1],
    ])
    expect(of(k8sRoleRule).map(({ at }) => 'resource' in at && at.declaredAt?.line)).toEqual([9, 10])
    expect(gaps).toEqual([])
  })

  it('name a broken document and read the others of the file', async () => {
    const { of, gaps } = await scan(
      `${ACCOUNT}---\nkind: Role\napiVersion: rbac.authorization.k8s.io/v1\nrules: [\n---\n${ROLE}`,
    )
    expect(of(k8sServiceAccount)).toHaveLength(1)
    expect(of(k8sRoleRule)).toHaveLength(2)
    expect(gaps.map(({ kind, scope, class: gapClass }) => [kind, scope, gapClass])).toEqual([
      [k8sRole.kind, 'repo:./a.yaml', 'fault'],
      [k8sRoleRule.kind, 'repo:./a.yaml', 'fault'],
    ])
    expect(gaps[0]?.detail).toMatch(/^a\.yaml:[78]: Role cannot be read: /)
  })

  it('name objects that say nothing', async () => {
    const { facts, gaps } = await scan(
      [
        'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: a}\nroleRef: null\n',
        'apiVersion: v1\nkind: ServiceAccount\nmetadata: null\n',
        'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: a}\nrules: all\n',
      ].join('---\n'),
    )
    expect(facts).toEqual([])
    expect([...new Set(gaps.map(({ detail }) => detail))]).toEqual([
      'a.yaml:1: RoleBinding cannot be read: roleRef names no Role or ClusterRole',
      'a.yaml:6: ServiceAccount cannot be read: metadata.name is missing',
      'a.yaml:10: Role cannot be read: rules is no list',
    ])
  })

  it('leave alone what is not Kubernetes’ own, and documents that are no objects', async () => {
    const { facts, gaps } = await scan({
      'crossplane.yaml': 'apiVersion: iam.aws.crossplane.io/v1\nkind: Role\nmetadata: {name: a}\nspec: {}\n',
      'text.yaml': '- kind: Role\n- just text\n---\n42\n---\nkind: ServiceAccount\n---\n"kind: Role"\n',
      'config.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  x: |\n    kind: Role\n    rules: [\n',
      'package.json': '{"kind": "Role", "name": "x"',
      'broken.yaml': 'kind: Cat\nspec: [\n',
      'notes.md': ROLE,
    })
    expect(facts).toEqual([])
    expect(gaps.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/^package\.json:/),
      expect.stringMatching(/^package\.json:/),
    ])
  })

  it('live with null and wrong types in rules, subjects and pods', async () => {
    const { of, gaps } = await scan(
      [
        'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: a, labels: null}\nrules: null\n',
        'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: b}\nrules: [null, 1, {verbs: get}, {verbs: [get, 2, null]}]\n',
        'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: c}\nroleRef: {kind: Role, name: b}\nsubjects: [null, {kind: Robot, name: x}, {kind: User}, {kind: User, name: ann}, {kind: User, name: ann}]\n',
        'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: null\n',
        'apiVersion: v1\nkind: Pod\nmetadata: {name: e}\nspec: {containers: [null, {image: x}], volumes: [null, {projected: {sources: 3}}]}\n',
      ].join('---\n'),
    )
    expect(of(k8sRole).map(({ data }) => data.role)).toEqual(['Role default/a', 'Role default/b'])
    expect(of(k8sRoleRule).map(({ data }) => data.verbs)).toEqual([[], ['get', '2']])
    expect(of(k8sSubject).map(({ data }) => data.subject)).toEqual(['ann'])
    expect(of(k8sBinding)).toHaveLength(1)
    expect(of(k8sWorkload).map(({ data }) => [data.workload, data.account])).toEqual([
      ['Pod default/e', 'default/default'],
    ])
    expect(gaps).toEqual([])
  })

  it('see a service account behind a user’s name', async () => {
    const { of } = await scan(
      'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: c}\nroleRef: {kind: ClusterRole, name: view}\nsubjects: [{kind: User, name: "system:serviceaccount:shop:web"}]\n',
    )
    expect(of(k8sSubject)[0]?.data).toMatchObject({
      subjectKind: 'ServiceAccount',
      subject: 'shop/web',
      namespace: 'shop',
      name: 'web',
    })
  })

  it('tell whose token a pod mounts', async () => {
    const pod = (name: string, spec: string) =>
      `apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: ${name}, namespace: shop}\nspec: {jobTemplate: {spec: {template: {spec: {containers: [{image: x}], ${spec}}}}}}\n`
    const { of } = await scan(
      [
        pod('a', 'serviceAccountName: web'),
        pod('b', 'serviceAccount: old, automountServiceAccountToken: off'),
        pod(
          'c',
          'volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: t}}, {serviceAccountToken: {path: v, audience: vault, expirationSeconds: 600}}]}}]',
        ),
        pod('d', 'volumes: [{name: kube-api-access-x, projected: {sources: [{serviceAccountToken: {path: t}}]}}]'),
      ].join('---\n'),
    )
    expect(of(k8sWorkload).map(({ data }) => [data.account, data.automount, data.projectedTokens])).toEqual([
      ['shop/web', '', []],
      ['shop/old', 'false', []],
      ['shop/default', '', ['vault|600', '|3600']],
      ['shop/default', '', []],
    ])
  })

  it('leave out patches, and pods that something else makes', async () => {
    const { of } = await scan(
      [
        'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: patch}\nspec: {replicas: 3}\n',
        'apiVersion: v1\nkind: Pod\nmetadata: {name: made, ownerReferences: [{kind: ReplicaSet, name: x, controller: true}]}\nspec: {containers: [{image: x}]}\n',
        'apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: k8s, namespace: shop}\nspec: {serviceAccountName: prom}\n',
      ].join('---\n'),
    )
    expect(of(k8sWorkload).map(({ data }) => [data.workload, data.account])).toEqual([
      ['Prometheus shop/k8s', 'shop/prom'],
    ])
  })

  it('see token secrets and no other, and never their data', async () => {
    const value = ['hunt', 'er2'].join('')
    const packed = Buffer.from(value).toString('base64')
    const secret = (type: string) =>
      `apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: shop, annotations: {kubernetes.io/service-account.name: web}}\ntype: ${type}\ndata: {token: ${packed}}\nstringData: {token: ${value}}\n`
    const { facts, of } = await scan(`${secret('kubernetes.io/service-account-token')}---\n${secret('Opaque')}`)
    expect(of(k8sTokenSecret).map(({ data }) => data.account)).toEqual(['shop/web'])
    for (const text of [value, packed]) expect(JSON.stringify(facts)).not.toContain(text)
  })
})

describe('a file that cannot be read', () => {
  it('may have held any kind', async () => {
    const tree = { ...memoryTree({ 'big.yaml': ROLE, 'data.json': ROLE }), text: () => undefined }
    const { gaps } = await collect(kubernetesScanner, {
      trees: [tree],
      limits: { maxFileSize: 10, timeoutSeconds: 60 },
    })
    // The tree itself reports the file for one kind.
    expect(gaps.map(({ kind, scope }) => [kind, scope])).toEqual(
      OBJECT_FACTS.filter((kind) => kind !== k8sRoleRule).map(({ kind }) => [kind, 'repo:./big.yaml']),
    )
  })
})

describe('Helm templates', () => {
  const TEMPLATES = {
    'chart/templates/role.yaml':
      '{{- if .Values.rbac }}\nkind: Role\napiVersion: rbac.authorization.k8s.io/v1\nmetadata:\n  name: {{ .Release.Name }}\n{{- end }}\n',
    'chart/templates/account.yaml': 'kind: ServiceAccount\napiVersion: v1\nmetadata: {name: "{{ .Release.Name }}"}\n',
    'chart/templates/more.yaml': 'kind: ServiceAccount\napiVersion: v1\nmetadata:\n  name: {{ .Values.name }}\n',
  }

  it('are one gap of class limit for each kind of fact, however many there are', async () => {
    const { facts, gaps } = await scan(TEMPLATES)
    expect(facts).toEqual([])
    expect(gaps.map(({ kind, scope, class: gapClass, reason }) => [kind, scope, gapClass, reason])).toEqual(
      [k8sRole, k8sRoleRule, k8sServiceAccount, k8sCloudIdentity].map(({ kind }) => [
        kind,
        'repo:.',
        'limit',
        'Helm template, not rendered',
      ]),
    )
    expect(gaps[2]?.detail).toContain('chart/templates/account.yaml, chart/templates/more.yaml:')
  })

  it('blind to every kind where the kind itself or all of the document is a template', async () => {
    const kinds = async (text: string) =>
      new Set((await scan({ 'c/templates/x.yaml': text })).gaps.map(({ kind }) => kind))
    expect(
      await kinds('apiVersion: apps/v1\nkind: {{ if .Values.d }}DaemonSet{{ else }}Deployment{{ end }}\n'),
    ).toEqual(new Set([k8sWorkload.kind]))
    expect((await kinds('kind: {{ .Values.kind }}\n')).size).toBe(OBJECT_FACTS.length - TOLD_BY_A_WORD.length)
    expect((await kinds('{{- include "common.all" . }}\n')).size).toBe(OBJECT_FACTS.length - TOLD_BY_A_WORD.length)
    expect((await kinds('kind: ConfigMap\ndata: {a: {{ .Values.a }}}\n')).size).toBe(0)
  })

  it('are not seen in braces of what facts are not made of', async () => {
    const { of, gaps } = await scan(
      `${ROLE.replace('rules:', 'metadata2: "{{ $labels }}"\nrules:')}---\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{image: x, args: ["--template={{.Name}}"]}]}\n`,
    )
    expect(of(k8sRole)).toHaveLength(1)
    expect(of(k8sWorkload)).toHaveLength(1)
    expect(gaps).toEqual([])
  })
})
