import type { Fact } from '../../model.ts'
import type { Finding } from '../../report.ts'
import { showPlace } from '../place.ts'
import { shorten } from '../shorten.ts'
import { count, html, type Markup } from './markup.ts'

/** Facts of one step, and values of one list, that are shown; the JSON report has all. */
const FACTS = 5
const VALUES = 12
const LONGEST = 300

/** What the judgement rests on, step by step. Facts hold no secret values; fields for joins only were taken out before. */
export function evidence({ evidence }: Finding): Markup | undefined {
  const steps = Object.entries(evidence).filter(([, facts]) => facts.length > 0)
  if (steps.length === 0) return undefined
  return html`<details class="more"><summary>Evidence: ${count(steps.flatMap(([, facts]) => facts).length, 'fact')}</summary>
${steps.map(([name, facts]) => step(name, facts))}
</details>`
}

function step(name: string, facts: readonly Fact[]): Markup {
  const more = facts.length - FACTS
  return html`<div class="step">
${facts.slice(0, FACTS).map((fact) => factTable(name, fact))}
${more > 0 && html`<p class="quiet">and ${more} more of ${name}</p>`}
</div>
`
}

function factTable(name: string, { kind, at, data, unknown }: Fact): Markup {
  const rows = [
    ...Object.entries(data).map(([field, value]) => html`<tr><th scope="row">${field}</th><td>${show(value)}</td></tr>`),
    ...unknown.map((field) => html`<tr><th scope="row">${field}</th><td class="unseen">not seen</td></tr>`),
  ]
  return html`<table class="fact"><caption><b>${name}</b> ${kind} <code>${showPlace(at)}</code></caption><tbody>${rows}</tbody></table>
`
}

function show(value: unknown): Markup {
  if (value === '') return html`<span class="quiet">empty</span>`
  if (typeof value === 'boolean') return html`${value ? 'yes' : 'no'}`
  if (!Array.isArray(value)) return html`<code>${shorten(String(value), LONGEST)}</code>`
  if (value.length === 0) return html`<span class="quiet">none</span>`
  const more = value.length - VALUES
  return html`${value.slice(0, VALUES).map((item, i) => html`${i > 0 && ', '}<code>${shorten(String(item), LONGEST)}</code>`)}${more > 0 && ` and ${more} more`}`
}
