// Writes the generated part of docs/: a page for each rule, the catalogue of facts, the JSON Schemas; then what commands
// print, in the documents that show it and as pictures, by the program as it is now.
import { execFileSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { runTypeScript } from './run-typescript.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
await mkdir('dist', { recursive: true })
await runTypeScript('build/write-docs.ts', 'dist')
execFileSync(process.execPath, ['build/build.mjs'], { stdio: 'inherit' })
await runTypeScript('build/write-captures.ts', 'dist')
