import { type PillarPosture, postureOf, type Score } from '../../posture.ts'
import type { Report } from '../../report.ts'
import { WORST_FIRST } from '../grouping.ts'
import { describeUnknowns } from '../posture.ts'
import { bar, legend } from './bar.ts'
import { html, type Markup } from './markup.ts'

/** The posture: a range for each pillar, since what was not seen may be good or bad. Undefined if nothing was looked at. */
export function pillarsSection(report: Report): Markup {
  const posture = postureOf(report)
  return html`<section id="posture" aria-labelledby="posture-title">
<h2 id="posture-title">Posture</h2>
<p>Of 100 points, by pillar of the CISA Zero Trust Maturity Model and by the capabilities that run through all of them. The first number is certain: what was not seen counts as bad; at the second, as good.</p>
${legend([
  ['solid', 'certain'],
  ['maybe', 'if all that was not seen is good'],
])}
<table class="bars stack pillars" role="table"><caption>Points, findings and rules by pillar</caption>
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Pillar</th><th scope="col" role="columnheader" class="number">Score</th><td role="cell" class="bar-head"></td><th scope="col" role="columnheader">Findings</th><th scope="col" role="columnheader">Rules</th></tr></thead>
<tbody role="rowgroup">${posture.pillars.map(pillarRow)}</tbody></table>
${posture.unknowns.length > 0 && html`<p>The whole is a range since not all is known. What would raise its lower end, if it were seen and good:</p><ul>${describeUnknowns(posture.unknowns).map((each) => html`<li>${each}</li>`)}</ul>`}
</section>
`
}

/** The one number, for the top of the page. */
export function overallScore(report: Report): Markup {
  const { overall } = postureOf(report)
  if (!overall) return html`<p class="score">Too little was looked at for a score.</p>`
  const { least, most } = overall
  const range =
    least !== most && html` <span class="quiet">${least} for certain, ${most} if all that was not seen is good.</span>`
  return html`<p class="score"><b>${inWords(overall)}</b> of 100 points of <a href="#posture">posture</a>.${range}</p>${scoreBar(overall)}`
}

function inWords({ least, most }: Score): string {
  return least === most ? `${least}` : `${least} to ${most}`
}

function pillarRow({ pillar, score, rules, findings }: PillarPosture): Markup {
  const counts = WORST_FIRST.flatMap((severity) => (findings[severity] > 0 ? `${findings[severity]} ${severity}` : []))
  const sight = [
    rules.evaluated > 0 && `${rules.evaluated} decided`,
    rules.undetermined > 0 && `${rules.undetermined} not decided`,
    rules.nothingToJudge > 0 && `${rules.nothingToJudge} with nothing to judge`,
    rules.notRequested > 0 && `${rules.notRequested} not asked for`,
    rules.leftOut > 0 && `${rules.leftOut} left out`,
  ].filter((text) => text !== false)
  return html`<tr role="row"><th scope="row" role="rowheader">${pillar}</th><td role="cell" class="number">${score ? inWords(score) : html`<span class="unseen">not looked at</span>`}</td><td role="cell" class="bar-cell">${score && scoreBar(score)}</td><td role="cell" class="words">${counts.join(', ') || 'no findings'}</td><td role="cell" class="quiet words">${sight.join(', ') || 'no rules'}</td></tr>
`
}

function scoreBar({ least, most }: Score): Markup {
  return bar([
    ['solid', least],
    ['maybe', most - least],
  ])
}
