import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateLoginProfileCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  IAMClient,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
  UpdateAccountPasswordPolicyCommand,
} from '@aws-sdk/client-iam'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { awsAccount } from '../../src/facts/aws.ts'
import { iamAccessKey, iamAttachment, iamRole, iamStatement, iamUser } from '../../src/facts/iam.ts'
import type { FactKind, ScanContext } from '../../src/model.ts'
import { iamAccountScanner } from '../../src/scanners/iam/account.ts'
import { mfaAwsScanner } from '../../src/scanners/mfa/aws.ts'
import { judge } from '../scanners/iam/judge.ts'
import { collect, NO_TARGETS } from '../support/context.ts'
import { liveOrSkip } from './servers/installed.ts'
import { type MotoServer, startMoto } from './servers/moto.ts'
import { type AwsProxy, accessDenied, startProxy } from './servers/proxy.ts'

// Read when the SDK is loaded.
vi.hoisted(() => {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
})

const EVERYTHING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
})
const TRUST_ALL = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' },
})
const ACCOUNT = '123456789012'
const SCOPE = `aws:${ACCOUNT}`

/** Both scanners, as one run has them: they share the target. */
async function scan(endpoint: string, extra: Partial<ScanContext> = {}) {
  const context = { targets: { ...NO_TARGETS, aws: [{ endpoint }] }, ...extra }
  const iam = await collect(iamAccountScanner, context)
  const mfa = await collect(mfaAwsScanner, context)
  const facts = [...iam.facts, ...mfa.facts]
  const gaps = [...iam.gaps, ...mfa.gaps]
  return { facts, gaps, keys: iam.of(iamAccessKey), users: mfa.of(iamUser), accounts: mfa.of(awsAccount), iam, mfa }
}

