import { describe, expect, it } from 'vitest'
import { subjectLevel } from '../../../src/derive/iam/oidc.ts'
import type { DerivationSettings } from '../../../src/model.ts'
import { judgeFiles } from '../../scanners/iam/judge.ts'

const GITHUB = 'token.actions.githubusercontent.com'
const root = (account: string) => `arn:aws:iam::${account}:root`

async function judgeTrust(statement: object, settings?: DerivationSettings, around: object = {}) {
  const document = { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', ...statement }] }
  return judgeFiles(
    { 'role.json': JSON.stringify({ Role: { AssumeRolePolicyDocument: document, ...around } }) },
    settings,
  )
}
const fired = async (statement: object) => (await judgeTrust(statement)).fired

describe('everybody', () => {
  it.each([
    [{ Principal: '*' }],
    [{ Principal: { AWS: ['*'] } }],
    [{ Principal: '*', Condition: { StringLike: { 'aws:PrincipalOrgID': '*' } } }],
    [{ Principal: '*', Condition: { StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-1' } } }],
    [{ Principal: '*', Condition: { StringNotEquals: { 'aws:PrincipalAccount': '123456789012' } } }],
    [{ Principal: '*', Condition: { StringEquals: { 'aws:PrincipalTag/team': 'a' } } }],
    [{ Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'true' } } }],
    [{ Principal: '*', Condition: { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/*' } } }],
  ])('%j', async (statement) => {
    expect(await fired(statement)).toContain('iam/public-trust')
  })

  it.each([
    [{ Principal: { AWS: root('123456789012') } }],
    [{ Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }],
    [{ Principal: '*', Condition: { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::123456789012:role/*' } } }],
    [{ Principal: '*', Condition: { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-1/*' } } }],
    [{ Principal: '*', Effect: 'Deny' }],
  ])('but not %j', async (statement) => {
    expect(await fired(statement)).not.toContain('iam/public-trust')
  })
})

describe('resources open to everybody', () => {
  const bucket = async (statement: object) => {
    const document = {
      Statement: [
        { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*', Principal: '*', ...statement },
      ],
    }
    return (await judgeFiles({ 'bucket.json': JSON.stringify(document) })).fired
  }

  it.each([
    [{}],
    [{ Condition: { IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } } }],
    [{ Condition: { StringLike: { 'aws:Referer': 'https://example.com/*' } } }],
    [{ Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::*' } } }],
  ])('%j', async (statement) => {
    expect(await bucket(statement)).toContain('iam/public-resource-policy')
  })

  it.each([
    [{ Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } }],
    [{ Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1' } } }],
    [{ Condition: { StringEquals: { 'AWS:SourceOwner': '123456789012' } } }],
    [{ Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:cloudfront::123456789012:distribution/E1' } } }],
    [{ Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::my-bucket' } } }],
    [{ Principal: { Service: 'cloudfront.amazonaws.com' } }],
  ])('but not %j', async (statement) => {
    expect(await bucket(statement)).not.toContain('iam/public-resource-policy')
  })
})

describe('accounts of others', () => {
  const two = { Principal: { AWS: [root('123456789012'), root('999999999999')] } }
  const one = { Principal: { AWS: root('999999999999') } }
  const owned = { Arn: 'arn:aws:iam::123456789012:role/r' }
  const RULE = 'iam/cross-account-trust-without-external-id'

  it('one of two is foreign whoever owns the role; one alone nobody can tell', async () => {
    expect(await fired(two)).toEqual([RULE])
    const { fired: none, undetermined, gaps } = await judgeTrust(one)
    expect(none).toEqual([])
    expect(undetermined.map(({ rule }) => rule.id)).toEqual([RULE])
    expect(gaps).toMatchObject([
      { kind: 'iam.trust-judgement', class: 'limit', fields: ['foreignAccounts', 'reachesUsers'] },
    ])
  })

  it('the owner makes it plain', async () => {
    const { findings } = await judgeTrust(two, undefined, owned)
    expect(findings.map((finding) => finding.message)).toEqual(['role.json trusts 999999999999 without an external id'])
  })

  it.each([
    ['an external id', { Condition: { StringEquals: { 'sts:ExternalId': 'unique-1' } } }],
    ['the own organisation', { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }],
    ['MFA', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }],
  ])('%s binds them', async (_, condition) => {
    const { fired: none, undetermined } = await judgeTrust({ ...one, ...condition }, undefined, owned)
    expect([none, undetermined]).toEqual([[], []])
  })

  it('the config knows the own ones', async () => {
    const settings = { trustedAccounts: ['999999999999'], breakGlassRoles: [] }
    expect((await judgeTrust(one, settings, owned)).fired).toEqual([])
  })

  it('any external id is none', async () => {
    const any = { Condition: { StringLike: { 'sts:ExternalId': '*' } } }
    expect((await judgeTrust({ ...one, ...any }, undefined, owned)).fired).toEqual([RULE, 'iam/ineffective-condition'])
  })
})

describe('tokens of an identity provider', () => {
  const trust = (condition: object, issuer = GITHUB) => ({
    Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${issuer}` },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: condition,
  })
  const aud = { [`${GITHUB}:aud`]: 'sts.amazonaws.com' }
  const NONE = 'iam/oidc-trust-without-subject'
  const WILD = 'iam/oidc-trust-subject-wildcard'
  const WIDE = 'iam/oidc-trust-organization-wide'

  it.each([
    [{}, NONE],
    [{ StringEquals: aud }, NONE],
    [{ StringEquals: { ...aud, [`${GITHUB}:environment`]: 'production' } }, NONE],
    [{ StringEquals: { ...aud, [`${GITHUB}:ref`]: 'refs/heads/main' } }, NONE],
    [{ StringNotLike: { [`${GITHUB}:sub`]: 'repo:evil/*' } }, NONE],
    [{ StringLike: { [`${GITHUB}:sub`]: '*' } }, WILD],
    [{ StringLike: { [`${GITHUB}:sub`]: 'repo:*' } }, WILD],
    [{ StringLike: { [`${GITHUB}:sub`]: 'repo:acme*' } }, WILD],
    [{ StringLike: { [`${GITHUB}:sub`]: 'repo:*/app:*' } }, WILD],
    [{ StringLike: { [`${GITHUB}:sub`]: ['repo:acme/app:*', 're*'] } }, WILD],
    [{ StringLike: { [`${GITHUB}:sub`]: 'repo:acme/*' } }, WIDE],
    [{ StringLike: { [`${GITHUB}:sub`]: 'repo:acme@12/*:ref:refs/heads/main' } }, WIDE],
    [{ StringEquals: { [`${GITHUB}:repository_owner_id`]: '12' } }, WIDE],
    [{ StringLike: { [`${GITHUB}:sub`]: 'repo:*', [`${GITHUB}:job_workflow_ref`]: 'acme/*' } }, WIDE],
    [{ StringLike: { [`${GITHUB}:job_workflow_ref`]: '*/deploy.yml@*' } }, WILD],
  ])('%j → %s', async (condition, rule) => {
    expect(await fired(trust(condition))).toEqual([rule])
  })

  it.each([
    [{ StringEquals: { [`${GITHUB}:sub`]: 'repo:acme/app:ref:refs/heads/main' } }],
    [{ StringLike: { [`${GITHUB}:sub`]: 'repo:acme/app:*' } }],
    [{ StringLike: { [`${GITHUB}:sub`]: 'repo:acme@12/app@34:*' } }],
    [{ StringEquals: { [`${GITHUB}:repository_id`]: '34' } }],
    [{ StringEquals: { [`${GITHUB}:repository`]: 'acme/app' } }],
    [{ StringLike: { [`${GITHUB}:job_workflow_ref`]: 'acme/shared/.github/workflows/deploy.yml@*' } }],
    [{ StringLike: { [`${GITHUB}:sub`]: 'repo:*' }, StringEquals: { [`${GITHUB}:repository_id`]: '34' } }],
    [{ StringLike: { [`${GITHUB}:sub`]: 'repo:${var.repository}:*' } }],
  ])('%j binds', async (condition) => {
    expect(await fired(trust(condition))).toEqual([])
  })

  it.each([
    ['gitlab.com', 'project_path:*', WILD],
    ['gitlab.com', 'project_path:group/*:ref_type:branch:ref:main', WIDE],
    ['gitlab.com', 'project_path:group/app:ref_type:branch:ref:*', undefined],
    ['app.terraform.io', 'organization:acme:project:*:workspace:w:run_phase:*', WIDE],
    ['app.terraform.io', 'organization:*:project:p:workspace:w:run_phase:apply', WILD],
    ['app.terraform.io', 'organization:acme:project:p:workspace:*', undefined],
    ['oidc.eks.eu-west-1.amazonaws.com/id/ABC', 'system:serviceaccount:*', WILD],
    ['oidc.eks.eu-west-1.amazonaws.com/id/ABC', 'system:serviceaccount:shop:api', undefined],
    ['login.example.com/tenant', '*', WILD],
    ['login.example.com/tenant', 'client-7*', undefined],
  ])('%s %s → %s', async (issuer, pattern, rule) => {
    const found = await fired(trust({ StringLike: { [`${issuer}:sub`]: pattern } }, issuer))
    expect(found).toEqual(rule ? [rule] : [])
  })

  it('any provider needs a subject, but an identity pool is bound by its audience', async () => {
    const issuer = 'oidc.eks.eu-west-1.amazonaws.com/id/ABC'
    expect(await fired(trust({ StringEquals: { [`${issuer}:aud`]: 'sts.amazonaws.com' } }, issuer))).toEqual([NONE])
    const pool = {
      ...trust({ StringEquals: { 'cognito-identity.amazonaws.com:aud': 'eu-west-1:1' } }),
      Principal: { Federated: 'cognito-identity.amazonaws.com' },
    }
    expect(await fired(pool)).toEqual([])
  })

  it('an asterisk without StringLike is an asterisk', () => {
    expect(subjectLevel('repo:x', GITHUB)).toBe('bound')
  })

  it('a variable may hold anything', async () => {
    const { fired: none, undetermined } = await judgeTrust(
      trust({ StringLike: { [`${GITHUB}:sub`]: '${var.subject}' } }),
    )
    expect(none).toEqual([])
    expect(undetermined.map(({ rule }) => rule.id)).toEqual([NONE, WIDE, WILD].sort())
  })

  it('an operator or key that only a run knows may bind', async () => {
    for (const condition of [
      { '${var.test}': { [`${GITHUB}:sub`]: 'repo:acme/app:*' } },
      { StringLike: { '${var.key}': 'x' } },
    ]) {
      const { fired: none, undetermined } = await judgeTrust(trust(condition))
      expect(none).toEqual([])
      expect(undetermined.map(({ rule }) => rule.id)).toContain(NONE)
    }
  })

  it('SAML is no OpenID Connect', async () => {
    const saml = {
      Principal: { Federated: 'arn:aws:iam::123456789012:saml-provider/x' },
      Action: 'sts:AssumeRoleWithSAML',
    }
    expect(await fired(saml)).toEqual([])
  })
})

describe('services', () => {
  it.each([
    [{ Principal: { Service: 'scheduler.amazonaws.com' } }, ['iam/service-trust-confused-deputy']],
    [{ Principal: { Service: 'logs.eu-west-1.amazonaws.com' } }, ['iam/service-trust-confused-deputy']],
    [
      {
        Principal: { Service: 'scheduler.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
      },
      [],
    ],
    [{ Principal: { Service: ['ec2.amazonaws.com', 'lambda.amazonaws.com'] } }, []],
  ])('%j → %j', async (statement, rules) => {
    expect(await fired(statement)).toEqual(rules)
  })
})
