import { describe, expect, it } from 'vitest'
import { awsFunctionUrl } from '../../../src/facts/aws-resources.ts'
import { iamKeyDeclaration } from '../../../src/facts/iam.ts'
import { iamWorkload } from '../../../src/facts/iam-workload.ts'
import { iamFilesScanner } from '../../../src/scanners/iam/files.ts'
import { collect, memoryTree } from '../../support/context.ts'
import { judgeFiles } from './judge.ts'

const scan = (files: Record<string, string>) => collect(iamFilesScanner, { trees: [memoryTree(files)] })
const fired = async (files: Record<string, string>) => (await judgeFiles(files)).fired
const SHARED = 'iam/shared-workload-identity'
const template = (Resources: object) => ({ 'stack.json': JSON.stringify({ Resources }) })

describe('roles of workloads in Terraform', () => {
  const ROLE = `resource "aws_iam_role" "app" {
  name = "app"
}
resource "aws_iam_instance_profile" "app" {
  role = aws_iam_role.app.name
}
`
  const lambda = (name: string, role = 'aws_iam_role.app.arn') =>
    `resource "aws_lambda_function" "${name}" {\n  function_name = "${name}"\n  role = ${role}\n}\n`

  it('are found by reference, through a profile, in nested blocks and by ARN', async () => {
    const { of, gaps } = await scan({
      'main.tf': `${ROLE}${lambda('api')}
resource "aws_instance" "web" {
  iam_instance_profile = aws_iam_instance_profile.app.name
}
resource "aws_launch_template" "web" {
  name = "web"
  iam_instance_profile {
    arn = aws_iam_instance_profile.app.arn
  }
}
resource "aws_ecs_task_definition" "mail" {
  family             = "mail"
  execution_role_arn = aws_iam_role.app.arn
  task_role_arn      = "arn:aws:iam::123456789012:role/mail"
}
resource "aws_apprunner_service" "site" {
  service_name = "site"
  instance_configuration {
    instance_role_arn = aws_iam_role.app.arn
  }
}
`,
    })
    expect(of(iamWorkload).map(({ data }) => [data.service, data.name, data.roleId])).toEqual([
      ['lambda', 'api', 'file:main.tf#aws_iam_role.app'],
      ['ec2', 'web', 'file:main.tf#aws_iam_role.app'],
      ['ec2', 'web', 'file:main.tf#aws_iam_role.app'],
      ['ecs', 'mail', 'arn:aws:iam::123456789012:role/mail'],
      ['apprunner', 'site', 'file:main.tf#aws_iam_role.app'],
    ])
    expect(gaps).toEqual([])
  })

  it('leaves open a role that a variable names', async () => {
    const { of, gaps } = await scan({ 'main.tf': lambda('api', 'var.role') + lambda('mail', 'var.role') })
    expect(of(iamWorkload).map(({ unknown }) => unknown)).toEqual([['roleId'], ['roleId']])
    expect(gaps.map(({ kind, fields, class: of }) => [kind, fields, of])).toEqual([
      ['iam.workload', ['roleId'], 'limit'],
    ])
  })

  it.each<[string, string, readonly string[], string]>([
    [
      'a function and a machine',
      `${lambda('api')}resource "aws_instance" "web" {\n  iam_instance_profile = aws_iam_instance_profile.app.name\n}\n`,
      [SHARED],
      'medium',
    ],
    ['two functions that have nothing in common', lambda('billing') + lambda('mail'), [SHARED], 'low'],
    ['two functions of one stem', lambda('mail-in') + lambda('mail_out'), [], ''],
    ['one function', lambda('mail'), [], ''],
    ['functions with a role each', lambda('mail') + lambda('billing', 'aws_iam_role.other.arn'), [], ''],
  ])('%s', async (_, workloads, rules, confidence) => {
    const { findings } = await judgeFiles({ 'main.tf': ROLE + workloads })
    expect(findings.map(({ rule }) => rule.id)).toEqual(rules)
    expect(findings.map((finding) => finding.confidence)).toEqual(confidence ? [confidence] : [])
  })
})

