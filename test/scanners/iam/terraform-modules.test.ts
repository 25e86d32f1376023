import { describe, expect, it } from 'vitest'
import { iamAttachment, iamRole, iamStatement } from '../../../src/facts/iam.ts'
import { iamDeclaration } from '../../../src/facts/iam-declaration.ts'
import { iamFilesScanner } from '../../../src/scanners/iam/files.ts'
import { collect, memoryTree } from '../../support/context.ts'
import { judgeFiles } from './judge.ts'

const scan = (files: Record<string, string>) => collect(iamFilesScanner, { trees: [memoryTree(files)] })

const ROLE_MODULE = `variable "name" {}
variable "actions" { default = ["s3:GetObject"] }
variable "extra" {
  type    = object({ arns = optional(list(string), ["arn:aws:s3:::optional"]) })
  default = {}
}
resource "aws_iam_role" "this" {
  name               = var.name
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}
resource "aws_iam_role_policy" "own" {
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.own.json
}
data "aws_iam_policy_document" "own" {
  statement {
    actions   = ["sqs:DeleteQueue"]
    resources = ["*"]
  }
  statement {
    actions   = var.actions
    resources = var.extra.arns
  }
}
output "role_name" {
  value = aws_iam_role.this.name
}
`

describe('modules in the tree', () => {
  it('are judged with the arguments of their callers, and give them their outputs', async () => {
    const { of, gaps } = await scan({
      'modules/role/main.tf': ROLE_MODULE,
      'main.tf': `module "app" {
  source  = "./modules/role"
  name    = "app"
  actions = ["dynamodb:Query"]
}
resource "aws_iam_role_policy_attachment" "read" {
  role       = module.app.role_name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
`,
    })
    expect(gaps).toEqual([])
    const role = 'file:main.tf#module.app.aws_iam_role.this'
    expect(of(iamRole).map(({ data, at }) => [data.arn, data.name, at])).toEqual([
      [role, 'app', expect.objectContaining({ file: 'modules/role/main.tf', line: 7 })],
    ])
    expect(
      of(iamAttachment)
        .map(({ data }) => [data.principalArn, data.policy])
        .sort(),
    ).toEqual([
      [role, 'arn:aws:iam::aws:policy/ReadOnlyAccess'],
      [role, 'file:modules/role/main.tf#data.aws_iam_policy_document.own'],
    ])
    const identity = of(iamStatement).filter(({ data }) => data.policyKind === 'identity')
    expect(identity.map(({ data, at }) => [data.actions, data.resources, at])).toEqual([
      [['sqs:DeleteQueue'], ['*'], expect.objectContaining({ file: 'modules/role/main.tf', line: 16 })],
      [['dynamodb:Query'], ['arn:aws:s3:::optional'], expect.objectContaining({ line: 20 })],
    ])
  })

  it('tell what all instances share once, and what one has apart', async () => {
    const { findings, facts } = await judgeFiles({
      'modules/role/main.tf': ROLE_MODULE,
      'main.tf': `module "app" {
  source   = "./modules/role"
  for_each = { a = ["s3:GetObject"], b = ["s3:PutObject"], c = ["s3:GetObject"] }
  name     = "app-\${each.key}"
  actions  = each.value
}
`,
    })
    expect(findings.filter(({ rule }) => rule.id === 'iam/write-on-any-resource')).toHaveLength(1)
    const roles = facts.filter((fact) => fact.kind === iamRole.kind).map((fact) => fact.data)
    expect(roles).toMatchObject(
      ['a', 'b', 'c'].map((key) => ({
        arn: `file:main.tf#module.app["${key}"].aws_iam_role.this`,
        name: `app-${key}`,
      })),
    )
    const held = (key: string) =>
      facts.flatMap((fact) =>
        fact.kind === iamAttachment.kind &&
        String((fact.data as { principalArn: string }).principalArn).includes(`"${key}"`)
          ? [(fact.data as { policy: string }).policy]
          : [],
      )
    const shared = 'file:modules/role/main.tf#data.aws_iam_policy_document.own'
    expect(held('a')).toEqual([shared, 'file:main.tf#module.app["a"].data.aws_iam_policy_document.own'])
    expect(held('c')).toEqual(held('a'))
    expect(held('b')).toEqual([shared, 'file:main.tf#module.app["b"].data.aws_iam_policy_document.own'])
  })

  it('that nobody calls are judged alone, also if a comment calls them', async () => {
    const { of } = await scan({
      'modules/role/main.tf': ROLE_MODULE,
      'main.tf': '# module "app" {\n#   source = "./modules/role"\n# }\nlocals {\n  policy = 1\n}\n',
    })
    expect(of(iamDeclaration).map(({ data }) => [data.id, data.name])).toEqual([
      ['file:modules/role/main.tf#aws_iam_role.this', ''],
    ])
  })

  it('may lie above, call each other, and pass things on', async () => {
    const { of, gaps } = await scan({
      'modules/outer/main.tf':
        'variable "arn" {}\nmodule "inner" {\n  source = "../inner"\n  arn    = var.arn\n}\noutput "policy" { value = module.inner.policy }\n',
      'modules/inner/main.tf':
        'variable "arn" {}\nresource "aws_iam_role_policy_attachment" "a" {\n  role       = "r"\n  policy_arn = var.arn\n}\noutput "policy" { value = var.arn }\n',
      'env/main.tf': `resource "aws_iam_policy" "p" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::b/*" }] })
}
module "outer" {
  source = "../modules/outer"
  arn    = aws_iam_policy.p.arn
}
resource "aws_iam_group_policy_attachment" "g" {
  group      = "g"
  policy_arn = module.outer.policy
}
`,
    })
    expect(gaps).toEqual([])
    expect(
      of(iamAttachment).map(({ data, at }) => [data.policy, data.principalName, 'file' in at ? at.file : '']),
    ).toEqual([
      ['file:env/main.tf#aws_iam_policy.p', 'g', 'env/main.tf'],
      ['file:env/main.tf#aws_iam_policy.p', 'r', 'modules/inner/main.tf'],
    ])
  })

  it('that call themselves or each other come to an end', async () => {
    const { of } = await scan({
      'a/main.tf': 'module "b" { source = "../b" }\nresource "aws_iam_user" "u" { name = "u" }\n',
      'b/main.tf': 'module "a" { source = "../a" }\nmodule "self" { source = "./" }\n',
    })
    expect(new Set(of(iamDeclaration).map(({ data }) => data.name))).toEqual(new Set(['u']))
    expect(of(iamDeclaration).length).toBeLessThan(600)
  })

  it('from elsewhere are a gap where they have to do with policies, and only there', async () => {
    const { gaps } = await scan({
      'main.tf': `module "role" {
  source               = "terraform-aws-modules/iam/aws//modules/iam-assumable-role"
  trusted_role_arns    = ["arn:aws:iam::123456789012:root"]
}
module "queue" {
  source     = "git::https://git.example.com/queue.git"
  iam_policy = "{}"
}
module "label" {
  source = "acme/label/null"
  name   = "role"
}
`,
    })
    const kinds = ['iam.statement', 'iam.attachment']
    expect(gaps).toEqual(
      ['role', 'queue'].flatMap((name) =>
        kinds.map((kind) =>
          expect.objectContaining({
            kind,
            class: 'limit',
            reason: 'remote module',
            detail: expect.stringContaining(`module ${name} (`),
          }),
        ),
      ),
    )
  })
})

