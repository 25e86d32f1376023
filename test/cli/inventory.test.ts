import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { folderWith, run } from '../support/program.ts'

const CASE = join(import.meta.dirname, '../fixtures/k8s-case1')
const DUMP = ['--k8s-dump', join(CASE, 'objects.json'), '--audit-log', join(CASE, 'audit.log')]
const empty = folderWith({})
const inventory = (...args: string[]) => run(['inventory', empty, ...args])
const expected = JSON.parse(readFileSync(join(CASE, 'expected.json'), 'utf8')).serviceAccounts as Record<
  string,
  { used: string[]; unused: string[] }
>
type Json = Record<string, unknown>
async function rowsOf(table: string, ...args: string[]): Promise<Json[]> {
  const { stdout } = await inventory(...args, '--format', 'json')
  return JSON.parse(stdout).tables.find(({ id }: Json) => id === table).rows
}

describe('zt-audit inventory', () => {
  it('counts used and unused of the five accounts of case 1 exactly', async () => {
    const rows = await rowsOf('kubernetes-service-accounts', ...DUMP)
    const counts = rows
      .filter(({ account }) => String(account) in expected)
      .map(({ account, used, unused, undetermined }) => [account, used, unused, undetermined])
    const wanted = Object.entries(expected).map(([name, { used, unused }]) => [name, used.length, unused.length, 0])
    expect(counts.sort()).toEqual(wanted.sort())
  })

  it('is JSON by the published schema', async () => {
    const { code, stdout } = await inventory(...DUMP, '--format', 'json')
    const schema = JSON.parse(readFileSync('docs/schema/inventory.schema.json', 'utf8'))
    const validate = new Ajv({ strict: false }).compile(schema)
    expect([validate(JSON.parse(stdout)), validate.errors]).toEqual([true, null])
    expect(code).toBe(0)
    const [ghost] = JSON.parse(stdout).tables[0].rows.filter(({ account }: Json) => account === 'ops/ghost')
    // A dump without secrets does not say that there are none.
    expect(ghost).toMatchObject({ state: 'missing', tokenSecrets: null, notSeen: ['tokenSecrets'] })
  })

  it('shows the worst first, or another order', async () => {
    const names = async (...args: string[]) =>
      (await rowsOf('kubernetes-service-accounts', ...DUMP, ...args)).map(({ account }) => account)
    expect((await names())[0]).toBe('ops/robot')
    expect((await names('--sort', 'unused'))[0]).toBe('shop/ci')
    const byName = await names('--sort', 'name')
    expect(byName).toEqual([...byName].sort())
    const seen = (await rowsOf('kubernetes-service-accounts', ...DUMP, '--sort', 'last-seen')).map(
      (row) => row.lastSeen,
    )
    expect(seen).toEqual([...seen].sort().reverse())
  })

  it('shows one account', async () => {
    expect((await rowsOf('kubernetes-service-accounts', ...DUMP, '--account', 'shop/ci')).length).toBe(1)
    const { code, stderr } = await inventory(...DUMP, '--account', 'shop/c')
    expect(code).toBe(2)
    expect(stderr).toContain("no account 'shop/c' was seen")
  })

  it.each([60, 80, 140])('fits %i columns, without colours where NO_COLOR is set', async (width) => {
    const { stdout } = await run(['inventory', empty, ...DUMP], { env: { COLUMNS: String(width), NO_COLOR: '1' } })
    expect(stdout.split('\n').filter((line) => line.length > width)).toEqual([])
    expect(stdout).not.toContain('\u001b')
    for (const name of Object.keys(expected)) expect(stdout).toContain(name)
    expect(stdout).toContain('3 without rights, and nothing runs as them')
    // Gaps stand under the tables.
    expect(stdout.trimEnd().split('\n').slice(-3).join(' ')).toMatch(/not in the dump: the dump holds no secrets/)
  })

  it('is CSV that no spreadsheet takes for formulas', async () => {
    const manifests = ['=cmd()', '+x', '@y', '-z'].map(
      (name) =>
        `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\nroleRef: {kind: ClusterRole, name: cluster-admin}\nsubjects: [{kind: User, name: '${name}, "q"'}]\n`,
    )
    const { stdout } = await run(['inventory', folderWith({ 'a.yaml': manifests.join('---\n') }), '--format', 'csv'])
    const lines = stdout.split('\r\n')
    expect(stdout.endsWith('\r\n')).toBe(true)
    expect(lines[0]).toMatch(/^table,cluster,subject,kind,/)
    for (const sign of ['=cmd()', '+x', '@y', '-z']) expect(stdout).toContain(`"'${sign}, ""q"""`)
    expect(stdout).not.toMatch(/(?:^|,)"?[=+@-]/m)
  })

  it('is Markdown in which names are no markup', async () => {
    const binding = `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\nroleRef: {kind: ClusterRole, name: view}\nsubjects: [{kind: User, name: 'a|b <x> @all'}]\n`
    const { stdout } = await run(['inventory', folderWith({ 'a.yaml': binding }), '--format', 'markdown'])
    expect(stdout).toContain('## Users and groups in bindings (1)')
    expect(stdout).toContain('a\\|b &lt;x&gt;')
    expect(stdout).not.toContain('@all')
  })

  it('tells what files declare in AWS, and what of it was not seen', async () => {
    const files = folderWith({
      'main.tf':
        'resource "aws_iam_role" "app" {\n  name = "app"\n}\nresource "aws_iam_access_key" "ci" {\n  user = "ci"\n}\n',
    })
    const { code, stdout } = await run(['inventory', files, '--format', 'json'])
    const tables = JSON.parse(stdout).tables as { id: string; rows: Json[] }[]
    const rows = (id: string) => tables.find((table) => table.id === id)?.rows
    expect(code).toBe(0)
    expect(rows('aws-roles')).toMatchObject([{ name: 'app', usedDays: null, declaredAt: 'main.tf:1' }])
    expect(rows('aws-access-keys')).toMatchObject([{ id: 'aws_iam_access_key.ci', owner: 'ci', status: 'declared' }])
  })

  it('ends with 0 for a folder without any, 3 for a part that was not seen, 4 for nothing', async () => {
    const nothing = await inventory()
    expect([nothing.code, nothing.stdout]).toEqual([0, 'No identity or credential was seen.\n'])
    expect((await inventory('--k8s-dump', join(empty, 'none.json'))).code).toBe(4)
    const broken = folderWith({ 'b.yaml': 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {namespace: shop}\n' })
    const some = await run([
      'inventory',
      broken,
      '--k8s-dump',
      join(CASE, 'objects.json'),
      '--audit-log',
      join(broken, 'b.yaml'),
    ])
    expect(some.code).toBe(3)
    expect(some.stdout).toContain('Not seen (')
    expect((await run(['inventory', join(empty, 'missing')])).code).toBe(4)
  })
})
