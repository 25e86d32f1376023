// Counts → text.

/** One row for each tool; without labels only how many lines it names. */
export function printTable(title, rows, { labelled, note, complete }) {
  console.log(`\n${title}${note && `\n${note}`}`)
  if (!labelled) {
    print(
      ['tool', 'lines named', 'CPU s', 'MB'],
      rows.map((r) => [r.tool, r.main.unlabelled, seconds(r.cpu), megabytes(r.rss)]),
    )
    return
  }
  const differs = rows.some((r) => r.all.labelled !== r.main.labelled)
  const head = ['tool', 'TP', 'of', 'FP', ...(complete ? [] : ['(of X)']), 'recall', 'precision', 'F1']
  const last = [...(complete ? [] : ['unlabelled']), 'CPU s', 'MB']
  const variant = differs ? ['recall, all', 'F1, all'] : []
  print(
    [...head, ...variant, ...last],
    rows.map(({ tool, main, all, cpu, rss }) => [
      ...[tool, main.tp, main.labelled, main.fp, ...(complete ? [] : [main.test])],
      ...[part(main.recall), part(main.precision), part(main.f1)],
      ...(differs ? [part(all.recall), part(all.f1)] : []),
      ...(complete ? [] : [main.unlabelled]),
      ...[seconds(cpu), megabytes(rss)],
    ]),
  )
}

/** Recall of each category, the most frequent first. */
export function printCategories(rows) {
  const all = [...(rows[0]?.categories ?? [])].sort((a, b) => b[1][1] - a[1][1])
  print(
    ['category', 'labelled', ...rows.map((r) => r.tool)],
    all.map(([category, [, count]]) => [
      category || '(none)',
      count,
      ...rows.map((r) => part((r.categories.get(category)?.[0] ?? 0) / count)),
    ]),
  )
}

function print(head, rows) {
  const table = [head, ...rows].map((row) => row.map(String))
  const widths = head.map((_, i) => Math.max(...table.map((row) => row[i].length)))
  for (const row of table) {
    console.log(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '))
  }
}

function part(value) {
  return value === undefined ? '-' : value.toFixed(3)
}

function seconds(value) {
  return value.toFixed(1)
}

function megabytes(value) {
  return value.toFixed(0)
}
