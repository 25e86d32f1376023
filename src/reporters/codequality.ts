import { createHash } from 'node:crypto'
import type { Severity } from '../model.ts'
import { type Finding, isOpen, type Report } from '../report.ts'
import { describeGap, describeIncomplete, isIncomplete, type NotSeen, notSeen, summariseGaps } from './not-seen.ts'
import { anchorOf, fileOf, inCheckout, RUN_ANCHOR, showPlace } from './place.ts'
import { jsonText, printableText } from './printable.ts'
import { shorten, withoutStop } from './shorten.ts'
import { describePartial } from './summary.ts'

const SEVERITY: Readonly<Record<Severity, string>> = {
  critical: 'blocker',
  high: 'critical',
  medium: 'major',
  low: 'minor',
  info: 'info',
}
/** Faults that have a row of their own. */
const FAULTS = 50

/** One row of GitLab's subset of the Code Climate format. */
interface Row {
  readonly description: string
  readonly check_name: string
  readonly fingerprint: string
  readonly severity: string
  readonly location: { readonly path: string; readonly lines: { readonly begin: number; readonly end?: number } }
}

/** GitLab's code quality report. The format knows rows only, so what was not seen is rows, too. */
export function renderCodequality(report: Report): string {
  const open = report.findings.filter(isOpen)
  const rows = [...open.map((finding) => toRow(finding, report)), ...rowsOfTheRun(report, notSeen(report))]
  return `${jsonText(withUniqueFingerprints(rows), 2)}\n`
}

function toRow(finding: Finding, report: Report): Row {
  const { file, line, endLine } = anchorOf(finding, report.targets)
  const own = fileOf(finding.at)
  const elsewhere = 'resource' in finding.at || own?.commit !== undefined || !inCheckout(own)
  const place = elsewhere ? ` (${showPlace(finding.at)})` : ''
  const also =
    finding.also.length > 0 ? `; also in ${finding.also.length} other place${finding.also.length === 1 ? '' : 's'}` : ''
  return {
    description: `${finding.rule.title}: ${printableText(`${withoutStop(shorten(finding.message, 2000))}${place}`)}${also}`,
    check_name: finding.rule.id,
    fingerprint: finding.fingerprint.replace(/^v\d+:/, ''),
    severity: SEVERITY[finding.severity],
    location: { path: file, lines: { begin: line, ...(endLine !== undefined && { end: Math.max(line, endLine) }) } },
  }
}

/** GitLab shows only the first of several rows with one fingerprint. */
function withUniqueFingerprints(rows: readonly Row[]): Row[] {
  const seen = new Map<string, number>()
  return rows.map((row) => {
    const times = (seen.get(row.fingerprint) ?? 0) + 1
    seen.set(row.fingerprint, times)
    return times === 1 ? row : { ...row, fingerprint: digest(`${row.fingerprint}/${times}`) }
  })
}

/** Faults weigh as much as findings; limits are one row that stays the same, so that it is no news in each merge request. */
function rowsOfTheRun(report: Report, unseen: NotSeen): Row[] {
  const rows = unseen.faults.slice(0, FAULTS).map((gap) => {
    const text = describeGap(gap)
    return runRow('zt-audit/not-seen', 'major', `Not seen: ${text}`, `not-seen ${gap.scope} ${text}`)
  })
  if (unseen.faults.length > FAULTS) {
    rows.push(runRow('zt-audit/not-seen', 'major', `Not seen: ${unseen.faults.length - FAULTS} more things`))
  }
  if (isIncomplete(unseen) && unseen.faults.length === 0) {
    rows.push(runRow('zt-audit/incomplete', 'major', `The audit is incomplete: ${describeIncomplete(unseen)}`))
  } else if (unseen.interrupted) {
    rows.push(runRow('zt-audit/incomplete', 'major', 'The audit is incomplete: it was interrupted'))
  }
  if (unseen.undetermined.length > 0) {
    const ids = unseen.undetermined.map(({ rule }) => rule.id).join(', ')
    rows.push(runRow('zt-audit/undetermined', 'major', `Not decided, which is no pass: ${ids}`, 'undetermined'))
  }
  const inPart =
    unseen.inPart.length > 0 ? ` Decided in part only: ${unseen.inPart.map(({ id }) => id).join(', ')}` : ''
  const limits = unseen.limits.length > 0 ? `${summariseGaps(unseen.limits, 2).join('. ')}.` : ''
  if (limits + inPart !== '') {
    rows.push(runRow('zt-audit/limits', 'info', `Not looked into: ${limits}${inPart}`, 'limits'))
  }
  const partial = describePartial(report)
  if (partial) rows.push(runRow('zt-audit/partial', 'info', `Partial: ${partial}`, 'partial'))
  return rows
}

function runRow(check: string, severity: string, description: string, identity = description): Row {
  return {
    description: printableText(shorten(description, 4000)),
    check_name: check,
    fingerprint: digest(identity),
    severity,
    location: { path: RUN_ANCHOR.file, lines: { begin: RUN_ANCHOR.line } },
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