describe('roles of workloads in CloudFormation', () => {
  it('are found by Ref, GetAtt and through a profile', async () => {
    const { findings } = await judgeFiles(
      template({
        AppRole: { Type: 'AWS::IAM::Role', Properties: {} },
        Profile: { Type: 'AWS::IAM::InstanceProfile', Properties: { Roles: [{ Ref: 'AppRole' }] } },
        Web: {
          Type: 'AWS::EC2::LaunchTemplate',
          Properties: { LaunchTemplateData: { IamInstanceProfile: { Arn: { 'Fn::GetAtt': ['Profile', 'Arn'] } } } },
        },
        Mail: { Type: 'AWS::Lambda::Function', Properties: { Role: { 'Fn::GetAtt': ['AppRole', 'Arn'] } } },
      }),
    )
    expect(findings.map(({ rule, message }) => [rule.id, message])).toEqual([
      [SHARED, 'ec2 Web, lambda Mail run with one role, AppRole'],
    ])
  })
})

describe('long-term keys in the environment', () => {
  const name = 'AWS_ACCESS_KEY_ID'
  it.each([
    [
      'a function',
      `resource "aws_lambda_function" "f" {\n  environment {\n    variables = {\n      ${name} = var.key\n    }\n  }\n}\n`,
      1,
    ],
    [
      'a task, by jsonencode',
      `resource "aws_ecs_task_definition" "t" {\n  container_definitions = jsonencode([{ name = "a", environment = [{ name = "${name}", value = var.key }] }])\n}\n`,
      1,
    ],
    [
      'a task, by heredoc',
      `resource "aws_ecs_task_definition" "t" {\n  container_definitions = <<EOF\n[{"name": "a", "secrets": [{"name": "APP_AWS_SECRET_ACCESS_KEY", "valueFrom": "x"}]}]\nEOF\n}\n`,
      1,
    ],
    [
      'a pod',
      `resource "kubernetes_deployment" "d" {\n  spec {\n    container {\n      env {\n        name  = "${name}"\n        value = var.key\n      }\n    }\n  }\n}\n`,
      1,
    ],
    [
      'a stand-in',
      `resource "aws_lambda_function" "f" {\n  environment {\n    variables = {\n      ${name} = "test"\n    }\n  }\n}\n`,
      0,
    ],
    [
      'another variable',
      `resource "aws_lambda_function" "f" {\n  environment {\n    variables = {\n      AWS_REGION = var.region\n    }\n  }\n}\n`,
      0,
    ],
    ['a bucket', `resource "aws_s3_bucket" "b" {\n  tags = {\n    ${name} = "x"\n  }\n}\n# aws_lambda_function`, 0],
  ])('of %s', async (_, text, count) => {
    const { of } = await scan({ 'main.tf': text })
    expect(of(iamKeyDeclaration).map(({ data }) => data.usage)).toEqual(Array(count).fill('environment'))
  })

  it('of a function in CloudFormation', async () => {
    const Environment = { Variables: { [name]: { Ref: 'Key' } } }
    expect(await fired(template({ F: { Type: 'AWS::Lambda::Function', Properties: { Environment } } }))).toEqual([
      'iam/static-key-for-workload',
    ])
  })
})

