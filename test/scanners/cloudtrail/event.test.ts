import { describe, expect, it } from 'vitest'
import { loadIamActions } from '../../../src/reference/iam-actions.ts'
import { readCall } from '../../../src/scanners/cloudtrail/event.ts'
import { ACCOUNT, assumedRole, DATA, event, user } from '../../support/cloudtrail.ts'

const call = (source: string, name: string, over: Record<string, unknown> = {}) =>
  readCall(event(source, name, over), loadIamActions())
const actions = (source: string, name: string, over: Record<string, unknown> = {}) =>
  call(source, name, over)?.uses.map(({ action }) => `${action.service}:${action.name}`)
const resources = (source: string, name: string, over: Record<string, unknown> = {}) =>
  call(source, name, over)?.uses[0]?.resources

describe('which action a call needs', () => {
  it.each([
    ['iam', 'ListUsers', ['iam:ListUsers']],
    ['monitoring', 'PutMetricAlarm', ['cloudwatch:PutMetricAlarm']],
    ['tagging', 'GetResources', ['tag:GetResources']],
    ['email', 'SendEmail', ['ses:SendEmail']],
    ['states', 'StartExecution', ['states:StartExecution']],
    ['elasticloadbalancing', 'CreateListener', ['elasticloadbalancing:CreateListener']],
    ['streams.dynamodb', 'GetRecords', ['dynamodb:GetRecords']],
    ['api.ecr', 'GetAuthorizationToken', ['ecr:GetAuthorizationToken']],
    ['s3', 'HeadObject', ['s3:GetObject']],
    ['s3', 'ListObjects', ['s3:ListBucket']],
    ['s3', 'HeadBucket', ['s3:ListBucket']],
    ['s3', 'ListBuckets', ['s3:ListAllMyBuckets']],
    ['s3', 'GetBucketLifecycle', ['s3:GetLifecycleConfiguration']],
    ['s3', 'GetBucketEncryption', ['s3:GetEncryptionConfiguration']],
    ['s3', 'GetBucketCors', ['s3:GetBucketCORS']],
    ['s3', 'DeleteObjects', ['s3:DeleteObject']],
    ['s3', 'CopyObject', ['s3:PutObject', 's3:GetObject']],
    ['s3', 'CreateMultipartUpload', ['s3:PutObject']],
    ['s3', 'UploadPart', ['s3:PutObject']],
    ['lambda', 'Invoke', ['lambda:InvokeFunction']],
    ['lambda', 'GetFunction20150331v2', ['lambda:GetFunction']],
    ['lambda', 'ListFunctions20150331', ['lambda:ListFunctions']],
    ['cloudfront', 'GetDistribution2020_05_31', ['cloudfront:GetDistribution']],
    ['cloudfront', 'CreateDistributionWithTags2020_05_31', ['cloudfront:CreateDistribution', 'cloudfront:TagResource']],
    ['apigateway', 'GetRestApis', ['apigateway:GET']],
    ['apigateway', 'CreateDeployment', ['apigateway:POST']],
    ['sqs', 'SendMessageBatch', ['sqs:SendMessage']],
    ['kms', 'ReEncrypt', ['kms:ReEncryptFrom', 'kms:ReEncryptTo']],
  ])('%s %s', (source, name, expected) => {
    expect(actions(source, name)).toEqual(expected)
  })
  it('names only actions that exist', async () => {
    const { ACTIONS_OF_EVENT } = await import('../../../src/reference/cloudtrail-names.ts')
    const missing = Object.entries(ACTIONS_OF_EVENT).flatMap(([key, names]) => {
      const known = loadIamActions().actionsOf(key.split(':')[0] ?? '') ?? []
      return names.filter((name) => !known.some((action) => action.name === name)).map((name) => `${key} → ${name}`)
    })
    expect(missing).toEqual([])
  })
  it('takes both actions for a call on a version of an object', () => {
    const parameters = { requestParameters: { bucketName: 'b', key: 'k', versionId: 'v' } }
    expect(actions('s3', 'GetObject', parameters)).toEqual(['s3:GetObject', 's3:GetObjectVersion'])
  })
  it('asks for no permission to sign in', () => {
    const over = { eventType: 'AwsConsoleSignIn' }
    expect(call('signin', 'ConsoleLogin', over)).toMatchObject({ uses: [], unresolved: undefined })
  })
  it('says so when no action is called like that', () => {
    expect(call('s3', 'FrobnicateBucket')).toMatchObject({ uses: [], unresolved: { service: 's3' } })
  })
  it('does not doubt a service for what AWS itself did in it', () => {
    const over = { userIdentity: { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' } }
    expect(call('ec2', 'SharedSnapshotVolumeCreated', over)).toMatchObject({
      principal: undefined,
      unresolved: undefined,
    })
  })
  it('takes the session’s tags for a permission of their own', () => {
    const roleArn = `arn:aws:iam::${ACCOUNT}:role/app`
    const found = actions('sts', 'AssumeRole', { requestParameters: { roleArn, tags: [{ key: 'a', value: 'b' }] } })
    expect(found).toEqual(['sts:AssumeRole', 'sts:TagSession'])
  })
})

describe('who needs the permission', () => {
  it.each([
    ['a user', user('ann'), `arn:aws:iam::${ACCOUNT}:user/ann`],
    ['a role with a path', assumedRole('team/app'), `arn:aws:iam::${ACCOUNT}:role/team/app`],
    ['root', { type: 'Root', arn: `arn:aws:iam::${ACCOUNT}:root` }, `arn:aws:iam::${ACCOUNT}:root`],
    [
      'the user behind a federation token',
      {
        type: 'FederatedUser',
        arn: `arn:aws:sts::${ACCOUNT}:federated-user/x`,
        sessionContext: { sessionIssuer: { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/ann` } },
      },
      `arn:aws:iam::${ACCOUNT}:user/ann`,
    ],
    [
      'a role whose issuer is left out',
      { type: 'AssumedRole', arn: `arn:aws:sts::${ACCOUNT}:assumed-role/app/i-1` },
      `arn:aws:iam::${ACCOUNT}:role/app`,
    ],
    ['a service', { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' }, undefined],
    ['another account', { type: 'AWSAccount', accountId: '210987654321', principalId: 'AIDA' }, undefined],
    ['somebody who comes with SAML', { type: 'SAMLUser', principalId: 'x', userName: 'ann' }, undefined],
    ['a user of IAM Identity Center', { type: 'IdentityCenterUser', accountId: ACCOUNT }, undefined],
  ])('%s', (_, userIdentity, expected) => {
    expect(call('iam', 'ListUsers', { userIdentity })?.principal).toBe(expected)
  })
  it('is the caller where a service acts for it', () => {
    const userIdentity = { ...assumedRole('app'), invokedBy: 's3.amazonaws.com' }
    expect(call('kms', 'Decrypt', { userIdentity })).toMatchObject({
      principal: `arn:aws:iam::${ACCOUNT}:role/app`,
      uses: [{ action: { name: 'Decrypt' } }],
    })
  })
  it('knows the role that is assumed, by a service too', () => {
    const roleArn = `arn:aws:iam::${ACCOUNT}:role/app`
    const over = { userIdentity: { type: 'AWSService' }, requestParameters: { roleArn } }
    expect(call('sts', 'AssumeRole', over)?.assumed).toBe(roleArn)
    expect(call('sts', 'AssumeRole', { ...over, errorCode: 'AccessDenied' })?.assumed).toBeUndefined()
  })
})

describe('what counts as use', () => {
  it.each(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'Client.UnauthorizedOperation'])(
    'not %s',
    (errorCode) => {
      expect(call('ec2', 'DescribeInstances', { errorCode })?.denied).toBe(true)
    },
  )
  it('not a denial in words', () => {
    const errorMessage = 'User: ann is not authorized to perform: x with an explicit deny in a service control policy'
    expect(call('iam', 'ListUsers', { errorCode: 'KMSException', errorMessage })?.denied).toBe(true)
  })
  it.each(['NoSuchBucket', 'ValidationException', 'ThrottlingException', 'Client.InvalidInstanceID.NotFound'])(
    '%s, since the permission may have been needed to get so far',
    (errorCode) => {
      expect(call('ec2', 'DescribeInstances', { errorCode })?.denied).toBe(false)
    },
  )
})

describe('classes of events', () => {
  it.each([
    ['iam', 'ListUsers', {}, 'management-read'],
    ['iam', 'CreateUser', {}, 'management-write'],
    ['s3', 'GetObject', DATA, 'data-read:s3'],
    ['s3', 'GetObject', { managementEvent: undefined, eventCategory: undefined }, 'data-read:s3'],
    ['kms', 'Decrypt', { readOnly: true }, 'kms'],
    ['s3', 'GetObject', { eventCategory: 'NetworkActivity' }, undefined],
  ])('%s %s %j', (source, name, over, expected) => {
    expect(call(source, name, over)?.eventClass).toBe(expected)
  })
  it('leaves out what is no event', () => {
    expect(readCall({ digestStartTime: '2026-05-01T00:00:00Z' }, loadIamActions())).toBeUndefined()
    expect(call('ec2', 'RunInstances', { eventCategory: 'Insight' })).toBeUndefined()
  })
})

describe('what it was used on', () => {
  it.each([
    ['s3', 'GetObject', { bucketName: 'b', key: 'a/k' }, ['arn:aws:s3:::b/a/k']],
    ['s3', 'ListObjects', { bucketName: 'b' }, ['arn:aws:s3:::b']],
    ['s3', 'DeleteObjects', { bucketName: 'b' }, ['arn:aws:s3:::b/*']],
    ['lambda', 'Invoke', { functionName: 'f:live' }, [`arn:aws:lambda:eu-central-1:${ACCOUNT}:function:f`]],
    ['dynamodb', 'GetItem', { tableName: 't' }, [`arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/t`]],
    [
      'secretsmanager',
      'GetSecretValue',
      { secretId: 'p' },
      [`arn:aws:secretsmanager:eu-central-1:${ACCOUNT}:secret:p-??????`],
    ],
    [
      'sqs',
      'SendMessage',
      { queueUrl: `https://sqs.eu-central-1.amazonaws.com/${ACCOUNT}/q` },
      [`arn:aws:sqs:eu-central-1:${ACCOUNT}:q`],
    ],
    ['ssm', 'GetParameter', { name: '/a/b' }, [`arn:aws:ssm:eu-central-1:${ACCOUNT}:parameter/a/b`]],
    [
      'sns',
      'Publish',
      { topicArn: `arn:aws:sns:eu-central-1:${ACCOUNT}:t` },
      [`arn:aws:sns:eu-central-1:${ACCOUNT}:t`],
    ],
  ])('%s %s', (source, name, requestParameters, arns) => {
    expect(resources(source, name, { requestParameters })).toEqual({ arns, named: true })
  })
  it('takes the event’s own list', () => {
    const arn = `arn:aws:kms:eu-central-1:${ACCOUNT}:key/k`
    const over = { requestParameters: null, resources: [{ ARN: arn, type: 'AWS::KMS::Key', accountId: ACCOUNT }] }
    expect(resources('kms', 'Decrypt', over)).toEqual({ arns: [arn], named: true })
  })
  it('tells a copy’s source from its target', () => {
    const requestParameters = { bucketName: 'to', key: 'k', 'x-amz-copy-source': '/from/k' }
    const uses = call('s3', 'CopyObject', { requestParameters })?.uses
    expect(uses?.map(({ resources: { arns } }) => arns)).toEqual([['arn:aws:s3:::to/k'], ['arn:aws:s3:::from/k']])
  })
  it('knows the partition', () => {
    const over = { awsRegion: 'cn-north-1', requestParameters: { tableName: 't' } }
    expect(resources('dynamodb', 'GetItem', over)?.arns[0]).toContain('arn:aws-cn:dynamodb:cn-north-1:')
  })
  it('does not pretend to know', () => {
    expect(resources('ec2', 'TerminateInstances', {})).toEqual({ arns: [], named: false })
  })
})

describe('passing a role', () => {
  const role = `arn:aws:iam::${ACCOUNT}:role/app`
  const passed = (source: string, name: string, requestParameters: unknown) =>
    call(source, name, { requestParameters })?.uses.find(({ action }) => action.name === 'PassRole')?.resources

  it('shows in the request that needs it', () => {
    expect(passed('lambda', 'CreateFunction20150331', { role })).toEqual({ arns: [role], named: true })
    expect(passed('ecs', 'RegisterTaskDefinition', { taskRoleArn: role })).toEqual({ arns: [role], named: true })
  })
  it('is on some role where an instance profile holds it', () => {
    const requestParameters = { iamInstanceProfile: { name: 'web' } }
    expect(passed('ec2', 'RunInstances', requestParameters)).toEqual({ arns: [], named: false })
  })
  it('is not what naming a role to IAM or STS is', () => {
    expect(passed('sts', 'AssumeRole', { roleArn: role })).toBeUndefined()
    expect(passed('iam', 'DeleteRole', { roleName: 'app' })).toBeUndefined()
  })
  it('is not what reading does', () => {
    expect(passed('lambda', 'GetFunction', { role })).toBeUndefined()
  })
})
