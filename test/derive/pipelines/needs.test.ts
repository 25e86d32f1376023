import { applyPatch } from 'diff'
import { describe, expect, it } from 'vitest'
import { proposePermissions } from '../../../src/derive/pipelines/needs.ts'
import { githubRepository } from '../../../src/facts/github-repository.ts'
import { githubActionsPolicy } from '../../../src/facts/github-settings.ts'
import { sourceRepository } from '../../../src/facts/pipeline-cloud.ts'
import { ciPermissionProposal } from '../../../src/facts/pipeline-rights.ts'
import { type DataOf, type Fact, type FactKind, fact, isFact, type Seen } from '../../../src/model.ts'
import { pipelineScanner } from '../../../src/scanners/pipelines/index.ts'
import { collect, memoryTree } from '../../support/context.ts'

const PATH = '.github/workflows/x.yml'

async function propose(files: string | Record<string, string>) {
  const tree = typeof files === 'string' ? { [PATH]: files } : files
  const seen = await collect(pipelineScanner, { trees: [memoryTree(tree)] })
  const { facts, gaps } = proposePermissions.derive(seen.facts, seen.gaps, { trustedAccounts: [], breakGlassRoles: [] })
  const all = facts.filter((each) => isFact(ciPermissionProposal, each))
  return { all, gaps, of: (job: string) => all.find(({ data }) => data.job === job && data.workflow === PATH) }
}
/** A job with permissions and steps. */
const job = (permissions: string, ...steps: string[]) =>
  `on: push\njobs:\n  a:\n    permissions: ${permissions}\n    runs-on: ubuntu-latest\n    steps:\n${steps.map((step) => `      - ${step}\n`).join('')}`

describe('what is said of rights', () => {
  it('is said once for all that it holds for', async () => {
    const { of } = await propose(
      job('{ contents: write, issues: write, checks: write }', 'uses: actions/checkout@v5', 'run: npm test'),
    )
    expect(of('a')?.data.inWords).toBe(
      'job a contents: write, which no step needs (reading is enough); issues: write and checks: write, which no step needs',
    )
  })
})

