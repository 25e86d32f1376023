import { describe, expect, it } from 'vitest'
import { judgeRoleUse, judgeUsage } from '../../../src/derive/iam/usage-facts.ts'
import { iamRole } from '../../../src/facts/iam.ts'
import { iamActivity, iamRoleUse, iamUnusedPermission } from '../../../src/facts/iam-usage.ts'
import { type Fact, fact, type Gap, isFact, UNKNOWN } from '../../../src/model.ts'
import { ACCOUNT } from '../../support/cloudtrail.ts'
import { ANN, holding, lastAccessed, SCOPE, unusedFinding, used, window } from '../../support/usage.ts'

const allow = (...Action: string[]) => ({ Effect: 'Allow', Action, Resource: '*' })
const SETTINGS = { trustedAccounts: [], breakGlassRoles: ['emergency*'] }

function derive(facts: readonly Fact[], gaps: readonly Gap[] = []) {
  const derived = judgeUsage.derive(facts, gaps, SETTINGS)
  const found = derived.facts.filter((each): each is Fact<typeof iamUnusedPermission> =>
    isFact(iamUnusedPermission, each),
  )
  return { ...derived, found, one: found[0]?.data }
}

const IAM = holding({ p: [allow('iam:ListUsers', 'iam:ListRoles', 'ec2:DescribeInstances')] })

describe('granted minus used', () => {
  it('parts services from actions', () => {
    const { one } = derive([...IAM, window(), used('iam:ListUsers')])
    expect(one).toMatchObject({
      principalArn: ANN,
      policyName: 'p',
      unusedServices: ['ec2'],
      unusedActions: ['iam:ListRoles'],
      undetermined: [],
      usedCount: 1,
      unusedCount: 2,
      windowDays: 90,
      summary: 'service ec2; iam:ListRoles',
      window: '90 days of CloudTrail to 2026-06-01, eu-central-1, us-east-1',
    })
  })
  it('does not take a denied call for use', () => {
    expect(derive([...IAM, window(), used('iam:ListUsers', { count: 0, denied: 3 })]).one?.usedCount).toBe(0)
  })
  it('leaves out what a Deny takes', () => {
    const facts = holding({
      p: [allow('iam:ListUsers', 'iam:ListRoles'), { ...allow('iam:ListRoles'), Effect: 'Deny' }],
    })
    expect(derive([...facts, window(), used('iam:ListUsers')]).one).toMatchObject({ unusedCount: 0 })
  })
  it('leaves out what the boundary does not let through', () => {
    const facts = holding({ p: [allow('iam:ListUsers', 'iam:ListRoles')] }, { boundary: [allow('iam:ListUsers')] })
    expect(derive([...facts, window()]).one?.unusedActions).toEqual([])
    expect(derive([...facts, window()]).one?.unusedServices).toEqual(['iam'])
  })
  it('says nothing without a source', () => {
    expect(derive(IAM)).toMatchObject({ facts: [], gaps: [] })
  })
  it('says nothing of an account of which no events were seen', () => {
    expect(derive([...IAM, window({ accountId: '210987654321' })]).facts).toEqual([])
  })
})

describe('what no event could have told', () => {
  const undetermined = (action: string, over = {}) =>
    derive([...holding({ p: [allow(action)] }), window(over)]).one?.undeterminedCount

  it.each([
    ['data events of S3', 's3:GetObject', {}],
    ['data events of Lambda', 'lambda:InvokeFunction', {}],
    ['reads, where only writes were logged', 'iam:ListUsers', { classes: ['management-write'] }],
    ['writes, where only reads were logged', 'iam:CreateUser', { classes: ['management-read'] }],
    ['what is a write to IAM and a read to CloudTrail', 'sts:AssumeRole', { classes: ['management-write'] }],
    ['KMS, which trails can exclude', 'kms:Decrypt', {}],
    ['passing roles, of which there is no event', 'iam:PassRole', {}],
    ['connecting to a database', 'rds-db:connect', {}],
    ['a global service, without its home region', 'iam:ListUsers', { regions: ['eu-central-1'] }],
    ['a service with events that nobody knows', 'iam:ListUsers', { unresolvedServices: ['iam'] }],
  ])('%s', (_, action, over) => {
    expect(undetermined(action, over)).toBe(1)
  })
  it.each([
    ['s3:GetObject', { classes: ['data-read:s3'] }],
    ['s3:PutObject', { classes: ['data-write:s3'] }],
    ['kms:Decrypt', { classes: ['kms'] }],
    ['iam:ListUsers', {}],
    ['s3:PutBucketPolicy', {}],
  ])('but not %s where such events were seen', (action, over) => {
    expect(undetermined(action, over)).toBe(0)
  })
  it('is everything, where a file is damaged', () => {
    const gap: Gap = { kind: 'iam.used-action', scope: SCOPE, class: 'fault', reason: 'corrupt', detail: 'a.json.gz' }
    const { found } = derive([...IAM, window(), used('iam:ListUsers')], [gap])
    expect(found[0]?.unknown).toEqual(expect.arrayContaining(['unusedServices', 'unusedActions', 'unusedCount']))
    const elsewhere = derive([...IAM, window(), used('iam:ListUsers')], [{ ...gap, scope: 'aws:210987654321' }])
    expect(elsewhere.one?.unusedCount).toBe(2)
  })
  it('is nothing, where the window is short', () => {
    const { one, gaps } = derive([...IAM, window({ days: 7 })])
    expect(one?.windowDays).toBe(7)
    expect(gaps).toMatchObject([{ kind: 'iam.unused-permission', class: 'limit', reason: 'window too short' }])
  })
})

