import { describe, expect, it } from 'vitest'
import { iamAttachment, iamKeyDeclaration, iamRole, iamStatement } from '../../../src/facts/iam.ts'
import { iamDeclaration } from '../../../src/facts/iam-declaration.ts'
import { iamFilesScanner } from '../../../src/scanners/iam/files.ts'
import { collect, memoryTree } from '../../support/context.ts'
import { judgeFiles } from './judge.ts'

const scan = (text: string, path = 'stack.yaml') => collect(iamFilesScanner, { trees: [memoryTree({ [path]: text })] })
const policy = (statement: string, rest = '') => `${rest}
Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          ${statement}
  Bucket: {Type: 'AWS::S3::Bucket'}
  Topic: {Type: 'AWS::SNS::Topic'}
`
const resourcesOf = async (value: string, rest = '') => {
  const { of, gaps } = await scan(policy(`- {Effect: Allow, Action: 's3:GetObject', Resource: ${value}}`, rest))
  return {
    resources: of(iamStatement)[0]?.data.resources,
    gaps: gaps.map((gap) => [gap.class, gap.reason, gap.fields]),
  }
}

describe('lines and columns', () => {
  it('of statements in block and flow style, behind anchors and in a text', async () => {
    const { of, gaps } = await scan(`Resources:
  A:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: 2012-10-17
        Statement: &shared
          - Sid: One
            Effect: Allow
            Action: 's3:GetObject'
            Resource: arn:aws:s3:::b/*

          - {Effect: Deny, Action: 'iam:*', Resource: '*'}
  B:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: *shared}
  C:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: !Sub |
        { "Statement": [
            { "Effect": "Allow",
              "Action": "s3:PutObject",
              "Resource": "arn:\${AWS::Partition}:s3:::\${Bucket}/*" }
        ] }
  Bucket: {Type: 'AWS::S3::Bucket'}
`)
    expect(gaps).toEqual([])
    expect(of(iamStatement).map(({ at, data }) => [data.policy, at])).toEqual([
      ['file:stack.yaml#/Resources/A', { file: 'stack.yaml', line: 8, column: 13, endLine: 11, endColumn: 39 }],
      ['file:stack.yaml#/Resources/A', { file: 'stack.yaml', line: 13, column: 13, endLine: 13, endColumn: 59 }],
      ['file:stack.yaml#/Resources/B', { file: 'stack.yaml', line: 8, column: 13, endLine: 11, endColumn: 39 }],
      ['file:stack.yaml#/Resources/B', { file: 'stack.yaml', line: 13, column: 13, endLine: 13, endColumn: 59 }],
      ['file:stack.yaml#/Resources/C', { file: 'stack.yaml', line: 23, column: 13, endLine: 25, endColumn: 69 }],
    ])
    expect(of(iamStatement).at(-1)?.data.resources).toEqual(['arn:aws:s3:::${Bucket.Ref}/*'])
  })
})

