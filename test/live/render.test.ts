import { existsSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { k8sBinding, k8sRole, k8sRoleRule, k8sServiceAccount } from '../../src/facts/kubernetes.ts'
import type { FactKind } from '../../src/model.ts'
import { kubernetesScanner } from '../../src/scanners/kubernetes/index.ts'
import { collect } from '../support/context.ts'
import { folderTree } from '../support/folder-tree.ts'
import { liveOrSkip, requireInstalled } from './servers/installed.ts'

const KINDS: readonly FactKind[] = [k8sRole, k8sRoleRule, k8sBinding, k8sServiceAccount]

/** Scans a folder with --render; gives the objects with their places, and the gaps of one kind. */
async function render(
  files: Readonly<Record<string, string>>,
  prepare: (root: string) => void = () => undefined,
  further: Readonly<Record<string, string>> = {},
) {
  const tree = folderTree(files)
  prepare(tree.root)
  const others = Object.keys(further).length === 0 ? [] : [{ ...folderTree(further), scope: 'repo:further' }]
  const { of, gaps } = await collect(kubernetesScanner, {
    trees: [tree, ...others],
    limits: { maxFileSize: 10 << 20, timeoutSeconds: 60, render: true },
    wants: (kind) => KINDS.includes(kind),
  })
  const placed = (kind: FactKind, field: string) =>
    of(kind).map(({ data, at }) => {
      const { file, line } = ('declaredAt' in at ? at.declaredAt : undefined) ?? {}
      return `${String((data as Record<string, unknown>)[field])} ${file}:${line}`
    })
  return {
    root: tree.root,
    roles: placed(k8sRole, 'role'),
    rules: of(k8sRoleRule).map(({ data, at }) => {
      const line = 'declaredAt' in at ? at.declaredAt?.line : undefined
      return `${data.verbs?.join()} ${data.resources?.join()} :${line}`
    }),
    accounts: placed(k8sServiceAccount, 'account'),
    given: of(k8sServiceAccount).map(({ data }) => data.namespaceGiven),
    gaps: gaps
      .filter(({ kind }) => kind === k8sRole.kind)
      .map(({ scope, class: gapClass, reason, detail }) => [scope, gapClass, reason, detail]),
  }
}

const chart = (name: string, more = '') => `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n${more}`
const account = (name: string) => `apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: ${name}\n`
const role = (name: string) =>
  `apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: ${name}\nrules:\n- apiGroups: [""]\n  resources: [pods]\n  verbs: [get]\n`

liveOrSkip('helm and kubectl', ['helm', 'kubectl'], () => {
  const before = process.env.PATH
  beforeEach(() => {
    const folders = [requireInstalled('helm'), requireInstalled('kubectl')].map((file) => dirname(file))
    process.env.PATH = [...folders, before].join(delimiter)
  })
  afterEach(() => {
    process.env.PATH = before
  })

  it('renders charts with their subcharts, mapped to the lines of templates', async () => {
    const { roles, rules, accounts, given, gaps } = await render({
      'deploy/web/Chart.yaml': chart('web'),
      'deploy/web/values.yaml': 'wide: true\n',
      'deploy/web/templates/_helpers.tpl': '{{- define "web.name" }}{{ .Release.Name }}-x{{ end }}\n',
      'deploy/web/templates/rbac.yaml': `${account('{{ include "web.name" . }}')}  namespace: {{ .Release.Namespace }}
---
${role('{{ include "web.name" . }}-reader')}{{- if .Values.wide }}
- apiGroups: [""]
  resources: [secrets]
  verbs: [list]
{{- end }}
`,
      'deploy/web/templates/plain.yaml': account('plain'),
      'deploy/web/charts/store/Chart.yaml': chart('db'),
      'deploy/web/charts/store/templates/account.yaml': `\n${account('{{ .Chart.Name }}')}`,
      'lib/Chart.yaml': chart('lib', 'type: library\n'),
      'lib/templates/_role.yaml': `{{- define "lib.role" }}\n${role('{{ .name }}')}{{ end }}\n`,
    })
    expect(roles).toEqual(['Role default/web-x-reader deploy/web/templates/rbac.yaml:7'])
    expect(rules).toEqual(['get pods :12', 'list secrets :16'])
    expect(accounts.sort()).toEqual([
      'default/db deploy/web/charts/store/templates/account.yaml:2',
      'default/plain deploy/web/templates/plain.yaml:1',
      'default/web-x deploy/web/templates/rbac.yaml:1',
    ])
    expect(given).toEqual([false, false, false])
    expect(gaps).toEqual([])
  })

  it('tells of a chart that cannot be rendered, without the values in it, and renders the others', async () => {
    const { accounts, gaps } = await render({
      'bad/Chart.yaml': chart('bad'),
      'bad/values.yaml': 'password: hunter2\n',
      'bad/templates/a.yaml': account('{{ fail (printf "not %s" .Values.password) }}'),
      'bad/templates/plain.yaml': account('plain'),
      'good/Chart.yaml': chart('good'),
      'good/templates/a.yaml': account('{{ .Release.Name }}'),
    })
    expect(accounts).toEqual(['default/plain bad/templates/plain.yaml:1', 'default/good good/templates/a.yaml:1'])
    expect(gaps).toEqual([
      [
        'repo:./bad',
        'limit',
        'chart not rendered',
        'bad/Chart.yaml: helm template: execution error at (bad/templates/a.yaml:4:11): stopped by the template',
      ],
    ])
  })

  it('gives templates no cluster, no names of hosts and no files of elsewhere', async () => {
    const { accounts } = await render({
      'a/Chart.yaml': chart('a'),
      'a/templates/a.yaml': account(
        'x{{ len (lookup "v1" "Namespace" "" "") }}-{{ getHostByName "localhost" }}-{{ .Files.Get "../secret" }}-y',
      ),
      secret: 'seen',
    })
    expect(accounts).toEqual(['default/x0---y a/templates/a.yaml:1'])
  })

  it('renders overlays once, with prefix, namespace, components and patches, mapped to the manifests', async () => {
    const { roles, rules, accounts, gaps } = await render({
      'base/kustomization.yaml': 'resources: [role.yaml, account.yaml]\n',
      'base/role.yaml': role('web'),
      'base/account.yaml': `\n${account('web')}`,
      'extra/kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [account.yaml]\n',
      'extra/account.yaml': account('extra'),
      'prod/kustomization.yaml': `resources: [../base]
components: [../extra]
namePrefix: prod-
namespace: shop
configMapGenerator: [{name: c, literals: [a=b]}]
patches:
- target: {kind: Role}
  patch: |-
    - op: add
      path: /rules/-
      value: {apiGroups: [""], resources: [secrets], verbs: [list]}
`,
      'dev/kustomization.yaml': 'resources: [../base]\nnamespace: dev\n',
      'standalone.yaml': account('alone'),
    })
    expect(roles.sort()).toEqual(['Role dev/web base/role.yaml:1', 'Role shop/prod-web base/role.yaml:1'])
    expect(rules.sort()).toEqual(['get pods :6', 'get pods :6', 'list secrets :1'])
    expect(accounts.sort()).toEqual([
      'default/alone standalone.yaml:1',
      'dev/web base/account.yaml:2',
      'shop/prod-extra extra/account.yaml:1',
      'shop/prod-web base/account.yaml:2',
    ])
    expect(gaps).toEqual([])
  })

  it('takes the origin of an object from its own annotation, not from text that looks like one', async () => {
    const decoy = '  config.kubernetes.io/origin: |\n          path: nowhere.yaml\n'
    const { roles, accounts, gaps } = await render({
      'kustomization.yaml': 'resources: [role.yaml, account.yaml]\n',
      'role.yaml': role('web').replace(
        'rules:',
        `  annotations:\n    a: |\n      x\n      ${decoy}    config.kubernetes.io/origin: |\n      path: other.yaml\nrules:`,
      ),
      'account.yaml': `${account('web')}  annotations:\n    a: "config.kubernetes.io/origin: |\\n  path: nowhere.yaml\\n"\n`,
    })
    expect(roles).toEqual(['Role default/web role.yaml:1'])
    expect(accounts).toEqual(['default/web account.yaml:1'])
    expect(gaps).toEqual([])
  })

  it('renders folders of one name, however long, in several trees', async () => {
    const long = 'a'.repeat(60)
    const files = (name: string) => ({
      [`${name}/${long}/kustomization.yaml`]: 'resources: [account.yaml]\nnamePrefix: x-\n',
      [`${name}/${long}/account.yaml`]: account(name),
    })
    const { accounts, gaps } = await render({ ...files('one'), ...files('two') }, undefined, files('one'))
    expect(accounts.sort()).toEqual(
      ['one', 'one', 'two'].map((name) => `default/x-${name} ${name}/${long}/account.yaml:1`),
    )
    expect(gaps).toEqual([])
  })

  it('reads the manifests of a kustomization that it must not or cannot render as they are', async () => {
    const { accounts, gaps, root } = await render(
      {
        'remote/kustomization.yaml': 'resources: [a.yaml, "https://example.invalid/base?ref=v1"]\n',
        'remote/a.yaml': account('remote'),
        'exec/kustomization.yaml': 'resources: [b.yaml]\ngenerators: [generator.yaml]\n',
        'exec/b.yaml': account('exec'),
        'exec/generator.yaml': `apiVersion: example.invalid/v1
kind: Generator
metadata:
  name: g
  annotations: {config.kubernetes.io/function: "{exec: {path: ./run.sh}}"}
`,
        'exec/run.sh': '#!/bin/sh\ntouch ran\n',
        'out/kustomization.yaml': 'resources: [link.yaml]\n',
      },
      (folder) => symlinkSync('/etc/hostname', join(folder, 'out/link.yaml')),
    )
    expect(accounts.sort()).toEqual(['default/exec exec/b.yaml:1', 'default/remote remote/a.yaml:1'])
    gaps.sort()
    expect(gaps.map(([scope, gapClass, reason]) => [scope, gapClass, reason])).toEqual(
      ['exec', 'out', 'remote'].map((name) => [`repo:./${name}`, 'limit', 'kustomization not rendered']),
    )
    expect(gaps.map(([, , , detail]) => detail)).toEqual([
      expect.stringMatching(/^exec\/kustomization\.yaml: kubectl kustomize: ./),
      'out/kustomization.yaml: resources: link.yaml is out of the tree',
      'remote/kustomization.yaml: resources: remote, https://example.invalid/base',
    ])
    expect(existsSync(join(root, 'exec/ran'))).toBe(false)
  })

  it('reaches no server of this machine', async () => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.end('{}')
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    try {
      const { accounts, gaps } = await render({
        'chart/Chart.yaml': chart('chart'),
        'chart/values.schema.json': JSON.stringify({ properties: { a: { $ref: `${url}/schema.json` } } }),
        'chart/values.yaml': 'a: 1\n',
        'chart/templates/a.yaml': account('chart'),
        'file/kustomization.yaml': `resources: ["${url}/r.yaml"]\n`,
        [`file/${url.replace('//', '/')}/r.yaml`]: account('file'),
        'case/kustomization.yaml': `Resources: ["${url}/r.yaml"]\n`,
        'plugin/kustomization.yaml': 'resources: [a.yaml]\ntransformers: [t.yaml]\n',
        'plugin/a.yaml': account('plugin'),
        'plugin/t.yaml': `apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: p}\npath: ${url}/p.yaml\n`,
      })
      expect(accounts).toContain('default/chart chart/templates/a.yaml:1')
      expect(gaps.map(([scope, gapClass]) => [scope, gapClass]).sort()).toEqual(
        ['case', 'file', 'plugin'].map((name) => [`repo:./${name}`, 'limit']),
      )
      expect(asked).toEqual([])
    } finally {
      await new Promise((done) => server.close(done))
    }
  })

  it('says what is not on PATH', async () => {
    process.env.PATH = ''
    const { accounts, gaps } = await render({
      'a/Chart.yaml': chart('a'),
      'a/templates/a.yaml': account('{{ .Release.Name }}'),
      'k/kustomization.yaml': 'resources: [b.yaml]\n',
      'k/b.yaml': account('b'),
    })
    expect(accounts).toEqual(['default/b k/b.yaml:1'])
    expect(gaps).toEqual([
      ['repo:./a', 'limit', 'chart not rendered', 'a/Chart.yaml: helm is not on PATH'],
      [
        'repo:./k',
        'limit',
        'kustomization not rendered',
        'k/kustomization.yaml: neither kustomize nor kubectl is on PATH',
      ],
    ])
  })
})
