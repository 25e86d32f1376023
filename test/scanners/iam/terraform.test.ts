import { describe, expect, it } from 'vitest'
import { iamAttachment, iamKeyDeclaration, iamRole, iamStatement } from '../../../src/facts/iam.ts'
import { iamFilesScanner } from '../../../src/scanners/iam/files.ts'
import { collect, memoryTree } from '../../support/context.ts'
import { judgeFiles } from './judge.ts'

const scan = (files: Record<string, string>) => collect(iamFilesScanner, { trees: [memoryTree(files)] })

describe('aws_iam_policy_document', () => {
  it('reads every part of a statement with its exact lines', async () => {
    const { of, gaps } = await scan({
      'iam/main.tf': `data "aws_iam_policy_document" "app" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["\${aws_s3_bucket.data.arn}/*"]
    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/team"
      values   = ["a", "b"]
    }
  }
  statement {
    effect        = "Deny"
    not_actions   = ["iam:*"]
    not_resources = ["arn:aws:s3:::logs"]
    not_principals {
      type        = "AWS"
      identifiers = ["123456789012"]
    }
  }
}
`,
    })
    const [read, deny] = of(iamStatement)
    expect(gaps).toEqual([])
    expect(read?.at).toEqual({ file: 'iam/main.tf', line: 2, column: 3, endLine: 11, endColumn: 4 })
    expect(read?.scope).toBe('repo:./iam/main.tf')
    expect(read?.data).toMatchObject({
      policy: 'file:iam/main.tf#data.aws_iam_policy_document.app',
      policyName: 'app',
      policyKind: 'resource',
      effect: 'Allow',
      sid: 'Read',
      actions: ['s3:GetObject'],
      resources: ['${aws_s3_bucket.data.arn}/*'],
      conditions: ['StringEquals|aws:ResourceTag/team|a', 'StringEquals|aws:ResourceTag/team|b'],
    })
    expect(deny?.data).toMatchObject({
      effect: 'Deny',
      notActions: ['iam:*'],
      notResources: ['arn:aws:s3:::logs'],
      notPrincipals: ['AWS:arn:aws:iam::123456789012:root'],
    })
  })

  it('takes the trust of a role from its use', async () => {
    const { facts } = await judgeFiles({
      'main.tf': `data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
`,
      'role.tf': `resource "aws_iam_role" "app" {
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
`,
    })
    expect(facts.find((fact) => fact.kind === 'iam.trust-judgement')?.data).toMatchObject({
      policyKind: 'trust',
      owner: 'file:role.tf#aws_iam_role.app',
      everyone: true,
    })
  })

  it('judges what is written, and leaves open what a variable may hold', async () => {
    const { facts, gaps, fired, undetermined } = await judgeFiles({
      'main.tf': `data "aws_iam_policy_document" "open" {
  statement {
    actions   = concat(["sqs:DeleteQueue"], var.more)
    resources = ["*"]
  }
  statement {
    actions   = var.actions
    resources = ["*"]
  }
}
`,
    })
    expect(fired).toEqual(['iam/write-on-any-resource'])
    expect(gaps).toContainEqual({
      kind: 'iam.statement',
      scope: 'repo:./main.tf',
      fields: ['actions'],
      class: 'limit',
      reason: 'variable without default',
      detail: 'main.tf:2: ${var.more}, ${var.actions} in open: audit the live account, or write the value',
    })
    expect(facts.filter((fact) => fact.kind === 'iam.statement')).toHaveLength(2)
    expect(undetermined.map(({ rule }) => rule.id)).toContain('iam/full-admin')
  })

  it('reads dynamic statements and puts locals in their places', async () => {
    const { of } = await scan({
      'main.tf': `locals {
  bucket  = "arn:aws:s3:::logs"
  actions = ["s3:GetObject", "s3:PutObject"]
}
data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = var.buckets
    content {
      actions   = local.actions
      resources = ["\${local.bucket}/*", statement.value.arn]
    }
  }
}
`,
    })
    expect(of(iamStatement).map(({ data }) => [data.actions, data.resources])).toEqual([
      [
        ['s3:GetObject', 's3:PutObject'],
        ['arn:aws:s3:::logs/*', '${var.buckets[*].arn}'],
      ],
    ])
  })
})

