import { describe, expect, it } from 'vitest'
import { judgeFiles } from '../../scanners/iam/judge.ts'

const ARN = 'arn:aws:iam::123456789012'
/** Judges one statement of a bare document. */
async function judgeStatement(statement: object) {
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] })
  return judgeFiles({ 'p.json': policy })
}
const fired = async (statement: object) => (await judgeStatement(statement)).fired

describe('everything, in any spelling', () => {
  it.each([
    [{ Action: '*', Resource: '*' }],
    [{ Action: '*:*', Resource: '*' }],
    [{ Action: '**', Resource: '**' }],
    [{ Action: ['s3:GetObject', '*'], Resource: ['arn:aws:s3:::b', '*'] }],
    [{ Action: '?*:*', Resource: 'arn:aws:*' }],
    [{ Action: '*:?*', Resource: 'arn:*:*:*:*:*' }],
    [{ Action: ['a*:*', ...'bcdefghijklmnopqrstuvwxyz'.split('').map((letter) => `${letter}*:*`)], Resource: '*' }],
    [{ NotAction: 'support:*', Resource: '*' }],
    [{ NotAction: ['s3:GetObject'], Resource: '*' }],
    [{ NotAction: 'no-such-service:Act', Resource: '*' }],
    [{ Action: '*', Resource: '*', Condition: { StringLike: { 'aws:PrincipalArn': '*' } } }],
    [{ Action: '*', Resource: '*', Condition: { Bool: { 'aws:SecureTransport': 'true' } } }],
  ])('%j', async (statement) => {
    expect(await fired(statement)).toContain('iam/full-admin')
  })

  it.each([
    [{ Action: '*', Resource: 'arn:aws:s3:::*' }],
    [{ Action: 's3:*', Resource: '*' }],
    [{ Action: '*:Get*', Resource: '*' }],
    [{ NotAction: 'iam:*', Resource: '*' }],
    [{ NotAction: 'IAM:Attach*', Resource: '*' }],
    [{ NotAction: 's3:*', Resource: '*' }],
    [{ Action: '*', NotResource: 'arn:aws:s3:::b' }],
    [{ Effect: 'Deny', Action: '*', Resource: '*' }],
    [{ Action: '*', Resource: '*', Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }],
  ])('but not %j', async (statement) => {
    expect(await fired(statement)).not.toContain('iam/full-admin')
  })
})

describe('a whole service', () => {
  it.each([
    [{ Action: 'IAM:*', Resource: '*' }, 'critical'],
    [{ Action: 'ia?:*', Resource: '*' }, 'critical'],
    [{ Action: 's3:**', Resource: 'arn:aws:s3:::*' }, 'high'],
    [{ Action: 'dynamodb:*', Resource: 'arn:aws:dynamodb:eu-west-1:123456789012:table/*' }, 'high'],
    [{ Action: ['kms:*', 's3:GetObject'], Resource: '*' }, 'critical'],
  ])('%j', async (statement, severity) => {
    const { findings } = await judgeStatement(statement)
    expect(findings.filter(({ rule }) => rule.id === 'iam/service-wildcard').map((each) => each.severity)).toEqual([
      severity,
    ])
  })

  it.each([
    [{ Action: 's3:*', Resource: ['arn:aws:s3:::b', 'arn:aws:s3:::b/*'] }],
    [{ Action: 's3:Get*', Resource: '*' }],
    [{ Action: 'kms:*', Principal: { AWS: `${ARN}:root` }, Resource: '*' }],
    [{ Action: 'iam:*', Resource: '*', Condition: { StringEquals: { 'aws:ResourceTag/team': 'a' } } }],
  ])('but not %j', async (statement) => {
    expect(await fired(statement)).not.toContain('iam/service-wildcard')
  })

  it('is said once, not again for each of its actions', async () => {
    expect(await fired({ Action: 's3:*', Resource: '*' })).toEqual(['iam/service-wildcard'])
    expect(await fired({ Action: 'iam:*', Resource: '*' })).toEqual([
      'iam/privilege-escalation',
      'iam/service-wildcard',
    ])
  })
})

