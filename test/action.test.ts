import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ActionRun, readAction, runAction } from './support/actions-runner.ts'
import { folderWith, git } from './support/program.ts'
import { ADMIN, checkout, PROGRAM, SILENCED } from './support/pull-request.ts'

const MAIN = { GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main', GITHUB_REF_NAME: 'main', GITHUB_ACTOR: 'ann' }
const PULL = {
  GITHUB_EVENT_NAME: 'pull_request',
  GITHUB_REF: 'refs/pull/7/merge',
  GITHUB_BASE_REF: 'main',
  GITHUB_HEAD_REF: 'feature',
  GITHUB_ACTOR: 'ann',
}
const repository = { full_name: 'acme/shop', default_branch: 'main' }
const pullFrom = (head: { full_name: string } | null) => ({
  repository,
  pull_request: { base: { ref: 'main', repo: repository }, head: { ref: 'feature', repo: head } },
})

type Options = Partial<Parameters<typeof runAction>[0]>
const onPull = (files: ReturnType<typeof checkout>, options: Options = {}) =>
  runAction({ ...files, env: PULL, event: pullFrom(repository), program: PROGRAM, ...options })
const onMain = (files: ReturnType<typeof checkout>, options: Options = {}) =>
  runAction({ ...files, env: MAIN, event: { repository }, program: PROGRAM, ...options })

function uploaded({ used }: ActionRun): { ruleIds: string[]; categories: string[] } | undefined {
  const file = used[0]?.with.sarif_file
  if (file === undefined) return undefined
  const { runs } = JSON.parse(readFileSync(file, 'utf8')) as {
    runs: { results: { ruleId: string }[]; automationDetails: { id: string } }[]
  }
  return {
    ruleIds: runs.flatMap(({ results }) => results.map(({ ruleId }) => ruleId)),
    categories: runs.map(({ automationDetails }) => automationDetails.id),
  }
}

/** The lines of a log that the runner would obey. */
function commands(log: string): string[] {
  const obeyed: string[] = []
  let stopped: string | undefined
  for (const line of log.split('\n')) {
    if (stopped !== undefined) {
      if (line === `::${stopped}::`) stopped = undefined
    } else if (line.startsWith('::stop-commands::')) stopped = line.slice('::stop-commands::'.length)
    else if (line.startsWith('::')) obeyed.push(line)
  }
  expect(stopped).toBeUndefined()
  return obeyed
}

describe('the action on a pull request', () => {
  it('uploads, annotates, writes the summary, and fails at the end', () => {
    const run = onPull(checkout({ 'a.txt': 'x' }, { 'policy.json': ADMIN }))
    expect(run.code).toBe(1)
    expect(run.outputs).toMatchObject({ 'exit-code': '1', findings: '1' })
    expect(existsSync(run.outputs['sarif-file'] ?? '')).toBe(true)
    expect(uploaded(run)?.ruleIds).toEqual(['iam/full-admin'])
    expect(run.used[0]?.with.token).toBe('made-up')
    expect(commands(run.log)).toContainEqual(expect.stringMatching(/^::(?:error|warning) .*file=policy\.json/))
    expect(run.summary).toContain('iam/full-admin')
  })
  it('takes the config of the base branch, fetched where the checkout is shallow', () => {
    const silencing = onPull(checkout({ 'a.txt': 'x' }, { 'policy.json': ADMIN, 'zt-audit.yaml': SILENCED }))
    expect(silencing.code).toBe(1)
    const agreed = onPull(checkout({ 'zt-audit.yaml': SILENCED }, { 'policy.json': ADMIN }))
    expect([agreed.code, agreed.outputs.findings]).toEqual([0, '0'])
  })
  it('fails where the base branch cannot be had, and says what helps', () => {
    const files = checkout({ 'a.txt': 'x' }, { 'policy.json': ADMIN })
    git(files.workspace, 'remote', 'set-url', 'origin', 'file:///nowhere')
    const run = onPull(files)
    expect([run.code, run.used]).toEqual([2, []])
    expect(commands(run.log).join('\n')).toMatch(/::error .*base branch main.*fetch-depth: 0/)
  })
  it('is clean with nothing found', () => {
    const run = onPull(checkout({ 'a.txt': 'x' }))
    expect([run.code, uploaded(run)?.ruleIds]).toEqual([0, []])
  })
  it.each([
    ['a fork', pullFrom({ full_name: 'eve/shop' }), PULL],
    ['a fork that is gone', pullFrom(null), PULL],
    ['Dependabot', pullFrom(repository), { ...PULL, GITHUB_ACTOR: 'dependabot[bot]' }],
  ])('of %s uploads nothing, with a notice, and judges all the same', (_name, event, env) => {
    const files = checkout({ 'a.txt': 'x' }, { 'policy.json': ADMIN })
    const run = onPull(files, { event, env })
    expect([run.code, run.used]).toEqual([1, []])
    expect(commands(run.log)).toContainEqual(expect.stringMatching(/^::notice .*not uploaded/))
    expect(run.summary).toContain('iam/full-admin')
    expect(onPull(files, { event, env, inputs: { upload: 'always' } }).used).toHaveLength(1)
  })
})

describe('the action on the default branch', () => {
  it('refuses to upload a partial audit', () => {
    const files = checkout({ 'a.txt': 'x' })
    const run = onMain(files, { inputs: { args: '--since\nHEAD' } })
    expect([run.code, run.used]).toEqual([2, []])
    expect(commands(run.log).join('\n')).toMatch(/::error .*partial audit \(--since\)/)
    expect(onMain(files, { inputs: { args: '--since=HEAD', upload: 'never' } }).code).toBe(0)
    const elsewhere = { ...MAIN, GITHUB_REF: 'refs/heads/feature' }
    expect(onMain(files, { inputs: { args: '--since=HEAD' }, env: elsewhere }).used).toHaveLength(1)
    // A scheduled run has no payload.
    expect(onMain(files, { inputs: { args: '--since=HEAD' }, event: {} }).used).toEqual([])
  })
  it('reads its own config, and does not fetch', () => {
    const files = checkout({ 'zt-audit.yaml': SILENCED, 'policy.json': ADMIN })
    git(files.workspace, 'remote', 'set-url', 'origin', 'file:///nowhere')
    expect(onMain(files).code).toBe(0)
  })
  it('prefixes the categories', () => {
    const files = checkout({ 'a.txt': 'x' })
    const plain = uploaded(onMain(files))?.categories ?? []
    expect(plain.length).toBeGreaterThan(0)
    expect(uploaded(onMain(files, { inputs: { category: '/nightly/' } }))?.categories).toEqual(
      plain.map((id) => `nightly/${id}`),
    )
  })
  it('tells of an upload that failed, and fails for it only if it had to', () => {
    const files = checkout({ 'a.txt': 'x' })
    const auto = onMain(files, { uploadOutcome: 'failure' })
    expect([auto.code, commands(auto.log).join()]).toEqual([
      0,
      expect.stringMatching(/::warning .*security-events: write/),
    ])
    const always = onMain(files, { uploadOutcome: 'failure', inputs: { upload: 'always' } })
    expect([always.code, commands(always.log).join()]).toEqual([2, expect.stringMatching(/::error .*upload/)])
    const found = checkout({ 'policy.json': ADMIN })
    expect(onMain(found, { uploadOutcome: 'failure', inputs: { upload: 'always' } }).code).toBe(1)
  })
})

describe('a target that was not seen whole', () => {
  const run = (id: string, executionSuccessful: boolean) => ({
    automationDetails: { id },
    results: [],
    invocations: [{ executionSuccessful }],
  })
  /** A program that reports runs as given: what the steps do with them is tested here. */
  const reporting = (...runs: object[]) =>
    join(
      folderWith({
        'program.mjs': `import { writeFileSync } from 'node:fs'
for (const each of process.argv) {
  const [format, file] = each.split('=')
  if (format === 'sarif') writeFileSync(file, ${JSON.stringify(JSON.stringify({ version: '2.1.0', runs }))})
  if (format === 'json') writeFileSync(file, '{"summary":{"findings":0}}')
}
process.exitCode = 3
`,
      }),
      'program.mjs',
    )
  const files = checkout({ 'a.txt': 'x' })
  it('is left out of the upload', () => {
    const done = onMain(files, { program: reporting(run('repository/', true), run('aws/', false)) })
    expect([done.code, uploaded(done)?.categories]).toEqual([3, ['repository/']])
    expect(commands(done.log).join()).toMatch(/::warning .*aws\/ was not seen whole/)
  })
  it('leaves nothing to upload if it was the only one', () => {
    expect(onMain(files, { program: reporting(run('aws/', false)) }).used).toEqual([])
  })
  it('is uploaded with allow-gaps', () => {
    const done = onMain(files, { program: reporting(run('aws/', false)), inputs: { 'allow-gaps': 'true' } })
    expect(uploaded(done)?.categories).toEqual(['aws/'])
  })
})

describe('what the action is given', () => {
  const files = checkout({ 'a.txt': 'x' })
  it('cannot become code', () => {
    for (const { run } of readAction().runs.steps) expect(run ?? '').not.toContain('${{')
    const evil = '$(touch evil) `touch evil` "; touch evil; \' && touch evil'
    for (const name of ['path', 'args', 'fail-on', 'fail-on-score', 'category', 'upload', 'allow-gaps', 'annotations'])
      onMain(files, { inputs: { [name]: evil } })
    expect(existsSync(join(files.workspace, 'evil'))).toBe(false)
  })
  it('cannot become a command to the runner', () => {
    const evil =
      "console.log('::add-path::/evil'); console.log('::error title=x::y'); console.error('::set-env name=A::b')\n"
    const program = join(folderWith({ 'p.mjs': `${evil}process.exitCode = 2\n` }), 'p.mjs')
    const { code, log } = onMain(files, { program })
    expect(code).toBe(2)
    expect(log).toContain('::add-path::')
    expect(
      commands(log).filter((line) => /add-path|set-env(?! name=A::b%0A)/.test(line) && !line.startsWith('::error')),
    ).toEqual([])
    expect(commands(log)).toContain('::error title=x::y')
  })
  it.each([
    [{ 'fail-on': 'hgih' }, /hgih/],
    [{ 'fail-on-score': 'good' }, /good/],
    [{ args: '--fial-on=high' }, /fial-on/],
    [{ 'allow-gaps': 'yes' }, /allow-gaps: 'yes' is neither true nor false/],
    [{ upload: 'sometimes' }, /upload: 'sometimes' is not one of/],
    [{ path: 'nowhere' }, /exit code 4/],
  ])('is refused where it is wrong: %j', (inputs, text) => {
    const { code, log, used } = onMain(files, { inputs })
    expect([[2, 4].includes(code), used]).toEqual([true, []])
    expect(commands(log).join('\n')).toMatch(text)
  })
  it('is passed on: several arguments, one a line', () => {
    const found = checkout({ 'policy.json': ADMIN })
    expect(onMain(found, { inputs: { args: '\n  --skip\n  iam\n\n' } }).code).toBe(0)
    expect(onMain(found, { inputs: { 'fail-on': 'never', annotations: 'false', summary: 'false' } })).toMatchObject({
      code: 0,
      summary: '',
      outputs: { findings: '1' },
    })
  })
  it('is passed on: a posture that is to be kept, and its value comes back', () => {
    const inputs = { 'fail-on': 'never', 'fail-on-score': '100', annotations: 'false', summary: 'false' }
    const { code, outputs } = onMain(checkout({ 'policy.json': ADMIN }), { inputs })
    expect(code).toBe(1)
    expect(Number(outputs.posture)).toBeLessThan(100)
  })
  it('does not overflow the summary', () => {
    const script = `import { writeFileSync } from 'node:fs'
const file = process.argv.find((each) => each.startsWith('markdown=')).slice(9)
writeFileSync(file, '- finding é\\n'.repeat(300_000))\n`
    const { summary } = onMain(files, { program: join(folderWith({ 'p.mjs': script }), 'p.mjs') })
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(1024 * 1024)
    expect(Buffer.byteLength(summary)).toBeGreaterThan(1024 * 1023)
    expect(summary).toMatch(/- finding é\n\n_Cut here/)
  })
})

describe('the action is installed', () => {
  const install = (folder: string, bin: string) => {
    const temp = folderWith({})
    const env = { PATH: `${bin}:${process.env.PATH}`, RUNNER_TEMP: temp, GITHUB_OUTPUT: join(temp, 'output') }
    const done = spawnSync('bash', [join(folder, 'action/install.sh')], { cwd: temp, env, encoding: 'utf8' })
    const output = existsSync(env.GITHUB_OUTPUT) ? readFileSync(env.GITHUB_OUTPUT, 'utf8') : ''
    return { code: done.status, log: done.stdout + done.stderr, output, temp }
  }
  it('from beside it, where it was built', () => {
    expect(install(resolve('.'), '/nowhere').output).toBe(`program=${resolve('bin/zt-audit.js')}\n`)
  })
  it('else from npm, in the version that it belongs to, without scripts, away from the repository', () => {
    const folder = folderWith({
      'action/install.sh': readFileSync('action/install.sh', 'utf8'),
      'package.json': '{"version":"9.8.7"}',
    })
    const bin = folderWith({
      npm: `#!/bin/sh\npwd >"$RUNNER_TEMP/npm"; echo "$@" >>"$RUNNER_TEMP/npm"\nmkdir -p node_modules/zt-audit/bin; echo 'console.log("9.8.7")' >node_modules/zt-audit/bin/zt-audit.js\n`,
    })
    chmodSync(join(bin, 'npm'), 0o755)
    const { code, output, temp } = install(folder, bin)
    const place = `${temp}/zt-audit-9.8.7`
    expect([code, output]).toEqual([0, `program=${place}/node_modules/zt-audit/bin/zt-audit.js\n`])
    const [cwd, args] = readFileSync(join(temp, 'npm'), 'utf8').split('\n')
    expect(cwd).toBe(place)
    expect(args).toMatch(/^install --prefix \S+ .*--ignore-scripts .*zt-audit@9\.8\.7$/)
  })
  it('fails with a reason', () => {
    const folder = folderWith({
      'action/install.sh': readFileSync('action/install.sh', 'utf8'),
      'package.json': '{"version":"9.8.7"}',
    })
    const bin = folderWith({ npm: '#!/bin/sh\nexit 1\n', old: '#!/bin/sh\n[ "$1" = -e ] && exit 1\necho v18.0.0\n' })
    chmodSync(join(bin, 'npm'), 0o755)
    expect(install(folder, bin)).toMatchObject({
      code: 2,
      log: expect.stringContaining('npm could not install zt-audit@9.8.7'),
    })
    const oldNode = folderWith({ node: readFileSync(join(bin, 'old')) })
    chmodSync(join(oldNode, 'node'), 0o755)
    expect(install(folder, oldNode)).toMatchObject({ code: 2, log: expect.stringContaining('v18.0.0 is too old') })
  })
})
