import type * as Sarif from 'sarif'
import type { Confidence, FileLocation, Gap, Location, Severity } from '../model.ts'
import type { Finding, Report, RuleInfo } from '../report.ts'
import { DOCUMENTATION } from './links.ts'

/** Numbers in GitHub's bands: over 9.0 critical, 7.0–8.9 high, 4.0–6.9 medium, 0.1–3.9 low. */
const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
  info: '1.0',
}
const LEVEL: Readonly<Record<Severity, Sarif.Result.level>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
}
const PRECISION: Readonly<Record<Confidence, string>> = { high: 'very-high', medium: 'high', low: 'low' }
const BASE = 'SRCROOT'
/** Where a finding about a thing without a file is anchored: GitHub refuses a whole upload that holds one without a file. */
const ANCHOR = 'zt-audit.yaml'

/** What a notification of a gap refers to. */
const GAP: Sarif.ReportingDescriptor = {
  id: 'gap',
  name: 'NotSeen',
  shortDescription: { text: 'Something could not be seen.' },
  fullDescription: { text: 'Something could not be seen, so what needed it was neither passed nor reported.' },
  help: { text: 'Give the auditor the permission that the message names, or make the file readable.' },
  helpUri: `${DOCUMENTATION}/blob/main/docs/architecture.md`,
}

/** SARIF 2.1.0 as GitHub code scanning takes it. Suppressed findings are left out: GitHub would show them as open. */
export function renderSarif(report: Report): string {
  const findings = report.findings.filter((finding) => !finding.suppressed)
  const used = new Set(findings.map((finding) => finding.rule.id))
  const rules = report.rules.filter((rule) => used.has(rule.id)).sort((a, b) => (a.id < b.id ? -1 : 1))
  const index = new Map(rules.map((rule, i) => [rule.id, i]))
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: report.tool.name,
            organization: 'zt-audit',
            fullName: 'zt-audit zero-trust posture auditor',
            version: report.tool.version,
            semanticVersion: report.tool.version,
            informationUri: DOCUMENTATION,
            rules: rules.map(toRule),
            notifications: [GAP],
          },
        },
        automationDetails: { id: 'zt-audit/repository/' },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: !report.interrupted,
            ...(report.startedAt && { startTimeUtc: report.startedAt }),
            toolExecutionNotifications: report.gaps.map(toNotification),
          },
        ],
        originalUriBaseIds: Object.fromEntries(
          repositoriesOf(findings).map((name) => [
            baseOf(name),
            { description: { text: name === undefined ? 'Root of the audited repository.' : `Root of ${name}.` } },
          ]),
        ),
        results: findings.map((finding) => toResult(finding, index.get(finding.rule.id) ?? 0)),
      },
    ],
  } satisfies Sarif.Log
  return `${JSON.stringify(log, null, 1)}\n`
}

function toRule(rule: RuleInfo): Sarif.ReportingDescriptor {
  const references = rule.references.map((url) => `- <${url}>`).join('\n')
  return {
    id: rule.id,
    name: pascalCase(rule.id),
    shortDescription: { text: sentence(rule.title) },
    fullDescription: { text: sentence(rule.description).slice(0, 1024) },
    help: {
      text: `${sentence(rule.description)} Fix: ${sentence(rule.remediation)}`,
      markdown: `## ${rule.title}\n\n**Why it matters.** ${sentence(rule.description)}\n\n**Fix.** ${sentence(rule.remediation)}\n${references && `\n**References**\n\n${references}\n`}\n\`zt-audit explain ${rule.id}\`\n`,
    },
    helpUri: `${DOCUMENTATION}/blob/main/docs/rules/${rule.id}.md`,
    defaultConfiguration: { level: LEVEL[rule.severity] },
    messageStrings: { default: { text: '{0}.' } },
    properties: {
      tags: [
        'security',
        'zero-trust',
        ...(rule.mappings.cwe ?? []).map((cwe) => `external/cwe/${cwe.toLowerCase()}`),
      ].slice(0, 20),
      precision: PRECISION[rule.confidence],
      'security-severity': SECURITY_SEVERITY[rule.severity],
    },
  }
}