describe('function URLs', () => {
  const RULE = 'iam/public-function-url'
  it.each<[string, Record<string, string>, readonly string[]]>([
    [
      'open in Terraform',
      {
        'main.tf':
          'resource "aws_lambda_function_url" "u" {\n  function_name = "f"\n  authorization_type = "NONE"\n}\n',
      },
      [RULE],
    ],
    [
      'signed in Terraform',
      {
        'main.tf':
          'resource "aws_lambda_function_url" "u" {\n  function_name = "f"\n  authorization_type = "AWS_IAM"\n}\n',
      },
      [],
    ],
    [
      'open in CloudFormation',
      template({ U: { Type: 'AWS::Lambda::Url', Properties: { AuthType: 'NONE', TargetFunctionArn: { Ref: 'F' } } } }),
      [RULE],
    ],
    [
      'open in SAM',
      template({ F: { Type: 'AWS::Serverless::Function', Properties: { FunctionUrlConfig: { AuthType: 'NONE' } } } }),
      [RULE],
    ],
    ['none in SAM', template({ F: { Type: 'AWS::Serverless::Function', Properties: {} } }), []],
  ])('%s', async (_, files, rules) => {
    expect(await fired(files)).toEqual(rules)
  })

  it('name the function, and leave open what a variable says', async () => {
    const { of } = await scan({
      'main.tf': `resource "aws_lambda_function" "hook" {
  function_name = "webhook"
}
resource "aws_lambda_function_url" "u" {
  function_name      = aws_lambda_function.hook.arn
  authorization_type = var.auth
}
`,
    })
    expect(of(awsFunctionUrl).map(({ data, unknown }) => [data.functionName, unknown])).toEqual([
      ['webhook', ['authType']],
    ])
  })
})

describe('who need not sign in', () => {
  const RULE = 'iam/unauthenticated-cognito-role'
  const pool = (allowed: string, roles: string) => `resource "aws_cognito_identity_pool" "app" {
  identity_pool_name               = "app"
  allow_unauthenticated_identities = ${allowed}
}
resource "aws_cognito_identity_pool_roles_attachment" "app" {
  identity_pool_id = aws_cognito_identity_pool.app.id
  roles            = ${roles}
}
resource "aws_iam_role" "guest" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "cognito-identity.amazonaws.com" }
      Condition = { StringEquals = { "cognito-identity.amazonaws.com:aud" = aws_cognito_identity_pool.app.id } }
    }]
  })
}
`
  it.each<[string, string, string, readonly string[]]>([
    [
      'guests with a role',
      'true',
      '{ unauthenticated = aws_iam_role.guest.arn }',
      ['Whoever asks gets credentials without sign-in: pool app'],
    ],
    ['guests off', 'false', '{ unauthenticated = aws_iam_role.guest.arn }', []],
    [
      'guests without a role, whom another role admits',
      'true',
      '{ authenticated = aws_iam_role.guest.arn }',
      ['Whoever asks gets credentials without sign-in: trust guest'],
    ],
  ])('%s', async (_, allowed, roles, messages) => {
    const { findings } = await judgeFiles({ 'main.tf': pool(allowed, roles) })
    expect(findings.filter(({ rule }) => rule.id === RULE).map(({ message }) => message)).toEqual(messages)
  })

  it('is open where a variable decides, or the pool is not seen', async () => {
    const byVariable = await judgeFiles({
      'main.tf': pool('var.guests', '{ unauthenticated = aws_iam_role.guest.arn }'),
    })
    expect(byVariable.undetermined.map(({ rule }) => rule.id)).toContain(RULE)
    const alone = await judgeFiles({
      'main.tf': pool('true', '{}').slice(pool('true', '{}').indexOf('resource "aws_iam_role"')),
    })
    expect(alone.undetermined.map(({ rule }) => rule.id)).toContain(RULE)
    expect(alone.gaps.map(({ reason }) => reason)).toContain('identity pool not seen')
  })

  it('is told of CloudFormation, too', async () => {
    const found = await fired(
      template({
        Pool: { Type: 'AWS::Cognito::IdentityPool', Properties: { AllowUnauthenticatedIdentities: true } },
        Guest: { Type: 'AWS::IAM::Role', Properties: {} },
        Roles: {
          Type: 'AWS::Cognito::IdentityPoolRoleAttachment',
          Properties: {
            IdentityPoolId: { Ref: 'Pool' },
            Roles: { unauthenticated: { 'Fn::GetAtt': ['Guest', 'Arn'] } },
          },
        },
      }),
    )
    expect(found).toEqual([RULE])
  })
})

