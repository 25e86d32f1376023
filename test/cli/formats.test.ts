import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FORMATS } from '../../src/formats.ts'
import { defectsOf } from '../support/gitlab-schema.ts'
import { junitDefects } from '../support/junit-schema.ts'
import { addFiles, awsKeyId, awsSecret, folderWith, git, randomText, run } from '../support/program.ts'

const ADMIN = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
const RBAC = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: "shop|admin @octocat" }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin }
subjects: [{ kind: ServiceAccount, name: shop, namespace: shop }]
`
const secrets = { key: awsSecret(), old: randomText(14), password: randomText(16) }

/** A repository with secrets, one of them in history only, policies and manifests. */
function leaky(): string {
  const root = folderWith({ 'old.py': `DB = "mysql://app:${secrets.old}@db.internal/x"\n` })
  git(root, 'init', '-q')
  git(root, 'add', '-A')
  git(root, 'commit', '-qm', 'one')
  addFiles(root, {
    'old.py': 'DB = 1\n',
    '.env': `AWS_ACCESS_KEY_ID=${awsKeyId()}\nAWS_SECRET_ACCESS_KEY=${secrets.key}\nDB_PASSWORD=${secrets.password}\n`,
    'copy/x ::error::.env': `DB_PASSWORD=${secrets.password}\n`,
    'infra/admin.json': JSON.stringify(ADMIN, null, 2),
    'deploy/rbac.yaml': RBAC,
  })
  git(root, 'add', '-A')
  git(root, 'commit', '-qm', 'two')
  return root
}
/** Audits once and gives every format; they are written in one run. */
async function allFormats(root: string, ...args: string[]) {
  const out = folderWith({})
  const outputs = FORMATS.flatMap((format) => ['--output', `${format}=${join(out, format)}`])
  const { code, stdout, stderr } = await run([root, ...args, '--format', 'github', ...outputs])
  const texts = Object.fromEntries(FORMATS.map((format) => [format, readFileSync(join(out, format), 'utf8')]))
  return { code, stdout, stderr, texts: texts as Record<(typeof FORMATS)[number], string> }
}

async function defects(texts: Awaited<ReturnType<typeof allFormats>>['texts']): Promise<string[]> {
  return [
    ...defectsOf('sast', texts['gitlab-sast']),
    ...defectsOf('secret_detection', texts['gitlab-secrets']),
    ...defectsOf('codequality', texts.codequality),
    ...(await junitDefects(texts.junit)),
  ]
}

describe('all formats of one audit', () => {
  const root = leaky()
  const audit = allFormats(root, '--history')

  it('hold their schemas', async () => {
    expect(await defects((await audit).texts)).toEqual([])
  })
  it('are printed and written alike, and exit alike', async () => {
    const { code, stdout, texts } = await audit
    expect(code).toBe(1)
    expect(stdout).toBe(texts.github)
    for (const format of FORMATS) {
      const printed = await run([root, '--history', '--format', format, '--color', 'never'])
      expect([format, printed.code]).toEqual([format, 1])
      if (format !== 'pretty') expect(printed.stdout).toBe(texts[format])
    }
  })
  it('show no value of a secret', async () => {
    const { texts, stderr } = await audit
    for (const [format, text] of [...Object.entries(texts), ['stderr', stderr]])
      for (const value of Object.values(secrets)) expect([format, text?.includes(value)]).toEqual([format, false])
  })
  it('hold the same findings', async () => {
    const { texts } = await audit
    const { findings } = JSON.parse(texts.json) as { findings: { ruleId: string; fingerprint: string }[] }
    const rules = findings.map(({ ruleId }) => ruleId)
    for (const rule of [
      'secrets/aws-secret-key',
      'secrets/connection-string-password',
      'iam/full-admin',
      'k8s/cluster-admin',
    ])
      expect(rules).toContain(rule)
    const idsOf = (text: string) =>
      JSON.parse(text).vulnerabilities.map((v: { identifiers: { value: string }[] }) => v.identifiers[0]?.value)
    expect([...idsOf(texts['gitlab-sast']), ...idsOf(texts['gitlab-secrets'])].sort()).toEqual([...rules].sort())
    const rows = JSON.parse(texts.codequality) as { check_name: string; fingerprint: string }[]
    expect(rows.map((row) => row.check_name)).toEqual(rules)
    expect(rows.map((row) => `v1:${row.fingerprint}`)).toEqual(findings.map(({ fingerprint }) => fingerprint))
    expect(
      [...texts.junit.matchAll(/<testcase name="([^":]*): [^>]*><failure/g)].map(([, rule]) => rule).sort(),
    ).toEqual([...new Set(rules)].sort())
    for (const rule of rules) expect(texts.markdown).toContain(`\`${rule}\``)
    expect(texts.markdown).toContain(`## zt-audit: ${findings.length} findings\n`)
    expect(texts.github.match(/^::error /gm)).toHaveLength(findings.length)
  })
  it('name the commit of what is in history only', async () => {
    const { texts } = await audit
    const [first, head] = git(root, 'log', '--format=%H', '--reverse').trim().split('\n')
    const places = JSON.parse(texts['gitlab-secrets']).vulnerabilities.map(
      ({ location }: { location: { file: string; commit: { sha: string } } }) => [location.file, location.commit.sha],
    )
    expect(places).toContainEqual(['old.py', first])
    expect(places).toContainEqual(['.env', head])
  })
  it('are the same bytes twice', async () => {
    expect((await allFormats(root, '--history')).texts).toEqual((await audit).texts)
  })
  it('print the clock where it is fixed', async () => {
    const env = { SOURCE_DATE_EPOCH: '1767225600' }
    const { stdout } = await run([root, '--format', 'gitlab-sast'], { env })
    expect(JSON.parse(stdout).scan).toMatchObject({
      start_time: '2026-01-01T00:00:00',
      end_time: '2026-01-01T00:00:00',
    })
    expect((await run([root, '--format', 'junit'], { env })).stdout).toContain('timestamp="2026-01-01T00:00:00"')
  })
})

