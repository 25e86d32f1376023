import { chmodSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { belongsToChart, findCharts } from '../../../src/scanners/kubernetes/charts.ts'
import { findKustomizations } from '../../../src/scanners/kubernetes/kustomizations.ts'
import { refersOut } from '../../../src/scanners/kubernetes/remote-parts.ts'
import { TemplateLines } from '../../../src/scanners/kubernetes/template-lines.ts'
import { failureOf } from '../../../src/sources/render-failure.ts'
import { findRenderPrograms } from '../../../src/sources/render-program.ts'
import { folderTree as tree } from '../../support/folder-tree.ts'

const chart = (name: string, more = '') => `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n${more}`

describe('charts', () => {
  it('are those that are no part of another one', () => {
    const found = findCharts(
      tree({
        'charts/web/Chart.yaml': chart('web'),
        'charts/web/charts/db/Chart.yaml': chart('db'),
        'charts/web/charts/db/charts/deep/Chart.yaml': chart('deep'),
        'mycharts/api/Chart.yaml': chart('api'),
      }),
    )
    expect(found.map(({ folder, name, problem }) => [folder, name, problem])).toEqual([
      ['charts/web', 'web', undefined],
      ['mycharts/api', 'api', undefined],
    ])
  })

  it('know a library, which installs nothing', () => {
    const [found] = findCharts(tree({ 'Chart.yaml': chart('common', 'type: library\n') }))
    expect(found).toMatchObject({ folder: '', isLibrary: true })
  })

  it('with dependencies that are not vendored are not run', () => {
    const dependencies =
      'dependencies:\n- {name: redis, version: 1.x, repository: "oci://registry.example.invalid/charts"}\n'
    const missing = tree({ 'a/Chart.yaml': chart('a', dependencies) })
    const unpacked = tree({ 'a/Chart.yaml': chart('a', dependencies), 'a/charts/redis/Chart.yaml': chart('redis') })
    const packed = tree({ 'a/Chart.yaml': chart('a', dependencies), 'a/charts/redis-1.2.3.tgz': '' })
    const other = tree({ 'a/Chart.yaml': chart('a', dependencies), 'a/charts/redis-cluster-1.2.3.tgz': '' })
    const old = tree({ 'a/Chart.yaml': chart('a'), 'a/requirements.yaml': dependencies })
    const problems = [missing, unpacked, packed, other, old].map((each) => findCharts(each)[0]?.problem)
    const text = 'dependencies are not in its charts/ folder: redis; run helm dependency build before the audit'
    expect(problems).toEqual([text, undefined, undefined, text, text])
  })

  it('with folders that cannot be read are not run, and cost no other chart', () => {
    const dependencies = 'dependencies: [{name: c, version: 1.0.0}]\n'
    const file = tree({ 'a/Chart.yaml': chart('a', dependencies), 'a/charts': '', 'b/Chart.yaml': chart('b') })
    expect(findCharts(file).map(({ problem }) => problem)).toEqual(['a/charts cannot be read', undefined])
  })

  // Root may read everything.
  it.skipIf(process.getuid?.() === 0)('with an unreadable subfolder are not run', () => {
    const each = tree({ 'a/Chart.yaml': chart('a'), 'a/templates/x/y.yaml': '' })
    chmodSync(join(each.root, 'a/templates/x'), 0)
    expect(findCharts(each)[0]?.problem).toBe('a/templates/x cannot be read')
  })

  it('with links that leave the tree, or go in circles, are not run', () => {
    const trees = ['/etc/hostname', '..', 'nowhere'].map((target) => {
      const each = tree({ 'a/Chart.yaml': chart('a'), 'a/templates/x.yaml': '' })
      symlinkSync(target, join(each.root, 'a/templates/link'))
      return each
    })
    for (const each of trees)
      expect(findCharts(each)[0]?.problem).toBe('a/templates/link is a link that leads out of the tree, or nowhere')
    const good = tree({ 'a/Chart.yaml': chart('a'), 'a/templates/x.yaml': '', 'common/y.yaml': '' })
    symlinkSync('../../common/y.yaml', join(good.root, 'a/templates/y.yaml'))
    expect(findCharts(good)[0]?.problem).toBeUndefined()
  })

  it('say what belongs to them', () => {
    const [root] = findCharts(tree({ 'Chart.yaml': chart('a') }))
    const [below] = findCharts(tree({ 'x/Chart.yaml': chart('a') }))
    if (!root || !below) throw new Error('no chart')
    expect(
      ['templates/a.yaml', 'charts/b/templates/c.yaml', 'ci/values.yaml'].map((path) => belongsToChart(root, path)),
    ).toEqual([true, true, false])
    expect(
      ['x/templates/a.yaml', 'templates/a.yaml', 'xy/templates/a.yaml'].map((path) => belongsToChart(below, path)),
    ).toEqual([true, false, false])
  })
})

describe('kustomizations', () => {
  const found = (files: Readonly<Record<string, string>>) =>
    findKustomizations(tree(files)).map(({ folder, parts, problem }) => ({ folder, parts: [...parts].sort(), problem }))

  it('are those that no other one builds upon, with all their files', () => {
    expect(
      found({
        'base/kustomization.yaml': 'resources: [role.yaml]\n',
        'base/role.yaml': '',
        'extra/kustomization.yml': 'kind: Component\npatches:\n- path: patch.yaml\n',
        'extra/patch.yaml': '',
        'prod/Kustomization': 'resources: [../base/]\ncomponents: [../extra]\npatchesStrategicMerge: [p.yaml]\n',
        'prod/p.yaml': '',
        'flux/kustomization.yaml': 'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n',
      }),
    ).toEqual([
      {
        folder: 'prod',
        parts: [
          'base/kustomization.yaml',
          'base/role.yaml',
          'extra/kustomization.yml',
          'extra/patch.yaml',
          'prod/Kustomization',
          'prod/p.yaml',
        ],
        problem: undefined,
      },
    ])
  })

  it.each([
    ['resources: ["https://example.invalid/role.yaml"]', 'resources: remote, https://example.invalid/role.yaml'],
    ['bases: ["github.com/example/repo//base?ref=v1"]', 'bases: remote, github.com/example/repo//base'],
    ['resources: ["git@example.invalid:a/b.git"]', 'resources: remote, git@example.invalid:a/b.git'],
    ['components: ["ssh://u:p@example.invalid/a"]', 'components: remote, ssh://example.invalid/a'],
    ['patches: [{path: "http://example.invalid/p.yaml"}]', 'patches: remote, http://example.invalid/p.yaml'],
    ['openapi: {path: "https://example.invalid/s.json"}', 'openapi: remote, https://example.invalid/s.json'],
    ['resources: [missing.yaml]', 'resources: missing.yaml is not there'],
    ['resources: [../../../../../../etc/hostname]', 'resources: ../../../../../../etc/hostname is out of the tree'],
    ['resources: [/etc/hostname]', 'resources: /etc/hostname is out of the tree'],
    ['helmCharts: [{name: a}]', 'helmCharts: Kustomize would have to run helm, which fetches charts'],
    ['resources: [', 'cannot be read'],
    ['Resources: [a.yaml]', 'Resources is a key that Kustomize may read otherwise'],
    ['re\u017fources: [a.yaml]', 're\u017fources is a key that Kustomize may read otherwise'],
    ['patches: [{Path: a.yaml}]', 'Path is a key that Kustomize may read otherwise'],
    ['patches: [{<<: {path: a.yaml}}]', 'patches: a.yaml is not there'],
    ['resources: [!!binary aHR0cDovL2V4YW1wbGUuaW52YWxpZC8=]', 'tags, which Kustomize may read otherwise'],
    [
      'transformers: ["{apiVersion: builtin, kind: PatchTransformer, path: \\"http\\x3a//127.0.0.1/p.yaml\\"}"]',
      'transformers: what stands there in place names a URL, or cannot be judged',
    ],
    [
      'generators:\n- |-\n  apiVersion: builtin\n  kind: ConfigMapGenerator\n  files: ["a=http://127.0.0.1/"]\n',
      'generators: what stands there in place names a URL, or cannot be judged',
    ],
  ])('%s is not run', (text, problem) => {
    expect(found({ 'kustomization.yaml': text })).toMatchObject([{ folder: '', problem }])
  })

  it('are not run for what their bases name', () => {
    const [only] = found({
      'kustomization.yaml': 'resources: [base]\n',
      'base/kustomization.yaml': 'resources: ["https://example.invalid/role.yaml"]\n',
    })
    expect(only?.problem).toBe('base/kustomization.yaml: resources: remote, https://example.invalid/role.yaml')
  })

  it('do not take a URL for a file, though one of its name is there', () => {
    const [only] = found({
      'kustomization.yaml': 'resources: ["http://127.0.0.1:9/r.yaml"]\n',
      'http:/127.0.0.1:9/r.yaml': '',
    })
    expect(only?.problem).toBe('resources: remote, http://127.0.0.1:9/r.yaml')
    const [repository] = found({
      'kustomization.yaml': 'resources: [github.com/a/b]\n',
      'github.com/a/b/kustomization.yaml': 'resources: []\n',
    }).filter(({ folder }) => folder === '')
    expect(repository?.problem).toBe('resources: remote, github.com/a/b')
  })

  it.each([
    'path: http://127.0.0.1:9/p.yaml',
    'path: "\\x68ttp:\\x2f/127.0.0.1:9/p.yaml"',
    'path: [',
    'path: !!binary eA==',
  ])('are not run with a plugin whose file says %s', (path) => {
    const plugin = `apiVersion: builtin # https://example.invalid/\nkind: PatchTransformer\nmetadata: {name: p}\n`
    const with_ = (last: string) => found({ 'kustomization.yaml': 'transformers: [t.yaml]\n', 't.yaml': plugin + last })
    expect(with_(path)[0]?.problem).toBe('transformers: t.yaml names a URL, or cannot be judged')
    expect(with_('path: p.yaml\n')[0]?.problem).toBeUndefined()
  })

  it('are not run with plugins that yet another kustomization puts together', () => {
    const files = { 'kustomization.yaml': 'validators: [v]\n', 'v/kustomization.yaml': 'resources: []\n' }
    expect(found(files)[0]?.problem).toBe('validators: v is a folder, whose plugins cannot be judged')
  })

  it('take a folder for what it is, whatever its name looks like', () => {
    const [only] = found({
      'kustomization.yaml': 'resources: [example.com/base]\n',
      'example.com/base/kustomization.yaml': 'resources: []\n',
    })
    expect(only).toMatchObject({ folder: '', problem: undefined })
  })
})

describe('a schema of values', () => {
  it.each([
    ['{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"a": {"$ref": "#/$defs/a"}}}', false],
    ['{"properties": {"a": [{"$ref": "http\\u003a//127.0.0.1/a.json"}]}}', true],
    ['{"$ref": "other.json"}', true],
    ['{"$schema": "http://127.0.0.1/schema"}', true],
    ['{"$id": "http://127.0.0.1/schema"}', true],
    ['{', true],
  ])('%s refers out: %s', (schema, refers) => {
    expect(refersOut(schema)).toBe(refers)
  })
})

describe('the place in a template', () => {
  const template = `{{- if .Values.rbac }}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ include "web.name" . }}-reader
rules:
  - apiGroups: [""]
    resources: ["pods"]
    verbs: ["get"]
---
kind: Role
metadata:
  labels: {a: b}
  name: {{ include "web.name" . }}-writer
rules:
{{- range .Values.more }}
  - apiGroups: [""]
    resources: ["pods", "pods/log"]
    verbs: ["get"]
{{- end }}
  - verbs:
      - create
    resources: [pods]
    apiGroups: [""]
subjects:
  - kind: Group
{{- end }}
`
  const lines = new TemplateLines(template)
  const role = (name: string, ...rules: object[]) => ({ kind: 'Role', value: { metadata: { name }, rules } })
  const logs = { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get'] }
  const create = { apiGroups: [''], resources: ['pods'], verbs: ['create'] }

  it('is that of the document with the name', () => {
    expect(lines.place(role('x-reader'))).toEqual({ line: 2, column: 1 })
    expect(lines.place(role('x-writer'))).toEqual({ line: 11, column: 1 })
    expect(lines.place({ kind: 'ServiceAccount', value: {} })).toEqual({ line: 1, column: 1 })
  })

  it('is that of the rule with the same words', () => {
    const writer = role('x-writer', logs, logs, create)
    expect([0, 1, 2].map((rule) => lines.place(writer, rule).line)).toEqual([17, 17, 21])
    expect(lines.place(role('x-reader', { ...create, verbs: ['get'] }), 0)).toEqual({
      line: 7,
      column: 3,
    })
  })

  it('is that of the rule of the same number where words are computed, else the object’s', () => {
    const computed = (n: number) => role('x-writer', ...Array.from({ length: n }, () => ({ verbs: ['watch'] })))
    expect(lines.place(computed(2), 1).line).toBe(21)
    expect(lines.place(computed(3), 1).line).toBe(11)
  })

  it('is found in a template without names, and among very many', () => {
    const many = 20_000
    const nameless = new TemplateLines('kind: Role\nrules: []\n'.repeat(many))
    const named = new TemplateLines(
      Array.from({ length: many }, (_, i) => `kind: Role\nmetadata:\n  name: r${i}\n`).join(''),
    )
    expect(nameless.place(role('x'))).toEqual({ line: 1, column: 1 })
    expect(named.place(role(`r${many - 1}`))).toEqual({ line: 3 * many - 2, column: 1 })
  })
})

describe('a failure', () => {
  it.each([
    [
      'Error: execution error at (demo/templates/f.yaml:1:3): bad hunter2\n\nUse --debug flag to render out invalid YAML\n',
      'execution error at (demo/templates/f.yaml:1:3): stopped by the template',
    ],
    [
      'Error: parse error at (demo/templates/f.yaml:1): function "nosuch" not defined',
      'parse error at (demo/templates/f.yaml:1): function … not defined',
    ],
    [
      'error: yaml: unmarshal errors: line 3: cannot unmarshal !!str `hunter2` into map\n',
      'yaml: unmarshal errors: line 3: cannot unmarshal !!str … into map',
    ],
    [
      'Error: template: a/templates/x.yaml:3:4: executing "a/templates/x.yaml" at <.Values.x>: error calling include: said hunter2',
      'template: a/templates/x.yaml:3:4: executing "a/templates/x.yaml" at <.Values.x>: error calling include',
    ],
    ['warning: x\nhunter2 correcthorse', ''],
    [
      'Error: loading KV pairs: literal sources [hunter2 correcthorse]: invalid literal source hunter2 correcthorse, expected key=value',
      'loading KV pairs: literal sources […]: invalid literal source …, expected key=value',
    ],
    [
      'Error: YAML parse error on c/templates/x.yaml: error converting YAML to JSON: yaml: line 3: could not find expected hunter2: zzz',
      'YAML parse error on c/templates/x.yaml: error converting YAML to JSON: yaml: line 3: could not find expected …',
    ],
    ['E1126 19:46:24.123456   4711 run.go:74] error: accumulating resources: hunter2\n', 'accumulating resources: …'],
    ['Error: unknown value 4711, line 12', 'unknown value …, line 12'],
    ['', ''],
  ])('%j is told in one line without values', (stderr, message) => {
    expect(failureOf(stderr)).toBe(message)
  })

  it('is not told at any length', () => {
    expect(failureOf(`Error: ${'template '.repeat(200)}`).length).toBeLessThan(250)
  })
})

describe('programs', () => {
  it('are not taken from the audited tree, nor from relative folders', () => {
    const { root } = tree({ 'bin/helm': '#!/bin/sh\n', 'bin/kubectl': '#!/bin/sh\n' })
    const outside = realpathSync(mkdtempSync(join(tmpdir(), 'zt-audit-render-bin-')))
    symlinkSync(join(root, 'bin/helm'), join(outside, 'helm'))
    writeFileSync(join(outside, 'kubectl'), '#!/bin/sh\n', { mode: 0o755 })
    const before = process.env.PATH
    process.env.PATH = ['.', 'bin', join(root, 'bin'), outside].join(':')
    try {
      const programs = findRenderPrograms([root])
      programs.close()
      expect([programs.helm, programs.kustomize]).toEqual([
        undefined,
        { file: join(outside, 'kubectl'), args: ['kustomize'] },
      ])
    } finally {
      process.env.PATH = before
    }
  })
})
