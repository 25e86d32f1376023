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
  const n = steps.flatMap(([, facts]) => facts).length
  const shown = steps.map(([name, facts]) => step(name, facts))
  // One is no more to read than the line that would hide it.
  if (n === 1) return html`<h5 class="evidence">Evidence</h5>${shown}`
  return html`<details class="more evidence"><summary>Evidence: ${count(n, 'fact')}</summary>${shown}</details>`
}

function step(name: string, facts: readonly Fact[]): Markup {
  const more = facts.length - FACTS
  return html`${facts.slice(0, FACTS).map((fact) => factText(name, fact))}${more > 0 && html`<p class="quiet">and ${more} more of ${name}</p>`}`
}

/** Lines of text, without what is empty: thousands of findings with a table for each fact would be a page of a million elements. */
function factText(name: string, { kind, at, data, unknown }: Fact): Markup {
  const told = Object.entries(data).filter(([, value]) => value !== '' && !(Array.isArray(value) && value.length === 0))
  const values = told.map(
    ([field, value]) => html`${field}: ${inWords(value)}
`,
  )
  const unseen = unknown.map(
    (field) => html`${field}: not seen
`,
  )
  return html`<pre class="fact"><b>${name}</b> ${kind} ${showPlace(at)}
${values}${unseen}</pre>`
}

function inWords(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (!Array.isArray(value)) return shorten(String(value), LONGEST)
  const more = value.length - VALUES
  const shown = value.slice(0, VALUES).map((item) => shorten(String(item), LONGEST))
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
