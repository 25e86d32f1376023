import { describe, expect, it } from 'vitest'
import { judgePrincipals } from '../../../src/derive/iam/grants.ts'
import { iamAttachment, iamGrant, iamRole, iamStatement, iamUser } from '../../../src/facts/iam.ts'
import { iamPrivileged } from '../../../src/facts/iam-escalation.ts'
import { iamAdminAccess } from '../../../src/facts/iam-judgement.ts'
import { type Fact, isFact } from '../../../src/model.ts'
import { authorizationFacts, decodeDocument } from '../../../src/scanners/iam/account-facts.ts'
import { attachmentFact } from '../../../src/scanners/iam/attachment.ts'
import { judge } from '../../scanners/iam/judge.ts'

const SCOPE = 'aws:123456789012'
const ANN = 'arn:aws:iam::123456789012:user/ann'
const ALL = { Effect: 'Allow', Action: '*', Resource: '*' }
const AWS_ADMIN = 'arn:aws:iam::aws:policy/AdministratorAccess'
const policyArn = (name: string) => `arn:aws:iam::123456789012:policy/${name}`
const document = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements })

interface Inventory {
  readonly policies?: Readonly<Record<string, object[]>>
  readonly attached?: readonly string[]
  readonly boundary?: string
}

/** One user as AWS tells of it, with managed policies by name. */
function inventory({ policies = {}, attached = Object.keys(policies).map(policyArn), boundary }: Inventory): Fact[] {
  const user = {
    UserName: 'ann',
    Arn: ANN,
    AttachedManagedPolicies: attached.map((PolicyArn) => ({ PolicyArn })),
    ...(boundary && { PermissionsBoundary: { PermissionsBoundaryArn: boundary } }),
  }
  const managed = Object.entries(policies).map(([name, statements]) => ({
    Arn: policyArn(name),
    PolicyName: name,
    PolicyVersionList: [{ IsDefaultVersion: true, Document: encodeURIComponent(document(...statements)) }],
  }))
  const authorization = { users: [user], groups: [], roles: [], policies: managed }
  return [...authorizationFacts(authorization, SCOPE, (gap) => expect.fail(gap.detail))]
}

/** Whether any grant makes the user administrator: true, false, or unknown. */
function isAdmin(given: Inventory): boolean | 'unknown' {
  const { facts } = judgePrincipals.derive(inventory(given), [], { trustedAccounts: [], breakGlassRoles: [] })
  const grants = facts.filter((each): each is Fact<typeof iamGrant> => isFact(iamGrant, each))
  if (grants.some(({ data }) => data.admin)) return true
  return grants.some(({ unknown }) => unknown.includes('admin')) ? 'unknown' : false
}

