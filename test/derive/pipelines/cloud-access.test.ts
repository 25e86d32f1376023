import { describe, expect, it } from 'vitest'
import { findCloudAccess } from '../../../src/derive/pipelines/cloud-access.ts'
import { iamRole, iamStatement } from '../../../src/facts/iam.ts'
import { iamPrivileged } from '../../../src/facts/iam-escalation.ts'
import { ciCloudAccess, sourceRepository } from '../../../src/facts/pipeline-cloud.ts'
import { type DataOf, type Fact, type FactKind, type Gap, isFact } from '../../../src/model.ts'
import { pipelineScanner } from '../../../src/scanners/pipelines/index.ts'
import { collect, memoryTree } from '../../support/context.ts'

/** A fact with the samples of its kind, but for what is named. */
function make<K extends FactKind>(kind: K, data: DataOf<K> = {}, scope = 'repo:.', unknown: string[] = []): Fact<K> {
  const samples = Object.entries(kind.fields).map(([name, [, , sample]]) => [name, sample])
  const values = Object.fromEntries(samples.filter(([name]) => !unknown.includes(name as string)))
  return { kind: kind.kind, scope, at: { resource: 'x' }, unknown, data: { ...values, ...data } as DataOf<K> }
}

const ISSUER = 'token.actions.githubusercontent.com'
const ACCOUNT = 'arn:aws:iam::123456789012'
const ROLE = `${ACCOUNT}:role/deploy`
const AWS = 'aws:123456789012'
const repository = make(sourceRepository)
const LOGIN = `uses: aws-actions/configure-aws-credentials@v5
        with: { role-to-assume: ${ROLE} }`

/** A role that is administrator and trusts tokens under these conditions (`OPERATOR|CLAIM|VALUE`). */
function role(
  conditions: readonly string[],
  arn = ROLE,
  data: DataOf<typeof iamStatement> = {},
  issuer = ISSUER,
): Fact[] {
  const statement = make(
    iamStatement,
    {
      policyKind: 'trust',
      policy: `${arn}#trust`,
      owner: arn,
      actions: ['sts:AssumeRoleWithWebIdentity'],
      principals: [`Federated:${ACCOUNT}:oidc-provider/${issuer}`],
      conditions: [
        `StringEquals|${issuer}:aud|sts.amazonaws.com`,
        ...conditions.map((each) => each.replace('|', `|${issuer}:`)),
      ],
      ...data,
    },
    AWS,
  )
  return [
    make(iamRole, { arn, name: arn.slice(arn.lastIndexOf('/') + 1) }, AWS),
    make(iamPrivileged, { principalArn: arn, principalKind: 'role' }, AWS),
    statement,
  ]
}
const subject = (value: string) => role([`StringLike|sub|${value}`])

interface Written {
  on?: string
  job?: string
  step?: string
  files?: Record<string, string>
}
async function derive(written: Written, others: readonly Fact[], repo: Fact = repository) {
  const { on = 'push', job = '', step = LOGIN, files = {} } = written
  const workflow = `name: Deploy
on: ${on}
permissions: { id-token: write }
jobs:
  deploy:
    runs-on: ubuntu-latest
    ${job}
    steps:
      - ${step}
`
  const trees = [memoryTree({ '.github/workflows/deploy.yml': workflow, ...files })]
  const { facts } = await collect(pipelineScanner, { trees })
  const derived = findCloudAccess.derive([...facts, repo, ...others], [] as Gap[], {
    trustedAccounts: [],
    breakGlassRoles: [],
  })
  return { gaps: derived.gaps, of: derived.facts.filter((each) => isFact(ciCloudAccess, each)) }
}

/** Whether the job gets the role. */
async function gets(written: Written, facts: readonly Fact[], repo?: Fact) {
  const { of } = await derive(written, facts, repo)
  const [first] = of
  return first?.unknown.includes('trusted') ? 'unknown' : first?.data.trusted
}

