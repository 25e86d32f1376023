import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
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
        'k8s.namespace',
        'k8s.network-policy',
        'k8s.admission-policy',
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

  const faultsOf = async (content: string, name: string) => {
    const { of, gaps } = await scan(write(content, name))
    const faults = gaps.filter(({ kind, class: gapClass }) => kind === k8sRole.kind && gapClass === 'fault')
    return { names: of(k8sRole).map(({ data }) => data.name), faults: faults.map(({ detail }) => detail) }
  }

  it('that is one page of a list is not all of it', async () => {
    const page = { ...list(role('a')), kind: 'RoleList', metadata: { continue: 'x', remainingItemCount: 4 } }
    const detail = (name: string) => `${name}: the list is cut off after 1 objects (RoleList): ask without a limit`
    for (const [name, content] of Object.entries({
      'page.json': JSON.stringify(page),
      'page.yaml': stringify(page),
      'flat.yaml': stringify(page, { indentSeq: false }),
      'pages.json': JSON.stringify(list(page)),
    }))
      expect(await faultsOf(content, name)).toEqual({ names: ['a'], faults: [detail(name)] })
    const last = { ...page, metadata: { continue: '', resourceVersion: '1' } }
    expect(await faultsOf(JSON.stringify(last), 'last.json')).toEqual({ names: ['a'], faults: [] })
  })

  it('names what stands between its objects', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => JSON.stringify(role(name)))
    const error = 'Error from server (Forbidden): the 12" rule of hunter2'
    expect(await faultsOf(`${a}\n${error}\n${b},\n}\n${c}`, 'errors.json')).toEqual({
      names: ['a', 'b', 'c'],
      faults: ['errors.json:2: text that is no JSON', 'errors.json:4: text that is no JSON'],
    })
  })

  it('may be gzip, and several texts one after the other', async () => {
    const names = async (content: string | Buffer) =>
      (await scan(write(content))).of(k8sRole).map(({ data }) => data.name)
    expect(await names(gzipSync(JSON.stringify(list(role('a'), role('b')))))).toEqual(['a', 'b'])
    expect(await names(`${JSON.stringify(list(role('a {"')), null, 2)}\n${JSON.stringify(role('b'))}\n`)).toEqual([
      'a {"',
      'b',
    ])
    expect(await names(JSON.stringify([role('a'), role('b')]))).toEqual(['a', 'b'])
    const { of, gaps } = await scan(
      write(`${JSON.stringify(role('a'))}\n{"kind": hunter2}\n{"kind": "Role"`, 'cut2.json'),
    )
    expect(of(k8sRole)).toHaveLength(1)
    const faults = gaps.filter(({ kind, class: gapClass }) => kind === k8sRole.kind && gapClass === 'fault')
    expect(faults.map(({ detail }) => detail)).toEqual(['cut2.json:2: not valid JSON', 'cut2.json:3: not valid JSON'])
  })

  it('may be a folder, of which JSON and YAML files are read and links are not followed', async () => {
    const path = join(folder, 'cluster-info')
    mkdirSync(join(path, 'shop/web'), { recursive: true })
    symlinkSync(path, join(path, 'loop'))
    symlinkSync(write(JSON.stringify(role('linked'))), join(path, 'linked.json'))
    write(JSON.stringify(list(role('b'))), 'cluster-info/shop/roles.json')
    write(gzipSync(stringify(role('a'))), 'cluster-info/a.yaml.gz')
    write('a log\n', 'cluster-info/shop/web/logs.txt')
    write('{}', 'cluster-info/shop/empty.json')
    const { of, gaps } = await scan(path)
    expect(of(k8sRole).map(({ data }) => data.name)).toEqual(['a', 'b'])
    expect(gaps.filter(({ class: gapClass }) => gapClass === 'fault')).toEqual([])
    write(Buffer.from([0, 1, 2]), 'cluster-info/odd.json')
    const odd = await scan(path)
    expect(odd.of(k8sRole)).toHaveLength(2)
    expect(odd.gaps.find(({ kind, reason }) => kind === k8sRole.kind && reason === 'broken dump')?.detail).toMatch(
      /^odd\.json: is binary/,
    )
    await expect(scan(join(path, 'shop/web'))).rejects.toThrow('holds no Kubernetes objects')
  })

  it('counts an object once that is in two files', async () => {
    const twice = {
      ...role('a'),
      metadata: { name: 'a', namespace: 'shop', uid: '00000000-0000-4000-8000-000000000001' },
    }
    const { of } = await scan(write(JSON.stringify(list(twice))), write(JSON.stringify(list(twice, role('b')))))
    expect(of(k8sRole).map(({ data }) => data.name)).toEqual(['a', 'b'])
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
