import { factKind } from '../model.ts'

/** An AWS account as a whole. Source: IAM GetAccountSummary, the credential report, GetAccountPasswordPolicy. */
export const awsAccount = factKind({
  kind: 'aws.account',
  meaning: 'An AWS account: its root user and its account-wide settings.',
  identity: ['id'],
  fields: {
    id: ['string', 'Account number, 12 digits', '123456789012'],
    rootMfa: ['string', 'MFA of the root user: enabled or disabled', 'enabled'],
    rootMfaHardware: [
      'string',
      'Kind of the root user’s MFA: none, virtual or hardware. AWS lists virtual devices only and does not tell a hardware key from a synced passkey: what is neither none nor virtual is not seen',
      'hardware',
    ],
    rootAccessKeys: ['int', 'Number of access keys of the root user', 0],
    rootHasPassword: ['bool', 'Whether the root user can sign in with a password', true],
    reportHours: [
      'int',
      'Age in hours of the credential report that told of the root user, up to 4; -1 if AWS was asked itself',
      -1,
    ],
    hasPasswordPolicy: ['bool', 'Whether an account password policy is set', true],
    passwordMinLength: ['int', 'Minimum length of passwords by that policy, characters; 8 without a policy', 14],
    passwordReusePrevention: ['int', 'Number of former passwords that cannot be used again; 0 for none', 24],
  },
})
