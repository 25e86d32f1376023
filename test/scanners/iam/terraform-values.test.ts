import { describe, expect, it } from 'vitest'
import { iamStatement } from '../../../src/facts/iam.ts'
import { iamFilesScanner } from '../../../src/scanners/iam/files.ts'
import { collect, memoryTree } from '../../support/context.ts'

const scan = (files: Record<string, string>) => collect(iamFilesScanner, { trees: [memoryTree(files)] })

/** What an expression comes to where it stands for the resources of a statement. */
async function resources(expression: string, around = '', files: Record<string, string> = {}) {
  const main = `data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ${expression}
  }
}
${around}`
  const { of } = await scan({ 'main.tf': main, ...files })
  return of(iamStatement)[0]?.data.resources
}

const LOCALS = `locals {
  map    = { a = "A", b = { c = "C" }, "d.e" = "D" }
  list   = ["x", "y"]
  nested = [["p"], ["q", ["r"]]]
  users  = [{ name = "ann", on = true }, { name = "bob", on = false }]
  on     = true
  number = 3
}
variable "given" { default = "G" }
variable "open" {}
variable "flag" { type = bool }
`

describe('values of expressions', () => {
  it.each<[string, string[]]>([
    ['[local.map.a, local.map.b.c, local.map["d.e"], local.list[1], local.list.0]', ['A', 'C', 'D', 'y', 'x']],
    ['local.users[*].name', ['ann', 'bob']],
    ['[for u in local.users : "arn:${u.name}" if u.on]', ['arn:ann']],
    ['[for i, x in local.list : "${i}-${x}"]', ['0-x', '1-y']],
    ['values({ for k, v in { b = 1, a = 2 } : upper(k) => "${k}${v}" })', ['b1', 'a2']],
    ['[local.on && local.number > 2 ? "yes" : "no"]', ['yes']],
    ['["a%{ if local.on }b%{ else }c%{ endif }%{ for x in local.list }<${x}>%{ endfor }"]', ['ab<x><y>']],
    ['[var.given, "${var.given}!", "$${aws:username}"]', ['G', 'G!', '${aws:username}']],
    [
      '[format("%s/%d%%", "a", 1), join(",", local.list), lower("A"), replace("aXb", "X", "-")]',
      ['a/1%', 'x,y', 'a', 'a-b'],
    ],
    ['concat(local.list, ["z"], flatten(local.nested))', ['x', 'y', 'z', 'p', 'q', 'r']],
    ['distinct(compact(["a", "", "a", null]))', ['a']],
    [
      '[merge(local.map, { a = "B" }).a, lookup(local.map, "no", "fallback"), element(local.list, 3)]',
      ['B', 'fallback', 'y'],
    ],
    ['keys(local.map)', ['a', 'b', 'd.e']],
    ['formatlist("arn:%s/*", local.list)', ['arn:x/*', 'arn:y/*']],
    ['[coalesce(null, "", "c"), try(local.map.no, "tried"), one(["o"]), tostring(1)]', ['c', 'tried', 'o', '1']],
    ['split("/", "a/b")', ['a', 'b']],
    ['[trimprefix("prefix-a", "prefix-"), trimsuffix("a.b", ".b"), substr("abc", 1, 1)]', ['a', 'a', 'b']],
    ['jsondecode("[\\"j\\"]")', ['j']],
    ['yamldecode("- y")', ['y']],
    ['[for p in setproduct(local.list, ["1", "2"]) : join("", p)]', ['x1', 'x2', 'y1', 'y2']],
    ['sort(setsubtract(local.list, ["x"]))', ['y']],
    ['[contains(local.list, "x") ? "in" : "out", length(local.list) == 2 ? "two" : "more"]', ['in', 'two']],
  ])('%s', async (expression, expected) => {
    expect(await resources(expression, LOCALS)).toEqual(expected)
  })

  it.each<[string, string[]]>([
    ['[var.open, "arn:aws:s3:::${var.open}/*"]', ['${var.open}', 'arn:aws:s3:::${var.open}/*']],
    ['[for b in var.open : "arn:aws:s3:::${b}"]', ['arn:aws:s3:::${var.open[*]}']],
    ['var.flag ? ["a"] : ["b"]', ['${var.flag ? … : …}']],
    ['var.flag ? ["same"] : ["same"]', ['same']],
    ['[lower(var.open), sha256("x")]', ['${lower(var.open)}', '${sha256("x")}']],
    ['[replace("aaa", "/a+/", "b")]', ['${replace("aaa", "/a+/", "b")}']],
    [
      '[aws_s3_bucket.b.arn, data.aws_caller_identity.me.account_id]',
      ['${aws_s3_bucket.b.arn}', '${data.aws_caller_identity.me.account_id}'],
    ],
    ['[local.nowhere]', ['${local.nowhere}']],
  ])('leaves open what only a run knows: %s', async (expression, expected) => {
    expect(await resources(expression, LOCALS)).toEqual(expected)
  })

  it('names the reason for what it does not know', async () => {
    const reason = async (value: string) => {
      const main = `data "aws_iam_policy_document" "d" {
  statement {
    actions   = [${value}]
    resources = ["*"]
  }
}
${LOCALS}module "m" { source = "acme/m/aws" }
`
      return (await scan({ 'main.tf': main })).gaps.map((gap) => [gap.class, gap.reason])
    }
    expect(await reason('var.open')).toEqual([['limit', 'variable without default']])
    expect(await reason('data.aws_ssm_parameter.p.value')).toEqual([['limit', 'data source']])
    expect(await reason('module.m.action')).toEqual([['limit', 'remote module']])
    expect(await reason('sha1("x")')).toEqual([['limit', 'function not evaluated']])
    expect(await reason('terraform.workspace')).toEqual([['limit', 'value known at run time only']])
    expect(await reason('var.given')).toEqual([])
  })

  it('ends, whatever stands for itself or grows without end', async () => {
    expect(await resources('[local.a]', 'locals {\n  a = local.b\n  b = local.a\n}\n')).toEqual(['${local.a}'])
    const doubled = Array.from({ length: 40 }, (_, i) => `  x${i + 1} = "\${local.x${i}}\${local.x${i}}"`).join('\n')
    const [text = ''] = (await resources('[local.x40]', `locals {\n  x0 = "ab"\n${doubled}\n}\n`)) ?? []
    expect(text.length).toBeLessThan(1_000_000)
    const chain = Array.from({ length: 4000 }, (_, i) => `  c${i + 1} = local.c${i}`).join('\n')
    expect(await resources('[local.c4000]', `locals {\n  c0 = "end"\n${chain}\n}\n`)).toHaveLength(1)
  })
})

