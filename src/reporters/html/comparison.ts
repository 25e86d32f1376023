import { WORST_FIRST } from '../grouping.ts'
import { bar } from './bar.ts'
import { count, html, type Markup } from './markup.ts'
import type { Comparison, PastFinding, TrendPoint } from './options.ts'
import { severityLabel, severityMark } from './severity.ts'

/** Against earlier reports: the trend, what is new, what is fixed, and of what nobody can tell. */
export function comparisonSection({ trend, news, fixed, unseen, unchanged }: Comparison): Markup {
  const since = trend.at(-2)
  return html`<section id="trend" aria-labelledby="trend-title">
<h2 id="trend-title">Since ${since ? nameOf(since) : 'before'}</h2>
<p><b>${count(news.size, 'finding')}</b> new, reopened, worse or in more places; <b>${fixed.length}</b> fixed; ${unchanged} as before${unseen.length > 0 && html`; of <strong class="unseen">${unseen.length}</strong> nobody can tell`}.</p>
${news.size > 0 && html`<p><a href="#findings?state=news">List what is new</a></p>`}
${trendTable(trend)}
${past('Fixed', fixed, 'In the report before, and this run looked for it in vain.')}
${past('Not looked at this time', unseen, 'In the report before; this run did not look there, or could not: it need not be fixed.')}
</section>
`
}

function nameOf({ startedAt, name }: TrendPoint): string {
  return startedAt?.slice(0, 16).replace('T', ' ') ?? name
}

function trendTable(trend: readonly TrendPoint[]): Markup {
  const total = ({ bySeverity }: TrendPoint) => WORST_FIRST.reduce((sum, each) => sum + bySeverity[each], 0)
  const most = Math.max(1, ...trend.map(total))
  const rows = trend.map((point, i) => {
    const last = i === trend.length - 1
    return html`<tr role="row"><th scope="row" role="rowheader">${last ? 'this run' : nameOf(point)}</th>${WORST_FIRST.map((each) => html`<td role="cell" class="number" data-label="${each}">${point.bySeverity[each]}</td>`)}<td role="cell" class="number" data-label="all">${total(point)}</td><td role="cell" class="number" data-label="not seen">${point.unseen}</td><td role="cell" class="bar-cell">${stack(point, most)}</td></tr>
`
  })
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of runs"><table class="bars stack" role="table"><caption>Open findings, run by run, the oldest first</caption>
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Run</th>${WORST_FIRST.map((each) => html`<th scope="col" role="columnheader" class="number">${severityLabel(each)}</th>`)}<th scope="col" role="columnheader" class="number">all</th><th scope="col" role="columnheader" class="number">not seen</th><td role="cell" class="bar-head"></td></tr></thead><tbody role="rowgroup">${rows}</tbody></table></div>
`
}

/** Worst first; the numbers stand beside it. */
function stack({ bySeverity }: TrendPoint, most: number): Markup {
  return bar(WORST_FIRST.map((severity) => [`fill-${severity}`, (bySeverity[severity] / most) * 100] as const))
}

function past(title: string, findings: readonly PastFinding[], meaning: string): Markup | undefined {
  if (findings.length === 0) return undefined
  return html`<h3>${title} (${findings.length})</h3><p>${meaning}</p>
<ul class="findings">${findings.map(
    ({ ruleId, severity, message }) =>
      html`<li class="plain">${severityMark(severity)}<span class="what">${message} <code class="id">${ruleId}</code></span></li>
`,
  )}</ul>`
}
