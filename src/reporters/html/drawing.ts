import { type Drawing, LABEL_HEIGHT, LINE_HEIGHT, type Route } from './graph.ts'
import { html, type Markup } from './markup.ts'

/** A layout as SVG; `when` says on which screens it is shown. */
export function drawing({ width, height, boxes, routes }: Drawing, label: string, when: string): Markup {
  return html`<svg class="graph ${when}" role="img" aria-label="${label}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
${routes.map(({ points }) => html`<path class="edge" d="${pathOf(points)}"/><path class="head" d="${arrowOf(points)}"/>`)}
${boxes.map(
  ({ x, y, width: w, height: h, lines }, i) =>
    html`<rect class="${i === boxes.length - 1 ? 'node last' : 'node'}" x="${x}" y="${y}" width="${w}" height="${h}" rx="6"/>${lines.map(
      ({ text, look }, line) =>
        html`<text class="${look}" x="${x + INDENT}" y="${y + 10 + (line + 0.75) * LINE_HEIGHT}"${squeezed(text, look, w - 2 * INDENT)}>${text}</text>`,
    )}
`,
)}
${routes.map(routeLabel)}
</svg>
`
}

/** Of text in a box, from its sides. */
const INDENT = 12
/** In pixels, about: which font there is nobody knows. */
const SIZES = { title: 13.5, name: 12, marks: 12, place: 11 }
const MONOSPACED = 0.6
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[ !'(),./:;[\]fijlrt|I]/, 0.36],
  [/[a-hk-qsu-vx-z0-9_-]/, 0.58],
  [/[A-HJ-LN-VX-Z"#$&*+<=>?^`{}~]/, 0.68],
  [/[ -~]/, 0.95],
]
const WIDEST = 1.35

/** What may be too wide for its box is set to fit it. */
function squeezed(text: string, look: keyof typeof SIZES, room: number): Markup | undefined {
  const widths = [...text].map((c) => {
    if (look === 'place') return c <= '~' ? MONOSPACED : WIDEST
    return WIDTHS.find(([pattern]) => pattern.test(c))?.[1] ?? WIDEST
  })
  const width = widths.reduce((sum, each) => sum + each, 0) * SIZES[look]
  return width > room ? html` textLength="${room}" lengthAdjust="spacingAndGlyphs"` : undefined
}

/** On a level line half of the words stand above it and half below; beside one that goes down they stand as a block. */
function routeLabel({ at: [x, y], anchor, label }: Route): Markup[] {
  const above = Math.ceil(label.length / 2)
  const first =
    anchor === 'start' ? y + 4 - ((label.length - 1) * LABEL_HEIGHT) / 2 : y - 6 - (above - 1) * LABEL_HEIGHT
  return label.map((line, i) => {
    const below = anchor === 'middle' && i >= above ? LABEL_HEIGHT / 2 : 0
    return html`<text class="label" x="${x}" y="${round(first + i * LABEL_HEIGHT + below)}" text-anchor="${anchor}">${line}</text>`
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
