import { factKind } from '../model.ts'

const ACCOUNT = ['string', 'Account number; empty if not seen', '123456789012'] as const

/**
 * A resource with a policy of its own; its statements are facts of the kind iam.statement with this ARN as owner. Source:
 * GetBucketPolicy and what corresponds to it of SQS, SNS, KMS, Lambda, ECR and Secrets Manager.
 */
export const awsResourcePolicy = factKind({
  kind: 'aws.resource-policy',
  meaning: 'A resource of AWS that carries a policy of its own.',
  identity: ['arn'],
  fields: {
    arn: ['string', 'ARN of the resource', 'arn:aws:s3:::site'],
    name: ['string', 'How people call it', 'site'],
    service: ['string', 'Service as IAM spells it: s3, sqs, sns, kms, lambda, ecr or secretsmanager', 's3'],
    region: ['string', 'Region', 'eu-west-1'],
    accountId: ACCOUNT,
    publicAccessBlocked: [
      'bool',
      'Whether a setting beside the policy (S3’s RestrictPublicBuckets, of bucket or account) lets in nobody but its own account where the policy is public',
      false,
    ],
  },
})

/** An HTTPS address of a Lambda function. Source: Lambda GetFunctionUrlConfig; files. */
export const awsFunctionUrl = factKind({
  kind: 'aws.function-url',
  meaning: 'The HTTPS address of a Lambda function, live or declared in a file.',
  identity: ['arn'],
  fields: {
    arn: [
      'string',
      'ARN of the function, or for one in a file `file:PATH#ADDRESS`',
      'arn:aws:lambda:eu-west-1:123456789012:function:hook',
    ],
    functionName: ['string', 'Name of the function', 'hook'],
    authType: ['string', 'AWS_IAM, or NONE: anybody who may invoke it needs no signature', 'AWS_IAM'],
    accountId: ACCOUNT,
  },
})

/** Somebody outside whose word the account takes for who signs in. Source: IAM ListOpenIDConnectProviders, ListSAMLProviders. */
export const awsIdentityProvider = factKind({
  kind: 'aws.identity-provider',
  meaning: 'An OpenID Connect or SAML provider that an AWS account trusts.',
  identity: ['arn'],
  fields: {
    arn: [
      'string',
      'ARN of the provider',
      'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com',
    ],
    type: ['string', 'oidc or saml', 'oidc'],
    url: ['string', 'Host and path of an OpenID Connect issuer; empty for SAML', 'token.actions.githubusercontent.com'],
    clientIds: ['list<string>', 'Audiences that are accepted', ['sts.amazonaws.com']],
    accountId: ACCOUNT,
  },
})

/** A permission set of IAM Identity Center as it shows in an account: the role AWSReservedSSO_NAME_HASH. */
export const awsSsoPermissionSet = factKind({
  kind: 'aws.sso-permission-set',
  meaning: 'A permission set of IAM Identity Center in an account. Who signs in with it, and how, is known elsewhere.',
  identity: ['roleArn'],
  fields: {
    name: ['string', 'Name of the permission set', 'AdministratorAccess'],
    roleArn: [
      'string',
      'ARN of its role',
      'arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_AdministratorAccess_0123456789abcdef',
    ],
    accountId: ACCOUNT,
    mfa: ['string', 'enabled or disabled: whether its people need MFA; an account does not tell', 'enabled'],
  },
})
