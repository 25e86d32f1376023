/** A step from one node to another. */
export interface Edge<Step> {
  readonly from: string
  readonly to: string
  /** Steps that take over somebody count 1, others 0. */
  readonly cost: 0 | 1
  /** Whether all that it takes was seen. */
  readonly certain: boolean
  readonly step: Step
}

/** The way from each node to one goal, by the next edge and the number of takeovers. */
export interface Ways<Step> {
  next(node: string): Edge<Step> | undefined
  cost(node: string): number | undefined
}

/**
 * The cheapest way of every node to `goal`, found backwards from there: one search for all. Each edge is looked at once, in the
 * order in which they came, so that equal ways are always told alike.
 */
export function waysTo<Step>(goal: string, edges: readonly Edge<Step>[]): Ways<Step> {
  const into = new Map<string, Edge<Step>[]>()
  for (const edge of edges) {
    const known = into.get(edge.to)
    if (known) known.push(edge)
    else into.set(edge.to, [edge])
  }
  const costs = new Map<string, number>([[goal, 0]])
  const next = new Map<string, Edge<Step>>()
  // Layer by layer of equal cost: a node is final when its layer is worked on.
  for (let layer = [goal], cost = 0; layer.length > 0; cost++) {
    const after: string[] = []
    for (let i = 0; i < layer.length; i++) {
      const node = layer[i] ?? ''
      if (costs.get(node) !== cost) continue
      for (const edge of into.get(node) ?? []) {
        const total = cost + edge.cost
        if (total >= (costs.get(edge.from) ?? Number.POSITIVE_INFINITY)) continue
        costs.set(edge.from, total)
        next.set(edge.from, edge)
        if (edge.cost === 0) layer.push(edge.from)
        else after.push(edge.from)
      }
    }
    layer = after
  }
  return { next: (node) => next.get(node), cost: (node) => costs.get(node) }
}
