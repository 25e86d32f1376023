import { describe, expect, it } from 'vitest'
import { untrustedDerivation } from '../../../src/derive/pipelines/untrusted.ts'
import {
  ciBotGate,
  ciEnvironmentInjection,
  ciInjection,
  ciLeftToken,
  ciRunnerExposure,
  ciTakeover,
  ciUntrustedCode,
} from '../../../src/facts/pipeline-untrusted.ts'
import { type Fact, type FactKind, isFact } from '../../../src/model.ts'
import { pipelineScanner } from '../../../src/scanners/pipelines/index.ts'
import { collect, memoryTree } from '../../support/context.ts'

const CI = '.github/workflows/ci.yml'

/** What follows for outsiders from files, by path; a text alone is one workflow. */
async function judge(files: string | Record<string, string>) {
  const tree = memoryTree(typeof files === 'string' ? { [CI]: files } : files)
  const { facts, gaps } = await collect(pipelineScanner, { trees: [tree] })
  expect(gaps).toEqual([])
  const derived = untrustedDerivation.derive(facts, [], { trustedAccounts: [], breakGlassRoles: [] }).facts
  return <K extends FactKind>(kind: K): Fact<K>[] => derived.filter((each): each is Fact<K> => isFact(kind, each))
}

/** A workflow with one job. */
function workflow(on: string, steps: string, job = ''): string {
  return `on: ${on}\njobs:\n  build:\n    runs-on: ubuntu-latest\n${job}    steps:\n${steps}`
}

async function injections(on: string, steps: string, job = '') {
  return (await judge(workflow(on, steps, job)))(ciInjection).map(({ data }) => data)
}

const title = '${{ github.event.issue.title }}'

describe('text in scripts', () => {
  it('of an issue is an injection, as is what a function makes of it', async () => {
    for (const expression of [
      title,
      '${{ toJSON(github.event.issue.title) }}',
      "${{ format('{0}', github.event.issue.body) }}",
    ])
      expect(await injections('issues', `      - run: echo ${expression}\n`)).toMatchObject([
        { audience: 'anybody', privileged: true, guards: [], events: ['issues'] },
      ])
  })
  it('that tells true or false, a number or a login is none', async () => {
    const harmless = [
      "contains(github.event.issue.title, 'x')",
      "github.event.issue.title == 'x'",
      'github.event.issue.number',
      'github.event.issue.user.login',
    ]
    for (const expression of harmless)
      expect(await injections('issues', `      - run: echo \${{ ${expression} }}\n`)).toEqual([])
  })
  it('is followed through variables; the shell’s own are safe', async () => {
    const env = `    env: { TITLE: "${title}" }\n`
    expect(await injections('issues', '      - run: echo ${{ env.TITLE }}\n', env)).toMatchObject([
      { source: 'github.event.issue.title' },
    ])
    expect(await injections('issues', '      - run: echo "$TITLE"\n', env)).toEqual([])
  })
  it('is followed through outputs of steps and of actions that are known', async () => {
    const steps = `      - id: a\n        env: { T: "${title}" }\n        run: echo "t=$T" >> "$GITHUB_OUTPUT"\n      - run: echo \${{ steps.a.outputs.t }}\n`
    expect(await injections('issues', steps)).toMatchObject([{ way: ', by env.t' }])
    const branch =
      '      - id: b\n        uses: xt0rted/pull-request-comment-branch@v3\n      - run: git push origin ${{ steps.b.outputs.head_ref }}\n'
    expect(await injections('issue_comment', branch)).toMatchObject([{ audience: 'anybody', privileged: true }])
  })
  it('is followed through scripts in JavaScript', async () => {
    const steps = `      - id: form
        uses: actions/github-script@v8
        with:
          script: |
            const body = context.payload.issue.body
            const fields = {}
            for (const line of body.split('\\n')) {
              fields[line] = line
            }
            core.setOutput('name', fields.name)
            core.setOutput('count', 3)
      - run: echo \${{ steps.form.outputs.name }} \${{ steps.form.outputs.count }}
`
    expect((await injections('issues', steps)).map(({ expression }) => expression)).toEqual(['steps.form.outputs.name'])
  })
  it('is followed through a matrix, if it is not written out', async () => {
    const job = (matrix: string) => `    strategy: { matrix: { x: ${matrix} } }\n`
    expect(await injections('issues', '      - run: echo ${{ matrix.x }}\n', job('[a, b]'))).toEqual([])
    expect(
      await injections(
        'issues',
        '      - run: echo ${{ matrix.x }}\n',
        job(`"\${{ fromJSON(github.event.issue.body) }}"`),
      ),
    ).toHaveLength(1)
  })
  it('counts in code that actions take, not in their data', async () => {
    expect(
      await injections(
        'issues',
        `      - uses: actions/github-script@v8\n        with: { script: "log('${title}')" }\n`,
      ),
    ).toHaveLength(1)
    expect(await injections('issues', `      - uses: some/action@v1\n        with: { script: "${title}" }\n`)).toEqual(
      [],
    )
  })
  it('under pull_request reaches nothing; by hand it is written by those who may write', async () => {
    expect(await injections('pull_request', '      - run: echo ${{ github.head_ref }}\n')).toMatchObject([
      { privileged: false },
    ])
    const on = '{ workflow_dispatch: { inputs: { a: { type: string }, b: { type: choice } } } }'
    expect(await injections(on, '      - run: echo ${{ inputs.a }} ${{ inputs.b }}\n')).toMatchObject([
      { audience: 'writers', source: 'inputs.a' },
    ])
  })
})

