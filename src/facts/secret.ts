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
    pathClass: ['string', 'code, config, test, example or docs', 'code'],
    validated: ['bool', 'Whether a checksum or the structure of the value proves its format', false],
    occurrences: ['int', 'How often it occurs in the tree (or, if gone, in history)', 1],
    files: ['list<string>', 'Files in which it occurs', ['src/config.ts']],
    inTree: ['bool', 'Whether it is in the working tree; false: in history only', true],
    committed: ['bool', 'Whether a file that holds it is tracked by git, or a commit holds it', true],
    introducedIn: ['string', 'First commit that added it; empty if history was not read', ''],
    ageDays: ['int', 'Days since that commit; -1 if history was not read', -1],
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
