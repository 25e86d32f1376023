import { cellText, type Row, type Table } from '../../table.ts'
import { groupBy } from '../grouping.ts'
import { bar, legend } from './bar.ts'
import { html, type Markup } from './markup.ts'
import { scopeTitle } from './names.ts'

/** Rows that are shown; `zt-audit inventory` has all. */
const ROWS = 500

/** Granted against used: a bar for each principal, the numbers beside it, by account or cluster with what its log covers. */
export function usageSection(tables: readonly Table[]): Markup | undefined {
  const table = tables.find(({ id }) => id === 'usage')
  if (!table) return undefined
  const rows = table.rows.slice(0, ROWS)
  const more = table.rows.length - rows.length
  const groups = groupBy(rows, ({ cells }) => `${cellText(cells.of)}\u0000${cellText(cells.window)}`)
  return html`<section id="usage" aria-labelledby="usage-title">
<h2 id="usage-title">Granted against used</h2>
${legend([
  ['solid', 'used'],
  ['waste', 'granted, never used in the time seen'],
  ['maybe', 'the log cannot tell'],
])}
<table class="bars stack" role="table"><caption>Permissions of each principal, those with most that is unused first; each bar is all that it was granted</caption>
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Who</th><th scope="col" role="columnheader" class="number">Used</th><th scope="col" role="columnheader" class="number">Unused</th><th scope="col" role="columnheader" class="number">Cannot tell</th><td role="cell" class="bar-head"></td></tr></thead>
${[...groups.values()].map(usageGroup)}</table>
${more > 0 && html`<p class="quiet">and ${more} more</p>`}
</section>
`
}

function usageGroup(rows: readonly Row[]): Markup {
  const { of, window } = (rows[0] as Row).cells
  return html`<tbody role="rowgroup"><tr role="row"><th scope="rowgroup" role="rowheader" colspan="5" class="of">${scopeTitle(cellText(of))} <span class="quiet">seen: ${cellText(window)}</span></th></tr>
${rows.map(usageRow)}</tbody>
`
}

function usageRow({ cells }: Row): Markup {
  const number = (id: string, label: string) => {
    const value = cells[id]?.value
    const text = typeof value === 'number' ? value.toLocaleString('en') : cellText(cells[id])
    return html`<td role="cell" class="number" data-label="${label}">${text}</td>`
  }
  return html`<tr role="row"><th scope="row" role="rowheader">${cellText(cells.name)}</th>${number('used', 'Used')}${number('unused', 'Unused')}${number('undetermined', 'Cannot tell')}<td role="cell" class="bar-cell">${usageBar(cells)}</td></tr>
`
}

function usageBar(cells: Row['cells']): Markup | undefined {
  const of = (id: string) => (typeof cells[id]?.value === 'number' ? cells[id].value : undefined)
  const [used, unused, undetermined] = [of('used'), of('unused'), of('undetermined')]
  if (used === undefined || unused === undefined || undetermined === undefined) return undefined
  const share = (n: number) => (n / Math.max(1, used + unused + undetermined)) * 100
  return bar([
    ['solid', share(used)],
    ['waste', share(unused)],
    ['maybe', share(undetermined)],
  ])
}
