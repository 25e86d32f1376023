import { SEVERITIES, type Severity } from '../../model.ts'
import { isOpen, type Report, type TargetSummary } from '../../report.ts'
import { WORST_FIRST } from '../grouping.ts'
import { howToAsk, isIncomplete, notSeen } from '../not-seen.ts'
import { describeHidden, describePartial, describeSkips } from '../summary.ts'
import { count, html, type Markup } from './markup.ts'
import type { HtmlOptions } from './options.ts'
import { severityLabel } from './severity.ts'
import { countUnseen } from './unseen.ts'

/** The answer first: how many, how grave, what was not seen, and how the run ends. */
export function overviewSection(report: Report, options: HtmlOptions): Markup {
  const open = report.findings.filter(isOpen)
  const tiles = WORST_FIRST.map((severity) => {
    const n = open.filter((finding) => finding.severity === severity).length
    const inner = html`<b>${n}</b>${severityLabel(severity)}`
    return html`<li class="tile ${n === 0 ? 'none' : severity}">${n === 0 ? inner : html`<a href="#sev-${severity}">${inner}</a>`}</li>`
  })
  const unseen = countUnseen(report)
  const inner = html`<b>${unseen}</b><span class="sev unseen"><span class="mark" aria-hidden="true">?</span>not seen</span>`
  return html`<section id="overview" aria-labelledby="overview-title">
<h2 id="overview-title">Overview</h2>
<p class="verdict">${verdict(report, options)}</p>
<ul class="tiles">${tiles}<li class="tile ${unseen === 0 ? 'none' : 'unseen'}">${unseen === 0 ? inner : html`<a href="#unseen">${inner}</a>`}</li></ul>
${targets(report.targets)}
${rest(report)}
</section>
`
}

function verdict(report: Report, { verdict }: HtmlOptions): Markup {
  const open = report.findings.filter(isOpen)
  const unseen = notSeen(report)
  const found = open.length === 0 ? 'No findings' : count(open.length, 'finding')
  const seen = isIncomplete(unseen)
    ? html`, and <strong>not everything was seen</strong>: what was not seen is not passed`
    : ''
  const n = unseen.limits.length
  const left =
    n > 0 &&
    html` <a href="#unseen">${count(n, 'thing')}</a> ${n === 1 ? 'was' : 'were'} left out on purpose, or ${n === 1 ? 'is' : 'are'} known at run time only.`
  return html`<b>${found}</b>${seen}.${left}${verdict && html` <span class="exit">${exitMeaning(report, verdict)}</span>`}`
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
    const { kind, name, detail, revision } = target
    const how = howToAsk(target)
    const state = !target.audited
      ? how
        ? html`<span class="quiet">not asked for</span>`
        : html`<strong class="unseen">not reached</strong>`
      : target.complete
        ? 'seen'
        : html`<strong class="unseen">not seen whole</strong>`
    const at = revision && [revision.branch, revision.commit.slice(0, 10)].filter(Boolean).join(' at ')
    return html`<tr><th scope="row">${name}</th><td>${kind}</td><td>${state}</td><td>${how ? html`ask with <code>${how}</code>` : detail}${at && html` <span class="quiet">${at}</span>`}</td></tr>
`
  })
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of targets"><table><caption>Targets</caption><thead><tr><th scope="col">Target</th><th scope="col">Kind</th><th scope="col">Seen</th><th scope="col">What</th></tr></thead><tbody>${rows}</tbody></table></div>
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
