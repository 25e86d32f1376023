import { cellText, columnsForPeople, NOT_SEEN, type Row, type Table, unseenColumns } from '../../table.ts'
import { count, html, type Markup } from './markup.ts'

/** Rows of one table that are shown; `zt-audit inventory` has all. */
const ROWS = 500

/** Who has MFA, as a table; those without it first. */
export function mfaSection(tables: readonly Table[]): Markup | undefined {
  const table = tables.find(({ id }) => id === 'mfa')
  if (!table) return undefined
  const without = table.rows.filter(({ cells }) => cells.mfa?.value === 'none').length
  const unseen = table.rows.filter(({ cells }) => cells.mfa?.value === null).length
  return html`<section id="mfa" aria-labelledby="mfa-title">
<h2 id="mfa-title">Who has MFA</h2>
<p><b>${without}</b> of ${count(table.rows.length, 'identity', 'identities')} without a second factor${unseen > 0 && html`, and of <strong class="unseen">${unseen}</strong> it was not seen`}.</p>
${tableOf(table, 'Identities and their second factor')}
</section>
`
}

/** Everything else that views tell. */
export function inventorySection(tables: readonly Table[]): Markup | undefined {
  const own = tables.filter(({ id, rows }) => id !== 'mfa' && id !== 'usage' && rows.length > 0)
  if (own.length === 0) return undefined
  return html`<section id="inventory" aria-labelledby="inventory-title">
<h2 id="inventory-title">Inventory</h2>
${own.map(
  (table) =>
    html`<details class="more wide"><summary>${table.title} <span class="count">(${table.rows.length})</span></summary>${tableOf(table, table.title)}</details>
`,
)}
</section>
`
}

function tableOf(table: Table, caption: string): Markup {
  const rows = table.rows.slice(0, ROWS)
  const columns = columnsForPeople(table, rows)
  const [first, ...others] = columns
  const unseen = unseenColumns(table, rows).map(({ title }) => title.toLowerCase())
  const more = table.rows.length - rows.length
  if (!first) return html``
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table: ${caption}"><table><caption>${caption}</caption>
<thead><tr>${columns.map(({ title }) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr><th scope="row">${cellText(row.cells[first.id])}</th>${others.map(({ id }) => tableCell(row, id))}</tr>
`,
  )}</tbody></table></div>
${unseen.length > 0 && html`<p class="unseen">Not seen of any: ${unseen.join(', ')}</p>`}
${more > 0 && html`<p class="quiet">and ${more} more; <code>zt-audit inventory</code> lists all</p>`}`
}

function tableCell({ cells }: Row, id: string): Markup {
  const text = cellText(cells[id])
  const bad = id === 'mfa' && cells[id]?.value === 'none'
  return html`<td${text.startsWith(NOT_SEEN) ? html` class="unseen"` : bad && html` class="bad"`}>${text}</td>`
}

/** Granted against used: a bar for each principal, the numbers beside it. */
export function usageSection(tables: readonly Table[]): Markup | undefined {
  const table = tables.find(({ id }) => id === 'usage')
  if (!table) return undefined
  const rows = table.rows.slice(0, ROWS)
  const more = table.rows.length - rows.length
  return html`<section id="usage" aria-labelledby="usage-title">
<h2 id="usage-title">Granted against used</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Table of permissions"><table class="bars"><caption>Permissions by who has them; most that is unused first</caption>
<thead><tr><th scope="col">Who</th><th scope="col" class="number">Used</th><th scope="col" class="number">Unused</th><th scope="col" class="number">Cannot tell</th><td class="bar-head"></td><th scope="col">Seen</th></tr></thead>
<tbody>${rows.map(usageRow)}</tbody></table></div>
<p class="legend quiet"><span class="swatch solid" aria-hidden="true"></span>used <span class="swatch waste" aria-hidden="true"></span>unused <span class="swatch maybe" aria-hidden="true"></span>the log cannot tell</p>
${more > 0 && html`<p class="quiet">and ${more} more</p>`}
</section>
`
}

function usageRow({ cells }: Row): Markup {
  const number = (id: string) => html`<td class="number">${cellText(cells[id])}</td>`
  return html`<tr><th scope="row">${cellText(cells.name)} <span class="quiet">${cellText(cells.of)}</span></th>${number('used')}${number('unused')}${number('undetermined')}<td class="bar-cell">${usageBar(cells)}</td><td class="quiet">${cellText(cells.window)}</td></tr>
`
}

/** Each bar is the whole of what its principal was granted. */
function usageBar(cells: Row['cells']): Markup | undefined {
  const of = (id: string) => (typeof cells[id]?.value === 'number' ? cells[id].value : undefined)
  const [used, unused, undetermined] = [of('used'), of('unused'), of('undetermined')]
  if (used === undefined || unused === undefined || undetermined === undefined) return undefined
  const share = (n: number) => Math.round((n / Math.max(1, used + unused + undetermined)) * 10_000) / 100
  return html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="maybe" width="100" height="8"/><rect class="waste" width="${share(used + unused)}" height="8"/><rect class="solid" width="${share(used)}" height="8"/></svg>`
}
