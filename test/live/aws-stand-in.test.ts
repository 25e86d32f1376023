import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { awsAccount } from '../../src/facts/aws.ts'
import { awsSsoPermissionSet } from '../../src/facts/aws-resources.ts'
import { iamAttachment, iamRole, iamStatement, iamUser } from '../../src/facts/iam.ts'
import { iamControl } from '../../src/facts/iam-control.ts'
import { iamLastAccessed } from '../../src/facts/iam-usage.ts'
import type { AwsTarget, ScanContext, Scanner } from '../../src/model.ts'
import { awsLastAccessedScanner } from '../../src/scanners/aws/last-accessed.ts'
import { awsOrganizationScanner } from '../../src/scanners/aws/organization.ts'
import { iamAccountScanner } from '../../src/scanners/iam/account.ts'
import { mfaAwsScanner } from '../../src/scanners/mfa/aws.ts'
import { judge } from '../scanners/iam/judge.ts'
import { collect, NO_TARGETS } from '../support/context.ts'
import {
  type AwsStandIn,
  denied,
  jsonAnswer,
  jsonError,
  queryAnswer,
  type StandInAnswer,
  startAwsStandIn,
} from './servers/aws-stand-in.ts'
import { awsError } from './servers/proxy.ts'

const ACCOUNT = '123456789012'
const SCOPE = `aws:${ACCOUNT}`
const MADE = '2024-01-01T00:00:00Z'

const identity = (account: string) =>
  queryAnswer('sts:GetCallerIdentity', { Account: account, Arn: `arn:aws:iam::${account}:user/auditor`, UserId: 'A' })
const whoAmI: Record<string, StandInAnswer> = { 'sts:GetCallerIdentity': () => identity(ACCOUNT) }

const user = (name: string, account = ACCOUNT) => ({
  UserName: name,
  Arn: `arn:aws:iam::${account}:user/${name}`,
  Path: '/',
  UserId: name,
  CreateDate: MADE,
})
const role = (name: string, path = '/') => ({
  RoleName: name,
  Arn: `arn:aws:iam::${ACCOUNT}:role${path}${name}`,
  Path: path,
  RoleId: name,
  CreateDate: MADE,
})
const users = (...names: string[]): StandInAnswer => {
  return ({ action }) => queryAnswer(action, { Users: names.map((name) => user(name)), IsTruncated: false })
}
const roles = (...list: object[]): StandInAnswer => {
  return ({ action }) => queryAnswer(action, { Roles: list, IsTruncated: false })
}

