import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { ACCOUNT, assumedRole, deliveredTo, event } from '../support/cloudtrail.ts'
import { folderWith, run } from '../support/program.ts'

const repository = folderWith({
  'main.tf': `resource "aws_iam_role" "app" {
  name = "app"
}

data "aws_iam_policy_document" "app" {
  statement {
    actions = [
      "dynamodb:GetItem",
      "dynamodb:DescribeTable",
      "dynamodb:DeleteTable",
    ]
    resources = ["*"]
  }

  statement {
    actions   = ["ec2:*"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "app" {
  name   = "app"
  role   = aws_iam_role.app.id
  policy = data.aws_iam_policy_document.app.json
}
`,
})
const mine = { userIdentity: assumedRole('app') }
const log = folderWith({
  [deliveredTo('a')]: gzipSync(
    JSON.stringify({
      Records: [
        event('dynamodb', 'DescribeTable', { ...mine, eventTime: '2026-02-01T00:00:00Z', requestParameters: null }),
        event('iam', 'CreateUser'),
      ],
    }),
  ),
})
const suggest = (...args: string[]) => run(['suggest', 'aws', repository, ...args])

it('prints the policy and the difference, without an account', async () => {
  const { code, stdout } = await suggest('--cloudtrail', log)
  expect(code).toBe(0)
  expect(stdout).toContain(`# role arn:aws:iam::${ACCOUNT}:role/app\n`)
  const changed = stdout.split('\n').filter((line) => /^[-+](?![-+])/.test(line))
  expect(changed).toEqual([
    '-      "dynamodb:DeleteTable",',
    '-',
    '-  statement {',
    '-    actions   = ["ec2:*"]',
    '-    resources = ["*"]',
    '-  }',
  ])
})

it('is read by programs', async () => {
  const { stdout } = await suggest('--cloudtrail', log, '--format', 'json')
  const { principals, files } = JSON.parse(stdout)
  expect(principals[0].policies[0]).toMatchObject({
    document: { Statement: [{ Action: ['dynamodb:GetItem', 'dynamodb:DescribeTable'], Resource: ['*'] }] },
    undetermined: ['dynamodb:GetItem'],
  })
  expect(files).toMatchObject([{ file: 'main.tf', byHand: [] }])
})

it.each([
  ['no source', []],
  ['a principal that is not there', ['--cloudtrail', log, '--principal', 'ap']],
])('is called wrongly with %s', async (_, args) => {
  expect((await suggest(...args)).code).toBe(2)
})

it('is incomplete without events', async () => {
  const { code, stdout } = await suggest('--cloudtrail', folderWith({}))
  expect(code).toBe(3)
  expect(stdout).toContain('no events of CloudTrail')
})

it('is one of the rules of an audit', async () => {
  const { code, stdout } = await run([
    repository,
    '--cloudtrail',
    log,
    '--only',
    'iam/unused-permission',
    '--format',
    'json',
  ])
  const [finding] = JSON.parse(stdout).findings
  expect(code).toBe(1)
  expect(finding.message).toContain('app did not use service ec2; dynamodb:DeleteTable')
  expect(finding.location).toMatchObject({ file: 'main.tf', line: 15 })
})
