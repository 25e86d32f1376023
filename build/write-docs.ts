import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { GENERATED, renderDocs } from './render-docs.ts'

for (const folder of GENERATED) await rm(folder, { recursive: true, force: true })
for (const [file, text] of await renderDocs()) {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}