describe('an AWS account with what moto lacks', () => {
  let server: AwsStandIn

  beforeAll(() => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
    vi.stubEnv('AWS_REGION', 'eu-west-1')
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  })
  afterAll(() => void vi.unstubAllEnvs())
  afterEach(() => server?.stop())

  async function scan(
    scanner: Scanner,
    answers: Record<string, StandInAnswer>,
    extra: Partial<ScanContext> = {},
    target: Partial<AwsTarget> = {},
  ) {
    server = await startAwsStandIn({ ...whoAmI, ...answers })
    const targets = { ...NO_TARGETS, aws: [{ endpoint: server.url, ...target }] }
    return collect(scanner, { targets, ...extra })
  }

  describe('pages', () => {
    const PAGE = 100
    /** 250 users in three pages, each a member of the group `dev`; roles and policies on the last page. */
    const inventory: StandInAnswer = ({ action, params }) => {
      const filter = params.get('Filter.member.1')
      if (filter === 'Group') {
        const managed = [{ PolicyName: 'p', PolicyArn: `arn:aws:iam::${ACCOUNT}:policy/p` }]
        const dev = { GroupName: 'dev', Arn: `arn:aws:iam::${ACCOUNT}:group/dev`, AttachedManagedPolicies: managed }
        return queryAnswer(action, { GroupDetailList: [dev], IsTruncated: false })
      }
      const page = Number(params.get('Marker') ?? 0)
      const names = Array.from({ length: page < 2 ? PAGE : 50 }, (_, i) => `u${page * PAGE + i}`)
      return queryAnswer(action, {
        UserDetailList: names.map((name) => ({ ...user(name), GroupList: ['dev'] })),
        RoleDetailList: page < 2 ? [] : [role('app')],
        IsTruncated: page < 2,
        ...(page < 2 && { Marker: String(page + 1) }),
      })
    }
    const kinds: string[] = [iamStatement, iamAttachment, iamRole].map((kind) => kind.kind)
    const wants: ScanContext['wants'] = (kind) => kinds.includes(kind.kind)

    it('are read to the end, with the groups of whoever stands on any of them', async () => {
      const { of, gaps } = await scan(iamAccountScanner, { 'iam:GetAccountAuthorizationDetails': inventory }, { wants })
      expect(of(iamAttachment).filter((each) => each.data.via?.endsWith(':group/dev'))).toHaveLength(250)
      expect(of(iamRole)).toHaveLength(1)
      expect(server.calls.get('iam:GetAccountAuthorizationDetails')).toBe(4)
      // The role's trust is missing in this inventory.
      expect(gaps.map((gap) => gap.reason)).toEqual(['policy is not JSON'])
    })

    it.each<[string, StandInAnswer, string]>([
      ['is denied', ({ action }) => denied(action), 'access denied'],
      [
        'is throttled for ever',
        () => awsError(400, 'Throttling', 'Rate exceeded', { 'retry-after': '0' }),
        'throttled',
      ],
      ['is HTML', () => ({ status: 500, body: '<html><body>500</body></html>' }), 'call failed'],
      ['is garbage', () => ({ headers: { 'content-type': 'text/xml' }, body: '<GetAcc' }), 'call failed'],
    ])('keep what was seen where the third %s', async (_, answer, reason) => {
      const { of, gaps } = await scan(
        iamAccountScanner,
        {
          'iam:GetAccountAuthorizationDetails': (call) =>
            call.params.get('Marker') === '2' ? answer(call) : inventory(call),
        },
        { wants },
      )
      expect(of(iamAttachment).filter((each) => each.data.via?.endsWith(':group/dev'))).toHaveLength(200)
      expect(gaps.map((gap) => [gap.kind, gap.scope, gap.class, gap.reason])).toEqual(
        kinds.map((kind) => [kind, SCOPE, 'fault', reason]),
      )
      expect(gaps.every((gap) => gap.detail.startsWith('iam:GetAccountAuthorizationDetails'))).toBe(true)
    })
  })

  describe('last use', () => {
    const started: StandInAnswer = ({ action, params }) =>
      queryAnswer(action, { JobId: params.get('Arn')?.split('/').at(-1) })
    const service = (namespace: string, used?: string, actions: object[] = []) => ({
      ServiceName: namespace,
      ServiceNamespace: namespace,
      ...(used && { LastAuthenticated: used, LastAuthenticatedRegion: 'eu-west-1' }),
      ...(actions.length > 0 && { TrackedActionsLastAccessed: actions }),
    })

    it('is waited for, followed over pages, and told by action', async () => {
      vi.useFakeTimers({ now: new Date('2026-06-01T12:00:00Z'), toFake: ['Date'] })
      const asked = new Map<string, number>()
      const job: StandInAnswer = ({ action, params }) => {
        const id = params.get('JobId') ?? ''
        asked.set(id, (asked.get(id) ?? 0) + 1)
        if ((asked.get(id) ?? 0) < 3) return queryAnswer(action, { JobStatus: 'IN_PROGRESS' })
        if (params.get('Marker')) {
          const list = [
            service('s3', '2026-05-30T00:00:00Z', [
              { ActionName: 'GetBucketPolicy' },
              {
                ActionName: 'PutBucketPolicy',
                LastAccessedTime: '2026-05-30T00:00:00Z',
                LastAccessedRegion: 'eu-west-1',
              },
            ]),
          ]
          return queryAnswer(action, { JobStatus: 'COMPLETED', ServicesLastAccessed: list, IsTruncated: false })
        }
        const page = { ServicesLastAccessed: [service('EC2')], IsTruncated: true, Marker: 'x' }
        return queryAnswer(action, { JobStatus: 'COMPLETED', ...page })
      }
      const { of, gaps } = await scan(awsLastAccessedScanner, {
        'iam:ListUsers': users('ann'),
        'iam:ListRoles': roles(role('app'), role('AWSServiceRoleForX', '/aws-service-role/x.amazonaws.com/')),
        'iam:GenerateServiceLastAccessedDetails': started,
        'iam:GetServiceLastAccessedDetails': job,
      })
      vi.useRealTimers()
      expect(gaps).toEqual([])
      const seen = of(iamLastAccessed).map(({ data }) => data)
      // Roles that AWS manages are not asked for.
      expect(new Set(seen.map((each) => each.principalArn))).toEqual(
        new Set([`arn:aws:iam::${ACCOUNT}:user/ann`, `arn:aws:iam::${ACCOUNT}:role/app`]),
      )
      const ofAnn = seen.filter((each) => each.principalArn?.endsWith('/ann'))
      expect(
        ofAnn.map((each) => [each.service, each.action, each.lastUsedDays, each.granularity, each.region]),
      ).toEqual([
        ['ec2', '', -1, 'service', ''],
        ['s3', '', 2, 'action', 'eu-west-1'],
        ['s3', 'GetBucketPolicy', -1, 'action', ''],
        ['s3', 'PutBucketPolicy', 2, 'action', 'eu-west-1'],
      ])
      expect(ofAnn.every((each) => each.trackedDays === 400)).toBe(true)
    })

    it('leaves one gap for jobs that fail, and tells of the others', async () => {
      const { of, gaps } = await scan(awsLastAccessedScanner, {
        'iam:ListUsers': users('ann', 'bob', 'eve'),
        'iam:ListRoles': roles(),
        'iam:GenerateServiceLastAccessedDetails': started,
        'iam:GetServiceLastAccessedDetails': ({ action, params }) =>
          params.get('JobId') === 'ann'
            ? queryAnswer(action, { JobStatus: 'COMPLETED', ServicesLastAccessed: [service('s3')], IsTruncated: false })
            : queryAnswer(action, { JobStatus: 'FAILED', Error: { Message: 'no', Code: 'InternalError' } }),
      })
      expect(of(iamLastAccessed).map(({ data }) => data.principalArn)).toEqual([`arn:aws:iam::${ACCOUNT}:user/ann`])
      const detail = 'iam:GetServiceLastAccessedDetails: the job failed (InternalError)'
      expect(gaps).toEqual([{ kind: 'iam.last-accessed', scope: SCOPE, class: 'fault', reason: 'call failed', detail }])
    })

    it('is not asked for where no rule wants it', async () => {
      await scan(awsLastAccessedScanner, {}, { wants: () => false })
      expect(server.calls.size).toBe(0)
    })
  })

  describe('the root user', () => {
    const summary = (entries: Record<string, number>): StandInAnswer => {
      const map = Object.entries(entries).map(
        ([key, value]) => `<entry><key>${key}</key><value>${value}</value></entry>`,
      )
      return ({ action }) => {
        const answer = queryAnswer(action, { SummaryMap: 'MAP' })
        return { ...answer, body: String(answer.body).replace('MAP', map.join('')) }
      }
    }
    const settings = (root: Record<string, number>, devices: object[]): Record<string, StandInAnswer> => ({
      'iam:GetAccountSummary': summary(root),
      'iam:ListVirtualMFADevices': ({ action }) =>
        queryAnswer(action, { VirtualMFADevices: devices, IsTruncated: false }),
    })
    const rootsOf = async (answers: Record<string, StandInAnswer>) => {
      const { facts, gaps, of } = await scan(mfaAwsScanner, answers, { wants: (kind) => kind.kind === 'aws.account' })
      const ofRoot = gaps.filter((gap) => gap.fields?.some((field) => field.startsWith('root')))
      return { account: of(awsAccount)[0], gaps: ofRoot, fired: (await judge(facts, gaps)).fired }
    }

    it('with a virtual device, whatever its name', async () => {
      const device = {
        SerialNumber: `arn:aws:iam::${ACCOUNT}:mfa/my-phone`,
        User: { Arn: `arn:aws:iam::${ACCOUNT}:root` },
      }
      const root = { AccountMFAEnabled: 1, AccountAccessKeysPresent: 0, AccountPasswordPresent: 1 }
      const { account, fired, gaps } = await rootsOf(settings(root, [device]))
      expect(account?.data.rootMfaHardware).toBe('virtual')
      expect(fired).toContain('mfa/root-without-hardware-mfa')
      expect(gaps).toEqual([])
    })

    it('with another device: a hardware key and a synced passkey look the same', async () => {
      const root = { AccountMFAEnabled: 1, AccountAccessKeysPresent: 0, AccountPasswordPresent: 1 }
      const { account, fired, gaps } = await rootsOf(settings(root, []))
      expect(account?.unknown).toContain('rootMfaHardware')
      expect(fired).not.toContain('mfa/root-without-hardware-mfa')
      expect(gaps.map((gap) => [gap.class, gap.fields])).toEqual([['limit', ['rootMfaHardware']]])
    })

    it('without password and keys, as with central management, needs no MFA', async () => {
      const root = { AccountMFAEnabled: 0, AccountAccessKeysPresent: 0, AccountPasswordPresent: 0 }
      const { account, fired } = await rootsOf(settings(root, []))
      expect(account?.data).toMatchObject({ rootMfa: 'disabled', rootHasPassword: false, rootAccessKeys: 0 })
      expect(fired).not.toContain('mfa/root-without-mfa')
      await server.stop()
      const withPassword = await rootsOf(settings({ ...root, AccountPasswordPresent: 1 }, []))
      expect(withPassword.fired).toContain('mfa/root-without-mfa')
    })
  })

  it('names the permission set of a role of IAM Identity Center; the MFA of its people is not seen', async () => {
    const name = 'AWSReservedSSO_AdministratorAccess_0123456789abcdef'
    const { of, gaps } = await scan(iamAccountScanner, {
      'iam:GetAccountAuthorizationDetails': ({ action, params }) =>
        queryAnswer(action, {
          RoleDetailList:
            params.get('Filter.member.1') === 'Group' ? [] : [role(name, '/aws-reserved/sso.amazonaws.com/')],
          IsTruncated: false,
        }),
    })
    expect(of(awsSsoPermissionSet).map(({ data, unknown }) => [data.name, unknown])).toEqual([
      ['AdministratorAccess', ['mfa']],
    ])
    expect(gaps.filter((gap) => gap.kind === 'aws.sso-permission-set' && gap.fields)).toMatchObject([
      { class: 'limit', fields: ['mfa'] },
    ])
  })

  describe('an organisation', () => {
    const MANAGEMENT = '210987654321'
    const policyArn = (id: string) => `arn:aws:organizations::${MANAGEMENT}:policy/o-1/service_control_policy/${id}`
    const parents: Record<string, { Id: string; Type: string }> = {
      [ACCOUNT]: { Id: 'ou-1', Type: 'ORGANIZATIONAL_UNIT' },
      'ou-1': { Id: 'r-1', Type: 'ROOT' },
    }
    const attached: Record<string, string[]> = {
      'r-1': ['p-full'],
      'ou-1': ['p-full', 'p-deny'],
      [ACCOUNT]: ['p-full'],
    }
    const organization: Record<string, StandInAnswer> = {
      'organizations:DescribeOrganization': () =>
        jsonAnswer({ Organization: { Id: 'o-1', MasterAccountId: MANAGEMENT } }),
      'organizations:ListParents': ({ json }) => jsonAnswer({ Parents: [parents[String(json.ChildId)]] }),
      'organizations:ListPoliciesForTarget': ({ json }) =>
        json.Filter === 'SERVICE_CONTROL_POLICY'
          ? jsonAnswer({
              Policies: attached[String(json.TargetId)]?.map((Id) => ({ Id, Arn: policyArn(Id), Name: Id })) ?? [],
            })
          : jsonError(400, 'PolicyTypeNotEnabledException', 'not enabled'),
      'organizations:DescribePolicy': ({ json }) => {
        const Effect = json.PolicyId === 'p-deny' ? 'Deny' : 'Allow'
        const Content = JSON.stringify({ Statement: [{ Effect, Action: '*', Resource: '*' }] })
        return jsonAnswer({ Policy: { Content } })
      },
    }

    it('limits an account on every level', async () => {
      const { of, gaps } = await scan(awsOrganizationScanner, organization)
      expect(gaps).toEqual([])
      expect(of(iamControl).map(({ data }) => [data.level, data.target, data.policyName, data.type])).toEqual([
        [0, ACCOUNT, 'p-full', 'SCP'],
        [1, 'ou-1', 'p-full', 'SCP'],
        [1, 'ou-1', 'p-deny', 'SCP'],
        [2, 'r-1', 'p-full', 'SCP'],
      ])
      expect(of(iamStatement).map(({ data }) => [data.policy, data.policyKind, data.effect, data.accountId])).toEqual([
        [policyArn('p-full'), 'control', 'Allow', ACCOUNT],
        [policyArn('p-deny'), 'control', 'Deny', ACCOUNT],
      ])
      expect(server.calls.get('organizations:DescribePolicy')).toBe(2)
    })

    it('shows a member nothing: a limit, no fault', async () => {
      const { 'organizations:DescribeOrganization': describeIt } = organization
      const { facts, gaps } = await scan(awsOrganizationScanner, {
        ...(describeIt && { 'organizations:DescribeOrganization': describeIt }),
      })
      expect(facts).toEqual([])
      expect(gaps.map((gap) => [gap.kind, gap.scope, gap.class, gap.reason])).toEqual([
        ['iam.control', SCOPE, 'limit', 'service control policies not seen'],
      ])
    })

    it('binds neither the management account nor one that is in none', async () => {
      const own = () => jsonAnswer({ Organization: { MasterAccountId: ACCOUNT } })
      const none = () => jsonError(400, 'AWSOrganizationsNotInUseException', 'none')
      for (const answer of [own, none]) {
        const { facts, gaps } = await scan(awsOrganizationScanner, { 'organizations:DescribeOrganization': answer })
        expect([facts, gaps]).toEqual([[], []])
        await server.stop()
      }
    })

    it('is read account by account, with a role and its ExternalId; one that refuses leaves the others', async () => {
      const assumed: (string | null)[][] = []
      const answers: Record<string, StandInAnswer> = {
        'organizations:ListAccounts': ({ json }) =>
          json.NextToken
            ? jsonAnswer({
                Accounts: [
                  { Id: '444444444444', State: 'SUSPENDED' },
                  { Id: ACCOUNT, State: 'ACTIVE' },
                ],
              })
            : jsonAnswer({
                Accounts: [
                  { Id: '222222222222', State: 'ACTIVE' },
                  { Id: '333333333333', State: 'ACTIVE' },
                ],
                NextToken: 'x',
              }),
        'sts:AssumeRole': ({ action, params }) => {
          const arn = params.get('RoleArn') ?? ''
          assumed.push([arn, params.get('ExternalId'), params.get('RoleSessionName')])
          if (arn.includes('333333333333')) return denied(action)
          const Credentials = {
            AccessKeyId: 'ASIA2',
            SecretAccessKey: 's',
            SessionToken: 't',
            Expiration: new Date(Date.now() + 3_600_000).toISOString(),
          }
          return queryAnswer(action, { Credentials })
        },
        'iam:ListUsers': ({ action, accessKey }) => {
          const [name, account] = accessKey === 'ASIA2' ? ['two', '222222222222'] : ['one', ACCOUNT]
          return queryAnswer(action, { Users: [user(name, account)], IsTruncated: false })
        },
      }
      const target = { accounts: ['all'], role: 'audit/zt', externalId: 'e-1' }
      const { of, gaps } = await scan(mfaAwsScanner, answers, { wants: (kind) => kind.kind === 'iam.user' }, target)
      expect(assumed).toEqual([
        ['arn:aws:iam::222222222222:role/audit/zt', 'e-1', 'zt-audit'],
        ['arn:aws:iam::333333333333:role/audit/zt', 'e-1', 'zt-audit'],
      ])
      expect(of(iamUser).map(({ scope, data }) => [scope, data.name])).toEqual([
        [SCOPE, 'one'],
        ['aws:222222222222', 'two'],
      ])
      const refused = gaps.filter((gap) => gap.scope === 'aws:333333333333')
      expect(refused.map((gap) => [gap.kind, gap.class, gap.reason])).toEqual([['iam.user', 'fault', 'access denied']])
      expect(refused[0]?.detail).toContain('sts:AssumeRole on arn:aws:iam::333333333333:role/audit/zt')
    })

    it('is read once where two profiles lead to it', async () => {
      server = await startAwsStandIn({ ...whoAmI, 'iam:ListUsers': users('ann') })
      const aws = [{ endpoint: server.url }, { endpoint: server.url }]
      const wants: ScanContext['wants'] = (kind) => kind.kind === 'iam.user'
      const { of } = await collect(mfaAwsScanner, { targets: { ...NO_TARGETS, aws }, wants })
      expect(of(iamUser)).toHaveLength(1)
      expect(server.calls.get('iam:ListUsers')).toBe(1)
    })
  })

  it('does not wait for an account that hangs longer than its time', async () => {
    const { gaps } = await scan(
      mfaAwsScanner,
      { 'iam:ListUsers': () => 'hang' },
      { limits: { maxFileSize: 1, timeoutSeconds: 2 }, wants: (kind) => kind.kind === 'iam.user' },
    )
    expect(gaps.map((gap) => [gap.kind, gap.scope, gap.reason])).toContainEqual(['iam.user', SCOPE, 'out of time'])
  })
})
