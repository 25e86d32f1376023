import { describe, expect, it } from 'vitest'
import { judgeFiles } from './judge.ts'

/** What the comparison with other tools on public repositories taught, each in the smallest policy that shows it. */
const ANYTHING = { Effect: 'Allow', Action: 'iam:*', Resource: '*' }

async function fired(...statements: readonly object[]): Promise<readonly string[]> {
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: statements })
  return (await judgeFiles({ 'policy.json': policy })).fired
}

async function firedInTerraform(text: string): Promise<readonly string[]> {
  return (await judgeFiles({ 'main.tf': text })).fired
}

describe('a Deny of the same document', () => {
  it('takes away what is allowed beside it', async () => {
    expect(await fired(ANYTHING, { Effect: 'Deny', Action: 'iam:*', Resource: '*' })).toEqual([])
  })

  it('takes nothing away from what it does not cover', async () => {
    const other = { Effect: 'Deny', Action: 'iam:*', Resource: 'arn:aws:iam::123456789012:user/ci' }
    expect(await fired(ANYTHING, other)).toContain('iam/service-wildcard')
  })

  it('takes nothing away while its condition does not hold', async () => {
    const condition = { Bool: { 'aws:SecureTransport': 'false' } }
    expect(await fired(ANYTHING, { Effect: 'Deny', Action: '*', Resource: '*', Condition: condition })).toContain(
      'iam/service-wildcard',
    )
  })
})

describe('a function that a service may invoke', () => {
  const permission = (rest: string) => `
    resource "aws_lambda_permission" "invoke" {
      action        = "lambda:InvokeFunction"
      function_name = "confirm"
      principal     = "cognito-idp.amazonaws.com"
      ${rest}
    }`

  it('is open to the user pools of every customer where nothing says whose', async () => {
    expect(await firedInTerraform(permission(''))).toEqual(['iam/service-trust-confused-deputy'])
  })

  it('is not where the pool is named', async () => {
    expect(await firedInTerraform(permission('source_arn = aws_cognito_user_pool.people.arn'))).toEqual([])
  })
})

describe('reads on any resource', () => {
  it('of whole file systems are reads of data', async () => {
    expect(await fired({ Effect: 'Allow', Action: 'elasticfilesystem:ClientMount', Resource: '*' })).toEqual([
      'iam/secrets-read-on-any-resource',
    ])
  })

  it.each([
    'ec2:DescribeSubnets',
    'dynamodb:DescribeTable',
    'iam:Get*',
    'secretsmanager:DescribeSecret',
    'bedrock:List*',
  ])('of what there is (%s) are none', async (action) => {
    expect(await fired({ Effect: 'Allow', Action: action, Resource: '*' })).toEqual([])
  })

  it('change no permissions, although AWS lists them under its management', async () => {
    expect(await fired({ Effect: 'Allow', Action: ['glue:ListEntities', 'glue:GetQueries'], Resource: '*' })).toEqual(
      [],
    )
  })
})

describe('writes on any resource', () => {
  it('are no finding where metrics have no resource', async () => {
    expect(await fired({ Effect: 'Allow', Action: 'cloudwatch:PutMetricData', Resource: '*' })).toEqual([])
  })
})

describe('a key policy', () => {
  const statement = (condition: object) => ({
    Effect: 'Allow',
    Principal: { Service: 'cloudtrail.amazonaws.com' },
    Action: 'kms:GenerateDataKey*',
    Resource: '*',
    ...condition,
  })
  const trails = 'arn:aws:cloudtrail:*:123456789012:trail/*'

  it('gives the account its own key', async () => {
    const root = { AWS: 'arn:aws:iam::123456789012:root' }
    expect(await fired({ Effect: 'Allow', Principal: root, Action: 'kms:*', Resource: '*' })).toEqual([])
  })

  it('lets a service act for everybody where nothing says for whom', async () => {
    expect(await fired(statement({}))).toContain('iam/service-trust-confused-deputy')
  })

  it('says for whom by what the key encrypts', async () => {
    const context = { 'kms:EncryptionContext:aws:cloudtrail:arn': trails }
    expect(await fired(statement({ Condition: { StringLike: context } }))).toEqual([])
  })
})

describe('an API that anybody may call', () => {
  it('is what it is without a policy', async () => {
    const everybody = { AWS: '*' }
    const api = 'arn:aws:execute-api:eu-west-2:123456789012:abcdef/*'
    expect(await fired({ Effect: 'Allow', Principal: everybody, Action: 'execute-api:Invoke', Resource: api })).toEqual(
      [],
    )
  })
})

