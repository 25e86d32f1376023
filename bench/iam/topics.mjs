// What checkov's checks of AWS policies and zt-audit's rules have to say to each other.

const ANYTHING = ['iam/full-admin', 'iam/allow-not-action', 'iam/service-wildcard', 'iam/allow-not-resource']
const ESCALATION = [
  ...['iam/privilege-escalation', 'iam/privilege-escalation-conditional'],
  ...['iam/pass-role-any', 'iam/assume-any-role', 'iam/permissions-management-on-any-resource'],
]
// checkov counts passing and assuming a role, and making a key, among the management of permissions.
const PERMISSIONS = [
  ...['iam/permissions-management-on-any-resource', 'iam/pass-role-any', 'iam/assume-any-role'],
  ...['iam/privilege-escalation', 'iam/privilege-escalation-conditional'],
]
const WRITES = ['iam/write-on-any-resource', ...ESCALATION]
const READS = ['iam/secrets-read-on-any-resource']
const PUBLIC = ['iam/public-resource-policy', 'iam/allow-not-principal', 'iam/public-trust']
const TRUST = [
  ...['iam/public-trust', 'iam/cross-account-trust-without-external-id', 'iam/allow-not-principal'],
  ...['iam/human-trust-without-mfa', 'iam/service-trust-confused-deputy'],
]
const OIDC = ['iam/oidc-trust-without-subject', 'iam/oidc-trust-subject-wildcard', 'iam/oidc-trust-organization-wide']

/** Checks of checkov that concern policies, trust and identities, with the rules that say the same of the same block. */
export const SAME = {
  CKV_AWS_1: ANYTHING,
  CKV_AWS_9: ['mfa/weak-password-policy'],
  CKV_AWS_10: ['mfa/weak-password-policy'],
  CKV_AWS_11: ['mfa/weak-password-policy'],
  CKV_AWS_12: ['mfa/weak-password-policy'],
  CKV_AWS_13: ['mfa/weak-password-policy'],
  CKV_AWS_14: ['mfa/weak-password-policy'],
  CKV_AWS_15: ['mfa/weak-password-policy'],
  CKV_AWS_32: PUBLIC,
  CKV_AWS_33: PUBLIC,
  CKV_AWS_40: ['iam/user-attached-policy', 'iam/inline-user-policy'],
  CKV_AWS_41: ['iam/static-key-for-workload'],
  CKV_AWS_49: ANYTHING,
  CKV_AWS_60: TRUST,
  CKV_AWS_61: TRUST,
  CKV_AWS_62: ANYTHING,
  CKV_AWS_63: ANYTHING,
  CKV_AWS_70: PUBLIC,
  CKV_AWS_72: [...PUBLIC, ...ANYTHING],
  CKV_AWS_107: [...READS, ...ESCALATION, ...ANYTHING],
  CKV_AWS_108: [...READS, ...ANYTHING],
  CKV_AWS_109: [...PERMISSIONS, ...ANYTHING],
  CKV_AWS_110: [...ESCALATION, ...ANYTHING],
  CKV_AWS_111: [...WRITES, ...ANYTHING],
  CKV_AWS_167: PUBLIC,
  CKV_AWS_168: PUBLIC,
  CKV_AWS_169: PUBLIC,
  CKV_AWS_258: ['iam/public-function-url'],
  CKV_AWS_273: ['iam/static-key-for-workload', 'iam/user-attached-policy', 'iam/inline-user-policy'],
  CKV_AWS_274: ['iam/full-admin'],
  CKV_AWS_275: ['iam/full-admin'],
  CKV_AWS_283: PUBLIC,
  CKV_AWS_286: [...ESCALATION, ...ANYTHING],
  CKV_AWS_287: [...READS, ...ESCALATION, ...ANYTHING],
  CKV_AWS_288: [...READS, ...ANYTHING],
  CKV_AWS_289: [...PERMISSIONS, ...ANYTHING],
  CKV_AWS_290: [...WRITES, ...ANYTHING],
  CKV_AWS_301: PUBLIC,
  CKV_AWS_348: ['iam/root-access-key', 'iam/static-key-for-workload'],
  CKV_AWS_355: [...WRITES, ...READS, ...ANYTHING],
  CKV_AWS_356: [...WRITES, ...READS, ...ANYTHING],
  CKV_AWS_358: OIDC,
  CKV_AWS_364: ['iam/service-trust-confused-deputy', ...PUBLIC],
  CKV_AWS_366: ['iam/unauthenticated-cognito-role'],
  CKV_AWS_385: [...PUBLIC, 'iam/cross-account-trust-without-external-id'],
  CKV_AWS_387: PUBLIC,
  CKV_AWS_393: OIDC,
  CKV2_AWS_14: [],
  CKV2_AWS_21: [],
  CKV2_AWS_22: ['mfa/console-user-without-mfa'],
  CKV2_AWS_40: ANYTHING,
  CKV2_AWS_56: ['iam/broad-managed-policy'],
  CKV2_AWS_68: ANYTHING,
}

/** The checks that say what a rule says. */
export function checksLike(ruleId) {
  return Object.keys(SAME).filter((check) => SAME[check].includes(ruleId))
}
