import { describe, expect, it } from 'vitest'
import { findSharedSecrets } from '../../../src/derive/pipelines/shared-secrets.ts'
import { ciAppToken } from '../../../src/facts/pipeline-rights.ts'
import {
  ciCloudCredential,
  ciSecretExposure,
  ciSecretInheritance,
  ciSecretUse,
  ciSharedSecret,
} from '../../../src/facts/pipeline-secrets.ts'
import { isFact } from '../../../src/model.ts'
import { pipelineScanner } from '../../../src/scanners/pipelines/index.ts'
import { collect, memoryTree } from '../../support/context.ts'

const scan = (text: string) => collect(pipelineScanner, { trees: [memoryTree({ '.github/workflows/x.yml': text })] })
const step = (written: string) => `on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - ${written}\n`

async function exposed(written: string) {
  return (await scan(step(written))).of(ciSecretExposure).map(({ data }) => `${data.how} ${data.secret}`)
}

describe('a secret is exposed', () => {
  const cases: [name: string, step: string, found: string[]][] = [
    ['with all others', "{ run: x, env: { ALL: '${{ toJSON(secrets) }}' } }", ['all *']],
    ['where only a run knows which', "{ uses: a/b@v1, with: { t: '${{ secrets[matrix.t] }}' } }", ['dynamic ?']],
    ['in parts', 'run: deploy ${{ fromJSON(secrets.conf).user }}', ['part CONF']],
    ['by echo', "{ run: 'echo \"$T\"', env: { T: '${{ secrets.TOKEN }}' } }", ['printed TOKEN']],
    ['encoded', "{ run: 'echo $T | base64', env: { T: '${{ secrets.TOKEN }}' } }", ['encoded TOKEN']],
    [
      'as an output',
      "{ run: 'echo \"t=${T}\" >> $GITHUB_OUTPUT', env: { T: '${{ secrets.TOKEN }}' } }",
      ['output TOKEN'],
    ],
    ['by a trace', '{ run: "set -x\\ncurl -H $T x", env: { T: \'${{ secrets.TOKEN }}\' } }', ['traced TOKEN']],
  ]
  for (const [name, written, found] of cases) it(name, async () => expect(await exposed(written)).toEqual(found))
})

describe('a secret is only used', () => {
  const cases: [name: string, step: string][] = [
    ['by a login', "{ run: 'echo $T | docker login --password-stdin', env: { T: '${{ secrets.TOKEN }}' } }"],
    ['for a file', "{ run: 'echo $T | base64 -d > key', env: { T: '${{ secrets.TOKEN }}' } }"],
    ['for a file of npm', "{ run: 'echo \"//r/:_authToken=$T\" >> ~/.npmrc', env: { T: '${{ secrets.TOKEN }}' } }"],
    ['encoded into a file', "{ run: 'echo $T | base64 > f', env: { T: '${{ secrets.TOKEN }}' } }"],
    ['by a question', 'run: echo "has it ${{ secrets.TOKEN != \'\' }}"'],
    ['by its length', "{ run: 'echo ${#T} ${T:+set}', env: { T: '${{ secrets.TOKEN }}' } }"],
    ['to be masked', "{ run: 'echo \"::add-mask::$T\"', env: { T: '${{ secrets.TOKEN }}' } }"],
    ['as an argument', 'run: deploy --token ${{ secrets.TOKEN }}'],
    ['as a name', 'run: echo ${{ secrets.DOCKER_USERNAME }}'],
  ]
  for (const [name, written] of cases) it(name, async () => expect(await exposed(written)).toEqual([]))
})

describe('secrets of a workflow', () => {
  it('are told with the steps that name them', async () => {
    const { of } = await scan(
      "on: push\nenv: { T: '${{ secrets.NPM_TOKEN }}', G: '${{ secrets.GITHUB_TOKEN }}' }\njobs:\n  a:\n    steps: [{ run: 'x $T' }, { run: y }, { run: z }]\n",
    )
    expect(of(ciSecretUse).map(({ data }) => data)).toMatchObject([
      { secret: 'NPM_TOKEN', job: '', place: 'env', name: 'T', readers: 1, steps: 3, credential: true },
    ])
  })
  it('are inherited by a workflow of others or of the same repository', async () => {
    const { of } = await scan(
      'on: push\njobs:\n  a: { uses: o/r/.github/workflows/x.yml@v1, secrets: inherit }\n  b: { uses: ./.github/workflows/y.yml, secrets: inherit }\n  c: { uses: $/.github/workflows/y.yml, secrets: inherit }\n',
    )
    expect(of(ciSecretInheritance).map(({ data }) => data.local)).toEqual([false, true, true])
  })
})