describe('functions', () => {
  it.each([
    ['!GetAtt Bucket.Arn', ['${Bucket.Arn}']],
    ['{"Fn::GetAtt": [Bucket, Arn]}', ['${Bucket.Arn}']],
    ['!Ref Topic', ['${Topic.Ref}']],
    ['!Sub "${Bucket.Arn}/${!aws:username}/*"', ['${Bucket.Arn}/${aws:username}/*']],
    ['!Sub ["${A}/${B}", {A: !GetAtt Bucket.Arn, B: x}]', ['${Bucket.Arn}/x']],
    ['!Join ["", ["arn:", !Ref "AWS::Partition", ":s3:::b"]]', ['arn:aws:s3:::b']],
    ['!Select [1, [a, "arn:aws:s3:::c"]]', ['arn:aws:s3:::c']],
    ['!Split [",", "arn:aws:s3:::d,arn:aws:s3:::e"]', ['arn:aws:s3:::d', 'arn:aws:s3:::e']],
    ['!Sub "arn:aws:s3:::b-${AWS::AccountId}"', ['arn:aws:s3:::b-${AWS::AccountId}']],
    ['[!Ref "AWS::NoValue", "arn:aws:s3:::f"]', ['arn:aws:s3:::f']],
  ])('%s', async (value, resources) => {
    expect(await resourcesOf(value)).toEqual({ resources, gaps: [] })
  })

  const PARAMETERS = `
Parameters:
  Known: {Type: String, Default: 'arn:aws:s3:::known'}
  Listed: {Type: CommaDelimitedList, Default: 'arn:aws:s3:::a, arn:aws:s3:::b'}
  Open: {Type: String}
  Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /path}
  Stage: {Type: String, Default: prod}
Mappings:
  Stages: {prod: {bucket: 'arn:aws:s3:::prod'}, dev: {bucket: 'arn:aws:s3:::dev'}}
  Regions: {eu-west-1: {elb: '1'}, us-east-1: {elb: '2'}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !And [!Not [!Condition IsProd], !Condition Unclear]
  Unclear: !Equals [!Ref Open, x]
  Elsewhere: !Equals [!Ref 'AWS::Partition', aws-cn]
`
  it.each([
    ['!Ref Known', ['arn:aws:s3:::known']],
    ['!Ref Listed', ['arn:aws:s3:::a', 'arn:aws:s3:::b']],
    ['!FindInMap [Stages, !Ref Stage, bucket]', ['arn:aws:s3:::prod']],
    ['!FindInMap [Regions, !Ref "AWS::Region", elb]', ['${Regions.Value}']],
    ['!If [IsProd, "arn:aws:s3:::yes", "*"]', ['arn:aws:s3:::yes']],
    ['!If [IsDev, "*", "arn:aws:s3:::no"]', ['arn:aws:s3:::no']],
    ['!Sub "arn:aws:s3:::${Open}/*"', ['arn:aws:s3:::${Open}/*']],
  ])('%s, as far as the template tells', async (value, resources) => {
    expect(await resourcesOf(value, PARAMETERS)).toEqual({ resources, gaps: [] })
  })

  it.each([
    ['!Ref Open', 'parameter without default'],
    ['!Split [",", !Ref Open]', 'parameter without default'],
    ['!Ref Stored', 'parameter without default'],
    ['!If [Unclear, "*", "arn:aws:s3:::no"]', 'value known at run time only'],
    ['!If [Elsewhere, "*", "arn:aws:s3:::no"]', 'value known at run time only'],
    ['!ImportValue other', 'value known at run time only'],
    ['"{{resolve:ssm:/b}}"', 'value known at run time only'],
    ['{"Fn::Transform": {Name: M}}', 'value known at run time only'],
  ])('%s is a gap, and neither finding nor pass', async (value, reason) => {
    expect((await resourcesOf(value, PARAMETERS)).gaps).toEqual([['limit', reason, ['resources']]])
    const statement = `- {Effect: Allow, Action: '*', Resource: ${value}}`
    const { fired, undetermined } = await judgeFiles({ 's.yaml': policy(statement, PARAMETERS) })
    expect(fired).not.toContain('iam/full-admin')
    expect(undetermined.map(({ rule }) => rule.id)).toContain('iam/full-admin')
  })

  it('leave it open whether a statement is there that a condition adds', async () => {
    const added = policy(
      '- !If [Unclear, {Effect: Allow, Action: "*", Resource: "*"}, !Ref "AWS::NoValue"]',
      PARAMETERS,
    )
    const { of, gaps } = await scan(added)
    expect(of(iamStatement).map(({ unknown, at }) => [unknown, 'line' in at && at.line])).toEqual([[['effect'], 23]])
    expect(gaps).toMatchObject([{ class: 'limit', fields: ['effect'] }])
    expect((await judgeFiles({ 's.yaml': added })).fired).toEqual([])
    const known = policy('- !If [IsProd, {Effect: Allow, Action: "*", Resource: "*"}, !Ref "AWS::NoValue"]', PARAMETERS)
    expect((await judgeFiles({ 's.yaml': known })).fired).toContain('iam/full-admin')
  })

  it('take the condition of a resource as given within it', async () => {
    const { of } = await scan(`${PARAMETERS}
Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Condition: Unclear
    Properties:
      PolicyDocument:
        Statement: {Effect: Allow, Action: !If [Unclear, 's3:GetObject', '*'], Resource: '*'}
`)
    expect(of(iamStatement)[0]?.data.actions).toEqual(['s3:GetObject'])
  })
})

