import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import {
  k8sBinding,
  k8sRole,
  k8sRoleRule,
  k8sServiceAccount,
  k8sTokenSecret,
  k8sWorkload,
} from '../../../src/facts/kubernetes.ts'
import { kubernetesScanner } from '../../../src/scanners/kubernetes/index.ts'
import { openTree } from '../../../src/sources/tree.ts'
import { collect, memoryTree, NO_TARGETS } from '../../support/context.ts'

let folder: string
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'zt-audit-dump-')))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
function write(content: string | Buffer, name = `dump-${files++}`): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const role = (name: string, rules: unknown = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name, namespace: 'shop' },
  rules,
})
const list = (...items: unknown[]) => ({ apiVersion: 'v1', kind: 'List', items })
const scan = (...kubernetesDumps: string[]) =>
  collect(kubernetesScanner, { targets: { ...NO_TARGETS, kubernetesDumps } })

describe('a dump', () => {
  it('gives the same from JSON and YAML, from lists of one kind and from several files', async () => {
    const roles = [role('a'), role('b')]
    const names = async (...texts: string[]) =>
      (await scan(...texts.map((text) => write(text)))).of(k8sRole).map(({ data }) => data.name)
    expect(await names(JSON.stringify(list(...roles)))).toEqual(['a', 'b'])
    expect(await names(stringify(list(...roles)))).toEqual(['a', 'b'])
    expect(await names(stringify(list(...roles), { indentSeq: false }))).toEqual(['a', 'b'])
    expect(await names(JSON.stringify({ ...list(...roles), kind: 'RoleList' }))).toEqual(['a', 'b'])
    expect(await names(...roles.map((each) => stringify(each)))).toEqual(['a', 'b'])
    expect(await names(JSON.stringify(list(list(...roles))))).toEqual(['a', 'b'])
  })

  it('stands for live things, which manifests of the tree only declare', async () => {
    const manifest = `# web\n${stringify(role('a', [{ verbs: ['list'] }, { verbs: ['get'], apiGroups: [''], resources: ['pods'] }]))}`
    const { of } = await collect(kubernetesScanner, {
      trees: [memoryTree({ 'rbac.yaml': `${manifest}---\n${stringify(role('only-in-the-tree'))}` })],
      targets: { ...NO_TARGETS, kubernetesDumps: [write(JSON.stringify(list(role('a'), role('c'))))] },
    })
    expect(of(k8sRole).map(({ data, at, scope }) => [data.source, data.name, at, scope])).toEqual([
      [
        'dump',
        'a',
        { resource: 'k8s://-/shop/Role/a', declaredAt: { file: 'rbac.yaml', line: 2, column: 1 } },
        'k8s:-/shop',
      ],
      ['dump', 'c', { resource: 'k8s://-/shop/Role/c' }, 'k8s:-/shop'],
    ])
    expect(of(k8sRoleRule)[0]?.at).toMatchObject({ declaredAt: { file: 'rbac.yaml', line: 10 } })
  })

  it('that lies in the tree is not read as manifests, too', async () => {
    const dump = write(JSON.stringify(list(role('a'))), 'objects.json')
    const tree = await openTree({
      root: folder,
      scope: 'repo:.',
      maxFileSize: 1 << 20,
      excluded: (path) => path !== 'objects.json',
      signal: new AbortController().signal,
      gap: () => undefined,
      skip: () => undefined,
      kindGap: () => undefined,
    })
    const { of } = await collect(kubernetesScanner, {
      trees: [tree],
      targets: { ...NO_TARGETS, kubernetesDumps: [dump] },
    })
    expect(of(k8sRole).map(({ at }) => at)).toEqual([{ resource: 'k8s://-/shop/Role/a' }])
  })

  it('says of which kinds it holds nothing', async () => {
    const { gaps } = await scan(write(JSON.stringify(list(role('a')))))
    expect([...new Set(gaps.map(({ kind, class: gapClass }) => `${kind} ${gapClass}`))]).toEqual(
      [
        'k8s.binding',
        'k8s.subject',
        'k8s.service-account',
        'k8s.cloud-identity',
        'k8s.token-secret',
        'k8s.workload',
      ].map((kind) => `${kind} limit`),
    )
    expect(
      [k8sBinding, k8sServiceAccount, k8sTokenSecret, k8sWorkload].every(({ kind }) =>
        gaps.some((gap) => gap.kind === kind),
      ),
    ).toBe(true)
  })

  it('names what of it is broken, and quotes nothing', async () => {
    const yaml = `${stringify(role('a'))}---\nkind: Role\nrules: [hunter2\n---\n${stringify(role('b', 'all'))}`
    const { of, gaps } = await scan(write(yaml, 'broken.yaml'))
    expect(of(k8sRole)).toHaveLength(1)
    const faults = [...new Set(gaps.filter((gap) => gap.class === 'fault').map(({ detail }) => detail))]
    expect(faults).toEqual([expect.stringMatching(/^broken\.yaml:\d+: /), 'broken.yaml: Role: rules is no list'])
    const cut = await scan(
      write('{"kind": "List", "items": [\n{"note": "hunter2"', 'cut.json'),
      write(stringify(role('a'))),
    )
    expect(cut.gaps[0]?.detail).toMatch(/^cut\.json(:\d+)?: not valid JSON$/)
    expect(JSON.stringify([gaps, cut.gaps])).not.toContain('hunter2')
  })

  it('that cannot be read is an error, or a gap beside one that can', async () => {
    await expect(scan(join(folder, 'none'))).rejects.toThrow('ENOENT')
    await expect(scan(write(Buffer.from([0, 1, 2])))).rejects.toThrow('binary')
    await expect(scan(write('just text'))).rejects.toThrow('holds no Kubernetes objects')
    await expect(scan(write(''))).rejects.toThrow('holds no Kubernetes objects')
    const { of, gaps } = await scan(join(folder, 'none'), write(JSON.stringify(role('a'))))
    expect(of(k8sRole)).toHaveLength(1)
    expect(
      gaps.some(
        ({ reason, detail, scope }) => reason === 'not reached' && detail.includes('ENOENT') && scope === 'k8s:-',
      ),
    ).toBe(true)
  })
})
