import { CreateRepositoryCommand, ECRClient, SetRepositoryPolicyCommand } from '@aws-sdk/client-ecr'
import { CreateOpenIDConnectProviderCommand, CreateSAMLProviderCommand, IAMClient } from '@aws-sdk/client-iam'
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { CreateBucketCommand, PutBucketPolicyCommand, PutPublicAccessBlockCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateSecretCommand, PutResourcePolicyCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { awsStatements } from '../../src/cli/permissions.ts'
import { awsFunctionUrl, awsIdentityProvider, awsResourcePolicy } from '../../src/facts/aws-resources.ts'
import { iamStatement } from '../../src/facts/iam.ts'
import type { ScanContext } from '../../src/model.ts'
import { scanners } from '../../src/registry.ts'
import { awsIdentityProviderScanner } from '../../src/scanners/aws/identity-providers.ts'
import { awsResourcePolicyScanner } from '../../src/scanners/aws/resource-policies.ts'
import { judge } from '../scanners/iam/judge.ts'
import { collect, NO_TARGETS } from '../support/context.ts'
import { type AwsStandIn, denied, jsonAnswer, type StandInAnswer, startAwsStandIn } from './servers/aws-stand-in.ts'
import { liveOrSkip } from './servers/installed.ts'
import { type MotoServer, startMoto } from './servers/moto.ts'

// Read when the SDK is loaded.
vi.hoisted(() => {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
})

const ACCOUNT = '123456789012'
const SCOPE = `aws:${ACCOUNT}`
const REGION = 'eu-west-1'

const open = (action: string, resource: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Sid: 'open', Effect: 'Allow', Principal: '*', Action: action, Resource: resource }],
  })

