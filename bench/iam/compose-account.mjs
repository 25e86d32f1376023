// Fills an account of a moto server with users, groups, roles and policies that differ, as an account that has grown does.
import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateLoginProfileCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'

const ACCOUNT = 'arn:aws:iam::123456789012'
const SERVICES = [
  ...['s3', 'ec2', 'lambda', 'dynamodb', 'sqs', 'sns', 'ecs', 'ecr', 'rds', 'glue', 'athena', 'kinesis', 'firehose'],
  ...['cloudwatch', 'logs', 'events', 'states', 'ssm', 'secretsmanager', 'kms', 'elasticache', 'redshift', 'batch'],
  ...['codebuild', 'codepipeline', 'cloudformation', 'autoscaling', 'elasticloadbalancing', 'route53', 'apigateway'],
  ...['cognito-idp', 'iam', 'sagemaker', 'bedrock', 'eks', 'backup', 'config', 'guardduty', 'wafv2', 'transfer'],
]

/** Makes it; `at` calls at a time. Resolves to the number of calls. */
export async function fillAccount(endpoint, { users, policies, roles }, at = 16) {
  const iam = new IAMClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    maxAttempts: 5,
  })
  const groups = Math.max(1, Math.ceil(users / 50))
  let calls = 0
  const each = (count, make) =>
    inParallel(count, at, async (i) => {
      for (const command of make(i)) {
        await iam.send(command)
        calls++
      }
    })
  await each(policies, (i) => [
    new CreatePolicyCommand({ PolicyName: `policy-${i}`, PolicyDocument: JSON.stringify(document(i)) }),
  ])
  await each(groups, (i) => [
    new CreateGroupCommand({ GroupName: `group-${i}` }),
    new AttachGroupPolicyCommand({ GroupName: `group-${i}`, PolicyArn: policyArn(i * 7, policies) }),
  ])
  await each(users, (i) => userCommands(i, groups, policies))
  await each(roles, (i) => [
    new CreateRoleCommand({ RoleName: `role-${i}`, AssumeRolePolicyDocument: JSON.stringify(trust(i)) }),
    new AttachRolePolicyCommand({ RoleName: `role-${i}`, PolicyArn: policyArn(i * 3, policies) }),
    new AttachRolePolicyCommand({ RoleName: `role-${i}`, PolicyArn: policyArn(i * 3 + 1, policies) }),
  ])
  iam.destroy()
  return calls
}

/** One in three has a password, every second one a key, every tenth a policy of its own. */
function userCommands(i, groups, policies) {
  const UserName = `user-${i}`
  const commands = [
    new CreateUserCommand({ UserName }),
    new AddUserToGroupCommand({ UserName, GroupName: `group-${i % groups}` }),
    new AttachUserPolicyCommand({ UserName, PolicyArn: policyArn(i, policies) }),
  ]
  if (i % 3 === 0) commands.push(new CreateLoginProfileCommand({ UserName, Password: `Composed-${i}-!x` }))
  if (i % 2 === 0) commands.push(new CreateAccessKeyCommand({ UserName }))
  if (i % 10 === 0)
    commands.push(
      new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument: JSON.stringify(document(i + 13)) }),
    )
  return commands
}

function policyArn(i, policies) {
  return `${ACCOUNT}:policy/policy-${i % policies}`
}

/** Some read, some write on what they name, one in twelve allows a whole service, one in forty may pass roles. */
function document(i) {
  const service = (n) => SERVICES[(i * 5 + n) % SERVICES.length]
  const statements = [1, 2, 3, 4].map((n) => ({
    Sid: `Reads${n}`,
    Effect: 'Allow',
    Action: [`${service(n)}:Describe*`, `${service(n)}:List*`, `${service(n)}:Get*`],
    Resource: '*',
  }))
  statements.push({
    Sid: 'Writes',
    Effect: 'Allow',
    Action: ['s3:PutObject', 's3:DeleteObject', 'dynamodb:PutItem', 'sqs:SendMessage', 'sns:Publish'],
    Resource: [
      `arn:aws:s3:::bucket-${i}/*`,
      `arn:aws:dynamodb:*:123456789012:table/table-${i}`,
      `arn:aws:sqs:*:123456789012:queue-${i}`,
      `arn:aws:sns:*:123456789012:topic-${i}`,
    ],
  })
  if (i % 12 === 0) statements.push({ Sid: 'All', Effect: 'Allow', Action: `${service(7)}:*`, Resource: '*' })
  if (i % 40 === 0)
    statements.push({ Sid: 'Pass', Effect: 'Allow', Action: ['iam:PassRole', 'lambda:*'], Resource: '*' })
  if (i % 15 === 0)
    statements.push({
      Sid: 'Mfa',
      Effect: 'Deny',
      Action: 'iam:*',
      Resource: '*',
      Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
    })
  return { Version: '2012-10-17', Statement: statements }
}

/** One in four may be assumed from the account itself, the others by a service. */
function trust(i) {
  const Principal = i % 4 === 0 ? { AWS: `${ACCOUNT}:root` } : { Service: `${SERVICES[i % 20]}.amazonaws.com` }
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }] }
}

async function inParallel(count, at, work) {
  let next = 0
  const worker = async () => {
    for (let i = next++; i < count; i = next++) await work(i)
  }
  await Promise.all(Array.from({ length: at }, worker))
}
