import { SEVERITIES, type Severity } from '../../model.ts'
import { isOpen, type Report, type TargetSummary } from '../../report.ts'
import { WORST_FIRST } from '../grouping.ts'
import { howToAsk, isIncomplete, notSeen } from '../not-seen.ts'
import { describeHidden, describePartial, describeSkips } from '../summary.ts'
import { count, html, type Markup } from './markup.ts'
import { targetTitle } from './names.ts'
import type { HtmlOptions } from './options.ts'
import { overallScore } from './pillars.ts'
import { severityLabel } from './severity.ts'
import { countUnseen } from './unseen.ts'

/** The answer first: how many, how grave, what was not seen, and how the run ends. */
export function overviewSection(report: Report, options: HtmlOptions): Markup {
  const open = report.findings.filter(isOpen)
  const blind = nothingSeen(report)
  const tiles = WORST_FIRST.map((severity) => {
    const n = open.filter((finding) => finding.severity === severity).length
    const inner = html`<b>${blind ? '–' : n}</b>${severityLabel(severity)}`
    return html`<li class="tile ${n === 0 ? 'none' : severity}">${n === 0 ? inner : html`<a href="#sev-${severity}">${inner}</a>`}</li>`
  })
  const unseen = countUnseen(report)
  const left = notSeen(report).limits.length
  const inner = html`<b>${unseen}</b><span class="sev unseen"><span class="mark" aria-hidden="true">?</span>not seen</span>${left > 0 && html`<small>${left} left out on purpose</small>`}`
  return html`<section id="overview" aria-labelledby="overview-title">
<h2 id="overview-title">Overview</h2>
<p class="verdict">${verdict(report, options)}</p>
${overallScore(report)}
<ul class="tiles">${tiles}<li class="tile ${unseen + left === 0 ? 'none' : 'unseen'}">${unseen + left === 0 ? inner : html`<a href="#unseen">${inner}</a>`}</li></ul>
${targets(report.targets)}
${rest(report)}
</section>
`
}

/** How many findings; where nothing was seen, nothing can be said of them. */
export function found(report: Report): string {
  if (nothingSeen(report)) return 'Nothing was seen'
  const open = report.findings.filter(isOpen).length
  return open === 0 ? 'No findings' : count(open, 'finding')
}

export function nothingSeen({ targets, findings }: Report): boolean {
  return findings.length === 0 && !targets.some(({ audited }) => audited)
}

function verdict(report: Report, { verdict }: HtmlOptions): Markup {
  const unseen = notSeen(report)
  const seen = nothingSeen(report)
    ? ': what was not seen is not passed'
    : isIncomplete(unseen)
      ? html`, and <strong>not everything was seen</strong>: what was not seen is not passed`
      : ''
  const n = unseen.limits.length
  const left =
    n > 0 &&
    html` <a href="#unseen">${count(n, 'thing')}</a> ${n === 1 ? 'was' : 'were'} left out on purpose, or ${n === 1 ? 'is' : 'are'} known at run time only.`
  return html`<b>${found(report)}</b>${seen}.${left}${verdict && html` <span class="exit">${exitMeaning(report, verdict)}</span>`}`
}

function exitMeaning(report: Report, { code, failOn }: NonNullable<HtmlOptions['verdict']>): Markup {
  const words = {
    0: whyPassed(report, failOn),
    1: reached(report, failOn) ? `findings at or above ${failOn}` : 'the score is below the one asked for',
    2: 'a wrong call, setting or rule',
    3: 'incomplete, since not all was seen that was asked for',
    4: 'nothing could be scanned',
  }[code]
  return html`The run ${code === 0 ? 'passes' : 'fails'} with exit code <code>${code}</code>: ${words}.`
}

/** Of a run that passes in spite of something it says so: nobody shall take it for clean. */
function whyPassed(report: Report, failOn: Severity | 'never'): string {
  if (reached(report, failOn)) return 'its findings were told not to fail it (--exit-zero)'
  const found = failOn === 'never' ? 'findings do not fail it' : `no finding at or above ${failOn}`
  return isIncomplete(notSeen(report)) ? `${found}, and what was not seen was told not to fail it` : found
}

function reached(report: Report, failOn: Severity | 'never'): boolean {
  if (failOn === 'never') return false
  return report.findings.some((each) => isOpen(each) && SEVERITIES.indexOf(each.severity) >= SEVERITIES.indexOf(failOn))
}

function targets(all: readonly TargetSummary[]): Markup {
  const rows = all.map((target) => {
    const { detail, revision } = target
    const how = howToAsk(target)
    const state = !target.audited
      ? how
        ? html`<span class="quiet">not asked for</span>`
        : html`<strong class="unseen">not reached</strong>`
      : target.complete
        ? 'seen'
        : html`<strong class="unseen">not seen whole</strong>`
    const at = revision && [revision.branch, revision.commit.slice(0, 10)].filter(Boolean).join(' at ')
    return html`<tr role="row"><th scope="row" role="rowheader">${targetTitle(target)}</th><td role="cell" class="state">${state}</td><td role="cell">${how ? html`ask with <code>${how}</code>` : [detail, at].filter(Boolean).join(', ')}</td></tr>
`
  })
  return html`<table class="stack targets" role="table"><caption>What was looked at</caption><thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Target</th><th scope="col" role="columnheader">Seen</th><th scope="col" role="columnheader">What</th></tr></thead><tbody role="rowgroup">${rows}</tbody></table>
`
}

function rest(report: Report): Markup | undefined {
  const partial = describePartial(report)
  const hidden = describeHidden(report)
  const skipped = describeSkips(report)
  if (!partial && hidden.length + skipped.length + report.notices.length === 0) return undefined
  return html`<ul class="rest">
${partial && html`<li><b>Partial</b> ${partial}</li>`}
${hidden.length > 0 && html`<li><b>Not counted</b> ${hidden.join(', ')}</li>`}
${skipped.length > 0 && html`<li><b>Skipped</b> ${skipped.join(', ')}</li>`}
${report.notices.map((notice) => html`<li><b>Note</b> ${notice}</li>`)}
</ul>
`
}