describe('administrator', () => {
  it.each<[string, Inventory, boolean | 'unknown']>([
    ['by one policy', { policies: { a: [ALL] } }, true],
    ['by AdministratorAccess, whose document is known', { attached: [AWS_ADMIN] }, true],
    [
      'by two policies together',
      { policies: { a: [{ ...ALL, Action: undefined, NotAction: 'iam:*' }], b: [{ ...ALL, Action: 'iam:*' }] } },
      true,
    ],
    [
      'not by two that leave something out',
      {
        policies: {
          a: [{ ...ALL, Action: undefined, NotAction: ['iam:*', 'kms:*'] }],
          b: [{ ...ALL, Action: 'iam:*' }],
        },
      },
      false,
    ],
    ['not by a service', { policies: { a: [{ ...ALL, Action: 's3:*' }] } }, false],
    ['though something is denied', { policies: { a: [ALL], b: [{ ...ALL, Effect: 'Deny', Action: 's3:*' }] } }, true],
    [
      'though a part of IAM is denied',
      { policies: { a: [ALL], b: [{ ...ALL, Effect: 'Deny', Action: 'iam:Attach*' }] } },
      true,
    ],
    ['not if IAM is denied', { policies: { a: [ALL], b: [{ ...ALL, Effect: 'Deny', Action: 'iam:*' }] } }, false],
    [
      'not if all but reading is denied',
      { policies: { a: [ALL, { Effect: 'Deny', NotAction: '*:Get*', Resource: '*' }] } },
      false,
    ],
    [
      'though the Deny is for one user only',
      { policies: { a: [ALL], b: [{ Effect: 'Deny', Action: 'iam:*', Resource: ANN }] } },
      true,
    ],
    [
      'within a boundary that allows all',
      { policies: { a: [ALL], limit: [ALL] }, attached: [policyArn('a')], boundary: policyArn('limit') },
      true,
    ],
    [
      'not within a narrow boundary',
      {
        policies: { a: [ALL], limit: [{ ...ALL, Action: 's3:*' }] },
        attached: [policyArn('a')],
        boundary: policyArn('limit'),
      },
      false,
    ],
    [
      'unknown within a boundary that was not seen',
      { policies: { a: [ALL] }, boundary: policyArn('unseen') },
      'unknown',
    ],
    [
      'unknown beside a policy that was not seen',
      { policies: { a: [ALL] }, attached: [policyArn('a'), policyArn('unseen')] },
      'unknown',
    ],
    [
      'beside one of AWS, which only allows',
      { policies: { a: [ALL] }, attached: [policyArn('a'), 'arn:aws:iam::aws:policy/ReadOnlyAccess'] },
      true,
    ],
    [
      'unknown beside one of AWS that denies',
      { policies: { a: [ALL] }, attached: [policyArn('a'), 'arn:aws:iam::aws:policy/AWSDenyAll'] },
      'unknown',
    ],
    ['not by a boundary alone', { policies: { limit: [ALL] }, attached: [], boundary: policyArn('limit') }, false],
  ])('%s', (_, given, expected) => {
    expect(isAdmin(given)).toBe(expected)
  })

  it('says that a Deny under a condition is an assumption', () => {
    const withoutMfa = { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } }
    const facts = inventory({
      policies: { a: [ALL, { Effect: 'Deny', NotAction: 'iam:Get*', Resource: '*', Condition: withoutMfa }] },
    })
    const derived = judgePrincipals.derive(facts, [], { trustedAccounts: [], breakGlassRoles: [] }).facts
    const grant = derived.find((each): each is Fact<typeof iamGrant> => isFact(iamGrant, each))
    expect(grant?.data.admin).toBe(true)
    expect(grant?.data.assumptions).toEqual([
      'a Deny does not apply: BoolIfExists aws:MultiFactorAuthPresent false',
      'service control, resource and session policies were not looked at',
    ])
  })
})

describe('iam/full-admin in an account', () => {
  const settings = { trustedAccounts: [], breakGlassRoles: ['emergency*'] }
  function role(name: string, path = '/'): Fact[] {
    const Arn = `arn:aws:iam::123456789012:role${path}${name}`
    const detail = {
      RoleName: name,
      Arn,
      Path: path,
      AssumeRolePolicyDocument: document(),
      AttachedManagedPolicies: [{ PolicyArn: AWS_ADMIN }],
    }
    return [...authorizationFacts({ users: [], groups: [], roles: [detail], policies: [] }, SCOPE, () => undefined)]
  }

  it.each([
    [role('app'), [['critical', 'AdministratorAccess allows every action on every resource to role app']]],
    [
      role('AWSReservedSSO_Admin_0123', '/aws-reserved/sso.amazonaws.com/'),
      [['medium', expect.stringContaining('AWSReservedSSO_Admin_0123')]],
    ],
    [role('emergency-1'), [['medium', expect.stringContaining('emergency-1')]]],
    [role('AWSServiceRoleForX', '/aws-service-role/x.amazonaws.com/'), []],
  ])('%#', async (facts, expected) => {
    const { findings } = await judge(facts, [], settings)
    const admin = findings.filter(({ rule }) => rule.id === 'iam/full-admin')
    expect(admin.map((finding) => [finding.severity, finding.message])).toEqual(expected)
  })

  it('is one finding for each holder, and none for what a group gives besides the group', () => {
    const group = {
      GroupName: 'ops',
      Arn: 'arn:aws:iam::123456789012:group/ops',
      AttachedManagedPolicies: [{ PolicyArn: AWS_ADMIN }],
    }
    const users = ['ann', 'bob'].map((name) => ({
      UserName: name,
      Arn: `arn:aws:iam::123456789012:user/${name}`,
      GroupList: ['ops'],
    }))
    const facts = [...authorizationFacts({ users, groups: [group], roles: [], policies: [] }, SCOPE, () => undefined)]
    const derived = judgePrincipals.derive(facts, [], settings).facts
    const admins = derived.filter((each): each is Fact<typeof iamAdminAccess> => isFact(iamAdminAccess, each))
    expect(admins.map(({ data }) => data.subject)).toEqual([group.Arn])
    const grants = derived.filter((each): each is Fact<typeof iamGrant> => isFact(iamGrant, each))
    expect(grants.map(({ data }) => [data.principalArn, data.via, data.admin])).toEqual([
      ['arn:aws:iam::123456789012:user/ann', group.Arn, true],
      ['arn:aws:iam::123456789012:user/bob', group.Arn, true],
    ])
  })
})

