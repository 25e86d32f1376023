import { describe, expect, it } from 'vitest'
import { actionSet } from '../../../src/derive/iam/actions.ts'
import type { Limit } from '../../../src/derive/iam/admin.ts'
import type { Entity } from '../../../src/derive/iam/entities.ts'
import { Permissions, type Statement, type Target } from '../../../src/derive/iam/permissions.ts'

const ACCOUNT = '123456789012'
const ANN: Entity = { id: `arn:aws:iam::${ACCOUNT}:user/ann`, kind: 'user', name: 'ann', path: '/', accountId: ACCOUNT }
const APP: Entity = { id: `arn:aws:iam::${ACCOUNT}:role/app`, kind: 'role', name: 'app', path: '/', accountId: ACCOUNT }
const NOW = new Date('2026-06-01T00:00:00Z')

function action(name: string) {
  const [service = '', short] = name.split(':')
  const found = actionSet()
    .service(service)
    ?.find((each) => each.name === short)
  if (!found) throw new Error(`no action ${name}`)
  return found
}

const allow = (
  actions: string | string[],
  resources: string | string[] = '*',
  conditions: string[] = [],
): Statement => ({
  effect: 'Allow',
  actions: [actions].flat(),
  resources: [resources].flat(),
  conditions,
})
const deny = (...given: Parameters<typeof allow>): Statement => ({ ...allow(...given), effect: 'Deny' })

interface Given {
  readonly own?: readonly Statement[]
  readonly boundary?: readonly Statement[] | 'unseen'
  readonly unseen?: readonly string[]
  readonly controls?: readonly Limit[]
}

function permissions({ own = [], boundary, unseen = [], controls }: Given): Permissions {
  const policies = [
    { policy: 'p', boundary: false, statements: own },
    ...unseen.map((policy) => ({ policy, boundary: false, statements: undefined })),
    ...(boundary ? [{ policy: 'b', boundary: true, statements: boundary === 'unseen' ? undefined : boundary }] : []),
  ]
  return new Permissions({ inFiles: false, policies, ...(controls && { controls }) }, actionSet())
}

function verdict(given: Given, name: string, target: Target | string, principal: Entity = ANN): string {
  return permissions(given).decide(action(name), target, { principal, now: NOW }).verdict
}

const OBJECT = 'arn:aws:s3:::bucket/key'

describe('a request', () => {
  it.each<[string, Given, string]>([
    ['nothing allows', {}, 'no'],
    ['an Allow', { own: [allow('s3:GetObject')] }, 'yes'],
    ['a pattern in another letter case, with ?', { own: [allow('S3:GETOBJEC?')] }, 'yes'],
    ['another bucket', { own: [allow('s3:*', 'arn:aws:s3:::other/*')] }, 'no'],
    ['NotAction of something else', { own: [{ effect: 'Allow', notActions: ['iam:*'], resources: ['*'] }] }, 'yes'],
    ['NotAction of it', { own: [{ effect: 'Allow', notActions: ['s3:Get*'], resources: ['*'] }] }, 'no'],
    [
      'NotResource of it',
      { own: [{ effect: 'Allow', actions: ['s3:*'], notResources: ['arn:aws:s3:::bucket/*'] }] },
      'no',
    ],
    [
      'NotResource of another',
      { own: [{ effect: 'Allow', actions: ['s3:*'], notResources: ['arn:aws:s3:::b/*'] }] },
      'yes',
    ],
    ['a Deny', { own: [allow('s3:*'), deny('s3:GetObject')] }, 'no'],
    ['a Deny of another bucket', { own: [allow('s3:*'), deny('s3:*', 'arn:aws:s3:::other/*')] }, 'yes'],
    [
      'a Deny by NotResource',
      { own: [allow('s3:*'), { effect: 'Deny', actions: ['s3:*'], notResources: ['arn:aws:s3:::x/*'] }] },
      'no',
    ],
    ['a boundary that allows', { own: [allow('*')], boundary: [allow('s3:*')] }, 'yes'],
    ['a boundary that does not', { own: [allow('*')], boundary: [allow('ec2:*')] }, 'no'],
    ['a Deny in the boundary', { own: [allow('*')], boundary: [allow('*'), deny('s3:*')] }, 'no'],
    ['a boundary that was not seen', { own: [allow('*')], boundary: 'unseen' }, 'unknown'],
    [
      'a policy that was not seen, and may deny',
      { own: [allow('*')], unseen: [`arn:aws:iam::${ACCOUNT}:policy/x`] },
      'unknown',
    ],
    [
      'a policy of AWS that was not seen, and denies nothing',
      { own: [allow('*')], unseen: ['arn:aws:iam::aws:policy/X'] },
      'yes',
    ],
    ['control policies at two levels', { own: [allow('*')], controls: [[allow('*')], [allow('s3:*')]] }, 'yes'],
    ['one level that does not allow', { own: [allow('*')], controls: [[allow('*')], [allow('ec2:*')]] }, 'no'],
    ['a level that was not seen', { own: [allow('*')], controls: [undefined] }, 'unknown'],
    ['a condition on a tag', { own: [allow('s3:*', '*', ['StringEquals|aws:ResourceTag/team|x'])] }, 'conditional'],
    [
      'an address that the holder may have',
      { own: [allow('s3:*', '*', ['IpAddress|aws:SourceIp|10.0.0.0/8'])] },
      'yes',
    ],
    ['time that is over', { own: [allow('s3:*', '*', ['DateLessThan|aws:CurrentTime|2020-01-01T00:00:00Z'])] }, 'no'],
    [
      'time that has come',
      { own: [allow('s3:*', '*', ['DateGreaterThan|aws:CurrentTime|2020-01-01T00:00:00Z'])] },
      'yes',
    ],
    [
      'a session, which a long-term key is not',
      { own: [allow('s3:*', '*', ['DateGreaterThan|aws:TokenIssueTime|2020-01-01T00:00:00Z'])] },
      'no',
    ],
    ['another principal', { own: [allow('s3:*', '*', ['ArnLike|aws:PrincipalArn|arn:aws:iam::*:role/*'])] }, 'no'],
    [
      'the principal by a pattern',
      { own: [allow('s3:*', '*', ['ArnLike|aws:PrincipalArn|arn:aws:iam::*:user/a*'])] },
      'yes',
    ],
    ['calls of AWS services for the principal', { own: [allow('s3:*', '*', ['Bool|aws:ViaAWSService|true'])] }, 'no'],
    ['a value of the deployment', { own: [allow('s3:*', '${var.bucket}')] }, 'unknown'],
    ['an action of the deployment', { own: [allow('${var.action}')] }, 'unknown'],
  ])('%s', (_, given, expected) => {
    expect(verdict(given, 's3:GetObject', OBJECT)).toBe(expected)
  })

  it('hangs on a Deny whose condition nobody can tell from here', () => {
    const own = [allow('s3:*'), deny('s3:*', '*', ['StringNotEquals|aws:PrincipalTag/team|x'])]
    expect(verdict({ own }, 's3:GetObject', OBJECT)).toBe('conditional')
  })

  it('takes for granted that a Deny unless MFA does not hold', () => {
    const own = [allow('s3:*'), deny('*', '*', ['BoolIfExists|aws:MultiFactorAuthPresent|false'])]
    const decision = permissions({ own }).decide(action('s3:GetObject'), OBJECT, { principal: ANN, now: NOW })
    expect(decision).toMatchObject({
      verdict: 'yes',
      allowed: true,
      assumptions: ['a Deny does not apply: BoolIfExists aws:MultiFactorAuthPresent false'],
    })
  })

  it('of a service with a role passes by iam:PassedToService', () => {
    const own = [allow('iam:PassRole', '*', ['StringEquals|iam:PassedToService|lambda.amazonaws.com'])]
    const pass = (service: string) => {
      const request = { principal: ANN, now: NOW, keys: { 'iam:passedtoservice': service } }
      return permissions({ own }).decide(action('iam:PassRole'), { entity: APP }, request).verdict
    }
    expect([pass('lambda.amazonaws.com'), pass('ec2.amazonaws.com')]).toEqual(['yes', 'no'])
  })

  it('of an action that knows no resources is allowed by * alone', () => {
    expect(verdict({ own: [allow('iam:ListUsers', 'arn:aws:iam::*:user/*')] }, 'iam:ListUsers', { any: '' })).toBe('no')
    expect(verdict({ own: [allow('iam:ListUsers')] }, 'iam:ListUsers', { any: '' })).toBe('yes')
  })
})

