import { factKind } from '../model.ts'

/** A directory of users of one's own applications. Source: Terraform and CloudFormation. */
export const mfaUserPool = factKind({
  kind: 'mfa.user-pool',
  meaning: 'A user directory that configuration declares, and whether it asks its users for a second factor.',
  identity: ['id'],
  fields: {
    id: ['string', '`file:PATH#ADDRESS`', 'file:main.tf#aws_cognito_user_pool.app'],
    name: ['string', 'How people call it', 'app'],
    provider: ['string', 'The identity provider: Amazon Cognito, Auth0, Okta', 'Amazon Cognito'],
    mfa: ['string', 'off; optional: users may choose; required', 'required'],
  },
})

/** A Cognito identity pool, which gives users of an application AWS credentials. Source: Terraform and CloudFormation. */
export const awsIdentityPool = factKind({
  kind: 'aws.identity-pool',
  meaning: 'A Cognito identity pool, and what it gives to those who do not sign in.',
  identity: ['id'],
  fields: {
    id: ['string', '`file:PATH#ADDRESS`', 'file:main.tf#aws_cognito_identity_pool.app'],
    name: ['string', 'How people call it', 'app'],
    allowsUnauthenticated: ['bool', 'Whether it gives identities to those who do not sign in', false],
    unauthenticatedRole: ['string', 'The role that these get: ARN or `file:PATH#ADDRESS`; empty if none', ''],
  },
})

/** The password policy of an account as a file declares it; of a live account, aws.account tells. Source: Terraform. */
export const awsPasswordPolicy = factKind({
  kind: 'aws.password-policy',
  meaning: 'What configuration asks of the passwords of an AWS account.',
  identity: ['id'],
  fields: {
    id: ['string', '`file:PATH#ADDRESS`', 'file:main.tf#aws_iam_account_password_policy.strict'],
    minLength: ['int', 'Minimum length, characters', 14],
    reusePrevention: ['int', 'Number of former passwords that cannot be used again; 0 for none', 24],
  },
})
