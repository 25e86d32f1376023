import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type * as Sarif from 'sarif'
import { describe, expect, it } from 'vitest'
import { validateSarif } from '../../build/validate-sarif.mjs'
import { renderSarif } from '../../src/reporters/sarif.ts'
import { findingsOfEveryRule } from '../support/every-rule.ts'
import { githubProblems } from '../support/github-rules.ts'
import { addFiles, awsKeyId, awsSecret, folderWith, git, randomText, run } from '../support/program.ts'
import { ACCOUNT, accountFinding, chainFinding, REPOSITORY, testFinding, testReport } from '../support/reports.ts'

// What the program really writes, judged by Microsoft's validator in its strict mode and by our own checks for GitHub.

/** Judges a file as it would be uploaded; gives its runs. */
function judged(text: string, options: { secrets?: readonly string[]; upload?: boolean } = {}): Sarif.Run[] {
  const file = join(folderWith({ 'out.sarif': text }), 'out.sarif')
  expect(validateSarif(file, { strict: true })).toEqual([])
  expect(githubProblems(text, options)).toEqual([])
  return (JSON.parse(text) as Sarif.Log).runs
}

/** Everything committed to a repository with an address. */
function repositoryWith(files: Readonly<Record<string, string | Buffer>>): string {
  const root = folderWith(files)
  git(root, 'init', '-q')
  git(root, 'remote', 'add', 'origin', 'git@github.com:acme/app.git')
  git(root, 'add', '-A')
  git(root, 'commit', '-qm', 'all')
  return root
}
async function sarifOf(root: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await run([root, '--format', 'sarif', ...args], { env: { AWS_CONFIG_FILE: '/dev/null' } })
  expect(stderr).not.toContain('bug')
  return stdout
}
const idsOf = (runs: readonly Sarif.Run[]) => runs.map((each) => each.automationDetails?.id)
const rulesOf = (each: Sarif.Run | undefined) => [
  ...new Set((each?.results ?? []).flatMap((result) => result.ruleId ?? [])),
]
const fixture = (name: string) => readFileSync(resolve('test/fixtures', name), 'utf8')
const iamCases = Object.fromEntries(
  readdirSync('test/fixtures/iam')
    .filter((name) => name.endsWith('.json') && name !== 'expected.json')
    .map((name) => [`policies/${name}`, fixture(`iam/${name}`)]),
)
const TERRAFORM = `data "aws_iam_policy_document" "ci" {
  statement {
    actions   = ["*"]
    resources = ["*"]
  }
}
`