describe('rights over groups', () => {
  const policy = (action: string) => `
    resource "aws_iam_policy" "p" {
      name   = "p"
      policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "${action}", Resource = "*" }] })
    }
    resource "aws_iam_user" "ann" {
      name = "ann"
    }
    resource "aws_iam_user_policy_attachment" "ann" {
      user       = aws_iam_user.ann.name
      policy_arn = aws_iam_policy.p.arn
    }`
  const membership = `
    resource "aws_iam_group" "people" {
      name = "people"
    }
    resource "aws_iam_group_membership" "people" {
      name  = "people"
      users = [aws_iam_user.ann.name]
      group = aws_iam_group.people.name
    }`

  const group = `
    resource "aws_iam_group_policy_attachment" "people" {
      group      = aws_iam_group.people.name
      policy_arn = "arn:aws:iam::aws:policy/IAMUserChangePassword"
    }`
  const actions = ['iam:AttachGroupPolicy', 'iam:PutGroupPolicy']

  it.each(actions)('(%s) make a member of one administrator', async (action) => {
    expect(await firedInTerraform(policy(action) + membership + group)).toContain('iam/privilege-escalation')
  })

  it.each(actions)(
    '(%s) count in a group that has no policy yet, and hang on a membership that is not seen',
    async (action) => {
      expect(await firedInTerraform(policy(action) + membership)).toContain('iam/privilege-escalation')
      expect(await firedInTerraform(policy(action))).toContain('iam/privilege-escalation-conditional')
    },
  )
})

describe('a chain of trusts', () => {
  const role = (name: string, principal: string) => `
    resource "aws_iam_role" "${name}" {
      name               = "${name}"
      assume_role_policy = jsonencode({
        Version   = "2012-10-17"
        Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = ${principal} } }]
      })
    }`

  const chain = `
    variable "people" {}
    ${role('first', 'var.people')}
    ${role('second', 'aws_iam_role.first.arn')}
    ${role('third', 'aws_iam_role.second.arn')}
    resource "aws_iam_role_policy_attachment" "third" {
      role       = aws_iam_role.third.name
      policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    }`

  it.each([
    ['in a root module', { 'main.tf': chain }],
    ['in a module', { 'main.tf': 'module "m" {\n source = "./m"\n people = var.people\n}', 'm/main.tf': chain }],
  ])('lets whoever stands at its beginning become what stands at its end, %s', async (_, files) => {
    const { findings } = await judgeFiles(files)
    const ways = findings.filter((each) => each.rule.id === 'iam/privilege-escalation')
    expect(ways.map((each) => each.message).sort()).toEqual([
      expect.stringMatching(/^Role first can .*assuming the role second, .*assuming the role third/),
      expect.stringMatching(/^Role second can .*assuming the role third/),
    ])
  })
})

describe('a permissions boundary', () => {
  it('grants nothing', async () => {
    const found = await firedInTerraform(`
      resource "aws_iam_policy" "limit" {
        name   = "limit"
        policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["ec2:*", "ssm:*"], Resource = "*" }] })
      }
      resource "aws_iam_role" "deploy" {
        name                 = "deploy"
        permissions_boundary = aws_iam_policy.limit.arn
        assume_role_policy   = jsonencode({
          Version   = "2012-10-17"
          Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
        })
      }`)
    expect(found).toEqual([])
  })
})

describe('a password policy', () => {
  const RULE = 'mfa/weak-declared-password-policy'
  const declared = (settings: string) => `resource "aws_iam_account_password_policy" "p" {\n${settings}\n}\n`

  it('that is short, or forgets old ones, is told where it is declared', async () => {
    expect(await firedInTerraform(declared('minimum_password_length = 8'))).toContain(RULE)
    expect(await firedInTerraform(declared('minimum_password_length = 14'))).toContain(RULE)
    expect(await firedInTerraform(declared('minimum_password_length = 14\npassword_reuse_prevention = 24'))).toEqual([])
  })
})

it('lets nobody in from outside to a search domain within a network', async () => {
  const domain = (options: string) => `resource "aws_opensearch_domain" "d" {
  domain_name = "d"
  ${options}
  access_policies = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "es:*", Resource = "*" }]
  })
}
`
  expect(await firedInTerraform(domain(''))).toContain('iam/public-resource-policy')
  expect(await firedInTerraform(domain('vpc_options {\n subnet_ids = ["a"]\n }'))).not.toContain(
    'iam/public-resource-policy',
  )
})
