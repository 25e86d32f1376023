import { describe, expect, it } from 'vitest'
import { iamAttachment, iamRole, iamStatement } from '../../../src/facts/iam.ts'
import { iamFilesScanner } from '../../../src/scanners/iam/files.ts'
import { collect, memoryTree } from '../../support/context.ts'
import { judgeFiles } from './judge.ts'

const scan = (files: Record<string, string>) => collect(iamFilesScanner, { trees: [memoryTree(files)] })
const allow = (fields: object) => JSON.stringify({ Statement: [{ Effect: 'Allow', ...fields }] })

describe('recognised by shape', () => {
  it('at the top, with the lines of each statement', async () => {
    const { of } = await scan({
      'deep/er/p.json': `{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "A", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*" },
    {
      "Effect": "Deny",
      "NotAction": ["iam:*"],
      "NotResource": "arn:aws:s3:::c",
      "Condition": { "Bool": { "aws:SecureTransport": false } }
    }
  ]
}`,
    })
    expect(of(iamStatement).map(({ at, data }) => [at, data])).toEqual([
      [
        { file: 'deep/er/p.json', line: 4, column: 5, endLine: 4, endColumn: 96 },
        expect.objectContaining({
          policy: 'file:deep/er/p.json#',
          policyName: 'p.json',
          policyKind: 'identity',
          managedBy: 'file',
          sid: 'A',
          effect: 'Allow',
          actions: ['s3:GetObject'],
          resources: ['arn:aws:s3:::b/*'],
        }),
      ],
      [
        { file: 'deep/er/p.json', line: 5, column: 5, endLine: 10, endColumn: 6 },
        expect.objectContaining({
          effect: 'Deny',
          notActions: ['iam:*'],
          notResources: ['arn:aws:s3:::c'],
          conditions: ['Bool|aws:SecureTransport|false'],
        }),
      ],
    ])
  })

  it('nested, and as a string in a string', async () => {
    const inner = JSON.stringify({ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }, null, 1)
    const { of, gaps } = await scan({ 'task.json': `{\n "any": [{\n  "policy": ${JSON.stringify(inner)} }]\n}` })
    expect(gaps).toEqual([])
    expect(of(iamStatement).map(({ at, data }) => [at, data.policy])).toEqual([
      [expect.objectContaining({ file: 'task.json', line: 3 }), 'file:task.json#/any/policy'],
    ])
  })

  it('not in what only looks alike', async () => {
    const { facts, gaps } = await scan({
      'k8s.json': '{"tolerations": [{"effect": "NoSchedule", "key": "Statement"}]}',
      'schema.json': '{"properties": {"Statement": {"type": "array"}, "Effect": {"enum": ["Allow"]}}}',
      'prose.json': '{"text": "A \\"Statement\\" has an \\"Effect\\"."}',
      'broken.json': '{"nothing": of ours',
    })
    expect([facts, gaps]).toEqual([[], []])
  })

  it('in CloudFormation, with its principals', async () => {
    const { of } = await scan({
      'stack.template': JSON.stringify({
        Resources: {
          App: {
            Type: 'AWS::IAM::Role',
            Properties: {
              AssumeRolePolicyDocument: {
                Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
              },
              ManagedPolicyArns: [{ 'Fn::Sub': 'arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess' }],
              Policies: [
                {
                  PolicyName: 'own',
                  PolicyDocument: {
                    Statement: [
                      {
                        Effect: 'Allow',
                        Action: 's3:*',
                        Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['B', 'Arn'] }, '/*']] },
                      },
                    ],
                  },
                },
              ],
            },
          },
          Endpoint: {
            Type: 'AWS::EC2::VPCEndpoint',
            Properties: {
              PolicyDocument: { Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }] },
            },
          },
        },
      }),
    })
    expect(of(iamStatement).map(({ data }) => [data.policyName, data.policyKind, data.owner, data.resources])).toEqual([
      ['App', 'trust', 'file:stack.template#/Resources/App', []],
      ['own', 'identity', '', ['${B.Arn}/*']],
      ['Endpoint', 'control', '', ['*']],
    ])
    const links = of(iamAttachment).map(({ data }) => [data.policy, data.via])
    expect(links).toEqual([
      ['arn:aws:iam::aws:policy/AdministratorAccess', 'direct'],
      [of(iamStatement)[1]?.data.policy, 'inline'],
    ])
    expect(of(iamRole).map(({ data }) => data.name)).toEqual(['App'])
  })
})

