import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isNoCredential } from './scoring.mjs'

const WIDTH = 240

/**
 * Writes one line for each error: kind (missed, false, unlabelled), truth, category, place, text. The text is that of the
 * input, secrets and all: for a folder of your own only.
 */
export function writeErrors(file, inputs) {
  const rows = inputs.flatMap(({ input, scores }) =>
    scores.flatMap((s, i) => {
      const repo = input.repositories[i]
      const text = reader(join(input.root, repo))
      const row = (kind, l) =>
        [kind, l.truth, l.category ?? '', `${input.name}/${repo}/${l.path}:${l.line}`, text(l)].join('\t')
      return [
        ...s.truths.filter((l) => !s.found.has(l)).map((l) => row('missed', l)),
        ...s.wrong.map((l) => row('false', l)),
        ...s.unlabelled.map((l) => row('unlabelled', l)),
        ...s.beside.filter((l) => isNoCredential(l) && !s.found.has(l)).map((l) => row('missed-id', l)),
      ]
    }),
  )
  writeFileSync(file, `${rows.join('\n')}\n`, { mode: 0o600 })
}

function reader(root) {
  const files = new Map()
  return ({ path, line, valueStart }) => {
    const lines = files.get(path) ?? readFileSync(join(root, path), 'latin1').split('\n')
    files.set(path, lines)
    const text = lines[line - 1] ?? ''
    const start = valueStart > WIDTH / 2 ? valueStart - WIDTH / 2 : 0
    return text.slice(start, start + WIDTH).trim()
  }
}
