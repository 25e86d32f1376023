import { gzipSync } from 'node:zlib'
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteUserCommand,
  GetUserCommand,
  IAMClient,
  ListRolesCommand,
  ListUsersCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { ActionSet, fullName } from '../../src/derive/iam/actions.ts'
import { gatherPrincipals } from '../../src/derive/iam/principals.ts'
import type { Suggestion } from '../../src/derive/iam/suggest.ts'
import type { Gap } from '../../src/model.ts'
import { iamAccountScanner } from '../../src/scanners/iam/account.ts'
import { ACCOUNT, DATA, deliveredTo, event, user } from '../support/cloudtrail.ts'
import { collect, NO_TARGETS } from '../support/context.ts'
import { folderWith, run } from '../support/program.ts'
import { liveOrSkip } from './servers/installed.ts'
import { type MotoServer, startMoto } from './servers/moto.ts'

// Read when the SDK is loaded.
vi.hoisted(() => {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
})

const WORKER = `arn:aws:iam::${ACCOUNT}:user/worker`
const GRANTED = [
  'iam:CreateUser',
  'iam:DeleteUser',
  'iam:GetUser',
  'iam:ListRoles',
  'iam:ListUsers',
  'iam:PassRole',
  's3:GetObject',
  's3:ListAllMyBuckets',
  's3:PutObject',
]
const WIDE = document({ Effect: 'Allow', Action: GRANTED, Resource: '*' })

/** The run's clock stands in the future, so that moto's users are old enough. */
const TODAY = Date.now() + 200 * 86_400_000
const CLOCK = { SOURCE_DATE_EPOCH: String(Math.floor(TODAY / 1000)) }
const daysAgo = (days: number) => `${new Date(TODAY - days * 86_400_000).toISOString().slice(0, 10)}T12:00:00Z`

function document(...Statement: unknown[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement })
}

