import { describe, expect, it } from 'vitest'
import { judgePrincipals } from '../../../src/derive/iam/grants.ts'
import { iamRole, iamStatement, iamUser } from '../../../src/facts/iam.ts'
import { iamControl } from '../../../src/facts/iam-control.ts'
import { iamEscalation, iamPrivileged } from '../../../src/facts/iam-escalation.ts'
import { type Fact, type Gap, isFact } from '../../../src/model.ts'
import { loadIamActions } from '../../../src/reference/iam-actions.ts'
import { ESCALATION_PATHS } from '../../../src/reference/iam-escalation.ts'
import { authorizationFacts } from '../../../src/scanners/iam/account-facts.ts'
import { judgeFiles } from '../../scanners/iam/judge.ts'

const ACCOUNT = '123456789012'
const SCOPE = `aws:${ACCOUNT}`
const arn = (kind: string, name: string) => `arn:aws:iam::${ACCOUNT}:${kind}/${name}`
const text = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements })
const allow = (action: string | string[], resource: string | string[] = '*', more: object = {}) => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
  ...more,
})
const trusts = (principal: object, more: object = {}) =>
  text({ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole', ...more })
const ADMIN = { PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }

interface Account {
  readonly users?: Readonly<Record<string, object>>
  readonly roles?: Readonly<Record<string, object>>
  readonly groups?: Readonly<Record<string, object>>
  readonly policies?: Readonly<Record<string, string>>
}
const inline = (...statements: object[]) => [{ PolicyName: 'own', PolicyDocument: text(...statements) }]

function userFact(name: string): Fact {
  const data = { arn: arn('user', name), name, accountId: ACCOUNT }
  return { kind: iamUser.kind, scope: SCOPE, at: { resource: data.arn }, data, unknown: [] }
}

/** An account as AWS tells of it, judged. */
function judge(
  { users = {}, roles = {}, groups = {}, policies = {} }: Account,
  gaps: Gap[] = [],
  more: Fact[] = [],
): Fact[] {
  const facts = authorizationFacts(
    {
      users: Object.entries(users).map(([name, more]) => ({ UserName: name, Arn: arn('user', name), ...more })),
      groups: Object.entries(groups).map(([name, more]) => ({ GroupName: name, Arn: arn('group', name), ...more })),
      roles: Object.entries(roles).map(([name, more]) => ({
        RoleName: name,
        Arn: arn('role', name),
        Path: '/',
        AssumeRolePolicyDocument: trusts({ Service: 'ec2.amazonaws.com' }),
        ...more,
      })),
      policies: Object.entries(policies).map(([name, Document]) => ({
        Arn: arn('policy', name),
        PolicyName: name,
        PolicyVersionList: [{ IsDefaultVersion: true, Document }],
      })),
    },
    SCOPE,
    (gap) => expect.fail(gap.detail),
  )
  const people = Object.keys(users).map((name) => userFact(name))
  return judgePrincipals.derive([...facts, ...people, ...more], gaps, {
    trustedAccounts: [],
    breakGlassRoles: ['rescue'],
  }).facts
}

/** Who escalates: name, whether that is sure, and how. */
function escalations(account: Account, gaps: Gap[] = []): string[] {
  return judge(account, gaps)
    .filter((each): each is Fact<typeof iamEscalation> => isFact(iamEscalation, each))
    .map(
      ({ data, unknown }) =>
        `${data.subjectName} ${unknown.includes('certain') ? 'unknown' : data.certain} ${data.how}`,
    )
}

const LAMBDA = ['lambda:CreateFunction', 'lambda:InvokeFunction']
const lambdaAdmin = {
  AssumeRolePolicyDocument: trusts({ Service: 'lambda.amazonaws.com' }),
  AttachedManagedPolicies: [ADMIN],
}

describe('in an account', () => {
  it.each<[string, Account, string[]]>([
    [
      'a user that writes its own policy',
      { users: { ann: { UserPolicyList: inline(allow('iam:PutUserPolicy', 'arn:aws:iam::*:user/${aws:username}')) } } },
      ['ann true by iam:PutUserPolicy on itself'],
    ],
    [
      'a user that writes those of another',
      { users: { ann: { UserPolicyList: inline(allow('iam:PutUserPolicy', arn('user', 'bob'))) } } },
      [],
    ],
    [
      'by another user’s keys',
      {
        users: {
          ann: { UserPolicyList: inline(allow('iam:CreateAccessKey')) },
          root: { AttachedManagedPolicies: [ADMIN] },
        },
      },
      ['ann true by iam:CreateAccessKey on the user root, which is administrator'],
    ],
    [
      'by keys of users that have no more',
      { users: { ann: { UserPolicyList: inline(allow('iam:CreateAccessKey')) }, bob: {} } },
      [],
    ],
    [
      'by a policy that applies to it',
      {
        users: { ann: { AttachedManagedPolicies: [{ PolicyArn: arn('policy', 'own') }] } },
        policies: { own: text(allow('iam:CreatePolicyVersion', arn('policy', 'o*'))) },
      },
      ['ann true by iam:CreatePolicyVersion on the policy own, which applies to it'],
    ],
    [
      'a group, said once for all its members',
      {
        groups: {
          dev: { GroupPolicyList: inline(allow('iam:AttachUserPolicy', 'arn:aws:iam::*:user/${aws:username}')) },
        },
        users: { ann: { GroupList: ['dev'] }, bob: { GroupList: ['dev'] } },
      },
      ['dev true by iam:AttachUserPolicy on itself'],
    ],
    [
      'by a function that runs as an administrator, over two policies',
      {
        users: {
          ann: {
            UserPolicyList: inline(allow('iam:PassRole')),
            AttachedManagedPolicies: [{ PolicyArn: arn('policy', 'l') }],
          },
        },
        policies: { l: text(allow(LAMBDA)) },
        roles: { admin: lambdaAdmin },
      },
      [
        'ann true by passing the role admin, which is administrator, to lambda (iam:PassRole and lambda:CreateFunction and lambda:InvokeFunction)',
      ],
    ],
    [
      'not by a role that trusts another service',
      {
        users: { ann: { UserPolicyList: inline(allow(['iam:PassRole', ...LAMBDA])) } },
        roles: { admin: { AttachedManagedPolicies: [ADMIN] } },
      },
      [],
    ],
    [
      'not by a role that may only be passed to another',
      {
        users: {
          ann: {
            UserPolicyList: inline(
              allow('iam:PassRole', '*', {
                Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
              }),
              allow(LAMBDA),
            ),
          },
        },
        roles: { admin: lambdaAdmin },
      },
      [],
    ],
    [
      'not within a boundary',
      {
        users: {
          ann: {
            UserPolicyList: inline(allow('iam:PutUserPolicy')),
            PermissionsBoundary: { PermissionsBoundaryArn: arn('policy', 'limit') },
          },
        },
        policies: { limit: text(allow('s3:*')) },
      },
      [],
    ],
    [
      'not where it is denied',
      { users: { ann: { UserPolicyList: inline(allow('iam:*'), { ...allow('iam:*'), Effect: 'Deny' }) } } },
      [],
    ],
    ['an administrator, of whom full-admin speaks', { users: { ann: { AttachedManagedPolicies: [ADMIN] } } }, []],
    [
      'by what was not seen',
      { users: { ann: { UserPolicyList: inline(allow('ssm:SendCommand')) } } },
      ['ann false by ssm:SendCommand on something that runs with more rights'],
    ],
    [
      'not by work on one instance',
      { users: { ann: { UserPolicyList: inline(allow('ssm:SendCommand', 'arn:aws:ec2:*:*:instance/i-1')) } } },
      [],
    ],
    [
      'by a new role',
      {
        users: {
          ann: { UserPolicyList: inline(allow(['iam:CreateRole', 'iam:AttachRolePolicy'], arn('role', 'app-*'))) },
        },
      },
      ['ann true by making a new role (iam:CreateRole, iam:AttachRolePolicy)'],
    ],
    [
      'by a new role within a boundary, perhaps',
      {
        users: {
          ann: {
            UserPolicyList: inline(
              allow('iam:CreateRole', '*', {
                Condition: { StringEquals: { 'iam:PermissionsBoundary': arn('policy', 'b') } },
              }),
              allow('iam:AttachRolePolicy', '*', {
                Condition: { ArnEquals: { 'iam:PolicyARN': 'arn:aws:iam::aws:policy/ReadOnlyAccess' } },
              }),
            ),
          },
        },
      },
      [],
    ],
    [
      'a service’s own role',
      {
        roles: {
          AWSServiceRoleForX: { Path: '/aws-service-role/x/', RolePolicyList: inline(allow('iam:PutRolePolicy')) },
        },
      },
      [],
    ],
  ])('%s', (_, account, expected) => {
    expect(escalations(account)).toEqual(expected)
  })

  it('follows roles over several steps', () => {
    const roles = {
      middle: {
        AssumeRolePolicyDocument: trusts({ AWS: arn('user', 'ann') }),
        RolePolicyList: inline(allow('sts:AssumeRole', arn('role', 'end'))),
      },
      end: {
        AssumeRolePolicyDocument: trusts({ AWS: `arn:aws:iam::${ACCOUNT}:root` }),
        AttachedManagedPolicies: [ADMIN],
      },
    }
    expect(escalations({ users: { ann: {}, bob: {} }, roles })).toEqual([
      'middle true by assuming the role end, which is administrator',
      'ann true by assuming the role middle, which can make itself administrator by assuming the role end, which is administrator',
    ])
  })

  it('does not follow a trust that names somebody who may not assume roles', () => {
    const roles = {
      end: { AssumeRolePolicyDocument: trusts({ AWS: arn('user', 'ann') }), AttachedManagedPolicies: [ADMIN] },
    }
    const denied = inline({ Effect: 'Deny', Action: 'sts:*', Resource: '*' })
    expect(escalations({ users: { ann: { UserPolicyList: denied } }, roles })).toEqual([])
    expect(escalations({ users: { ann: {} }, roles })).toHaveLength(1)
    const refused = text(
      { Effect: 'Allow', Principal: { AWS: arn('user', 'ann') }, Action: 'sts:AssumeRole' },
      { Effect: 'Deny', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'sts:AssumeRole' },
    )
    expect(
      escalations({ users: { ann: {} }, roles: { end: { ...roles.end, AssumeRolePolicyDocument: refused } } }),
    ).toEqual([])
  })

  it('follows a role into another account of the run, if both sides allow it', () => {
    const other = '210987654321'
    const role = `arn:aws:iam::${other}:role/end`
    const facts = [
      ...authorizationFacts(
        {
          users: [],
          groups: [],
          policies: [],
          roles: [
            {
              RoleName: 'end',
              Arn: role,
              Path: '/',
              AssumeRolePolicyDocument: trusts({ AWS: arn('user', 'ann') }),
              AttachedManagedPolicies: [ADMIN],
            },
          ],
        } as unknown as Parameters<typeof authorizationFacts>[0],
        `aws:${other}`,
        (gap) => expect.fail(gap.detail),
      ),
    ]
    const ann = (...own: object[]) =>
      judge({ users: { ann: { UserPolicyList: inline(...own) } } }, [], facts)
        .filter((each): each is Fact<typeof iamEscalation> => isFact(iamEscalation, each))
        .map(({ data }) => [data.subjectName, data.target])
    expect(ann(allow('sts:AssumeRole', role))).toEqual([['ann', role]])
    expect(ann(allow('s3:GetObject'))).toEqual([])
  })

  it('takes a role that asks for MFA for the way that people are meant to go', () => {
    const mfa = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }
    const roles = {
      end: { AssumeRolePolicyDocument: trusts({ AWS: arn('user', 'ann') }, mfa), AttachedManagedPolicies: [ADMIN] },
    }
    expect(escalations({ users: { ann: {} }, roles })).toEqual([
      'ann false by assuming the role end, which is administrator',
    ])
  })

  it('says who is privileged, and why', () => {
    const facts = judge({
      users: {
        ann: { UserPolicyList: inline(allow('iam:PutUserPolicy')) },
        bob: {},
        root: { AttachedManagedPolicies: [ADMIN] },
      },
    })
    const privileged = facts.filter((each): each is Fact<typeof iamPrivileged> => isFact(iamPrivileged, each))
    expect(privileged.map(({ data }) => [data.principalArn, data.admin, data.because])).toEqual([
      [arn('user', 'ann'), false, 'can make itself administrator by iam:PutUserPolicy on itself'],
      [arn('user', 'root'), true, 'is administrator by AdministratorAccess'],
    ])
  })

  it('is not sure that there is no role where roles were denied', () => {
    const account = { users: { ann: { UserPolicyList: inline(allow(['iam:PassRole', ...LAMBDA])) } } }
    expect(escalations(account)).toEqual([])
    const gap: Gap = { kind: iamRole.kind, scope: SCOPE, class: 'fault', reason: 'access denied', detail: '' }
    expect(escalations(account, [gap])).toEqual([
      'ann false by passing a role that is not seen here to lambda (iam:PassRole and lambda:CreateFunction and lambda:InvokeFunction)',
    ])
  })

  it('names the least to cut', () => {
    const statements = [
      { ...allow(['iam:PassRole']), Sid: 'Pass' },
      allow([...LAMBDA, 'ec2:RunInstances', 'lambda:AddPermission']),
    ]
    const facts = judge({
      users: { ann: { UserPolicyList: inline(...statements) } },
      roles: { admin: lambdaAdmin, box: { AttachedManagedPolicies: [ADMIN] } },
    })
    const [fact] = facts.filter((each): each is Fact<typeof iamEscalation> => isFact(iamEscalation, each))
    expect(fact?.data).toMatchObject({ cut: 'iam:PassRole in own (Pass)', policy: `${arn('user', 'ann')}#inline/own` })
    expect(fact?.data.paths).toEqual(expect.arrayContaining(['ec2-001', 'lambda-001', 'lambda-006']))
  })
})

describe('in files', () => {
  const document = (...statements: object[]) => ({ 'policy.json': text(...statements) })
  const rules = async (files: Record<string, string>) =>
    (await judgeFiles(files)).fired.filter((rule) => rule.startsWith('iam/privilege-escalation'))

  it.each<[string, object[], string[]]>([
    ['all of IAM, whoever holds it', [allow('iam:*')], ['iam/privilege-escalation']],
    [
      'a policy version, if the policy is a managed one',
      [allow('iam:CreatePolicyVersion')],
      ['iam/privilege-escalation-conditional'],
    ],
    ['users only, if the holder is one', [allow('iam:PutUserPolicy')], ['iam/privilege-escalation-conditional']],
    ['passing alone', [allow('iam:PassRole')], []],
    ['a role that the policy names', [allow('iam:PassRole', arn('role', 'app')), allow(LAMBDA)], []],
    ['reading', [allow(['s3:GetObject', 'iam:Get*', 'iam:List*'])], []],
  ])('a document: %s', async (_, statements, expected) => {
    expect(await rules(document(...statements))).toEqual(expected)
  })

  it('leaves undetermined what a role may do that the policy names and the tree does not hold', async () => {
    const { undetermined } = await judgeFiles(document(allow('iam:PassRole', arn('role', 'app')), allow(LAMBDA)))
    expect(undetermined.map((each) => each.rule.id)).toContain('iam/privilege-escalation')
  })
})

it('knows every action of every path', () => {
  const reference = loadIamActions()
  const missing = ESCALATION_PATHS.flatMap((path) => path.permissions).filter((name) => {
    const [service = '', action] = name.split(':')
    return !reference.actionsOf(service)?.some((each) => each.name === action)
  })
  expect(missing).toEqual([])
  expect(new Set(ESCALATION_PATHS.map((path) => path.id)).size).toBe(ESCALATION_PATHS.length)
})

describe('service control policies', () => {
  const scp = 'arn:aws:organizations::210987654321:policy/o-x/service_control_policy/p-x'
  const control = (level: number, policy: string): Fact => ({
    kind: iamControl.kind,
    scope: SCOPE,
    at: { resource: policy },
    data: { accountId: ACCOUNT, policy, policyName: 'x', type: 'SCP', target: `t${level}`, level },
    unknown: [],
  })
  const statement = (policy: string, effect: 'Allow' | 'Deny', action: string): Fact => ({
    kind: iamStatement.kind,
    scope: SCOPE,
    at: { resource: policy },
    data: { policy, policyName: 'x', policyKind: 'control', effect, actions: [action], resources: ['*'], hash: effect },
    unknown: [],
  })
  const account = {
    users: { ann: { UserPolicyList: inline(allow('iam:PutUserPolicy')) }, root: { AttachedManagedPolicies: [ADMIN] } },
  }
  const privileged = (...more: Fact[]) =>
    judge(account, [], more)
      .filter((each): each is Fact<typeof iamPrivileged> => isFact(iamPrivileged, each))
      .map(({ data, unknown }) => [data.principalArn, unknown.includes('privileged') ? 'unknown' : data.admin])

  it('limit an account level by level', () => {
    const root = [control(1, scp), statement(scp, 'Allow', '*')]
    const own = [control(0, `${scp}y`), statement(`${scp}y`, 'Allow', '*')]
    expect(privileged(...root, ...own)).toEqual([
      [arn('user', 'ann'), false],
      [arn('user', 'root'), true],
    ])
    expect(privileged(...root, ...own, statement(`${scp}y`, 'Deny', 'iam:*'))).toEqual([])
  })

  it('leave open what a policy that was not seen may take away', () => {
    expect(privileged(control(0, scp))).toEqual([
      [arn('user', 'ann'), 'unknown'],
      [arn('user', 'root'), 'unknown'],
    ])
  })
})
