import { factKind } from '../model.ts'

/**
 * When a principal last tried to use a service or an action, as IAM remembers it. Denied attempts count, and it lags by hours.
 * Source: IAM GenerateServiceLastAccessedDetails.
 */
export const iamLastAccessed = factKind({
  kind: 'iam.last-accessed',
  meaning: 'When a principal last tried to use an AWS service or one of its actions, as IAM remembers it.',
  identity: ['principalArn', 'service', 'action'],
  fields: {
    principalArn: ['string', 'ARN of the user, group or role', 'arn:aws:iam::123456789012:role/app'],
    service: ['string', 'Service prefix of its actions', 's3'],
    action: ['string', 'Name of the action; empty for the service as a whole', ''],
    lastUsedDays: ['int', 'Days since the last attempt; -1 if none was tracked', 1],
    trackedDays: ['int', 'Days that are tracked', 400],
    granularity: ['string', 'service or action: how closely it was asked for', 'service'],
    region: ['string', 'Region of the last attempt; empty if none', 'eu-central-1'],
  },
})

/** What a source of usage could see of an account: what it did not see is not "unused". */
export const iamUsageWindow = factKind({
  kind: 'iam.usage-window',
  meaning: 'The time, the regions and the classes of events for which a source of usage tells of an AWS account.',
  identity: ['accountId', 'source'],
  fields: {
    accountId: ['string', 'Account number', '123456789012'],
    source: ['string', 'cloudtrail, last-accessed or access-analyzer', 'cloudtrail'],
    from: ['string', 'First day, YYYY-MM-DD', '2026-01-01'],
    to: ['string', 'Last day, YYYY-MM-DD', '2026-03-31'],
    days: ['int', 'Days from the first to the last, both included', 90],
    missingDays: ['int', 'Days between them of which there is no event at all', 0],
    regions: ['list<string>', 'Regions of the events', ['eu-central-1', 'us-east-1']],
    classes: [
      'list<string>',
      'Classes of events seen: management-read, management-write, and data events by service',
      ['management-read', 'management-write'],
    ],
    unresolvedServices: [
      'list<string>',
      'Services with events whose names are no known action, so that what is unused of them is not known',
      [],
    ],
    events: ['int', 'Number of events', 1000],
    files: ['int', 'Number of files', 90],
  },
})

/** That a principal used an action. Calls that were denied are no use: they are counted apart. */
export const iamUsedAction = factKind({
  kind: 'iam.used-action',
  meaning: 'An action that a principal used, or was denied, by the events of a log.',
  identity: ['principalArn', 'action', 'source'],
  fields: {
    principalArn: ['string', 'ARN of the user or role', 'arn:aws:iam::123456789012:role/app'],
    action: ['string', 'The IAM action that the call needs, service:Name', 's3:GetObject'],
    count: ['int', 'Calls that were allowed', 10],
    denied: ['int', 'Calls that were denied', 0],
    lastSeenDays: ['int', 'Days since the last allowed call; -1 if all were denied', 1],
    resources: ['list<string>', 'ARNs of what it was used on, at most 50', []],
    resourcesComplete: ['bool', 'Whether every call named what it works on, and all of that is listed', false],
    regions: ['list<string>', 'Regions of the calls', ['eu-central-1']],
    source: ['string', 'cloudtrail', 'cloudtrail'],
  },
})

/** That a principal did, or became, anything at all. */
export const iamActivity = factKind({
  kind: 'iam.activity',
  meaning: 'When a log last shows a user or role calling, or a role being assumed.',
  identity: ['principalArn', 'source'],
  fields: {
    principalArn: ['string', 'ARN of the user or role', 'arn:aws:iam::123456789012:role/app'],
    lastSeenDays: ['int', 'Days since then', 1],
    source: ['string', 'cloudtrail', 'cloudtrail'],
  },
})

/** Source: IAM Access Analyzer ListFindingsV2, GetFindingV2, analyzers of type ACCOUNT_UNUSED_ACCESS and ORGANIZATION_UNUSED_ACCESS. */
export const iamUnusedFinding = factKind({
  kind: 'iam.unused-finding',
  meaning: 'What an unused-access analyzer of IAM Access Analyzer says is not used.',
  identity: ['principalArn', 'type', 'detail'],
  fields: {
    principalArn: ['string', 'ARN of the user or role', 'arn:aws:iam::123456789012:role/app'],
    type: ['string', 'role, access-key, password, service or actions', 'service'],
    detail: ['string', 'Access key id, or service prefix; empty for a role or password', 's3'],
    actions: ['list<string>', 'Unused actions of that service, service:Name', []],
    lastUsedDays: ['int', 'Days since it was last used; -1 if never in the tracking period', -1],
    windowDays: ['int', 'Days without use after which the analyzer calls it unused', 90],
    analyzer: ['string', 'ARN of the analyzer', 'arn:aws:access-analyzer:us-east-1:123456789012:analyzer/unused'],
  },
})

/** Derived: granted minus used, for one principal and one policy. */
export const iamUnusedPermission = factKind({
  kind: 'iam.unused-permission',
  meaning: 'What one policy grants a principal in effect, and what of that it did not use in the time that was seen.',
  identity: ['principalArn', 'policy'],
  derivedFrom: ['iam.statement', 'iam.attachment', 'iam.used-action', 'iam.usage-window'],
  fields: {
    principalArn: ['string', 'ARN of the user or role', 'arn:aws:iam::123456789012:role/app'],
    principalName: ['string', 'How people call it; for a role of IAM Identity Center its permission set', 'app'],
    principalKind: ['string', 'user or role', 'role'],
    policy: ['string', 'The document that grants it', 'arn:aws:iam::123456789012:policy/p'],
    policyName: ['string', 'How people call the document', 'p'],
    unusedServices: ['list<string>', 'Services of which nothing was used', ['s3']],
    unusedActions: ['list<string>', 'Unused actions of services that are used, service:Name', []],
    undetermined: ['list<string>', 'Services of which some actions cannot be told, since no such events were seen', []],
    usedCount: ['int', 'Number of granted actions that were used', 3],
    unusedCount: ['int', 'Number of granted actions that were not', 10],
    undeterminedCount: ['int', 'Number of granted actions of which nobody can tell', 0],
    windowDays: ['int', 'Days that were seen; no more than the principal is old', 90],
    window: ['string', 'The window and its source, in words', '90 days of CloudTrail to 2026-03-31'],
    expected: ['string', 'Why it is kept in spite of that: service-linked, break-glass, or empty', ''],
    summary: ['string', 'What is unused, in a few words', 's3, 3 actions of ec2'],
  },
})

/** Derived: a role, and how long nobody has been seen assuming it. */
export const iamRoleUse = factKind({
  kind: 'iam.role-use',
  meaning: 'How long a live role has been unused, by what IAM remembers and by logs.',
  identity: ['arn'],
  derivedFrom: ['iam.role', 'iam.activity'],
  fields: {
    arn: ['string', 'ARN of the role', 'arn:aws:iam::123456789012:role/app'],
    name: ['string', 'Role name; of a role of IAM Identity Center its permission set', 'app'],
    unusedDays: ['int', 'Days since it was last assumed, or made if it never was', 1],
    never: ['bool', 'Whether it was never assumed as far back as IAM remembers (400 days)', false],
    expected: ['string', 'Why it is kept in spite of that: service-linked, break-glass, or empty', ''],
  },
})