describe('conditions', () => {
  const run = (condition: string) =>
    injections('pull_request_target', '      - run: echo ${{ github.head_ref }}\n', `    if: ${condition}\n`)
  it('that ask for the own repository, the author or another event close the job', async () => {
    for (const closed of [
      'github.event.pull_request.head.repo.full_name == github.repository',
      // A bare `!` is a tag of YAML.
      '${{ !github.event.pull_request.head.repo.fork }}',
      "github.event_name == 'push'",
      "github.event.pull_request.user.login == 'dependabot[bot]'",
      `contains(fromJSON('["OWNER","MEMBER"]'), github.event.pull_request.author_association)`,
      "github.actor == 'dependabot[bot]' && github.event.pull_request.user.login == 'dependabot[bot]'",
    ])
      expect(await run(closed), closed).toEqual([])
  })
  it('that strangers can fulfil, or of which one side is open, do not', async () => {
    for (const open of [
      "contains(github.event.pull_request.title, 'x')",
      "github.event_name == 'push' || always()",
      "github.actor != 'dependabot[bot]'",
      "github.event.pull_request.author_association == 'CONTRIBUTOR'",
    ])
      expect(await run(open), open).toMatchObject([{ guards: [] }])
  })
  it('that ask for a label or a merge are told', async () => {
    expect(await run("contains(github.event.pull_request.labels.*.name, 'ok')")).toMatchObject([{ guards: ['label'] }])
    expect(await run('github.event.pull_request.merged == true')).toMatchObject([{ guards: ['merge'] }])
  })
  it('of a job that is waited for close, too, unless it runs always', async () => {
    const two = (condition: string) =>
      `on: issues\njobs:\n  a: { if: "github.event_name == 'push'", runs-on: x, steps: [] }\n  b:\n    needs: a\n    if: ${condition}\n    runs-on: x\n    steps:\n      - run: echo ${title}\n`
    expect((await judge(two('true')))(ciInjection)).toEqual([])
    expect((await judge(two('always()')))(ciInjection)).toHaveLength(1)
  })
  it('on the last actor open a job by a bot', async () => {
    const gates = async (on: string, condition: string) =>
      (await judge(workflow(on, '      - run: make\n', `    if: ${condition}\n`)))(ciBotGate).map(({ data }) => [
        data.bot,
        data.privileged,
      ])
    expect(await gates('pull_request_target', "github.actor == 'dependabot[bot]'")).toEqual([['dependabot[bot]', true]])
    expect(await gates('pull_request', "github.actor == 'dependabot[bot]'")).toEqual([['dependabot[bot]', false]])
    expect(await gates('pull_request_target', "github.actor != 'dependabot[bot]'")).toEqual([])
    expect(await gates('push', "github.actor == 'dependabot[bot]'")).toEqual([])
  })
})

describe('what is called', () => {
  const reusable =
    'on: { workflow_call: { inputs: { text: { type: string } } } }\njobs: { x: { runs-on: y, steps: [ { run: "echo ${{ inputs.text }}" } ] } }\n'
  const caller = (text: string) =>
    `on: issues\njobs: { call: { uses: ./.github/workflows/r.yml, with: { text: "${text}" } } }\n`
  it('is judged by its callers', async () => {
    const bad = await judge({ [CI]: caller(title), '.github/workflows/r.yml': reusable })
    expect(bad(ciInjection).map(({ data }) => data)).toMatchObject([
      { audience: 'anybody', events: ['issues'], source: 'github.event.issue.title' },
    ])
    expect(bad(ciTakeover).map(({ data }) => [data.workflow, data.job])).toEqual([
      ['.github/workflows/r.yml', 'x'],
      [CI, 'call'],
    ])
    expect((await judge({ [CI]: caller('constant'), '.github/workflows/r.yml': reusable }))(ciInjection)).toEqual([])
  })
  it('by nobody that was seen is doubtful', async () => {
    expect(
      (await judge({ '.github/workflows/r.yml': reusable }))(ciInjection).map(({ data }) => data.audience),
    ).toEqual(['callers'])
  })
  it('as a composite action has what its steps are given', async () => {
    const action = 'runs: { using: composite, steps: [ { run: "echo ${{ inputs.text }}", shell: bash } ] }\n'
    const files = (text: string) => ({
      [CI]: workflow('issues', `      - uses: ./act\n        with: { text: "${text}" }\n`),
      'act/action.yml': action,
    })
    expect((await judge(files(title)))(ciInjection)).toHaveLength(1)
    expect((await judge(files('constant')))(ciInjection)).toEqual([])
  })
})

