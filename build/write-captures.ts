import { mkdir, writeFile } from 'node:fs/promises'
import { renderCaptures } from './captures.ts'

await mkdir('docs/images', { recursive: true })
for (const [file, text] of renderCaptures()) await writeFile(file, text)