describe('all formats of an audit that did not see everything', () => {
  it('say so, whether a target is missing or a file', async () => {
    const root = folderWith({ 'a.txt': 'x', 'b.bin': Buffer.from([0, 1, 2, 3]) })
    const { code, texts } = await allFormats(
      root,
      '--repo',
      join(root, 'missing'),
      '--k8s-dump',
      join(root, 'none.json'),
    )
    expect(code).toBe(3)
    expect(await defects(texts)).toEqual([])
    expect(texts.github).toMatch(/^::warning title=zt-audit%3A not everything was seen::.*no such file or folder/m)
    expect(texts.markdown).toMatch(/^## zt-audit: no findings, and not everything was seen$/m)
    expect(texts.markdown).toMatch(/^### Not seen \(\d+\)$/m)
    for (const format of ['gitlab-sast', 'gitlab-secrets'] as const) {
      const { scan } = JSON.parse(texts[format])
      expect(scan.status).toBe('failure')
      expect(JSON.stringify(scan.messages)).toContain('no such file or folder')
    }
    expect(texts.codequality).toContain('"check_name": "zt-audit/not-seen"')
    expect(texts.junit).toMatch(/<testsuite name="zt-audit.not-seen" tests="[1-9]\d*" failures="0" errors="[1-9]/)
    // What was not seen may have held any of it: no rule of secrets passes.
    expect(texts.junit).not.toMatch(/<testcase name="secrets\/[^>]*\/>/)
    for (const format of FORMATS)
      expect((await run([root, '--repo', join(root, 'missing'), '--format', format])).code).toBe(3)
  })
})

describe('all formats of a clean audit', () => {
  it('hold their schemas and exit 0', async () => {
    const { code, texts } = await allFormats(folderWith({ 'a.txt': 'nothing here' }))
    expect(code).toBe(0)
    expect(await defects(texts)).toEqual([])
    expect(JSON.parse(texts.codequality)).toEqual([])
    expect(JSON.parse(texts['gitlab-sast']).scan.status).toBe('success')
    expect(texts.github).toMatch(/^zt-audit: found: no findings$/m)
    expect(texts.markdown).toMatch(/^## zt-audit: no findings$/m)
    expect(texts.junit).toMatch(/<testcase name="secrets\/[^>]*\/>/)
  })
  it('exit 4 where nothing could be read', async () => {
    for (const format of FORMATS)
      expect((await run([join(folderWith({}), 'missing'), '--format', format])).code).toBe(4)
  })
})
