// Writes the library's declarations: those that dist/index.d.ts leads to, and nothing that a consumer does not have.
import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

/** Emits declarations for `src/index.ts` and what it speaks of into a folder. Throws if they lead out of it. */
export async function writeTypes(folder) {
  const all = `${folder}/.declarations`
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  const options = { noEmit: false, declaration: true, emitDeclarationOnly: true, outDir: '.', rootDir: '../../src' }
  const project = {
    extends: '../../tsconfig.json',
    compilerOptions: options,
    include: [],
    files: ['../../src/index.ts', '../../src/detect/recheck-browser.d.ts'],
  }
  await mkdir(all, { recursive: true })
  await writeFile(join(all, 'tsconfig.json'), JSON.stringify(project))
  try {
    await promisify(execFile)(process.execPath, [tsc, '--project', join(all, 'tsconfig.json')])
    await copyReached(all, folder)
  } finally {
    await rm(all, { recursive: true, force: true })
  }
}

async function copyReached(from, to) {
  const reached = new Set(['index.ts'])
  for (const file of reached) {
    const text = await readFile(join(from, file.replace(/\.ts$/, '.d.ts')), 'utf8')
    const code = text.replace(/\/\*[\s\S]*?\*\//g, '')
    const foreign = /(?:from|import\()\s*['"]([^.'"][^'"]*)['"]|\/\/\/ <reference.*/.exec(code)
    if (foreign)
      throw new Error(`the declarations of src/${file} need ${foreign[1] ?? foreign[0]}, which consumers do not have`)
    for (const [, target] of text.matchAll(/from '(\.[^']+)'/g)) reached.add(join(dirname(file), target))
    const written = join(to, file.replace(/\.ts$/, '.d.ts'))
    await mkdir(dirname(written), { recursive: true })
    // Consumers need neither our file endings nor the types of Node for a Buffer, which is an Uint8Array.
    await writeFile(written, text.replace(/(from '\.[^']+)\.ts'/g, "$1.js'").replace(/\bBuffer\b/g, 'Uint8Array'))
  }
}
