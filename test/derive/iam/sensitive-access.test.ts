import { describe, expect, it } from 'vitest'
import { iamUser } from '../../../src/facts/iam.ts'
import { displayName, permissionSetOf } from '../../../src/facts/iam-name.ts'
import { iamSensitiveAccess } from '../../../src/facts/iam-sensitive-access.ts'
import { type Fact, fact, isFact, UNKNOWN } from '../../../src/model.ts'
import { authorizationFacts } from '../../../src/scanners/iam/account-facts.ts'
import { judge, judgeFiles } from '../../scanners/iam/judge.ts'

const SCOPE = 'aws:123456789012'
const arn = (path: string) => `arn:aws:iam::123456789012:${path}`
const RULE = 'mfa/sensitive-action-without-mfa-condition'
const DELETE = { Effect: 'Allow', Action: 's3:Delete*', Resource: 'arn:aws:s3:::acme-*' }
const WITH_MFA = { ...DELETE, Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }
const unless = (Condition: object, more: object = {}) => ({
  Effect: 'Deny',
  NotAction: ['iam:*MFA*', 'sts:GetSessionToken'],
  Resource: '*',
  Condition,
  ...more,
})
const DENY = unless({ BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } })

interface Given {
  readonly user?: readonly object[]
  readonly group?: readonly object[]
  readonly hasPassword?: boolean | typeof UNKNOWN
  readonly attached?: readonly string[]
}

/** One user in one group, each with an inline policy. */
function account({ user = [], group = [], hasPassword = true, attached = [] }: Given): Fact[] {
  const inline = (PolicyName: string, statements: readonly object[]) =>
    statements.length === 0 ? [] : [{ PolicyName, PolicyDocument: JSON.stringify({ Statement: statements }) }]
  const ann = {
    UserName: 'ann',
    Arn: arn('user/ann'),
    GroupList: ['dev'],
    UserPolicyList: inline('own', user),
    AttachedManagedPolicies: attached.map((PolicyArn) => ({ PolicyArn })),
  }
  const dev = { GroupName: 'dev', Arn: arn('group/dev'), GroupPolicyList: inline('dev', group) }
  const authorization = { users: [ann], groups: [dev], roles: [], policies: [] }
  const person = { arn: arn('user/ann'), name: 'ann', accountId: '123456789012', hasPassword }
  const rest = { mfa: 'enabled', mfaKinds: [], passwordLastUsedDays: 1, createdDays: 1 }
  return [
    ...authorizationFacts(authorization, SCOPE, (gap) => expect.fail(gap.detail)),
    fact(iamUser, SCOPE, { resource: arn('user/ann') }, { ...person, ...rest } as never),
  ]
}

async function found(given: Given): Promise<string[]> {
  const { findings } = await judge(account(given), [])
  return findings.filter(({ rule }) => rule.id === RULE).map(({ message }) => message)
}