describe('spellings that mean the same', () => {
  it('one string or a list, letter case of keys, Statement as an object', async () => {
    const one = '{"Statement":{"Effect":"Allow","Action":"S3:GetObject","Resource":"arn:aws:s3:::b/*"}}'
    const list = '{"statement":[{"effect":"Allow","action":["s3:getobject"],"resource":["arn:aws:s3:::b/*"]}]}'
    const { of } = await scan({ 'a.json': one, 'b.json': list })
    const [a, b] = of(iamStatement)
    expect(a?.data.hash).toMatch(/^[0-9a-f]{16}$/)
    expect(a?.data.hash).toBe(b?.data.hash)
  })

  it('a principal as "*", {"AWS": "*"} and a bare account number', async () => {
    const principals = [
      '*',
      { AWS: '*' },
      { AWS: ['123456789012', '*'] },
      { Service: 'a.amazonaws.com', Federated: 'x' },
    ]
    const { of } = await scan({
      'p.json': JSON.stringify({
        Statement: principals.map((Principal) => ({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' })),
      }),
    })
    expect(of(iamStatement).map(({ data }) => data.principals)).toEqual([
      ['AWS:*'],
      ['AWS:*'],
      ['AWS:arn:aws:iam::123456789012:root', 'AWS:*'],
      ['Service:a.amazonaws.com', 'Federated:x'],
    ])
  })

  it('keeps its identity when statements move, and loses it when they change', async () => {
    const hashes = async (text: string) =>
      (await scan({ 'p.json': text })).of(iamStatement).map(({ data }) => data.hash)
    const [one] = await hashes(allow({ Action: ['s3:GetObject', 's3:PutObject'], Resource: '*' }))
    const [other] = await hashes(
      `\n\n\n${allow({ Action: ['s3:PutObject', 's3:GetObject'], Resource: '*', Sid: 'x' })}`,
    )
    const [changed] = await hashes(allow({ Action: ['s3:GetObject', 's3:PutObject'], Resource: 'arn:aws:s3:::b' }))
    expect(other).toBe(one)
    expect(changed).not.toBe(one)
  })
})

describe('bad input', () => {
  it('names file and line of a policy that is no JSON', async () => {
    const { facts, gaps } = await scan({
      'p.json': '{"Statement": [\n{"Effect": "Allow",\n "Action": "*" "Resource": "*"}]}',
    })
    expect(facts).toEqual([])
    expect(gaps).toEqual([
      {
        kind: 'iam.statement',
        scope: 'repo:./p.json',
        class: 'fault',
        reason: 'policy is not JSON',
        detail: "p.json:3: looks like a policy but is no JSON: expected ',' or '}'",
      },
    ])
  })

  it('takes a template for what it is', async () => {
    const { of, gaps } = await scan({
      'p.json.tpl': '{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": ${jsonencode(arns)}}]}',
      'q.json.tpl': '{"Statement": [%{ for a in x }{"Effect": "Allow", "Action": "${a}"}%{ endfor }]}',
    })
    expect(of(iamStatement).map(({ data }) => data.resources)).toEqual([['${jsonencode(arns)}']])
    expect(gaps.map((gap) => [gap.scope, gap.class, gap.reason])).toEqual([
      ['repo:./p.json.tpl', 'limit', 'value known at run time only'],
      ['repo:./q.json.tpl', 'limit', 'template'],
    ])
  })

  it('gets through odd values without a judgement on them', async () => {
    const odd = {
      Statement: [
        { Effect: 'Allow', Action: [1, null, { a: 1 }], Resource: true },
        { Effect: 'Maybe', Action: 's3:*', Resource: '*' },
        { Effect: 'Allow', Action: [], Principal: [], Condition: 'x' },
        'text',
        null,
      ],
    }
    const { facts, undetermined, fired } = await judgeFiles({ 'p.json': JSON.stringify(odd) })
    expect(facts.filter((fact) => fact.kind === 'iam.statement').map((fact) => fact.unknown)).toEqual([
      [],
      ['effect'],
      [],
    ])
    expect(fired).toEqual([])
    expect(undetermined.map(({ rule }) => rule.id)).toContain('iam/service-wildcard')
  })

  it('hides what a referer condition asks for', async () => {
    const policy = allow({
      Action: 's3:GetObject',
      Principal: '*',
      Condition: { StringEquals: { 'aws:Referer': 'hush' } },
    })
    const { facts } = await scan({ 'p.json': policy })
    expect(JSON.stringify(facts)).not.toContain('hush')
  })

  it('refuses nesting without end, and stays quick on a long line', async () => {
    const deep = `{"Statement": [{"Effect": "Allow", "Action": ${'['.repeat(50_000)}`
    const { gaps } = await scan({
      'p.json': deep,
      'big.json': `{"Statement": "Effect", "Effect": "${'y'.repeat(2_000_000)}"}`,
    })
    expect(gaps.map((gap) => [gap.scope, gap.class])).toEqual([['repo:./p.json', 'fault']])
  })
})

it('does not judge service control policies', async () => {
  const { fired } = await judgeFiles({ 'organization/scps/FullAWSAccess.json': allow({ Action: '*', Resource: '*' }) })
  expect(fired).toEqual([])
})
