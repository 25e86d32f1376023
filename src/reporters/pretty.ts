import { Chalk, type ChalkInstance } from 'chalk'
import type { Severity } from '../model.ts'
import { type Finding, isOpen, type Report } from '../report.ts'
import { renderRuleInBrief, SCREEN } from './brief.ts'
import { renderFrame } from './frame.ts'
import { countBySeverity, groupBy, WORST_FIRST } from './grouping.ts'
import { type Hyperlinks, NO_LINKS } from './hyperlink.ts'
import { type Layout, layout } from './layout.ts'
import { describeLifetime } from './lifetime.ts'
import { countReasons, describeGap, distinctGaps, summariseGaps } from './not-seen.ts'
import { fileOf, showPlace } from './place.ts'
import { renderFirstFixes, renderPosture } from './pretty-posture.ts'
import { renderStory, type TreeOptions } from './pretty-story.ts'
import { printable } from './printable.ts'
import { MARK, severityPainter } from './severity-paint.ts'
import {
  describeAudited,
  describeHidden,
  describeNotAudited,
  describePartial,
  describeSkips,
  listSkips,
} from './summary.ts'
import { setText } from './text-width.ts'

/** How the terminal is. */
export interface PrettyOptions {
  /** 0 none, 1 basic, 2 256 colours, 3 true colour. */
  readonly color: 0 | 1 | 2 | 3
  /** Columns. */
  readonly width: number
  readonly verbose: boolean
  /** Links of places, rules and addresses, where the terminal has them. Default none. */
  readonly links?: Hyperlinks
}

/** Findings of one rule that are shown with their code; the others are listed by place. */
const FRAMES = 3
const PLACES = 20

/** The report for people: findings worst first, each rule explained once, then what was not seen, then the sum. */
export function renderPretty(given: Report, options: PrettyOptions): Promise<string> {
  const report = printable(given)
  return setText((measure) => {
    const page = layout(options.width, measure)
    // Whoever has many findings wants to see them together first.
    const full = partsUpTo(options.verbose ? Infinity : SCREEN, compose(report, options, page, false))
    return `${(full ?? [...compose(report, options, page, true)]).join('\n\n')}\n`
  })
}

/** All the parts; undefined if they have more lines, without laying out what comes after. */
function partsUpTo(most: number, parts: Iterable<string>): string[] | undefined {
  const kept: string[] = []
  let lines = 0
  for (const part of parts) {
    kept.push(part)
    // With the empty line below it.
    lines += part.split('\n').length + 1
    if (lines > most) return undefined
  }
  return kept
}

/** The parts of a report from above, each laid out when it is asked for. */
function* compose(report: Report, options: PrettyOptions, page: Layout, brief: boolean): Generator<string> {
  const chalk = new Chalk({ level: options.color })
  const drawing = { chalk, page, links: options.links ?? NO_LINKS }
  const paint = severityPainter(chalk)
  const visible = report.findings.filter(isOpen)
  const told = new Set<string>()
  for (const severity of WORST_FIRST) {
    const group = visible.filter((finding) => finding.severity === severity)
    if (group.length === 0) continue
    const heading = paint(severity)(chalk.bold(`${MARK[severity]} ${severity.toUpperCase()} (${group.length})`))
    if (!brief) yield heading
    const rules = [...groupBy(group, ({ rule }) => rule.id).values()]
    if (brief) yield [heading, ...rules.map((findings) => renderRuleInBrief(findings, told, drawing))].join('\n')
    else for (const findings of rules) yield renderRule(findings, severity, options, drawing)
  }
  if (options.verbose) yield* renderSuppressed(report, chalk, page)
  yield* renderNotSeen(report, options, brief, chalk, page)
  if (options.verbose) yield* renderSkipped(report, chalk, page)
  if (report.notices.length > 0)
    yield [chalk.bold('Notes'), ...report.notices.map((notice) => page.item('-', notice))].join('\n')
  yield* renderFirstFixes(report, drawing)
  yield renderSummary(report, visible, chalk, page, paint, brief, options.verbose)
}

function renderRule(
  findings: readonly Finding[],
  severity: Severity,
  options: PrettyOptions,
  drawing: TreeOptions,
): string {
  const { rule } = findings[0] as Finding
  const { chalk, page, links } = drawing
  const paint = severityPainter(chalk)(severity)
  const lines = [page.placed('  ', '  ', chalk.bold(rule.title), chalk.dim(links.rule(rule.id, rule.id)))]
  const framed = options.verbose ? findings : findings.slice(0, FRAMES)
  for (const finding of framed) lines.push(renderFinding(finding, paint, drawing))
  const rest = findings.slice(framed.length)
  if (rest.length > 0) {
    lines.push('')
    for (const finding of rest.slice(0, PLACES))
      lines.push(
        page.placed('    + ', '      ', chalk.dim(finding.message), links.place(showPlace(finding.at), finding.at)),
      )
    if (rest.length > PLACES)
      lines.push(page.item('+', `${rest.length - PLACES} more of this rule (--verbose or --format json lists all)`, 4))
  }
  lines.push('', page.labelled('why', rule.description, chalk.dim))
  if (rule.credential)
    lines.push(
      page.labelled(
        'opens',
        `${rule.credential.opens}; holds ${describeLifetime(rule.credential.lifetime)}`,
        chalk.dim,
      ),
    )
  lines.push(page.labelled('fix', rule.remediation, chalk.dim))
  if (rule.references[0])
    lines.push(page.labelled('see', links.url(rule.references[0]), chalk.dim, { breakable: false }))
  return lines.join('\n')
}

