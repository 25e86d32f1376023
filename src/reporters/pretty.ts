import { Chalk, type ChalkInstance } from 'chalk'
import { type Gap, type Location, SEVERITIES, type Severity } from '../model.ts'
import { type Finding, isOpen, type Report } from '../report.ts'
import { renderFrame } from './frame.ts'
import { type Layout, layout } from './layout.ts'
import { printable } from './printable.ts'

/** How the terminal is. */
export interface PrettyOptions {
  /** 0 none, 1 basic, 2 256 colours, 3 true colour. */
  readonly color: 0 | 1 | 2 | 3
  /** Columns. */
  readonly width: number
  readonly verbose: boolean
}

/** Findings of one rule that are shown with their code; the others are listed by place. */
const FRAMES = 3
const PLACES = 20

const MARK: Readonly<Record<Severity, string>> = { critical: '■', high: '▲', medium: '●', low: '○', info: '·' }

/** The report for people: findings worst first, each rule explained once, then what was not seen, then the sum. */
export function renderPretty(given: Report, options: PrettyOptions): string {
  const report = printable(given)
  const chalk = new Chalk({ level: options.color })
  const page = layout(options.width)
  const paint = severityPainter(chalk)
  const visible = report.findings.filter(isOpen)
  const parts: string[] = []
  for (const severity of [...SEVERITIES].reverse()) {
    const group = visible.filter((finding) => finding.severity === severity)
    if (group.length === 0) continue
    parts.push(paint(severity)(chalk.bold(`${MARK[severity]} ${severity.toUpperCase()} (${group.length})`)))
    for (const findings of byRule(group)) parts.push(renderRule(findings, severity, options, chalk, page))
  }
  if (options.verbose) parts.push(...renderSuppressed(report, chalk, page))
  parts.push(...renderNotSeen(report, options, chalk, page))
  if (report.notices.length > 0)
    parts.push([chalk.bold('Notes'), ...report.notices.map((notice) => page.item('-', notice))].join('\n'))
  parts.push(renderSummary(report, visible, chalk, page, paint))
  return `${parts.join('\n\n')}\n`
}

/** Colours that stay apart for people who cannot tell red from green; the marks and words say the same without colour. */
function severityPainter(chalk: ChalkInstance): (severity: Severity) => ChalkInstance {
  const colours: Record<Severity, ChalkInstance> = {
    critical: chalk.magentaBright,
    high: chalk.redBright,
    medium: chalk.yellow,
    low: chalk.cyan,
    info: chalk.gray,
  }
  return (severity) => colours[severity]
}

function byRule(findings: readonly Finding[]): Finding[][] {
  const groups = new Map<string, Finding[]>()
  for (const finding of findings) groups.set(finding.rule.id, [...(groups.get(finding.rule.id) ?? []), finding])
  return [...groups.values()]
}

function renderRule(
  findings: readonly Finding[],
  severity: Severity,
  options: PrettyOptions,
  chalk: ChalkInstance,
  page: Layout,
): string {
  const { rule } = findings[0] as Finding
  const paint = severityPainter(chalk)(severity)
  const lines = [`${page.wrap(`${chalk.bold(rule.title)}  ${chalk.dim(rule.id)}`, 2)}`]
  const framed = options.verbose ? findings : findings.slice(0, FRAMES)
  for (const finding of framed) lines.push(renderFinding(finding, paint, chalk, page))
  const rest = findings.slice(framed.length)
  if (rest.length > 0) {
    lines.push('')
    for (const finding of rest.slice(0, PLACES))
      lines.push(page.item('+', `${showPlace(finding.at)}  ${chalk.dim(finding.message)}`, 4))
    if (rest.length > PLACES)
      lines.push(page.item('+', `${rest.length - PLACES} more of this rule (--verbose or --format json lists all)`, 4))
  }
  lines.push('', page.labelled('why', rule.description, chalk.dim), page.labelled('fix', rule.remediation, chalk.dim))
  if (rule.references[0]) lines.push(page.labelled('see', rule.references[0], chalk.dim, false))
  return lines.join('\n')
}

