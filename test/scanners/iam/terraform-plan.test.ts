import { expect, it } from 'vitest'
import { iamAttachment, iamKeyDeclaration, iamRole, iamStatement } from '../../../src/facts/iam.ts'
import { iamDeclaration } from '../../../src/facts/iam-declaration.ts'
import { iamFilesScanner } from '../../../src/scanners/iam/files.ts'
import { collect, memoryTree } from '../../support/context.ts'

const scan = (plan: unknown) =>
  collect(iamFilesScanner, { trees: [memoryTree({ 'plan.json': JSON.stringify(plan, null, 1) })] })

const resource = (address: string, values: Record<string, unknown>) => {
  const [type = '', name = ''] = address
    .replace(/^(?:module\.\w+(?:\[[^\]]*\])?\.)+/, '')
    .replace(/^data\./, '')
    .split('.')
  const mode = /(?:^|\.)data\./.test(address) ? 'data' : 'managed'
  return { address, mode, type, name: name.replace(/\[.*/, ''), values }
}
const policy = (action: string) => JSON.stringify({ Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] })
const TRUST = JSON.stringify({
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ec2.amazonaws.com' } }],
})
const references = (...names: string[]) => ({ references: names })

const PLAN = {
  format_version: '1.2',
  terraform_version: '1.9.0',
  planned_values: {
    root_module: {
      resources: [
        resource('aws_iam_role.app', {
          name: 'app',
          path: '/',
          assume_role_policy: TRUST,
          inline_policy: [{ name: 'own', policy: policy('sqs:SendMessage') }],
        }),
        resource('aws_iam_role_policy_attachment.known', {
          role: 'app',
          policy_arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess',
        }),
        resource('aws_iam_role_policy_attachment.late', { role: 'app' }),
        resource('aws_iam_role_policy_attachment.lost', { role: 'app' }),
        resource('aws_iam_user.ann', { name: 'ann' }),
        resource('aws_iam_access_key.ann', { user: 'ann' }),
        resource('aws_iam_group.ops', { name: 'ops' }),
        resource('aws_iam_group_policy.ops', { group: 'ops', policy: policy('sns:Publish') }),
        resource('aws_iam_user_group_membership.ann', { user: 'ann', groups: ['ops'] }),
      ],
      child_modules: [
        {
          address: 'module.p["x"]',
          resources: [
            resource('module.p["x"].aws_iam_policy.this', { name: 'deferred' }),
            resource('module.p["x"].data.aws_iam_policy_document.this', {
              statement: [
                { effect: null, sid: 'S', actions: ['s3:GetObject'], resources: null, condition: [], principals: [] },
              ],
            }),
            resource('module.p["x"].aws_iam_role_policy_attachment.up', {}),
          ],
        },
      ],
    },
  },
  resource_changes: [
    {
      address: 'module.p["x"].aws_iam_policy.this',
      change: { after: { name: 'deferred' }, after_unknown: { policy: true, arn: true } },
    },
  ],
  configuration: {
    root_module: {
      resources: [
        {
          address: 'aws_iam_role_policy_attachment.late',
          expressions: { policy_arn: references('module.p["x"].arn', 'module.p["x"]', 'module.p') },
        },
        {
          address: 'aws_iam_role_policy_attachment.lost',
          expressions: { policy_arn: references('aws_ssm_parameter.p.value') },
        },
      ],
      module_calls: {
        p: {
          expressions: { role: references('aws_iam_role.app.name', 'aws_iam_role.app') },
          module: {
            outputs: { arn: { expression: references('aws_iam_policy.this.arn', 'aws_iam_policy.this') } },
            resources: [
              {
                address: 'aws_iam_policy.this',
                expressions: {
                  policy: references('data.aws_iam_policy_document.this.json', 'data.aws_iam_policy_document.this'),
                },
              },
              {
                address: 'aws_iam_role_policy_attachment.up',
                expressions: { role: references('var.role'), policy_arn: references('aws_iam_policy.this.arn') },
              },
            ],
          },
        },
      },
    },
  },
}

