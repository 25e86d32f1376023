import { beforeAll, describe, expect, it } from 'vitest'
import { withDeclarations } from '../../../src/derive/iam/applied.ts'
import { readThing } from '../../../src/derive/iam/declared.ts'
import { iamUser } from '../../../src/facts/iam.ts'
import { iamDeclaration } from '../../../src/facts/iam-declaration.ts'
import { iamDrift } from '../../../src/facts/iam-drift.ts'
import { type Fact, type FileLocation, fact, type Gap, isFact, UNKNOWN } from '../../../src/model.ts'
import { authorizationFacts } from '../../../src/scanners/iam/account-facts.ts'
import { iamFilesScanner } from '../../../src/scanners/iam/files.ts'
import { judge } from '../../scanners/iam/judge.ts'
import { collect, memoryTree } from '../../support/context.ts'

const ACCOUNT = '123456789012'
const SCOPE = `aws:${ACCOUNT}`
const arn = (path: string) => `arn:aws:iam::${ACCOUNT}:${path}`
const TERRAFORM = `resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "*" } }]
  })
}
resource "aws_iam_role_policy" "app" {
  role   = aws_iam_role.app.id
  policy = jsonencode({
    Statement = [
      { Effect = "Allow", Action = "kms:*", Resource = "*" },
      { Effect = "Allow", Action = "s3:PutObject", NotResource = "\${aws_s3_bucket.logs.arn}/*" },
    ]
  })
}
resource "aws_iam_role_policy_attachment" "app" {
  role       = aws_iam_role.app.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
}
data "aws_iam_policy_document" "all" {
  statement {
    actions   = ["*"]
    resources = ["*"]
  }
}
resource "aws_iam_policy" "all" {
  name   = "all"
  policy = data.aws_iam_policy_document.all.json
}
`
const TRUST = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '*' } }
const KEYS = { Effect: 'Allow', Action: 'kms:*', Resource: '*' }
const LOGS = { Effect: 'Allow', Action: 's3:PutObject', NotResource: 'arn:aws:s3:::acme-logs/*' }
const ALL = { Effect: 'Allow', Action: '*', Resource: '*' }

function declaration(address: string, type: string, name: string, line: number, file = 'main.tf'): Fact {
  const seen = { id: `file:${file}#${address}`, type, name, path: '/', accountId: '' }
  return fact(iamDeclaration, `repo:./${file}`, { file, line }, seen)
}
const DECLARED = [
  declaration('aws_iam_role.app', 'role', 'app', 1),
  declaration('aws_iam_policy.all', 'policy', 'all', 27),
]

interface Live {
  readonly trust?: object
  readonly inline?: readonly object[]
  readonly all?: object
  readonly roles?: readonly string[]
}