describe('documents in arguments', () => {
  it.each([
    ['jsonencode', 'jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })'],
    ['an old interpolation', '"${jsonencode({ Statement = { Effect = "Allow", Action = ["*"], Resource = ["*"] } })}"'],
    ['a condition', 'var.on ? jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] }) : null'],
    ['a string', '"{\\"Statement\\": [{\\"Effect\\": \\"Allow\\", \\"Action\\": \\"*\\", \\"Resource\\": \\"*\\"}]}"'],
    ['a heredoc', '<<EOF\n{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}\nEOF'],
    [
      'an indented heredoc',
      '<<-EOF\n  {"Statement": [{"Effect": "Allow", "Action": "*",\n   "Resource": "*"}]}\n  EOF',
    ],
  ])('finds one in %s', async (_, value) => {
    const { fired } = await judgeFiles({ 'main.tf': `resource "aws_iam_policy" "p" {\n  policy = ${value}\n}\n` })
    expect(fired).toEqual(['iam/full-admin'])
  })

  it('knows the line of a statement in a heredoc with references', async () => {
    const { of, gaps } = await scan({
      'main.tofu': `resource "aws_s3_bucket_policy" "b" {
  bucket = "b"
  policy = <<EOF
{
  "Statement": [
    { "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
      "Resource": "\${aws_s3_bucket.b["x"].arn}/*", "Condition": {"StringLike": {"aws:username": "$\${aws:username}"}} }
  ]
}
EOF
}
`,
    })
    expect(gaps).toEqual([])
    expect(of(iamStatement).map((fact) => [fact.at, fact.data])).toMatchObject([
      [
        { file: 'main.tofu', line: 6, column: 5, endLine: 7 },
        {
          policyKind: 'resource',
          resources: ['${aws_s3_bucket.b["x"].arn}/*'],
          conditions: ['StringLike|aws:username|${aws:username}'],
        },
      ],
    ])
  })

  it('does not judge what limits and grants nothing', async () => {
    const { fired } = await judgeFiles({
      'main.tf': `resource "aws_organizations_policy" "scp" {
  content = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
resource "aws_vpc_endpoint" "s3" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "*", Resource = "*" }] })
}
data "aws_iam_policy_document" "limit" {
  statement {
    actions   = ["*"]
    resources = ["*"]
  }
}
resource "aws_iam_policy" "limit" {
  policy = data.aws_iam_policy_document.limit.json
}
resource "aws_iam_role" "r" {
  permissions_boundary = aws_iam_policy.limit.arn
  assume_role_policy   = jsonencode({})
}
`,
    })
    expect(fired).toEqual([])
  })

  it('reads aws_lambda_permission as a statement', async () => {
    const permission = (extra: string) => `resource "aws_lambda_permission" "p" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.f.function_name
  ${extra}
}
`
    expect((await judgeFiles({ 'a.tf': permission('principal = "*"') })).fired).toEqual(['iam/public-resource-policy'])
    expect((await judgeFiles({ 'a.tf': permission('principal = "s3.amazonaws.com"') })).fired).toEqual([
      'iam/service-trust-confused-deputy',
    ])
    const bound = permission('principal = "s3.amazonaws.com"\n  source_arn = aws_s3_bucket.b.arn')
    expect((await judgeFiles({ 'a.tf': bound })).fired).toEqual([])
  })
})