describe('values from files', () => {
  it('takes variables that Terraform loads by itself, later files first', async () => {
    const variables = 'variable "a" {}\nvariable "b" {}\nvariable "c" {}\nvariable "d" { default = "default" }\n'
    const files = {
      'terraform.tfvars': 'a = "1"\nb = "1"\n',
      'x.auto.tfvars': 'b = "2"\n',
      'y.auto.tfvars.json': '{ "c": "3" }',
      'prod.tfvars': 'd = "not loaded"\n',
      'other/terraform.tfvars': 'd = "not here"\n',
    }
    expect(await resources('[var.a, var.b, var.c, var.d]', variables, files)).toEqual(['1', '2', '3', 'default'])
  })

  it('reads files of the tree only', async () => {
    const files = { 'names.txt': 'in the tree', 'sub/x.json': '["json"]' }
    expect(await resources('[file("names.txt")]', '', files)).toEqual(['in the tree'])
    expect(await resources('jsondecode(file("${path.module}/sub/x.json"))', '', files)).toEqual(['json'])
    expect(await resources('sort(fileset(path.module, "**/*.{txt,json}"))', '', files)).toEqual([
      'names.txt',
      'sub/x.json',
    ])
    expect(await resources('[file("../outside"), file("/etc/hostname")]', '', files)).toEqual([
      '${file("../outside")}',
      '${file("/etc/hostname")}',
    ])
  })

  it('judges a template with what its caller fills in, on the lines of the template, and not once more alone', async () => {
    const { of, gaps } = await scan({
      'iam/main.tf': `resource "aws_iam_policy" "p" {
  policy = templatefile("\${path.module}/policies/p.json.tftpl", { bucket = "logs", actions = ["s3:GetObject", "s3:*"] })
}
`,
      'iam/policies/p.json.tftpl': `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": \${jsonencode(actions)},
      "Resource": "arn:aws:s3:::\${bucket}/*"
    }
  ]
}
`,
    })
    expect(gaps).toEqual([])
    expect(of(iamStatement).map(({ data, at }) => [at, data.policy, data.actions, data.resources])).toEqual([
      [
        expect.objectContaining({ file: 'iam/policies/p.json.tftpl', line: 4, endLine: 8 }),
        'file:iam/policies/p.json.tftpl#',
        ['s3:GetObject', 's3:*'],
        ['arn:aws:s3:::logs/*'],
      ],
    ])
  })

  it('takes paths from the root module, and template_file as what came before templatefile', async () => {
    const { of, gaps } = await scan({
      'env/main.tf': `resource "aws_iam_policy" "plain" {
  policy = file("policies/plain.json")
}
data "template_file" "t" {
  template = file("\${path.module}/../shared/t.tpl")
  vars     = { bucket = "logs" }
}
resource "aws_iam_policy" "rendered" {
  policy = data.template_file.t.rendered
}
`,
      'env/policies/plain.json':
        '{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}',
      'shared/t.tpl':
        '{"Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::${bucket}/*"}]}',
    })
    expect(gaps).toEqual([])
    expect(of(iamStatement).map(({ data }) => [data.policy, data.resources])).toEqual([
      ['file:env/policies/plain.json#', ['arn:aws:s3:::b/*']],
      ['file:shared/t.tpl#', ['arn:aws:s3:::logs/*']],
    ])
  })
})
