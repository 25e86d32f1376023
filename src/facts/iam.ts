import { factKind } from '../model.ts'

/** An IAM user. Source: IAM ListUsers, ListMFADevices, the credential report, GetLoginProfile. */
export const iamUser = factKind({
  kind: 'iam.user',
  meaning: 'An IAM user of an AWS account.',
  identity: ['arn'],
  fields: {
    arn: ['string', 'ARN of the user', 'arn:aws:iam::123456789012:user/ann'],
    name: ['string', 'User name', 'ann'],
    accountId: ['string', 'Account number', '123456789012'],
    mfa: ['string', 'enabled or disabled: whether the user has an MFA device', 'enabled'],
    mfaKinds: ['list<string>', 'Kinds of its MFA devices: webauthn, virtual, hardware, sms', ['virtual']],
    hasPassword: ['bool', 'Whether the user can sign in to the console', false],
    passwordLastUsedDays: ['int', 'Days since the password was used; -1 if never', -1],
    createdDays: ['int', 'Days since the user was created', 100],
    reportHours: [
      'int',
      'Age in hours of the credential report that told of MFA or password, up to 4; -1 if AWS was asked itself',
      -1,
    ],
  },
})

/** A long-term access key of a user. Source: IAM ListAccessKeys, GetAccessKeyLastUsed. */
export const iamAccessKey = factKind({
  kind: 'iam.access-key',
  meaning: 'A long-term access key of an IAM user.',
  identity: ['id'],
  fields: {
    id: ['string', 'Access key id', 'AKIA0000000000SAMPLE'],
    userArn: ['string', 'ARN of the user that it belongs to', 'arn:aws:iam::123456789012:user/ann'],
    userName: ['string', 'Name of that user', 'ann'],
    status: ['string', 'Active or Inactive', 'Active'],
    ageDays: ['int', 'Days since it was created', 10],
    lastUsedDays: ['int', 'Days since it was last used; -1 if never', 1],
  },
})

/** A role. Source: IAM ListRoles, GetRole; files. */
export const iamRole = factKind({
  kind: 'iam.role',
  meaning: 'An IAM role, live or declared in a file.',
  identity: ['arn'],
  fields: {
    arn: ['string', 'ARN, or for a role in a file `file:PATH#ADDRESS`', 'arn:aws:iam::123456789012:role/app'],
    name: ['string', 'Role name', 'app'],
    accountId: ['string', 'Account number; empty in files where it is not written', '123456789012'],
    path: ['string', 'IAM path', '/'],
    serviceLinked: ['bool', 'Whether AWS manages it (path /aws-service-role/)', false],
    lastUsedDays: ['int', 'Days since it was last assumed; -1 if not within the tracking period of 400 days', 1],
    createdDays: ['int', 'Days since it was created', 100],
  },
})

/**
 * One statement of one policy document, as written. Identity: the document and a canonical hash of the statement, so that
 * moving statements about changes nothing. What only a run would know stands as a placeholder, `${var.name}`, see
 * iam-placeholder.ts. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export const iamStatement = factKind({
  kind: 'iam.statement',
  meaning: 'One statement of an AWS policy document, as written.',
  identity: ['policy', 'hash'],
  fields: {
    policy: [
      'string',
      'The document: an ARN, `ARN#inline/NAME`, or `file:PATH#ADDRESS` (address: Terraform block, JSON pointer)',
      'arn:aws:iam::123456789012:policy/p',
    ],
    policyName: ['string', 'How people call the document', 'p'],
    policyKind: [
      'string',
      'identity, trust, resource, or control: it grants nothing and limits others (service control policies, endpoints)',
      'identity',
    ],
    managedBy: ['string', 'customer, aws or inline; file for documents in files', 'customer'],
    hash: ['string', 'SHA-256 of the canonical statement, first 16 hexadecimal digits', '0123456789abcdef'],
    sid: ['string', 'Statement id; empty if none', ''],
    effect: ['string', 'Allow or Deny', 'Allow'],
    actions: ['list<string>', 'Action, as written', []],
    notActions: ['list<string>', 'NotAction, as written', []],
    resources: ['list<string>', 'Resource, as written', []],
    notResources: ['list<string>', 'NotResource, as written', []],
    principals: [
      'list<string>',
      'Principal as TYPE:VALUE (AWS:*, Service:ec2.amazonaws.com, Federated:…, CanonicalUser:…)',
      [],
    ],
    notPrincipals: ['list<string>', 'NotPrincipal, the same way', []],
    conditions: [
      'list<string>',
      'Condition as OPERATOR|KEY|VALUE, one for each value, operator and key as written',
      [],
    ],
    accountId: ['string', 'Account that owns the document; empty if not seen', '123456789012'],
    owner: [
      'string',
      'What carries the document: the role of a trust policy, the resource of a resource policy; empty if not seen',
      '',
    ],
    unattached: ['bool', 'Whether it stands in a file, and nothing in the files that were read makes use of it', false],
  },
})

/** That a policy document applies to a principal. */
export const iamAttachment = factKind({
  kind: 'iam.attachment',
  meaning: 'That a policy document applies to a user, group or role.',
  identity: ['policy', 'principalArn'],
  fields: {
    policy: [
      'string',
      'The document, as in iam.statement; for AWS managed policies their ARN',
      'arn:aws:iam::123456789012:policy/p',
    ],
    policyName: ['string', 'How people call the document', 'p'],
    principalArn: ['string', 'ARN of the user or role', 'arn:aws:iam::123456789012:user/ann'],
    principalName: ['string', 'How people call the user, role or group', 'ann'],
    principalKind: ['string', 'user, role or group', 'user'],
    via: ['string', 'direct, inline, or the group’s ARN', 'direct'],
    boundary: ['bool', 'Whether the document is the permissions boundary, which grants nothing and limits all', false],
  },
})

/** A long-term key that a workload is given in configuration. Source: Terraform `aws_iam_access_key`, provider and backend blocks; CloudFormation, Pulumi. */
export const iamKeyDeclaration = factKind({
  kind: 'iam.key-declaration',
  meaning: 'A long-term AWS access key that configuration creates or uses.',
  identity: ['path', 'address'],
  fields: {
    path: ['string', 'The file', 'main.tf'],
    address: ['string', 'The block that declares it', 'aws_iam_access_key.ci'],
    user: ['string', 'The user that it belongs to, a name or a block’s address; empty if not written', 'ci'],
    usage: ['string', 'resource, provider, backend, or environment (of a workload)', 'resource'],
  },
})

/** Derived: what one principal is granted in effect, Deny and boundary applied. One that makes nobody administrator has no fact. */
export const iamGrant = factKind({
  kind: 'iam.grant',
  meaning: 'An Allow statement that makes a principal administrator, after Deny and permissions boundary.',
  identity: ['principalArn', 'policy', 'hash'],
  derivedFrom: ['iam.statement', 'iam.attachment'],
  fields: {
    principalArn: ['string', 'ARN of the user or role', 'arn:aws:iam::123456789012:user/ann'],
    principalKind: ['string', 'user or role', 'user'],
    policy: ['string', 'The document that grants it', 'arn:aws:iam::123456789012:policy/p'],
    policyName: ['string', 'How people call the document', 'p'],
    via: ['string', 'direct, inline, or the group’s ARN', 'direct'],
    hash: ['string', 'Hash of the statement', '0123456789abcdef'],
    admin: ['bool', 'Whether everything is granted, or everything but what it can give back to itself', false],
    assumptions: [
      'list<string>',
      'What the judgement rests on that this run does not see (service control policies, …)',
      [],
    ],
  },
})
