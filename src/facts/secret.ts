import { factKind } from '../model.ts'

/** A secret found in text. The value itself stays with the scanner. */
export const secretMatch = factKind({
  kind: 'secret.match',
  meaning: 'A secret in a file or in git history, all its occurrences together.',
  identity: ['digest'],
  hidden: ['digest', 'pairDigest'],
  fields: {
    rule: ['string', 'Id of the rule that recognised it', 'secrets/aws-access-key'],
    digest: ['string', 'HMAC of the value with a key of this run: equal for equal secrets', '00'],
    pairDigest: [
      'string',
      'The digest of the match that this one belongs to (the id’s secret, the secret’s id); empty if alone',
      '',
    ],
    path: ['string', 'File of the first occurrence', 'src/config.ts'],
    publicId: [
      'string',
      'The public part that names the credential at its provider (an access key id); empty if none',
      '',
    ],
    paired: ['bool', 'Whether the id and its secret stand in the same file or structure', false],
    masked: ['string', 'What may be shown: a few leading characters and asterisks', 'AKIA************'],
    key: ['string', 'Name it is assigned to; empty if none', ''],
    syntax: [
      'string',
      'Syntax it was read in: text, dotenv, yaml, json, dockerfile, compose, kubernetes-secret',
      'text',
    ],
    encoding: [
      'string',
      'How the first occurrence holds it, outermost first and joined by +: base64, hex, percent, escapes, literals (split over several); empty if as it is',
      '',
    ],
    pathClass: ['string', 'code, config, test, example or docs', 'code'],
    validated: ['bool', 'Whether a checksum or the structure of the value proves its format', false],
    occurrences: ['int', 'How often it occurs in the tree (or, if gone, in history)', 1],
    files: ['list<string>', 'Files in which it occurs', ['src/config.ts']],
    inTree: ['bool', 'Whether it is in the working tree; false: in history only', true],
    committed: ['bool', 'Whether a file that holds it is tracked by git, or a commit holds it', true],
    introducedIn: ['string', 'First commit that added it; empty if history was not read', ''],
    introducedAt: ['string', 'Author’s date of that commit, YYYY-MM-DDThh:mm:ssZ; empty if history was not read', ''],
    ageDays: ['int', 'Days since that commit; -1 if history was not read', -1],
    lastAddedIn: ['string', 'Newest commit that added it, maybe again; empty if history was not read', ''],
    lastAddedAt: ['string', 'Author’s date of that commit; empty if history was not read', ''],
    historyOccurrences: ['int', 'How often commits, messages or notes added it; -1 if history was not read', -1],
    account: [
      'string',
      'The provider’s account that it belongs to, read from the value; empty if it does not tell',
      '',
    ],
    reach: [
      'string',
      'Why it opens less than its kind: test (a test environment), expired, passphrase; empty if nothing tells',
      '',
    ],
    remark: ['string', 'Both as the end of a message, in brackets; empty if nothing is known', ''],
    confidence: ['string', 'low, medium or high', 'high'],
    verification: ['string', 'With --verify: live, revoked or unknown; empty if its provider was not asked', ''],
    verified: ['string', 'The same for messages, with a blank before it; empty if its provider was not asked', ''],
  },
})

/** What a provider said of a secret (--verify). The secret itself is no part of it. */
export const secretVerification = factKind({
  kind: 'secret.verification',
  meaning: 'What the provider of a secret answered when it was asked whether the secret works (--verify).',
  identity: ['digest'],
  hidden: ['digest'],
  fields: {
    digest: ['string', 'The digest of the secret, as in secret.match', '00'],
    rule: ['string', 'Id of the rule that recognised it', 'secrets/github-token'],
    path: ['string', 'File of its first occurrence', 'src/config.ts'],
    provider: [
      'string',
      'aws, digitalocean, github, gitlab, huggingface, npm, pypi, sendgrid, slack or stripe',
      'github',
    ],
    status: ['string', 'live, revoked or unknown', 'live'],
    reason: ['string', 'Why it is not live, or not known to be; empty if it is', ''],
    identity: ['string', 'Whom it acts for, in the provider’s words; empty if the answer does not tell', 'octocat'],
  },
})

/** A comment that asks to leave a finding out. */
export const sourceSuppression = factKind({
  kind: 'source.suppression',
  meaning: 'A comment in a file, or an entry of the config, that asks to leave findings out.',
  identity: ['path', 'rules', 'reason'],
  fields: {
    path: ['string', 'The file', 'src/config.ts'],
    line: ['int', 'Line of the comment, 1-based', 1],
    ownLine: ['bool', 'Whether the comment stands alone, so that it speaks of the next line', false],
    rules: ['list<string>', 'Rule ids or areas; empty: of any rule (foreign markers)', []],
    reason: ['string', 'The reason given', 'test data'],
    expires: ['string', 'YYYY-MM-DD; empty for never', ''],
    style: ['string', 'zt-audit, gitleaks, detect-secrets, or config for an entry of the config', 'zt-audit'],
  },
})

/** A folder with software of its own. */
export const sourceService = factKind({
  kind: 'source.service',
  meaning: 'A folder below the root that holds software of its own: it has a manifest of a package manager.',
  identity: ['path'],
  fields: {
    path: ['string', 'The folder, below the root; outermost, if one lies in another', 'services/pay'],
    manifest: ['string', 'Its manifest', 'services/pay/package.json'],
  },
})

/** One secret for several things. */
export const secretShared = factKind({
  kind: 'secret.shared',
  meaning: 'A secret that several services or repositories hold alike.',
  identity: ['digest'],
  hidden: ['digest'],
  derivedFrom: ['secret.match', 'source.service'],
  fields: {
    digest: ['string', 'The digest of the secret, as in secret.match', '00'],
    rule: ['string', 'Id of the rule that recognised it', 'secrets/hardcoded-password'],
    path: ['string', 'File of the first occurrence', 'services/pay/.env'],
    masked: ['string', 'What may be shown of it', 'ab******'],
    services: [
      'list<string>',
      'Folders of the services, and names of further repositories, that hold it',
      ['services/pay', 'services/shop'],
    ],
    repositories: ['int', 'How many repositories hold it', 1],
    confidence: ['string', 'medium or high: the best that is known of it', 'high'],
  },
})