describe('an entity', () => {
  const own = (resource: string) => ({ own: [allow('iam:PutUserPolicy', resource)] })
  const declared: Entity = {
    id: 'file:main.tf#aws_iam_user.ann',
    kind: 'user',
    name: 'ann',
    path: '/dev/',
    accountId: '',
  }
  it.each<[string, Entity, string]>([
    ['arn:aws:iam::*:user/${aws:username}', ANN, 'yes'],
    ['arn:aws:iam::*:user/bob', ANN, 'no'],
    ['${aws_iam_user.ann.arn}', declared, 'yes'],
    ['${aws_iam_user.bob.arn}', declared, 'no'],
    ['arn:aws:iam::999999999999:user/dev/*', declared, 'yes'],
    ['arn:aws:iam::${data.aws_caller_identity.current.account_id}:user/dev/ann', declared, 'yes'],
    ['arn:aws:iam::*:user/ops/*', declared, 'no'],
    ['arn:aws:iam::*:role/*', declared, 'no'],
    ['${var.users}', declared, 'unknown'],
    ['arn:aws:iam::*:user/a*', { ...declared, name: undefined, path: '/' }, 'unknown'],
    ['arn:aws:iam::*:user/*', { ...declared, name: undefined, path: '/' }, 'yes'],
  ])('by %s', (resource, entity, expected) => {
    expect(verdict(own(resource), 'iam:PutUserPolicy', { entity }, entity)).toBe(expected)
  })

  it('of AWS is nobody’s to change', () => {
    const policy: Entity = { id: 'file:main.tf#aws_iam_policy.p', kind: 'policy', name: 'p', path: '/', accountId: '' }
    const given = { own: [allow('iam:CreatePolicyVersion', 'arn:aws:iam::aws:policy/*')] }
    expect(verdict(given, 'iam:CreatePolicyVersion', { entity: policy })).toBe('no')
    expect(verdict(given, 'iam:CreatePolicyVersion', { any: 'policy' })).toBe('no')
  })
})

it('grants the known actions of each statement, less what is denied everywhere and outside the limits', () => {
  const s3 = allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'])
  const given = {
    own: [s3, deny('s3:DeleteObject'), deny('s3:PutObject', 'arn:aws:s3:::b/*')],
    boundary: [allow('s3:*Object')],
  }
  const names = [...(permissions(given).granted().get(s3) ?? [])].map((each) => each.name).sort()
  expect(names).toEqual(['GetObject', 'PutObject'])
})
