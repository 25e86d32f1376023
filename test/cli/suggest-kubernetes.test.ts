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