describe('principals', () => {
  const TEXT = `
Parameters:
  Who: {Type: String}
Resources:
  App:
    Type: AWS::IAM::Role
    Properties:
      RoleName: app
      Path: /x/
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}]
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/ReadOnlyAccess
        - !Ref Own
        - !Sub 'arn:\${AWS::Partition}:iam::\${AWS::AccountId}:policy/own-name'
      PermissionsBoundary: !Ref Limit
      Policies:
        - PolicyName: inline
          PolicyDocument:
            Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: '*'}]
  Own:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: own-name
      Groups: [!Ref Team]
      PolicyDocument: {Statement: [{Effect: Allow, Action: 's3:List*', Resource: '*'}]}
  Limit:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}
  Team: {Type: 'AWS::IAM::Group'}
  Ann:
    Type: AWS::IAM::User
    Properties: {Groups: [!Ref Team], LoginProfile: {Password: x}}
  Bob: {Type: 'AWS::IAM::User', Properties: {UserName: bob}}
  More:
    Type: AWS::IAM::UserToGroupAddition
    Properties: {GroupName: !Ref Team, Users: [!Ref Bob, carl]}
  Extra:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: extra
      Roles: [!Ref App, other, !Ref Who]
      PolicyDocument: {Statement: [{Effect: Allow, Action: 'sqs:*', Resource: '*'}]}
  Alone:
    Type: AWS::IAM::RolePolicy
    Properties:
      PolicyName: alone
      RoleName: app
      PolicyDocument: {Statement: [{Effect: Allow, Action: 'sns:*', Resource: '*'}]}
  Key:
    Type: AWS::IAM::AccessKey
    Properties: {UserName: !Ref Bob}
`
  const id = (name: string) => `file:stack.yaml#/Resources/${name}`

  it('hold what they name and what names them, through groups, too', async () => {
    const { of } = await scan(TEXT)
    const links = of(iamAttachment).map(({ data }) => [data.policy, data.principalArn, data.via, data.boundary])
    expect(links.filter(([, principal]) => principal === id('App'))).toEqual([
      ['arn:aws:iam::aws:policy/ReadOnlyAccess', id('App'), 'direct', false],
      [id('Own'), id('App'), 'direct', false],
      [id('Own'), id('App'), 'direct', false],
      [id('Limit'), id('App'), 'direct', true],
      [`${id('App')}/Properties/Policies/inline`, id('App'), 'inline', false],
      [id('Extra'), id('App'), 'inline', false],
      [id('Alone'), id('App'), 'inline', false],
    ])
    expect(links.filter(([policy]) => policy === id('Own')).slice(2)).toEqual([
      [id('Own'), id('Team'), 'direct', false],
      [id('Own'), id('Ann'), id('Team'), false],
      [id('Own'), id('Bob'), id('Team'), false],
      [id('Own'), 'file:stack.yaml#user/carl', id('Team'), false],
    ])
    const documents = new Set(of(iamStatement).map(({ data }) => data.policy))
    expect(links.filter(([policy]) => `${policy}`.startsWith('file:') && !documents.has(`${policy}`))).toEqual([])
  })

  it('are declared, with the names that they have in the account', async () => {
    const { of, gaps } = await scan(TEXT)
    expect(of(iamDeclaration).map(({ data }) => [data.id, data.type, data.name, data.path])).toEqual([
      [id('App'), 'role', 'app', '/x/'],
      [id('Own'), 'policy', 'own-name', '/'],
      [id('Limit'), 'policy', '', '/'],
      [id('Team'), 'group', '', '/'],
      [id('Ann'), 'user', '', '/'],
      [id('Bob'), 'user', 'bob', '/'],
      [id('Extra'), 'policy', 'extra', '/'],
      [id('Alone'), 'policy', 'alone', '/'],
    ])
    expect(of(iamRole).map(({ data, at }) => [data.arn, data.name, 'line' in at && at.line])).toEqual([
      [id('App'), 'app', 6],
    ])
    expect(of(iamKeyDeclaration).map(({ data }) => [data.address, data.user, data.usage])).toEqual([
      ['/Resources/Key', 'Bob', 'resource'],
    ])
    expect(gaps.map((gap) => [gap.kind, gap.reason, gap.detail])).toEqual([
      [
        'iam.attachment',
        'parameter without default',
        'stack.yaml:43: ${Who}, the role that Extra is attached to, is not in the template',
      ],
    ])
  })

  it('say so where a policy or a group is not in the template', async () => {
    const { of, gaps } = await scan(`
Parameters: {Arn: {Type: String}, Doc: {Type: Json}}
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: [!Ref Arn]
      Policies: [{PolicyName: p, PolicyDocument: !Ref Doc}]
  U: {Type: 'AWS::IAM::User', Properties: {Groups: [admins]}}
`)
    expect(of(iamAttachment)).toEqual([])
    expect(gaps.map((gap) => [gap.kind, gap.class, gap.reason, gap.detail.split(':')[1]])).toEqual([
      ['iam.statement', 'limit', 'parameter without default', '8'],
      ['iam.attachment', 'limit', 'parameter without default', '7'],
      ['iam.attachment', 'limit', 'group not in the tree', '9'],
    ])
  })

  it('of permission sets are roles that people get', async () => {
    const { findings } = await judgeFiles({
      'sso.yaml': `
Resources:
  Admins:
    Type: AWS::SSO::PermissionSet
    Properties:
      Name: Admins
      ManagedPolicies: [arn:aws:iam::aws:policy/AdministratorAccess]
      InlinePolicy: {Statement: [{Effect: Allow, Action: 'iam:*', Resource: '*'}]}
`,
    })
    const admin = findings.find(({ rule }) => rule.id === 'iam/full-admin')
    expect([admin?.severity, admin?.message]).toEqual(['medium', expect.stringContaining('AWSReservedSSO_Admins')])
    expect(findings.map(({ rule }) => rule.id)).toContain('iam/service-wildcard')
  })
})