describe('attachments', () => {
  const MODULE = `resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  inline_policy {
    name   = "own"
    policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::b/*" }] })
  }
}
resource "aws_iam_policy" "p" {
  policy = data.aws_iam_policy_document.p.json
}
data "aws_iam_policy_document" "p" {
  statement {
    actions   = ["*"]
    resources = ["*"]
  }
}
resource "aws_iam_role_policy_attachment" "one" {
  role       = aws_iam_role.app.name
  policy_arn = aws_iam_policy.p.arn
}
resource "aws_iam_role_policy_attachment" "each" {
  for_each   = toset(["arn:aws:iam::aws:policy/AmazonS3FullAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"])
  role       = aws_iam_role.app.name
  policy_arn = each.value
}
resource "aws_iam_user_policy_attachment" "admin" {
  user       = "ann"
  policy_arn = "arn:\${data.aws_partition.current.partition}:iam::aws:policy/AdministratorAccess"
}
resource "aws_iam_role_policy_attachment" "open" {
  role       = var.role
  policy_arn = var.policy
}
`

  it('links principals with documents across blocks', async () => {
    const { of, gaps } = await scan({ 'main.tf': MODULE })
    const links = of(iamAttachment).map(({ data }) => [data.principalArn, data.policy, data.via])
    expect(links.sort()).toEqual([
      ['file:main.tf#aws_iam_role.app', 'arn:aws:iam::aws:policy/AmazonS3FullAccess', 'direct'],
      ['file:main.tf#aws_iam_role.app', 'arn:aws:iam::aws:policy/ReadOnlyAccess', 'direct'],
      ['file:main.tf#aws_iam_role.app', 'file:main.tf#aws_iam_role.app/inline_policy/own', 'inline'],
      ['file:main.tf#aws_iam_role.app', 'file:main.tf#data.aws_iam_policy_document.p', 'direct'],
      ['file:main.tf#user/ann', 'arn:aws:iam::aws:policy/AdministratorAccess', 'direct'],
    ])
    expect(gaps).toEqual([expect.objectContaining({ kind: 'iam.attachment', class: 'limit', scope: 'repo:./main.tf' })])
    const policies = new Set(of(iamStatement).map(({ data }) => data.policy))
    expect([...policies].sort()).toEqual([
      'file:main.tf#aws_iam_role.app/inline_policy/own',
      'file:main.tf#data.aws_iam_policy_document.p',
    ])
    expect(of(iamRole).map(({ data }) => [data.arn, data.name])).toEqual([['file:main.tf#aws_iam_role.app', 'app']])
  })

  it('finds administrators, and broad policies whose documents are elsewhere', async () => {
    const { findings } = await judgeFiles({ 'main.tf': MODULE })
    expect(findings.map((finding) => [finding.rule.id, finding.message])).toEqual([
      ['iam/broad-managed-policy', 'AmazonS3FullAccess is attached to role app'],
      ['iam/full-admin', 'p allows every action on every resource to role app'],
      ['iam/full-admin', 'AdministratorAccess allows every action on every resource to user ann'],
      ['iam/user-attached-policy', 'AdministratorAccess is attached to the user ann'],
    ])
  })
})

it('sees keys that configuration makes or uses', async () => {
  const { of } = await scan({
    'main.tf': `resource "aws_iam_access_key" "ci" {
  user = aws_iam_user.ci.name
}
provider "aws" {
  access_key = var.key
}
provider "aws" {
  alias      = "local"
  access_key = "test"
}
`,
  })
  expect(of(iamKeyDeclaration).map(({ data }) => [data.address, data.user, data.usage])).toEqual([
    ['aws_iam_access_key.ci', 'aws_iam_user.ci', 'resource'],
    ['provider.aws', '', 'provider'],
  ])
})

describe('bad input', () => {
  it('names the line of a syntax error and reads on', async () => {
    const { of, gaps } = await scan({
      'main.tf': `resource "aws_iam_policy" "a" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
resource "aws_iam_policy" "b" {
  policy = = {
}
`,
    })
    expect(gaps).toMatchObject(
      [
        {
          kind: 'iam.statement',
          class: 'fault',
          reason: 'HCL syntax error',
          scope: 'repo:./main.tf',
          detail: /^main\.tf:5: /,
        },
      ].map((gap) => ({ ...gap, detail: expect.stringMatching(gap.detail) })),
    )
    expect(of(iamStatement)).toHaveLength(1)
  })

  it('names a heredoc that is no JSON', async () => {
    const { gaps } = await scan({
      'main.tf': `resource "aws_iam_policy" "a" {
  policy = <<EOF
{"Statement": [{"Effect": "Allow",
  "Action" "*"}]}
EOF
}
`,
    })
    expect(gaps).toMatchObject([{ class: 'fault', detail: expect.stringMatching(/^main\.tf:4: looks like a policy/) }])
  })

  it('survives nesting without end', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    const { gaps } = await scan({ 'main.tf': `locals {\n  policy = ${deep}\n}\n` })
    expect(gaps).toMatchObject([{ class: 'fault' }])
  })

  it('loads nothing for folders that do not speak of policies', async () => {
    const { facts, gaps } = await scan({ 'main.tf': 'resource "null_resource" "n" {\n' })
    expect([facts, gaps]).toEqual([[], []])
  })
})