/** An account as IAM tells of it: the role `app`, the policy `all`, further roles that are administrators. */
function account({ trust = TRUST, inline = [KEYS, LOGS], all = ALL, roles = [] }: Live = {}): Fact[] {
  const text = (...statements: object[]) => JSON.stringify({ Statement: statements })
  const app = {
    RoleName: 'app',
    Arn: arn('role/app'),
    Path: '/',
    AssumeRolePolicyDocument: text(trust),
    RolePolicyList: [{ PolicyName: 'app', PolicyDocument: text(...inline) }],
    AttachedManagedPolicies: [
      { PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3FullAccess' },
      { PolicyArn: arn('policy/all') },
    ],
  }
  const others = roles.map((path) => ({
    RoleName: path.split('/').at(-1) ?? '',
    Arn: arn(`role/${path}`),
    Path: `/${path.split('/').slice(0, -1).join('/')}`,
    AssumeRolePolicyDocument: text({ ...TRUST, Principal: { Service: 'ec2.amazonaws.com' } }),
    AttachedManagedPolicies: [{ PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }],
  }))
  const policies = [
    { Arn: arn('policy/all'), PolicyName: 'all', PolicyVersionList: [{ IsDefaultVersion: true, Document: text(all) }] },
  ]
  const authorization = { users: [], groups: [], roles: [app, ...others], policies }
  return [...authorizationFacts(authorization, SCOPE, (gap) => expect.fail(gap.detail))]
}

let files: Fact[]
let read: Fact[]
beforeAll(async () => {
  const { facts } = await collect(iamFilesScanner, { trees: [memoryTree({ 'main.tf': TERRAFORM })] })
  read = facts
  files = facts.filter((each) => !isFact(iamDeclaration, each))
})

const lines = (facts: readonly Fact[]) =>
  facts.flatMap((each) => ('resource' in each.at && each.at.declaredAt ? [each.at.declaredAt.line] : []))

describe('a live finding', () => {
  it('points at its line, and the file is not judged again', async () => {
    const { findings } = await judge([...files, ...DECLARED, ...account()], [])
    const shown = findings.map(({ rule, at }) => [rule.id, 'file' in at ? at : at.declaredAt?.line])
    expect(shown.filter(([id]) => !String(id).startsWith('iam/privilege-escalation')).sort()).toEqual([
      ['iam/allow-not-resource', 12],
      ['iam/broad-managed-policy', 16],
      ['iam/full-admin', 1],
      ['iam/public-trust', 4],
      ['iam/service-wildcard', 11],
    ])
  })

  it('is placed by what the reader of Terraform declares', async () => {
    const { findings, facts } = await judge([...read, ...account()], [])
    expect(findings.filter(({ at }) => 'file' in at)).toEqual([])
    expect(findings.every(({ at }) => 'resource' in at && at.declaredAt?.file === 'main.tf')).toBe(true)
    expect(facts.filter((each) => isFact(iamDrift, each))).toEqual([])
  })

  it('of something else leaves the finding of the file', async () => {
    const live = account({ inline: [KEYS], trust: { ...TRUST, Principal: { Service: 'ec2.amazonaws.com' } } })
    const { findings } = await judge([...files, ...DECLARED, ...live], [])
    const inFile = findings.flatMap(({ rule, at }) => ('file' in at ? [`${rule.id} ${at.line}`] : []))
    expect(inFile.sort()).toEqual(['iam/allow-not-resource 12', 'iam/public-trust 4'])
  })

  it('of another account than the files describe changes nothing', async () => {
    const foreign = [declaration('aws_iam_role.app', 'role', 'web', 1)]
    const { findings } = await judge([...files, ...foreign, ...account()], [])
    const alone = await judge(files, [])
    const inFile = findings.filter(({ at }) => 'file' in at).map(({ rule }) => rule.id)
    expect(inFile.sort()).toEqual(alone.findings.map(({ rule }) => rule.id).sort())
    expect(findings.filter(({ at }) => 'resource' in at && at.declaredAt)).toEqual([])
  })

  it('is not placed by guess where two declare the name', () => {
    const twice = [...DECLARED, declaration('aws_iam_role.app', 'role', 'app', 7, 'other/main.tf')]
    const live = account()
    // Only one of the two says what the account has.
    expect(lines(withDeclarations([...files, ...twice, ...live])).length).toBeGreaterThan(0)
    expect(lines(withDeclarations([...twice.slice(0, 1), ...twice.slice(2), ...live]))).toEqual([])
  })

  it.each([
    ['a placeholder', '${var.env}-app'],
    ['no name', ''],
    ['another name', 'app2'],
  ])('is not placed by %s', (_, name) => {
    const located = withDeclarations([declaration('aws_iam_role.app', 'role', name, 1), ...account()])
    expect(lines(located)).toEqual([])
  })

  it('is placed by path and account', () => {
    const elsewhere = { file: 'main.tf', line: 1 } satisfies FileLocation
    const seen = { id: 'file:main.tf#r', type: 'role', name: 'app', path: '/', accountId: '999999999999' }
    const other = fact(iamDeclaration, 'repo:./main.tf', elsewhere, seen)
    expect(lines(withDeclarations([other, ...account()]))).toEqual([])
    const path = fact(iamDeclaration, 'repo:./main.tf', elsewhere, { ...seen, accountId: ACCOUNT, path: '/team/' })
    expect(lines(withDeclarations([path, ...account()]))).toEqual([])
    const same = fact(iamDeclaration, 'repo:./main.tf', elsewhere, { ...seen, accountId: ACCOUNT, name: 'APP' })
    expect(lines(withDeclarations([same, ...account()])).length).toBeGreaterThan(0)
  })
})

describe('drift', () => {
  const user = fact(iamUser, SCOPE, { resource: arn('user/ann') }, {
    arn: arn('user/ann'),
    name: 'ann',
    accountId: ACCOUNT,
    mfa: UNKNOWN,
    mfaKinds: UNKNOWN,
    hasPassword: UNKNOWN,
    passwordLastUsedDays: UNKNOWN,
    createdDays: UNKNOWN,
  } as never)
  async function drift(facts: readonly Fact[], gaps: readonly Gap[] = []): Promise<string[]> {
    const judged = await judge(facts, gaps)
    const found = judged.facts.filter((each): each is Fact<typeof iamDrift> => isFact(iamDrift, each))
    return found.map(({ data }) => `${data.where} ${data.type} ${data.name} ${data.declaredPercent}`).sort()
  }

  it('is none where code and account agree', async () => {
    expect(await drift([...files, ...DECLARED, ...account()])).toEqual([])
  })

  it('tells what one of the two has alone', async () => {
    const more = declaration('aws_iam_user.bob', 'user', 'bob', 40)
    const facts = [...files, ...DECLARED, more, ...account({ roles: ['handmade'] }), user]
    expect(await drift(facts)).toEqual(['account role handmade 50', 'account user ann 50', 'code user bob 50'])
  })

  it('tells what differs', async () => {
    expect(
      await drift([...files, ...DECLARED, ...account({ trust: { ...TRUST, Principal: { AWS: '999999999999' } } })]),
    ).toEqual(['differs role app 100'])
  })

  it('is not told by a repository that declares nothing of the account', async () => {
    const foreign = [declaration('aws_iam_role.web', 'role', 'web', 1)]
    expect(await drift([...files, ...foreign, ...account({ roles: ['handmade'] })])).toEqual([])
  })

  it('leaves out what AWS makes', async () => {
    const roles = [
      'aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS',
      'aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef',
      'cdk-hnb659fds-deploy-role-123456789012-eu-west-1',
      'stacksets-exec-0123456789abcdef0123456789abcdef',
      'OrganizationAccountAccessRole',
    ]
    expect(await drift([...files, ...DECLARED, ...account({ roles })])).toEqual([])
  })

  it('does not call gone what was not told', async () => {
    const more = declaration('aws_iam_user.bob', 'user', 'bob', 40)
    const gap = {
      kind: 'iam.user',
      scope: SCOPE,
      class: 'fault',
      reason: 'access denied',
      detail: 'iam:ListUsers',
    } as const
    expect(await drift([...files, ...DECLARED, more, ...account()], [gap])).toEqual([])
  })

  it('leaves open what a nameless declaration may be', async () => {
    const nameless = declaration('aws_iam_role.x', 'role', '', 40)
    const { findings, undetermined, gaps } = await judge(
      [...files, ...DECLARED, nameless, ...account({ roles: ['handmade'] })],
      [],
    )
    expect(findings.map(({ rule }) => rule.id)).not.toContain('iam/undeclared-administrator')
    expect(undetermined.map(({ rule }) => rule.id)).toContain('iam/undeclared-administrator')
    expect(gaps.map(({ kind, reason }) => [kind, reason])).toContainEqual(['iam.drift', 'name known at run time only'])
  })

  it('makes a finding of an administrator that nobody declared', async () => {
    const { findings } = await judge([...files, ...DECLARED, ...account({ roles: ['handmade'] })], [])
    const found = findings.filter(({ rule }) => rule.id === 'iam/undeclared-administrator')
    expect(found.map(({ message }) => message)).toEqual([
      'role handmade is administrator through AdministratorAccess and is not declared in the code',
    ])
  })
})

it('reads the ARNs of things that IAM holds', () => {
  expect(readThing(arn('role/team/a/app'))).toMatchObject({
    type: 'role',
    path: '/team/a/',
    name: 'app',
    accountId: ACCOUNT,
  })
  expect(readThing('arn:aws-cn:iam::123456789012:user/ann')).toMatchObject({ type: 'user', path: '/', name: 'ann' })
  expect(readThing('arn:aws:iam::aws:policy/ReadOnlyAccess')).toBeUndefined()
  expect(readThing('arn:aws:s3:::bucket')).toBeUndefined()
})
