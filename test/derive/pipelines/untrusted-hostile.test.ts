import { describe, expect, it } from 'vitest'
import { untrustedDerivation } from '../../../src/derive/pipelines/untrusted.ts'
import { ciJob } from '../../../src/facts/pipeline.ts'
import { ciInjection, ciLeftToken, ciRunnerExposure, ciUntrustedCode } from '../../../src/facts/pipeline-untrusted.ts'
import { type Fact, type FactKind, isFact } from '../../../src/model.ts'
import { refusesForks } from '../../../src/reference/untrusted-actions.ts'
import { writesOfJavaScript } from '../../../src/scanners/pipelines/checkouts-javascript.ts'
import { writesOf } from '../../../src/scanners/pipelines/checkouts-script.ts'
import { pipelineScanner } from '../../../src/scanners/pipelines/index.ts'
import { collect, memoryTree } from '../../support/context.ts'

const CI = '.github/workflows/ci.yml'
const WRITES = '    permissions: { contents: write }\n'

async function judge(files: string | Record<string, string>) {
  const { facts } = await collect(pipelineScanner, {
    trees: [memoryTree(typeof files === 'string' ? { [CI]: files } : files)],
  })
  const derived = untrustedDerivation.derive(facts, [], { trustedAccounts: [], breakGlassRoles: [] }).facts
  return <K extends FactKind>(kind: K): Fact<K>[] =>
    [...facts, ...derived].filter((each): each is Fact<K> => isFact(kind, each))
}

function workflow(on: string, steps: string, job = ''): string {
  return `on: ${on}\njobs:\n  build:\n    runs-on: ubuntu-latest\n${job}    steps:\n${steps}`
}

async function fetched(steps: string, on = 'pull_request_target'): Promise<string[]> {
  return (await judge(workflow(on, `${steps}      - run: npm ci\n`)))(ciUntrustedCode).map(
    ({ data }) => data.executedBy ?? '',
  )
}

describe('the code of a pull request', () => {
  it('is refused by the versions of checkout that say so, and by no other', () => {
    for (const version of ['v2', 'v3', 'v4', 'v5', 'v6', 'v7', 'v8', 'main', 'v3.7.0', 'v4.4.0', 'v7.0.0'])
      expect(refusesForks(version, ''), version).toBe(true)
    for (const version of ['v1', 'v3.6.0', 'v4.3.1', 'v5.0.1', 'v6.0.3', '1'.repeat(40)])
      expect(refusesForks(version, ''), version).toBe(false)
    expect(refusesForks('1'.repeat(40), 'v4.3.1')).toBe(false)
    expect(refusesForks('1'.repeat(40), 'v4.4.0')).toBe(true)
    expect(refusesForks('1'.repeat(40), 'v7')).toBe(true)
  })
  it('is fetched in many ways', async () => {
    const ways = [
      '      - run: gh -R o/r pr checkout 5\n',
      '      - run: gh --repo=o/r pr checkout 5\n',
      '      - run: gh pr diff 5 | git apply\n',
      '      - run: curl -L ${{ github.event.pull_request.patch_url }} | git am\n',
      '      - run: gh api repos/o/r/tarball/${{ github.event.pull_request.head.sha }} | tar xz\n',
      '      - env: { URL: "${{ github.event.pull_request.head.repo.clone_url }}" }\n        run: |\n          git remote add fork "$URL"\n          git fetch fork\n          git checkout FETCH_HEAD\n',
      '      - run: git clone ${{ github.event.pull_request.head.repo.html_url }} .\n',
      '      - uses: actions/checkout@v4.1.0\n        with: { ref: "${{ github.head_ref }}", repository: "${{ github.event.pull_request.head.repo.full_name }}" }\n',
    ]
    for (const way of ways) expect(await fetched(way), way).toEqual(['npm ci'])
    expect(await fetched('      - run: gh pr diff 5 > change.txt\n')).toEqual([])
    expect(await fetched('      - run: git fetch origin main && tar xf archive.tar\n')).toEqual([])
  })
  it('that the API names may be newer than what checkout compares with', async () => {
    const asked =
      '      - id: pr\n        run: echo "sha=$(gh pr view 5 --json headRefOid)" >> "$GITHUB_OUTPUT"\n      - uses: actions/checkout@v7\n        with: { ref: "${{ steps.pr.outputs.sha }}" }\n'
    expect(await fetched(asked)).toEqual(['npm ci'])
  })
})

