import type { Finding, Link } from '../../report.ts'
import { isChain, showPlace } from '../place.ts'
import { printableText } from '../printable.ts'
import { fitLines, shortenMiddle } from './fit.ts'
import {
  type Drawing,
  type Edge,
  LINE_HEIGHT,
  layersOf,
  layOutNarrow,
  layOutWide,
  type Node,
  type Route,
} from './graph.ts'
import type { Item } from './items.ts'
import { html, type Markup } from './markup.ts'
import { severityLabel } from './severity.ts'

/** Chains that are drawn; of very many the worst, the rest as lists with their findings. */
const DRAWN = 50
/** Boxes beside each other on wide screens, and on those of middle width. */
const WIDE = 4
const MIDDLE = 3
/** Characters that fit a line of a box, and of a label. */
const LINE = 25
const LABEL = 13

/** What joins several providers, drawn: what leads to what, and by which value. */
export function chainsSection(items: readonly Item[]): Markup | undefined {
  const chains = items.filter(({ finding, state }) => state === 'open' && isDrawn(finding))
  if (chains.length === 0) return undefined
  const more = chains.length - DRAWN
  return html`<section id="chains" aria-labelledby="chains-title">
<h2 id="chains-title">Chains <span class="total">${chains.length}</span></h2>
<p>Each joins things that are harmless apart. An arrow goes from what is known first to what it leads to, and says by which value.</p>
${chains.slice(0, DRAWN).map(chainArticle)}
${more > 0 && html`<p>and ${more} more: their steps are with the findings</p>`}
</section>
`
}

/** What joins several providers, and what a rule of chains found within one. */
export function isDrawn(finding: Finding): boolean {
  return finding.links.length > 1 && (isChain(finding) || finding.rule.id.startsWith('chain/'))
}

function chainArticle({ finding, id }: Item): Markup {
  const nodes = finding.links.map((link) => nodeOf(finding, link))
  const edges = edgesOf(finding)
  const long = Math.max(...layersOf(nodes, edges).values()) >= MIDDLE
  const label = `Graph of the chain ${finding.links.map(({ name }) => name).join(', ')}; its steps in words follow`
  return html`<article class="chain" id="chain-${id}"><h3>${finding.message}</h3>
<p>${severityLabel(finding.severity)} <span class="quiet">${finding.rule.title}</span> <a href="#${id}">the finding</a></p>
${long && draw(layOutWide(nodes, edges, WIDE), label, 'wide')}${draw(layOutWide(nodes, edges, MIDDLE), label, long ? 'middle' : 'middle wide')}${draw(layOutNarrow(nodes, edges), label, 'narrow')}
${stepList(finding)}</article>
`
}

/** The same in words. */
export function stepList(finding: Finding): Markup {
  const steps = finding.links.map((link) => {
    const { name, at, joins = [] } = link
    const facts = finding.evidence[name] ?? []
    const joined = joins.map(({ from, fromField, field, value }) =>
      value === undefined
        ? html`; its ${field} is the ${fromField} of <b>${from}</b>`
        : html`; its ${field} is the ${fromField} of <b>${from}</b>, <code>${value}</code>`,
    )
    const own = ownValues(link)
    return html`<li><b>${name}</b> <span class="quiet">${facts[0]?.kind}</span> <code>${showPlace(at)}</code>${facts.length > 1 && ` and ${facts.length - 1} more`}${own !== '' && `: ${own}`}${joined}</li>
`
  })
  return html`<ol class="steps">${steps}</ol>`
}

function nodeOf(finding: Finding, link: Link): Node {
  const more = (finding.evidence[link.name]?.length ?? 1) - 1
  const lines = (text: string, most: number, look: Node['lines'][number]['look']) =>
    fitLines(printableText(text), LINE, most).map((line) => ({ text: line, look }))
  return {
    id: link.name,
    lines: [
      { text: `${shortenMiddle(printableText(link.name), 18)}${more > 0 ? ` (+${more})` : ''}`, look: 'name' },
      ...lines(showPlace(link.at), 3, 'place'),
      ...lines(ownValues(link), 3, 'values'),
    ],
  }
}