describe('keys of clouds', () => {
  const clouds = async (written: string) =>
    (await scan(step(written))).of(ciCloudCredential).map(({ data }) => [data.cloud, ...(data.secrets ?? [])])
  it('are seen in inputs and variables', async () => {
    expect(
      await clouds(
        "{ uses: aws-actions/configure-aws-credentials@v5, with: { aws-access-key-id: '${{ secrets.ID }}', aws-secret-access-key: '${{ secrets.K }}' } }",
      ),
    ).toEqual([['AWS', 'ID', 'K']])
    expect(await clouds("{ run: terraform apply, env: { ARM_CLIENT_SECRET: '${{ secrets.AZ }}' } }")).toEqual([
      ['Azure', 'AZ'],
    ])
    expect(await clouds("{ uses: azure/login@v2, with: { creds: '${{ secrets.AZ }}' } }")).toEqual([['Azure', 'AZ']])
    expect(
      await clouds("{ uses: google-github-actions/auth@v3, with: { credentials_json: '${{ secrets.G }}' } }"),
    ).toEqual([['Google Cloud', 'G']])
  })
  it('are not roles, and not keys of storage that has no OpenID Connect', async () => {
    expect(
      await clouds(
        "{ uses: aws-actions/configure-aws-credentials@v5, with: { role-to-assume: '${{ secrets.ROLE }}' } }",
      ),
    ).toEqual([])
    expect(await clouds("{ run: x, env: { AWS_SECRET_ACCESS_KEY: '${{ secrets.R2_SECRET }}' } }")).toEqual([])
    expect(await clouds("{ run: x, env: { AWS_SECRET_ACCESS_KEY: '${{ steps.login.outputs.key }}' } }")).toEqual([])
  })
})

describe('secrets in the variables of all steps', () => {
  const shared = async (text: string) => {
    const { facts } = await collect(pipelineScanner, { trees: [memoryTree({ '.github/workflows/x.yml': text })] })
    const derived = findSharedSecrets.derive(facts, [], { trustedAccounts: [], breakGlassRoles: [] })
    return derived.facts.filter((each) => isFact(ciSharedSecret, each)).map(({ data }) => data)
  }
  const workflow = (...steps: string[]) =>
    `on: push\nenv: { A: '\${{ secrets.A_TOKEN }}', B: '\${{ secrets.B_TOKEN }}', D: '\${{ secrets.ACTIONS_STEP_DEBUG }}' }\njobs:\n  a:\n    steps:\n${steps.map((each) => `      - ${each}\n`).join('')}`
  it('are one for each place', async () => {
    const [found, ...others] = await shared(workflow('run: make $A', 'run: x', 'run: y', 'run: z'))
    expect(others).toEqual([])
    expect(found).toMatchObject({ job: '', secrets: ['A_TOKEN', 'B_TOKEN'], steps: 4, likely: true })
    expect(found?.inWords).toBe('A_TOKEN (1 of them names it), B_TOKEN (0 of them name it)')
  })
  it('may be read by actions of the repository', async () => {
    const [found] = await shared(workflow('uses: ./build', 'uses: ./test', 'run: x'))
    expect(found).toMatchObject({ likely: false })
    expect(found?.inWords).toContain('A_TOKEN (0 of them name it, 2 may read it)')
  })
})

describe('a secret that is named at run time', () => {
  it('is told once for a job', async () => {
    const step = "      - { run: x, env: { T: '${{ secrets[env.NAME] }}' } }\n"
    const { of } = await collect(pipelineScanner, {
      trees: [
        memoryTree({
          '.github/workflows/x.yml': `on: push\njobs:\n  a:\n    steps:\n${step}${step}  b:\n    steps:\n${step}`,
        }),
      ],
    })
    expect(of(ciSecretExposure).map(({ data }) => [data.job, data.how])).toEqual([
      ['a', 'dynamic'],
      ['b', 'dynamic'],
    ])
  })
})

describe('a token of an App', () => {
  it('is what the inputs say', async () => {
    const tokens = [
      'uses: actions/create-github-app-token@v2',
      '{ uses: actions/create-github-app-token@v2, with: { permission-contents: read } }',
      '{ uses: actions/create-github-app-token@v2, with: { owner: acme } }',
      '{ uses: Actions/Create-GitHub-App-Token@v2, with: { owner: acme, repositories: shop } }',
      "{ uses: tibdex/github-app-token@v2, with: { permissions: '{}' } }",
    ]
    const { of } = await collect(pipelineScanner, {
      trees: [
        memoryTree({
          '.github/workflows/x.yml': `on: push\njobs:\n  a:\n    steps:\n${tokens.map((each) => `      - ${each}\n`).join('')}`,
        }),
      ],
    })
    expect(of(ciAppToken).map(({ data }) => [data.scoped, data.repositories])).toEqual([
      [false, 'own'],
      [true, 'own'],
      [false, 'all'],
      [false, 'named'],
      [true, 'own'],
    ])
  })
})