describe('an inventory as AWS tells it', () => {
  it('has documents URL-encoded or not, and no policy name', () => {
    const text = document({ ...ALL, Resource: 'arn:aws:s3:::100%/*' })
    expect(decodeDocument(encodeURIComponent(text))).toBe(text)
    expect(decodeDocument(text)).toBe(text)
    const policies = [
      { Arn: policyArn('path/p'), PolicyVersionList: [{ VersionId: 'v2', Document: text }], DefaultVersionId: 'v2' },
    ]
    const facts = [...authorizationFacts({ users: [], groups: [], roles: [], policies }, SCOPE, () => undefined)]
    expect(facts.map((each) => (isFact(iamStatement, each) ? each.data.policyName : ''))).toEqual(['p'])
  })

  it('has gaps where a document cannot be read or a group is missing', () => {
    const gaps: string[] = []
    const users = [{ UserName: 'ann', Arn: ANN, GroupList: ['gone'] }]
    const policies = [{ Arn: policyArn('p'), PolicyVersionList: [{ IsDefaultVersion: true, Document: '%7Bbroken' }] }]
    const facts = [
      ...authorizationFacts(
        { users, groups: [], roles: [], policies },
        SCOPE,
        (gap) => void gaps.push(`${gap.kind}: ${gap.reason}`),
      ),
    ]
    expect(facts).toEqual([])
    expect(gaps).toEqual(['iam.attachment: group not seen', 'iam.statement: policy is not JSON'])
  })

  it('leaves out policies of AWS that nobody holds', () => {
    const version = { IsDefaultVersion: true, Document: document(ALL) }
    const policies = [
      { Arn: AWS_ADMIN, AttachmentCount: 0, PolicyVersionList: [version] },
      { Arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess', AttachmentCount: 1, PolicyVersionList: [version] },
    ]
    const facts = [...authorizationFacts({ users: [], groups: [], roles: [], policies }, SCOPE, () => undefined)]
    expect(
      facts.map((each) => (isFact(iamStatement, each) ? [each.data.policyName, each.data.managedBy] : [])),
    ).toEqual([['ReadOnlyAccess', 'aws']])
  })
})

it('judges two thousand users over fifteen hundred policies, one fact for each grant of everything', () => {
  const policies = Object.fromEntries(
    Array.from({ length: 1500 }, (_, i) => [
      `p${i}`,
      [
        { ...ALL, Action: [`s3:Get${i % 7}*`, 'iam:*', '*:Describe*'] },
        { ...ALL, Action: undefined, NotAction: 'iam:*' },
      ],
    ]),
  )
  const facts = inventory({ policies, attached: [] })
  for (let i = 0; i < 2000; i++) {
    const seen = {
      policy: policyArn(`p${i % 1500}`),
      principalArn: `${ANN}${i}`,
      principalKind: 'user',
      via: 'direct',
      boundary: false,
    } as const
    facts.push(attachmentFact(SCOPE, { resource: ANN }, seen))
  }
  const { facts: derived } = judgePrincipals.derive(facts, [], { trustedAccounts: [], breakGlassRoles: [] })
  expect(derived.filter((each) => isFact(iamGrant, each))).toHaveLength(4000)
  expect(derived.filter((each) => isFact(iamPrivileged, each))).toHaveLength(2000)
})

it('declares what it reads and yields', () => {
  expect(judgePrincipals.from.map((kind) => kind.kind)).toEqual([iamStatement.kind, iamAttachment.kind, iamRole.kind])
  expect(judgePrincipals.from).not.toContain(iamUser)
})
