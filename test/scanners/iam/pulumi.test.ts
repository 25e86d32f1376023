import { describe, expect, it } from 'vitest'
import { iamAttachment, iamKeyDeclaration, iamRole, iamStatement } from '../../../src/facts/iam.ts'
import { iamFilesScanner } from '../../../src/scanners/iam/files.ts'
import { collect, memoryTree } from '../../support/context.ts'

const scan = (text: string) => collect(iamFilesScanner, { trees: [memoryTree({ 'Pulumi.yaml': text })] })
const line = (fact: { at: object }) => ('line' in fact.at ? fact.at.line : undefined)
const id = (name: string) => `file:Pulumi.yaml#/resources/${name}`

describe('Pulumi in YAML', () => {
  it('reads roles, policies of every form, and who holds them', async () => {
    const { of, gaps } = await scan(`name: app
runtime: yaml
config:
  bucket: {default: my-bucket}
resources:
  role:
    type: aws:iam/role:Role
    properties:
      name: app
      assumeRolePolicy:
        fn::toJSON:
          Version: 2012-10-17
          Statement:
            - Effect: Allow
              Principal: {Service: ec2.amazonaws.com}
              Action: sts:AssumeRole
      managedPolicyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess]
      permissionsBoundary: \${limit.arn}
      inlinePolicies:
        - name: in
          policy: {fn::toJSON: {Statement: [{Effect: Allow, Action: 'sns:*', Resource: '*'}]}}
  limit:
    type: aws:iam:Policy
    properties:
      policy: |
        {"Statement": [
          {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::\${bucket}/*"}]}
  own:
    type: aws:iam:RolePolicy
    properties: {role: '\${role.name}', policy: '\${doc.json}'}
  attached:
    type: aws:iam:RolePolicyAttachment
    properties: {role: '\${role}', policyArn: '\${limit.arn}'}
  ann: {type: 'aws:iam:User'}
  team: {type: 'aws:iam:Group'}
  member:
    type: aws:iam:UserGroupMembership
    properties: {user: '\${ann.name}', groups: ['\${team.name}']}
  forTeam:
    type: aws:iam:GroupPolicyAttachment
    properties: {group: '\${team.name}', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess'}
  key: {type: 'aws:iam:AccessKey', properties: {user: '\${ann.name}'}}
variables:
  doc:
    fn::invoke:
      function: aws:iam:getPolicyDocument
      arguments:
        statements:
          - actions: [sqs:*]
            resources: ['*']
            conditions: [{test: StringEquals, variable: 'aws:x', values: [y]}]
`)
    expect(gaps).toEqual([])
    expect(
      of(iamStatement).map((fact) => [fact.data.policy, fact.data.policyKind, fact.data.actions, line(fact)]),
    ).toEqual([
      [`${id('role')}/properties/assumeRolePolicy`, 'trust', ['sts:AssumeRole'], 14],
      [`${id('role')}/properties/inlinePolicies/policy`, 'identity', ['sns:*'], 21],
      [id('limit'), 'identity', ['s3:*'], 27],
      ['file:Pulumi.yaml#/variables/doc', 'identity', ['sqs:*'], 49],
    ])
    expect(of(iamStatement)[2]?.data.resources).toEqual(['arn:aws:s3:::my-bucket/*'])
    expect(of(iamStatement)[3]?.data.conditions).toEqual(['StringEquals|aws:x|y'])
    expect(of(iamAttachment).map(({ data }) => [data.policy, data.principalArn, data.via, data.boundary])).toEqual([
      ['arn:aws:iam::aws:policy/ReadOnlyAccess', id('role'), 'direct', false],
      [id('limit'), id('role'), 'direct', true],
      [`${id('role')}/properties/inlinePolicies/policy`, id('role'), 'inline', false],
      ['file:Pulumi.yaml#/variables/doc', id('role'), 'inline', false],
      [id('limit'), id('role'), 'direct', false],
      ['arn:aws:iam::aws:policy/AdministratorAccess', id('team'), 'direct', false],
      ['arn:aws:iam::aws:policy/AdministratorAccess', id('ann'), id('team'), false],
    ])
    expect(of(iamRole).map(({ data }) => data.name)).toEqual(['app'])
    expect(of(iamKeyDeclaration).map(({ data }) => [data.address, data.user])).toEqual([['/resources/key', 'ann']])
  })

  it('knows what only a run knows', async () => {
    const { of, gaps } = await scan(`config: {arn: {type: string}}
resources:
  p:
    type: aws:iam:Policy
    properties: {policy: {fn::toJSON: {Statement: [{Effect: Allow, Action: 's3:*', Resource: '\${arn}x'}, {Effect: Allow, Action: '\${what}', Resource: '*'}]}}}
  a:
    type: aws:iam:RolePolicyAttachment
    properties: {role: r, policyArn: '\${arn}'}
`)
    expect(of(iamStatement)).toHaveLength(2)
    expect(of(iamAttachment)).toEqual([])
    expect(gaps.map((gap) => [gap.kind, gap.class, gap.fields])).toEqual([
      ['iam.statement', 'limit', ['actions']],
      ['iam.attachment', 'limit', undefined],
    ])
  })
})