describe('policies of resources', () => {
  it('name what they hang on', async () => {
    const open = "{Statement: [{Effect: Allow, Principal: '*', Action: '*', Resource: '*'}]}"
    const { of } = await scan(`
Resources:
  Bucket: {Type: 'AWS::S3::Bucket'}
  A: {Type: 'AWS::S3::BucketPolicy', Properties: {Bucket: !Ref Bucket, PolicyDocument: ${open}}}
  B: {Type: 'AWS::S3::BucketPolicy', Properties: {Bucket: named, PolicyDocument: ${open}}}
  C: {Type: 'AWS::KMS::Key', Properties: {KeyPolicy: ${open}}}
  D: {Type: 'AWS::SQS::QueuePolicy', Properties: {Queues: ['https://sqs/q'], PolicyDocument: ${open}}}
  E: {Type: 'AWS::ECR::Repository', Properties: {RepositoryPolicyText: ${open}}}
  F: {Type: 'AWS::SecretsManager::ResourcePolicy', Properties: {SecretId: !Ref S, ResourcePolicy: ${open}}}
  S: {Type: 'AWS::SecretsManager::Secret'}
  G: {Type: 'AWS::EC2::VPCEndpoint', Properties: {PolicyDocument: ${open}}}
  H:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !GetAtt Fn.Arn, Action: lambda:InvokeFunction, Principal: '*', PrincipalOrgID: o-1}
  Fn: {Type: 'AWS::Lambda::Function'}
`)
    const owner = (name: string) => `file:stack.yaml#/Resources/${name}`
    expect(of(iamStatement).map(({ data }) => [data.policyName, data.policyKind, data.owner])).toEqual([
      ['A', 'resource', owner('Bucket')],
      ['B', 'resource', 'arn:aws:s3:::named'],
      ['C', 'resource', owner('C')],
      ['D', 'resource', 'https://sqs/q'],
      ['E', 'resource', owner('E')],
      ['F', 'resource', owner('S')],
      ['G', 'control', ''],
      ['H', 'resource', owner('Fn')],
    ])
    expect(of(iamStatement).at(-1)?.data).toMatchObject({
      principals: ['AWS:*'],
      actions: ['lambda:InvokeFunction'],
      resources: ['${Fn.Arn}'],
      conditions: ['StringEquals|aws:PrincipalOrgID|o-1'],
    })
  })
})