describe('subjects of tokens', () => {
  const MAIN = 'repo:acme/shop:ref:refs/heads/main'
  it.each([
    ['push', MAIN, true],
    ['{ push: { branches: [main] } }', MAIN, true],
    ['{ push: { branches: [release/**] } }', MAIN, false],
    ['{ push: { branches: ["**", "!main"] } }', MAIN, false],
    ['{ push: { branches-ignore: [main] } }', MAIN, false],
    ['{ push: { tags: ["v*"] } }', MAIN, false],
    ['{ push: { tags: ["v*"] } }', 'repo:acme/shop:ref:refs/tags/v*', true],
    ['{ push: { tags-ignore: ["v*"] } }', 'repo:acme/shop:ref:refs/tags/v1', false],
    ['{ push: { branches: [main] } }', 'repo:acme/shop:ref:refs/tags/v1', false],
    ['{ push: { branches: ["release/*"] } }', 'repo:acme/shop:ref:refs/heads/rel*', true],
    ['pull_request', MAIN, false],
    ['pull_request', 'repo:acme/shop:pull_request', true],
    ['pull_request', 'repo:acme/shop:ref:refs/pull/*', false],
    ['pull_request_review', 'repo:acme/shop:pull_request', true],
    ['pull_request_target', 'repo:acme/shop:*', true],
    ['pull_request_target', MAIN, 'unknown'],
    ['workflow_dispatch', MAIN, true],
    ['workflow_dispatch', 'repo:acme/shop:ref:refs/tags/v1', true],
    ['schedule', MAIN, true],
    ['schedule', 'repo:acme/shop:ref:refs/heads/develop', false],
    ['issue_comment', MAIN, true],
    ['workflow_run', MAIN, true],
    ['release', 'repo:acme/shop:ref:refs/tags/*', true],
    ['release', MAIN, false],
    ['merge_group', MAIN, false],
    ['merge_group', 'repo:acme/shop:ref:refs/heads/gh-readonly-queue/main/*', true],
    ['{ merge_group: { branches: [main] } }', 'repo:acme/shop:ref:refs/heads/gh-readonly-queue/next/*', false],
    ['push', 'repo:acme/other:*', false],
    ['push', 'repo:acme/shop-2:*', false],
    ['push', 'repo:acme/*', true],
    ['push', 'repo:Acme/Shop:ref:refs/heads/main', true],
    ['push', 'repo:acme/shop:ref:refs/heads/Main', true],
    ['{ push: { branches: [main] } }', 'repo:acme/shop:ref:refs/heads/Main', false],
    ['push', 'repo:acme@123/shop@456:ref:refs/heads/main', true],
    ['push', 'repo:acme@123/other@456:ref:refs/heads/main', false],
    ['push', 'repo:acme@*/shop@*:ref:refs/heads/main', true],
  ])('of %s and a trust in %s: %s', async (on, trust, expected) => {
    expect(await gets({ on }, subject(trust))).toBe(expected)
  })

  it.each([
    ['environment: prod', 'repo:acme/shop:environment:prod', true],
    ['environment: { name: prod }', 'repo:acme/shop:environment:prod', true],
    ['environment: prod', MAIN, false],
    ['environment: prod', 'repo:acme/shop:environment:stage', false],
    ['environment: "a:b"', 'repo:acme/shop:environment:a%3Ab', true],
    ['environment: "${{ inputs.env }}"', 'repo:acme/shop:environment:prod', 'unknown'],
    ['environment: "${{ inputs.env }}"', 'repo:acme/other:environment:prod', false],
  ])('take the environment for the ref: %s, %s: %s', async (job, trust, expected) => {
    expect(await gets({ job }, subject(trust))).toBe(expected)
  })

  it.each([
    ["if: github.event_name == 'push'", undefined],
    ["if: github.event_name != 'push'", true],
    ["if: ${{ github.event_name == 'pull_request' && github.actor == 'amy' }}", true],
    ["if: github.ref == 'refs/heads/main'", undefined],
    ["if: startsWith(github.ref, 'refs/tags/') || github.event_name == 'push'", undefined],
    ["if: github.ref == 'refs/heads/main' || inputs.force", true],
    ['if: always()', true],
  ])('are those of events that the condition lets through: %s', async (job, expected) => {
    expect(await gets({ on: 'pull_request', job }, subject('repo:acme/shop:*'))).toBe(expected)
  })
  it('are none of a job that waits for one that does not run', async () => {
    const files = {
      '.github/workflows/deploy.yml': `on: [push, pull_request]
permissions: { id-token: write }
jobs:
  test: { runs-on: x, if: github.event_name == 'push', steps: [] }
  deploy:
    runs-on: x
    needs: [test]
    steps:
      - ${LOGIN}
`,
    }
    const { of } = await derive({ files }, subject('repo:acme/shop:*'))
    expect(of[0]?.data.events).toEqual(['push'])
  })

  it('need a permission that nobody has by default', async () => {
    expect(await gets({ job: 'permissions: { contents: read }' }, subject('repo:acme/shop:*'))).toBeUndefined()
  })
  it('of a repository that is not known stay open, where the trust names one', async () => {
    const unknown = make(sourceRepository, {}, 'repo:.', ['host', 'owner', 'name'])
    expect(await gets({}, subject('repo:acme/shop:*'), unknown)).toBe('unknown')
    const { gaps } = await derive({}, subject('repo:acme/shop:*'), unknown)
    expect(gaps).toMatchObject([{ class: 'limit', reason: 'repository not told' }])
  })
})

