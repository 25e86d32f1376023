import { describe, expect, it } from 'vitest'
import { suggest } from '../../../src/derive/iam/suggest.ts'
import type { Fact, Gap } from '../../../src/model.ts'
import { iamFilesScanner } from '../../../src/scanners/iam/files.ts'
import { ACCOUNT } from '../../support/cloudtrail.ts'
import { collect, memoryTree } from '../../support/context.ts'
import { ANN, holding, lastAccessed, SCOPE, used, window } from '../../support/usage.ts'

const allow = (Action: string | string[], Resource: string | string[] = '*', over = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...over,
})
const on = (action: string, ...resources: string[]) => used(action, { resources, resourcesComplete: true })
const LOGGED = window({
  classes: ['management-read', 'management-write', 'data-read:s3', 'data-write:s3', 'data-read:dynamodb'],
})

function suggested(statements: readonly object[], facts: readonly Fact[], gaps: readonly Gap[] = []) {
  const { principals } = suggest([...holding({ p: statements }), ...facts], gaps)
  const [policy] = principals[0]?.policies ?? []
  return { policy, statements: policy?.document.Statement ?? [] }
}

describe('actions', () => {
  it('are those that were used', () => {
    const { policy, statements } = suggested([allow('iam:*')], [window(), used('iam:ListUsers'), used('iam:GetUser')])
    expect(statements).toEqual([
      { Effect: 'Allow', Action: ['iam:GetUser', 'iam:ListUsers', 'iam:PassRole'], Resource: ['*'] },
    ])
    expect(policy?.undetermined).toEqual(['iam:PassRole'])
    expect(policy?.removed).toContain('iam:CreateUser')
  })
  it('are never more than was granted', () => {
    const { statements } = suggested([allow('iam:List*')], [window(), used('iam:ListUsers'), used('iam:CreateUser')])
    expect(statements).toMatchObject([{ Action: ['iam:ListUsers'] }])
  })
  it('keep a pattern of which everything stays', () => {
    const { statements } = suggested([allow(['s3:GetObject*', 'iam:ListUsers'])], [window()])
    expect(statements).toMatchObject([{ Action: ['s3:GetObject*'] }])
  })
  it('keep what was not logged, and a service of which nothing was', () => {
    const { statements } = suggested([allow(['iot:*', 'iam:ListUsers'])], [window()])
    expect(statements).toMatchObject([{ Action: ['iot:*'] }])
  })
  it('keep what nobody knows', () => {
    const { statements } = suggested([allow(['foo:Bar', 'iam:ListUsers'])], [window()])
    expect(statements).toMatchObject([{ Action: ['foo:Bar'] }])
  })
  it('are all gone where nothing was used', () => {
    expect(suggested([allow('iam:ListUsers')], [window()])).toMatchObject({
      statements: [],
      policy: { narrower: true },
    })
  })
  it('are as they were where all were used', () => {
    const { policy, statements } = suggested([allow('iam:ListUsers')], [window(), used('iam:ListUsers')])
    expect(policy?.narrower).toBe(false)
    expect(statements).toEqual([allow(['iam:ListUsers'], ['*'])])
  })
  it('leave out what a Deny takes, and keep the Deny', () => {
    const deny = { Effect: 'Deny', Action: ['iam:CreateUser'], Resource: ['*'] }
    const { statements } = suggested(
      [allow(['iam:ListUsers', 'iam:CreateUser', 'iam:ListRoles']), deny],
      [window(), used('iam:ListUsers')],
    )
    expect(statements).toEqual([allow(['iam:ListUsers'], ['*']), deny])
  })
  it('of NotAction become the list of those that are needed', () => {
    const statement = { Effect: 'Allow', NotAction: ['iam:*'], Resource: ['*'] }
    const { statements } = suggested([statement], [window(), used('ec2:DescribeInstances'), lastAccessed('iot', -1)])
    expect(statements[0]?.NotAction).toBeUndefined()
    expect(statements[0]?.Action).toContain('ec2:DescribeInstances')
    expect(statements[0]?.Action?.filter((action) => /^(?:iam|iot):/.test(action))).toEqual([])
  })
  it('all stay where the log is damaged', () => {
    const gap: Gap = { kind: 'iam.used-action', scope: SCOPE, class: 'fault', reason: 'corrupt', detail: 'a.gz' }
    const { policy } = suggested([allow('iam:*')], [window(), used('iam:ListUsers')], [gap])
    expect(policy).toMatchObject({ narrower: false, removed: [] })
  })
})

