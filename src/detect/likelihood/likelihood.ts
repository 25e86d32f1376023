import type { Pair } from '../pair.ts'
import type { Feature } from './feature.ts'
import { keyFeatureNames, keyFeatures } from './key-features.ts'
import { type Place, placeFeatures, placeOf, type Surroundings } from './place-features.ts'
import model from './trees.json' with { type: 'json' }
import { type ValueFacts, valueFacts, valueFeatures } from './value-features.ts'

/** A leaf's part of the score, or [index of a feature, edge, tree up to the edge, tree above it]. */
type Tree = number | readonly [feature: number, edge: number, upTo: Tree, above: Tree]

/** Names of the features, in the order of `featuresOf`. */
export const featureNames: readonly string[] = [
  ...keyFeatureNames,
  ...valueFeatures.map(([name]) => name),
  ...placeFeatures.map(([name]) => name),
]

/** One buffer for all pairs: a tree has many, and each is judged at once. */
const buffer = new Float64Array(featureNames.length)

/** The features of a pair, in the order of `featureNames`; valid until the next call. */
export function featuresOf(pair: Pair, surroundings: Surroundings): Float64Array {
  let at = 0
  for (const number of keyFeatures(pair.key)) buffer[at++] = number
  const value = valueFacts(pair.value.trim(), pair.key)
  for (let i = 0; i < valueFeatures.length; i++) buffer[at++] = (valueFeatures[i] as Feature<ValueFacts>)[1](value)
  const place = placeOf(pair, surroundings)
  for (let i = 0; i < placeFeatures.length; i++) buffer[at++] = (placeFeatures[i] as Feature<Place>)[1](place)
  return buffer
}

/** The trees in flat arrays, which are walked several times faster; made when the first pair comes. */
interface Forest {
  /** Of each inner node. */
  readonly feature: Int16Array
  readonly edge: Float64Array
  /** Index of the next node; of a leaf -1 - its index. */
  readonly upTo: Int16Array
  readonly above: Int16Array
  readonly leaves: Float64Array
  readonly roots: readonly number[]
}

let forest: Forest | undefined

function plant(trees: readonly Tree[]): Forest {
  const nodes: [feature: number, edge: number, upTo: number, above: number][] = []
  const leaves: number[] = []
  const add = (tree: Tree): number => {
    if (typeof tree === 'number') return -leaves.push(tree)
    const node: (typeof nodes)[number] = [tree[0], tree[1], 0, 0]
    const index = nodes.push(node) - 1
    node[2] = add(tree[2])
    node[3] = add(tree[3])
    return index
  }
  const roots = trees.map(add)
  return {
    feature: Int16Array.from(nodes, (node) => node[0]),
    edge: Float64Array.from(nodes, (node) => node[1]),
    upTo: Int16Array.from(nodes, (node) => node[2]),
    above: Int16Array.from(nodes, (node) => node[3]),
    leaves: Float64Array.from(leaves),
    roots,
  }
}

/**
 * How likely it is that a pair's value is used as a credential, 0 to 1: boosted trees over what its key, its characters and
 * its place tell. docs/secrets.md says how they were fitted and how well they judge.
 */
export function likelihoodOf(pair: Pair, surroundings: Surroundings): number {
  const features = featuresOf(pair, surroundings)
  forest ??= plant(model.trees as unknown as readonly Tree[])
  const { feature, edge, upTo, above, leaves, roots } = forest
  let score = model.base
  for (let node of roots) {
    while (node >= 0) {
      const value = features[feature[node] as number] as number
      node = (value <= (edge[node] as number) ? upTo[node] : above[node]) as number
    }
    score += leaves[-1 - node] as number
  }
  return 1 / (1 + Math.exp(-score))
}