describe('IAM’s last-accessed data', () => {
  const data = holding({ p: [allow('s3:GetObject', 's3:ListAllMyBuckets', 'dynamodb:GetItem')] })
  it('tells of services whose data events were not logged', () => {
    const { one } = derive([...data, window(), lastAccessed('s3', -1), lastAccessed('dynamodb', 200)])
    expect(one).toMatchObject({ unusedServices: ['dynamodb', 's3'], undetermined: [] })
    expect(one?.window).toContain('last-accessed')
  })
  it('does not say that an action of a used service is unused', () => {
    expect(derive([...data, lastAccessed('s3', 3), window()]).one).toMatchObject({
      unusedServices: [],
      undetermined: ['dynamodb', 's3'],
    })
  })
  it('tells of single actions where it tracks them', () => {
    const tracked = lastAccessed('s3', -1, { action: 'ListAllMyBuckets', granularity: 'action' })
    const { one } = derive([...data, window(), lastAccessed('s3', 3), tracked, used('dynamodb:GetItem')])
    expect(one).toMatchObject({ unusedActions: ['s3:ListAllMyBuckets'], undetermined: ['s3'] })
  })
  it('does not outweigh a call that was seen', () => {
    expect(derive([...data, window(), lastAccessed('s3', -1), used('s3:GetObject')]).one).toMatchObject({
      usedCount: 1,
      unusedServices: [],
      unusedActions: ['s3:ListAllMyBuckets'],
    })
  })
})

it('takes findings of Access Analyzer', () => {
  const facts = [...holding({ p: [allow('s3:GetObject', 'sqs:SendMessage', 'sqs:ReceiveMessage')] }), window()]
  const { one } = derive([
    ...facts,
    unusedFinding(),
    unusedFinding({ type: 'actions', detail: 'sqs', actions: ['sqs:SendMessage'] }),
  ])
  expect(one).toMatchObject({ unusedServices: ['s3'], unusedActions: ['sqs:SendMessage'], undetermined: ['sqs'] })
})

describe('who', () => {
  it('counts no more days than a role is old', () => {
    const role = holding({ p: [allow('iam:ListUsers')] }, { role: 'app' })
    const young = role.map((each) =>
      isFact(iamRole, each) ? { ...each, data: { ...each.data, createdDays: 40 } } : each,
    ) as Fact[]
    expect(derive([...young, window()]).one).toMatchObject({ windowDays: 40 })
    expect(derive([...young, window()]).one?.window).toContain('40 days old')
  })
  it('is silent on service-linked roles', () => {
    const facts = holding(
      { p: [allow('iam:ListUsers')] },
      { role: 'AWSServiceRoleForX', path: '/aws-service-role/x.amazonaws.com/' },
    )
    expect(derive([...facts, window()]).facts).toEqual([])
  })
  it('says that a role is for emergencies', () => {
    const facts = holding({ p: [allow('iam:ListUsers')] }, { role: 'emergency-admin' })
    expect(derive([...facts, window()]).one?.expected).toBe('break-glass')
  })
  it('names the permission set', () => {
    const role = 'AWSReservedSSO_ReadOnly_0123456789abcdef'
    const facts = holding({ p: [allow('iam:ListUsers')] }, { role })
    expect(derive([...facts, window()]).one?.principalName).toBe('permission set ReadOnly')
  })
})

describe('roles', () => {
  const arn = `arn:aws:iam::${ACCOUNT}:role/app`
  const role = (lastUsedDays: number | typeof UNKNOWN, over = {}) =>
    fact(
      iamRole,
      SCOPE,
      { resource: arn },
      {
        arn,
        name: 'app',
        accountId: ACCOUNT,
        path: '/',
        serviceLinked: false,
        lastUsedDays,
        createdDays: 500,
        ...over,
      },
    )
  const active = (lastSeenDays: number) =>
    fact(iamActivity, SCOPE, { resource: arn }, { principalArn: arn, lastSeenDays, source: 'cloudtrail' })
  const use = (...facts: Fact[]) => {
    const [found] = judgeRoleUse.derive(facts, [], SETTINGS).facts
    return found && isFact(iamRoleUse, found) ? { ...found.data, unknown: found.unknown } : undefined
  }

  it('were used when IAM or a log says so', () => {
    expect(use(role(200))).toMatchObject({ unusedDays: 200, never: false })
    expect(use(role(200), active(5))).toMatchObject({ unusedDays: 5 })
    expect(use(role(-1), active(5))).toMatchObject({ unusedDays: 5, never: false })
  })
  it('are as old as they are if they never were', () => {
    expect(use(role(-1))).toMatchObject({ unusedDays: 500, never: true })
  })
  it('are unknown where nobody says', () => {
    expect(use(role(UNKNOWN))?.unknown).toEqual(['unusedDays', 'never'])
  })
  it('of AWS are its own', () => {
    expect(use(role(-1, { serviceLinked: true }))).toMatchObject({ expected: 'service-linked' })
  })
  it('in files have no use', () => {
    expect(use(role(UNKNOWN, { arn: 'file:main.tf#aws_iam_role.app' }))).toBeUndefined()
  })
})