describe('which files', () => {
  const RESOURCE =
    "{Type: 'AWS::IAM::ManagedPolicy', Properties: {PolicyDocument: {Statement: {Effect: Allow, Action: '*', Resource: '*'}}}}"

  it('are read: YAML and JSON under any usual name, parts of templates, nested templates by themselves', async () => {
    const { facts } = await collect(iamFilesScanner, {
      trees: [
        memoryTree({
          'a.yml': `Resources: {P: ${RESOURCE}}`,
          'b.template': `Resources: {P: ${RESOURCE}}`,
          'cdk.out/App.template.json': JSON.stringify({
            Resources: {
              P: {
                Type: 'AWS::IAM::Policy',
                Properties: { PolicyDocument: { Statement: { Effect: 'Allow', Action: '*' } } },
              },
            },
          }),
          'parts/policy.yml': RESOURCE,
          'parts/all.yml': `P: ${RESOURCE}`,
        }),
      ],
    })
    const statements = facts.filter(({ kind }) => kind === 'iam.statement')
    expect(statements.map(({ data }) => data.policy)).toEqual([
      'file:a.yml#/Resources/P',
      'file:b.template#/Resources/P',
      'file:cdk.out/App.template.json#/Resources/P',
      'file:parts/policy.yml#/Resources/policy',
      'file:parts/all.yml#/Resources/P',
    ])
  })

  it('are not: what the CDK notes beside its templates, workflows, manifests', async () => {
    const statement = { Effect: 'Allow', Action: '*', Resource: '*' }
    const { facts, gaps } = await collect(iamFilesScanner, {
      trees: [
        memoryTree({
          'cdk.out/tree.json': JSON.stringify({
            version: 'tree-0.1',
            tree: { policyDocument: { Statement: [statement] } },
          }),
          'cdk.out/App.assets.json': '{"version": "36.0.0", "files": {"x": {"source": {"path": "App.template.json"}}}}',
          'cdk.out/manifest.json': '{"version": "36.0.0", "artifacts": {"App": {"type": "aws:cloudformation:stack"}}}',
          '.github/workflows/ci.yml':
            'on: push\njobs:\n  a:\n    steps:\n      - run: echo "Statement Effect Action"\n',
          'k8s.yaml': 'kind: Pod\nspec:\n  tolerations: [{effect: NoSchedule, key: Statement, Action: x}]\n',
          'broken.yaml': 'kind: [Pod\n',
          'chart.yaml': '{{- if .Values.x }}\nStatement: Effect Action\n{{- end }}\n  a: b\n c: d\n',
        }),
      ],
    })
    expect([facts, gaps]).toEqual([[], []])
  })

  it('that are broken or templates are gaps if they hold policies', async () => {
    const text =
      'Resources:\n  P:\n    Type: AWS::IAM::Policy\n    Properties:\n      PolicyDocument: {Statement: [\n  bad: : x\n'
    expect((await scan(text)).gaps).toMatchObject([
      {
        class: 'fault',
        reason: 'YAML syntax error',
        detail: expect.stringMatching(/^stack\.yaml:\d+: holds policies but/),
      },
    ])
    const jinja = 'Statement:\n{% for a in b %}\n  - Effect: Allow\n    Action: {{ a }}\n{% endfor %}\n'
    expect((await scan(jinja)).gaps).toMatchObject([{ class: 'limit', reason: 'template' }])
  })

  it('with macros are gaps as far as nobody sees what these make', async () => {
    const own = (await scan(`Transform: [Mine, AWS::Serverless-2016-10-31]\nResources: {P: ${RESOURCE}}`)).gaps
    expect(own).toMatchObject([{ class: 'limit', reason: 'template macro', detail: expect.stringContaining('Mine') }])
    expect((await scan(`Transform: AWS::Serverless-2016-10-31\nResources: {P: ${RESOURCE}}`)).gaps).toEqual([])
  })
})

it('says that it does not judge what other parameters would bring in', async () => {
  const { of, gaps } = await scan(
    policy(
      `!If [Open, [{Effect: Allow, Principal: '*', Action: '*', Resource: '*'}], {Effect: Deny, Action: '*', Resource: '*'}]`,
      'Parameters: {Access: {Default: private}}\nConditions: {Open: !Equals [!Ref Access, public]}',
    ),
  )
  expect(of(iamStatement).map(({ data }) => data.effect)).toEqual(['Deny'])
  expect(gaps).toMatchObject([
    { class: 'limit', reason: 'left out by default', detail: expect.stringContaining('(Open)') },
  ])
})

it('knows that ids of things and plain choices are no patterns', async () => {
  const parameters =
    "\nParameters: {A: {Type: 'AWS::EC2::VPCEndpoint::Id'}, B: {Type: String, AllowedValues: [x, y]}, C: {Type: String, AllowedValues: [x, '*']}}"
  expect((await resourcesOf('!Ref A', parameters)).gaps).toEqual([])
  expect((await resourcesOf('!Ref B', parameters)).gaps).toEqual([])
  expect((await resourcesOf('!Ref C', parameters)).gaps).toHaveLength(1)
})

it('stays small on lists, texts and conditions that multiply', async () => {
  const conditions = Array.from({ length: 60 }, (_, i) => `  C${i}: !And [!Condition C${i + 1}, !Condition C${i + 1}]`)
  const list = Array(3000).fill('x').join(',')
  const { of, gaps } = await scan(`Parameters:
  L: {Type: CommaDelimitedList, Default: '${list}'}
  T: {Type: String, Default: '${'y'.repeat(4000)}'}
Conditions:
${conditions.join('\n')}
Resources:
  P:
    Type: AWS::IAM::Policy
    Properties:
      PolicyDocument:
        Statement:
          Effect: Allow
          Action: !If [C0, a, b]
          NotAction: [${'!Ref L, '.repeat(3000)}]
          Resource: !Sub '${'${T}'.repeat(3000)}'
`)
  expect(of(iamStatement)[0]?.data.notActions?.length).toBeLessThan(210_000)
  expect(of(iamStatement)[0]?.data.resources?.[0]?.length).toBeLessThan(220_000)
  expect(gaps).toMatchObject([{ class: 'limit', fields: ['actions', 'notActions'] }])
})
