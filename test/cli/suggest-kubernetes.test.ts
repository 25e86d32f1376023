import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { folderWith, run } from '../support/program.ts'

const CASE = join(import.meta.dirname, '../fixtures/k8s-case1')
const LOG = join(CASE, 'audit.log')
const manifests = readFileSync(join(CASE, 'manifests.yaml'), 'utf8')
const tree = () => folderWith({ 'deploy/all.yaml': manifests })
const suggest = (...args: string[]) => run(['suggest', 'k8s', ...args])

it('prints YAML under comments, and a diff that git takes and after which nothing is unused', async () => {
  const root = tree()
  const { code, stdout } = await suggest(root, '--audit-log', LOG)
  expect(code).toBe(0)
  expect(stdout).toContain('# Replayed: 18 calls of 18 kinds, none lost.')
  execFileSync('git', ['apply', '-'], { cwd: root, input: stdout })
  const again = await run([root, '--audit-log', LOG, '--only', 'k8s/unused-permission', '--format', 'json'])
  expect([again.code, JSON.parse(again.stdout).findings]).toEqual([0, []])
})

it('prints nothing but documents and comments as YAML, and nothing but a patch as diff', async () => {
  const yaml = await suggest(tree(), '--audit-log', LOG, '--format', 'yaml')
  const kinds = parseAllDocuments(yaml.stdout).map((document) => [document.errors.length, document.toJS()?.kind])
  expect(kinds.filter(([, kind]) => kind).every(([errors, kind]) => errors === 0 && /Role/.test(String(kind)))).toBe(
    true,
  )
  expect(yaml.stdout).not.toContain('+++')
  const diff = await suggest(tree(), '--audit-log', LOG, '--format', 'diff')
  expect(diff.stdout.startsWith('--- a/deploy/all.yaml\n+++ b/deploy/all.yaml\n@@')).toBe(true)
})

it('has no place for new roles but YAML files, and says beside the patch what must be done by hand', async () => {
  const metadata = { name: 'robot' }
  const subject = { kind: 'ServiceAccount', name: 'robot', namespace: 'ops' }
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'robot' }
  const apiVersion = 'rbac.authorization.k8s.io/v1'
  const binding = { apiVersion, kind: 'ClusterRoleBinding', metadata, roleRef, subjects: [subject] }
  const rules = [
    { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
    { nonResourceURLs: ['*'], verbs: ['*'] },
  ]
  const json = JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [{ apiVersion, kind: 'ClusterRole', metadata, rules }, binding],
  })
  const rest = manifests.split(/^---\n/m).filter((each) => !/^metadata: \{name: robot\}/m.test(each))
  const root = folderWith({ 'a.json': json, 'all.yaml': rest.join('---\n') })
  const { code, stdout, stderr } = await suggest(root, '--audit-log', LOG, '--format', 'diff')
  expect(code).toBe(0)
  expect(stdout).not.toMatch(/a\.json|robot-used/)
  expect(stderr).toMatch(/^zt-audit: by hand: a\.json:1: ClusterRole robot should have/m)
  expect(stderr).toMatch(/^zt-audit: by hand: a\.json: Role .+ for ServiceAccount ops\/robot cannot be added here/m)
  execFileSync('git', ['apply', '-'], { cwd: root, input: stdout })
})

it('leaves a merge key to a person', async () => {
  const merged = manifests.replace(
    '{apiGroups: [""], resources: [events], verbs: [create, patch]}',
    '{apiGroups: [""], resources: [events], <<: *r}',
  )
  const text = merged.replace(
    'kind: Role\nmetadata: {name: shop-common, namespace: shop}\n',
    '$&x-rule: &r {verbs: [create, patch]}\n',
  )
  expect(text).toContain('x-rule')
  const root = folderWith({ 'all.yaml': text })
  const { code, stdout, stderr } = await suggest(root, '--audit-log', LOG, '--format', 'diff')
  expect([code, stdout.startsWith('--- a/all.yaml')]).toEqual([0, true])
  expect(stderr).toContain('Role shop/shop-common should have one rule')
})

it('ends with 4 where nobody could be judged, and prints every fault', async () => {
  const none = await suggest(folderWith({}), '--audit-log', LOG)
  expect([none.code, none.stdout]).toEqual([4, expect.stringContaining('# No role')])
  const root = folderWith({ 'all.yaml': 'kind: ServiceAccount\napiVersion: v1\nmetadata: {name: a}\n' })
  const unbound = await suggest(root, '--audit-log', LOG)
  expect(unbound.code).toBe(4)
})

it('keeps labels and annotations of the roles of each cluster', async () => {
  const text = manifests.replace(
    'metadata: {name: web, namespace: shop}\nrules',
    'metadata: {name: web, namespace: shop, labels: {app: web}, annotations: {owner.example/team: "a: b", kubectl.kubernetes.io/last-applied-configuration: "{}"}}\nrules',
  )
  const { stdout } = await suggest(folderWith({ 'all.yaml': text }), '--audit-log', LOG, '--format', 'yaml')
  const roles = parseAllDocuments(stdout).map((document) => document.toJS()?.metadata)
  expect(roles).toContainEqual({
    name: 'web',
    namespace: 'shop',
    labels: { app: 'web' },
    annotations: { 'owner.example/team': 'a: b' },
  })
})

it('tells programs of one account, with the objects of a dump', async () => {
  const dump = join(CASE, 'objects.json')
  const options = ['--k8s-dump', dump, '--audit-log', LOG, '--format', 'json', '--account', 'shop/web']
  const { code, stdout } = await suggest(folderWith({}), ...options)
  const { schemaVersion, clusters, files } = JSON.parse(stdout)
  expect([code, schemaVersion, files]).toEqual([0, 1, []])
  expect(clusters[0].accounts).toHaveLength(1)
  expect(clusters[0].accounts[0]).toMatchObject({
    subject: 'shop/web',
    status: 'narrower',
    replay: { calls: 4, lost: [] },
  })
  expect(clusters[0].accounts[0].roles[0].rules).toContainEqual({
    apiGroups: [''],
    resources: ['secrets'],
    resourceNames: ['web-tls'],
    verbs: ['get'],
    calls: 1,
    lastSeen: expect.stringContaining('2026-'),
  })
})

it('needs a log, and an account that something is bound to', async () => {
  const none = await suggest(tree())
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('--audit-log FILE')])
  const wrong = await suggest(tree(), '--audit-log', LOG, '--account', 'shop/wbe')
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("did you mean 'shop/web'?")])
})

it('takes nothing away, and says why, where the log is damaged', async () => {
  const root = tree()
  const damaged = join(root, 'audit.log')
  writeFileSync(damaged, readFileSync(LOG, 'utf8').slice(0, -200))
  const { code, stdout } = await suggest(root, '--audit-log', damaged, '--format', 'pretty')
  expect(code).toBe(3)
  expect(stdout).toContain('the last line is cut off')
  expect(stdout).toContain('subjects need all that was granted')
  expect(stdout).not.toContain('+++')
})
