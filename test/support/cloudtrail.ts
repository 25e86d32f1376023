/** Composes CloudTrail events. */

export const ACCOUNT = '123456789012'

/** An event as CloudTrail writes it; `over` takes the place of, or adds to, the usual fields. */
export function event(source: string, name: string, over: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    eventVersion: '1.09',
    userIdentity: user('ann'),
    eventTime: '2026-05-01T12:00:00Z',
    eventSource: `${source}.amazonaws.com`,
    eventName: name,
    awsRegion: 'eu-central-1',
    sourceIPAddress: '192.0.2.1',
    requestParameters: null,
    responseElements: null,
    readOnly: /^(?:Get|List|Describe|Head)/.test(name),
    eventType: 'AwsApiCall',
    managementEvent: true,
    eventCategory: 'Management',
    recipientAccountId: ACCOUNT,
    ...over,
  }
}

export const DATA = { managementEvent: false, eventCategory: 'Data' }

export function user(name: string, account = ACCOUNT) {
  return { type: 'IAMUser', principalId: 'AIDA', arn: `arn:aws:iam::${account}:user/${name}`, accountId: account }
}

export function assumedRole(path: string, account = ACCOUNT) {
  const name = path.split('/').at(-1)
  return {
    type: 'AssumedRole',
    principalId: 'AROA:session',
    arn: `arn:aws:sts::${account}:assumed-role/${name}/session`,
    accountId: account,
    sessionContext: {
      sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${account}:role/${path}`, accountId: account, userName: name },
    },
  }
}

/** Where CloudTrail delivers a file of that day. */
export function deliveredTo(name: string, account = ACCOUNT, region = 'eu-central-1', day = '2026/05/01'): string {
  return `AWSLogs/${account}/CloudTrail/${region}/${day}/${account}_CloudTrail_${region}_${name}.json.gz`
}
