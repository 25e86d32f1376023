import type { AnalyzerSummary, FindingDetails, FindingSummaryV2 } from '@aws-sdk/client-accessanalyzer'
import { iamUnusedFinding, iamUsageWindow } from '../../facts/iam-usage.ts'
import { type Fact, fact } from '../../model.ts'
import { daysSince, now } from '../../sources/clock.ts'

/** AWS's own default. Source: IAM Access Analyzer CreateAnalyzer, UnusedAccessConfiguration. */
const DEFAULT_AGE = 90
const DAY = 86_400_000

/** Days without use after which an analyzer calls something unused. */
export function ageOf(analyzer: AnalyzerSummary): number {
  const { configuration } = analyzer
  const unused = configuration && 'unusedAccess' in configuration ? configuration.unusedAccess : undefined
  return unused?.unusedAccessAge ?? DEFAULT_AGE
}

/** The time that an analyzer looks back. */
export function windowFact(analyzer: AnalyzerSummary, scope: string): Fact {
  const to = analyzer.lastResourceAnalyzedAt ?? new Date(now())
  const days = ageOf(analyzer)
  const date = (time: number) => new Date(time).toISOString().slice(0, 10)
  const seen = {
    accountId: scope.slice('aws:'.length),
    source: 'access-analyzer',
    from: date(to.getTime() - (days - 1) * DAY),
    to: date(to.getTime()),
    days,
    missingDays: 0,
    regions: [],
    classes: [],
    unresolvedServices: [],
    events: 0,
    files: 0,
  }
  return fact(iamUsageWindow, scope, { resource: analyzer.arn ?? '' }, seen)
}

/** The facts of one finding. Those that say something else than "unused" are passed over. */
export function* findingFacts(
  summary: FindingSummaryV2,
  details: readonly FindingDetails[],
  analyzer: AnalyzerSummary,
): Generator<Fact> {
  const principalArn = summary.resource ?? ''
  if (!principalArn) return
  const scope = `aws:${principalArn.split(':')[4] || summary.resourceOwnerAccount || '-'}`
  for (const detail of details) {
    const read = readDetail(detail)
    if (!read) continue
    const { lastAccessed, ...rest } = read
    yield fact(
      iamUnusedFinding,
      scope,
      { resource: principalArn },
      {
        principalArn,
        ...rest,
        lastUsedDays: lastAccessed ? daysSince(lastAccessed) : -1,
        windowDays: ageOf(analyzer),
        analyzer: analyzer.arn ?? '',
      },
    )
  }
}

interface Detail {
  readonly type: string
  readonly detail: string
  readonly actions: readonly string[]
  readonly lastAccessed: Date | undefined
}

function readDetail(detail: FindingDetails): Detail | undefined {
  const none = { detail: '', actions: [] }
  if (detail.unusedIamRoleDetails)
    return { type: 'role', ...none, lastAccessed: detail.unusedIamRoleDetails.lastAccessed }
  if (detail.unusedIamUserPasswordDetails)
    return { type: 'password', ...none, lastAccessed: detail.unusedIamUserPasswordDetails.lastAccessed }
  const key = detail.unusedIamUserAccessKeyDetails
  if (key) return { type: 'access-key', ...none, detail: key.accessKeyId ?? '', lastAccessed: key.lastAccessed }
  const permission = detail.unusedPermissionDetails
  if (!permission) return undefined
  const service = permission.serviceNamespace ?? ''
  const actions = (permission.actions ?? []).map(({ action = '' }) =>
    action.includes(':') ? action : `${service}:${action}`,
  )
  return {
    type: actions.length > 0 ? 'actions' : 'service',
    detail: service,
    actions: actions.sort(),
    lastAccessed: permission.lastAccessed,
  }
}
