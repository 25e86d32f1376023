import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { GENERATED, renderDocs } from '../build/render-docs.ts'

it('generated documentation is current (npm run docs)', async () => {
  const pages = await renderDocs()
  const stale = [...pages].filter(([file, text]) => read(file) !== text).map(([file]) => file)
  const files = GENERATED.flatMap((path) =>
    statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
      : [path],
  )
  expect({ stale, left: files.filter((file) => !pages.has(file)) }).toEqual({ stale: [], left: [] })
})

function read(file: string): string | undefined {
  return statSync(file, { throwIfNoEntry: false }) && readFileSync(file, 'utf8')
}