function toResult(finding: Finding, ruleIndex: number): Sarif.Result {
  const message = finding.message.trim().replace(/\.$/, '')
  return {
    ruleId: finding.rule.id,
    ruleIndex,
    level: LEVEL[finding.severity],
    message: { id: 'default', text: `${message}.`, arguments: [message] },
    locations: [toLocation(finding)],
    ...(finding.also.length > 0 && {
      relatedLocations: finding.also
        .slice(0, 100)
        .map((place, i) => ({ id: i + 1, physicalLocation: toPhysical(place) })),
    }),
    partialFingerprints: {
      primaryLocationLineHash: finding.lineHash ?? `${finding.fingerprint.slice(3, 19)}:1`,
      'ztAuditFinding/v1': finding.fingerprint.slice(3),
    },
    properties: {
      severity: finding.severity,
      confidence: finding.confidence,
      'security-severity': SECURITY_SEVERITY[finding.severity],
      ...('file' in finding.at && finding.at.commit && { commit: finding.at.commit }),
      ...(finding.assumptions.length > 0 && { assumptions: [...finding.assumptions] }),
      ...finding.properties,
    },
  }
}

function toLocation(finding: Finding): Sarif.Location {
  const { at, excerpt } = finding
  if ('file' in at) return { physicalLocation: toPhysical(at, excerpt) }
  const anchor: FileLocation = at.declaredAt ?? { file: ANCHOR, line: 1 }
  return {
    physicalLocation: toPhysical(anchor, at.declaredAt ? excerpt : undefined),
    logicalLocations: [{ name: lastPart(at), fullyQualifiedName: at.resource, kind: 'resource' }],
  }
}

/** The main repository, and those further ones in which something was found. */
function repositoriesOf(findings: readonly Finding[]): (string | undefined)[] {
  const places = findings.flatMap(({ at, also }) => ['file' in at ? at : at.declaredAt, ...also])
  return [...new Set([undefined, ...places.map((place) => place?.repository)])]
}

function baseOf(repository: string | undefined): string {
  return repository === undefined ? BASE : `${BASE}_${repository.replace(/[^A-Za-z0-9]+/g, '_')}`
}

function lastPart(at: Extract<Location, { resource: string }>): string {
  return at.resource.split(/[/:]/).findLast((part) => part !== '') ?? at.resource
}

function toPhysical(place: FileLocation, excerpt?: Finding['excerpt']): Sarif.PhysicalLocation {
  const startLine = Math.max(1, place.line ?? 1)
  return {
    artifactLocation: { uri: toUri(place.file), uriBaseId: baseOf(place.repository) },
    region: {
      startLine,
      ...(place.column !== undefined && { startColumn: place.column }),
      ...(place.endLine !== undefined && { endLine: place.endLine }),
      ...(place.endColumn !== undefined && { endColumn: place.endColumn }),
      ...(excerpt && snippetOf(excerpt, startLine, place.endLine ?? startLine)),
    },
    ...(excerpt && surrounds(excerpt, startLine, place.endLine ?? startLine) && { contextRegion: contextOf(excerpt) }),
  }
}

/** A context must be more than the region; the excerpt of a long statement is less. */
function surrounds(excerpt: NonNullable<Finding['excerpt']>, startLine: number, endLine: number): boolean {
  const last = excerpt.startLine + excerpt.lines.length - 1
  return excerpt.startLine <= startLine && last >= endLine && excerpt.lines.length > endLine - startLine + 1
}

function snippetOf(
  excerpt: NonNullable<Finding['excerpt']>,
  startLine: number,
  endLine: number,
): { snippet?: { text: string } } {
  const lines = excerpt.lines.slice(startLine - excerpt.startLine, endLine - excerpt.startLine + 1)
  return lines.length > 0 ? { snippet: { text: lines.join('\n') } } : {}
}

function contextOf(excerpt: NonNullable<Finding['excerpt']>): Sarif.Region {
  return {
    startLine: excerpt.startLine,
    endLine: excerpt.startLine + excerpt.lines.length - 1,
    snippet: { text: excerpt.lines.join('\n') },
  }
}

function toNotification(gap: Gap): Sarif.Notification {
  return {
    descriptor: { id: 'gap', index: 0 },
    level: gap.class === 'fault' ? 'error' : 'warning',
    message: { text: sentence(`${gap.reason}: ${gap.detail}`) },
    properties: { kind: gap.kind, scope: gap.scope, class: gap.class },
  }
}

/** Percent-encodes what a relative URI may not hold; a colon in the first segment would read as a scheme. */
function toUri(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

function pascalCase(id: string): string {
  return id
    .split(/[/-]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
}

/** SARIF wants messages to end with a full stop. */
function sentence(text: string): string {
  const trimmed = text.trim()
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`
}
