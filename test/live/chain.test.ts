import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  IAMClient,
} from '@aws-sdk/client-iam'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { secretMatch } from '../../src/facts/secret.ts'
import { type Fact, fact, type Gap } from '../../src/model.ts'
import { iamAccountScanner } from '../../src/scanners/iam/account.ts'
import { mfaAwsScanner } from '../../src/scanners/mfa/aws.ts'
import { judge } from '../scanners/iam/judge.ts'
import { collect, NO_TARGETS } from '../support/context.ts'
import { liveOrSkip } from './servers/installed.ts'
import { type MotoServer, startMoto } from './servers/moto.ts'
import { startProxy } from './servers/proxy.ts'

// Read when the SDK is loaded.
vi.hoisted(() => {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
})

const EVERYTHING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
})
const WITHOUT_MFA = 'chain/leaked-admin-key-without-mfa'
const PRIVILEGED = 'chain/leaked-key-of-privileged-user'
const ACTIVE = 'chain/leaked-key-still-active'

/** What the secrets scanner says of a key id in a file. */
function leak(publicId: string, paired: boolean): Fact {
  return fact(secretMatch, 'repo:./deploy.env', { file: 'deploy.env', line: 3 }, {
    rule: 'secrets/aws-access-key',
    digest: '01',
    pairDigest: paired ? '02' : '',
    path: 'deploy.env',
    publicId,
    paired,
    masked: 'AKIA************',
    key: 'AWS_ACCESS_KEY_ID',
    syntax: 'dotenv',
    encoding: '',
    pathClass: 'config',
    validated: true,
    occurrences: 1,
    files: ['deploy.env'],
    inTree: true,
    committed: true,
    introducedIn: '',
    introducedAt: '',
    lastAddedIn: '',
    lastAddedAt: '',
    historyOccurrences: -1,
    ageDays: -1,
    account: '',
    reach: '',
    remark: '',
    confidence: 'high',
    verification: '',
    verified: '',
  } as Parameters<typeof fact<typeof secretMatch>>[3])
}

liveOrSkip('a leaked key (moto)', ['moto'], () => {
  let moto: MotoServer
  let iam: IAMClient
  let keyId: string

  beforeAll(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
    moto = await startMoto()
    iam = new IAMClient({ endpoint: moto.url, region: 'us-east-1' })
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await moto?.stop()
  })
  beforeEach(async () => {
    await moto.reset()
    await iam.send(new CreateUserCommand({ UserName: 'ann' }))
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'everything', PolicyDocument: EVERYTHING }))
    await iam.send(new AttachUserPolicyCommand({ UserName: 'ann', PolicyArn: Policy?.Arn }))
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }))
    keyId = AccessKey?.AccessKeyId ?? ''
  })

  async function chains(endpoint: string, leaked: Fact) {
    const targets = { ...NO_TARGETS, aws: [{ endpoint }] }
    const facts: Fact[] = [leaked]
    const gaps: Gap[] = []
    for (const scanner of [iamAccountScanner, mfaAwsScanner]) {
      const seen = await collect(scanner, { targets })
      facts.push(...seen.facts)
      gaps.push(...seen.gaps)
    }
    const { findings, undetermined } = await judge(facts, gaps)
    const isChain = ({ rule }: { rule: { id: string } }) => rule.id.startsWith('chain/')
    return { findings: findings.filter(isChain), undetermined: undetermined.filter(isChain) }
  }

  it('of an administrator without MFA fires once and shows every link', async () => {
    const { findings, undetermined } = await chains(moto.url, leak(keyId, true))
    expect(undetermined).toEqual([])
    expect(findings.map((each) => each.rule.id)).toEqual([WITHOUT_MFA, ACTIVE])
    const [chain] = findings
    expect(chain?.message).toBe(`deploy.env leaks ${keyId} of ann, who is administrator by everything and has no MFA`)
    expect(chain?.at).toEqual({ file: 'deploy.env', line: 3 })
    expect(
      Object.entries(chain?.evidence ?? {}).map(([name, facts]) => [name, facts.map((each) => each.kind)]),
    ).toEqual([
      ['leak', ['secret.match']],
      ['key', ['iam.access-key']],
      ['user', ['iam.user']],
      ['rights', ['iam.privileged']],
    ])
  })

  it('by its id alone is no leak', async () => {
    const { findings, undetermined } = await chains(moto.url, leak(keyId, false))
    expect([findings, undetermined]).toEqual([[], []])
  })

  it('of an administrator with MFA is another finding', async () => {
    const device = await iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: 'phone' }))
    const SerialNumber = device.VirtualMFADevice?.SerialNumber
    const codes = { AuthenticationCode1: '123456', AuthenticationCode2: '654321' }
    await iam.send(new EnableMFADeviceCommand({ UserName: 'ann', SerialNumber, ...codes }))
    const { findings } = await chains(moto.url, leak(keyId, true))
    expect(findings.map((each) => each.rule.id)).toEqual([PRIVILEGED, ACTIVE])
  })

  it('stays open where MFA could not be seen, and names why', async () => {
    const denied = {
      ListMFADevices: 'denied',
      GenerateCredentialReport: 'denied',
      GetCredentialReport: 'denied',
    } as const
    const proxy = await startProxy(moto.url, denied)
    const { findings, undetermined } = await chains(proxy.url, leak(keyId, true))
    await proxy.stop()
    expect(findings.map((each) => each.rule.id)).toEqual([ACTIVE])
    expect(undetermined.map((each) => [each.rule.id, each.rows])).toEqual([
      [WITHOUT_MFA, 1],
      [PRIVILEGED, 1],
    ])
    expect(undetermined[0]?.gaps.map((gap) => gap.detail)).toContain(
      'iam:ListMFADevices was denied; allow iam:ListMFADevices to the auditor',
    )
  })
})
