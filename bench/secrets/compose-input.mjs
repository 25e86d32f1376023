import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A labelled input of two files, to show that the benchmark works: a password and a reference to one, labelled T and F. */
export function composeInput(folder) {
  const at = join(folder, 'composed')
  const lines = [
    ['T', `db_password = "${['q7', 'Vx', '2m', 'Lr', '9w', 'Tz'].join('')}"`],
    ['F', 'db_password = os.environ["DB_PASSWORD"]'],
  ]
  const labels = lines.map(([truth], i) => ({ repo: 'a', path: 'settings.py', line: i + 1, endLine: i + 1, truth }))
  mkdirSync(join(at, 'tree', 'a'), { recursive: true })
  writeFileSync(join(at, 'tree', 'a', 'settings.py'), `${lines.map(([, text]) => text).join('\n')}\n`)
  writeFileSync(join(at, 'tree', 'a', 'plain.txt'), 'nothing to be found\n')
  writeFileSync(
    join(at, 'labels.jsonl'),
    labels.map((label) => JSON.stringify({ category: 'Password', ...label })).join('\n'),
  )
  return folder
}