describe('instances', () => {
  it('of for_each and count have each their address and name', async () => {
    const { of } = await scan({
      'main.tf': `resource "aws_iam_user" "each" {
  for_each = toset(["ann", "bob"])
  name     = each.key
}
resource "aws_iam_user" "counted" {
  count = 2
  name  = "user-\${count.index}"
}
resource "aws_iam_user" "one" {
  count = var.on ? 1 : 0
  name  = "one"
}
variable "on" { default = true }
resource "aws_iam_user" "none" {
  count = 0
  name  = "none"
}
resource "aws_iam_user" "open" {
  for_each = var.users
  name     = each.value
}
variable "users" {}
`,
    })
    expect(of(iamDeclaration).map(({ data }) => [data.id, data.name])).toEqual([
      ['file:main.tf#aws_iam_user.each["ann"]', 'ann'],
      ['file:main.tf#aws_iam_user.each["bob"]', 'bob'],
      ['file:main.tf#aws_iam_user.counted[0]', 'user-0'],
      ['file:main.tf#aws_iam_user.counted[1]', 'user-1'],
      ['file:main.tf#aws_iam_user.one', 'one'],
      ['file:main.tf#aws_iam_user.open', ''],
    ])
  })

  it('that a default of a root module leaves out are judged as far as they are written', async () => {
    const { fired, gaps } = await judgeFiles({
      'main.tf': `variable "admin" { default = false }
variable "statements" { default = [] }
variable "arns" { default = [] }
data "aws_iam_policy_document" "d" {
  count = var.admin ? 1 : 0
  statement {
    actions   = ["*"]
    resources = ["*"]
  }
  dynamic "statement" {
    for_each = var.statements
    content {
      actions   = statement.value.actions
      resources = ["*"]
    }
  }
}
resource "aws_iam_role_policy_attachment" "a" {
  for_each   = toset(var.arns)
  role       = "r"
  policy_arn = each.value
}
`,
    })
    expect(fired).toEqual(['iam/full-admin'])
    expect(gaps).toEqual([])
  })
})

