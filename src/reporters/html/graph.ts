/** A small layout of graphs of a few nodes: columns from left to right, in bands where they do not fit beside each other. */

/** One box; a line is drawn in the given look. */
export interface Node {
  readonly id: string
  readonly lines: readonly { readonly text: string; readonly look: 'title' | 'name' | 'marks' | 'place' }[]
}
export interface Edge {
  readonly from: string
  readonly to: string
  /** At most four lines. */
  readonly label: readonly string[]
}
export interface Box extends Node {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}
/** A line through points with rounded corners, an arrow at its end. */
export interface Route extends Edge {
  readonly points: readonly (readonly [x: number, y: number])[]
  /** Where the label stands. */
  readonly at: readonly [x: number, y: number]
  readonly anchor: 'middle' | 'start'
}
/** Units are pixels. */
export interface Drawing {
  readonly width: number
  readonly height: number
  readonly boxes: readonly Box[]
  readonly routes: readonly Route[]
}

export const BOX_WIDTH = 178
/** Of boxes that stand one below the other. */
const NARROW_WIDTH = 250
export const LINE_HEIGHT = 16
export const LABEL_HEIGHT = 14
const PADDING = 10
const BETWEEN_COLUMNS = 116
const BETWEEN_ROWS = 22
/** Room above a band for lines that pass over a column. */
const OVER = 26
const BETWEEN_BANDS = 66
const BESIDE = 22

function heightOf({ lines }: Node): number {
  return lines.length * LINE_HEIGHT + 2 * PADDING
}

/** Left to right, at most so many columns in a band. Edges go from earlier nodes to later ones. */
export function layOutWide(nodes: readonly Node[], edges: readonly Edge[], columns: number): Drawing {
  const layer = layersOf(nodes, edges)
  const last = Math.max(0, ...layer.values())
  const passes = edges.some(({ from, to }) => (layer.get(to) ?? 0) - (layer.get(from) ?? 0) > 1)
  const boxes: Box[] = []
  let top = passes ? OVER : 2
  for (let first = 0; first <= last; first += columns) {
    const stacks = Array.from({ length: columns }, (_, i) => nodes.filter(({ id }) => layer.get(id) === first + i))
    const heights = stacks.map((own) => own.reduce((sum, node) => sum + heightOf(node) + BETWEEN_ROWS, -BETWEEN_ROWS))
    const height = Math.max(...heights)
    for (const [i, own] of stacks.entries()) {
      // Columns are centred on each other, so that most lines are straight.
      let y = top + (height - (heights[i] ?? 0)) / 2
      for (const node of own) {
        boxes.push({ ...node, x: 2 + i * (BOX_WIDTH + BETWEEN_COLUMNS), y, width: BOX_WIDTH, height: heightOf(node) })
        y += heightOf(node) + BETWEEN_ROWS
      }
    }
    top += height + BETWEEN_BANDS + (passes ? OVER : 0)
  }
  const bandOf = (id: string) => Math.floor((layer.get(id) ?? 0) / columns)
  const routes = edges.flatMap((edge) => {
    const [from, to] = [boxes.find(({ id }) => id === edge.from), boxes.find(({ id }) => id === edge.to)]
    if (!from || !to) return []
    if (bandOf(edge.from) !== bandOf(edge.to)) return downward(edge, from, to)
    return (layer.get(edge.to) ?? 0) - (layer.get(edge.from) ?? 0) > 1 ? over(edge, from, to) : across(edge, from, to)
  })
  return bounded(boxes, routes)
}

/** One below the other, for narrow screens; lines that skip a step go round it on the right. */
export function layOutNarrow(nodes: readonly Node[], edges: readonly Edge[]): Drawing {
  const boxes: Box[] = []
  let y = 2
  for (const node of nodes) {
    boxes.push({ ...node, x: 2, y, width: NARROW_WIDTH, height: heightOf(node) })
    y += heightOf(node) + BETWEEN_BANDS
  }
  const routes = edges.flatMap((edge): Route[] => {
    const [i, k] = [boxes.findIndex(({ id }) => id === edge.from), boxes.findIndex(({ id }) => id === edge.to)]
    const [from, to] = [boxes[i], boxes[k]]
    if (!from || !to) return []
    if (k - i === 1) {
      const x = from.x + 24
      const [start, end] = [from.y + from.height, to.y]
      return [
        {
          ...edge,
          points: [
            [x, start],
            [x, end],
          ],
          at: [x + 10, (start + end) / 2],
          anchor: 'start',
        },
      ]
    }
    const x = from.x + from.width + BESIDE
    const [start, end] = [from.y + from.height / 2, to.y + to.height / 2]
    const points = [
      [from.x + from.width, start],
      [x, start],
      [x, end],
      [to.x + to.width, end],
    ] as const
    return [{ ...edge, points, at: [x + 6, (start + end) / 2], anchor: 'start' }]
  })
  return bounded(boxes, routes)
}

/** The column of each node: right of all that it hangs on. */
export function layersOf(nodes: readonly Node[], edges: readonly Edge[]): Map<string, number> {
  const layer = new Map<string, number>()
  for (const { id } of nodes) {
    const before = edges.filter(({ to }) => to === id).map(({ from }) => layer.get(from) ?? 0)
    layer.set(id, before.length > 0 ? Math.max(...before) + 1 : 0)
  }
  return layer
}

function across(edge: Edge, from: Box, to: Box): Route {
  const [x1, y1, x2, y2] = [from.x + from.width, from.y + from.height / 2, to.x, to.y + to.height / 2]
  const middle = (x1 + x2) / 2
  const straight = Math.abs(y1 - y2) < 1
  const points = straight
    ? ([
        [x1, y1],
        [x2, y2],
      ] as const)
    : ([
        [x1, y1],
        [middle, y1],
        [middle, y2],
        [x2, y2],
      ] as const)
  return { ...edge, points, at: [middle, straight ? y1 : (y1 + y2) / 2], anchor: 'middle' }
}

function over(edge: Edge, from: Box, to: Box): Route {
  const y = Math.min(from.y, to.y) - OVER / 2
  const [x1, x2] = [from.x + from.width * 0.75, to.x + to.width * 0.25]
  const points = [
    [x1, from.y],
    [x1, y],
    [x2, y],
    [x2, to.y],
  ] as const
  return { ...edge, points, at: [(x1 + x2) / 2, y], anchor: 'middle' }
}

function downward(edge: Edge, from: Box, to: Box): Route {
  const [x1, x2] = [from.x + from.width / 2, to.x + to.width / 2]
  const y = to.y - BETWEEN_BANDS / 2
  const points = [
    [x1, from.y + from.height],
    [x1, y],
    [x2, y],
    [x2, to.y],
  ] as const
  return { ...edge, points, at: [(x1 + x2) / 2, y], anchor: 'middle' }
}

/** Characters of a label's line are about so wide. */
const CHARACTER = 6.4

function bounded(boxes: readonly Box[], routes: readonly Route[]): Drawing {
  const labels = routes.flatMap(({ at, anchor, label }) =>
    label.map((line) => at[0] + (anchor === 'start' ? 1 : 0.5) * line.length * CHARACTER),
  )
  const right = Math.max(0, ...boxes.map(({ x, width }) => x + width), ...labels)
  const bottom = Math.max(0, ...boxes.map(({ y, height }) => y + height))
  return { width: Math.ceil(right + 4), height: Math.ceil(bottom + 4), boxes, routes }
}