function renderFinding(finding: Finding, paint: ChalkInstance, chalk: ChalkInstance, page: Layout): string {
  const lines = ['', page.wrap(finding.message, 4), `    ${chalk.cyan(showPlace(finding.at))}`]
  if (finding.baseline === 'updated')
    lines.push(page.wrap(chalk.dim('known from the baseline, but not in this place'), 4))
  if (finding.also.length > 0) {
    const shown = finding.also.slice(0, 3).map(showPlace).join(', ')
    lines.push(
      page.wrap(chalk.dim(`also ${shown}${finding.also.length > 3 ? ` and ${finding.also.length - 3} more` : ''}`), 4),
    )
  }
  if (finding.excerpt)
    lines.push(renderFrame(finding.excerpt, regionOf(finding.at), { paint, dim: chalk.dim, width: page.width }))
  lines.push(...renderChain(finding, chalk, page))
  for (const assumption of finding.assumptions) lines.push(page.wrap(chalk.dim(`assumed: ${assumption}`), 4))
  return lines.join('\n')
}

/** What was joined across targets, as a chain with one link a line: each is evidence that can be checked. */
function renderChain({ links, evidence }: Finding, chalk: ChalkInstance, page: Layout): string[] {
  const providers = new Set(
    Object.values(evidence)
      .flat()
      .map((fact) => fact.scope.split(':')[0]),
  )
  if (providers.size < 2) return []
  return links.map(({ name, at, values }, i) => {
    const branch = i === links.length - 1 ? '└─' : '├─'
    const more = (evidence[name]?.length ?? 1) - 1
    const others = more > 0 ? ` and ${more} more` : ''
    return page.item(branch, `${chalk.bold(name)} ${showPlace(at)}${others}${values && chalk.dim(`: ${values}`)}`, 4)
  })
}

function renderSuppressed(report: Report, chalk: ChalkInstance, page: Layout): string[] {
  const suppressed = report.findings.filter((finding) => finding.suppressed)
  if (suppressed.length === 0) return []
  const lines = suppressed.map((f) =>
    page.item(
      '-',
      `${f.rule.id} ${showPlace(f.at)}: ${f.suppressed?.reason} (${f.suppressed?.by}, ${f.suppressed?.at})`,
    ),
  )
  return [[chalk.bold('Suppressed'), ...lines].join('\n')]
}

/** Gaps have the same weight as findings: what was not seen is not passed. */
function renderNotSeen(report: Report, options: PrettyOptions, chalk: ChalkInstance, page: Layout): string[] {
  const parts: string[] = []
  const faults = report.undetermined.filter((item) => item.gaps.some((gap) => gap.class === 'fault'))
  if (faults.length > 0) {
    const lines = faults.map((item) => {
      const reasons = [
        ...new Set(item.gaps.filter((gap) => gap.class === 'fault').map((gap) => `${gap.reason}: ${gap.detail}`)),
      ]
      const rows = item.rows === 1 ? '' : ` (${item.rows} cases)`
      return page.item(
        '?',
        `${item.rule.id}${rows} ${chalk.dim(item.scope)} ${chalk.dim(`because of ${reasons.slice(0, 2).join('; ')}${reasons.length > 2 ? ` and ${reasons.length - 2} more` : ''}`)}`,
      )
    })
    const shown = options.verbose ? lines : lines.slice(0, 10)
    if (lines.length > shown.length) shown.push(page.item('?', `${lines.length - shown.length} more (--verbose)`))
    parts.push([chalk.bold(`Undetermined (${faults.length})`), ...shown].join('\n'))
  }
  const limited = report.undetermined.length - faults.length
  if (limited > 0 && options.verbose) {
    const ids = report.undetermined.filter((item) => !faults.includes(item)).map((item) => item.rule.id)
    parts.push(`${chalk.bold(`Decided in part only (${limited})`)}\n${page.wrap(ids.join(', '), 2)}`)
  }
  for (const [gapClass, title] of [
    ['fault', 'Not seen'],
    ['limit', 'Not looked into'],
  ] as const) {
    const gaps = distinctGaps(report.gaps.filter((gap) => gap.class === gapClass))
    if (gaps.length === 0) continue
    const lines = summariseGaps(gaps, options.verbose || gapClass === 'fault' ? 20 : 2).map((line) =>
      page.item('!', line),
    )
    parts.push(
      [
        chalk.bold(`${title} (${gaps.length})`),
        ...(options.verbose ? gaps.map((gap) => page.item('!', `${gap.reason}: ${gap.detail}`)) : lines),
      ].join('\n'),
    )
  }
  return parts
}

