import { createHash } from 'node:crypto'
import type { FileLocation, Severity } from '../model.ts'
import { type Finding, isOpen, type Report } from '../report.ts'
import { DOCUMENTATION } from './links.ts'
import { escapeMarkdown } from './markdown-text.ts'
import {
  describeGap,
  describeIncomplete,
  isIncomplete,
  type NotSeen,
  notSeen,
  summariseGaps,
  type UndeterminedRule,
} from './not-seen.ts'
import { anchorOf, fileOf, showPlace } from './place.ts'
import { jsonText, printableText } from './printable.ts'
import { shorten, withoutStop } from './shorten.ts'
import { stepsOf } from './story.ts'
import { describeHidden, describeNotAudited, describePartial } from './summary.ts'

/** What GitLab's two security reports have in common: version 15.2.1 of its schemas. */
const VERSION = '15.2.1'
const SEVERITY: Readonly<Record<Severity, string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  info: 'Info',
}
/** The format requires times. Without a clock to print it is this one, so that the same input gives the same bytes. */
const NO_CLOCK = '1970-01-01T00:00:00'
/** GitLab takes no more identifiers of a vulnerability. */
const IDENTIFIERS = 20
/** Messages of each sort; further ones are counted. */
const MESSAGES = 50

/** How the two reports differ. */
export interface GitlabReport {
  readonly type: 'sast' | 'secret_detection'
  /** Whether a rule belongs to it. */
  readonly holds: (ruleId: string) => boolean
  /** What the location has besides the place. */
  readonly location: (place: FileLocation) => object
}

/** A security report by GitLab's schema; never an extract of the source, which the format would have unmasked. */
export function renderGitlab(report: Report, { type, holds, location }: GitlabReport): string {
  const findings = report.findings.filter((finding) => isOpen(finding) && holds(finding.rule.id))
  const unseen = notSeen(report)
  const tool = {
    id: 'zt-audit',
    name: 'zt-audit',
    url: DOCUMENTATION,
    version: report.tool.version,
    vendor: { name: 'zt-audit' },
  }
  const time = report.startedAt?.slice(0, 19) ?? NO_CLOCK
  const ids = uniqueIds(findings)
  const document = {
    schema: `https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/v${VERSION}/dist/${type.replace('_', '-')}-report-format.json`,
    version: VERSION,
    scan: {
      type,
      analyzer: tool,
      scanner: tool,
      start_time: time,
      end_time: time,
      // A report that succeeded says that what is not in it is fixed.
      status: unseen.interrupted || unseen.unreached.length > 0 ? 'failure' : 'success',
      messages: messagesOf(report, unseen, holds),
    },
    vulnerabilities: findings.map((finding, i) => toVulnerability(finding, ids[i] ?? '', report, location)),
  }
  return `${jsonText(document, 2)}\n`
}

function toVulnerability(finding: Finding, id: string, report: Report, location: GitlabReport['location']) {
  const { rule } = finding
  const anchor = anchorOf(finding, report.targets)
  const links = rule.references.filter((url) => /^https?:\/\/./.test(url)).map((url) => ({ url }))
  return {
    id,
    name: shorten(rule.title, 255),
    description: `${escapeMarkdown(withoutStop(finding.message))}.\n\n${rule.description}`,
    severity: SEVERITY[finding.severity],
    solution: shorten(rule.remediation, 7000),
    identifiers: [
      { type: 'zt_audit_rule', name: rule.id, value: rule.id },
      ...(rule.mappings.cwe ?? []).map((cwe) => toCwe(cwe)),
    ].slice(0, IDENTIFIERS),
    ...(links.length > 0 && { links }),
    location: {
      file: anchor.file,
      start_line: anchor.line,
      ...(anchor.endLine !== undefined && { end_line: Math.max(anchor.line, anchor.endLine) }),
      ...location(anchor),
    },
    details: detailsOf(finding),
  }
}

function toCwe(cwe: string) {
  const number = cwe.replace(/\D/g, '')
  return {
    type: 'cwe',
    name: `CWE-${number}`,
    value: number,
    url: `https://cwe.mitre.org/data/definitions/${number}.html`,
  }
}