liveOrSkip('suggest aws on an account (moto)', ['moto'], () => {
  let moto: MotoServer
  let admin: IAMClient
  let worker: IAMClient

  beforeAll(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
    moto = await startMoto()
    admin = new IAMClient({ endpoint: moto.url, region: 'us-east-1' })
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await moto?.stop()
  })
  beforeEach(async () => {
    await moto.reset()
    await judgeCalls(false)
    await admin.send(new CreateUserCommand({ UserName: 'worker' }))
    await put(WIDE)
    const { AccessKey } = await admin.send(new CreateAccessKeyCommand({ UserName: 'worker' }))
    const { AccessKeyId = '', SecretAccessKey = '' } = AccessKey ?? {}
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey }
    worker = new IAMClient({ endpoint: moto.url, region: 'us-east-1', credentials, maxAttempts: 1 })
  })

  const put = (policy: string) =>
    admin.send(new PutUserPolicyCommand({ UserName: 'worker', PolicyName: 'work', PolicyDocument: policy }))

  /** Lets moto judge every call by IAM policies, or none. */
  async function judgeCalls(on: boolean): Promise<void> {
    await fetch(`${moto.url}/moto-api/reset-auth`, { method: 'POST', body: on ? '0' : 'Infinity' })
  }

  /** Calls by the action that they need. */
  const CALLS = {
    'iam:ListUsers': () => worker.send(new ListUsersCommand({})),
    'iam:GetUser': () => worker.send(new GetUserCommand({ UserName: 'worker' })),
    'iam:ListRoles': () => worker.send(new ListRolesCommand({})),
    'iam:CreateUser': () => worker.send(new CreateUserCommand({ UserName: 'new' })),
    'iam:DeleteUser': () => worker.send(new DeleteUserCommand({ UserName: 'new' })),
  }

  /** Which of the calls moto allows. */
  async function allowedCalls(): Promise<string[]> {
    await judgeCalls(true)
    const allowed: string[] = []
    for (const [action, call] of Object.entries(CALLS)) {
      const error = await call().then(
        () => undefined,
        (thrown: Error) => thrown.name,
      )
      if (!error?.startsWith('AccessDenied')) allowed.push(action)
    }
    await judgeCalls(false)
    return allowed
  }

  const mine = { userIdentity: user('worker') }
  /** 90 days of management events and reads of S3: what the worker did, and others. */
  const LOG = [
    event('iam', 'ListUsers', { ...mine, eventTime: daysAgo(90) }),
    event('iam', 'GetUser', { ...mine, awsRegion: 'us-east-1', eventTime: daysAgo(2) }),
    event('iam', 'CreateUser', { ...mine, errorCode: 'AccessDenied', eventTime: daysAgo(2) }),
    event('s3', 'HeadObject', {
      ...mine,
      ...DATA,
      eventTime: daysAgo(2),
      requestParameters: { bucketName: 'b', key: 'k' },
    }),
    event('iam', 'UpdateUser', { eventTime: daysAgo(1) }),
  ]

  function suggest(files: Readonly<Record<string, string | Buffer>>, ...args: string[]) {
    const folder = folderWith(files)
    const options = ['--aws', '--aws-endpoint', moto.url, '--cloudtrail', folder, ...args]
    const env = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', ...CLOCK }
    return run(['suggest', 'aws', folderWith({}), ...options], { env })
  }
  const log = { [deliveredTo('a')]: gzipSync(JSON.stringify({ Records: LOG })) }

  it('takes away exactly what was not used, and what is left allows exactly the calls of the log', async () => {
    expect(await allowedCalls()).toEqual(Object.keys(CALLS))
    const { code, stdout } = await suggest(log, '--format', 'json', '--principal', 'worker')
    const { principals, gaps } = JSON.parse(stdout)
    const [suggestion]: Suggestion[] = principals
    const [policy] = suggestion?.policies ?? []
    // The stand-in does not know when services were last used, and that is said.
    const details = gaps.filter((gap: Gap) => gap.class === 'fault').map((gap: Gap) => gap.detail)
    expect([code, details]).toEqual([3, [expect.stringContaining('iam:GenerateServiceLastAccessedDetails')]])
    expect(suggestion?.arn).toBe(WORKER)
    expect(policy?.removed).toEqual(['iam:CreateUser', 'iam:DeleteUser', 'iam:ListRoles', 's3:ListAllMyBuckets'])
    // Nobody passes roles in an event, and writes to S3 were not logged.
    expect(policy?.undetermined).toEqual(['iam:PassRole', 's3:PutObject'])
    expect(policy?.document.Statement).toEqual([
      { Effect: 'Allow', Action: ['iam:GetUser', 'iam:ListUsers', 'iam:PassRole', 's3:PutObject'], Resource: ['*'] },
      { Effect: 'Allow', Action: ['s3:GetObject'], Resource: ['arn:aws:s3:::b/*'] },
    ])

    await put(JSON.stringify(policy?.document))
    expect(await allowedCalls()).toEqual(['iam:ListUsers', 'iam:GetUser'])
    expect(await granted()).toEqual(GRANTED.filter((action) => !policy?.removed.includes(action)))
  })

  /** What the worker may do by our own evaluation of what the account says now. */
  async function granted(): Promise<string[]> {
    const { facts } = await collect(iamAccountScanner, { targets: { ...NO_TARGETS, aws: [{ endpoint: moto.url }] } })
    const found = gatherPrincipals(facts, new ActionSet()).principals.get(WORKER)?.permissions.granted() ?? new Map()
    return [...new Set([...found.values()].flatMap((set) => [...set].map(fullName)))].sort()
  }

  it('finds the same as the audit, which names the window', async () => {
    const options = [
      '--aws',
      '--aws-endpoint',
      moto.url,
      '--cloudtrail',
      folderWith(log),
      '--only',
      'iam/unused-permission',
    ]
    const env = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', ...CLOCK }
    const { code, stdout } = await run([folderWith({}), ...options, '--format', 'json'], { env })
    expect(code).toBe(1)
    expect(JSON.parse(stdout).findings.map(({ message }: { message: string }) => message)).toEqual([
      `worker did not use iam:CreateUser, iam:DeleteUser, iam:ListRoles, s3:ListAllMyBuckets, which work grants (90 days of CloudTrail to ${daysAgo(1).slice(0, 10)}, 87 of them without events, eu-central-1, us-east-1)`,
    ])
  })

  it('calls nothing unused, and says so, where a file is damaged', async () => {
    const damaged = { ...log, [deliveredTo('b')]: gzipSync('x'.repeat(1000)).subarray(0, 20) }
    const { code, stdout } = await suggest(damaged)
    expect(code).toBe(3)
    expect(stdout).toContain(deliveredTo('b'))
    expect(stdout).toContain('1 user or role needs all that was judged')
  })

  it('leaves roles alone of which nothing is known, and needs a source', async () => {
    await admin.send(new CreateRoleCommand({ RoleName: 'idle', AssumeRolePolicyDocument: document() }))
    const { stdout } = await suggest(log)
    expect(stdout).toContain(`# user ${WORKER}`)
    expect(stdout).not.toContain('role/idle')
    expect((await run(['suggest', 'aws'])).code).toBe(2)
    expect((await suggest(log, '--principal', 'wroker')).code).toBe(2)
  })
})