describe('what is switched off in a module that is called', () => {
  const ADMIN = 'policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })'
  const inner = `variable "admin" { default = false }
variable "more" { default = false }
resource "aws_iam_policy" "admin" {
  count = var.admin && !var.more ? 1 : 0
  ${ADMIN}
}
`
  const outer = 'variable "admin" {}\nmodule "inner" {\n  source = "../inner"\n  admin  = var.admin\n}\n'
  const root = (given: string) =>
    `variable "all" { default = false }\nlocals { on = false || var.all }\nmodule "outer" {\n  source = "./outer"\n  admin  = ${given}\n}\n`
  const files = (given: string) => ({ 'inner/main.tf': inner, 'outer/main.tf': outer, 'main.tf': root(given) })

  it('by a default of the root module is judged as in a root module', async () => {
    const { fired, gaps } = await judgeFiles(files('local.on'))
    expect(fired).toEqual(['iam/full-admin'])
    expect(gaps).toEqual([])
  })

  it('by what stands in the calls is told, not judged', async () => {
    const { fired, gaps } = await judgeFiles(files('false'))
    expect(fired).toEqual([])
    expect(gaps.map(({ kind, class: of, scope, detail }) => [kind, of, scope, detail])).toEqual(
      ['iam.statement', 'iam.attachment'].map((kind) => [
        kind,
        'limit',
        'repo:./inner/main.tf',
        'inner/main.tf:3: 1 resource with policies is switched off by what calls the module: aws_iam_policy.admin',
      ]),
    )
  })

  it('by a file of values is told with its name', async () => {
    const { fired, gaps } = await judgeFiles({ ...files('local.on'), 'terraform.tfvars': 'all = false\n' })
    expect(fired).toEqual([])
    expect(gaps.map(({ detail }) => detail.replace(/.* by /, ''))).toEqual(
      Array(2).fill('terraform.tfvars: aws_iam_policy.admin'),
    )
  })

  it('in one place and not in another is judged, and no more is told', async () => {
    const { fired, gaps } = await judgeFiles({
      ...files('false'),
      'other/main.tf': 'module "inner" {\n  source = "../inner"\n  admin  = true\n}\n',
    })
    expect(fired).toEqual(['iam/full-admin'])
    expect(gaps).toEqual([])
  })

  it('with the whole call is told; a count of 0 too; a collection without items has nothing to tell', async () => {
    const { fired, gaps } = await judgeFiles({
      'inner/main.tf': `resource "aws_iam_policy" "admin" {\n  ${ADMIN}\n}\n`,
      'main.tf': `module "inner" {
  count  = 0
  source = "./inner"
}
resource "aws_iam_role_policy_attachment" "a" {
  for_each   = toset([])
  role       = "r"
  policy_arn = each.value
}
`,
    })
    expect(fired).toEqual([])
    expect(new Set(gaps.map(({ detail }) => detail))).toEqual(
      new Set(['main.tf:1: 1 module call with policies is switched off by a count of 0: module.inner']),
    )
  })
})

describe('a document that opens a bucket', () => {
  const document = `variable "on" { default = false }
data "aws_iam_policy_document" "open" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::b/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
`
  const user = (more: string) =>
    `resource "aws_s3_bucket_policy" "p" {\n  ${more}\n  bucket = "b"\n  policy = data.aws_iam_policy_document.open.json\n}\n`
  const judged = async (files: Record<string, string>) =>
    (await judgeFiles(files)).findings.map(({ rule, severity }) => [rule.id, severity])

  it('is judged with what attaches it, or one step lower where nothing does', async () => {
    expect(await judged({ 'main.tf': document + user('') })).toEqual([['iam/public-resource-policy', 'critical']])
    expect(await judged({ 'main.tf': document })).toEqual([['iam/public-resource-policy', 'high']])
    const handed = `${document}locals { open = data.aws_iam_policy_document.open.json }\noutput "o" { value = local.open }\n`
    expect(await judged({ 'main.tf': handed })).toEqual([['iam/public-resource-policy', 'critical']])
  })

  it('is not judged if all that attaches it is switched off', async () => {
    const { findings, gaps } = await judgeFiles({ 'main.tf': document + user('count = 0') })
    expect(findings).toEqual([])
    expect(gaps.map(({ reason }) => reason)).toEqual(['resources switched off', 'resources switched off'])
    expect(await judged({ 'main.tf': document + user('count = var.on ? 1 : 0') })).toHaveLength(1)
    // Of a collection without items nothing is told: the document itself is judged, then.
    const none = await judgeFiles({ 'main.tf': document + user('for_each = {}') })
    expect(none.findings.map(({ severity }) => severity)).toEqual(['high'])
  })
})

it('modules within modules that are too deep to be looked into are a gap', async () => {
  const call = (to: string) => `module "m" {\n  source = "./${to}"\n}\n`
  const files: Record<string, string> = {}
  const folders = Array.from({ length: 11 }, (_, i) =>
    'abcdefghijk'
      .slice(0, i + 1)
      .split('')
      .join('/'),
  )
  for (const [i, folder] of folders.entries()) {
    files[`${folder}/main.tf`] = i < 10 ? call('abcdefghijk'.charAt(i + 1)) : 'resource "aws_iam_role" "r" {}\n'
  }
  const { gaps } = await scan(files)
  expect(gaps.map(({ kind, reason }) => [kind, reason])).toEqual([
    ['iam.statement', 'too much to evaluate'],
    ['iam.attachment', 'too much to evaluate'],
  ])
})