function renderFinding(finding: Finding, paint: ChalkInstance, drawing: TreeOptions): string {
  const { chalk, page, links } = drawing
  const lines = ['', page.wrap(finding.message, 4), `    ${chalk.cyan(links.place(showPlace(finding.at), finding.at))}`]
  if (finding.baseline === 'updated')
    lines.push(page.wrap(chalk.dim('known from the baseline, but not in this place'), 4))
  if (finding.also.length > 0) {
    const shown = finding.also.slice(0, 3).map(showPlace).join(', ')
    lines.push(
      page.wrap(chalk.dim(`also ${shown}${finding.also.length > 3 ? ` and ${finding.also.length - 3} more` : ''}`), 4),
    )
  }
  if (finding.excerpt)
    lines.push(
      renderFrame(finding.excerpt, fileOf(finding.at), {
        paint,
        dim: chalk.dim,
        width: page.width,
        measure: page.measure,
      }),
    )
  lines.push(...renderStory(finding, drawing))
  for (const assumption of finding.assumptions) lines.push(page.wrap(chalk.dim(`assumed: ${assumption}`), 4))
  return lines.join('\n')
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
function renderNotSeen(
  report: Report,
  options: PrettyOptions,
  brief: boolean,
  chalk: ChalkInstance,
  page: Layout,
): string[] {
  const parts: string[] = []
  const faults = report.undetermined.filter((item) => item.gaps.some((gap) => gap.class === 'fault'))
  if (faults.length > 0) {
    const lines = faults.map((item) => {
      const reasons = [...new Set(item.gaps.filter((gap) => gap.class === 'fault').map(describeGap))]
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
    // In brief what is known only at run time, or lies elsewhere, is counted below.
    if (gaps.length === 0 || (brief && gapClass === 'limit')) continue
    const lines = summariseGaps(gaps, options.verbose || gapClass === 'fault' ? 20 : 2).map((line) =>
      page.item('!', line),
    )
    parts.push(
      [
        chalk.bold(`${title} (${gaps.length})`),
        ...(options.verbose ? gaps.map((gap) => page.item('!', describeGap(gap))) : lines),
      ].join('\n'),
    )
  }
  return parts
}

/** What was left out on purpose, path by path. */
function renderSkipped(report: Report, chalk: ChalkInstance, page: Layout): string[] {
  return listSkips(report).map(({ title, paths }) =>
    [chalk.bold(`Skipped: ${title}`), ...paths.map((path) => page.item('-', path))].join('\n'),
  )
}

function renderSummary(
  report: Report,
  visible: readonly Finding[],
  chalk: ChalkInstance,
  page: Layout,
  paint: (severity: Severity) => ChalkInstance,
  brief: boolean,
  verbose: boolean,
): string {
  const counts = countBySeverity(visible).map(({ severity, count }) => paint(severity)(`${count} ${severity}`))
  const lines = [chalk.dim('─'.repeat(Math.min(page.width, 100)))]
  lines.push(page.labelled('audited', describeAudited(report), chalk.dim))
  const part = describePartial(report)
  if (part !== undefined) lines.push(page.labelled('judged', part, chalk.dim))
  lines.push(page.labelled('found', counts.length > 0 ? counts.join(', ') : chalk.green('no findings'), chalk.dim))
  lines.push(...renderPosture(report, verbose, chalk, page))
  const hidden = describeHidden(report)
  if (hidden.length > 0) lines.push(page.labelled('hidden', hidden.join(', '), chalk.dim))
  const skips = describeSkips(report)
  if (skips.length > 0) lines.push(page.labelled('skipped', skips.join(', '), chalk.dim))
  const missing = describeNotAudited(report)
  if (missing !== '') lines.push(page.labelled('not audited', missing, chalk.dim))
  const limits = distinctGaps(report.gaps.filter((gap) => gap.class === 'limit'))
  if (brief && limits.length > 0) lines.push(page.labelled('not seen', countReasons(limits), chalk.dim))
  if (brief) lines.push(page.labelled('in full', '--verbose, with code and reasons; zt-audit explain RULE', chalk.dim))
  const faults = distinctGaps(report.gaps.filter((gap) => gap.class === 'fault')).length
  if (report.interrupted) lines.push(chalk.bold('  INCOMPLETE: interrupted; this is what was found until then'))
  else if (faults > 0)
    lines.push(chalk.bold(`  INCOMPLETE: ${faults} thing${faults === 1 ? '' : 's'} could not be seen, see above`))
  return lines.join('\n')
}
