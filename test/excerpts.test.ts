import { expect, it } from 'vitest'
import { addExcerpts } from '../src/excerpts.ts'
import { builtInDetectors } from './support/detection.ts'
import { randomText } from './support/program.ts'
import { accountFinding } from './support/reports.ts'
import { Folder } from './support/repository.ts'

it('shows no secret of a large stream of documents, in whichever of them the lines stand', async () => {
  const password = randomText(16)
  const document = `kind: ConfigMap\ndata:\n  url: mysql://app:${password}@db.internal/x\n`
  const filler = `kind: ConfigMap\ndata:\n${'  key: value\n'.repeat(30_000)}`
  const text = [document, filler, document, document].join('---\n')
  const second = text.split('\n').lastIndexOf('---') + 1
  // The last line of one document: the lines around it are of two.
  const lines = [3, 1, second].map((line) => ({ ...accountFinding(line), at: { file: 'all.yaml', line } }))
  const found = await addExcerpts(lines, [await new Folder({ 'all.yaml': text }).open()], builtInDetectors, [])
  expect(found.map(({ excerpt }) => excerpt?.lines.join('\n').includes('mysql://app:****'))).toEqual([
    true,
    false,
    true,
  ])
  expect(found[1]?.excerpt?.lines).toEqual(['kind: ConfigMap', 'data:'])
  expect(JSON.stringify(found)).not.toContain(password)
})