describe('real output is clean:', () => {
  it('secrets, in odd files', async () => {
    const [password, secret] = [randomText(16), awsSecret()]
    const url = `DB = "mysql://app:${password}@db.internal/x"\n`
    const root = repositoryWith({
      '.env': `AWS_ACCESS_KEY_ID=${awsKeyId()}\nAWS_SECRET_ACCESS_KEY=${secret}\n`,
      'one-line.py': url.trim(),
      'sécrét space/ü#?%.py': url,
      'c:odd.py': `${'x = 1\r\n'.repeat(3)}${url}`,
      'back\\slash.py': url,
      'long.js': `${'var a=1;'.repeat(200)}${url}`,
    })
    addFiles(root, { 'new\nline.py': url })
    const [main] = judged(await sarifOf(root), { secrets: [password, secret] })
    expect(rulesOf(main)).toContain('secrets/connection-string-password')
    expect(main?.results?.[0]?.relatedLocations?.length ?? 0).toBe(0)
    expect(main?.versionControlProvenance?.[0]?.repositoryUri).toBe('https://github.com/acme/app')
  })
  it('history', async () => {
    const password = randomText(16)
    const root = repositoryWith({ 'a.py': `DB = "mysql://app:${password}@db.internal/x"\n` })
    writeFileSync(join(root, 'a.py'), 'DB = None\n')
    git(root, 'commit', '-qam', 'remove')
    const [main] = judged(await sarifOf(root, '--history'), { secrets: [password] })
    expect(main?.results?.[0]?.properties?.commit).toMatch(/^[0-9a-f]{40}$/)
  })
  it('policies in JSON and Terraform, and manifests', async () => {
    const files = { ...iamCases, 'ci.tf': TERRAFORM, 'deploy/all.yaml': fixture('k8s-case1/manifests.yaml') }
    const [main] = judged(await sarifOf(repositoryWith(files)))
    const rules = rulesOf(main)
    expect(rules.filter((id) => id.startsWith('iam/')).length).toBeGreaterThan(10)
    expect(rules.filter((id) => id.startsWith('k8s/')).length).toBeGreaterThan(5)
    expect(main?.results?.every((result) => result.locations?.[0]?.physicalLocation?.contextRegion)).toBe(true)
  })
  it.each([
    ['without its manifests', {}, 'zt-audit.yaml'],
    ['with its manifests', { 'deploy/all.yaml': fixture('k8s-case1/manifests.yaml') }, 'deploy/all.yaml'],
  ])('a dump and its audit log, %s', async (_, files, uri) => {
    const root = repositoryWith({ 'a.txt': 'x', ...files })
    const dump = ['--k8s-dump', resolve('test/fixtures/k8s-case1/objects.json')]
    const runs = judged(await sarifOf(root, ...dump, '--audit-log', resolve('test/fixtures/k8s-case1/audit.log')))
    expect(idsOf(runs)).toEqual([
      'zt-audit/repository/',
      'zt-audit/kubernetes/-/',
      'zt-audit/chain/kubernetes-+repository/',
    ])
    const unused = (runs[1]?.results ?? []).filter((result) => result.ruleId === 'k8s/unused-permission')
    expect(unused.map((result) => result.properties?.permission)).toHaveLength(
      (JSON.parse(fixture('k8s-case1/expected.json')) as { unused: unknown[] }).unused.length,
    )
    expect(unused[0]?.locations?.[0]?.physicalLocation?.artifactLocation?.uri).toBe(uri)
    expect(unused[0]?.locations?.[0]?.logicalLocations?.[0]?.fullyQualifiedName).toMatch(/^k8s:\/\/-\//)
  })
  it('a second repository, a folder of one, and a target that was not reached', async () => {
    const root = repositoryWith({ 'sub dir/ci.tf': TERRAFORM })
    const second = repositoryWith({ 'ci.tf': TERRAFORM })
    const runs = judged(await sarifOf(join(root, 'sub dir'), '--repo', second, '--aws'), { upload: false })
    expect(runs.map((each) => each.invocations?.[0]?.executionSuccessful)).toEqual([true, true, false, false])
    expect(idsOf(runs)[1]).toBe(`zt-audit/repository/${second.split('/').at(-1)}/`)
    expect(runs[0]?.originalUriBaseIds?.SRCROOT).toMatchObject({ uri: 'sub%20dir/', uriBaseId: 'REPOSITORY' })
    expect(runs[2]?.results).toEqual([])
    expect(JSON.stringify(runs[2]?.invocations)).toContain('no AWS credentials')
  })
  it('nothing found, and gaps only', async () => {
    const [clean] = judged(await sarifOf(repositoryWith({ 'a.txt': 'x' })))
    expect(clean?.results).toEqual([])
    const broken = { 'broken.json': '{"Statement": [{"Effect": "Allow", "Action": "*"' }
    const [gaps] = judged(await sarifOf(repositoryWith(broken)), { upload: false })
    expect(gaps?.results).toEqual([])
    expect(JSON.stringify(gaps?.invocations)).toContain('broken.json')
  })
  it('each rule, chains included', async () => {
    const live = { ...ACCOUNT, detail: '' }
    const targets = [
      REPOSITORY,
      live,
      { ...live, kind: 'kubernetes', name: 'prod', scope: 'k8s:prod' },
      { ...live, kind: 'github', name: 'acme', scope: 'github:acme' },
    ]
    const findings = await findingsOfEveryRule()
    const runs = judged(renderSarif(testReport(findings, { targets })))
    expect(idsOf(runs)).toEqual([
      'zt-audit/repository/',
      'zt-audit/aws/123456789012/',
      'zt-audit/kubernetes/prod/',
      'zt-audit/github/acme/',
      'zt-audit/chain/aws-123456789012+github-acme+kubernetes-prod+repository/',
    ])
    const chains = runs[4]
    expect(rulesOf(chains).sort()).toEqual([
      'chain/leaked-admin-key-without-mfa',
      'chain/leaked-key-of-privileged-user',
      'chain/leaked-key-still-active',
      'chain/leaked-service-account-token',
    ])
    expect(chains?.results?.every((result) => (result.codeFlows?.length ?? 0) === 1)).toBe(true)
    const fired = new Set(runs.flatMap(rulesOf))
    const rules = readdirSync('rules', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'))
    expect(rules.map((name) => name.replace('.yaml', '')).filter((id) => !fired.has(id))).toEqual([])
  })
  it('a baseline, further places, a fix', () => {
    const diff = '@@ -4,1 +4,1 @@\n-// above\n+// below\n'
    const findings = [
      testFinding(2, { baseline: 'unchanged', also: [{ file: 'b [1].ts', line: 3, commit: 'c'.repeat(40) }] }),
      testFinding(5, { baseline: 'new', fix: { description: 'Say it otherwise', diff } }),
      accountFinding(1, { baseline: 'updated' }),
      { ...chainFinding(1), baseline: 'new' as const },
    ]
    const runs = judged(renderSarif(testReport(findings, { targets: [REPOSITORY, ACCOUNT] })))
    expect(runs[0]?.results?.[1]?.fixes).toHaveLength(1)
  })
  it('findings by the thousand', () => {
    const text = renderSarif(testReport(Array.from({ length: 1500 }, (_, i) => testFinding(i + 1))))
    expect(judged(text)[0]?.results).toHaveLength(1500)
  })
})

describe('the validator', () => {
  const gold = () =>
    JSON.parse(renderSarif(testReport([testFinding(1)], { targets: [REPOSITORY, ACCOUNT] }))) as Sarif.Log
  const problemsOf = (log: Sarif.Log, strict: boolean) =>
    validateSarif(join(folderWith({ 'x.sarif': JSON.stringify(log) }), 'x.sarif'), { strict }).join('\n')
  it('sees a defect in any run', () => {
    const log = gold()
    const last = log.runs.at(-1)
    if (last) last.results = [{ message: { text: 'x' }, ruleId: 'x', locations: [] }]
    expect(problemsOf(log, true)).toContain(`runs[${log.runs.length - 1}].results[0]`)
  })
  it('minds notes only if it is strict', () => {
    const log = gold()
    for (const each of log.runs) delete each.versionControlProvenance
    expect(problemsOf(log, true)).toContain('SARIF2003')
    expect(problemsOf(log, false)).toBe('')
  })
  it('does not pass what it could not read', () => {
    expect(validateSarif('/nowhere/x.sarif')).not.toEqual([])
  })
})