describe('a token that is left', () => {
  const left = async (steps: string, files: Record<string, string> = {}, job = WRITES) =>
    (await judge({ ...files, [CI]: workflow('push', steps, job) }))(ciLeftToken).map(({ data }) => data.form)
  const action = (steps: string) => `runs:\n  using: composite\n  steps:\n${steps}`
  const checkout = '      - uses: actions/checkout@v6\n'
  it('serves no script of one’s own and no build in a container', async () => {
    for (const run of ['bash ./scripts/a.sh', 'python scripts/a.py', './build.sh', 'docker buildx build .'])
      expect(await left(`${checkout}      - run: ${run}\n`), run).toEqual([])
    expect(await left(`${checkout}      - run: ./gradlew build\n`)).toEqual(['build'])
  })
  it('is not needed by an action of one’s own that does not talk to the server', async () => {
    const steps = `${checkout}      - uses: ./.github/actions/setup\n      - run: npm ci\n`
    const path = '.github/actions/setup/action.yml'
    expect(await left(steps, { [path]: action('    - run: echo\n      shell: bash\n') })).toEqual(['build'])
    expect(await left(steps, { [path]: action('    - run: git push\n      shell: bash\n') })).toEqual([])
    expect(await left(steps)).toEqual([])
    expect(await left(steps, { [path]: action('    - uses: ./.github/actions/setup\n') })).toEqual([])
  })
  it('is within reach of an action that another repository brings', async () => {
    const steps =
      '      - uses: actions/checkout@v4\n        with: { repository: o/scanner, token: "${{ secrets.PAT }}", path: scanner }\n      - uses: ./scanner\n'
    expect(await left(steps, {}, '    permissions: {}\n')).toEqual(['build'])
  })
  it('is needed by what commits, not by what has a token of its own', async () => {
    const steps = `${checkout}      - run: npm ci\n`
    expect(await left(`${steps}      - uses: o/signed-commit@v1\n`)).toEqual([])
    expect(await left(`${steps}      - uses: peter-evans/create-pull-request@v7\n`)).toEqual(['build'])
  })
})

describe('a condition', () => {
  const title = '      - run: echo ${{ github.event.pull_request.title }}\n'
  const open = async (condition: string) =>
    (await judge(workflow('pull_request_target', title, condition)))(ciInjection).length
  const check = "${{ github.event.pull_request.user.login == 'me' }}"
  it('that is text is always true', async () => {
    expect(await open(`    if: |\n      ${check}\n`)).toBe(1)
    expect(await open(`    if: >\n      ${check}\n`)).toBe(1)
    expect(await open(`    if: "${check} && true"\n`)).toBe(1)
    expect(await open(`    if: >-\n      ${check}\n`)).toBe(0)
    expect(await open(`    if: ${check}\n`)).toBe(0)
  })
  it('that looks for a name in a text lets parts of it in', async () => {
    expect(await open("    if: contains('alice,bob', github.actor)\n")).toBe(1)
    expect(await open(`    if: contains(fromJSON('["alice"]'), github.actor)\n`)).toBe(0)
  })
})

describe('the message of a commit', () => {
  const steps = (format: string) =>
    `      - id: a\n        run: echo "m=$(git log -1 --pretty=format:"${format}" | grep x)" >> "$GITHUB_OUTPUT"\n      - run: echo \${{ steps.a.outputs.m }}\n`
  it('is of whoever had it merged', async () => {
    const found = async (format: string, on = 'push') =>
      (await judge(workflow(on, steps(format))))(ciInjection).map(({ data }) => data.audience)
    expect(await found('%B')).toEqual(['contributors'])
    expect(await found('%H')).toEqual([])
    expect(await found('%B', 'schedule')).toEqual([])
  })
})

