import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  IAMClient,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { run } from '../support/program.ts'
import type { Folder } from '../support/repository.ts'
import { deployingRepository } from '../support/workflows.ts'
import { liveOrSkip } from './servers/installed.ts'
import { type MotoServer, startMoto } from './servers/moto.ts'

// Read when the SDK is loaded.
vi.hoisted(() => {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
})

const ACCOUNT = '123456789012'
const ISSUER = 'token.actions.githubusercontent.com'
const CHAIN = 'chain/workflow-to-cloud-admin'
const ENV = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: 'eu-west-1',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
}
const document = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
const trusting = (operator: string, subject: string) =>
  document({
    Effect: 'Allow',
    Action: 'sts:AssumeRoleWithWebIdentity',
    Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER}` },
    Condition: { StringEquals: { [`${ISSUER}:aud`]: 'sts.amazonaws.com' }, [operator]: { [`${ISSUER}:sub`]: subject } },
  })

liveOrSkip('a workflow and a role of an account (moto)', ['moto'], () => {
  let moto: MotoServer
  let iam: IAMClient
  beforeAll(async () => {
    moto = await startMoto()
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    iam = new IAMClient({ endpoint: moto.url, region: 'eu-west-1', credentials })
    const everything = document({ Effect: 'Allow', Action: '*', Resource: '*' })
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'everything', PolicyDocument: everything }))
    const AssumeRolePolicyDocument = trusting('StringLike', 'repo:acme/shop:*')
    await iam.send(new CreateRoleCommand({ RoleName: 'deploy', AssumeRolePolicyDocument }))
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'deploy', PolicyArn: Policy?.Arn ?? '' }))
  })
  afterAll(() => moto?.stop())

  const trust = (operator: string, subject: string) =>
    iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'deploy', PolicyDocument: trusting(operator, subject) }))

  interface Judged {
    readonly code: number
    readonly findings: readonly { severity: string; message: string }[]
    readonly undetermined: readonly { rule: string }[]
  }
  async function judge(folder: Folder): Promise<Judged> {
    const args = [
      '--only',
      CHAIN,
      '--aws',
      '--aws-endpoint',
      moto.url,
      '--format',
      'json',
      '--no-progress',
      folder.path,
    ]
    const { code, stdout } = await run(args, { env: ENV })
    return { code, ...(JSON.parse(stdout) as Omit<Judged, 'code'>) }
  }
  const literal = () => deployingRepository({ role: `arn:aws:iam::${ACCOUNT}:role/deploy` })
  const messages = ({ findings }: Judged) => findings.map(({ severity, message }) => `${severity} ${message}`)

  it('leads from the push to the administrator', async () => {
    await trust('StringLike', 'repo:acme/shop:*')
    const report = await judge(literal())
    expect(messages(report)).toEqual([
      'critical .github/workflows/deploy.yml, job deploy (push to main) → AWS role deploy, which is administrator by everything; it takes tokens of whoever may push a branch',
    ])
    expect(report.code).toBe(1)
  })

  it('finds the role that a secret names by the trust that lets the job in', async () => {
    const report = await judge(deployingRepository({ role: '${{ secrets.AWS_ROLE }}' }))
    expect(messages(report)).toHaveLength(1)
    expect(JSON.stringify(report.findings)).toContain('secrets.aws_role stands for deploy, which lets the job in')
  })

  it.each([
    ['StringEquals', 'repo:acme/shop:environment:production'],
    ['StringEquals', 'repo:acme/other:ref:refs/heads/main'],
    // Without Like an asterisk is an asterisk: nobody gets in.
    ['StringEquals', 'repo:acme/shop:*'],
  ])('is silenced by the condition %s %s', async (operator, subject) => {
    await trust(operator, subject)
    const report = await judge(literal())
    expect(messages(report)).toEqual([])
    expect(report.undetermined).toEqual([])
    expect(report.code).toBe(0)
  })

  it('takes a job in the environment that the trust names', async () => {
    await trust('StringEquals', 'repo:acme/shop:environment:production')
    const inEnvironment = { role: `arn:aws:iam::${ACCOUNT}:role/deploy`, job: 'environment: production' }
    expect(messages(await judge(deployingRepository(inEnvironment)))).toEqual([
      'high .github/workflows/deploy.yml, job deploy (push to main, environment production) → AWS role deploy, which is administrator by everything; it takes tokens of whoever may deploy to the environment production',
    ])
  })

  it('is undetermined where the account has no such role', async () => {
    const report = await judge(deployingRepository({ role: 'arn:aws:iam::999999999999:role/other' }))
    expect(messages(report)).toEqual([])
    expect(report.undetermined.map(({ rule }) => rule)).toEqual([CHAIN])
  })
})