describe('code of strangers', () => {
  const old = 'actions/checkout@v4.3.0'
  const code = async (on: string, steps: string, job = '') =>
    (await judge(workflow(on, steps, job)))(ciUntrustedCode).map(({ data }) => data)
  const head = (uses: string, more = '') =>
    `      - uses: ${uses}\n        with: { ref: "\${{ github.event.pull_request.head.sha }}"${more} }\n`
  it('is run by what builds it', async () => {
    expect(await code('pull_request_target', `${head(old)}      - run: npm ci\n`)).toMatchObject([
      { executedBy: 'npm ci', powers: ['unknown'] },
    ])
    expect(await code('pull_request_target', `${head(old)}      - run: echo hello\n`)).toMatchObject([
      { executedBy: '' },
    ])
    expect(await code('pull_request', `${head(old)}      - run: npm ci\n`)).toEqual([])
  })
  it('is refused by newer versions of checkout, unless it is told to', async () => {
    expect(await code('pull_request_target', `${head('actions/checkout@v5')}      - run: make\n`)).toEqual([])
    expect(
      await code(
        'pull_request_target',
        `${head('actions/checkout@v5', ', allow-unsafe-pr-checkout: true')}      - run: make\n`,
      ),
    ).toHaveLength(1)
  })
  it('in a folder of its own is not what the build runs', async () => {
    const steps = `${head(old, ', path: theirs')}      - run: npm ci\n`
    expect(await code('pull_request_target', steps)).toMatchObject([{ executedBy: '' }])
    expect(
      await code('pull_request_target', `${head(old, ', path: theirs')}      - run: cd theirs && make\n`),
    ).toMatchObject([{ executedBy: expect.stringContaining('make') }])
  })
  it('by the name of a branch is nobody’s in this repository', async () => {
    const steps = `      - uses: ${old}\n        with: { ref: "\${{ github.head_ref }}" }\n      - run: make\n`
    expect(await code('pull_request_target', steps)).toEqual([])
  })
  it('comes by commands, too', async () => {
    expect(await code('issue_comment', '      - run: |\n          gh pr checkout 1\n          make\n')).toMatchObject([
      { executedBy: expect.stringContaining('make') },
    ])
  })
  it('comes after workflows that run for pull requests only', async () => {
    const steps =
      '      - uses: actions/download-artifact@v5\n        with: { run-id: "${{ github.event.workflow_run.id }}" }\n      - run: npm ci\n'
    const after = workflow('{ workflow_run: { workflows: [T] } }', steps)
    const first = (on: string) => `name: T\non: ${on}\njobs: {}\n`
    expect(
      (await judge({ [CI]: after, '.github/workflows/t.yml': first('pull_request') }))(ciUntrustedCode),
    ).toHaveLength(1)
    expect((await judge({ [CI]: after, '.github/workflows/t.yml': first('push') }))(ciUntrustedCode)).toEqual([])
  })
  it('sets variables of later steps', async () => {
    const write = (value: string) =>
      workflow(
        'issue_comment',
        `      - env: { B: "\${{ github.event.comment.${value} }}" }\n        run: echo "X=$B" >> $GITHUB_ENV\n`,
      )
    expect((await judge(write('body')))(ciEnvironmentInjection).map(({ data }) => [data.name, data.source])).toEqual([
      ['X', 'github.event.comment.body'],
    ])
    expect((await judge(write('id')))(ciEnvironmentInjection)).toEqual([])
    const safe = workflow('issue_comment', '      - run: echo "X=$(date)" >> $GITHUB_ENV\n')
    expect((await judge(safe))(ciEnvironmentInjection)).toEqual([])
  })
  it('and artifacts get the token that a checkout left', async () => {
    const left = async (steps: string, job: string) =>
      (await judge(workflow('push', steps, job)))(ciLeftToken).map(({ data, unknown }) => [
        data.form,
        data.mayWrite,
        unknown,
      ])
    const upload = (version: string) =>
      `      - uses: actions/checkout@${version}\n      - uses: actions/upload-artifact@v4\n        with: { path: ., include-hidden-files: true }\n`
    expect(await left(upload('v5'), '    permissions: { contents: write }\n')).toEqual([['artifact', true, []]])
    expect(await left(upload('v5'), '')).toEqual([['artifact', undefined, ['mayWrite']]])
    expect(await left(upload('v5'), '    permissions: { contents: read }\n')).toEqual([])
    expect(await left(upload('v6'), '    permissions: { contents: write }\n')).toEqual([])
    const build = '      - uses: actions/checkout@v6\n      - run: npm ci\n'
    expect(await left(build, '    permissions: { contents: write }\n')).toEqual([['build', true, []]])
    expect(await left(`${build}      - run: git push\n`, '    permissions: { contents: write }\n')).toEqual([])
  })
  it('runs on runners of the owner', async () => {
    const text = (on: string) => `on: ${on}\njobs: { a: { runs-on: [self-hosted], steps: [] } }\n`
    expect((await judge(text('pull_request')))(ciRunnerExposure).map(({ data }) => data.selfHosted)).toEqual([true])
    expect((await judge(text('push')))(ciRunnerExposure)).toEqual([])
  })
})
