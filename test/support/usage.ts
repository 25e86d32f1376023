import { iamLastAccessed, iamUnusedFinding, iamUsageWindow, iamUsedAction } from '../../src/facts/iam-usage.ts'
import { type DataOf, type Fact, type FactKind, fact, type Location, type Seen } from '../../src/model.ts'
import { authorizationFacts } from '../../src/scanners/iam/account-facts.ts'
import { ACCOUNT } from './cloudtrail.ts'

/** Facts about use, and an account with policies, as tests need them. */

export const SCOPE = `aws:${ACCOUNT}`
export const ANN = `arn:aws:iam::${ACCOUNT}:user/ann`
const AT: Location = { resource: ANN }

export interface Held {
  readonly [policy: string]: readonly object[]
}

export const document = (statements: readonly object[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements })

/** The user `ann`, or a role, with inline policies, in an account of its own. */
export function holding(
  policies: Held,
  over: { role?: string; path?: string; boundary?: readonly object[] } = {},
): Fact[] {
  const inline = Object.entries(policies).map(([PolicyName, statements]) => ({
    PolicyName,
    PolicyDocument: document(statements),
  }))
  const boundaryArn = `arn:aws:iam::${ACCOUNT}:policy/limit`
  const limit = over.boundary && { PermissionsBoundary: { PermissionsBoundaryArn: boundaryArn } }
  const path = over.path ?? '/'
  const role = {
    RoleName: over.role,
    Path: path,
    Arn: `arn:aws:iam::${ACCOUNT}:role${path}${over.role}`,
    AssumeRolePolicyDocument: document([]),
    RolePolicyList: inline,
    CreateDate: new Date('2024-01-01'),
    ...limit,
  }
  const user = { UserName: 'ann', Arn: ANN, UserPolicyList: inline, ...limit }
  const versions = [{ IsDefaultVersion: true, Document: document(over.boundary ?? []) }]
  const authorization = {
    users: over.role ? [] : [user],
    groups: [],
    roles: over.role ? [role] : [],
    policies: over.boundary ? [{ Arn: boundaryArn, PolicyName: 'limit', PolicyVersionList: versions }] : [],
  }
  return [
    ...authorizationFacts(authorization, SCOPE, (gap) => {
      throw new Error(gap.detail)
    }),
  ]
}

function made<K extends FactKind>(kind: K, defaults: DataOf<K>, over: DataOf<K>): Fact {
  return fact(kind, SCOPE, AT, { ...defaults, ...over } as Seen<K>)
}

/** 90 days of all management events, in two regions. */
export const window = (over: DataOf<typeof iamUsageWindow> = {}) =>
  made(
    iamUsageWindow,
    {
      accountId: ACCOUNT,
      source: 'cloudtrail',
      from: '2026-03-04',
      to: '2026-06-01',
      days: 90,
      missingDays: 0,
      regions: ['eu-central-1', 'us-east-1'],
      classes: ['management-read', 'management-write'],
      unresolvedServices: [],
      events: 1000,
      files: 90,
    },
    over,
  )

export const used = (action: string, over: DataOf<typeof iamUsedAction> = {}) =>
  made(
    iamUsedAction,
    {
      principalArn: ANN,
      action,
      count: 1,
      denied: 0,
      lastSeenDays: 1,
      resources: [],
      resourcesComplete: false,
      regions: ['eu-central-1'],
      source: 'cloudtrail',
    },
    over,
  )

export const lastAccessed = (service: string, lastUsedDays: number, over: DataOf<typeof iamLastAccessed> = {}) =>
  made(
    iamLastAccessed,
    { principalArn: ANN, service, action: '', lastUsedDays, trackedDays: 400, granularity: 'service', region: '' },
    over,
  )

export const unusedFinding = (over: DataOf<typeof iamUnusedFinding> = {}) =>
  made(
    iamUnusedFinding,
    { principalArn: ANN, type: 'service', detail: 's3', actions: [], lastUsedDays: -1, windowDays: 90, analyzer: 'a' },
    over,
  )
