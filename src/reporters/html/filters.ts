import { WORST_FIRST } from '../grouping.ts'
import type { Item } from './items.ts'
import { html, type Markup } from './markup.ts'
import { severityLabel } from './severity.ts'

/** As in page.js. */
const MOST_OPENED = 200

/** What narrows the list down. The program of the page shows it: without one there is nothing that it could do. */
export function filterForm(items: readonly Item[]): Markup {
  const severities = WORST_FIRST.filter((severity) => items.some(({ finding }) => finding.severity === severity))
  const areas = distinct(items.map(({ area }) => area))
  const rules = distinct(items.map(({ finding }) => finding.rule.id))
  const targets = distinct(items.map(({ target }) => target))
  const open = items.filter(({ state }) => state === 'open').length
  const compared = items.some(({ news }) => news)
  const accepted = items.some(({ state }) => state !== 'open')
  const states = [
    option('', 'Open'),
    compared && option('news', 'New or reopened'),
    accepted && option('known', 'Known from the baseline'),
    accepted && option('suppressed', 'Suppressed'),
    accepted && option('all', 'All, accepted ones too'),
  ]
  return html`<form id="filters" role="search" aria-label="Filter findings" hidden>
<fieldset><legend>Severity</legend>${severities.map(
    (severity) =>
      html`<label class="chip"><input type="checkbox" name="severity" value="${severity}">${severityLabel(severity)} <span class="n">${items.filter(({ finding, state }) => state === 'open' && finding.severity === severity).length}</span></label>`,
  )}</fieldset>
<label class="text">Text <input type="search" name="text" placeholder="message, place or rule" autocomplete="off" spellcheck="false"></label>
${areas.length > 1 && select('area', 'Area', 'All areas', areas)}
${rules.length > 1 && select('rule', 'Rule', 'All rules', rules)}
${targets.length > 1 && select('target', 'Target', 'All targets', targets)}
${(compared || accepted) && html`<label>State <select name="state">${states}</select></label>`}
<span class="buttons"><button type="reset">Show all</button> <button type="button" id="toggle" aria-pressed="false">${open > MOST_OPENED ? `Open the first ${MOST_OPENED}` : 'Open all'}</button></span>
<p role="status" id="shown">All ${open} shown</p>
</form>
<p id="nothing" hidden>No finding matches these filters. <button type="reset" form="filters">Show all</button></p>
<p id="said" hidden></p>
`
}

function select(name: string, title: string, all: string, values: readonly string[]): Markup {
  return html`<label>${title} <select name="${name}">${option('', all)}${values.map((value) => option(value, value))}</select></label>`
}

function option(value: string, text: string): Markup {
  return html`<option value="${value}">${text}</option>`
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort()
}
