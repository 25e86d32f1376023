import { expect, it } from 'vitest'
import { iamAttachment, iamStatement } from '../../../src/facts/iam.ts'
import { iamFilesScanner } from '../../../src/scanners/iam/files.ts'
import { collect, memoryTree } from '../../support/context.ts'
import { judgeFiles } from './judge.ts'

const scan = (files: Record<string, string>) => collect(iamFilesScanner, { trees: [memoryTree(files)] })
const links = async (main: string) => {
  const { of, gaps } = await scan({ 'main.tf': main })
  return {
    gaps: gaps.map(({ kind, reason, detail }) => [kind, reason, detail]),
    links: of(iamAttachment).map(({ data }) => [data.principalName, data.principalKind, data.policy, data.via]),
  }
}

const GROUP = `resource "aws_iam_user" "ann" {
  name = "ann"
}
resource "aws_iam_group" "ops" {
  name = "ops"
}
resource "aws_iam_group_policy_attachment" "ops" {
  group      = aws_iam_group.ops.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
resource "aws_iam_group_policy" "ops" {
  group  = "ops"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::b/*" }] })
}
`

it.each([
  [
    'of a user',
    'resource "aws_iam_user_group_membership" "m" {\n  user   = aws_iam_user.ann.name\n  groups = ["ops"]\n}\n',
  ],
  [
    'of a group',
    'resource "aws_iam_group_membership" "m" {\n  name  = "m"\n  group = aws_iam_group.ops.name\n  users = [aws_iam_user.ann.name]\n}\n',
  ],
])('a membership %s gives what the group has', async (_, membership) => {
  const { links: seen, gaps } = await links(GROUP + membership)
  const group = 'file:main.tf#aws_iam_group.ops'
  expect(gaps).toEqual([])
  expect(seen).toEqual([
    ['ops', 'group', 'arn:aws:iam::aws:policy/ReadOnlyAccess', 'direct'],
    ['ops', 'group', 'file:main.tf#aws_iam_group_policy.ops', 'inline'],
    ['ann', 'user', 'arn:aws:iam::aws:policy/ReadOnlyAccess', group],
    ['ann', 'user', 'file:main.tf#aws_iam_group_policy.ops', group],
  ])
})

it('an administrator through a group is one finding, the group’s', async () => {
  const admin = GROUP.replace('ReadOnlyAccess', 'AdministratorAccess')
  const member = 'resource "aws_iam_user_group_membership" "m" {\n  user   = "ann"\n  groups = ["ops"]\n}\n'
  const { findings, facts } = await judgeFiles({ 'main.tf': admin + member })
  expect(findings.filter(({ rule }) => rule.id === 'iam/full-admin').map(({ message }) => message)).toEqual([
    'AdministratorAccess allows every action on every resource to group ops',
  ])
  const grants = facts.filter(({ kind }) => kind === 'iam.grant').map(({ data }) => data as Record<string, unknown>)
  expect(grants.some((grant) => grant.admin === true && grant.principalKind === 'user')).toBe(true)
})

it('policies are found by name, by ARN with the own account, and as data sources', async () => {
  const { links: seen, gaps } = await links(`resource "aws_iam_policy" "p" {
  name   = "p"
  path   = "/team/"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::b/*" }] })
}
data "aws_iam_policy" "own" { name = "p" }
data "aws_iam_policy" "aws" { name = "ViewOnlyAccess" }
data "aws_iam_policy" "arn" { arn = "arn:aws:iam::aws:policy/SecurityAudit" }
data "aws_iam_role" "r" { name = "looked-up" }
resource "aws_iam_role_policy_attachments_exclusive" "x" {
  role_name   = data.aws_iam_role.r.name
  policy_arns = [
    "arn:aws:iam::\${data.aws_caller_identity.me.account_id}:policy/team/p",
    data.aws_iam_policy.own.arn,
    data.aws_iam_policy.aws.arn,
    data.aws_iam_policy.arn.arn,
  ]
}
`)
  expect(gaps).toEqual([])
  expect(seen.map(([who, , policy]) => [who, policy])).toEqual([
    ['looked-up', 'file:main.tf#aws_iam_policy.p'],
    ['looked-up', 'arn:aws:iam::aws:policy/ViewOnlyAccess'],
    ['looked-up', 'arn:aws:iam::aws:policy/SecurityAudit'],
  ])
})

it('boundaries, inline policies of a dynamic block and permission sets are attached', async () => {
  const { links: seen, gaps } = await links(`resource "aws_iam_role" "r" {
  permissions_boundary = "arn:aws:iam::123456789012:policy/limit"
  managed_policy_arns  = [for name in ["ViewOnlyAccess"] : "arn:aws:iam::aws:policy/\${name}"]
  assume_role_policy   = jsonencode({})
  dynamic "inline_policy" {
    for_each = { one = "s3:GetObject" }
    content {
      name   = inline_policy.key
      policy = jsonencode({ Statement = [{ Effect = "Allow", Action = inline_policy.value, Resource = "arn:aws:s3:::b/*" }] })
    }
  }
}
resource "aws_ssoadmin_permission_set" "admins" {
  name = "Admins"
}
resource "aws_ssoadmin_managed_policy_attachment" "a" {
  managed_policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
  permission_set_arn = aws_ssoadmin_permission_set.admins.arn
}
resource "aws_ssoadmin_permission_set_inline_policy" "a" {
  inline_policy      = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::b/*" }] })
  permission_set_arn = aws_ssoadmin_permission_set.admins.arn
}
`)
  expect(gaps).toEqual([])
  expect(seen.map(([who, , policy, via]) => [who, policy, via])).toEqual([
    ['r', 'arn:aws:iam::aws:policy/ViewOnlyAccess', 'direct'],
    ['r', 'file:main.tf#aws_iam_role.r/inline_policy/one', 'inline'],
    ['r', 'arn:aws:iam::123456789012:policy/limit', 'direct'],
    ['admins', 'arn:aws:iam::aws:policy/AdministratorAccess', 'direct'],
    ['admins', 'file:main.tf#aws_ssoadmin_permission_set_inline_policy.a/inline_policy', 'inline'],
  ])
})

