import { factKind } from '../model.ts'

/** Derived: a statement that lets in by where a request comes from. */
export const iamAddressOnly = factKind({
  kind: 'iam.address-only',
  meaning: 'A statement with a condition on addresses, and whether anything else restricts it.',
  identity: ['policy', 'hash'],
  derivedFrom: ['iam.statement'],
  fields: {
    policy: ['string', 'The document, as in iam.statement', 'file:bucket.json#'],
    policyName: ['string', 'How people call the document', 'bucket'],
    policyKind: ['string', 'identity, trust or resource', 'resource'],
    hash: ['string', 'Hash of the statement', '0123456789abcdef'],
    onlyAddress: ['bool', 'Whether nothing but the addresses binds who, or what of all that is allowed', true],
    addresses: ['list<string>', 'The addresses', ['192.0.2.0/24']],
    what: ['string', 'What they restrict, as a phrase', 'who gets in'],
  },
})

/** Derived: AWS credentials for people who do not sign in, from a Cognito identity pool. */
export const iamGuestAccess = factKind({
  kind: 'iam.guest-access',
  meaning: 'A role that a Cognito identity pool may give to those who do not sign in.',
  identity: ['subject'],
  derivedFrom: ['iam.statement', 'aws.identity-pool'],
  fields: {
    subject: ['string', 'The role, or the pool that is seen to give one', 'file:main.tf#aws_iam_role.guest'],
    subjectName: ['string', 'How people call it', 'guest'],
    by: ['string', 'trust: the trust of the role admits guests; pool: the pool gives them the role', 'trust'],
    admitted: ['bool', 'Whether guests get in', true],
  },
})
