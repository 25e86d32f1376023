import { mkdtempSync, realpathSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { k8sRole, k8sRoleRule, k8sServiceAccount } from '../../../src/facts/kubernetes.ts'
import { kubernetesScanner } from '../../../src/scanners/kubernetes/index.ts'
import { openTree } from '../../../src/sources/tree.ts'
import { collect, memoryTree } from '../../support/context.ts'

const account = (name: string) => `apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: ${name}\n`
/** Names with lines, and gaps. */
async function read(files: Readonly<Record<string, string>>) {
  const { of, gaps } = await collect(kubernetesScanner, { trees: [memoryTree(files)] })
  const accounts = of(k8sServiceAccount).map(({ data, at }) => {
    const line = 'declaredAt' in at ? at.declaredAt?.line : undefined
    return `${data.name}:${line}`
  })
  return { of, accounts, gaps: gaps.filter(({ kind }) => kind === k8sServiceAccount.kind) }
}

describe('documents', () => {
  it('begin behind comments, directives and markers with comments', async () => {
    const text = `# head\n---  # first\n# about a\n${account('a')}\n--- # second\n${account('b')}...\n# between\n---\n${account('c')}`
    expect((await read({ 'a.yaml': text })).accounts).toEqual(['a:4', 'b:10', 'c:17'])
    expect((await read({ 'a.yaml': `%YAML 1.1\n---\n${account('a')}` })).gaps).toEqual([])
  })

  it('know their own anchors, and none of others', async () => {
    const own = `apiVersion: v1\nkind: ServiceAccount\nmetadata: &m\n  name: &n own\n  labels: {app: *n}\n`
    const foreign = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: *m\n'
    const { accounts, gaps } = await read({ 'a.yaml': `${own}---\n${foreign}---\n${account('b')}` })
    expect(accounts).toEqual(['own:1', 'b:11'])
    expect(gaps.map(({ class: gapClass, reason }) => [gapClass, reason])).toEqual([['fault', 'broken manifest']])
  })

  it('that are indented by tabs are broken, and the others are read', async () => {
    const { accounts, gaps } = await read({
      'a.yaml': `${account('a')}---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n\tname: tab\n---\n${account('b')}`,
    })
    expect(accounts).toEqual(['a:1', 'b:11'])
    expect(gaps.map(({ class: gapClass, detail }) => [gapClass, detail.slice(0, 9)])).toEqual([['fault', 'a.yaml:9:']])
  })

  it('hold braces in comments, and are no templates for that', async () => {
    const { accounts, gaps } = await read({
      'chart/templates/a.yaml': `# {{ .Values.name }} is not used\n${account('a')}# {{ end }}\n`,
    })
    expect(accounts).toEqual(['a:2'])
    expect(gaps).toEqual([])
  })

  it('with rules in flow style have the lines of their rules', async () => {
    const { of } = await read({
      'a.yaml': `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: a}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]},
        {apiGroups: [""], resources: [pods], verbs: [list]}]
`,
    })
    expect(of(k8sRoleRule).map(({ at }) => 'declaredAt' in at && at.declaredAt?.line)).toEqual([4, 5])
  })
})

describe('files', () => {
  const open = (root: string) =>
    openTree({
      root,
      scope: 'repo:.',
      maxFileSize: 1 << 20,
      excluded: () => false,
      signal: new AbortController().signal,
      gap: () => undefined,
      skip: () => undefined,
      kindGap: (gap) => void gaps.push(gap.reason),
    })
  const gaps: string[] = []

  it('that are too large are gaps, links that go in circles are not followed, and other bytes than UTF-8 are no obstacle', async () => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'zt-audit-files-')))
    writeFileSync(join(root, 'huge.yaml'), account('huge'))
    // A hole: it takes no place on the disk.
    truncateSync(join(root, 'huge.yaml'), 2 ** 31)
    writeFileSync(join(root, 'latin1.yaml'), Buffer.from(`# caf\u00e9\n${account('a')}`, 'latin1'))
    symlinkSync('loop.yaml', join(root, 'loop.yaml'))
    symlinkSync(root, join(root, 'self'))
    const { of, gaps: recorded } = await collect(kubernetesScanner, { trees: [await open(root)] })
    expect(of(k8sServiceAccount).map(({ data }) => data.name)).toEqual(['a'])
    expect(gaps).toEqual(['file too large'])
    expect(recorded.some(({ kind, class: gapClass }) => kind === k8sRole.kind && gapClass !== 'limit')).toBe(false)
    expect(recorded.find(({ kind }) => kind === k8sServiceAccount.kind)?.reason).toBe('file not read')
  })
})