describe('roles', () => {
  it.each([
    [{ Action: 'iam:PassRole', Resource: `${ARN}:role/*` }, 'iam/pass-role-any'],
    [{ Action: 'iam:Pass*', Resource: 'arn:aws:iam::*:role/*' }, 'iam/pass-role-any'],
    [{ Action: 'sts:AssumeRole', Resource: '*' }, 'iam/assume-any-role'],
    [{ Action: 'sts:Assume*', Resource: `${ARN}:role/*` }, 'iam/assume-any-role'],
  ])('%j', async (statement, rule) => {
    expect(await fired(statement)).toEqual([rule])
  })

  it.each([
    [{ Action: 'iam:PassRole', Resource: `${ARN}:role/app-*` }],
    [
      {
        Action: 'iam:PassRole',
        Resource: '*',
        Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
      },
    ],
    [{ Action: 'sts:AssumeRole', Resource: `${ARN}:role/deploy` }],
    [{ Action: 'sts:AssumeRole', Resource: '*', Condition: { StringEquals: { 'aws:ResourceOrgID': 'o-1' } } }],
  ])('but not %j', async (statement) => {
    expect(await fired(statement)).toEqual([])
  })
})

describe('Not… elements', () => {
  it.each([
    [{ Action: 's3:GetObject', NotResource: 'arn:aws:s3:::b/*' }, 'iam/allow-not-resource'],
    [
      { NotAction: ['iam:*', 'organizations:*'], Resource: '*' },
      'iam/allow-not-action',
      'iam/privilege-escalation-conditional',
    ],
    [
      { NotPrincipal: { AWS: `${ARN}:root` }, Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*' },
      'iam/allow-not-principal',
    ],
  ])('%j', async (statement, ...rules) => {
    expect(await fired(statement)).toEqual(rules)
  })

  it.each([
    [{ Effect: 'Deny', Action: 's3:*', NotResource: 'arn:aws:s3:::b/*' }],
    [{ Effect: 'Deny', NotAction: 'iam:*', Resource: '*' }],
    [{ Effect: 'Deny', NotPrincipal: { AWS: `${ARN}:root` }, Action: 's3:*', Resource: 'arn:aws:s3:::b/*' }],
  ])('are what Deny is for: %j', async (statement) => {
    expect(await fired(statement)).toEqual([])
  })
})

describe('actions on any resource', () => {
  it.each([
    [{ Action: 'kms:Decrypt', Resource: 'arn:aws:kms:*:*:key/*' }, ['iam/secrets-read-on-any-resource']],
    [{ Action: 's3:GetObject', Resource: 'arn:aws:s3:::*/*' }, ['iam/secrets-read-on-any-resource']],
    [{ Action: 's3:PutBucketPolicy', Resource: '*' }, ['iam/permissions-management-on-any-resource']],
    [{ Action: ['SQS:deletequeue'], Resource: '*' }, ['iam/write-on-any-resource']],
    [{ Action: 'ec2:DescribeInstances', Resource: '*' }, []],
    [{ Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*' }, []],
    [{ Action: 'sqs:DeleteQueue', Resource: 'arn:aws:sqs:eu-west-1:123456789012:app-*' }, []],
    [{ Action: 'sqs:DeleteQueue', Resource: '${aws_sqs_queue.q.arn}' }, []],
  ])('%j', async (statement, rules) => {
    expect(await fired(statement)).toEqual(rules)
  })
  it('are told as on all there are, or on all of one type', async () => {
    const said = async (Resource: string) => {
      const { findings } = await judgeStatement({ Action: 'elasticloadbalancing:AddTags', Resource })
      return findings.map(({ message }) => message)
    }
    expect(await said('*')).toEqual(['p.json allows elasticloadbalancing:AddTags on any resource'])
    expect(await said('arn:aws:elasticloadbalancing:*:*:listener/app/*/*/*')).toEqual([
      'p.json allows elasticloadbalancing:AddTags on any resource of a kind',
    ])
  })
})

describe('names', () => {
  it('tells a misspelt action from one that is new', async () => {
    const { findings, gaps } = await judgeStatement({
      Action: ['s3:GetObjct', 's33:GetObject', 's3:BrandNewThing', 'brandnew:*'],
      Resource: 'arn:aws:s3:::b/*',
    })
    expect(findings.map((finding) => [finding.rule.id, finding.message])).toEqual([
      [
        'iam/unknown-action',
        'p.json names an action that does not exist: s3:GetObjct (did you mean s3:GetObject?), s33:GetObject (did you mean s3:GetObject?)',
      ],
    ])
    expect(gaps.map((gap) => [gap.kind, gap.class, gap.detail.split(' ')[0]])).toEqual([
      ['iam.statement-judgement', 'limit', 's3:BrandNewThing'],
      ['iam.statement-judgement', 'limit', 'brandnew:*'],
    ])
  })

  it.each([
    [{ Action: ['s3:GetObject', 's3:ListBucket'], Resource: 'arn:aws:s3:::b' }, 's3:GetObject'],
    [{ Action: 'ec2:DescribeInstances', Resource: 'arn:aws:ec2:*:*:instance/*' }, 'ec2:DescribeInstances'],
    [{ Action: 'iam:GetUser', Resource: `${ARN}:role/x` }, 'iam:GetUser'],
  ])('finds that nothing fits in %j', async (statement, action) => {
    const { findings } = await judgeStatement(statement)
    const mismatch = findings.find(({ rule }) => rule.id === 'iam/action-resource-mismatch')
    expect(mismatch?.message).toBe(`In p.json no resource fits ${action}`)
  })

  it.each([
    [{ Action: ['s3:GetObject', 's3:ListBucket'], Resource: ['arn:aws:s3:::b', 'arn:aws:s3:::b/*'] }],
    [{ Action: 's3:*Object', Resource: 'arn:aws:s3:::b/x' }],
    [{ Action: 's3:GetObject', Resource: '${aws_s3_bucket.b.arn}/*' }],
    [{ Action: 's3:GetObject', Resource: 'arn:aws:s3:::?*' }],
  ])('and that something does in %j', async (statement) => {
    expect(await fired(statement)).not.toContain('iam/action-resource-mismatch')
  })
})

describe('conditions', () => {
  const read = { Action: 's3:ListBucket', Resource: 'arn:aws:s3:::b' }
  const withCondition = (Condition: object, effect = 'Allow') => fired({ ...read, Effect: effect, Condition })

  it.each([
    [{ StringLike: { 'aws:PrincipalArn': '*' } }],
    [{ ArnLike: { 'AWS:principalarn': ['arn:aws:iam::*:*'] } }],
    [{ StringLikeIfExists: { 'aws:SourceVpce': '*' } }],
    [{ 'ForAllValues:StringLike': { 'aws:TagKeys': '*' } }],
    [{ IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '0.0.0.0/0'] } }],
    [{ Bool: { 'aws:SecureTransport': ['true', 'false'] } }],
    [{ Null: { 'aws:PrincipalArn': 'false' } }],
    [{ StringLike: { 'sts:ExternalId': '*' } }],
  ])('%j restricts nothing', async (condition) => {
    expect(await withCondition(condition)).toEqual(['iam/ineffective-condition'])
  })

  it.each([
    [{ BoolIfExists: { 'aws:MultiFactorAuthPresent': 'true' } }, 'Allow'],
    [{ 'ForAllValues:StringEquals': { 'aws:PrincipalOrgID': 'o-1' } }, 'Allow'],
    [{ 'ForAllValues:StringLike': { 'aws:PrincipalOrgPaths': 'o-1/*' } }, 'Allow'],
    [{ StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-1' } }, 'Allow'],
    [{ 'ForAllValues:StringEquals': { 'aws:RequestTag/team': 'a' } }, 'Allow'],
    [{ Bool: { 'aws:MultiFactorAuthPresent': 'false' } }, 'Deny'],
  ])('%j of %s can be passed by leaving the key out', async (condition, effect) => {
    expect(await withCondition(condition, effect)).toEqual(['iam/bypassable-condition'])
  })

  it.each([
    [{ StringEquals: { 'aws:ResourceTag/team': 'a' } }, 'Allow'],
    [{ StringLike: { 'aws:PrincipalTag/team': '*' } }, 'Allow'],
    [{ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a', 'b'] } }, 'Allow'],
    [
      { 'ForAllValues:StringEquals': { 'aws:PrincipalOrgID': 'o-1' }, Null: { 'aws:PrincipalOrgID': 'false' } },
      'Allow',
    ],
    [{ 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-1/*' } }, 'Allow'],
    [{ Bool: { 'aws:MultiFactorAuthPresent': 'true' } }, 'Allow'],
    [{ BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } }, 'Deny'],
    [{ StringEqualsIfExists: { 'aws:RequestTag/team': 'a' } }, 'Allow'],
    [{ StringNotEqualsIfExists: { 'aws:PrincipalOrgID': 'o-1' } }, 'Deny'],
  ])('%j of %s is as it should be', async (condition, effect) => {
    expect(await withCondition(condition, effect)).toEqual([])
  })
})

it('says nothing of what the document itself denies on everything', async () => {
  const deny = { Effect: 'Deny', Action: 'iam:*', Resource: '*' }
  const everything = { Effect: 'Allow', Action: ['iam:*', 'iam:PassRole', 'iam:PutRolePolicy'], Resource: '*' }
  const fired = async (...statements: object[]) =>
    (await judgeFiles({ 'p.json': JSON.stringify({ Version: '2012-10-17', Statement: statements }) })).fired
  expect(await fired(everything, deny)).toEqual([])
  expect(await fired(everything, { ...deny, Condition: { Bool: { 'aws:SecureTransport': 'false' } } })).toContain(
    'iam/service-wildcard',
  )
})