describe('what a job needs', () => {
  const needed: [name: string, steps: string[], needed: string[]][] = [
    ['a checkout', ['uses: actions/checkout@v5'], ['contents: read']],
    ['a push with what checkout left', ['uses: actions/checkout@v5', 'run: git push'], ['contents: write']],
    [
      'a push with a key',
      ["{ uses: actions/checkout@v5, with: { ssh-key: '${{ secrets.K }}' } }", 'run: git push'],
      ['contents: read'],
    ],
    ['a release', ['{ uses: softprops/action-gh-release@v2, with: { files: x } }'], ['contents: write']],
    [
      'a release with another token',
      ["{ uses: softprops/action-gh-release@v2, with: { token: '${{ secrets.PAT }}' } }"],
      [],
    ],
    [
      'a comment',
      ["{ run: gh pr comment 1 -b x, env: { GH_TOKEN: '${{ github.token }}' } }"],
      ['pull-requests: write'],
    ],
    ['a comment with another token', ["{ run: gh pr comment 1 -b x, env: { GH_TOKEN: '${{ secrets.PAT }}' } }"], []],
    [
      'a call',
      [
        "{ run: 'gh api repos/${{ github.repository }}/statuses/x -f state=success', env: { GH_TOKEN: '${{ github.token }}' } }",
      ],
      ['statuses: write'],
    ],
    [
      'a call by curl',
      [
        "{ run: 'curl -H \"Authorization: Bearer $T\" https://api.github.com/repos/$GITHUB_REPOSITORY/pulls/1', env: { T: '${{ secrets.GITHUB_TOKEN }}' } }",
      ],
      ['pull-requests: read'],
    ],
    [
      'Octokit',
      ['{ uses: actions/github-script@v8, with: { script: \'await github.rest.checks.create({ name: "x" })\' } }'],
      ['checks: write'],
    ],
    ['AWS', ['{ uses: aws-actions/configure-aws-credentials@v5, with: { role-to-assume: x } }'], ['id-token: write']],
    ['AWS by key', ['{ uses: aws-actions/configure-aws-credentials@v5, with: { aws-access-key-id: x } }'], []],
    [
      'a registry',
      ["{ uses: docker/login-action@v3, with: { registry: ghcr.io, password: '${{ github.token }}' } }"],
      ['packages: write'],
    ],
    [
      'another registry',
      ["{ uses: docker/login-action@v3, with: { registry: quay.io, password: '${{ secrets.Q }}' } }"],
      [],
    ],
    ['keyless signing', ['run: cosign sign --yes x'], ['id-token: write']],
  ]
  for (const [name, steps, expected] of needed) {
    it(`is seen: ${name}`, async () => {
      const { of } = await propose(job('{}', ...steps))
      expect(of('a')?.unknown).toEqual([])
      expect(of('a')?.data.needed).toEqual(expected)
    })
  }
  it('is open beside an action that is not known, with the reason', async () => {
    const { of, gaps } = await propose(job('{ issues: write }', 'uses: acme/odd@v1'))
    expect(of('a')?.unknown).toEqual(['needed', 'excessive'])
    expect(gaps).toMatchObject([
      { class: 'limit', detail: expect.stringContaining('job a: it is not known what acme/odd needs') },
    ])
  })
  it('names a long command by whole words', async () => {
    const run = 'run: make release NAME=a-name-that-is-long CHANNEL=a-channel-that-is-long'
    const { gaps } = await propose(job('{ contents: write }', 'uses: actions/checkout@v5', run))
    expect(gaps.map(({ detail }) => detail.replace(/^.*job a: /, ''))).toEqual([
      'it is not known whether `make release NAME=a-name-that-is-long …` publishes or pushes',
    ])
  })
  it('is open where a script has the token, and for a release script without it', async () => {
    const token = await propose(job('{ issues: write }', "{ run: ./x.sh, env: { T: '${{ github.token }}' } }"))
    expect(token.of('a')?.unknown).toContain('excessive')
    const release = await propose(
      job('{ contents: write, issues: write }', 'uses: actions/checkout@v5', 'run: make release'),
    )
    expect(release.of('a')?.data).toMatchObject({ excessive: true, excess: ['issues: write'] })
    const test = await propose(job('{ contents: write }', 'uses: actions/checkout@v5', 'run: make test'))
    expect(test.of('a')?.data).toMatchObject({ excessive: true, assumed: true })
  })
  it('is what a composite action of the tree needs, and what a called workflow asks for', async () => {
    const { of } = await propose({
      [PATH]:
        'on: push\njobs:\n  a:\n    permissions: { contents: write }\n    steps: [{ uses: ./tools/x }]\n  b:\n    permissions: { pages: write }\n    uses: ./.github/workflows/called.yml\n',
      'tools/x/action.yml': 'runs:\n  using: composite\n  steps:\n    - { uses: actions/labeler@v6 }\n',
      '.github/workflows/called.yml':
        'on: workflow_call\njobs:\n  c:\n    permissions: { packages: read }\n    steps: [{ run: ls }]\n',
    })
    expect(of('a')?.data).toMatchObject({
      needed: ['contents: read', 'pull-requests: write'],
      excess: ['contents: write'],
    })
    expect(of('b')?.data).toMatchObject({ needed: ['packages: read'], excess: ['pages: write'] })
  })
  it('does not go in circles', async () => {
    const { of } = await propose(
      'on: workflow_call\njobs:\n  a:\n    permissions: { pages: write }\n    uses: ./.github/workflows/x.yml\n',
    )
    expect(of('a')?.data.job).toBe('a')
  })
})