const id = (address: string) => `file:plan.json#${address}`

it('reads the policies of a plan, and what they say that is read when it is applied', async () => {
  const { of, gaps } = await scan(PLAN)
  expect(of(iamStatement).map(({ data }) => [data.policy, data.policyKind, data.actions, data.owner])).toEqual([
    [id('aws_iam_role.app/assume_role_policy'), 'trust', ['sts:AssumeRole'], id('aws_iam_role.app')],
    [id('aws_iam_role.app/inline_policy/own'), 'identity', ['sqs:SendMessage'], ''],
    [id('aws_iam_group_policy.ops'), 'identity', ['sns:Publish'], ''],
    [id('module.p["x"].aws_iam_policy.this'), 'identity', ['s3:GetObject'], ''],
  ])
  const text = JSON.stringify(PLAN, null, 1)
  const at = of(iamStatement)[1]?.at
  const line = text.split('\n').findIndex((each) => each.includes('sqs:SendMessage')) + 1
  expect(at).toMatchObject({ file: 'plan.json', line })
  expect(gaps).toEqual([
    expect.objectContaining({
      kind: 'iam.attachment',
      class: 'limit',
      detail: expect.stringContaining('attachment.lost'),
    }),
    expect.objectContaining({ kind: 'iam.statement', class: 'limit', fields: ['resources'] }),
  ])
})

it('follows references through outputs, variables and names', async () => {
  const { of } = await scan(PLAN)
  expect(of(iamAttachment).map(({ data }) => [data.principalArn, data.policy, data.via])).toEqual([
    [id('aws_iam_role.app'), id('aws_iam_role.app/inline_policy/own'), 'inline'],
    [id('aws_iam_role.app'), 'arn:aws:iam::aws:policy/ReadOnlyAccess', 'direct'],
    [id('aws_iam_role.app'), id('module.p["x"].aws_iam_policy.this'), 'direct'],
    [id('aws_iam_group.ops'), id('aws_iam_group_policy.ops'), 'inline'],
    [id('aws_iam_role.app'), id('module.p["x"].aws_iam_policy.this'), 'direct'],
    [id('aws_iam_user.ann'), id('aws_iam_group_policy.ops'), id('aws_iam_group.ops')],
  ])
  expect(of(iamDeclaration).map(({ data }) => [data.type, data.name])).toEqual([
    ['role', 'app'],
    ['user', 'ann'],
    ['group', 'ops'],
    ['policy', 'deferred'],
  ])
  expect(of(iamRole).map(({ data }) => data.arn)).toEqual([id('aws_iam_role.app')])
  expect(of(iamKeyDeclaration).map(({ data }) => [data.address, data.user])).toEqual([
    ['aws_iam_access_key.ann', 'ann'],
  ])
})

it('takes changes where there are no planned values, and a state', async () => {
  const values = { name: 'p', policy: policy('s3:GetObject') }
  const { values: _, ...named } = resource('aws_iam_policy.p', {})
  const changes = {
    format_version: '1.2',
    resource_changes: [{ ...named, change: { after: values, after_unknown: {} } }],
  }
  const state = {
    format_version: '1.0',
    values: { root_module: { resources: [resource('aws_iam_policy.p', values)] } },
  }
  for (const each of [changes, state]) {
    const { of, gaps } = await scan(each)
    expect(gaps).toEqual([])
    expect(of(iamStatement).map(({ data }) => data.policy)).toEqual([id('aws_iam_policy.p')])
  }
})

it('gets through odd plans', async () => {
  const odd = [
    {},
    [],
    null,
    1,
    'x',
    { root_module: [] },
    { root_module: { resources: [1, null, {}], child_modules: [[], {}] } },
  ]
  for (const each of odd) {
    const plan = {
      format_version: '1',
      planned_values: each,
      resource_changes: each,
      configuration: each,
      x: '"aws_iam_',
    }
    expect((await scan(plan)).of(iamStatement)).toEqual([])
  }
})
