import { factKind } from '../model.ts'

const ABOUT_STATEMENT = {
  policy: ['string', 'The document, as in iam.statement', 'arn:aws:iam::123456789012:policy/p'],
  policyName: ['string', 'How people call the document', 'p'],
  policyKind: ['string', 'identity, trust or resource', 'identity'],
  hash: ['string', 'Hash of the statement', '0123456789abcdef'],
  sid: ['string', 'Statement id; empty if none', ''],
  accountId: ['string', 'Account that owns the document; empty if not seen', '123456789012'],
} as const

/** Derived: what one statement allows. Lists hold at most twenty items; a last one tells how many more there are. */
export const iamStatementJudgement = factKind({
  kind: 'iam.statement-judgement',
  meaning:
    'What one statement of a policy allows, by AWS’s own list of actions, and whether its conditions hold anybody back.',
  identity: ['policy', 'hash'],
  derivedFrom: ['iam.statement'],
  fields: {
    ...ABOUT_STATEMENT,
    wildcardServices: [
      'list<string>',
      'Services all of whose actions are allowed on more than named resources (`iam:*`)',
      [],
    ],
    usesNotAction: ['bool', 'Whether it allows everything but the actions it names', false],
    usesNotResource: ['bool', 'Whether it allows its actions on everything but the resources it names', false],
    notActions: ['list<string>', 'The actions that NotAction names', []],
    notResources: ['list<string>', 'The resources that NotResource names', []],
    passesAnyRole: ['bool', 'Whether any role may be passed to any service', false],
    assumesAnyRole: ['bool', 'Whether any role may be assumed that trusts the account', false],
    managesPermissions: ['list<string>', 'Actions that change permissions, on any resource', []],
    writes: ['list<string>', 'Writing actions that could be limited to resources, on any resource', []],
    readsSecrets: ['list<string>', 'Actions that read secrets or data in bulk, on any resource', []],
    reach: [
      'string',
      'What these three are allowed on, in words: `any resource`, or `any resource of a kind` where a pattern takes all of one type',
      'any resource',
    ],
    ineffectiveConditions: ['list<string>', 'Conditions that hold for everybody, as OPERATOR KEY VALUES', []],
    bypassableConditions: [
      'list<string>',
      'Conditions that hold where their key is missing, as OPERATOR KEY VALUES',
      [],
    ],
    unknownActions: ['list<string>', 'Actions that do not exist and look like one that does, with that one', []],
    mismatchedActions: ['list<string>', 'Actions that no resource of the statement fits', []],
  },
})

/** Derived: whom one Allow statement of a trust or resource policy lets in. */
export const iamTrustJudgement = factKind({
  kind: 'iam.trust-judgement',
  meaning: 'Whom one statement of a trust or resource policy lets in.',
  identity: ['policy', 'hash'],
  derivedFrom: ['iam.statement'],
  fields: {
    ...ABOUT_STATEMENT,
    owner: ['string', 'The role of a trust policy, the resource of a resource policy; empty if not seen', ''],
    everyone: ['bool', 'Whether its principal is everybody and no condition binds who', false],
    keptPrivate: [
      'bool',
      'Whether S3 Block Public Access, of the bucket or its account, keeps a public policy without effect',
      false,
    ],
    unattached: ['bool', 'Whether nothing in the files that were read makes use of the document', false],
    usesNotPrincipal: ['bool', 'Whether it lets in everybody but the principals it names', false],
    oidcIssuer: ['string', 'Host and path of the OpenID Connect provider that it trusts; empty if none', ''],
    oidcSubject: [
      'string',
      'How closely its conditions bind a subject of that provider: none, wildcard (any owner), organization (any repository or project of an owner) or bound; empty without a provider',
      '',
    ],
    oidcPatterns: ['list<string>', 'The conditions on the subject, as KEY VALUE', []],
    foreignAccounts: ['list<string>', 'Accounts of others that it trusts without external id, MFA or organisation', []],
    confusedServices: [
      'list<string>',
      'Services that act for whoever asks them, trusted without SourceArn or SourceAccount',
      [],
    ],
    reachesUsers: ['bool', 'Whether it lets in IAM users of its own account', false],
    requiresMfa: ['bool', 'Whether a condition asks for MFA so that it cannot be passed without', false],
    assumptions: [
      'list<string>',
      'What the judgement rests on that this run does not see',
      ['resource control policies were not looked at'],
    ],
  },
})

/** Derived: who is administrator through which policy; for a document that nobody is seen to hold, the document. */
export const iamAdminAccess = factKind({
  kind: 'iam.admin-access',
  meaning: 'A policy that allows everything, with the user, group or role that holds it.',
  identity: ['subject', 'policy'],
  derivedFrom: ['iam.statement', 'iam.attachment', 'iam.role'],
  fields: {
    subject: [
      'string',
      'ARN of the holder in an account; in files the document, or the holder where the document is not in the tree',
      'arn:aws:iam::123456789012:user/ann',
    ],
    subjectName: ['string', 'How people call it', 'ann'],
    subjectKind: ['string', 'user, role, group or document', 'user'],
    policy: ['string', 'The document', 'arn:aws:iam::aws:policy/AdministratorAccess'],
    policyName: ['string', 'How people call the document', 'AdministratorAccess'],
    holder: ['string', 'The holder as the end of a sentence (" to user ann"); empty if none is seen', ' to user ann'],
    effective: ['bool', 'Whether Deny statements and the permissions boundary leave it so', true],
    expected: ['string', 'Why an administrator is expected here: sso, break-glass, or empty', ''],
    permissionSet: ['string', 'Permission set of IAM Identity Center that the role comes from; empty if from none', ''],
    assumptions: ['list<string>', 'What the judgement rests on that this run does not see', []],
  },
})

/** Derived: a password or access key of a user, and whether anybody uses it. */
export const iamCredential = factKind({
  kind: 'iam.credential',
  meaning: 'A password or access key of an IAM user.',
  identity: ['id'],
  derivedFrom: ['iam.user', 'iam.access-key'],
  fields: {
    id: ['string', 'Access key id, or the user’s ARN with #password', 'AKIA0000000000SAMPLE'],
    type: ['string', 'access key or password', 'access key'],
    userArn: ['string', 'ARN of the user', 'arn:aws:iam::123456789012:user/ann'],
    userName: ['string', 'Name of the user', 'ann'],
    active: ['bool', 'Whether it works', true],
    unusedDays: ['int', 'Days since it was last used, or made if it never was', 1],
  },
})