describe('resources', () => {
  const table = (name: string) => `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/${name}`

  it('are those that were used, and the rest stays apart', () => {
    const { statements } = suggested(
      [allow(['dynamodb:GetItem', 'dynamodb:PutItem'], '*', { Sid: 'A' })],
      [LOGGED, on('dynamodb:GetItem', table('t'))],
    )
    expect(statements).toEqual([
      { Sid: 'A', Effect: 'Allow', Action: ['dynamodb:PutItem'], Resource: ['*'] },
      { Sid: 'A2', Effect: 'Allow', Action: ['dynamodb:GetItem'], Resource: [table('t')] },
    ])
  })
  it('of S3 are buckets, not objects', () => {
    const { statements } = suggested(
      [allow('s3:GetObject')],
      [LOGGED, on('s3:GetObject', 'arn:aws:s3:::b/x/1', 'arn:aws:s3:::b/y')],
    )
    expect(statements).toMatchObject([{ Resource: ['arn:aws:s3:::b/*'] }])
  })
  it('are never wider than granted', () => {
    const granted = 'arn:aws:s3:::b/x/*'
    const { statements } = suggested(
      [allow('s3:GetObject', [granted, 'arn:aws:s3:::c/*'])],
      [LOGGED, on('s3:GetObject', 'arn:aws:s3:::b/x/1')],
    )
    expect(statements).toMatchObject([{ Resource: [granted] }])
  })
  it.each([
    ['a call named none', used('s3:GetObject')],
    ['they belong to another statement', on('s3:GetObject', 'arn:aws:s3:::other/k')],
  ])('are as granted where %s', (_, use) => {
    const { statements } = suggested([allow('s3:GetObject', 'arn:aws:s3:::b/*')], [LOGGED, use])
    expect(statements).toMatchObject([{ Resource: ['arn:aws:s3:::b/*'] }])
  })
  it('are as granted for actions that need several things at once', () => {
    const image = 'arn:aws:ec2:eu-central-1::image/ami-12345678'
    expect(suggested([allow('ec2:RunInstances')], [window(), on('ec2:RunInstances', image)]).policy?.narrower).toBe(
      false,
    )
  })
  it('leave conditions alone', () => {
    const Condition = { StringEquals: { 'aws:RequestedRegion': ['eu-central-1', 'eu-west-1'] } }
    const { statements } = suggested(
      [allow(['iam:ListUsers', 'iam:ListRoles'], '*', { Condition })],
      [window(), used('iam:ListUsers')],
    )
    expect(statements).toEqual([allow(['iam:ListUsers'], ['*'], { Condition })])
  })
})

describe('files', () => {
  const ROLE = `arn:aws:iam::${ACCOUNT}:role/app`
  const terraform = (body: string, more = '') => `
resource "aws_iam_role" "app" { name = "app" }
resource "aws_iam_role_policy" "p" {
  name   = "p"
  role   = aws_iam_role.app.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [${body}] })
}
${more}`
  const BODY = '{ Effect = "Allow", Action = ["iam:ListUsers", "iam:ListRoles"], Resource = "*" }'

  async function edits(text: string, facts: readonly Fact[]) {
    const { facts: declared } = await collect(iamFilesScanner, { trees: [memoryTree({ 'main.tf': text })] })
    return suggest([...declared, ...facts], [])
  }
  const mine = (action: string) => used(action, { principalArn: ROLE })

  it('are matched by name to those of the log', async () => {
    const { principals, edits: found } = await edits(terraform(BODY), [window(), mine('iam:ListUsers')])
    expect(principals.map(({ arn }) => arn)).toEqual([ROLE])
    expect(found).toMatchObject([
      { at: { file: 'main.tf', line: 6 }, actions: ['iam:ListUsers'], before: ['iam:ListUsers', 'iam:ListRoles'] },
    ])
  })
  it('are not judged by a log that does not know them', async () => {
    const found = await edits(terraform(BODY), [window(), used('iam:ListUsers')])
    expect(found).toEqual({ principals: [], edits: [] })
  })
  it('are not judged where two accounts have the name', async () => {
    const other = used('iam:ListUsers', { principalArn: ROLE.replace(ACCOUNT, '210987654321') })
    expect((await edits(terraform(BODY), [window(), mine('iam:ListUsers'), other])).principals).toEqual([])
  })
  it('show where a live policy of the same name says the same', async () => {
    const live = holding({ p: [allow(['iam:ListUsers', 'iam:ListRoles'])] }, { role: 'app' })
    const { principals, edits: found } = await edits(terraform(BODY), [...live, window(), mine('iam:ListUsers')])
    expect(principals).toHaveLength(1)
    expect(found).toMatchObject([{ at: { line: 6 }, actions: ['iam:ListUsers'] }])
  })
  it('keep what another holder used', async () => {
    const text = `
resource "aws_iam_role" "app" { name = "app" }
resource "aws_iam_role" "web" { name = "web" }
resource "aws_iam_policy" "p" {
  name   = "p"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["iam:ListUsers", "iam:ListRoles", "iam:ListGroups"], Resource = "*" }] })
}
resource "aws_iam_role_policy_attachment" "a" {
  role       = aws_iam_role.app.name
  policy_arn = aws_iam_policy.p.arn
}
resource "aws_iam_role_policy_attachment" "w" {
  role       = aws_iam_role.web.name
  policy_arn = aws_iam_policy.p.arn
}`
    const web = used('iam:ListRoles', { principalArn: ROLE.replace('app', 'web') })
    const { edits: found } = await edits(text, [window(), mine('iam:ListUsers'), web])
    expect(found).toMatchObject([{ actions: ['iam:ListUsers', 'iam:ListRoles'] }])
    expect((await edits(text, [window(), mine('iam:ListUsers')])).edits).toEqual([])
  })
})

it('names the user whom it is for', () => {
  expect(suggest([...holding({ p: [allow('iam:*')] }), window()], []).principals).toMatchObject([
    { arn: ANN, name: 'ann', kind: 'user', damage: undefined },
  ])
})