liveOrSkip('resources of an AWS account (moto)', ['moto'], () => {
  let moto: MotoServer
  let server: AwsStandIn

  beforeAll(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
    vi.stubEnv('AWS_REGION', REGION)
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
    moto = await startMoto()
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await moto?.stop()
  })
  beforeEach(async () => {
    await moto.reset()
    server = await startAwsStandIn({ ...functions, 's3:ListAllMyBuckets': buckets }, moto.url)
  })
  afterEach(() => server?.stop())

  /** moto runs functions in containers; here they only have to be listed. */
  const functions: Record<string, StandInAnswer> = {
    'lambda:ListFunctions': ({ region }) => {
      const arn = (name: string) => `arn:aws:lambda:${region}:${ACCOUNT}:function:${name}`
      const names = region === REGION ? ['hook', 'worker'] : []
      return jsonAnswer({ Functions: names.map((name) => ({ FunctionName: name, FunctionArn: arn(name) })) })
    },
    'lambda:GetPolicy': ({ path }) =>
      path.includes('/hook/')
        ? jsonAnswer({ Policy: open('lambda:InvokeFunctionUrl', `arn:aws:lambda:${REGION}:${ACCOUNT}:function:hook`) })
        : {
            ...jsonAnswer({ Type: 'User' }),
            status: 404,
            headers: { 'x-amzn-errortype': 'ResourceNotFoundException' },
          },
    'lambda:GetFunctionUrlConfig': () => jsonAnswer({ FunctionUrl: 'https://x/', AuthType: 'NONE' }),
  }

  /** moto does not tell where buckets are, S3 does. */
  const buckets: StandInAnswer = () => ({
    headers: { 'content-type': 'application/xml' },
    body: '<ListAllMyBucketsResult><Buckets><Bucket><Name>open</Name><BucketRegion>us-east-1</BucketRegion></Bucket><Bucket><Name>blocked</Name></Bucket><Bucket><Name>plain</Name></Bucket></Buckets></ListAllMyBucketsResult>',
  })

  const at = (region = REGION) => ({ endpoint: moto.url, region })

  async function createResources(): Promise<void> {
    const s3 = new S3Client({ ...at('us-east-1'), forcePathStyle: true })
    for (const Bucket of ['open', 'blocked', 'plain']) await s3.send(new CreateBucketCommand({ Bucket }))
    for (const Bucket of ['open', 'blocked'])
      await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: open('s3:GetObject', `arn:aws:s3:::${Bucket}/*`) }))
    const PublicAccessBlockConfiguration = { RestrictPublicBuckets: true }
    await s3.send(new PutPublicAccessBlockCommand({ Bucket: 'blocked', PublicAccessBlockConfiguration }))
    const sqs = new SQSClient(at())
    const queue = `arn:aws:sqs:${REGION}:${ACCOUNT}:jobs`
    await sqs.send(
      new CreateQueueCommand({ QueueName: 'jobs', Attributes: { Policy: open('sqs:SendMessage', queue) } }),
    )
    await sqs.send(new CreateQueueCommand({ QueueName: 'quiet' }))
    await new SNSClient(at()).send(new CreateTopicCommand({ Name: 'news' }))
    const kms = new KMSClient(at())
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Policy: open('kms:Decrypt', '*') }))
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/data', TargetKeyId: KeyMetadata?.KeyId }))
    const ecr = new ECRClient(at())
    await ecr.send(new CreateRepositoryCommand({ repositoryName: 'app' }))
    const pull = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 'ecr:BatchGetImage' }],
    })
    await ecr.send(new SetRepositoryPolicyCommand({ repositoryName: 'app', policyText: pull }))
    const secrets = new SecretsManagerClient(at())
    await secrets.send(new CreateSecretCommand({ Name: 'db', SecretString: 'x' }))
    const ResourcePolicy = open('secretsmanager:GetSecretValue', '*')
    await secrets.send(new PutResourcePolicyCommand({ SecretId: 'db', ResourcePolicy }))
  }

  const scan = (regions?: readonly string[], extra: Partial<ScanContext> = {}) =>
    collect(awsResourcePolicyScanner, {
      targets: { ...NO_TARGETS, aws: [{ endpoint: server.url, ...(regions && { regions }) }] },
      ...extra,
    })

  it('sees the policies of every service, and who is let in by them', async () => {
    await createResources()
    const { facts, gaps, of } = await scan()
    expect(of(awsResourcePolicy).map(({ data }) => [data.service, data.name, data.region])).toEqual([
      ['s3', 'open', 'us-east-1'],
      ['s3', 'blocked', undefined],
      ['sqs', 'jobs', REGION],
      ['sns', 'news', REGION],
      ['kms', 'alias/data', REGION],
      ['lambda', 'hook', REGION],
      ['ecr', 'app', REGION],
      ['secretsmanager', 'db', REGION],
    ])
    expect(of(awsResourcePolicy).map(({ scope }) => scope)).toEqual([
      `${SCOPE}/us-east-1`,
      SCOPE,
      ...Array(6).fill(`${SCOPE}/${REGION}`),
    ])
    const blocked = of(awsResourcePolicy).filter(({ data }) => data.publicAccessBlocked)
    expect(blocked.map(({ data }) => data.name)).toEqual(['blocked'])
    expect(of(iamStatement).every(({ data }) => data.policyKind === 'resource' && data.accountId === ACCOUNT)).toBe(
      true,
    )
    expect(of(awsFunctionUrl).map(({ data }) => [data.functionName, data.authType])).toEqual([['hook', 'NONE']])
    // A function whose policy says nothing of addresses is not asked for one.
    expect(server.calls.get('lambda:GetFunctionUrlConfig')).toBe(1)
    const detail = `policies of resources in regions other than ${REGION} were not looked at; --aws-region all looks everywhere`
    expect(gaps).toEqual(
      ['aws.resource-policy', 'aws.function-url'].map((kind) => ({
        kind,
        scope: `${SCOPE}/other-regions`,
        class: 'limit',
        reason: 'region not visited',
        detail,
      })),
    )

    const { findings } = await judge(facts, gaps)
    const open = findings.filter((each) => each.rule.id === 'iam/public-resource-policy').map((each) => each.message)
    expect(open.map((message) => message.split(' ')[0]).sort()).toEqual([
      'alias/data',
      'app',
      'db',
      'hook',
      'jobs',
      'open',
    ])
    expect(findings.map((each) => each.rule.id)).toContain('iam/public-function-url')
  })

  it('goes to the regions that are named, or all that are enabled', async () => {
    await createResources()
    const named = await scan(['us-east-1', 'eu-north-1'])
    // Buckets are seen wherever they are.
    expect(new Set(named.of(awsResourcePolicy).map(({ data }) => data.service))).toEqual(new Set(['s3']))
    expect(named.gaps[0]?.detail).toContain('regions other than us-east-1, eu-north-1')

    server.answers.set('account:ListRegions', () =>
      jsonAnswer({ Regions: [{ RegionName: REGION, RegionOptStatus: 'ENABLED' }, { RegionName: 'us-east-1' }] }),
    )
    const all = await scan(['all'])
    expect(all.of(awsResourcePolicy)).toHaveLength(8)
    expect(all.gaps).toEqual([])

    const none = await scan(['none'])
    expect(none.facts).toEqual([])
    expect(none.gaps[0]?.detail).toContain('in any region')
  })

  it.each([
    ['sqs:ListQueues', 'sqs'],
    ['sqs:GetQueueAttributes', 'sqs'],
    ['kms:GetKeyPolicy', 'kms'],
    ['lambda:ListFunctions', 'lambda'],
    ['s3:GetBucketPolicy', 's3'],
    ['secretsmanager:GetResourcePolicy', 'secretsmanager'],
  ])('names the denied %s and sees the rest', async (action, service) => {
    await createResources()
    server.answers.set(action, () => denied(action))
    const { gaps, of } = await scan()
    const faults = gaps.filter((gap) => gap.class === 'fault' && gap.kind === 'aws.resource-policy')
    expect(faults.map((gap) => gap.detail)).toEqual([`${action} was denied; allow ${action} to the auditor`])
    expect(faults[0]?.scope).toBe(service === 's3' ? SCOPE : `${SCOPE}/${REGION}`)
    const services = new Set(of(awsResourcePolicy).map(({ data }) => data.service))
    expect(services.has(service)).toBe(false)
    expect(services.size).toBe(6)
  })

  it('leaves a public bucket undetermined where its block was not seen', async () => {
    await createResources()
    server.answers.set('s3:GetBucketPublicAccessBlock', (call) => denied(call.action))
    const { facts, gaps, of } = await scan()
    const buckets = of(awsResourcePolicy).filter(({ data }) => data.service === 's3')
    expect(buckets.every(({ unknown }) => unknown.includes('publicAccessBlocked'))).toBe(true)
    expect(buckets).toHaveLength(2)
    const { findings } = await judge(facts, gaps)
    expect(findings.map((each) => each.message).filter((message) => /^(?:open|blocked) /.test(message))).toEqual([])
  })

  it('sees who may sign in from outside', async () => {
    const iam = new IAMClient(at())
    const Url = 'https://token.actions.githubusercontent.com'
    const ThumbprintList = ['a'.repeat(40)]
    await iam.send(new CreateOpenIDConnectProviderCommand({ Url, ClientIDList: ['sts.amazonaws.com'], ThumbprintList }))
    const SAMLMetadataDocument = 'a'.repeat(1024)
    await iam.send(new CreateSAMLProviderCommand({ Name: 'corp', SAMLMetadataDocument }))
    const targets = { ...NO_TARGETS, aws: [{ endpoint: server.url }] }
    const { of, gaps } = await collect(awsIdentityProviderScanner, { targets })
    expect(gaps).toEqual([])
    expect(of(awsIdentityProvider).map(({ data }) => [data.type, data.url, data.clientIds])).toEqual([
      ['oidc', 'token.actions.githubusercontent.com', ['sts.amazonaws.com']],
      ['saml', '', []],
    ])
  })

  it('calls nothing that the published policy does not allow', async () => {
    await createResources()
    server.answers.delete('s3:ListAllMyBuckets')
    server.answers.set('account:ListRegions', () => jsonAnswer({ Regions: [{ RegionName: REGION }] }))
    const targets = { ...NO_TARGETS, aws: [{ endpoint: server.url, regions: ['all'] }] }
    const ofAws = scanners.filter(({ timesTargets, needs }) => timesTargets && needs.length > 0)
    for (const scanner of ofAws) await collect(scanner, { targets })
    const allowed = new Set(awsStatements().flatMap((statement) => statement.Action))
    const called = [...server.calls.keys()]
    expect(called.filter((action) => !allowed.has(action))).toEqual([])
    // It is no empty promise: most of the policy is used.
    expect(called.length).toBeGreaterThan(25)
    expect(awsStatements().map((statement) => statement.Sid)).toEqual([
      'ZtAuditRead',
      'ZtAuditCredentialReport',
      'ZtAuditClusters',
      'ZtAuditLastAccessed',
      'ZtAuditOrganization',
      'ZtAuditResourcePolicies',
    ])
    const writing = /:(?!Get|List|Describe|Generate(?:CredentialReport|ServiceLastAccessedDetails)$)/
    expect([...allowed].filter((action) => writing.test(action))).toEqual([])
  })
})
