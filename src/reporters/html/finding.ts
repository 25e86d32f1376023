import { fileOf, showPlace } from '../place.ts'
import { stepList } from './chains.ts'
import { codeFrame, diffFrame } from './code.ts'
import { evidence } from './evidence.ts'
import type { Item } from './items.ts'
import { html, type Markup, orEmpty, prose } from './markup.ts'
import { severityMark } from './severity.ts'
import { storyOf } from './story.ts'

/** Further places of one finding that are shown. */
const PLACES = 20

/** One finding: a line that says what and where, and behind it everything that is known of it. */
export function findingItem(item: Item): Markup {
  const { finding, id, area, target, state, news } = item
  return html`<li id="${id}" data-severity="${finding.severity}" data-area="${area}" data-target="${target}" data-state="${state}"${news && html` data-news="${news}"`}><details><summary>${severityMark(finding.severity)}<span class="what"><span class="message">${orEmpty(finding.message)}</span> <code class="place">${showPlace(finding.at)}</code></span>${badges(item)}</summary><div class="body">${body(item)}</div></details></li>`
}

function badges({ news, state, finding }: Item): (Markup | false | undefined)[] {
  return [
    news && html` <span class="badge news">${news}</span>`,
    state !== 'open' && html` <span class="badge">${state}</span>`,
    finding.baseline === 'updated' && html` <span class="badge">known, but not in this place</span>`,
  ]
}

function body(item: Item): (Markup | false | undefined)[] {
  const { finding, id, target, chain } = item
  const { also, suppressed, assumptions, fix } = finding
  return [
    suppressed &&
      html`<p><b>Suppressed</b> (${suppressed.by}, <code>${suppressed.at}</code>): ${suppressed.reason || 'no reason given'}${suppressed.expires !== undefined && `, until ${suppressed.expires}`}</p>`,
    // Not the lines of its anchor: they stand for it where only files can be named, and say nothing of it.
    finding.excerpt && codeFrame(finding.excerpt, fileOf(finding.at)),
    also.length > 0 &&
      html`<p class="also">Also at ${also.slice(0, PLACES).map((each, i) => html`${i > 0 && ', '}<code>${showPlace(each)}</code>`)}${also.length > PLACES && ` and ${also.length - PLACES} more`}</p>`,
    chain && chainSteps(item),
    fix &&
      html`<div class="fix"><h5>Fix</h5><p>${prose(fix.description)}</p>${fix.diff !== undefined && diffFrame(fix.diff)}</div>`,
    assumptions.length > 0 &&
      html`<div class="assumed"><h5>Assumed, since it was not seen</h5><ul>${assumptions.map((each) => html`<li>${each}</li>`)}</ul></div>`,
    evidence(finding),
    html`<p class="quiet meta">Confidence ${finding.confidence} · target ${target} · scope ${finding.scope}${finding.fingerprint !== '' && ` · fingerprint ${finding.fingerprint}`} <a href="#${id}">link to this finding</a></p>`,
  ]
}

/** Where it is drawn, in one line; else all its steps. */
function chainSteps({ finding, id, chain }: Item): Markup {
  const story = storyOf(finding)
  if (chain === 'told') return stepList(story)
  const names = story.scenes.map(
    ({ title, name }, i) => html`${i > 0 && ' → '}<b>${title}</b>${name !== '' && ` ${name}`}`,
  )
  return html`<p>${names}. <a href="#chain-${id}">See it drawn</a></p>`
}