/** What GitLab shows below the description: all as raw text, which it does not render. */
function detailsOf(finding: Finding) {
  const text = (value: string) => ({ type: 'text', value: printableText(shorten(value, 2000)) })
  const list = (name: string, items: readonly string[]) => ({
    name,
    type: 'list',
    items: items.slice(0, 100).map(text),
  })
  const chain = stepsOf(finding).map((step) => `${step.text}${step.place ? `: ${step.place}` : ''}`)
  const commit = fileOf(finding.at)?.commit
  return {
    place: { name: 'Place', ...text(showPlace(finding.at)) },
    confidence: { name: 'Confidence', ...text(finding.confidence) },
    ...(commit && { commit: { name: 'Commit', type: 'commit', value: commit } }),
    ...(finding.also.length > 0 && { also: list('Also in', finding.also.map(showPlace)) }),
    ...(chain.length > 0 && { chain: list('Chain', chain) }),
    ...(finding.assumptions.length > 0 && { assumptions: list('Assumed', finding.assumptions) }),
    fingerprint: { name: 'Fingerprint', ...text(finding.fingerprint) },
  }
}

/** What the scan tells whoever started it: above all what it did not see. */
function messagesOf(report: Report, unseen: NotSeen, holds: GitlabReport['holds']) {
  const say = (level: 'info' | 'warn' | 'fatal', value: string) => ({
    level,
    value: printableText(shorten(value, 2000)),
  })
  const notReached = unseen.unreached.filter((target) => !target.audited)
  const partly = unseen.unreached.filter((target) => target.audited)
  const undetermined = unseen.undetermined.filter(({ rule }) => holds(rule.id))
  const partial = describePartial(report)
  const hidden = describeHidden(report)
  const missing = describeNotAudited(report)
  const limits = summariseGaps(unseen.limits, 3)
  return [
    ...(isIncomplete(unseen)
      ? [say(unseen.interrupted ? 'fatal' : 'warn', `Incomplete: ${describeIncomplete(unseen)}`)]
      : []),
    ...notReached.map(({ kind, name, detail }) =>
      say('fatal', `Not audited: ${kind} ${name}${detail && ` (${detail})`}`),
    ),
    ...partly.map(({ kind, name }) => say('warn', `Not seen whole: ${kind} ${name}`)),
    ...atMost(unseen.faults.map((gap) => `Not seen: ${describeGap(gap)}`)).map((text) => say('warn', text)),
    ...atMost(undetermined.map(describeUndetermined)).map((text) => say('warn', text)),
    ...(partial ? [say('warn', `Partial: ${partial}`)] : []),
    ...limits.map((text) => say('info', `Not looked into: ${text}`)),
    ...(hidden.length > 0 ? [say('info', `Not listed: ${hidden.join(', ')}`)] : []),
    ...(missing ? [say('info', `Not audited: ${missing}`)] : []),
  ]
}

function describeUndetermined({ rule, reasons }: UndeterminedRule): string {
  const more = reasons.length > 2 ? ` and ${reasons.length - 2} more` : ''
  return `Undetermined: ${rule.id}, because of ${reasons.slice(0, 2).join('; ')}${more}`
}

function atMost(texts: readonly string[]): string[] {
  if (texts.length <= MESSAGES) return [...texts]
  return [...texts.slice(0, MESSAGES), `${texts.length - MESSAGES} more of these`]
}

/** UUIDs made of the fingerprints: the same finding has the same one in each run. */
function uniqueIds(findings: readonly Finding[]): string[] {
  const seen = new Map<string, number>()
  return findings.map(({ fingerprint }) => {
    const times = (seen.get(fingerprint) ?? 0) + 1
    seen.set(fingerprint, times)
    return uuidOf(times === 1 ? fingerprint : `${fingerprint}/${times}`)
  })
}

/** Version 8 of RFC 9562: a UUID whose bits are one's own, here of SHA-256. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
