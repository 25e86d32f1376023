import type * as Sarif from 'sarif'
import { SEVERITIES, type Severity } from '../model.ts'
import { postureOf } from '../posture.ts'
import type { Finding, Report, RuleInfo } from '../report.ts'
import { DOCUMENTATION } from './links.ts'
import { jsonText } from './printable.ts'
import { trackingHashes } from './sarif/fingerprints.ts'
import { type Extent, MOST_RUNS, renderWithin, SHOWN_RESULTS } from './sarif/limits.ts'
import type { ResultMessage } from './sarif/messages.ts'
import { NOTIFICATIONS, notificationsOf } from './sarif/notifications.ts'
import { primaryOf, resultMessage, toResult } from './sarif/results.ts'
import { toRule, type UsedRule } from './sarif/rules.ts'
import { planRuns, type RunPlan } from './sarif/runs.ts'
import { rootsOf } from './sarif/uris.ts'
import { describeSkips } from './summary.ts'

/**
 * SARIF 2.1.0 as GitHub code scanning takes it; docs/sarif.md says what it does with it. Suppressed findings are left out: GitHub
 * would show them as open.
 */
export function renderSarif(report: Report): string {
  const plans = planRuns(report).map((plan) => ({ ...plan, findings: worstFirst(plan.findings) }))
  const chosen = plans.length <= MOST_RUNS ? plans : [...plans.slice(0, MOST_RUNS - 1), ...plans.slice(-1)]
  const missingRuns = plans.filter((plan) => !chosen.includes(plan)).map((plan) => plan.id)
  const hashes = chosen.map((plan) =>
    trackingHashes(plan.findings, (finding) => primaryOf(finding, report.targets).place.file),
  )
  return renderWithin(
    chosen.map((plan) => plan.findings.length),
    (extent) => {
      const log: Sarif.Log = {
        $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
        version: '2.1.0',
        runs: chosen.map((plan, i) =>
          toRun(plan, report, extent, { hashes: hashes[i] ?? new Map(), missingRuns: i === 0 ? missingRuns : [] }),
        ),
      }
      // Indentation is for people, who do not read thousands of results.
      const long = log.runs.some((run) => (run.results?.length ?? 0) > SHOWN_RESULTS)
      return `${jsonText(log, long ? 0 : 1)}\n`
    },
  )
}

/** What was worked out once for all extents. */
interface Prepared {
  readonly hashes: ReadonlyMap<Finding, string>
  readonly missingRuns: readonly string[]
}

function toRun(plan: RunPlan, report: Report, extent: Extent, prepared: Prepared): Sarif.Run {
  const kept = plan.findings.slice(0, extent.results)
  const messages = kept.map((finding, i) => resultMessage(finding, i < extent.detailed))
  const rules = kept.length > 0 ? usedRules(kept, messages) : someRules(plan.rules)
  const index = new Map(rules.map(({ rule }, i) => [rule.id, i]))
  const chain = plan.id.startsWith('zt-audit/chain/')
  const results = kept.map((finding, i) =>
    toResult(finding, messages[i] as ResultMessage, {
      targets: report.targets,
      ruleIndex: index.get(finding.rule.id) ?? 0,
      trackingHash: prepared.hashes.get(finding) ?? '',
      chain,
      detailed: i < extent.detailed,
    }),
  )
  return {
    tool: { driver: { ...driverOf(report), rules: rules.map(toRule), notifications: [...NOTIFICATIONS] } },
    automationDetails: { id: plan.id },
    columnKind: 'utf16CodeUnits',
    invocations: [
      {
        executionSuccessful: plan.successful,
        ...(report.startedAt && { startTimeUtc: report.startedAt }),
        toolExecutionNotifications: notificationsOf(plan, {
          kept: kept.length,
          leftOut: plan.findings.length - kept.length,
          interrupted: report.interrupted,
          missingRuns: prepared.missingRuns,
          // Counts are of all trees together.
          skipped: plan.isMain ? describeSkips(report) : [],
        }),
      },
    ],
    ...rootsOf(repositoriesOf(kept, report), report.targets),
    results,
    ...propertiesOf(plan, report),
  }
}

/** The posture is of the whole audit, and stands in one run. */
function propertiesOf(plan: RunPlan, report: Report): Pick<Sarif.Run, 'properties'> {
  const { overall, pillars } = postureOf(report)
  const scores = pillars.flatMap(({ pillar, score }) => (score ? [[pillar, score]] : []))
  const properties = {
    // What only looked at a part must not close the rest.
    ...(report.partial && { partial: report.partial.by }),
    ...(plan.isMain && overall && { posture: { overall, ...Object.fromEntries(scores) } }),
  }
  return Object.keys(properties).length > 0 ? { properties } : {}
}

function driverOf(report: Report) {
  return {
    name: report.tool.name,
    organization: 'zt-audit',
    fullName: 'zt-audit zero-trust posture auditor',
    version: report.tool.version,
    semanticVersion: report.tool.version,
    informationUri: DOCUMENTATION,
  }
}

/** GitHub takes results in the order of their severity, and files that are too large lose those at the end. */
function worstFirst(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity))
}

/** The rules with results, by id. */
function usedRules(findings: readonly Finding[], messages: readonly ResultMessage[]) {
  const used = new Map<string, { rule: RuleInfo; severities: Set<Severity>; messages: Map<string, string> }>()
  for (const [i, { rule, severity }] of findings.entries()) {
    const entry = used.get(rule.id) ?? { rule, severities: new Set(), messages: new Map() }
    used.set(rule.id, entry)
    entry.severities.add(severity)
    const made = messages[i]
    if (made) entry.messages.set(made.message.id, made.template)
  }
  return [...used.values()].sort((a, b) => (a.rule.id < b.rule.id ? -1 : 1))
}

/**
 * A run without results names a few of the rules that found nothing, the worst first: validators want some, and all of them
 * would be half a megabyte.
 */
function someRules(rules: readonly RuleInfo[]): UsedRule[] {
  return [...new Map(rules.map((rule) => [rule.id, rule])).values()]
    .sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || (a.id < b.id ? -1 : 1))
    .slice(0, RULES_OF_EMPTY_RUN)
    .map((rule) => ({ rule, severities: new Set(), messages: new Map() }))
}

const RULES_OF_EMPTY_RUN = 10

/** The repositories in which results of a run have places; the main one, in which all others are anchored, if there are none. */
function repositoriesOf(findings: readonly Finding[], report: Report): Set<string | undefined> {
  const places = findings.flatMap((finding) => [
    primaryOf(finding, report.targets).place,
    ...finding.also,
    ...finding.links.flatMap(({ at }) => ('file' in at ? at : (at.declaredAt ?? []))),
  ])
  return new Set(places.length === 0 ? [undefined] : places.map((place) => place.repository))
}
