// The folder of inputs: NAME/tree/REPOSITORY/…, NAME/labels.jsonl, NAME/input.json; and what tools found there before.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Names of the inputs in a folder, in order. */
export function inputNames(folder) {
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'tree')))
    .sort()
}

/**
 * One input: its repositories (each a folder, scanned on its own), their labels
 * ({repo, path, line, endLine, truth: T|F|X, category}), whether lines without a label are known to be no secrets
 * (`complete`), lines per file that may be reported (`allowed`: {repo: {path: count}}), and a split into dev and test.
 */
export function readInput(folder, name, split) {
  const at = join(folder, name)
  const about = existsSync(join(at, 'input.json')) ? JSON.parse(readFileSync(join(at, 'input.json'), 'utf8')) : {}
  if (split && !about.split) return undefined
  const chosen = split ? new Set(about.split[split]) : undefined
  const everyRepository = readdirSync(join(at, 'tree')).sort()
  const repositories = everyRepository.filter((repo) => !chosen || chosen.has(repo))
  const labels = new Map(repositories.map((repo) => [repo, []]))
  const labelled = existsSync(join(at, 'labels.jsonl'))
  if (labelled) {
    for (const line of readFileSync(join(at, 'labels.jsonl'), 'utf8').split('\n')) {
      if (line === '') continue
      const label = JSON.parse(line)
      labels.get(label.repo)?.push(label)
    }
  }
  const { complete = false, allowed = {}, note = '' } = about
  return { name, root: join(at, 'tree'), everyRepository, repositories, labels, labelled, complete, allowed, note }
}

/** Results of a tool on an input, by repository, that outlive the run. */
export class Results {
  #file
  #known

  constructor(folder, input, tool, fresh) {
    mkdirSync(join(folder, '.results', input), { recursive: true })
    this.#file = join(folder, '.results', input, `${tool}.json`)
    this.#known = !fresh && existsSync(this.#file) ? JSON.parse(readFileSync(this.#file, 'utf8')) : {}
  }

  get(repository) {
    return this.#known[repository]
  }

  set(repository, result) {
    this.#known[repository] = result
  }

  /** Takes apart what one run on all repositories found, its CPU seconds in equal parts, and keeps it. */
  setAll(repositories, { cpu, rss, places }) {
    const parts = new Map(repositories.map((repo) => [repo, []]))
    for (const [path, ...rest] of places) {
      const repo = path.split(/[\\/]/)[0]
      parts.get(repo)?.push([path.slice(repo.length + 1), ...rest])
    }
    for (const [repo, found] of parts) this.set(repo, { cpu: cpu / repositories.length, rss, places: found })
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.#known))
    renameSync(`${this.#file}.new`, this.#file)
  }
}
