// Fits the trees of src/detect/likelihood/trees.json to the feature rows of bench/secrets/training.csv.gz.
//   node build/train-likelihood.mjs [--rows FILE] [--out FILE] [--check]
// Gradient boosting of small regression trees on the logistic loss (Friedman 2001), leaf-wise on histograms; the same rows
// give the same trees. With --check every fifth project is left out of the fit, and its rows are judged.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: here('bench/secrets/training.csv.gz') },
    out: { type: 'string', default: here('src/detect/likelihood/trees.json') },
    check: { type: 'boolean', default: false },
  },
})

const TREES = 220
const LEAVES = 12
const RATE = 0.07
const BINS = 48
/** Weight of examples that a leaf must rest on, and how much leaves are drawn to zero. */
const LEAST = 12
const RIDGE = 2

const { names, rows } = readRows(options.rows)
const kept = options.check ? rows.filter((row) => row.project % 5 !== 0) : rows
const model = boost(kept)
if (options.check) report(rows.filter((row) => row.project % 5 === 0))
else writeFileSync(options.out, `${JSON.stringify(model)}\n`)
report(kept)

/** Rows are `project,label,weight,feature…`; label 1 is a credential. */
function readRows(file) {
  const bytes = readFileSync(file)
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  const [head, ...lines] = text.trim().split('\n')
  const all = lines.map((line) => {
    const [project, label, weight, ...features] = line.split(',').map(Number)
    return { project, label, weight, features }
  })
  return { names: head.split(',').slice(3), rows: all }
}

function boost(examples) {
  const edges = names.map((_, feature) => edgesOf(examples.map((row) => row.features[feature])))
  const binned = names.map((_, feature) =>
    Uint8Array.from(examples, (row) => binOf(edges[feature], row.features[feature])),
  )
  const positive = sum(examples.map((row) => row.weight * row.label))
  const total = sum(examples.map((row) => row.weight))
  const base = Math.log(positive / (total - positive))
  const scores = new Float64Array(examples.length).fill(base)
  const trees = []
  for (let round = 0; round < TREES; round++) {
    const gradient = Float64Array.from(examples, (row, i) => row.weight * (row.label - logistic(scores[i])))
    const hessian = Float64Array.from(examples, (row, i) => {
      const p = logistic(scores[i])
      return row.weight * p * (1 - p)
    })
    trees.push(grow(examples, binned, edges, gradient, hessian, scores))
  }
  return { names, base: round4(base), trees }
}

/** Grows one tree, best leaf first, and adds it to the scores. A tree: [feature, edge, left, right] or a number. */
function grow(examples, binned, edges, gradient, hessian, scores) {
  const root = { rows: examples.map((_, i) => i) }
  root.split = bestSplit(root.rows, binned, examples, gradient, hessian)
  const leaves = [root]
  while (leaves.length < LEAVES) {
    const best = leaves.filter((leaf) => leaf.split).sort((a, b) => b.split.gain - a.split.gain)[0]
    if (!best) break
    const { feature, bin } = best.split
    best.left = { rows: best.rows.filter((i) => binned[feature][i] <= bin) }
    best.right = { rows: best.rows.filter((i) => binned[feature][i] > bin) }
    for (const side of [best.left, best.right]) side.split = bestSplit(side.rows, binned, examples, gradient, hessian)
    leaves.splice(leaves.indexOf(best), 1, best.left, best.right)
  }
  for (const leaf of leaves) {
    leaf.value = (RATE * sum(leaf.rows.map((i) => gradient[i]))) / (sum(leaf.rows.map((i) => hessian[i])) + RIDGE)
    for (const i of leaf.rows) scores[i] += leaf.value
  }
  const write = (node) =>
    node.left
      ? [node.split.feature, edges[node.split.feature][node.split.bin], write(node.left), write(node.right)]
      : round4(node.value)
  return write(root)
}

function bestSplit(rowsHere, binned, examples, gradient, hessian) {
  const totalG = sum(rowsHere.map((i) => gradient[i]))
  const totalH = sum(rowsHere.map((i) => hessian[i]))
  const totalW = sum(rowsHere.map((i) => examples[i].weight))
  let best
  for (let feature = 0; feature < binned.length; feature++) {
    const bins = binned[feature]
    const g = new Float64Array(BINS)
    const h = new Float64Array(BINS)
    const w = new Float64Array(BINS)
    for (const i of rowsHere) {
      g[bins[i]] += gradient[i]
      h[bins[i]] += hessian[i]
      w[bins[i]] += examples[i].weight
    }
    let leftG = 0
    let leftH = 0
    let leftW = 0
    for (let bin = 0; bin < BINS - 1; bin++) {
      leftG += g[bin]
      leftH += h[bin]
      leftW += w[bin]
      if (leftW < LEAST || totalW - leftW < LEAST) continue
      const gain =
        leftG ** 2 / (leftH + RIDGE) + (totalG - leftG) ** 2 / (totalH - leftH + RIDGE) - totalG ** 2 / (totalH + RIDGE)
      if (gain > 1e-6 && gain > (best?.gain ?? 0)) best = { gain, feature, bin }
    }
  }
  return best
}

/** Up to BINS - 1 upper edges, between values that occur. */
function edgesOf(values) {
  const sorted = [...new Set(values)].sort((a, b) => a - b)
  if (sorted.length <= BINS) return sorted.slice(0, -1).map((value, i) => round4((value + sorted[i + 1]) / 2))
  const all = [...values].sort((a, b) => a - b)
  const edges = new Set()
  for (let i = 1; i < BINS; i++) edges.add(all[Math.floor((i * all.length) / BINS)])
  return [...edges].sort((a, b) => a - b)
}

function binOf(edges, value) {
  let bin = 0
  while (bin < edges.length && value > edges[bin]) bin++
  return bin
}

/** Recall and precision at some thresholds, over labelled rows by weight. */
function report(examples) {
  const judged = examples.map((row) => ({ ...row, p: probability(row.features) }))
  for (const threshold of [0.3, 0.5, 0.7, 0.9]) {
    const taken = judged.filter(({ p }) => p >= threshold)
    const right = taken.filter(({ label }) => label === 1).length
    const all = judged.filter(({ label }) => label === 1).length
    const precision = right / taken.length
    const recall = right / all
    const f1 = (2 * precision * recall) / (precision + recall)
    const show = (x) => x.toFixed(3)
    console.log(`p >= ${threshold}: recall ${show(recall)}, precision ${show(precision)}, F1 ${show(f1)}`)
  }
}

function probability(features) {
  let score = model.base
  for (const tree of model.trees) {
    let node = tree
    while (typeof node !== 'number') node = features[node[0]] <= node[1] ? node[2] : node[3]
    score += node
  }
  return logistic(score)
}

function logistic(score) {
  return 1 / (1 + Math.exp(-score))
}

function sum(numbers) {
  let total = 0
  for (const number of numbers) total += number
  return total
}

function round4(number) {
  return Math.round(number * 1e4) / 1e4
}
