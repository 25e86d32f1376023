// Writes the generated part of docs/: a page for each rule, the catalogue of facts, the JSON Schemas.
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { runTypeScript } from './run-typescript.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
await mkdir('dist', { recursive: true })
await runTypeScript('build/write-docs.ts', 'dist')