describe('destructive actions without MFA', () => {
  const USER = 'user ann may, without MFA, s3:DeleteBucket, s3:DeleteBucketPolicy'
  const GROUP = 'group dev may, without MFA, s3:DeleteBucket, s3:DeleteBucketPolicy'
  it.each<[string, Given, readonly string[]]>([
    ['a user', { user: [DELETE] }, [USER]],
    ['a group, once', { group: [DELETE] }, [GROUP]],
    ['with MFA asked by the Allow', { user: [WITH_MFA] }, []],
    [
      'with MFA that may be left out',
      { user: [{ ...DELETE, Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'true' } } }] },
      [USER],
    ],
    ['with a Deny beside it', { user: [DELETE, DENY] }, []],
    ['with a Deny of the group', { user: [DELETE], group: [DENY] }, []],
    ['with a Deny by Null', { user: [DELETE, unless({ Null: { 'aws:MultiFactorAuthAge': 'true' } })] }, []],
    [
      'with a Deny by age',
      { user: [DELETE, unless({ NumericGreaterThanIfExists: { 'aws:MultiFactorAuthAge': '3600' } })] },
      [],
    ],
    [
      'with a Deny that keys pass',
      { user: [DELETE, unless({ Bool: { 'aws:MultiFactorAuthPresent': 'false' } })] },
      [USER],
    ],
    [
      'with a Deny that asks for more',
      {
        user: [
          DELETE,
          unless({
            BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' },
            IpAddress: { 'aws:SourceIp': '192.0.2.0/24' },
          }),
        ],
      },
      [USER],
    ],
    [
      'with a Deny of other things',
      { user: [DELETE, unless({ BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } }, { NotAction: 's3:*' })] },
      [USER],
    ],
    [
      'with a Deny of another bucket',
      {
        user: [
          DELETE,
          unless({ BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } }, { Resource: 'arn:aws:s3:::other' }),
        ],
      },
      [USER],
    ],
    ['reading', { user: [{ ...DELETE, Action: 's3:Get*' }] }, []],
    ['a machine', { user: [DELETE], hasPassword: false }, []],
  ])('%s', async (_, given, messages) => {
    expect(await found(given)).toEqual(messages)
  })

  it.each<[string, Given]>([
    ['whether it is a person', { user: [DELETE], hasPassword: UNKNOWN }],
    ['a further policy', { user: [DELETE], attached: [arn('policy/unseen')] }],
  ])('is open where %s is not seen', async (_, given) => {
    const { findings, undetermined } = await judge(account(given), [])
    expect(findings.map(({ rule }) => rule.id)).not.toContain(RULE)
    expect(undetermined.map(({ rule }) => rule.id)).toContain(RULE)
  })

  it('counts all of them for an administrator, and shows twenty', async () => {
    const facts = account({ attached: ['arn:aws:iam::aws:policy/AdministratorAccess'] })
    const access = (await judge(facts, [])).facts.find((each): each is Fact<typeof iamSensitiveAccess> =>
      isFact(iamSensitiveAccess, each),
    )
    expect(access?.data.withoutMfa?.length).toBe(21)
    expect(access?.data.withoutMfa?.at(-1)).toMatch(/^and \d+ more$/)
  })

  it('are told of groups in files', async () => {
    const { findings } = await judgeFiles({
      'main.tf': `resource "aws_iam_group" "dev" {
  name = "dev"
}
resource "aws_iam_group_policy" "dev" {
  group  = aws_iam_group.dev.name
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "cloudtrail:StopLogging", Resource = "*" }] })
}
`,
    })
    const own = findings.filter(({ rule }) => rule.id === RULE)
    expect(own.map(({ message, assumptions }) => [message, assumptions])).toEqual([
      ['group dev may, without MFA, cloudtrail:StopLogging', ['only the policies that the files show count']],
    ])
  })
})

describe('permission sets', () => {
  it.each([
    ['AWSReservedSSO_AdministratorAccess_0123456789abcdef', 'AdministratorAccess'],
    ['AWSReservedSSO_Data_Reader_0123456789abcdef', 'Data_Reader'],
    ['app', ''],
  ])('%s → %j', (role, name) => {
    expect(permissionSetOf(role)).toBe(name)
  })

  it('are named by findings of their roles', async () => {
    const role = 'AWSReservedSSO_Ops_0123456789abcdef'
    const detail = {
      RoleName: role,
      Arn: arn(`role/aws-reserved/sso.amazonaws.com/${role}`),
      Path: '/aws-reserved/sso.amazonaws.com/',
      AssumeRolePolicyDocument: '{"Statement":[]}',
      AttachedManagedPolicies: [{ PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }],
    }
    const facts = [
      ...authorizationFacts({ users: [], groups: [], roles: [detail], policies: [] }, SCOPE, () => undefined),
    ]
    const { findings } = await judge(facts, [])
    const admin = findings.find(({ rule }) => rule.id === 'iam/full-admin')
    expect(admin?.message).toContain(`to role ${role} (permission set Ops)`)
    expect(admin?.properties).toMatchObject({ permissionSet: 'Ops' })
    expect(displayName(detail.Arn)).toBe(`${role} (permission set Ops)`)
  })
})