describe('the smallest block', () => {
  it('keeps comments, order and indent of what stays', async () => {
    const text =
      'on: push\njobs:\n  a:\n      permissions:\n          issues: write # old\n          contents: write # for the tag\n      steps:\n        - uses: actions/checkout@v5\n'
    const { of } = await propose(text)
    expect(applyPatch(text, of('a')?.data.fix ?? '')).toBe(
      'on: push\njobs:\n  a:\n      permissions:\n          contents: read # for the tag\n      steps:\n        - uses: actions/checkout@v5\n',
    )
  })
  it('is written where none was, with the line ends of the file', async () => {
    const text = 'on: push\r\njobs:\r\n  a:\r\n    steps:\r\n      - uses: actions/checkout@v5\r\n'
    const { of } = await propose(text)
    expect(of('')?.data).toMatchObject({ form: 'absent', jobs: ['a'] })
    expect(applyPatch(text, of('')?.data.fix ?? '')).toBe(
      'on: push\r\npermissions:\r\n  contents: read\r\n\r\njobs:\r\n  a:\r\n    steps:\r\n      - uses: actions/checkout@v5\r\n',
    )
  })
  it('moves what one of several jobs needs to that job', async () => {
    const text =
      'on: push\npermissions: write-all # all\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v5\n  b:\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v5\n      - run: git push\n'
    const { of } = await propose(text)
    expect(applyPatch(text, of('')?.data.fix ?? '')).toBe(
      'on: push\npermissions: # all\n  contents: read\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v5\n  b:\n    permissions:\n      contents: write\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v5\n      - run: git push\n',
    )
  })
  it('is not written into flow maps or over what an alias brings', async () => {
    const flow = await propose('on: push\njobs: { a: { steps: [{ run: ls }] } }\n')
    expect(flow.of('')?.data.suggested).toBe('permissions: {}')
    const braces = 'on: push\njobs:\n  a:\n    permissions: {\n      issues: write\n    }\n    steps: [{ run: ls }]\n'
    const { of } = await propose(braces)
    expect(applyPatch(braces, of('a')?.data.fix ?? '')).toBe(
      'on: push\njobs:\n  a:\n    permissions: {}\n    steps: [{ run: ls }]\n',
    )
  })
  it('tells which jobs do not need what the workflow gives', async () => {
    const { of } = await propose(
      'on: push\npermissions: { contents: write }\njobs:\n  a:\n    steps: [{ uses: actions/checkout@v5 }]\n  b:\n    steps: [{ uses: actions/checkout@v5 }, { run: git push }]\n',
    )
    expect(of('')?.data).toMatchObject({ excessive: true, excess: [], misplaced: ['contents: write'] })
    expect(of('')?.data.inWords).toContain('which a does not need (reading is enough)')
  })
  it('is silent on reading', async () => {
    const { of } = await propose(job('{ contents: read, actions: read }', 'run: ls'))
    expect(of('a')?.data).toMatchObject({ excessive: false, excess: ['contents: read', 'actions: read'] })
  })
})

/** A fact's data by the samples of its kind. */
const sampleOf = <K extends FactKind>(kind: K) =>
  Object.fromEntries(Object.entries(kind.fields).map(([name, [, , sample]]) => [name, sample])) as Required<DataOf<K>>

describe('what the settings give where nothing is written', () => {
  const shop = fact(
    sourceRepository,
    'repo:.',
    { file: '.' },
    { tree: 'repo:.', host: 'github.com', owner: 'Acme', name: 'shop', from: 'origin' },
  )
  const policy = (values: Partial<Seen<typeof githubActionsPolicy>>) =>
    fact(
      githubActionsPolicy,
      'github:acme',
      { resource: 'github://acme' },
      { ...sampleOf(githubActionsPolicy), ...values },
    )
  const repository = (fullName: string, defaultTokenPermission: string) =>
    fact(
      githubRepository,
      'github:acme',
      { resource: 'github://acme/shop' },
      { ...sampleOf(githubRepository), fullName, defaultTokenPermission },
    )
  const given = async (...settings: Fact[]) => {
    const seen = await collect(pipelineScanner, {
      trees: [memoryTree({ [PATH]: 'on: push\njobs: { a: { runs-on: x, steps: [{ run: make }] } }\n' })],
    })
    const { facts } = proposePermissions.derive([...seen.facts, ...settings], [], {
      trustedAccounts: [],
      breakGlassRoles: [],
    })
    return facts.filter((each) => isFact(ciPermissionProposal, each)).map(({ data }) => data.tokenDefault)
  }
  it('is that of the repository which the folder is', async () => {
    expect(await given(shop, repository('acme/shop', 'read'))).toEqual(['read'])
    expect(await given(shop, repository('acme/shop', 'write'))).toEqual(['write'])
    expect(await given(shop, policy({ holder: 'acme/shop', defaultTokenPermission: 'read' }))).toEqual(['read'])
  })
  it('is that of the organisation where it gives reading only', async () => {
    const organization = (defaultTokenPermission: string) =>
      policy({ holder: 'acme', level: 'organization', defaultTokenPermission })
    expect(await given(shop, organization('read'))).toEqual(['read'])
    expect(await given(shop, organization('write'))).toEqual([''])
  })
  it('is not that of another repository, nor of none', async () => {
    expect(await given(shop, repository('acme/other', 'read'))).toEqual([''])
    expect(await given(repository('acme/shop', 'read'))).toEqual([''])
    expect(await given(shop)).toEqual([''])
  })
})
