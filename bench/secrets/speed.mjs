// CPU and memory of the secrets scan, alternating runs beside others on the same work:
//   node bench/secrets/speed.mjs --tree FOLDER…       zt-audit, kingfisher and gitleaks on a tree
//   node bench/secrets/speed.mjs --history REPOSITORY zt-audit --history, and `git log -p -U0 --all` alone
//   --runs N (default 5, and one before that does not count), --smoke (one run, nothing before it)
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { alternate, print } from '../measure.mjs'
import { commandOf, installed, OURS } from './tools.mjs'

const { values } = parseArgs({
  options: {
    tree: { type: 'string', multiple: true, default: [] },
    history: { type: 'string', multiple: true, default: [] },
    runs: { type: 'string' },
    smoke: { type: 'boolean' },
  },
})
const scratch = mkdtempSync(join(tmpdir(), 'zt-bench-'))
try {
  for (const tree of values.tree) compareTools(resolve(tree))
  for (const repository of values.history) compareWithGit(resolve(repository))
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

function compareTools(tree) {
  const tools = installed([OURS, 'kingfisher', 'gitleaks'])
  const commands = tools.map((tool) => commandOf(tool, tree, join(scratch, `${tool}.json`)))
  report(
    tree,
    tools,
    alternate(
      commands.map(({ command }) => command),
      { codes: commands.flatMap(({ codes }) => codes) },
    ),
  )
}

function compareWithGit(repository) {
  const ours = commandOf(OURS, repository, join(scratch, 'history.json'))
  const git = ['git', '-C', repository, 'log', '-p', '-U0', '--all']
  const results = alternate([[...ours.command, '--history'], git], { codes: ours.codes })
  report(`history of ${repository}`, [`${OURS} --history`, 'git log -p -U0 --all'], results)
}

function report(what, names, results) {
  console.log(`\n${what}`)
  for (const [i, name] of names.entries()) {
    const ratio = results[i].cpu / results[0].cpu
    print(name, results[i], i === 0 ? '' : `${names[0]} uses ${(1 / ratio).toFixed(3)} of its CPU`)
  }
}
