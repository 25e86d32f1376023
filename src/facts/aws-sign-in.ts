import { factKind } from '../model.ts'

const ACCOUNT = ['string', 'Account number; empty if not seen', '123456789012'] as const

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
