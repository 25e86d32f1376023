import type { Gap } from '../../model.ts'
import type { Report } from '../../report.ts'
import { groupBy } from '../grouping.ts'
import { type NotSeen, notSeen } from '../not-seen.ts'
import { count, html, type Markup } from './markup.ts'
import { targetTitle } from './names.ts'

/** Things that could not be seen, and rules that could not be decided since. What was left out on purpose does not count. */
export function countUnseen(report: Report): number {
  const { faults, undetermined, unreached, interrupted } = notSeen(report)
  return faults.length + undetermined.length + unreached.length + (interrupted ? 1 : 0)
}

/** The same for where there is little room: what was left out on purpose is told, too, so that no 0 stands for "all was seen". */
export function unseenInBrief(report: Report): string {
  const left = notSeen(report).limits.length
  return left === 0 ? `${countUnseen(report)}` : `${countUnseen(report)}, ${left} left out`
}

/** With the weight of findings: what was not seen is not passed. */
export function unseenSection(report: Report): Markup {
  const unseen = notSeen(report)
  const { limits, inPart } = unseen
  const nothing = countUnseen(report) + limits.length + inPart.length === 0
  return html`<section id="unseen" aria-labelledby="unseen-title">
<h2 id="unseen-title">Not seen <span class="total">${unseenInBrief(report)}</span></h2>
${nothing ? html`<p>All that was asked for was seen.</p>` : html`<p>What was not seen is not passed. It may hide findings.</p>`}
${missing(unseen)}
${undetermined(unseen)}
${limits.length > 0 && html`<h3>Left out on purpose, or known at run time only (${limits.length})</h3>${gapList(limits, '')}`}
${
  inPart.length > 0 &&
  html`<h3>Decided in part only (${inPart.length})</h3><p>What was left out may hold further findings of these rules.</p>
<details class="more"><summary>${count(inPart.length, 'rule')}</summary><ul class="ids">${inPart.map(({ id }) => html`<li><code>${id}</code></li>`)}</ul></details>`
}
</section>
`
}

function missing({ faults, unreached, interrupted }: NotSeen): Markup | undefined {
  const n = faults.length + unreached.length + (interrupted ? 1 : 0)
  if (n === 0) return undefined
  return html`<h3><span class="sev unseen"><span class="mark" aria-hidden="true">?</span>Denied, failed or not reached</span> (${n})</h3>
<ul class="findings unseen">
${interrupted && html`<li class="plain">The run was interrupted: this is what was found until then.</li>`}
${unreached.map((target) => html`<li class="plain"><span class="mark unseen" aria-hidden="true">?</span><span class="what"><b>${targetTitle(target)}</b> was ${target.audited ? 'not seen whole' : 'not reached'}</span></li>`)}
</ul>
${faults.length > 0 && gapList(faults, 'fault')}`
}

/** One entry for each reason, as things of one cause have one remedy. */
function gapList(gaps: readonly Gap[], sort: 'fault' | ''): Markup {
  return html`<ul class="findings unseen">${[...groupBy([...gaps], ({ reason }) => reason)].map(
    ([reason, own]) =>
      html`<li><details${sort === 'fault' && own.length <= 10 && html` open`}><summary><span class="mark unseen" aria-hidden="true">${sort === 'fault' ? '?' : '·'}</span><span class="what"><b>${reason}</b> <span class="count">(${own.length})</span></span></summary><div class="body"><ul>${own.map(({ detail }) => html`<li>${detail}</li>`)}</ul></div></details></li>
`,
  )}</ul>`
}

function undetermined({ undetermined }: NotSeen): Markup | undefined {
  if (undetermined.length === 0) return undefined
  return html`<h3><span class="sev unseen"><span class="mark" aria-hidden="true">?</span>Could not be decided</span> (${undetermined.length})</h3>
<ul class="findings unseen">${undetermined.map(
    ({ rule, rows, scopes, reasons }) =>
      html`<li><details><summary><span class="mark unseen" aria-hidden="true">?</span><span class="what">${rule.title} <code class="id">${rule.id}</code> <span class="count">(${count(rows, 'case')})</span></span></summary><div class="body"><p>In ${scopes.map((scope, i) => html`${i > 0 && ', '}<code>${scope}</code>`)}, because of</p><ul>${reasons.map((reason) => html`<li>${reason}</li>`)}</ul></div></details></li>
`,
  )}</ul>`
}
