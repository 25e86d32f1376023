import { describe, expect, it } from 'vitest'
import { iamAttachment, iamRole, iamStatement } from '../../../src/facts/iam.ts'
import { iamFilesScanner } from '../../../src/scanners/iam/files.ts'
import { collect, memoryTree } from '../../support/context.ts'

const scan = (files: Record<string, string>) => collect(iamFilesScanner, { trees: [memoryTree(files)] })
const line = (fact: { at: object }) => ('line' in fact.at ? fact.at.line : undefined)

describe('Serverless Framework', () => {
  it('reads the role of all functions, and those that functions have of their own', async () => {
    const { of, gaps } = await scan({
      'api/serverless.yml': `service: shop
custom:
  bucket: shop-\${self:provider.stage}
provider:
  name: aws
  stage: \${opt:stage, 'test'}
  iam:
    role:
      managedPolicies:
        - arn:aws:iam::aws:policy/AmazonS3FullAccess
      permissionsBoundary: arn:aws:iam::123456789012:policy/limit
      statements:
        - Effect: Allow
          Action: s3:GetObject
          Resource: arn:aws:s3:::\${self:custom.bucket}/*
        - Effect: Allow
          Action: dynamodb:*
          Resource: !GetAtt Table.Arn
functions:
  pay:
    handler: pay.main
    iamRoleStatements:
      - Effect: Allow
        Action: [sqs:SendMessage]
        Resource: '*'
resources:
  Resources:
    Table: {Type: 'AWS::DynamoDB::Table'}
    Extra:
      Type: AWS::IAM::Role
      Properties:
        ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]
`,
    })
    expect(gaps).toEqual([])
    expect(of(iamStatement).map((fact) => [fact.data.policy, fact.data.resources, line(fact)])).toEqual([
      ['file:api/serverless.yml#/provider/iam/role/statements', ['arn:aws:s3:::shop-test/*'], 13],
      ['file:api/serverless.yml#/provider/iam/role/statements', ['${Table.Arn}'], 16],
      ['file:api/serverless.yml#/functions/pay/iamRoleStatements', ['*'], 23],
    ])
    const role = (name: string) => `file:api/serverless.yml#/resources/Resources/${name}`
    expect(
      of(iamAttachment).map(({ data }) => [data.policy?.replace(/.*#/, ''), data.principalArn, data.boundary]),
    ).toEqual([
      ['arn:aws:iam::aws:policy/AdministratorAccess', role('Extra'), false],
      ['/provider/iam/role/statements', role('IamRoleLambdaExecution'), false],
      ['arn:aws:iam::aws:policy/AmazonS3FullAccess', role('IamRoleLambdaExecution'), false],
      ['arn:aws:iam::123456789012:policy/limit', role('IamRoleLambdaExecution'), true],
      ['/functions/pay/iamRoleStatements', role('payIamRoleLambdaExecution'), false],
    ])
    expect(of(iamRole).map(({ data }) => data.name)).toEqual([
      'Extra',
      'IamRoleLambdaExecution',
      'payIamRoleLambdaExecution',
    ])
  })

  it('takes statements from other files, at their own lines', async () => {
    const { of, gaps } = await scan({
      'serverless.yml': `service: s
provider:
  name: aws
  iamRoleStatements:
    - \${file(iam/one.yml)}
    - \${file(./iam/all.yml):more.s3, ''}
    - \${self:custom.own}
custom:
  own: {Effect: Allow, Action: 'sns:*', Resource: '*'}
`,
      'iam/one.yml': 'Effect: Allow\nAction: "sqs:*"\nResource: "*"\n',
      'iam/all.yml': 'more:\n  s3:\n    - Effect: Allow\n      Action: ["s3:*"]\n      Resource: "*"\n',
    })
    expect(gaps).toEqual([])
    expect(of(iamStatement).map((fact) => ['file' in fact.at && fact.at.file, line(fact), fact.data.actions])).toEqual([
      ['serverless.yml', 9, ['sns:*']],
      ['iam/one.yml', 1, ['sqs:*']],
      ['iam/all.yml', 3, ['s3:*']],
    ])
    expect(new Set(of(iamStatement).map(({ data }) => data.policy)).size).toBe(1)
  })

  it('reads what plugins and the API add', async () => {
    const { of, gaps } = await scan({
      'serverless.yml': `service: s
provider:
  name: aws
  apiGateway:
    resourcePolicy:
      - {Effect: Allow, Principal: '*', Action: 'execute-api:Invoke', Resource: '*'}
fargate:
  iamRoleStatements:
    - {Effect: Allow, Action: 's3:*', Resource: '*'}
custom:
  boundary:
    Statement: [{Effect: Allow, Action: 'sns:*', Resource: 'arn:aws:sns:\${self:custom.region}:1:x'}]
`,
    })
    expect(gaps).toEqual([])
    expect(
      of(iamStatement).map(({ data }) => [data.policy?.replace(/.*#/, ''), data.policyKind, data.resources]),
    ).toEqual([
      ['/fargate/iamRoleStatements', 'identity', ['*']],
      ['/provider/apiGateway/resourcePolicy', 'resource', ['*']],
      ['/custom/boundary', 'identity', ['arn:aws:sns:${variable self:custom.region}:1:x']],
    ])
  })

  it('knows what it does not know', async () => {
    const { of, gaps } = await scan({
      'serverless.yml': `service: s
provider:
  name: aws
  iamRoleStatements:
    - Effect: Allow
      Action: \${env:ACTION}
      Resource: arn:aws:s3:::\${aws:username}
    - \${file(./iam.js)}
`,
    })
    expect(of(iamStatement).map(({ data }) => [data.actions, data.resources])).toEqual([
      [['${variable env:ACTION}'], ['arn:aws:s3:::${aws:username}']],
    ])
    expect(gaps.map((gap) => [gap.class, gap.fields, gap.detail])).toEqual([
      ['limit', ['actions'], expect.stringContaining('serverless.yml:5: ${variable env:ACTION}')],
      ['limit', undefined, expect.stringContaining('serverless.yml:8: ${file(./iam.js)}')],
    ])
  })
})

describe('SAM', () => {
  it('reads the resource policy of an API', async () => {
    const { of } = await scan({
      't.yaml': `Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      Auth:
        ResourcePolicy:
          CustomStatements: [{
            "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"
          }]
`,
    })
    expect(of(iamStatement).map((fact) => [fact.data.policyKind, fact.data.owner, line(fact)])).toEqual([
      ['resource', 'file:t.yaml#/Resources/Api', 7],
    ])
  })

  it('reads the policies of functions: by name, by ARN, as documents; templates of SAM are no finding', async () => {
    const { of, gaps } = await scan({
      'template.yaml': `Transform: AWS::Serverless-2016-10-31
Globals: {Function: {PermissionsBoundary: 'arn:aws:iam::123456789012:policy/limit'}}
Resources:
  One:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - AmazonS3FullAccess
        - AWSLambdaBasicExecutionRole
        - !Ref Own
        - S3ReadPolicy: {BucketName: b}
        - NoSuchPolicy: {}
        - Statement:
            - Effect: Allow
              Action: s3:*
              Resource: '*'
  Two:
    Type: AWS::Serverless::Function
    Properties: {Policies: AdministratorAccess, Role: !GetAtt Other.Arn}
  Three:
    Type: AWS::Serverless::StateMachine
    Properties: {Policies: {Version: '2012-10-17', Statement: {Effect: Allow, Action: 'sqs:*', Resource: '*'}}}
  Own: {Type: 'AWS::IAM::ManagedPolicy', Properties: {PolicyDocument: {Statement: {Effect: Allow, Action: 'a:b'}}}}
`,
    })
    const id = (name: string) => `file:template.yaml#/Resources/${name}`
    const links = of(iamAttachment).map((fact) => [
      fact.data.policy,
      fact.data.principalArn,
      fact.data.boundary,
      line(fact),
    ])
    expect(links).toEqual([
      ['arn:aws:iam::123456789012:policy/limit', id('OneRole'), true, 2],
      ['arn:aws:iam::aws:policy/AmazonS3FullAccess', id('OneRole'), false, 8],
      ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole', id('OneRole'), false, 9],
      [id('Own'), id('OneRole'), false, 10],
      [`${id('One')}/Properties/Policies`, id('OneRole'), false, 13],
      [`${id('Three')}/Properties/Policies`, id('ThreeRole'), false, 22],
    ])
    const documents = of(iamStatement).map(({ data }) => data.policy)
    expect(documents).toEqual([`${id('One')}/Properties/Policies`, `${id('Three')}/Properties/Policies`, id('Own')])
    expect(of(iamRole).map(({ data }) => data.name)).toEqual(['OneRole', 'ThreeRole'])
    expect(gaps.filter(({ kind }) => kind === 'iam.statement')).toMatchObject([
      { class: 'limit', reason: 'unknown policy template', detail: expect.stringContaining(':12:') },
    ])
  })
})
