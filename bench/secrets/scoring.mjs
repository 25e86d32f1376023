// Labels and places → counts. Pure.

/** Categories of CredData that no scanner for secrets sets out to report: identifiers, public names, what is not secret. */
const NO_CREDENTIALS = new Set([
  'UUID',
  'Nonce',
  'Salt',
  'Firebase Domain',
  'AWS S3 Bucket',
  'AWS Client ID',
  'Tencent WeChat API App ID',
])

/** True for a label whose every category is one that scanners do not set out to report. */
export function isNoCredential({ category = '' }) {
  return category !== '' && category.split(':').every((part) => NO_CREDENTIALS.has(part))
}

/**
 * Scores places ([path, line, endLine, rule]) of one repository against its labels. A place that touches a line labelled T is
 * true, whatever else is labelled there; otherwise one that touches F or X is false; else it is unlabelled. Each labelled
 * range counts once. `allowed` are numbers of lines per path that may be reported without being false ("informative").
 * With `complete` every line without a label is known to be no secret.
 */
export function score(labels, places, { complete = false, allowed = {} } = {}) {
  const ranges = new Map()
  for (const label of labels) {
    const list = ranges.get(label.path) ?? ranges.set(label.path, []).get(label.path)
    const same = list.find((l) => l.line === label.line && l.endLine === label.endLine)
    if (!same) list.push({ ...label, categories: [label] })
    else {
      same.categories.push(label)
      if (rank(label) > rank(same)) Object.assign(same, { truth: label.truth, category: label.category })
    }
  }
  const [found, wrong, elsewhere] = [new Set(), new Set(), new Map()]
  for (const [path, line, endLine] of places) {
    const touched = (ranges.get(path) ?? []).filter((l) => l.line <= endLine && l.endLine >= line)
    const right = touched.filter((l) => l.truth === 'T')
    for (const l of right) found.add(l)
    if (right.length > 0) continue
    for (const l of touched) wrong.add(l)
    if (touched.length === 0) elsewhere.set(`${path}:${line}`, { path, line, endLine: line, truth: 'unlabelled' })
  }
  const rest = new Map(Object.entries(allowed))
  const unlabelled = [...elsewhere.values()].filter(({ path }) => {
    const left = rest.get(path) ?? 0
    rest.set(path, left - 1)
    return left <= 0
  })
  const all = [...ranges.values()].flat()
  return {
    truths: all.filter((l) => l.truth === 'T' && !isNoCredential(l)),
    beside: all.filter((l) => l.truth === 'T' && isNoCredential(l)),
    found,
    wrong: [...wrong, ...(complete ? unlabelled : [])],
    unlabelled: complete ? [] : unlabelled,
  }
}

/** Counts of several scores together; `withAll` counts the categories that are no credentials, too. */
export function total(scores, withAll = false) {
  const truths = scores.flatMap((s) =>
    (withAll ? [...s.truths, ...s.beside] : s.truths).map((l) => [l, s.found.has(l)]),
  )
  const tp = truths.filter(([, found]) => found).length
  const fp = scores.reduce((sum, s) => sum + s.wrong.length, 0)
  const recall = truths.length === 0 ? undefined : tp / truths.length
  const precision = tp + fp === 0 ? undefined : tp / (tp + fp)
  const f1 = recall === undefined ? undefined : tp === 0 ? 0 : (2 * tp) / (truths.length + tp + fp)
  const test = scores.reduce((sum, s) => sum + s.wrong.filter((l) => l.truth === 'X').length, 0)
  const unlabelled = scores.reduce((sum, s) => sum + s.unlabelled.length, 0)
  return { labelled: truths.length, tp, fp, test, recall, precision, f1, unlabelled }
}

/** Category → [found, labelled], for labels that are true; one with several categories counts in each. */
export function byCategory(scores) {
  const counts = new Map()
  for (const { truths, beside, found } of scores) {
    for (const label of [...truths, ...beside]) {
      const parts = new Set(
        label.categories.filter((l) => l.truth === 'T').flatMap((l) => (l.category ?? '').split(':')),
      )
      for (const part of parts) {
        const [hit, all] = counts.get(part) ?? [0, 0]
        counts.set(part, [hit + (found.has(label) ? 1 : 0), all + 1])
      }
    }
  }
  return counts
}

/** T before X before F, and a credential before what is none. */
function rank(label) {
  return { T: 4, X: 2, F: 0 }[label.truth] + (isNoCredential(label) ? 0 : 1)
}