describe('conditions of a trust', () => {
  const ANY = 'StringLike|sub|repo:acme/shop:*'
  it.each([
    [['StringEquals|sub|repo:acme/shop:*'], false],
    [[], true],
    [[ANY, 'StringEquals|ref|refs/heads/main'], true],
    [[ANY, 'StringEquals|repository|acme/other'], false],
    [[ANY, 'StringLike|job_workflow_ref|acme/shop/.github/workflows/deploy.yml@*'], true],
    [[ANY, 'StringLike|job_workflow_ref|acme/shop/.github/workflows/other.yml@*'], false],
    [[ANY, 'StringEquals|job_workflow_ref|acme/shop/.github/workflows/deploy.yml@refs/heads/main'], true],
    [[ANY, 'StringEquals|job_workflow_ref|acme/shop/.github/workflows/deploy.yml@refs/tags/v1'], true],
    [[ANY, 'StringEquals|environment|prod'], false],
    [[ANY, 'StringEqualsIfExists|environment|prod'], true],
    [[ANY, 'StringEquals|workflow|Deploy'], true],
    [[ANY, 'StringEquals|workflow|Release'], false],
    [[ANY, 'StringEquals|actor|amy'], 'unknown'],
    [[ANY, 'StringEquals|repository_owner|acme'], 'unknown'],
    [[ANY, 'StringNotLike|sub|repo:acme/shop:pull_request'], true],
    [['StringLike|sub|repo:${var.repository}:*'], 'unknown'],
    [['StringLike|sub|repo:acme/${var.other}:ref:refs/heads/main'], 'unknown'],
    [['StringLike|sub|repo:other/${var.name}:*'], false],
  ] as [string[], boolean | string][])('%j: %s', async (conditions, expected) => {
    expect(await gets({}, role(conditions))).toBe(expected)
  })
  it('leave it open beside a Deny, and where they are on an address', async () => {
    const deny = role([], ROLE, { effect: 'Deny', policy: 'x' }).slice(2)
    expect(await gets({}, [...role([ANY]), ...deny])).toBe('unknown')
    const [own, privileged, statement] = role([ANY])
    const conditions = [
      ...((statement?.data as DataOf<typeof iamStatement> | undefined)?.conditions ?? []),
      'IpAddress|aws:SourceIp|10.0.0.0/8',
    ]
    const elsewhere = { ...statement, data: { ...statement?.data, conditions } } as Fact
    expect(await gets({}, [own, privileged, elsewhere] as Fact[])).toBe('unknown')
  })
  it('of another issuer let nobody of this host in', async () => {
    expect(await gets({}, role([ANY], ROLE, {}, 'gitlab.com'))).toBe(false)
    expect(await gets({}, role([ANY], ROLE, {}, 'token.actions.githubusercontent.com/acme'))).toBe(true)
    expect(await gets({}, role([ANY], ROLE, {}, 'git.acme.example/_services/token'))).toBe(false)
    const server = make(sourceRepository, { host: 'git.acme.example' })
    expect(await gets({}, role([ANY], ROLE, {}, 'git.acme.example/_services/token'), server)).toBe(true)
  })
})

describe('who can have such a token made', () => {
  it.each([
    ['repo:acme/shop:*', '', 'any-branch'],
    ['repo:acme/shop:ref:refs/heads/*', '', 'any-branch'],
    ['repo:acme/shop:environment:*', 'environment: prod', 'any-branch'],
    ['repo:acme/shop:environment:prod', 'environment: prod', 'environment'],
    ['repo:acme/shop:ref:refs/heads/main', '', 'branch'],
    ['repo:acme/shop:ref:refs/tags/v*', '', 'tag'],
  ])('%s %s: %s', async (trust, job, expected) => {
    expect((await derive({ job }, subject(trust))).of[0]?.data.reach).toBe(expected)
  })
  it('is everybody who may push, though only this workflow asks on pull requests', async () => {
    const { of } = await derive({ on: 'pull_request' }, subject('repo:acme/shop:pull_request'))
    expect(of[0]?.data).toMatchObject({ reach: 'any-branch', events: ['pull_request'], trusted: true })
  })
})

