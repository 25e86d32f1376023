import type { RuleInfo } from '../../report.ts'
import { groupBy, WORST_FIRST } from '../grouping.ts'
import { describeLifetime } from '../lifetime.ts'
import { filterForm } from './filters.ts'
import { findingItem } from './finding.ts'
import type { Item } from './items.ts'
import { html, type Markup, outwardLink, prose } from './markup.ts'
import { severityLabel } from './severity.ts'

/** From here on only what is on the screen is laid out. */
const MANY = 300
/** Findings of one rule are listed by so many, each list laid out by itself; and lengths that the style knows. */
const CHUNK = 50
const LENGTHS = [1, 2, 5, 10, 25]

/** All findings, worst first, each rule explained once; those that are accepted stand apart. */
export function findingsSection(items: readonly Item[], blind: boolean): Markup {
  const open = items.filter(({ state }) => state === 'open')
  const accepted = items.filter(({ state }) => state !== 'open')
  return html`<section id="findings"${items.length > MANY && html` class="many"`} aria-labelledby="findings-title">
<h2 id="findings-title">Findings <span class="total">${open.length}</span></h2>
${open.length === 0 && html`<p>${blind ? 'Nothing was seen, so nothing could be found.' : 'No finding is open.'}</p>`}
${items.length > 0 && filterForm(items)}
${WORST_FIRST.map((severity) => severityGroup(severity, open, 'sev'))}
${
  accepted.length > 0 &&
  html`<div class="accepted" id="accepted"><h3>Accepted: suppressed, or known from the baseline (<span class="n">${accepted.length}</span>)</h3>
<p>They do not fail the run.</p>
${rulesOf(accepted)}</div>`
}
</section>
`
}

function severityGroup(
  severity: Item['finding']['severity'],
  items: readonly Item[],
  prefix: string,
): Markup | undefined {
  const own = items.filter(({ finding }) => finding.severity === severity)
  if (own.length === 0) return undefined
  const id = `${prefix}-${severity}`
  return html`<div class="group" id="${id}"><h3>${severityLabel(severity)} <span class="count">(<span class="n">${own.length}</span>)</span></h3>
${rulesOf(own)}</div>
`
}

function rulesOf(items: readonly Item[]): Markup[] {
  return [...groupBy([...items], ({ finding }) => finding.rule.id).values()].map((own) => ruleGroup(own))
}

function ruleGroup(items: readonly Item[]): Markup {
  const { rule } = (items[0] as Item).finding
  return html`<article class="rule" data-rule="${rule.id}"><h4>${rule.title} <code class="id">${rule.id}</code>${items.length > 1 && html` <span class="count">(<span class="n">${items.length}</span>)</span>`}</h4>
<p class="why">${prose(rule.description)}</p>
<p class="remedy"><b>Fix.</b> ${prose(rule.remediation)}</p>
${credential(rule)}
${lists(items)}
${about(rule)}
</article>
`
}

/** Lists that are laid out when they come into sight; a class tells the browser about how long one is. */
function lists(items: readonly Item[]): Markup[] {
  const chunks = Array.from({ length: Math.ceil(items.length / CHUNK) }, (_, i) =>
    items.slice(i * CHUNK, (i + 1) * CHUNK),
  )
  return chunks.map((own) => {
    const size = LENGTHS.find((length) => own.length <= length) ?? CHUNK
    return html`<ul class="findings n${size}">${own.map(findingItem)}</ul>`
  })
}

function credential({ credential }: RuleInfo): Markup | undefined {
  if (!credential) return undefined
  return html`<p class="opens"><b>Opens</b> ${prose(credential.opens)}; holds ${describeLifetime(credential.lifetime)}.</p>`
}

function about({ references, mappings, pillar }: RuleInfo): Markup {
  const mapped = [
    ...(mappings.cwe ?? []),
    ...(mappings.cis ?? []).map((each) => `CIS ${each}`),
    ...(mappings.nist ?? []).map((each) => `NIST SP 800-207 ${each}`),
  ]
  return html`<details class="more about"><summary>References and standards</summary>${references.length > 0 && html`<ul class="see">${references.map((url) => html`<li>${outwardLink(url)}</li>`)}</ul>`}<p class="quiet">${pillar}${mapped.length > 0 && ` · ${mapped.join(' · ')}`}</p></details>`
}
