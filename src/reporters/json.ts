import type { Fact, FactKind, Location } from '../model.ts'
import { SEVERITIES } from '../model.ts'
import { firstFixes, postureOf } from '../posture.ts'
import { type Finding, isOpen, type Report } from '../report.ts'
import { jsonText } from './printable.ts'
import { type StoryStep, storyOf } from './story.ts'

/** Version of the form of the JSON report; it grows with a change that a reader could stumble over. */
export const SCHEMA_VERSION = '1.0'

/** What of a fact may be printed: fields for joins only (digests keyed for this run) are not. */
export type HiddenFields = ReadonlyMap<FactKind['kind'], readonly string[]>

/** The whole report as JSON; `docs/schema/report.schema.json` describes it. */
export function renderJson(report: Report, hidden: HiddenFields): string {
  const visible = report.findings.filter(isOpen)
  const bySeverity = Object.fromEntries(
    SEVERITIES.map((severity) => [severity, visible.filter((f) => f.severity === severity).length]),
  )
  const document = {
    schemaVersion: SCHEMA_VERSION,
    tool: report.tool,
    ...(report.startedAt && { startedAt: report.startedAt }),
    interrupted: report.interrupted,
    minConfidence: report.minConfidence,
    ...(report.partial && { partial: report.partial }),
    ...(report.baseline && { baseline: report.baseline }),
    targets: report.targets,
    summary: {
      findings: visible.length,
      bySeverity,
      gaps: { fault: countGaps(report, 'fault'), limit: countGaps(report, 'limit') },
      undetermined: report.undetermined.reduce((sum, item) => sum + item.rows, 0),
      skipped: Object.fromEntries(report.skipped.map(({ reason, count }) => [reason, count])),
      hidden: report.hidden,
    },
    posture: postureJson(report),
    firstFixes: firstFixes(report).map(({ findings, at, ...fix }) => ({
      ...fix,
      at: at.slice(0, FIX_PLACES),
      findings: findings.map(({ rule, fingerprint, message }) => ({ ruleId: rule.id, fingerprint, message })),
    })),
    findings: report.findings.map((finding) => toJson(finding, hidden)),
    undetermined: report.undetermined.map(({ rule, scope, rows, gaps }) => ({ rule: rule.id, scope, rows, gaps })),
    gaps: report.gaps,
    coverage: report.coverage,
    notices: report.notices,
  }
  return `${jsonText(document, 2)}\n`
}

/** Places of a change: the others stand at its findings. */
const FIX_PLACES = 20

/** Where nothing was looked at, the score is null: neither good nor bad. */
function postureJson(report: Report) {
  const { overall, unknowns, pillars } = postureOf(report)
  return {
    overall: overall ?? null,
    unknowns,
    pillars: pillars.map((each) => ({ ...each, score: each.score ?? null })),
  }
}

function countGaps(report: Report, gapClass: 'fault' | 'limit'): number {
  return report.gaps.filter((gap) => gap.class === gapClass).length
}

function toJson(finding: Finding, hidden: HiddenFields) {
  const evidence = Object.fromEntries(
    Object.entries(finding.evidence).map(([binding, facts]) => [binding, facts.map((fact) => printable(fact, hidden))]),
  )
  return {
    ruleId: finding.rule.id,
    title: finding.rule.title,
    severity: finding.severity,
    confidence: finding.confidence,
    pillar: finding.rule.pillar,
    message: finding.message,
    location: finding.at,
    ...(finding.also.length > 0 && { otherLocations: finding.also }),
    scope: finding.scope,
    fingerprint: finding.fingerprint,
    kin: finding.kin,
    ...(finding.baseline && { baselineState: finding.baseline }),
    ...(Object.keys(finding.properties).length > 0 && { properties: finding.properties }),
    ...stepsJson(finding),
    ...(finding.assumptions.length > 0 && { assumptions: finding.assumptions }),
    ...(finding.excerpt && { excerpt: finding.excerpt }),
    description: finding.rule.description,
    remediation: finding.rule.remediation,
    references: finding.rule.references,
    ...(finding.rule.credential && { credential: finding.rule.credential }),
    mappings: finding.rule.mappings,
    ...(finding.fix && { fix: finding.fix }),
    ...(finding.suppressed && { suppressed: finding.suppressed }),
    evidence,
  }
}

/** The story of a chain or path, each step after the one that it follows from. */
function stepsJson(finding: Finding) {
  const steps: { text: string; at: Location; follows?: number }[] = []
  const add = ({ text, at, children }: StoryStep, follows?: number) => {
    const index = steps.push({ text, at, ...(follows !== undefined && { follows }) }) - 1
    for (const child of children) add(child, index)
  }
  for (const step of storyOf(finding)) add(step)
  return steps.length > 0 && { steps }
}

function printable(fact: Fact, hidden: HiddenFields) {
  const omit = new Set(hidden.get(fact.kind) ?? [])
  const data = Object.fromEntries(Object.entries(fact.data).filter(([name]) => !omit.has(name)))
  return {
    kind: fact.kind,
    scope: fact.scope,
    data,
    ...(fact.unknown.length > 0 && { unknown: fact.unknown }),
    at: fact.at,
  }
}