describe('the role of a step', () => {
  const trusting = subject('repo:acme/shop:ref:refs/heads/main')
  const step = (value: string) => `uses: aws-actions/configure-aws-credentials@v5
        with: { role-to-assume: "${value}" }`
  it('is told by its name where the account is a variable', async () => {
    const { of } = await derive({ step: step('arn:aws:iam::${{ vars.ACCOUNT }}:role/deploy') }, trusting)
    expect(of[0]?.data).toMatchObject({ identity: ROLE, via: 'login', trusted: true })
  })
  it('is one that lets the job in, where only a run knows it', async () => {
    const other = role(['StringLike|sub|repo:acme/other:*'], `${ACCOUNT}:role/other`)
    const { of } = await derive({ step: step('${{ secrets.ROLE }}') }, [...trusting, ...other])
    expect(of.map(({ data }) => data.identity)).toEqual([ROLE])
    expect(of[0]?.data.assumptions).toContain('secrets.role stands for deploy, which lets the job in')
  })
  it('stays open where none was seen that lets the job in', async () => {
    const { of, gaps } = await derive({ step: step('${{ secrets.ROLE }}') }, subject('repo:acme/other:*'))
    expect(of[0]?.unknown).toEqual(expect.arrayContaining(['identity', 'trusted', 'privileged']))
    expect(gaps).toMatchObject([{ class: 'limit', reason: 'role of a pipeline not seen' }])
  })
  it('need not be named by a step', async () => {
    const { of } = await derive({ step: 'run: make' }, trusting)
    expect(of.map(({ data }) => [data.identity, data.via])).toEqual([[ROLE, 'trust']])
  })
  it('may come from a composite action of the repository', async () => {
    const files = {
      'ci/login/action.yml': `name: x
runs:
  using: composite
  steps:
    - uses: aws-actions/configure-aws-credentials@v5
      with: { role-to-assume: ${ROLE} }
`,
    }
    const { of } = await derive({ step: 'uses: ./ci/login', files }, trusting)
    expect(of[0]?.data).toMatchObject({ job: 'deploy', via: 'login', identity: ROLE })
  })
})

describe('a reusable workflow', () => {
  const called = (permissions: string) => `on: workflow_call
jobs:
  roll:
    runs-on: ubuntu-latest
    ${permissions}
    steps:
      - ${LOGIN}
`
  const calling = (permissions: string) => `on: { push: { branches: [main] } }
${permissions}
jobs:
  go: { uses: ./.github/workflows/roll.yml }
`
  const files = (caller: string, callee: string) => ({
    '.github/workflows/deploy.yml': calling(caller),
    '.github/workflows/roll.yml': called(callee),
  })
  const GIVE = 'permissions: { id-token: write }'
  it.each([
    [GIVE, '', true],
    [GIVE, GIVE, true],
    [GIVE, 'permissions: { contents: read }', undefined],
    ['', GIVE, undefined],
  ])('has a token if both sides give it: %j, %j', async (caller, callee, expected) => {
    const { of } = await derive({ files: files(caller, callee) }, subject('repo:acme/shop:ref:refs/heads/main'))
    expect(of[0]?.data.trusted).toBe(expected)
  })
  it('is named by job_workflow_ref, the caller’s ref by the subject', async () => {
    const trust = (file: string) =>
      role([
        'StringEquals|sub|repo:acme/shop:ref:refs/heads/main',
        `StringLike|job_workflow_ref|acme/shop/.github/workflows/${file}@*`,
      ])
    expect(await gets({ files: files(GIVE, '') }, trust('roll.yml'))).toBe(true)
    expect(await gets({ files: files(GIVE, '') }, trust('deploy.yml'))).toBe(false)
  })
})

it('of other clouds is named, and its trust is a gap', async () => {
  const step = `uses: azure/login@v2
        with: { client-id: 11111111-1111-1111-1111-111111111111, tenant-id: x }`
  const { of, gaps } = await derive({ step }, [])
  expect(of[0]?.data).toMatchObject({ provider: 'azure', identity: '11111111-1111-1111-1111-111111111111' })
  expect(of[0]?.unknown).toContain('trusted')
  expect(gaps).toMatchObject([{ class: 'limit', reason: 'trust in Azure not evaluated' }])
})
