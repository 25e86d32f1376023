import * as v from 'valibot'
import { UsageError } from './errors.ts'
import { SEVERITIES, type Severity } from './model.ts'
import { type TargetSummary, targetOfScope } from './report.ts'
import { reportSchema } from './reporters/json-schema.ts'
import { wouldFind } from './sight.ts'

/** Comparing JSON reports: what is new, fixed, reopened, and what the later run could not tell. */

export type JsonReport = v.InferOutput<typeof reportSchema>
export type JsonFinding = JsonReport['findings'][number]

export interface ReportDiff {
  /** Open in the later report, and in none before. */
  readonly new: readonly JsonFinding[]
  /** Open again: it was suppressed, known or gone in the report before. */
  readonly reopened: readonly JsonFinding[]
  /** Known, but now in more places. */
  readonly spread: readonly JsonFinding[]
  /** Known, but of a higher severity now. */
  readonly worse: readonly { readonly finding: JsonFinding; readonly before: Severity }[]
  /** In the report before, and the later run looked for it in vain. */
  readonly fixed: readonly JsonFinding[]
  /** In the report before; the later run did not look, or could not. */
  readonly unseen: readonly JsonFinding[]
  /** Open before, suppressed or known from a baseline now. */
  readonly accepted: readonly JsonFinding[]
  readonly unchanged: number
}

/** Reads a report. Throws UsageError that names the file. */
export function parseReport(file: string, text: string): JsonReport {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new UsageError(`${file} is no JSON report of zt-audit: ${(error as Error).message}`)
  }
  const result = v.safeParse(reportSchema, value, { abortEarly: true })
  if (result.success) return result.output
  const [issue] = result.issues
  const where = (issue.path ?? []).map((item) => String(item.key)).join('.')
  throw new UsageError(
    `${file} is no JSON report of this version of zt-audit (write one with --format json): ${where}: ${issue.message}`,
  )
}

/** Compares the last report with the one before; those that are older still tell what was there once. */
export function compareReports(reports: readonly JsonReport[]): ReportDiff {
  const [after, before, ...older] = [...reports].reverse()
  if (!after || !before) throw new Error('two reports are needed')
  const now = new Set(after.findings.map((finding) => finding.fingerprint))
  const once = new Set(older.flatMap((report) => report.findings.map((finding) => finding.fingerprint)))
  const past = new Map(before.findings.map((finding) => [finding.fingerprint, finding]))
  const renamed = new Map<string, JsonFinding[]>()
  for (const finding of before.findings) {
    if (!now.has(finding.fingerprint)) renamed.set(finding.kin, [...(renamed.get(finding.kin) ?? []), finding])
  }
  const matched = new Set<JsonFinding>()
  const diff = { new: [], reopened: [], spread: [], worse: [], accepted: [] } as {
    [K in 'new' | 'reopened' | 'spread' | 'accepted']: JsonFinding[]
  } & { worse: { finding: JsonFinding; before: Severity }[] }
  let unchanged = 0
  for (const finding of after.findings) {
    const was = past.get(finding.fingerprint) ?? renamed.get(finding.kin)?.shift()
    if (was) matched.add(was)
    if (!isOpen(finding)) {
      if (was && isOpen(was)) diff.accepted.push(finding)
      else if (was) unchanged++
    } else if (!was) (once.has(finding.fingerprint) ? diff.reopened : diff.new).push(finding)
    else if (!isOpen(was)) diff.reopened.push(finding)
    else if (countPlaces(finding) > countPlaces(was)) diff.spread.push(finding)
    else if (isHigher(finding.severity, was.severity)) diff.worse.push({ finding, before: was.severity })
    else unchanged++
  }
  const judges = judgeOf(before, after)
  const missing = before.findings.filter((finding) => !matched.has(finding))
  const fixed = missing.filter(judges)
  return { ...diff, fixed, unseen: missing.filter((finding) => !fixed.includes(finding)), unchanged }
}

/** Neither suppressed nor known from a baseline. */
function isOpen({ suppressed, baselineState }: JsonFinding): boolean {
  return suppressed === undefined && baselineState !== 'unchanged'
}

function countPlaces({ otherLocations }: JsonFinding): number {
  return 1 + (otherLocations?.length ?? 0)
}

function isHigher(a: Severity, b: Severity): boolean {
  return SEVERITIES.indexOf(a) > SEVERITIES.indexOf(b)
}

/** Whether the later run would have found a finding of the earlier one. */
function judgeOf(before: JsonReport, after: JsonReport): (finding: JsonFinding) => boolean {
  const sight = {
    ...after,
    partial: after.partial !== undefined,
    targets: after.targets as readonly TargetSummary[],
    ran: new Set(after.coverage.filter(({ status }) => status !== 'not-requested').map(({ rule }) => rule)),
  }
  const finds = wouldFind(sight, before.minConfidence)
  return ({ ruleId, location, otherLocations = [], scope, evidence }) => {
    const scopes = [scope, ...Object.values(evidence).flatMap((facts) => facts.map((fact) => fact.scope))]
    const first = 'file' in location ? location : location.declaredAt
    return finds({
      rule: ruleId,
      inHistory: 'file' in location && location.commit !== undefined,
      liesIn: (whole) => scopes.every((each) => liesIn(each, whole)),
      stoodIn: (path) =>
        [...(first ? [first] : []), ...otherLocations].some(({ file, repository }) => !repository && file === path),
    })
  }
}

/** The repository answers for what stands in its files, never for live targets. */
function liesIn(scope: string, whole: readonly TargetSummary[]): boolean {
  const target = targetOfScope(scope, whole)
  return target !== undefined && (isOfFiles(scope) || target.kind !== 'repository')
}

function isOfFiles(scope: string): boolean {
  return scope.startsWith('repo:') || scope === 'k8s:-' || scope.startsWith('k8s:-/')
}
