import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { addFiles, folderWith, randomText } from './support/program.ts'

// What people get from the registry: packed, installed offline into an empty folder, run without a network.

const MEGABYTE = 1 << 20
let project = ''
let tarball = ''
beforeAll(() => {
  const folder = folderWith({})
  // dist/ was built for the tests; its scripts need not run again.
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { stdio: 'pipe' })
  tarball = join(folder, readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? '')
  project = folderWith({ 'package.json': '{"name":"consumer","private":true,"type":"module"}' })
  const cache = folderWith({})
  const install = ['install', '--offline', '--no-audit', '--no-fund', '--cache', cache, tarball]
  execFileSync('npm', install, { cwd: project, stdio: 'pipe' })
}, 120_000)

/** Without a network where the machine lets us cut it off: in a network namespace of its own, where it can speak to itself alone. */
const CUTTING = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"']
const CUT = spawnSync(CUTTING[0] as string, [...CUTTING.slice(1), 'true']).status === 0 ? CUTTING : []
if (CUT.length === 0) console.warn('The network cannot be cut off here (unshare --net): the package is run with it.')

function zt(...args: string[]) {
  const [command = '', ...rest] = [...CUT, join(project, 'node_modules/.bin/zt-audit'), ...args]
  const env = { PATH: process.env.PATH ?? '', HOME: project }
  return spawnSync(command, rest, { cwd: project, encoding: 'utf8', env })
}

describe('the package', () => {
  it('is one package of at most 10 MB, without dependencies and install scripts', () => {
    expect(statSync(tarball).size).toBeLessThan(10 * MEGABYTE)
    const installed = readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))
    expect(installed).toEqual(['zt-audit'])
    const manifest = JSON.parse(readFileSync(join(project, 'node_modules/zt-audit/package.json'), 'utf8'))
    expect(manifest.dependencies ?? {}).toEqual({})
    for (const script of ['preinstall', 'install', 'postinstall']) expect(manifest.scripts).not.toHaveProperty(script)
  })
  it('holds the licences of what is in it', () => {
    const notices = readFileSync(join(project, 'node_modules/zt-audit/dist/THIRD-PARTY-NOTICES.md'), 'utf8')
    for (const name of ['commander', 'yaml', '@aws-sdk/client-iam', '@kubernetes/client-node', '@octokit/rest'])
      expect(notices).toContain(`## ${name} `)
    const empty = notices.split(/^## /m).filter((notice) => notice !== '' && notice.trim().split('\n').length < 4)
    expect(empty).toEqual([])
    for (const file of ['LICENSE', 'README.md', 'CHANGELOG.md'])
      expect(statSync(join(project, 'node_modules/zt-audit', file)).size).toBeGreaterThan(100)
  })
  it('runs: version, demo, and an audit of each kind of file', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
    expect(zt('--version').stdout.trim()).toBe(version)
    expect(zt('demo')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('chain/leaked-admin-key-without-mfa'),
    })
    const target = folderWith({
      '.env': `DATABASE_URL=postgres://shop:${randomText(14)}@db.internal/shop\n`,
      'main.tf':
        'resource "aws_iam_policy" "p" {\n  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })\n}\n',
      'rbac.yaml':
        'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: { name: b }\nroleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin }\nsubjects: [{ kind: ServiceAccount, name: s, namespace: n }]\n',
    })
    const { status, stdout } = zt(target, '--format', 'json')
    const found = (JSON.parse(stdout).findings as { ruleId: string }[]).map(({ ruleId }) => ruleId)
    expect(status).toBe(1)
    for (const rule of ['secrets/connection-string-password', 'iam/full-admin', 'k8s/cluster-admin'])
      expect(found).toContain(rule)
    for (const format of ['sarif', 'junit', 'markdown', 'gitlab-sast'])
      expect(zt(target, '--format', format).status).toBe(1)
  })
  it('is a library for ES modules and CommonJS', () => {
    addFiles(project, {
      'esm.mjs':
        "import { audit } from 'zt-audit'\nconsole.log((await audit({ paths: 'node_modules' })).targets.length)\n",
      'cjs.cjs': "import('zt-audit').then(({ VERSION }) => console.log(VERSION))\n",
    })
    for (const file of ['esm.mjs', 'cjs.cjs'])
      expect(execFileSync(process.execPath, [file], { cwd: project, encoding: 'utf8' })).toMatch(/^[\d.]+\n$/)
  })
  it.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('has types that need nothing else: module %s, resolution %s', (module, moduleResolution) => {
    addFiles(project, {
      'use.ts':
        "import { audit, isOpen, type Finding, type Report } from 'zt-audit'\nconst report: Report = await audit({ only: ['iam'], since: 'main' })\nexport const open: Finding[] = report.findings.filter(isOpen)\n// @ts-expect-error: there is no such option\nawait audit({ onyl: [] })\n",
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          module,
          moduleResolution,
          target: 'es2022',
          strict: true,
          noEmit: true,
          types: [],
          lib: ['es2023', 'dom'],
        },
        files: ['use.ts'],
      }),
    })
    const tsc = join(process.cwd(), 'node_modules/.bin/tsc')
    const { status, stdout } = spawnSync(tsc, ['-p', project], { encoding: 'utf8' })
    expect([status, stdout]).toEqual([0, ''])
  })
})