liveOrSkip('an AWS account (moto)', ['moto'], () => {
  let moto: MotoServer
  let proxy: AwsProxy
  let iam: IAMClient

  beforeAll(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
    moto = await startMoto()
    iam = new IAMClient({ endpoint: moto.url, region: 'us-east-1' })
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await moto?.stop()
  })
  beforeEach(async () => {
    await moto.reset()
    proxy = await startProxy(moto.url)
  })
  afterEach(() => proxy?.stop())

  async function createAdministrator(name: string): Promise<string> {
    await iam.send(new CreateUserCommand({ UserName: name }))
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'everything', PolicyDocument: EVERYTHING }))
    await iam.send(new AttachUserPolicyCommand({ UserName: name, PolicyArn: Policy?.Arn }))
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }))
    return AccessKey?.AccessKeyId ?? ''
  }

  it('sees users, keys, policies, groups, roles and the password policy', async () => {
    const keyId = await createAdministrator('ann')
    await iam.send(new CreateLoginProfileCommand({ UserName: 'ann', Password: 'correct-horse-9A' }))
    await iam.send(new CreateUserCommand({ UserName: 'bob' }))
    await iam.send(new CreateGroupCommand({ GroupName: 'dev' }))
    await iam.send(new AddUserToGroupCommand({ GroupName: 'dev', UserName: 'bob' }))
    await iam.send(
      new AttachGroupPolicyCommand({ GroupName: 'dev', PolicyArn: `arn:aws:iam::${ACCOUNT}:policy/everything` }),
    )
    await iam.send(new PutUserPolicyCommand({ UserName: 'bob', PolicyName: 'own', PolicyDocument: EVERYTHING }))
    await iam.send(new CreateRoleCommand({ RoleName: 'app', AssumeRolePolicyDocument: TRUST_ALL }))
    await iam.send(new UpdateAccountPasswordPolicyCommand({ MinimumPasswordLength: 8, PasswordReusePrevention: 3 }))

    const { facts, gaps, keys, users, accounts, iam: seen } = await scan(moto.url)
    expect(gaps).toEqual([
      {
        kind: 'aws.account',
        scope: SCOPE,
        fields: ['rootHasPassword'],
        class: 'limit',
        reason: 'not told',
        detail: 'iam:GetAccountSummary and the credential report do not tell it of the root user',
      },
    ])
    expect(keys.map(({ scope, data }) => [scope, data])).toEqual([
      [
        SCOPE,
        {
          id: keyId,
          userArn: `arn:aws:iam::${ACCOUNT}:user/ann`,
          userName: 'ann',
          status: 'Active',
          ageDays: 0,
          lastUsedDays: -1,
        },
      ],
    ])
    expect(users.map(({ data }) => [data.name, data.mfa, data.mfaKinds, data.hasPassword])).toEqual([
      ['ann', 'disabled', [], true],
      ['bob', 'disabled', [], false],
    ])
    expect(accounts.map(({ data, unknown }) => [data, unknown])).toEqual([
      [
        {
          id: ACCOUNT,
          rootMfa: 'disabled',
          rootMfaHardware: 'none',
          rootAccessKeys: 0,
          reportHours: -1,
          hasPasswordPolicy: true,
          passwordMinLength: 8,
          passwordReusePrevention: 3,
        },
        ['rootHasPassword'],
      ],
    ])
    const policy = `arn:aws:iam::${ACCOUNT}:policy/everything`
    const links = seen.of(iamAttachment).map(({ data }) => [data.principalArn, data.policy, data.via])
    // Groups come first: members of them may stand on any page.
    expect(links).toEqual([
      [`arn:aws:iam::${ACCOUNT}:group/dev`, policy, 'direct'],
      [`arn:aws:iam::${ACCOUNT}:user/ann`, policy, 'direct'],
      [`arn:aws:iam::${ACCOUNT}:user/bob`, `arn:aws:iam::${ACCOUNT}:user/bob#inline/own`, 'inline'],
      [`arn:aws:iam::${ACCOUNT}:user/bob`, policy, `arn:aws:iam::${ACCOUNT}:group/dev`],
    ])
    expect(seen.of(iamStatement).map(({ data }) => [data.policyName, data.managedBy, data.policyKind])).toEqual([
      ['own', 'inline', 'identity'],
      ['app', 'inline', 'trust'],
      ['everything', 'customer', 'identity'],
    ])
    expect(seen.of(iamRole).map(({ data }) => data.arn)).toEqual([`arn:aws:iam::${ACCOUNT}:role/app`])

    const { fired, findings } = await judge(facts, gaps)
    expect(fired).toEqual([
      'iam/console-user-with-key',
      'iam/full-admin',
      'iam/inline-user-policy',
      'iam/public-trust',
      'iam/user-attached-policy',
      'mfa/console-user-without-mfa',
      'mfa/privileged-key-without-mfa',
      'mfa/sensitive-action-without-mfa-condition',
      'mfa/weak-password-policy',
    ])
    const admins = findings.filter((each) => each.rule.id === 'iam/full-admin').map((each) => each.message)
    expect(admins.sort()).toEqual([
      'everything allows every action on every resource to group dev',
      'everything allows every action on every resource to user ann',
      'own allows every action on every resource to user bob',
    ])
    expect(findings.find((each) => each.rule.id === 'mfa/console-user-without-mfa')?.severity).toBe('critical')
  })

  async function createUserWithMfa(UserName: string): Promise<void> {
    await iam.send(new CreateUserCommand({ UserName }))
    const device = await iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: 'phone' }))
    const SerialNumber = device.VirtualMFADevice?.SerialNumber
    const codes = { AuthenticationCode1: '123456', AuthenticationCode2: '654321' }
    await iam.send(new EnableMFADeviceCommand({ UserName, SerialNumber, ...codes }))
  }

  it('sees an MFA device and its kind', async () => {
    await createUserWithMfa('ann')
    const { users } = await scan(moto.url)
    expect(users.map(({ data }) => [data.mfa, data.mfaKinds])).toEqual([['enabled', ['virtual']]])
  })

  it('takes MFA from the credential report where ListMFADevices is denied', async () => {
    await createUserWithMfa('ann')
    proxy.rules.set('ListMFADevices', 'denied')
    const { users, gaps } = await scan(proxy.url)
    expect(users.map(({ data, unknown }) => [data.mfa, data.reportHours, unknown])).toEqual([
      ['enabled', 0, ['mfaKinds']],
    ])
    expect(gaps).toContainEqual({
      kind: 'iam.user',
      scope: SCOPE,
      fields: ['mfaKinds'],
      class: 'fault',
      reason: 'access denied',
      detail: 'iam:ListMFADevices was denied; allow iam:ListMFADevices to the auditor',
    })
  })

  it('leaves MFA unknown where both are denied, and goes on with the rest', async () => {
    await createAdministrator('ann')
    for (const action of ['ListMFADevices', 'GenerateCredentialReport', 'GetCredentialReport'])
      proxy.rules.set(action, 'denied')
    const { users, keys, gaps } = await scan(proxy.url)
    expect(users.map(({ data, unknown }) => [data.name, data.hasPassword, unknown])).toEqual([
      ['ann', false, ['mfa', 'mfaKinds']],
    ])
    expect(keys).toHaveLength(1)
    expect(gaps.filter((gap) => gap.kind === 'iam.user').map((gap) => [gap.class, gap.fields, gap.detail])).toEqual([
      ['fault', ['mfa', 'mfaKinds'], 'iam:ListMFADevices was denied; allow iam:ListMFADevices to the auditor'],
      ['fault', ['mfa'], 'iam:GetCredentialReport was denied; allow iam:GetCredentialReport to the auditor'],
    ])
  })

  it.each([
    [
      'GetAccountAuthorizationDetails',
      ['iam.statement', 'iam.attachment', 'iam.membership', 'iam.role', 'aws.sso-permission-set'],
    ],
    ['ListAccessKeys', ['iam.access-key']],
    ['GetAccountSummary', ['aws.account']],
    ['GetAccountPasswordPolicy', ['aws.account']],
  ])('names the denied %s and what is missing for it', async (action, kinds) => {
    await createAdministrator('ann')
    proxy.rules.set(action, 'denied')
    const { gaps, facts } = await scan(proxy.url)
    const named = gaps.filter((gap) => gap.detail.includes(`allow iam:${action} `))
    expect(new Set(named.map((gap) => gap.kind))).toEqual(new Set(kinds))
    expect(named.every((gap) => gap.class === 'fault' && gap.scope === SCOPE)).toBe(true)
    expect(facts.length).toBeGreaterThan(0)
  })

  it('finds the account without STS, and the users without ListUsers', async () => {
    await createAdministrator('ann')
    proxy.rules.set('GetCallerIdentity', 'denied')
    const { users } = await scan(proxy.url)
    expect(users.map((user) => user.scope)).toEqual([SCOPE])

    const other = await startProxy(moto.url, { ListUsers: 'denied' })
    const byReport = await scan(other.url)
    await other.stop()
    expect(byReport.users.map(({ data }) => data.name)).toEqual(['ann'])
    expect(byReport.gaps.map((gap) => gap.kind)).toContain('iam.access-key')
  })

  it('gets past throttling, and names an answer that is no AWS answer', async () => {
    await createAdministrator('ann')
    proxy.rules.set('ListAccessKeys', { throttled: 2 })
    proxy.rules.set('GetAccountAuthorizationDetails', 'htmlError')
    const { keys, gaps } = await scan(proxy.url)
    expect(keys).toHaveLength(1)
    expect(gaps).toContainEqual(
      expect.objectContaining({ kind: 'iam.statement', class: 'fault', reason: 'call failed' }),
    )
    expect(gaps.map((gap) => gap.detail).join()).not.toContain('<html')
  })

  it('ends when the run does, though a call hangs', async () => {
    await createAdministrator('ann')
    proxy.rules.set('ListAccessKeys', 'hang')
    const signal = AbortSignal.timeout(1500)
    await expect(scan(proxy.url, { signal })).rejects.toThrow()
    expect(signal.aborted).toBe(true)
  })

  it('calls nothing for kinds that no rule wants', async () => {
    await createAdministrator('ann')
    await scan(proxy.url, { wants: (kind: FactKind) => kind.kind === 'iam.access-key' })
    expect([...proxy.calls.keys()].sort()).toEqual([
      'GenerateCredentialReport',
      'GetCallerIdentity',
      'GetCredentialReport',
      'ListAccessKeys',
      'ListUsers',
    ])
  })

  it('asks for no user of whom a new report says that there is nothing, and for everybody once it is old', async () => {
    await createAdministrator('ann')
    await iam.send(new CreateUserCommand({ UserName: 'bob' }))
    await scan(proxy.url)
    expect([proxy.calls.get('ListMFADevices'), proxy.calls.get('ListAccessKeys')]).toEqual([undefined, 1])

    // moto has a report now, as AWS has for four hours: it may not know of what was done since.
    proxy.calls.clear()
    const { users } = await scan(proxy.url)
    expect([proxy.calls.get('ListMFADevices'), proxy.calls.get('ListAccessKeys')]).toEqual([2, 2])
    expect([proxy.calls.get('GetLoginProfile'), proxy.calls.get('GetAccessKeyLastUsed')]).toEqual([2, 1])
    expect(users.map(({ data }) => data.reportHours)).toEqual([-1, -1])
  })

  it('asks nothing twice, and nothing that the published permissions do not cover', async () => {
    await createAdministrator('ann')
    await scan(proxy.url)
    const allowed = new Set([...iamAccountScanner.needs, ...mfaAwsScanner.needs].map((need) => need.split(':')[1]))
    expect([...proxy.calls.keys()].filter((action) => !allowed.has(action))).toEqual([])
    expect(proxy.calls.get('ListUsers')).toBe(1)
    expect(proxy.calls.get('GetCallerIdentity')).toBe(1)
  })

  it('does not take an inactive key for an active one', async () => {
    const AccessKeyId = await createAdministrator('ann')
    await iam.send(new UpdateAccessKeyCommand({ UserName: 'ann', AccessKeyId, Status: 'Inactive' }))
    const { keys } = await scan(moto.url)
    expect(keys.map(({ data }) => data.status)).toEqual(['Inactive'])
  })

  /** An answer of IAM as moto never gives it. */
  const answer = (action: string, result: string) => ({
    headers: { 'content-type': 'text/xml' },
    body: `<${action}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><${action}Result>${result}</${action}Result></${action}Response>`,
  })

  it('sees a root user with MFA and its device', async () => {
    const entries = { AccountMFAEnabled: 1, AccountAccessKeysPresent: 1, AccountPasswordPresent: 1 }
    const map = Object.entries(entries).map(([key, value]) => `<entry><key>${key}</key><value>${value}</value></entry>`)
    proxy.rules.set('GetAccountSummary', () => answer('GetAccountSummary', `<SummaryMap>${map.join('')}</SummaryMap>`))
    const { accounts, facts, gaps } = await scan(proxy.url)
    expect(
      accounts.map(({ data }) => [data.rootMfa, data.rootMfaHardware, data.rootAccessKeys, data.rootHasPassword]),
    ).toEqual([['enabled', undefined, 1, true]])
    expect(gaps.map((gap) => [gap.class, gap.fields])).toEqual([['limit', ['rootMfaHardware']]])
    expect((await judge(facts, gaps)).fired).toEqual(['iam/root-access-key'])

    const serial = `<SerialNumber>arn:aws:iam::${ACCOUNT}:mfa/root-account-mfa-device</SerialNumber>`
    const devices = `<VirtualMFADevices><member>${serial}</member></VirtualMFADevices><IsTruncated>false</IsTruncated>`
    proxy.rules.set('ListVirtualMFADevices', () => answer('ListVirtualMFADevices', devices))
    const again = await scan(proxy.url)
    expect((await judge(again.facts, again.gaps)).fired).toEqual([
      'iam/root-access-key',
      'mfa/root-without-hardware-mfa',
    ])
  })

  const member = (name: string) =>
    `<member><UserName>${name}</UserName><Arn>arn:aws:iam::${ACCOUNT}:user/${name}</Arn><Path>/</Path><UserId>${name}</UserId><CreateDate>2024-01-01T00:00:00Z</CreateDate></member>`
  const pageOf = (names: readonly string[], next: string) =>
    answer(
      'ListUsers',
      `<Users>${names.map(member).join('')}</Users><IsTruncated>${next !== ''}</IsTruncated>${next && `<Marker>${next}</Marker>`}`,
    )

  it('follows pages to the end, and keeps what it saw if one is denied', async () => {
    const pages: Record<string, [names: string[], next: string]> = {
      '': [['a', 'b'], 'x'],
      x: [['c'], 'y'],
      y: [['d'], ''],
    }
    proxy.rules.set('ListUsers', (params) => pageOf(...(pages[params.get('Marker') ?? ''] ?? [[], ''])))
    expect((await scan(proxy.url)).users.map(({ data }) => data.name)).toEqual(['a', 'b', 'c', 'd'])

    proxy.rules.set('ListUsers', (params) =>
      params.get('Marker') === 'x' ? accessDenied('ListUsers') : pageOf(['a', 'b'], 'x'),
    )
    const { users, gaps } = await scan(proxy.url)
    expect(users.map(({ data }) => data.name)).toEqual(['a', 'b'])
    expect(gaps.filter((gap) => gap.detail.includes('iam:ListUsers')).map((gap) => [gap.kind, gap.fields])).toEqual([
      ['iam.access-key', undefined],
      ['iam.user', undefined],
    ])
  })

  it('does not go round in circles', async () => {
    proxy.rules.set('ListUsers', () => pageOf(['a'], 'same'))
    const { gaps } = await scan(proxy.url)
    expect(gaps.map((gap) => gap.detail)).toContain('iam:ListUsers: the answer says that there is more, but not where')
  })
})