describe('user directories', () => {
  const RULE = 'mfa/user-pool-mfa-off'
  const cognito = (setting: string) => ({
    'main.tf': `resource "aws_cognito_user_pool" "p" {\n  name = "p"\n  ${setting}\n}\n`,
  })
  it.each<[string, Record<string, string>, readonly string[]]>([
    ['off by default', cognito(''), [RULE]],
    ['off', cognito('mfa_configuration = "OFF"'), [RULE]],
    ['optional', cognito('mfa_configuration = "OPTIONAL"'), []],
    ['on', cognito('mfa_configuration = "ON"'), []],
    ['by variable', cognito('mfa_configuration = var.mfa'), []],
    ['Auth0 without', { 'main.tf': 'resource "auth0_guardian" "g" {\n  policy = "never"\n}\n' }, [RULE]],
    ['Auth0 with', { 'main.tf': 'resource "auth0_guardian" "g" {\n  policy = "all-applications"\n}\n' }, []],
    ['CloudFormation without', template({ P: { Type: 'AWS::Cognito::UserPool', Properties: {} } }), [RULE]],
    [
      'CloudFormation with',
      template({ P: { Type: 'AWS::Cognito::UserPool', Properties: { MfaConfiguration: 'ON' } } }),
      [],
    ],
  ])('%s', async (_, files, rules) => {
    expect(await fired(files)).toEqual(rules)
  })
})

describe('S3 Block Public Access', () => {
  const RULE = 'iam/public-resource-policy'
  const terraform = (block: string, resource = '${aws_s3_bucket.b.arn}/*') => `resource "aws_s3_bucket" "b" {
  bucket = "acme-site"
}
resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "${resource}" }]
  })
}
${block}`
  const block = (settings: string, bucket = 'aws_s3_bucket.b.id') =>
    `resource "aws_s3_bucket_public_access_block" "b" {\n  bucket = ${bucket}\n  ${settings}\n}\n`

  it.each<[string, string, readonly string[]]>([
    ['none', terraform(''), [RULE]],
    ['restricts', terraform(block('restrict_public_buckets = true')), []],
    ['blocks policies', terraform(block('block_public_policy = true')), []],
    ['blocks lists only', terraform(block('block_public_acls = true')), [RULE]],
    ['of another bucket', terraform(block('restrict_public_buckets = true', 'aws_s3_bucket.other.id')), [RULE]],
    [
      'of a bucket named by its ARN',
      terraform(block('restrict_public_buckets = true'), 'arn:aws:s3:::acme-site/*'),
      [],
    ],
    [
      'of the account',
      terraform('resource "aws_s3_account_public_access_block" "a" {\n  restrict_public_buckets = true\n}\n'),
      [],
    ],
  ])('%s', async (_, text, rules) => {
    expect(await fired({ 'main.tf': text })).toEqual(rules)
  })

  it('that a variable decides leaves the policy open', async () => {
    const { findings, undetermined } = await judgeFiles({
      'main.tf': terraform(block('restrict_public_buckets = var.on')),
    })
    expect(findings).toEqual([])
    expect(undetermined.map(({ rule }) => rule.id)).toEqual([RULE])
  })

  it.each([
    [true, []],
    [false, [RULE]],
  ])('in CloudFormation: %s', async (RestrictPublicBuckets, rules) => {
    const found = await fired(
      template({
        Site: { Type: 'AWS::S3::Bucket', Properties: { PublicAccessBlockConfiguration: { RestrictPublicBuckets } } },
        Policy: {
          Type: 'AWS::S3::BucketPolicy',
          Properties: {
            PolicyDocument: {
              Statement: [
                {
                  Effect: 'Allow',
                  Principal: '*',
                  Action: 's3:GetObject',
                  Resource: { 'Fn::Sub': 'arn:aws:s3:::${Site}/*' },
                },
              ],
            },
          },
        },
      }),
    )
    expect(found).toEqual(rules)
  })
})