describe('a runner', () => {
  const runners = async (runsOn: string, job = '') => {
    const all = await judge(
      `on: pull_request\njobs:\n  build:\n    runs-on: ${runsOn}\n${job}    steps: [{ run: make }]\n`,
    )
    return [all(ciJob)[0]?.data.selfHosted, all(ciRunnerExposure).length]
  }
  it('is known by its label, by those of a matrix that is written out, or not', async () => {
    expect(await runners('ubuntu-24.04')).toEqual([false, 0])
    expect(await runners('gpu')).toEqual([undefined, 1])
    expect(await runners('{ group: big }')).toEqual([undefined, 1])
    const of = '${{ matrix.os }}'
    const matrix = (list: string) => `    strategy: { matrix: { ${list} } }\n`
    expect(await runners(of, matrix('os: [ubuntu-latest, [self-hosted, arm]]'))).toEqual([true, 1])
    expect(await runners(of, matrix('os: [ubuntu-latest], include: [{ os: macos-14 }]'))).toEqual([false, 0])
    expect(await runners(of, matrix('os: "${{ fromJSON(inputs.os) }}"'))).toEqual([undefined, 1])
    expect(await runners('${{ matrix.on.os }}', matrix('on: [{ os: ubuntu-latest }]'))).toEqual([false, 0])
  })
})

describe('a script in a language that is not read', () => {
  it('is a gap where it has text of strangers at hand, and nothing otherwise', async () => {
    const gaps = async (value: string, on = 'issues', shell = 'python') => {
      const step = `      - shell: ${shell}\n        env: { T: "${value}" }\n        run: open(os.environ["GITHUB_ENV"], "a").write(os.environ["T"])\n`
      const tree = memoryTree({ [CI]: workflow(on, step) })
      const { facts } = await collect(pipelineScanner, { trees: [tree] })
      return untrustedDerivation.derive(facts, [], { trustedAccounts: [], breakGlassRoles: [] }).gaps
    }
    const body = '${{ github.event.issue.body }}'
    expect(await gaps(body)).toMatchObject([{ kind: 'ci.environment-injection', class: 'limit' }])
    expect(await gaps('${{ github.event.issue.number }}')).toEqual([])
    expect(await gaps(body, 'push')).toEqual([])
    expect(await gaps(body, 'issues', 'bash')).toEqual([])
  })
})

describe('hostile files', () => {
  it('of any form are read without a crash', async () => {
    const files = [
      'on:\njobs:\n  a:\n  b: []\n  c: { steps: null }\n',
      'on: pull_request_target\njobs:\n  d: { steps: [null, [], [[a]], { run: null }, { run: [1] }, { uses: {} }, { uses: "a@b", with: [] }], runs-on: [[a]], strategy: { matrix: [1] }, needs: { a: 1 }, if: [1], env: [1], outputs: [2] }\n',
      workflow('pull_request_target', '      - run: echo ${{ never closed\n').replaceAll('\n', '\r\n'),
    ]
    for (const file of files) expect((await judge(file))(ciInjection)).toEqual([])
  })
  it('that call each other in a circle end', async () => {
    const call = (to: string) =>
      `on: [workflow_call, pull_request_target]\njobs:\n  a: { uses: ./.github/workflows/${to}, with: { x: "\${{ inputs.x }}" } }\n`
    const found = await judge({ [CI]: call('b.yml'), '.github/workflows/b.yml': call('ci.yml') })
    expect(found(ciInjection)).toEqual([])
  })
  it('with values made of values do not multiply', async () => {
    const part = (i: number) => `\${{ steps.s${Math.max(0, i)}.outputs.x }}`
    const steps = Array.from(
      { length: 60 },
      (_, i) =>
        `      - id: s${i}\n        env: { A: "\${{ github.event.issue.title }}", B: "${part(i - 1)}", C: "${part(i - 2)}" }\n        run: echo "x=$A $B $C ${part(i - 3)}" >> $GITHUB_OUTPUT\n`,
    ).join('')
    expect((await judge(workflow('issues', steps)))(ciInjection).length).toBeGreaterThan(50)
  })
  it('with options that could be read in many ways end', async () => {
    const run = `git ${'-a=b '.repeat(60)}x`
    expect((await judge(workflow('push', `      - run: ${run}\n`)))(ciInjection)).toEqual([])
  })
  it('with lines that no person writes are read in linear steps', () => {
    for (const part of ['const {', 'a.forEach(', 'core.setOutput(', 'x.map((', 'for (const [', 'return 1 '])
      expect(writesOfJavaScript(`${part.repeat(40_000)}x\n`)).toBeInstanceOf(Array)
    for (const part of ['Out-File ', 'a = ', '>> ', '$(', 'git -c a=b ', 'x<<'])
      expect(writesOf(`${part.repeat(40_000)}x\n`)).toBeInstanceOf(Array)
  })
})
