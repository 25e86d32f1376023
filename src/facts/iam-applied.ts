import { factKind } from '../model.ts'

/**
 * Derived: what a file declares and the account has just so, found by the name of what declares it and the statement itself. The
 * finding is the live one, which points at the file's line; the file's own is left out. A statement that differs, or that the
 * account does not have (yet), is judged in the file, too.
 */
export const iamApplied = factKind({
  kind: 'iam.applied',
  meaning: 'A statement or attachment of a file that the audited account has just so.',
  identity: ['policy', 'hash', 'principalArn'],
  fields: {
    policy: ['string', 'The file’s document, as in iam.statement or iam.attachment', 'file:main.tf#aws_iam_policy.p'],
    hash: ['string', 'Hash of the file’s statement; empty for an attachment', '0123456789abcdef'],
    principalArn: ['string', 'Holder in the file, for an attachment; else empty', ''],
    live: ['string', 'The document of the account', 'arn:aws:iam::123456789012:policy/p'],
  },
})
