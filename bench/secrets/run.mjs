// Accuracy of scanners for secrets on labelled inputs (docs/benchmarks.md says how to get them):
//   node bench/secrets/run.mjs --inputs DIR [--only NAME,…] [--split dev|test] [--repo NAME,…] [--tools NAME,…]
//     --errors FILE   writes what was missed and what was false, with its text (for development; the file holds secrets)
//     --tool NAME     whose errors (default: zt-audit)
//     --categories    recall of each category
//     --fresh         runs the other tools again, too; their results are kept in DIR/.results
//     --jobs N        how many scans run at a time (default 2)
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { writeErrors } from './errors.mjs'
import { inputNames, Results, readInput } from './inputs.mjs'
import { byCategory, score, total } from './scoring.mjs'
import { printCategories, printTable } from './tables.mjs'
import { installed, isOurs, OURS, scan } from './tools.mjs'

const { values: options } = parseArgs({
  options: {
    inputs: { type: 'string' },
    only: { type: 'string' },
    split: { type: 'string' },
    repo: { type: 'string' },
    tools: { type: 'string' },
    errors: { type: 'string' },
    tool: { type: 'string', default: OURS },
    categories: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '2' },
  },
})
if (!options.inputs) {
  console.error('name the folder of inputs: --inputs DIR (docs/benchmarks.md)')
  process.exit(2)
}
const folder = resolve(options.inputs)
const tools = installed(options.tools?.split(','))
const errors = []
for (const name of options.only?.split(',') ?? inputNames(folder)) {
  const input = readInput(folder, name, options.split)
  if (!input) continue
  if (options.repo) input.repositories = options.repo.split(',').filter((repo) => input.labels.has(repo))
  if (input.repositories.length > 0) await compare(input)
}
if (options.errors) writeErrors(resolve(options.errors), errors)

async function compare(input) {
  const rows = []
  for (const tool of tools) {
    const results = await resultsOf(tool, input)
    const scores = input.repositories.map((repo) => {
      const allowed = input.allowed[repo]
      return score(input.labels.get(repo), results.get(repo).places, { complete: input.complete, allowed })
    })
    const used = input.repositories.map((repo) => results.get(repo))
    const cpu = used.reduce((sum, r) => sum + r.cpu, 0)
    const rss = Math.max(...used.map((r) => r.rss))
    rows.push({ tool, cpu, rss, main: total(scores), all: total(scores, true), categories: byCategory(scores) })
    if (tool === options.tool) errors.push({ input, scores })
  }
  const title = `${input.name}${options.split ? ` (${options.split})` : ''}: ${input.repositories.length} folders`
  printTable(title, rows, input)
  if (options.categories) printCategories(rows)
}

/**
 * What a tool finds in each repository. This project merges the occurrences of a secret, so it runs on each repository, anew
 * each time; the others judge file by file, and run once on all of them.
 */
async function resultsOf(tool, input) {
  const results = new Results(folder, input.name, tool, options.fresh || isOurs(tool))
  const todo = input.repositories.filter((repo) => results.get(repo) === undefined)
  if (todo.length === 0) return results
  const scratch = mkdtempSync(join(tmpdir(), 'zt-bench-'))
  const worker = async (number) => {
    for (let repo = todo.shift(); repo !== undefined; repo = todo.shift())
      results.set(repo, await scan(tool, join(input.root, repo), join(scratch, `${number}.json`)))
  }
  try {
    if (!isOurs(tool)) results.setAll(input.everyRepository, await scan(tool, input.root, join(scratch, 'all.json')))
    else await Promise.all(Array.from({ length: Number(options.jobs) }, (_, number) => worker(number)))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return results
}