/** Values that the rule went by, without those that join it: these stand at the arrows. */
function ownValues({ values, joins = [] }: Link): string {
  return joins
    .reduce((text, { field, value }) => text.replace(`${field} ${value}`, ''), values)
    .replace(/\b\w+ (?=, |$)/g, '')
    .split(', ')
    .filter((part) => part.trim() !== '')
    .join(', ')
}

/** Arrows by what joins; a step that hangs on nothing follows the one before, without a label. */
function edgesOf({ links }: Finding): Edge[] {
  return links.flatMap(({ name, joins = [] }, i): Edge[] => {
    const before = links.slice(0, i)
    const known = joins.filter(({ from }) => before.some((each) => each.name === from))
    const previous = before.at(-1)
    if (known.length === 0) return previous ? [{ from: previous.name, to: name, label: [] }] : []
    // Two fields that join the same two steps are one arrow.
    return [...new Map(known.map((join) => [join.from, join])).values()].map(({ from, field, value }) => ({
      from,
      to: name,
      label: value === undefined ? [`same ${field}`] : [labelOf(value), field],
    }))
  })
}

/** Of an ARN the last part: all of it stands in the list. */
function labelOf(value: string): string {
  return shortenMiddle(printableText(value.replace(/^arn:.*:(?=[^:])/, '')), LABEL)
}

function draw({ width, height, boxes, routes }: Drawing, label: string, when: string): Markup {
  return html`<svg class="graph ${when}" role="img" aria-label="${label}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
${routes.map(({ points }) => html`<path class="edge" d="${pathOf(points)}"/><path class="head" d="${arrowOf(points)}"/>`)}
${boxes.map(
  ({ x, y, width: w, height: h, lines }, i) =>
    html`<rect class="${i === 0 ? 'node first' : i === boxes.length - 1 ? 'node last' : 'node'}" x="${x}" y="${y}" width="${w}" height="${h}" rx="6"/>${lines.map(
      ({ text, look }, line) =>
        html`<text class="${look}" x="${x + 12}" y="${y + 10 + (line + 0.75) * LINE_HEIGHT}">${text}</text>`,
    )}
`,
)}
${routes.map(routeLabel)}
</svg>
`
}

function routeLabel({ at: [x, y], anchor, label }: Route): Markup[] {
  const first = anchor === 'start' ? y + 4 - (label.length - 1) * 7 : y - 6
  return label.map((line, i) => {
    // The value above its line, the name of the field below.
    const at = anchor === 'start' ? first + i * 14 : first + i * 20
    return html`<text class="label${i > 0 && ' field'}" x="${x}" y="${at}" text-anchor="${anchor}">${line}</text>`
  })
}

const RADIUS = 6

function pathOf(points: Route['points']): string {
  return points
    .map(([x, y], i) => {
      const [before, after] = [points[i - 1], points[i + 1]]
      if (!before) return `M${x} ${y}`
      if (!after) return `L${x} ${y}`
      const [ax, ay] = towards([x, y], before)
      const [bx, by] = towards([x, y], after)
      return `L${ax} ${ay}Q${x} ${y} ${bx} ${by}`
    })
    .join('')
}

/** The point that lies a corner's radius from one to the other, or half way. */
function towards([x, y]: readonly [number, number], [tx, ty]: readonly [number, number]): [number, number] {
  const length = Math.hypot(tx - x, ty - y)
  const part = length === 0 ? 0 : Math.min(RADIUS, length / 2) / length
  return [round(x + (tx - x) * part), round(y + (ty - y) * part)]
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function arrowOf(points: Route['points']): string {
  const [x, y] = points.at(-1) ?? [0, 0]
  const [bx, by] = points.at(-2) ?? [0, 0]
  const [dx, dy] = [Math.sign(x - bx), Math.sign(y - by)]
  const [px, py] = [dy * 4, dx * 4]
  return `M${x} ${y}L${x - dx * 8 + px} ${y - dy * 8 + py}L${x - dx * 8 - px} ${y - dy * 8 - py}Z`
}
