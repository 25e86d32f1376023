import { factKind } from '../model.ts'

/**
 * Derived: where code and account differ. Told only if the tree declares something that the account has, so that an unrelated
 * repository says nothing; what AWS makes itself (service-linked roles, permission sets, its managed policies) is no drift.
 */
export const iamDrift = factKind({
  kind: 'iam.drift',
  meaning: 'A user, group, role or policy in which the code and the audited account differ.',
  identity: ['resource', 'where'],
  derivedFrom: ['iam.declaration'],
  fields: {
    resource: [
      'string',
      'ARN in the account; where only the code has it, the declaration’s id',
      'arn:aws:iam::123456789012:role/app',
    ],
    name: ['string', 'Its name', 'app'],
    type: ['string', 'user, group, role or policy', 'role'],
    where: [
      'string',
      'account: in the account, not in the code; code: in the code, not in the account; differs: the statements are others',
      'account',
    ],
    declaration: ['string', 'The declaration’s id, as in iam.declaration; empty if there is none', ''],
    accountId: ['string', 'Account number', '123456789012'],
    declaredPercent: [
      'int',
      'How many of a hundred users, groups, roles and policies of the account the code declares: with few, others are elsewhere',
      80,
    ],
  },
})
