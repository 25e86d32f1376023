import { type PillarPosture, type Posture, postureOf, type Score } from '../../posture.ts'
import type { Report } from '../../report.ts'
import { WORST_FIRST } from '../grouping.ts'
import { html, type Markup } from './markup.ts'

/** The posture: a range for each pillar, since what was not seen may be good or bad. Undefined if nothing was looked at. */
export function pillarsSection(report: Report): Markup {
  const posture = postureOf(report)
  return html`<section id="posture" aria-labelledby="posture-title">
<h2 id="posture-title">Posture</h2>
${overall(posture)}
<div class="scroll" tabindex="0" role="region" aria-label="Table of pillars"><table class="bars"><caption>By pillar of the CISA Zero Trust Maturity Model, of 100</caption>
<thead><tr><th scope="col">Pillar</th><th scope="col" class="number">Score</th><td class="bar-head"></td><th scope="col">Findings</th><th scope="col">Rules</th></tr></thead>
<tbody>${posture.pillars.map(pillarRow)}</tbody></table></div>
<p class="legend quiet"><span class="swatch solid" aria-hidden="true"></span>certain <span class="swatch maybe" aria-hidden="true"></span>if all that was not seen is good</p>
</section>
`
}

function overall({ overall }: Posture): Markup {
  if (!overall) return html`<p>Too little was looked at for a score.</p>`
  const { least, most } = overall
  const range = least === most ? '' : ' What was not seen may be good or bad: so it is a range.'
  return html`<p class="score"><b>${inWords(overall)}</b> of 100 overall.${range}</p>${bar(overall)}`
}

function inWords({ least, most }: Score): string {
  return least === most ? `${least}` : `${least} to ${most}`
}

function pillarRow({ pillar, score, rules, findings }: PillarPosture): Markup {
  const counts = WORST_FIRST.flatMap((severity) => (findings[severity] > 0 ? `${findings[severity]} ${severity}` : []))
  const sight = [
    `${rules.evaluated} decided`,
    rules.undetermined > 0 && `${rules.undetermined} not decided`,
    rules.nothingToJudge > 0 && `${rules.nothingToJudge} with nothing to judge`,
    rules.notRequested > 0 && `${rules.notRequested} not asked for`,
  ].filter((text) => text !== false)
  return html`<tr><th scope="row">${pillar}</th><td class="number">${score ? inWords(score) : html`<span class="unseen">not looked at</span>`}</td><td class="bar-cell">${score && bar(score)}</td><td class="words">${counts.join(', ') || '–'}</td><td class="quiet words">${sight.join(', ')}</td></tr>
`
}

/** Solid is certain, hatched may be; the text beside it says the same. */
function bar({ least, most }: Score): Markup {
  return html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="track" width="100" height="8"/><rect class="maybe" x="${least}" width="${most - least}" height="8"/><rect class="solid" width="${least}" height="8"/></svg>`
}