it('what is not in the tree is a gap that names it', async () => {
  const { links: seen, gaps } = await links(`variable "arn" {}
variable "role" {}
variable "admin" {}
resource "aws_iam_role_policy_attachment" "policy" {
  role       = "r"
  policy_arn = var.arn
}
resource "aws_iam_role_policy_attachment" "role" {
  role       = var.role
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
resource "aws_iam_user_policy" "either" {
  user   = "ann"
  policy = var.admin ? data.aws_iam_policy_document.a.json : data.aws_iam_policy_document.b.json
}
data "aws_iam_policy_document" "a" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::a/*"]
  }
}
data "aws_iam_policy_document" "b" {
  source_policy_documents = [var.arn]
}
`)
  expect(seen).toEqual([])
  expect(gaps).toEqual([
    [
      'iam.statement',
      'variable without default',
      'main.tf:22: source_policy_documents of data.aws_iam_policy_document.b takes over var.arn',
    ],
    [
      'iam.attachment',
      'variable without default',
      'main.tf:4: the policy of aws_iam_role_policy_attachment.policy is ${var.arn}',
    ],
    [
      'iam.attachment',
      'variable without default',
      'main.tf:8: the role of aws_iam_role_policy_attachment.role is ${var.role}',
    ],
    [
      'iam.attachment',
      'variable without default',
      'main.tf:12: the policy of aws_iam_user_policy.either is ${var.admin ? … : …}',
    ],
  ])
})

it('documents are merged by sid as the provider merges them', async () => {
  const { of, gaps } = await scan({
    'main.tf': `data "aws_iam_policy_document" "base" {
  statement {
    sid       = "A"
    actions   = ["*"]
    resources = ["*"]
  }
  statement {
    actions   = ["sqs:SendMessage"]
    resources = ["arn:aws:sqs:::q"]
  }
}
data "aws_iam_policy_document" "merged" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]
  override_policy_documents = [jsonencode({ Statement = [{ Sid = "B", Effect = "Deny", Action = "s3:*", Resource = "*" }] })]
  statement {
    sid       = "A"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::a/*"]
  }
  statement {
    sid       = "B"
    actions   = ["s3:PutObject"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "sum" {
  source_json = data.aws_iam_policy_document.plain.json
  statement {
    actions   = ["sns:Publish"]
    resources = ["arn:aws:sns:::t"]
  }
}
data "aws_iam_policy_document" "plain" {
  statement {
    actions   = ["sns:Subscribe"]
    resources = ["arn:aws:sns:::t"]
  }
}
resource "aws_iam_role_policy" "merged" {
  role   = "r"
  policy = data.aws_iam_policy_document.merged.json
}
resource "aws_iam_role_policy" "sum" {
  role   = "r"
  policy = data.aws_iam_policy_document.sum.json
}
`,
  })
  expect(gaps).toEqual([])
  const id = (name: string) => `file:main.tf#data.aws_iam_policy_document.${name}`
  expect(of(iamStatement).map(({ data }) => [data.policy, data.effect, data.actions])).toEqual([
    [id('merged'), 'Allow', ['sqs:SendMessage']],
    [id('merged'), 'Allow', ['s3:GetObject']],
    [id('merged'), 'Deny', ['s3:*']],
    [id('plain'), 'Allow', ['sns:Subscribe']],
    [id('sum'), 'Allow', ['sns:Publish']],
  ])
  expect(of(iamAttachment).map(({ data }) => data.policy)).toEqual([id('merged'), id('sum'), id('plain')])
})

it('resource policies name what they belong to', async () => {
  const { of } = await scan({
    'main.tf': `locals {
  open = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "*" }] })
}
resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = local.open
}
resource "aws_s3_bucket" "b" {}
resource "aws_sqs_queue_policy" "q" {
  queue_url = "https://sqs/q"
  policy    = local.open
}
resource "aws_kms_key" "k" {
  policy = local.open
}
resource "aws_lambda_permission" "l" {
  function_name = aws_lambda_function.f.function_name
  principal     = "*"
  action        = "lambda:InvokeFunction"
}
resource "aws_lambda_function" "f" {}
`,
  })
  expect(of(iamStatement).map(({ data, at }) => [data.policy, data.owner, 'file' in at && at.line])).toEqual([
    ['file:main.tf#local.open', 'file:main.tf#aws_s3_bucket.b', 2],
    ['file:main.tf#local.open', 'https://sqs/q', 2],
    ['file:main.tf#local.open', 'file:main.tf#aws_kms_key.k', 2],
    ['file:main.tf#aws_lambda_permission.l', 'file:main.tf#aws_lambda_function.f', 16],
  ])
})

it('names that leave the same open are the same within a module', async () => {
  const { links: seen, gaps } = await links(`variable "stage" {}
resource "aws_iam_role" "app" {
  name = "app-\${var.stage}"
}
resource "aws_iam_role_policy_attachment" "a" {
  role       = "app-\${var.stage}"
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
resource "aws_iam_role_policy_attachment" "b" {
  role       = "other-\${var.stage}"
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
`)
  expect(seen).toEqual([['app', 'role', 'arn:aws:iam::aws:policy/ReadOnlyAccess', 'direct']])
  expect(gaps.map(([, reason]) => reason)).toEqual(['variable without default'])
})
