import { cellText, columnsForPeople, NOT_SEEN, type Row, type Table, unseenColumns } from '../../table.ts'
import { count, html, type Markup, orEmpty } from './markup.ts'

/** Rows of one table that are shown; `zt-audit inventory` has all. */
const ROWS = 500
/** Rows from which on a table scrolls by itself, under its head, and can be filtered. */
const LONG = 20

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
  return html`${rows.length > LONG && html`<p class="rows" hidden><label>Filter rows <input type="search" autocomplete="off" spellcheck="false"></label> <span role="status"></span></p>`}<div class="scroll${rows.length > LONG && ' tall'}" tabindex="0" role="region" aria-label="Table: ${caption}"><table class="stack" role="table"><caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map(({ title }) => html`<th scope="col" role="columnheader">${orEmpty(title)}</th>`)}</tr></thead>
<tbody role="rowgroup">${rows.map(
    (row) =>
      html`<tr role="row"><th scope="row" role="rowheader">${orEmpty(cellText(row.cells[first.id]))}</th>${others.map(({ id, title }) => tableCell(row, id, title))}</tr>
`,
  )}</tbody></table></div>
${unseen.length > 0 && html`<p class="unseen">Not seen of any: ${unseen.join(', ')}</p>`}
${more > 0 && html`<p class="quiet">and ${more} more; <code>zt-audit inventory</code> lists all</p>`}`
}

function tableCell({ cells }: Row, id: string, label: string): Markup {
  const text = cellText(cells[id])
  const bad = id === 'mfa' && cells[id]?.value === 'none'
  return html`<td role="cell" data-label="${label}"${text.startsWith(NOT_SEEN) ? html` class="unseen"` : bad && html` class="bad"`}>${text}</td>`
}
