import { beforeAll, describe, expect, it } from 'vitest'
import { type Judged, judgeFiles } from '../../scanners/iam/judge.ts'

/** A policy with the rules that it must trip, all of them and no others: an empty list says that it is good. */
type Labelled = readonly [why: string, statements: object | readonly object[], rules: readonly string[]]

const OWN = '123456789012'
const role = (name: string) => `arn:aws:iam::${OWN}:role/${name}`
const bucket = { Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme-data/*' }
const anybody = { ...bucket, Principal: '*' }
const queue = { Action: 'sqs:SendMessage', Resource: `arn:aws:sqs:eu-west-1:${OWN}:jobs`, Principal: '*' }

const IDENTITY: readonly Labelled[] = [
  ['everything by two wildcards', { Action: '*:*', Resource: '*' }, ['iam/full-admin']],
  ['question marks cover a whole service', { Action: 'kms:???*', Resource: '*' }, ['iam/service-wildcard']],
  ['letter case does not hide a service', { Action: 'S3:*', Resource: '*' }, ['iam/service-wildcard']],
  [
    'all but one thing of no weight',
    { NotAction: 'sns:Publish', Resource: '*' },
    ['iam/allow-not-action', 'iam/full-admin'],
  ],
  [
    'all but what gives rights',
    { NotAction: ['iam:*', 'sts:*', 'organizations:*', 'account:*'], Resource: '*' },
    ['iam/allow-not-action'],
  ],
  [
    'everything but one bucket',
    { Action: 's3:PutObject', NotResource: 'arn:aws:s3:::logs/*' },
    ['iam/allow-not-resource'],
  ],
  [
    'rights of any bucket',
    { Action: 's3:PutBucketAcl', Resource: 'arn:aws:s3:::*' },
    ['iam/permissions-management-on-any-resource'],
  ],
  [
    'any secret',
    { Action: 'secretsmanager:GetSecret*', Resource: `arn:aws:secretsmanager:*:${OWN}:secret:*` },
    ['iam/secrets-read-on-any-resource'],
  ],
  [
    'any secret of any account',
    { Action: 'secretsmanager:GetSecretValue', Resource: 'arn:aws:secretsmanager:*:*:secret:*' },
    ['iam/secrets-read-on-any-resource'],
  ],
  [
    'secrets of one application',
    { Action: 'secretsmanager:GetSecretValue', Resource: `arn:aws:secretsmanager:*:${OWN}:secret:app/*` },
    [],
  ],
  ['any role to any service', { Action: 'iam:passrole', Resource: '*' }, ['iam/pass-role-any']],
  [
    'any role to one service',
    {
      Action: 'iam:PassRole',
      Resource: '*',
      Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
    },
    [],
  ],
  [
    'any role to any service, in a list with one',
    {
      Action: 'iam:PassRole',
      Resource: '*',
      Condition: { StringLike: { 'iam:PassedToService': ['lambda.amazonaws.com', '*'] } },
    },
    ['iam/ineffective-condition', 'iam/pass-role-any'],
  ],
  ['a role of one path', { Action: 'iam:PassRole', Resource: role('app/*') }, []],
  [
    'a condition that everybody meets',
    { Action: 'dynamodb:DeleteTable', Resource: '*', Condition: { ArnLike: { 'aws:PrincipalArn': 'arn:*' } } },
    ['iam/ineffective-condition', 'iam/write-on-any-resource'],
  ],
  [
    'TLS limits nobody',
    { Action: 'dynamodb:DeleteTable', Resource: '*', Condition: { Bool: { 'aws:SecureTransport': 'true' } } },
    ['iam/write-on-any-resource'],
  ],
  [
    'a tag limits',
    {
      Action: 'dynamodb:DeleteTable',
      Resource: '*',
      Condition: { StringEquals: { 'aws:ResourceTag/team': '${aws:PrincipalTag/team}' } },
    },
    [],
  ],
  [
    'MFA that may be left out',
    {
      Action: 'ec2:StopInstances',
      Resource: 'arn:aws:ec2:*:*:instance/i-1',
      Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'true' } },
    },
    ['iam/bypassable-condition'],
  ],
  [
    'MFA that must be there',
    {
      Action: 'ec2:StopInstances',
      Resource: 'arn:aws:ec2:*:*:instance/i-1',
      Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
    },
    [],
  ],
  [
    'MFA age that may be left out',
    {
      Action: 'ec2:StopInstances',
      Resource: 'arn:aws:ec2:*:*:instance/i-1',
      Condition: { NumericLessThanIfExists: { 'aws:MultiFactorAuthAge': '3600' } },
    },
    ['iam/bypassable-condition'],
  ],
  [
    'all of no tags',
    {
      Action: 'ec2:CreateTags',
      Resource: 'arn:aws:ec2:*:*:instance/i-1',
      Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } },
    },
    [],
  ],
  [
    'all of a single value',
    {
      Action: 'ec2:StopInstances',
      Resource: 'arn:aws:ec2:*:*:instance/i-1',
      Condition: { 'ForAllValues:StringEquals': { 'aws:PrincipalAccount': OWN } },
    },
    ['iam/bypassable-condition'],
  ],
  [
    'a Deny that long-term keys pass',
    {
      Effect: 'Deny',
      NotAction: 'iam:*MFA*',
      Resource: '*',
      Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } },
    },
    ['iam/bypassable-condition'],
  ],
  [
    'a Deny that they do not',
    {
      Effect: 'Deny',
      NotAction: 'iam:*MFA*',
      Resource: '*',
      Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
    },
    [],
  ],
  [
    'a Deny by Null',
    {
      Effect: 'Deny',
      NotAction: 'iam:*MFA*',
      Resource: '*',
      Condition: { Null: { 'aws:MultiFactorAuthAge': 'true' } },
    },
    [],
  ],
  [
    'secrets for whoever is in a network',
    {
      Action: 'secretsmanager:GetSecretValue',
      Resource: '*',
      Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
    },
    ['iam/source-ip-only-condition'],
  ],
  [
    'secrets for whoever is in a network and has MFA',
    {
      Action: 'secretsmanager:GetSecretValue',
      Resource: '*',
      Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' }, Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
    },
    [],
  ],
  [
    'one secret for whoever is in a network',
    {
      Action: 'secretsmanager:GetSecretValue',
      Resource: `arn:aws:secretsmanager:eu-west-1:${OWN}:secret:a-*`,
      Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
    },
    [],
  ],
  [
    'a misspelt action',
    { Action: 'dynamodb:GetItm', Resource: `arn:aws:dynamodb:eu-west-1:${OWN}:table/t` },
    ['iam/unknown-action'],
  ],
  [
    'a resource of another service',
    { Action: 'sqs:SendMessage', Resource: `arn:aws:sns:eu-west-1:${OWN}:t` },
    ['iam/action-resource-mismatch'],
  ],
  ['reading what has no resource', { Action: ['ec2:Describe*', 's3:ListAllMyBuckets'], Resource: '*' }, []],
  [
    'administrator whom a Deny keeps from IAM',
    [
      { Action: '*', Resource: '*' },
      { Effect: 'Deny', Action: 'iam:*', Resource: '*' },
    ],
    ['iam/full-admin'],
  ],
]

const RESOURCE: readonly Labelled[] = [
  ['bucket for everybody', anybody, ['iam/public-resource-policy']],
  ['bucket for everybody, by AWS list', { ...bucket, Principal: { AWS: ['*'] } }, ['iam/public-resource-policy']],
  ['bucket for an organisation', { ...anybody, Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-abc123' } } }, []],
  [
    'bucket for an organisation, or who has none',
    { ...anybody, Condition: { StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-abc123' } } },
    ['iam/bypassable-condition', 'iam/public-resource-policy'],
  ],
  [
    'bucket for all of no organisation',
    { ...anybody, Condition: { 'ForAllValues:StringEquals': { 'aws:PrincipalOrgID': 'o-abc123' } } },
    ['iam/bypassable-condition', 'iam/public-resource-policy'],
  ],
  [
    'bucket for whoever is not one account',
    { ...anybody, Condition: { StringNotEquals: { 'aws:PrincipalAccount': '999999999999' } } },
    ['iam/public-resource-policy'],
  ],
  ['bucket for all but some', { ...bucket, NotPrincipal: { AWS: role('guest') } }, ['iam/allow-not-principal']],
  [
    'bucket by referer',
    { ...anybody, Condition: { StringLike: { 'aws:Referer': 'https://acme.example/*' } } },
    ['iam/public-resource-policy'],
  ],
  [
    'bucket by a network',
    { ...anybody, Condition: { IpAddress: { 'aws:SourceIp': ['198.51.100.0/24'] } } },
    ['iam/source-ip-only-condition'],
  ],
  [
    'bucket by a network that is the world',
    { ...anybody, Condition: { IpAddress: { 'aws:SourceIp': ['198.51.100.0/24', '::/0'] } } },
    ['iam/ineffective-condition', 'iam/public-resource-policy'],
  ],
  ['bucket by an endpoint', { ...anybody, Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1a2b3c' } } }, []],
  [
    'bucket for a distribution',
    {
      ...bucket,
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Condition: { StringEquals: { 'AWS:SourceArn': `arn:aws:cloudfront::${OWN}:distribution/E1` } },
    },
    [],
  ],
  [
    'Deny of everything without TLS',
    {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: ['arn:aws:s3:::acme-data', 'arn:aws:s3:::acme-data/*'],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
    [],
  ],
  [
    'bucket by any endpoint',
    { ...anybody, Condition: { StringLike: { 'aws:SourceVpce': 'vpce-*' } } },
    ['iam/public-resource-policy'],
  ],
  ['queue for everybody', queue, ['iam/public-resource-policy']],
  [
    'queue for one topic',
    { ...queue, Condition: { ArnEquals: { 'aws:SourceArn': `arn:aws:sns:eu-west-1:${OWN}:news` } } },
    [],
  ],
  [
    'queue for any topic',
    { ...queue, Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:*:*' } } },
    ['iam/public-resource-policy'],
  ],
  [
    'queue for S3 of anybody',
    { ...queue, Principal: { Service: 's3.amazonaws.com' } },
    ['iam/service-trust-confused-deputy'],
  ],
  [
    'queue for S3 of one account',
    { ...queue, Principal: { Service: 's3.amazonaws.com' }, Condition: { StringEquals: { 'aws:SourceAccount': OWN } } },
    [],
  ],
  [
    'topic as the console makes it',
    {
      Principal: { AWS: '*' },
      Action: ['SNS:Publish', 'SNS:Subscribe'],
      Resource: `arn:aws:sns:eu-west-1:${OWN}:news`,
      Condition: { StringEquals: { 'AWS:SourceOwner': OWN } },
    },
    [],
  ],
  [
    'topic for everybody',
    { Principal: { AWS: '*' }, Action: 'SNS:Publish', Resource: `arn:aws:sns:eu-west-1:${OWN}:news` },
    ['iam/public-resource-policy'],
  ],
  ['key as AWS makes it', { Principal: { AWS: `arn:aws:iam::${OWN}:root` }, Action: 'kms:*', Resource: '*' }, []],
  ['key for everybody', { Principal: '*', Action: 'kms:Decrypt', Resource: '*' }, ['iam/public-resource-policy']],
  [
    'key for one account by a service',
    {
      Principal: '*',
      Action: 'kms:Decrypt',
      Resource: '*',
      Condition: { StringEquals: { 'kms:CallerAccount': OWN, 'kms:ViaService': 's3.eu-west-1.amazonaws.com' } },
    },
    [],
  ],
  [
    'key for whoever comes by a service',
    {
      Principal: '*',
      Action: 'kms:Decrypt',
      Resource: '*',
      Condition: { StringEquals: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' } },
    },
    ['iam/public-resource-policy'],
  ],
  [
    'registry for everybody',
    { Principal: '*', Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'] },
    ['iam/public-resource-policy'],
  ],
  ['registry for an account', { Principal: { AWS: '999999999999' }, Action: 'ecr:BatchGetImage' }, []],
  [
    'secret for everybody',
    { Principal: { AWS: '*' }, Action: 'secretsmanager:GetSecretValue', Resource: '*' },
    ['iam/public-resource-policy'],
  ],
  [
    'secret for roles of a path',
    {
      Principal: { AWS: '*' },
      Action: 'secretsmanager:GetSecretValue',
      Resource: '*',
      Condition: { ArnLike: { 'aws:PrincipalArn': role('app/*') } },
    },
    [],
  ],
  [
    'function for everybody',
    { Principal: '*', Action: 'lambda:InvokeFunction', Resource: `arn:aws:lambda:eu-west-1:${OWN}:function:f` },
    ['iam/public-resource-policy'],
  ],
]

const token = (issuer: string, condition: object, more: object = {}) => ({
  Action: 'sts:AssumeRoleWithWebIdentity',
  Principal: {
    Federated:
      issuer.includes('.com') && /^(?:accounts\.google|cognito-identity)/.test(issuer)
        ? issuer
        : `arn:aws:iam::${OWN}:oidc-provider/${issuer}`,
  },
  Condition: condition,
  ...more,
})
const sub = (issuer: string, value: string, operator = 'StringLike') =>
  token(issuer, { [operator]: { [`${issuer}:sub`]: value } })
const NONE = 'iam/oidc-trust-without-subject'
const WILD = 'iam/oidc-trust-subject-wildcard'
const WIDE = 'iam/oidc-trust-organization-wide'
const GITHUB = 'token.actions.githubusercontent.com'
const CIRCLE = 'oidc.circleci.com/org/6f4b1c9a-0000-4000-8000-000000000001'
const AZURE = 'vstoken.dev.azure.com/6f4b1c9a-0000-4000-8000-000000000002'
const BITBUCKET = 'api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc'
const EKS = 'oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF'
const COGNITO = 'cognito-identity.amazonaws.com'

const TRUST: readonly Labelled[] = [
  [
    'role for a user name of any account',
    { Action: 'sts:AssumeRole', Principal: '*', Condition: { StringEquals: { 'aws:username': 'ann' } } },
    ['iam/public-trust'],
  ],
  [
    'role for any account that begins so',
    { Action: 'sts:AssumeRole', Principal: '*', Condition: { StringLike: { 'aws:PrincipalAccount': '12*' } } },
    ['iam/public-trust'],
  ],
  [
    'role for an account',
    { Action: 'sts:AssumeRole', Principal: '*', Condition: { StringEquals: { 'aws:PrincipalAccount': OWN } } },
    [],
  ],
  [
    'role for a unit of an organisation',
    {
      Action: 'sts:AssumeRole',
      Principal: '*',
      Condition: { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-abc123/r-ab12/ou-ab12-11111111/*' } },
    },
    [],
  ],
  [
    'role for one role by its id',
    { Action: 'sts:AssumeRole', Principal: '*', Condition: { StringLike: { 'aws:userid': 'AROAEXAMPLEEXAMPLE00:*' } } },
    [],
  ],
  [
    'role for any session of a name',
    { Action: 'sts:AssumeRole', Principal: '*', Condition: { StringLike: { 'aws:userid': '*:ann' } } },
    ['iam/public-trust'],
  ],
  ['role for everybody', { Action: 'sts:AssumeRole', Principal: { AWS: '*' } }, ['iam/public-trust']],
  [
    'role for everybody with an external id',
    { Action: 'sts:AssumeRole', Principal: { AWS: '*' }, Condition: { StringEquals: { 'sts:ExternalId': 'a1' } } },
    ['iam/public-trust'],
  ],
  [
    'role for an organisation',
    {
      Action: 'sts:AssumeRole',
      Principal: { AWS: '*' },
      Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-abc123' } },
    },
    [],
  ],
  [
    'role for any organisation',
    { Action: 'sts:AssumeRole', Principal: { AWS: '*' }, Condition: { StringLike: { 'aws:PrincipalOrgID': 'o-*' } } },
    ['iam/public-trust'],
  ],
  [
    'role for all but one account',
    { Action: 'sts:AssumeRole', NotPrincipal: { AWS: '999999999999' } },
    ['iam/allow-not-principal'],
  ],
  ['machines', { Action: 'sts:AssumeRole', Principal: { Service: 'ec2.amazonaws.com' } }, []],
  [
    'scheduler of anybody',
    { Action: 'sts:AssumeRole', Principal: { Service: 'scheduler.amazonaws.com' } },
    ['iam/service-trust-confused-deputy'],
  ],
  ['GitHub, one branch', sub(GITHUB, 'repo:acme/app:ref:refs/heads/main', 'StringEquals'), []],
  ['GitHub, a pattern without StringLike', sub(GITHUB, 'repo:acme/*', 'StringEquals'), []],
  ['GitHub, any owner by question mark', sub(GITHUB, 'repo:acm?/app:*'), [WILD]],
  ['GitHub, any repository', sub(GITHUB, 'repo:acme/*:environment:production'), [WIDE]],
  ['GitHub, key in capitals', token(GITHUB, { StringLike: { [`${GITHUB.toUpperCase()}:SUB`]: 'repo:*' } }), [WILD]],
  [
    'GitHub, claim that may be missing',
    token(GITHUB, { StringEqualsIfExists: { [`${GITHUB}:repository`]: 'acme/app' } }),
    ['iam/bypassable-condition', NONE],
  ],
  [
    'GitHub, all of no claim',
    token(GITHUB, {
      'ForAllValues:StringEquals': { [`${GITHUB}:job_workflow_ref`]: 'acme/ci/.github/workflows/d.yml@main' },
    }),
    ['iam/bypassable-condition', NONE],
  ],
  ['GitLab, any group', sub('gitlab.com', 'project_path:*:ref_type:branch:ref:main'), [WILD]],
  ['GitLab, one group', sub('gitlab.com', 'project_path:acme/*:ref_type:branch:ref:main'), [WIDE]],
  ['GitLab, one project', sub('gitlab.com', 'project_path:acme/app:ref_type:branch:ref:*'), []],
  ['GitLab, project by id', token('gitlab.com', { StringEquals: { 'gitlab.com:project_id': '42' } }), []],
  [
    'CircleCI, nothing but its organisation',
    token(CIRCLE, { StringEquals: { [`${CIRCLE}:aud`]: '6f4b1c9a-0000-4000-8000-000000000001' } }),
    [WIDE],
  ],
  ['CircleCI, any project', sub(CIRCLE, 'org/6f4b1c9a-0000-4000-8000-000000000001/project/*/user/*'), [WIDE]],
  ['CircleCI, one project', sub(CIRCLE, 'org/6f4b1c9a-0000-4000-8000-000000000001/project/77/user/*'), []],
  [
    'Buildkite, nothing',
    token('agent.buildkite.com', { StringEquals: { 'agent.buildkite.com:aud': 'sts.amazonaws.com' } }),
    [NONE],
  ],
  ['Buildkite, any organisation', sub('agent.buildkite.com', 'organization:*:pipeline:deploy:*'), [WILD]],
  ['Buildkite, any pipeline', sub('agent.buildkite.com', 'organization:acme:pipeline:*'), [WIDE]],
  [
    'Buildkite, one pipeline',
    sub('agent.buildkite.com', 'organization:acme:pipeline:deploy:ref:refs/heads/main:commit:*:step:*'),
    [],
  ],
  ['Terraform Cloud, any organisation', sub('app.terraform.io', 'organization:*'), [WILD]],
  [
    'Terraform Cloud, any project',
    sub('app.terraform.io', 'organization:acme:project:*:workspace:*:run_phase:*'),
    [WIDE],
  ],
  [
    'Terraform Cloud, one workspace',
    sub('app.terraform.io', 'organization:acme:project:net:workspace:prod:run_phase:apply', 'StringEquals'),
    [],
  ],
  [
    'Bitbucket, nothing but its workspace',
    token(BITBUCKET, { StringEquals: { [`${BITBUCKET}:aud`]: 'ari:cloud:bitbucket::workspace/1' } }),
    [WIDE],
  ],
  ['Bitbucket, one repository', sub(BITBUCKET, '{7f0c0b52-0000-4000-8000-000000000003}:*'), []],
  ['EKS, nothing', token(EKS, { StringEquals: { [`${EKS}:aud`]: 'sts.amazonaws.com' } }), [NONE]],
  ['EKS, any service account', sub(EKS, 'system:serviceaccount:*:*'), [WILD]],
  ['EKS, any of a namespace', sub(EKS, 'system:serviceaccount:shop:*'), [WIDE]],
  ['EKS, one', sub(EKS, 'system:serviceaccount:shop:api', 'StringEquals'), []],
  [
    'Google, one service account',
    token('accounts.google.com', { StringEquals: { 'accounts.google.com:sub': '112233445566778899' } }),
    [],
  ],
  ['Google, nothing', token('accounts.google.com', {}), [NONE]],
  [
    'Azure DevOps, nothing but its organisation',
    token(AZURE, { StringEquals: { [`${AZURE}:aud`]: 'api://AzureADTokenExchange' } }),
    [WIDE],
  ],
  ['Azure DevOps, any project', sub(AZURE, 'sc://acme/*'), [WIDE]],
  ['Azure DevOps, one connection', sub(AZURE, 'sc://acme/shop/aws-prod', 'StringEquals'), []],
  [
    'Spacelift, nothing but its account',
    token('acme.app.spacelift.io', { StringEquals: { 'acme.app.spacelift.io:aud': 'acme.app.spacelift.io' } }),
    [WIDE],
  ],
  [
    'Spacelift, one stack',
    sub('acme.app.spacelift.io', 'space:net-01:stack:prod:run_type:TRACKED:scope:write', 'StringEquals'),
    [],
  ],
  ['Vercel for all teams, any team', sub('oidc.vercel.com', 'owner:*:project:shop:environment:production'), [WILD]],
  ['Vercel for all teams, any project', sub('oidc.vercel.com', 'owner:acme:project:*:environment:production'), [WIDE]],
  [
    'Vercel, one project',
    sub('oidc.vercel.com/acme', 'owner:acme:project:shop:environment:production', 'StringEquals'),
    [],
  ],
  [
    'Pulumi, its organisation as audience',
    token('api.pulumi.com/oidc', { StringEquals: { 'api.pulumi.com/oidc:aud': 'acme' } }),
    [WIDE],
  ],
  ['Pulumi, one project', sub('api.pulumi.com/oidc', 'pulumi:deploy:org:acme:project:net:*'), []],
  [
    'Cognito, guests',
    token(COGNITO, {
      StringEquals: { [`${COGNITO}:aud`]: 'eu-west-1:p' },
      'ForAnyValue:StringLike': { [`${COGNITO}:amr`]: 'unauthenticated' },
    }),
    ['iam/unauthenticated-cognito-role'],
  ],
  [
    'Cognito, anybody of any pool',
    token(COGNITO, { 'ForAnyValue:StringLike': { [`${COGNITO}:amr`]: '*' } }),
    [NONE, 'iam/unauthenticated-cognito-role'],
  ],
  [
    'Cognito, who signed in',
    token(COGNITO, {
      StringEquals: { [`${COGNITO}:aud`]: 'eu-west-1:p' },
      'ForAnyValue:StringLike': { [`${COGNITO}:amr`]: 'authenticated' },
    }),
    [],
  ],
]

describe.each([
  ['identity policies', IDENTITY, (document: object) => document],
  ['resource policies', RESOURCE, (document: object) => document],
  ['trust policies', TRUST, (document: object) => ({ AssumeRolePolicyDocument: document })],
] as const)('%s', (_, cases, wrap) => {
  let judged: Judged

  beforeAll(async () => {
    const files = cases.map(([, given], i) => {
      const statements = (Array.isArray(given) ? given : [given]).map((each: object) => ({ Effect: 'Allow', ...each }))
      return [`p${i}.json`, JSON.stringify(wrap({ Version: '2012-10-17', Statement: statements }))]
    })
    judged = await judgeFiles(Object.fromEntries(files))
  })

  it.each(cases.map(([why, , rules], i) => [why, rules, i] as const))('%s → %j', (_why, rules, i) => {
    const place = `p${i}.json`
    const fired = judged.findings.filter(({ at }) => 'file' in at && at.file === place).map(({ rule }) => rule.id)
    // Escalation paths have tests of their own.
    const own = fired.filter((id) => !id.startsWith('iam/privilege-escalation'))
    expect([...new Set(own)].sort()).toEqual([...rules].sort())
  })
})
