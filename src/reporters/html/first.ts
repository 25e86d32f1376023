import { type FirstFix, firstFixes } from '../../posture.ts'
import type { Report } from '../../report.ts'
import type { Item } from './items.ts'
import { count, html, type Markup, orEmpty, prose } from './markup.ts'
import { sentence } from './scenes.ts'

const COUNT = 5
const SHOWN = 5
const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five']

/** What removes most risk for least effort. */
export function firstSection(report: Report, items: readonly Item[]): Markup | undefined {
  const fixes = firstFixes(report, COUNT)
  if (fixes.length === 0) return undefined
  const idOf = new Map(items.map(({ finding, id }) => [finding, id]))
  return html`<section id="first" aria-labelledby="first-title">
<h2 id="first-title">${fixes.length === 1 ? 'Fix this first' : `Fix these ${NUMBERS[fixes.length] ?? fixes.length} first`}</h2>
<ol class="first">
${fixes.map((fix) => firstItem(fix, idOf))}</ol>
</section>
`
}

function firstItem({ what, why, findings, chains, effort }: FirstFix, idOf: ReadonlyMap<unknown, string>): Markup {
  const links = findings.flatMap((finding) => {
    const id = idOf.get(finding)
    return id === undefined ? [] : html`<li><a href="#${id}">${orEmpty(finding.message)}</a></li>`
  })
  const more = links.length - SHOWN
  // A remedy comes with what it is about before it, see first-fixes.ts.
  const title = findings[0]?.rule.title ?? ''
  const remedy = what.startsWith(`${title}: `) ? sentence(what.slice(title.length + 2)) : undefined
  return html`<li><h3>${remedy === undefined ? prose(what) : orEmpty(title)}</h3>${remedy !== undefined && html`<p>${prose(remedy)}</p>`}<p class="why">${prose(why)}</p>
<p class="gain"><span class="badge">${effort} effort</span>${chains > 0 && html` <span class="badge">cuts ${count(chains, 'chain')}</span>`}</p>
<details class="more"><summary>Ends ${count(findings.length, 'finding')}</summary><ul>${links.slice(0, SHOWN)}${more > 0 && html`<li>and ${more} more</li>`}</ul></details></li>
`
}
