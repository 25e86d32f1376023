import type { Severity } from '../model.ts'
import { type Finding, isOpen, type Report } from '../report.ts'
import { describeGap, describeIncomplete, isIncomplete, type NotSeen, notSeen } from './not-seen.ts'
import { fileOf, inCheckout, showPlace } from './place.ts'
import { printableText } from './printable.ts'
import { shorten, withoutStop } from './shorten.ts'
import { describeAudited, describeFound, describeHidden, describeNotAudited, describePartial } from './summary.ts'

type Level = 'error' | 'warning' | 'notice'

const LEVEL: Readonly<Record<Severity, Level>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'notice',
  info: 'notice',
}
/** GitHub shows ten annotations of each level of a step, and drops the others without a word. */
const ANNOTATIONS = 10
/** Long enough for a message; a log line has its limits. */
const MESSAGE = 2000

/** Workflow commands that annotate a pull request's lines, worst first, and a summary for whoever reads the log. */
export function renderGithub(report: Report): string {
  const open = report.findings.filter(isOpen)
  const unseen = notSeen(report)
  const shown = fitAnnotations(open, unseen)
  const lines = shown.map(annotate)
  if (open.length > shown.length) {
    const more = open.length - shown.length
    lines.push(
      command('notice', { title: 'zt-audit' }, `${more} more finding${more === 1 ? '' : 's'}: see the full report`),
    )
  }
  if (isIncomplete(unseen))
    lines.push(command('warning', { title: 'zt-audit: not everything was seen' }, whatIsMissing(unseen)))
  return `${[...lines, ...summarise(report, unseen)].join('\n')}\n`
}

/** The worst ones: at most ten, and of each level so many that the commands behind them are shown, too. */
function fitAnnotations(open: readonly Finding[], unseen: NotSeen): readonly Finding[] {
  const worst = open.slice(0, ANNOTATIONS)
  const of = (level: Level) => worst.filter((finding) => LEVEL[finding.severity] === level).length
  const crowded =
    (isIncomplete(unseen) && of('warning') === ANNOTATIONS) ||
    (open.length > ANNOTATIONS && of('notice') === ANNOTATIONS)
  return crowded ? worst.slice(0, ANNOTATIONS - 1) : worst
}

function annotate(finding: Finding): string {
  const place = fileOf(finding.at)
  // What is in history only has no line in the checkout that could be shown.
  const shown = place?.commit === undefined ? inCheckout(place) : undefined
  const where = 'resource' in finding.at || !shown ? ` (${showPlace(finding.at)})` : ''
  const oneLine = shown?.endLine === undefined || shown.endLine === shown.line
  return command(
    LEVEL[finding.severity],
    {
      ...(shown && {
        file: shown.file,
        line: shown.line,
        endLine: shown.endLine,
        // Columns count only within one line.
        ...(oneLine && { col: shown.column, endColumn: shown.endColumn }),
      }),
      title: `${finding.rule.title} (${finding.rule.id})`,
    },
    `${printableText(`${withoutStop(shorten(finding.message, MESSAGE))}${where}`)}. ${finding.rule.remediation}`,
  )
}

function whatIsMissing(unseen: NotSeen): string {
  const examples = unseen.faults.slice(0, 10).map(describeGap)
  const more = unseen.faults.length > 10 ? ` and ${unseen.faults.length - 10} more` : ''
  const rules = unseen.undetermined.length
  const undetermined =
    rules > 0 ? `. ${rules} rule${rules === 1 ? '' : 's'} could not be decided, which is no pass` : ''
  const text = `${describeIncomplete(unseen)}${examples.length > 0 ? `: ${examples.join('; ')}${more}` : ''}${undetermined}`
  return printableText(shorten(text, 2 * MESSAGE))
}

type Properties = Readonly<Record<string, string | number | undefined>>

/** `::error file=a.ts,line=1::text`, escaped by the rules of GitHub's toolkit; the message is printable already. */
function command(level: Level, properties: Properties, message: string): string {
  const list = Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escapeProperty(printableText(String(value)))}`)
  return `::${level} ${list.join(',')}::${escapeData(message)}`
}

function escapeData(text: string): string {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replace(/:/g, '%3A').replace(/,/g, '%2C')
}

function summarise(report: Report, unseen: NotSeen): string[] {
  const lines = [`found: ${describeFound(report)}`]
  const hidden = describeHidden(report)
  if (hidden.length > 0) lines.push(`not listed: ${hidden.join(', ')}`)
  lines.push(`audited: ${describeAudited(report)}`)
  const partial = describePartial(report)
  if (partial) lines.push(partial)
  const missing = describeNotAudited(report)
  if (missing) lines.push(`not audited: ${missing}`)
  const { limits } = unseen
  if (limits.length > 0)
    lines.push(
      `not looked into: ${limits.length} thing${limits.length === 1 ? '' : 's'} (too large, binary, without a value)`,
    )
  if (isIncomplete(unseen)) lines.push(`INCOMPLETE: ${describeIncomplete(unseen)}`)
  return lines.map((line) => `zt-audit: ${asLogText(line)}`)
}

/** The runner takes `##[…]` for a command wherever it stands in a line, and `::` at its start. */
function asLogText(text: string): string {
  return printableText(text).replaceAll('##[', '# #[')
}