/** One unread file is one line, however many kinds of facts it may have held. */
function distinctGaps(gaps: readonly Gap[]): Gap[] {
  return [...new Map(gaps.map((gap) => [`${gap.reason}\u0000${gap.detail}`, gap])).values()]
}

function summariseGaps(gaps: readonly Gap[], examples: number): string[] {
  const byReason = new Map<string, Gap[]>()
  for (const gap of gaps) byReason.set(gap.reason, [...(byReason.get(gap.reason) ?? []), gap])
  return [...byReason].map(([reason, list]) => {
    const shown = list.slice(0, examples).map((gap) => gap.detail)
    const more = list.length > examples ? ` and ${list.length - examples} more` : ''
    return `${reason}: ${shown.join('; ')}${more}`
  })
}

function renderSummary(
  report: Report,
  visible: readonly Finding[],
  chalk: ChalkInstance,
  page: Layout,
  paint: (severity: Severity) => ChalkInstance,
): string {
  const counts = [...SEVERITIES].reverse().flatMap((severity) => {
    const n = visible.filter((finding) => finding.severity === severity).length
    return n > 0 ? [paint(severity)(`${n} ${severity}`)] : []
  })
  const lines = [chalk.dim('─'.repeat(Math.min(page.width, 100)))]
  const audited = report.targets.filter((target) => target.audited)
  lines.push(
    page.labelled(
      'audited',
      audited
        .map((target) => [target.kind, target.name, target.detail && `(${target.detail})`].filter(Boolean).join(' '))
        .join(', ') || 'nothing',
      chalk.dim,
    ),
  )
  if (report.partial) lines.push(page.labelled('judged', describePart(report.partial), chalk.dim))
  lines.push(page.labelled('found', counts.length > 0 ? counts.join(', ') : chalk.green('no findings'), chalk.dim))
  const { byConfidence, bySuppression, byPath, byBaseline } = report.hidden
  const hidden = [
    byConfidence > 0 && `${byConfidence} of low confidence (--min-confidence low)`,
    bySuppression > 0 && `${bySuppression} suppressed`,
    byBaseline > 0 && `${byBaseline} known from the baseline`,
    byPath > 0 && `${byPath} files excluded by config`,
  ].filter(Boolean)
  const { gone = 0 } = report.baseline ?? {}
  if (gone > 0) hidden.push(`${gone} of the baseline are gone (zt-audit baseline prune)`)
  if (hidden.length > 0) lines.push(page.labelled('hidden', hidden.join(', '), chalk.dim))
  const missing = report.targets.filter((target) => !target.audited)
  if (missing.length > 0) lines.push(page.labelled('not audited', missing.map(describeMissing).join(', '), chalk.dim))
  const faults = distinctGaps(report.gaps.filter((gap) => gap.class === 'fault')).length
  if (report.interrupted) lines.push(chalk.bold('  INCOMPLETE: interrupted; this is what was found until then'))
  else if (faults > 0)
    lines.push(chalk.bold(`  INCOMPLETE: ${faults} thing${faults === 1 ? '' : 's'} could not be seen, see above`))
  return lines.join('\n')
}

function describePart({ by, ref, files }: NonNullable<Report['partial']>): string {
  const what = by === 'staged' ? 'what is staged' : `what has changed since ${ref}`
  return `${what} only (${files} file${files === 1 ? '' : 's'})`
}

function describeMissing(target: Report['targets'][number]): string {
  const how = target.detail.match(/ask with (.*)$/)?.[1]
  return how ? `${target.name} (${how})` : `${target.kind} ${target.name} (see above)`
}

export function showPlace(at: Location): string {
  if ('resource' in at) return at.declaredAt ? `${at.resource} (${showPlace(at.declaredAt)})` : at.resource
  const file = at.repository === undefined ? at.file : `${at.repository}/${at.file}`
  const place = [file, at.line, at.column].filter((part) => part !== undefined).join(':')
  return at.commit ? `${place} in commit ${at.commit.slice(0, 10)}` : place
}

function regionOf(at: Location) {
  return 'file' in at ? at : at.declaredAt
}
