/**
 * The made-up AWS account of the demo, as IAM's API would tell it: two users, one of them an administrator by a group, with an
 * access key and no second factor. Answers are objects; replay.ts puts them on the wire.
 */
export interface DemoAccount {
  readonly id: string
  /** The access key that the demo's repository leaks. */
  readonly keyId: string
  /** What the owner does about the finding: the key is made inactive. */
  readonly keyIsActive: boolean
}

export const ACCOUNT_ID = '123456789012'
export const LEAKING_USER = 'deploy'
const CAREFUL_USER = 'ann'
const ADMINISTRATOR_POLICY = 'arn:aws:iam::aws:policy/AdministratorAccess'

/** What one action answers, or the error that AWS would give. */
export type Answer = { readonly result: unknown } | { readonly error: string; readonly status: number }

/** The answer to an action of IAM or STS with its parameters; what the account does not know is denied, as AWS would. */
export function answerOf(account: DemoAccount, action: string, parameters: URLSearchParams): Answer {
  const user = parameters.get('UserName') ?? ''
  const result = {
    GetCallerIdentity: () => ({ Account: account.id, Arn: arnOf(account, 'user/auditor'), UserId: 'AIDADEMOAUDITOR' }),
    GetAccountAuthorizationDetails: () => authorization(account, groupsOnly(parameters)),
    GetPolicy: () => ({
      Policy: { Arn: ADMINISTRATOR_POLICY, PolicyName: 'AdministratorAccess', DefaultVersionId: 'v1' },
    }),
    GetPolicyVersion: () => ({ PolicyVersion: { VersionId: 'v1', IsDefaultVersion: true, Document: EVERYTHING } }),
    ListUsers: () => ({ IsTruncated: false, Users: usersOf(account) }),
    ListRoles: () => ({ IsTruncated: false, Roles: [] }),
    ListAccessKeys: () => ({ IsTruncated: false, AccessKeyMetadata: user === LEAKING_USER ? [keyOf(account)] : [] }),
    GetAccessKeyLastUsed: () => ({ UserName: LEAKING_USER, AccessKeyLastUsed: LAST_USE }),
    ListMFADevices: () => ({ IsTruncated: false, MFADevices: user === CAREFUL_USER ? [deviceOf(account)] : [] }),
    ListVirtualMFADevices: () => ({ IsTruncated: false, VirtualMFADevices: [] }),
    GetAccountSummary: () => ({
      SummaryMap: new Map([
        ['AccountMFAEnabled', 1],
        ['AccountAccessKeysPresent', 0],
        ['Users', 2],
      ]),
    }),
    GetAccountPasswordPolicy: () => ({ PasswordPolicy: { MinimumPasswordLength: 16, PasswordReusePrevention: 24 } }),
    GenerateCredentialReport: () => ({ State: 'COMPLETE' }),
    GetCredentialReport: () => ({
      Content: Buffer.from(credentialReport(account)).toString('base64'),
      ReportFormat: 'text/csv',
      GeneratedTime: new Date().toISOString(),
    }),
    ListOpenIDConnectProviders: () => ({ OpenIDConnectProviderList: [] }),
    ListSAMLProviders: () => ({ SAMLProviderList: [] }),
  }[action]
  if (result) return { result: result() }
  return action === 'GetLoginProfile' ? { error: 'NoSuchEntity', status: 404 } : { error: 'AccessDenied', status: 403 }
}

const EVERYTHING = encodeURIComponent(
  // zt-audit: ignore iam/full-admin until 2028-12-31 -- the made-up account that the demo audits
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }),
)
const LONG_AGO = daysAgo(900)
const LAST_USE = { LastUsedDate: daysAgo(2), ServiceName: 's3', Region: 'eu-central-1' }

function daysAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString()
}

function arnOf({ id }: DemoAccount, name: string): string {
  return `arn:aws:iam::${id}:${name}`
}

function groupsOnly(parameters: URLSearchParams): boolean {
  return parameters.get('Filter.member.1') === 'Group'
}

function usersOf(account: DemoAccount) {
  return [CAREFUL_USER, LEAKING_USER].map((UserName) => ({
    Path: '/',
    UserName,
    UserId: `AIDADEMO${UserName.toUpperCase()}`,
    Arn: arnOf(account, `user/${UserName}`),
    CreateDate: LONG_AGO,
  }))
}

function keyOf({ keyId, keyIsActive }: DemoAccount) {
  const Status = keyIsActive ? 'Active' : 'Inactive'
  return { UserName: LEAKING_USER, AccessKeyId: keyId, Status, CreateDate: LONG_AGO }
}

function deviceOf(account: DemoAccount) {
  const name = CAREFUL_USER
  return { UserName: name, SerialNumber: arnOf(account, `u2f/user/${name}/key-1`), EnableDate: LONG_AGO }
}

function authorization(account: DemoAccount, groups: boolean) {
  const group = {
    Path: '/',
    GroupName: 'release',
    GroupId: 'AGPADEMORELEASE',
    Arn: arnOf(account, 'group/release'),
    CreateDate: LONG_AGO,
    GroupPolicyList: [],
    AttachedManagedPolicies: [{ PolicyName: 'AdministratorAccess', PolicyArn: ADMINISTRATOR_POLICY }],
  }
  const users = usersOf(account).map((user) => ({
    ...user,
    UserPolicyList: [],
    GroupList: user.UserName === LEAKING_USER ? [group.GroupName] : [],
    AttachedManagedPolicies: [],
  }))
  return {
    IsTruncated: false,
    UserDetailList: groups ? [] : users,
    GroupDetailList: groups ? [group] : [],
    RoleDetailList: [],
    Policies: [],
  }
}

/** IAM's credential report, with the columns that are read. */
function credentialReport(account: DemoAccount): string {
  const row = (user: string, arn: string, mfa: boolean, key: boolean) => [
    user,
    arn,
    LONG_AGO,
    false,
    'N/A',
    mfa,
    key,
    key ? LONG_AGO : 'N/A',
    key ? LAST_USE.LastUsedDate : 'N/A',
    false,
    'N/A',
    'N/A',
  ]
  return [
    'user,arn,user_creation_time,password_enabled,password_last_used,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date',
    row('<root_account>', arnOf(account, 'root'), true, false),
    ...usersOf(account).map(({ UserName, Arn }) =>
      row(UserName, Arn, UserName === CAREFUL_USER, UserName === LEAKING_USER && account.keyIsActive),
    ),
  ].join('\n')
}
